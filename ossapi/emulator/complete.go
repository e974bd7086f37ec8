package emulator

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// listedPart is a part as a Complete names it.
type listedPart struct {
	PartNumber int
	ETag       string
}

// parsePartList reads the body of CompleteMultipartUpload.
func parsePartList(document []byte) ([]listedPart, error) {
	var list struct {
		XMLName xml.Name     `xml:"CompleteMultipartUpload"`
		Parts   []listedPart `xml:"Part"`
	}
	decoder := xml.NewDecoder(bytes.NewReader(document))
	if err := decoder.Decode(&list); err != nil {
		return nil, errMalformedXML(OpComplete, err.Error())
	}
	if token, err := decoder.Token(); err != io.EOF {
		if data, isText := token.(xml.CharData); !isText || len(bytes.TrimSpace(data)) > 0 {
			return nil, errMalformedXML(OpComplete, "something follows the document")
		}
	}
	if len(list.Parts) == 0 {
		return nil, errMalformedXML(OpComplete, "the list of parts is empty")
	}
	last := 0
	for i := range list.Parts {
		p := &list.Parts[i]
		if p.PartNumber < 1 || p.PartNumber > maxPartNumber {
			return nil, errPartNumber(fmt.Sprint(p.PartNumber))
		}
		if p.PartNumber <= last {
			return nil, errInvalidPartOrder(p.PartNumber)
		}
		last = p.PartNumber
		p.ETag = strings.Trim(strings.TrimSpace(p.ETag), `"`)
	}
	return list.Parts, nil
}

func (ex *exchange) complete() (*reply, error) {
	acl, err := aclOf(ex.r.Header)
	if err != nil {
		return nil, err
	}
	all := strings.EqualFold(ex.r.Header.Get("X-Oss-Complete-All"), "yes")
	var list []listedPart
	if all && len(ex.payload) > 0 {
		return nil, &apiError{Status: http.StatusBadRequest, Code: "InvalidArgument", EC: "0042-00000216",
			Message: "Should not speficy both complete all header and http body."} // the spelling is the service's
	}
	if !all {
		// An upload that is gone is reported before a list that is wrong.
		if _, err := ex.store.upload(ex.bucket, ex.key, ex.uploadID, ex.op); err != nil {
			return nil, err
		}
		if list, err = parsePartList(ex.payload); err != nil {
			return nil, err
		}
	}
	o, err := ex.assemble(list, acl)
	if err != nil {
		return nil, err
	}
	rep, err := xmlReply(struct {
		XMLName      xml.Name `xml:"CompleteMultipartUploadResult"`
		EncodingType string   `xml:",omitempty"`
		Location     string
		Bucket       string
		Key          string
		ETag         string
	}{
		EncodingType: ex.encodingType(), Location: "http://" + ex.r.Host + "/" + percentEncode(ex.key, true),
		Bucket: ex.bucket, Key: ex.encode(ex.key), ETag: quoteETag(o.ETag),
	})
	if err != nil {
		return nil, err
	}
	rep.header.Set("ETag", quoteETag(o.ETag))
	o.Attributes.copyEncryption(rep.header)
	if o.HasCRC {
		rep.header.Set(headerCRC, formatCRC(o.CRC))
	}
	return rep, nil
}

// assemble turns an upload into an object. list nil takes every part there is.
func (ex *exchange) assemble(list []listedPart, acl string) (*object, error) {
	st := ex.store
	for {
		st.mu.Lock()
		u, parts, err := ex.chooseParts(list)
		if err != nil || !u.Sequential {
			o, sweep, err := ex.assembleLocked(u, parts, "", acl, err)
			st.mu.Unlock()
			sweep()
			return o, err
		}
		st.mu.Unlock()
		// The object of a sequential upload has a plain MD5, so its bytes must be read: without the lock, and again should
		// the parts have changed meanwhile.
		digest, digestErr := digestOf(u, parts)
		st.mu.Lock()
		u, now, err := ex.chooseParts(list)
		if err == nil && !slices.Equal(now, parts) {
			st.mu.Unlock()
			continue
		}
		if err == nil {
			err = digestErr
		}
		o, sweep, err := ex.assembleLocked(u, parts, digest, acl, err)
		st.mu.Unlock()
		sweep()
		return o, err
	}
}

func digestOf(u *upload, parts []*part) (string, error) {
	reader := newObjectReader(u.dir, segmentsOf(parts), nil)
	defer reader.Close()
	digest := md5.New()
	if _, err := io.Copy(digest, reader); err != nil {
		return "", err
	}
	return strings.ToUpper(hex.EncodeToString(digest.Sum(nil))), nil
}

// chooseParts matches the list against the upload; the caller holds st.mu.
func (ex *exchange) chooseParts(list []listedPart) (*upload, []*part, error) {
	u, err := ex.store.uploadLocked(ex.bucket, ex.key, ex.uploadID, ex.op)
	if err != nil {
		return nil, nil, err
	}
	var parts []*part
	if list == nil {
		parts = slices.Clone(u.parts.items)
		if len(parts) == 0 {
			return nil, nil, errInvalidPart(u.UploadID, 0, "")
		}
	}
	for _, want := range list {
		p := u.part(want.PartNumber)
		if p == nil || !strings.EqualFold(p.etag, want.ETag) {
			return nil, nil, errInvalidPart(u.UploadID, want.PartNumber, want.ETag)
		}
		parts = append(parts, p)
	}
	for _, p := range parts[:len(parts)-1] {
		if p.size < ex.server.minPartSize {
			return nil, nil, errEntityTooSmall(p, ex.server.minPartSize)
		}
	}
	return u, parts, nil
}

// assembleLocked does the work under st.mu, unless err already says no. The returned sweep removes what is left over; it is to be
// run without the lock and is never nil.
func (ex *exchange) assembleLocked(u *upload, parts []*part, digest, acl string, err error) (*object, func(), error) {
	nothing := func() {}
	if err != nil {
		return nil, nothing, err
	}
	b, st := u.bucket, ex.store
	if ex.forbidsOverwrite() && b.object(u.Key) != nil {
		return nil, nothing, errFileAlreadyExists(ex.op)
	}
	o, err := st.multipartObject(u, parts, ex.now)
	if err != nil {
		return nil, nothing, err
	}
	o.ACL = acl
	if digest != "" {
		o.ETag = digest
	}
	if err := st.replaceJSON(filepath.Join(u.dir, objectFile), o.objectRecord); err != nil {
		return nil, nothing, err
	}
	if err := os.Rename(u.dir, o.dir); err != nil {
		return nil, nothing, err
	}
	u.removeUpload(uploadCompleted)
	unused := []string{filepath.Join(o.dir, uploadFile)}
	for _, p := range u.parts.items {
		if _, used := slices.BinarySearchFunc(parts, p, u.parts.compare); !used {
			unused = append(unused, filepath.Join(o.dir, p.fileName()))
		}
	}
	sweepOld, err := st.show(b, o)
	return o, func() {
		for _, path := range unused {
			_ = os.Remove(path) // a leftover is harmless: the manifest does not name it
		}
		sweepOld()
	}, err
}

// multipartObject describes the object that parts make.
func (st *store) multipartObject(u *upload, parts []*part, now time.Time) (*object, error) {
	o := &object{dir: filepath.Join(u.bucket.dir, objectsDir, u.UploadID)}
	o.objectRecord = objectRecord{Key: u.Key, Seq: st.nextSeq(), Type: "Multipart", Modified: now.UTC(), HasCRC: true,
		Attributes: u.Attributes, Segments: segmentsOf(parts)}
	digest := md5.New()
	for _, p := range parts {
		o.CRC = st.crc.combine(o.CRC, p.crc, p.size)
		o.HasCRC = o.HasCRC && p.hasCRC
		o.Size += p.size
		_, _ = io.WriteString(digest, p.etag) // an invention: OSS does not say what its 32 digits are made of
	}
	if o.Size > maxObjectSize {
		return nil, errEntityTooLarge(maxObjectSize)
	}
	sum := digest.Sum(nil)
	o.ETag = fmt.Sprintf("%X-%d", sum, len(parts))
	return o, nil
}

func segmentsOf(parts []*part) []segment {
	segments := make([]segment, len(parts))
	for i, p := range parts {
		segments[i] = segment{File: p.fileName(), Kind: p.kind, Size: p.size}
	}
	return segments
}

// show lists an object whose directory is in place, instead of the one that had its key; the caller holds st.mu for writing and
// runs sweep, which is never nil, without it.
func (st *store) show(b *bucket, o *object) (sweep func(), err error) {
	old := b.object(o.Key)
	if old == nil {
		b.objects.insert(o)
		return func() {}, nil
	}
	b.objects.remove(old)
	b.objects.insert(o)
	sweep, err = st.bury(old)
	if err != nil {
		return func() {}, err
	}
	return sweep, nil
}
