package emulator

import (
	"encoding/base64"
	"encoding/xml"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// dataFile holds the bytes of an object that was stored in one piece.
const dataFile = "data"

func (ex *exchange) putObject() (*reply, error) {
	attr, err := attributesOf(ex.r.Header)
	if err != nil {
		return nil, err
	}
	acl, err := aclOf(ex.r.Header)
	if err != nil {
		return nil, err
	}
	if err := ex.checkBucket(); err != nil {
		return nil, err
	}
	rc, err := ex.receiveBody()
	if err != nil {
		return nil, err
	}
	o, err := ex.store.putReceived(ex.bucket, ex.key, rc, attr, acl, ex.now, ex.forbidsOverwrite())
	if err != nil {
		rc.remove()
		return nil, err
	}
	rep := newReply(http.StatusOK)
	rep.header.Set("ETag", quoteETag(o.ETag))
	o.Attributes.copyEncryption(rep.header)
	setChecksums(rep.header, rc)
	return rep, nil
}

func (ex *exchange) checkBucket() error {
	ex.store.mu.RLock()
	defer ex.store.mu.RUnlock()
	_, err := ex.store.bucket(ex.bucket)
	return err
}

// putReceived makes a received body an object.
func (st *store) putReceived(bucketName, key string, rc *received, attr attributes, acl string, now time.Time, forbid bool) (*object, error) {
	o := &object{objectRecord: objectRecord{
		Key: key, Type: "Normal", Modified: now.UTC(), Size: rc.size, ETag: rc.etag(), CRC: rc.crc, HasCRC: rc.hasCRC(), ACL: acl,
		Attributes: attr, Segments: []segment{{File: dataFile, Kind: rc.kind, Size: rc.size}},
	}}
	if rc.hasCRC() {
		o.ContentMD5 = base64.StdEncoding.EncodeToString(rc.md5[:])
	}
	if attr.opaqueETag() {
		o.ETag = newID(16)
	}
	fill := func(dir string) error {
		if rc.path == "" {
			return touch(filepath.Join(dir, dataFile))
		}
		return os.Rename(rc.path, filepath.Join(dir, dataFile))
	}
	return o, st.insertObject(bucketName, o, forbid, fill)
}

// insertObject makes an object appear in one step, with the files that fill puts into its directory.
func (st *store) insertObject(bucketName string, o *object, forbid bool, fill func(dir string) error) error {
	temp := st.tempPath()
	if err := os.Mkdir(temp, dirMode); err != nil {
		return err
	}
	defer os.RemoveAll(temp) // by then it was renamed, or it is in vain
	if err := fill(temp); err != nil {
		return err
	}
	sweep, err := st.placeObject(bucketName, o, forbid, temp)
	if err != nil {
		return err
	}
	sweep()
	return nil
}

func (st *store) placeObject(bucketName string, o *object, forbid bool, temp string) (sweep func(), err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	b, err := st.bucket(bucketName)
	if err != nil {
		return nil, err
	}
	if forbid && b.object(o.Key) != nil {
		return nil, errFileAlreadyExists(OpPutObject)
	}
	o.Seq = st.nextSeq()
	o.dir = filepath.Join(b.dir, objectsDir, newID(16))
	if err := writeJSON(filepath.Join(temp, objectFile), o.objectRecord); err != nil {
		return nil, err
	}
	if err := os.Rename(temp, o.dir); err != nil {
		return nil, err
	}
	return st.show(b, o)
}

// openObject finds an object and holds it against removal until the reader is closed.
func (st *store) openObject(bucketName, key string) (*object, *objectReader, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	b, err := st.bucket(bucketName)
	if err != nil {
		return nil, nil, err
	}
	o := b.object(key)
	if o == nil {
		return nil, nil, errNoSuchKey(key)
	}
	return o, st.reader(o), nil
}

// getObject answers GET and HEAD.
func (ex *exchange) getObject() (*reply, error) {
	o, reader, err := ex.store.openObject(ex.bucket, ex.key)
	if err != nil {
		return nil, err
	}
	rep, err := ex.objectReply(o, reader)
	if err != nil {
		_ = reader.Close()
		return nil, err
	}
	rep.release = func() { _ = reader.Close() }
	return rep, nil
}

func (ex *exchange) objectReply(o *object, reader *objectReader) (*reply, error) {
	if rep, err := checkConditions(o, ex.r.Header, ""); rep != nil || err != nil {
		return rep, err
	}
	rep := newReply(http.StatusOK)
	o.Attributes.copyTo(rep.header)
	h := rep.header
	h.Set("ETag", quoteETag(o.ETag))
	h.Set("Last-Modified", o.Modified.UTC().Format(http.TimeFormat))
	h.Set("Accept-Ranges", "bytes")
	h.Set("X-Oss-Object-Type", o.Type)
	if o.HasCRC {
		h.Set(headerCRC, formatCRC(o.CRC))
	}
	if o.ContentMD5 != "" {
		h.Set("Content-MD5", o.ContentMD5)
	}
	for name := range ex.query {
		if rest, found := strings.CutPrefix(name, "response-"); found && ex.op == OpGetObject {
			h.Set(rest, ex.query.Get(name))
		}
	}
	rep.length = o.Size
	start := int64(0)
	if text := ex.r.Header.Get("Range"); text != "" && ex.op == OpGetObject {
		from, to, ok := parseRange(text, o.Size)
		switch {
		case ok:
			start, rep.length = from, to-from+1
			rep.status = http.StatusPartialContent
			h.Set("Content-Range", contentRange(from, to, o.Size))
		case strings.EqualFold(ex.r.Header.Get("X-Oss-Range-Behavior"), "standard"):
			// Only on this request does OSS refuse; otherwise an invalid range gets the whole object.
			return nil, (&apiError{Status: http.StatusRequestedRangeNotSatisfiable, Code: "InvalidRange",
				Message: "The requested range cannot be satisfied."}).with("ActualObjectSize", strconv.FormatInt(o.Size, 10))
		}
	}
	if ex.op == OpGetObject && hasDiscarded(o.Segments) {
		return nil, errBytesDiscarded
	}
	if _, err := reader.Seek(start, io.SeekStart); err != nil {
		return nil, err
	}
	rep.stream = func(w io.Writer) error {
		buffer := ex.server.buffer()
		defer ex.server.release(buffer)
		_, err := io.CopyBuffer(struct{ io.Writer }{w}, io.LimitReader(reader, rep.length), *buffer)
		return err
	}
	return rep, nil
}

func hasDiscarded(segments []segment) bool {
	for _, seg := range segments {
		if seg.Kind == bodyDiscarded {
			return true
		}
	}
	return false
}

func (ex *exchange) deleteObject() (*reply, error) {
	if err := ex.store.removeObject(ex.bucket, ex.key); err != nil {
		return nil, err
	}
	return newReply(http.StatusNoContent), nil
}

// removeObject deletes an object; one that is not there is no error, as with OSS.
func (st *store) removeObject(bucketName, key string) error {
	st.mu.Lock()
	b, err := st.bucket(bucketName)
	sweep := func() {}
	if err == nil {
		if o := b.object(key); o != nil {
			var buried func()
			if buried, err = st.bury(o); err == nil {
				b.objects.remove(o)
				sweep = buried
			}
		}
	}
	st.mu.Unlock()
	sweep()
	return err
}

// maxDeletes is how many keys one DeleteMultipleObjects may name.
const maxDeletes = 1000

func (ex *exchange) deleteMultipleObjects() (*reply, error) {
	var request struct {
		XMLName xml.Name `xml:"Delete"`
		Quiet   bool
		Objects []struct{ Key string } `xml:"Object"`
	}
	if err := xml.Unmarshal(ex.payload, &request); err != nil {
		return nil, errMalformedXML(ex.op, err.Error())
	}
	if n := len(request.Objects); n == 0 || n > maxDeletes {
		return nil, errMalformedXML(ex.op, "the number of keys must be from 1 to 1000")
	}
	type deleted struct{ Key string }
	doc := struct {
		XMLName      xml.Name  `xml:"DeleteResult"`
		EncodingType string    `xml:",omitempty"`
		Deleted      []deleted `xml:"Deleted"`
	}{EncodingType: ex.encodingType()}
	for _, o := range request.Objects {
		if err := ex.store.removeObject(ex.bucket, o.Key); err != nil {
			return nil, err
		}
		if !request.Quiet {
			doc.Deleted = append(doc.Deleted, deleted{ex.encode(o.Key)})
		}
	}
	return xmlReply(doc)
}

// stat finds what is known of an object.
func (ex *exchange) stat() (objectRecord, error) {
	ex.store.mu.RLock()
	defer ex.store.mu.RUnlock()
	b, err := ex.store.bucket(ex.bucket)
	if err != nil {
		return objectRecord{}, err
	}
	o := b.object(ex.key)
	if o == nil {
		return objectRecord{}, errNoSuchKey(ex.key)
	}
	return o.objectRecord, nil
}

func (ex *exchange) getObjectACL() (*reply, error) {
	o, err := ex.stat()
	if err != nil {
		return nil, err
	}
	return xmlReply(struct {
		XMLName xml.Name `xml:"AccessControlPolicy"`
		Owner   ownerXML
		ACL     string `xml:"AccessControlList>Grant"`
	}{Owner: ownerXML{ownerID, ownerID}, ACL: o.ACL})
}

func (ex *exchange) getObjectTagging() (*reply, error) {
	o, err := ex.stat()
	if err != nil {
		return nil, err
	}
	return xmlReply(struct {
		XMLName xml.Name `xml:"Tagging"`
		Tags    []tag    `xml:"TagSet>Tag"`
	}{Tags: o.Attributes.Tags})
}
