package emulator

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func (ex *exchange) initiate() (*reply, error) {
	attr, err := attributesOf(ex.r.Header)
	if err != nil {
		return nil, err
	}
	record := uploadRecord{Key: ex.key, UploadID: newID(16), Initiated: ex.now.UTC(), Sequential: ex.query.Has("sequential"), Attributes: attr}
	if err := ex.server.addUpload(ex.bucket, record, ex.forbidsOverwrite()); err != nil {
		return nil, err
	}
	ex.uploadID = record.UploadID
	return xmlReply(struct {
		XMLName      xml.Name `xml:"InitiateMultipartUploadResult"`
		EncodingType string   `xml:",omitempty"`
		Bucket       string
		Key          string
		UploadID     string `xml:"UploadId"`
	}{EncodingType: ex.encodingType(), Bucket: ex.bucket, Key: ex.encode(ex.key), UploadID: record.UploadID})
}

// forbidsOverwrite holds for the one request that carries the header: OSS documents it for initiate, complete and put alike, and
// nothing says that an upload remembers it. A client that wants it at Complete must say so at Complete.
func (ex *exchange) forbidsOverwrite() bool {
	return strings.EqualFold(ex.r.Header.Get("X-Oss-Forbid-Overwrite"), "true")
}

// encodingType is the encoding of names in the answer: "url" when asked for, else "".
func (ex *exchange) encodingType() string {
	if ex.query.Get("encoding-type") == "url" {
		return "url"
	}
	return ""
}

// encode writes a name into the answer, percent-encoded when the request asked for it, which alone carries control characters.
func (ex *exchange) encode(name string) string {
	if ex.encodingType() == "" {
		return name
	}
	return percentEncode(name, false)
}

// addUpload makes an upload appear on disk and in the index.
func (s *Server) addUpload(bucketName string, record uploadRecord, forbidOverwrite bool) error {
	st := s.store
	st.mu.Lock()
	defer st.mu.Unlock()
	b, err := st.bucket(bucketName)
	if err != nil {
		return err
	}
	if forbidOverwrite && b.object(record.Key) != nil {
		return errFileAlreadyExists(OpInitiate)
	}
	return st.insertUpload(newUpload(b, record))
}

// insertUpload makes the upload's directory and lists it; the caller holds st.mu for writing.
func (st *store) insertUpload(u *upload) error {
	if err := st.placeDir(u.dir, uploadFile, u.uploadRecord); err != nil {
		return err
	}
	u.state = uploadOpen
	u.bucket.uploads.insert(u)
	u.bucket.uploadBy[u.UploadID] = u
	return nil
}

// removeUpload takes the upload off the lists; the caller holds st.mu for writing and cares for the directory.
func (u *upload) removeUpload(state uploadState) {
	u.state = state
	u.bucket.uploads.remove(u)
	delete(u.bucket.uploadBy, u.UploadID)
}

// partRequest checks what UploadPart and UploadPartCopy have in common.
func (ex *exchange) partRequest() (*upload, error) {
	if ex.partNumber == 0 {
		return nil, errPartNumber(ex.partText)
	}
	return ex.store.upload(ex.bucket, ex.key, ex.uploadID, ex.op)
}

func (ex *exchange) uploadPart() (*reply, error) {
	u, err := ex.partRequest()
	if err != nil {
		return nil, err
	}
	rc, err := ex.receiveBody()
	if err != nil {
		return nil, err
	}
	p, err := ex.commitPart(u, rc)
	if err != nil {
		rc.remove()
		return nil, err
	}
	rep := newReply(http.StatusOK)
	rep.header.Set("ETag", quoteETag(p.etag))
	u.Attributes.copyEncryption(rep.header)
	setChecksums(rep.header, rc)
	return rep, nil
}

// receiveBody takes the body of a part or a simple object.
func (ex *exchange) receiveBody() (*received, error) {
	if ex.r.ContentLength > maxPartSize {
		return nil, errEntityTooLarge(maxPartSize)
	}
	want, err := contentMD5(ex.r.Header)
	if err != nil {
		return nil, err
	}
	rc, err := ex.server.receive(ex.body, maxPartSize, want)
	if errors.Is(err, errDigestDiffers) {
		return nil, errInvalidDigest(ex.r.Header.Get("Content-MD5"))
	}
	return rc, err
}

// setChecksums writes what OSS says about bytes it has just taken.
func setChecksums(h http.Header, rc *received) {
	if rc.kind == bodyDiscarded {
		return
	}
	h.Set("Content-MD5", base64.StdEncoding.EncodeToString(rc.md5[:]))
	h.Set(headerCRC, formatCRC(rc.crc))
}

// commitPart puts a received body into its upload as the part of this request.
func (ex *exchange) commitPart(u *upload, rc *received) (*part, error) {
	p := &part{number: ex.partNumber, kind: rc.kind, size: rc.size, modified: ex.now.UTC(), etag: rc.etag(), crc: rc.crc, hasCRC: rc.hasCRC()}
	if u.Attributes.opaqueETag() {
		p.etag = newID(16)
	}
	st := ex.store
	st.mu.Lock()
	defer st.mu.Unlock()
	if err := st.reopen(u, ex.op); err != nil {
		return nil, err
	}
	if u.Sequential {
		if err := u.checkSequence(p, ex.op); err != nil {
			return nil, err
		}
	}
	return p, st.addPart(u, p, rc.path)
}

// reopen makes sure that u can take a part which was on its way when u was looked up. OSS says of an abort that parts in flight
// may survive it, so that abort has to be repeated until the list is empty: the upload comes back with this one part.
func (st *store) reopen(u *upload, op Op) error {
	switch {
	case u.state == uploadOpen:
		return nil
	case u.state == uploadCompleted || st.buckets[u.bucket.name] != u.bucket:
		return errNoSuchUpload(op, u.UploadID)
	}
	u.parts.items = nil
	return st.insertUpload(u)
}

// checkSequence holds an upload in sequential mode to its order.
func (u *upload) checkSequence(p *part, op Op) error {
	if old := u.part(p.number); old != nil {
		return errPartAlreadyExist(op, old)
	}
	want := 1
	if n := len(u.parts.items); n > 0 {
		want = u.parts.items[n-1].number + 1
	}
	if p.number != want {
		return errPartNotSequential(p.number, want)
	}
	return nil
}

// addPart moves the file of a part into place (bytes that are not kept get an empty file) and drops the part it replaces. The
// caller holds st.mu for writing.
func (st *store) addPart(u *upload, p *part, path string) error {
	p.seq = st.nextSeq()
	var err error
	if path == "" {
		err = touch(u.partPath(p))
	} else {
		err = os.Rename(path, u.partPath(p))
	}
	if err != nil {
		return err
	}
	if old := u.part(p.number); old != nil {
		u.parts.remove(old)
		if err := os.Remove(u.partPath(old)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	u.parts.insert(p)
	return nil
}

func (ex *exchange) uploadPartCopy() (*reply, error) {
	u, err := ex.partRequest()
	if err != nil {
		return nil, err
	}
	src, err := ex.openSource()
	if err != nil {
		return nil, err
	}
	defer src.Close()
	body, err := src.section(ex.r.Header.Get("X-Oss-Copy-Source-Range"))
	if err != nil {
		return nil, err
	}
	rc, err := ex.server.receive(body, maxPartSize, nil)
	if err != nil {
		return nil, err
	}
	p, err := ex.commitPart(u, rc)
	if err != nil {
		rc.remove()
		return nil, err
	}
	return copyReply("CopyPartResult", p.etag, p.modified)
}

func copyReply(root, etag string, modified time.Time) (*reply, error) {
	return xmlReply(struct {
		XMLName      xml.Name
		LastModified string
		ETag         string
	}{XMLName: xml.Name{Local: root}, LastModified: formatTime(modified), ETag: quoteETag(etag)})
}

func (ex *exchange) abort() (*reply, error) {
	st := ex.store
	st.mu.Lock()
	u, err := st.uploadLocked(ex.bucket, ex.key, ex.uploadID, ex.op)
	if err != nil {
		st.mu.Unlock()
		return nil, err
	}
	grave := st.tempPath()
	err = os.Rename(u.dir, grave)
	if err == nil {
		u.removeUpload(uploadAborted)
	}
	st.mu.Unlock()
	if err != nil {
		return nil, err
	}
	// Ten thousand files take a while: outside the lock, and what stays is swept at the next start.
	if err := os.RemoveAll(filepath.Clean(grave)); err != nil {
		return nil, err
	}
	return newReply(http.StatusNoContent), nil
}
