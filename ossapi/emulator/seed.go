package emulator

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Seed describes an unfinished upload to be put into the store without HTTP.
type Seed struct {
	Bucket, Key  string    // the bucket must exist
	Initiated    time.Time // zero = now
	StorageClass string    // "" = Standard
	Parts        []SeedPart
}

// SeedPart is one part of a Seed.
type SeedPart struct {
	Number   int       // 1..10000
	Size     int64     // bytes; with a Body it is ignored
	Body     io.Reader // nil = Size zero bytes, which take no room on disk and are hashed once for each distinct size
	Modified time.Time // zero = the time of Seed.Initiated
	ETag     string    // "" = the MD5 of the bytes; else shown instead, without quotes, at most 64 characters
	NoCRC    bool      // ListParts shows no CRC-64 for it
}

// ObjectInfo is what is known of an object.
type ObjectInfo struct {
	Bucket, Key  string
	Type         string // Normal or Multipart
	Size         int64  // bytes
	ETag         string // without quotes
	CRC64        uint64 // ECMA; valid with HasCRC64
	HasCRC64     bool
	Modified     time.Time
	ContentType  string
	StorageClass string
	ACL          string
	Metadata     map[string]string // x-oss-meta-*, by lower-case name without the prefix
	Files        int               // how many files hold the bytes: of a multipart object its parts
}

// OpenObject opens an object for reading; the caller closes it. The error names the object when there is none. In a sink the
// reader fails, since there are no bytes.
func (s *Server) OpenObject(bucket, key string) (io.ReadSeekCloser, ObjectInfo, error) {
	o, reader, err := s.store.openObject(bucket, key)
	if err != nil {
		return nil, ObjectInfo{}, fmt.Errorf("open object oss://%s/%s: %w", bucket, key, err)
	}
	info := ObjectInfo{
		Bucket: bucket, Key: key, Type: o.Type, Size: o.Size, ETag: o.ETag, CRC64: o.CRC, HasCRC64: o.HasCRC, Modified: o.Modified,
		ContentType: o.Attributes.Headers["Content-Type"], StorageClass: o.Attributes.Storage, ACL: o.ACL,
		Metadata: make(map[string]string), Files: len(o.Segments),
	}
	for name, value := range o.Attributes.Metadata {
		info.Metadata[name] = value
	}
	return reader, info, nil
}

// SeedObject stores an object of one piece. modified zero means now.
func (s *Server) SeedObject(bucket, key string, body io.Reader, modified time.Time) error {
	fail := func(err error) error { return fmt.Errorf("seed object oss://%s/%s: %w", bucket, key, err) }
	if !validObjectName(key) {
		return fail(errInvalidObjectName(key))
	}
	if modified.IsZero() {
		modified = s.clock()
	}
	rc, err := s.receive(body, maxPartSize, nil)
	if err != nil {
		return fail(err)
	}
	attr, err := attributesOf(nil)
	if err == nil {
		_, err = s.store.putReceived(bucket, key, rc, attr, defaultACL, modified, false)
	}
	if err != nil {
		rc.remove()
		return fail(err)
	}
	return nil
}

// SeedUpload stores an unfinished upload and returns its id. When a part is refused, the upload stays with the parts before it.
func (s *Server) SeedUpload(seed Seed) (uploadID string, err error) {
	fail := func(err error) (string, error) {
		return "", fmt.Errorf("seed upload oss://%s/%s: %w", seed.Bucket, seed.Key, err)
	}
	if !validObjectName(seed.Key) {
		return fail(errInvalidObjectName(seed.Key))
	}
	attr, err := attributesOf(nil)
	if err != nil {
		return fail(err)
	}
	if seed.StorageClass != "" {
		attr.Storage = seed.StorageClass
	}
	if seed.Initiated.IsZero() {
		seed.Initiated = s.clock()
	}
	record := uploadRecord{Key: seed.Key, UploadID: newID(16), Initiated: seed.Initiated.UTC(), Attributes: attr}
	if err := s.addUpload(seed.Bucket, record, false); err != nil {
		return fail(err)
	}
	for _, sp := range seed.Parts {
		if sp.Modified.IsZero() {
			sp.Modified = seed.Initiated
		}
		if err := s.seedPart(seed, record.UploadID, sp); err != nil {
			return fail(fmt.Errorf("part %d: %w", sp.Number, err))
		}
	}
	return record.UploadID, nil
}

func (s *Server) seedPart(seed Seed, uploadID string, sp SeedPart) error {
	if sp.Number < 1 || sp.Number > maxPartNumber {
		return errPartNumber(fmt.Sprint(sp.Number))
	}
	if len(sp.ETag) > 64 {
		return errors.New("the ETag is longer than 64 characters")
	}
	if sp.Size < 0 || sp.Size > maxPartSize {
		return errEntityTooLarge(maxPartSize)
	}
	p := &part{number: sp.Number, modified: sp.Modified.UTC(), hasCRC: !sp.NoCRC, etag: sp.ETag}
	path := ""
	if sp.Body == nil {
		p.kind, p.size, p.crc = bodyZeros, sp.Size, crcZeros(sp.Size)
		if p.etag == "" {
			p.etag = s.store.md5OfZeros(sp.Size)
		}
	} else {
		rc, err := s.receive(sp.Body, maxPartSize, nil)
		if err != nil {
			return err
		}
		defer rc.remove() // of no effect once it is in place
		path, p.kind, p.size, p.crc = rc.path, rc.kind, rc.size, rc.crc
		p.hasCRC = p.hasCRC && rc.hasCRC()
		if p.etag == "" {
			p.etag = rc.etag()
		}
	}
	st := s.store
	st.mu.Lock()
	defer st.mu.Unlock()
	u, err := st.uploadLocked(seed.Bucket, seed.Key, uploadID, OpUploadPart)
	if err != nil {
		return err
	}
	return st.addPart(u, p, path)
}

// md5OfZeros is the ETag of size zero bytes. MD5 has no short cut, but seeded parts share few sizes.
func (st *store) md5OfZeros(size int64) string {
	st.mu.RLock()
	sum, known := st.zeroMD5[size]
	st.mu.RUnlock()
	if known {
		return sum
	}
	digest := md5.New()
	zeros := make([]byte, min(size, bodyBufferSize))
	for left := size; left > 0; left -= int64(len(zeros)) {
		zeros = zeros[:min(int64(len(zeros)), left)]
		digest.Write(zeros)
	}
	sum = strings.ToUpper(hex.EncodeToString(digest.Sum(nil)))
	st.mu.Lock()
	st.zeroMD5[size] = sum
	st.mu.Unlock()
	return sum
}

// UploadCount tells how many unfinished uploads a bucket holds; 0 when there is no such bucket.
func (s *Server) UploadCount(bucket string) int {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	b := s.store.buckets[bucket]
	if b == nil {
		return 0
	}
	return len(b.uploads.items)
}
