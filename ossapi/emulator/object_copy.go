package emulator

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// source is the object of an x-oss-copy-source header.
type source struct {
	*objectReader
	object *object
}

// openSource opens what x-oss-copy-source ("/bucket/key", percent-encoded) names, if its conditions hold.
func (ex *exchange) openSource() (*source, error) {
	text := ex.r.Header.Get("X-Oss-Copy-Source")
	path, _, _ := strings.Cut(text, "?") // a version id: there are no versions here
	path, err := url.PathUnescape(path)
	bucketName, key, found := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if err != nil || !found || key == "" {
		return nil, errInvalidArgument("Copy Source must mention the source bucket and key: /sourcebucket/sourcekey.", "x-oss-copy-source", text)
	}
	o, reader, err := ex.store.openObject(bucketName, key)
	if err != nil {
		return nil, err
	}
	rep, err := checkConditions(o, ex.r.Header, "X-Oss-Copy-Source-")
	if rep != nil {
		err = &apiError{Status: http.StatusNotModified, Code: "NotModified", Message: "The source was not modified."}
	}
	if err != nil {
		_ = reader.Close()
		return nil, err
	}
	return &source{reader, o}, nil
}

// section is the part of the source that a range names; "" is the whole.
func (src *source) section(text string) (io.Reader, error) {
	if hasDiscarded(src.object.Segments) {
		return nil, errBytesDiscarded
	}
	if text == "" {
		return src, nil
	}
	from, to, ok := parseRange(text, src.size)
	if !ok {
		return nil, (&apiError{Status: http.StatusBadRequest, Code: "InvalidRange", Message: "The requested range cannot be satisfied."}).
			with("Range", text)
	}
	if _, err := src.Seek(from, io.SeekStart); err != nil {
		return nil, err
	}
	return io.LimitReader(src, to-from+1), nil
}

func (ex *exchange) copyObject() (*reply, error) {
	src, err := ex.openSource()
	if err != nil {
		return nil, err
	}
	defer src.Close()
	acl, err := aclOf(ex.r.Header)
	if err != nil {
		return nil, err
	}
	o := &object{objectRecord: src.object.objectRecord}
	o.Key, o.Modified, o.ACL = ex.key, ex.now.UTC(), acl
	if strings.EqualFold(ex.r.Header.Get("X-Oss-Metadata-Directive"), "REPLACE") {
		tags := o.Attributes.Tags
		if o.Attributes, err = attributesOf(ex.r.Header); err != nil {
			return nil, err
		}
		o.Attributes.Tags = tags
	}
	fill := func(dir string) error {
		for _, seg := range o.Segments {
			if err := linkOrCopy(filepath.Join(src.dir, seg.File), filepath.Join(dir, seg.File)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := ex.store.insertObject(ex.bucket, o, ex.forbidsOverwrite(), fill); err != nil {
		return nil, err
	}
	return copyReply("CopyObjectResult", o.ETag, o.Modified)
}

// linkOrCopy shares a file between two objects: neither ever changes its bytes. A file system without links gets a copy.
func linkOrCopy(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	return err
}

// parseRange reads "bytes=a-b", "bytes=a-" or "bytes=-n" against a size; both ends are included in the result.
func parseRange(text string, size int64) (from, to int64, ok bool) {
	spec, found := strings.CutPrefix(text, "bytes=")
	first, last, dash := strings.Cut(spec, "-")
	if !found || !dash {
		return 0, 0, false
	}
	if first == "" {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n <= 0 || size == 0 {
			return 0, 0, false
		}
		return max(size-n, 0), size - 1, true
	}
	from, err := strconv.ParseInt(first, 10, 64)
	if err != nil || from < 0 || from >= size {
		return 0, 0, false
	}
	if last == "" {
		return from, size - 1, true
	}
	to, err = strconv.ParseInt(last, 10, 64)
	if err != nil || to < from {
		return 0, 0, false
	}
	return from, min(to, size-1), true
}

func contentRange(from, to, size int64) string { return fmt.Sprintf("bytes %d-%d/%d", from, to, size) }

// checkConditions applies If-Match and its kin, under their plain names or with the prefix of a copy. A reply means 304.
func checkConditions(o *object, h http.Header, prefix string) (*reply, error) {
	failed := func(name string) error {
		return (&apiError{Status: http.StatusPreconditionFailed, Code: "PreconditionFailed",
			Message: "At least one of the pre-conditions you specified did not hold."}).with("Condition", name)
	}
	// HTTP dates have whole seconds.
	modified := o.Modified.Truncate(time.Second)
	if match := h.Get(prefix + "If-Match"); match != "" && match != "*" && !strings.EqualFold(strings.Trim(match, `"`), o.ETag) {
		return nil, failed("If-Match")
	}
	if since, err := http.ParseTime(h.Get(prefix + "If-Unmodified-Since")); err == nil && modified.After(since) {
		return nil, failed("If-Unmodified-Since")
	}
	if none := h.Get(prefix + "If-None-Match"); none != "" && (none == "*" || strings.EqualFold(strings.Trim(none, `"`), o.ETag)) {
		return newReply(http.StatusNotModified), nil
	}
	if since, err := http.ParseTime(h.Get(prefix + "If-Modified-Since")); err == nil && !modified.After(since) {
		return newReply(http.StatusNotModified), nil
	}
	return nil, nil
}
