package emulator

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"hash/crc64"
	"io"
	"os"
	"strings"
	"time"
)

// errReset ends the reading of a body whose connection a fault resets.
var errReset = errors.New("connection reset by a fault")

// bodyReader is the body of a request as the faults let the server see it; it counts what it passes on.
type bodyReader struct {
	source io.Reader
	plan   *plan
	wait   func(time.Duration) bool
	count  int64
	reset  bool // a fault ended the body: the connection is to be reset
}

func newBodyReader(source io.Reader, p *plan, wait func(time.Duration) bool) *bodyReader {
	if source == nil {
		source = strings.NewReader("")
	}
	return &bodyReader{source: source, plan: p, wait: wait}
}

func (b *bodyReader) Read(buffer []byte) (int, error) {
	p := b.plan
	if p.resets {
		left := p.resetAfter - b.count
		if left <= 0 {
			b.reset = true
			return 0, errReset
		}
		buffer = buffer[:min(int64(len(buffer)), left)]
	}
	if p.bytesPerSecond > 0 {
		// A tenth of a second's worth at a time is smooth enough to look like a slow line.
		slice := max(p.bytesPerSecond/10, 1)
		buffer = buffer[:min(len(buffer), slice)]
		if !b.wait(time.Duration(len(buffer)) * time.Second / time.Duration(p.bytesPerSecond)) {
			b.reset = true
			return 0, errReset
		}
	}
	n, err := b.source.Read(buffer)
	for _, at := range p.flips {
		if i := at - b.count; i >= 0 && i < int64(n) {
			buffer[i] ^= 0xff
		}
	}
	b.count += int64(n)
	if err == io.EOF && p.resets {
		b.reset, err = true, errReset
	}
	return n, err
}

// received is a body on disk (or discarded) that belongs to nothing yet.
type received struct {
	path string // a temporary file; "" when the bytes were discarded
	kind bodyKind
	size int64
	md5  [md5.Size]byte
	crc  uint64
	// claimed is the Content-MD5 of the request, nil without one; in a sink it stands in for md5.
	claimed []byte
}

// etag is the ETag of a plainly stored body: its MD5 in upper-case hex.
func (rc *received) etag() string {
	sum := rc.md5[:]
	if rc.kind == bodyDiscarded {
		if rc.claimed == nil {
			return strings.ToUpper(newID(md5.Size))
		}
		sum = rc.claimed
	}
	return strings.ToUpper(hex.EncodeToString(sum))
}

func (rc *received) hasCRC() bool { return rc.kind != bodyDiscarded }

// remove gives up a body that was not put into place.
func (rc *received) remove() {
	if rc.path != "" {
		_ = os.Remove(rc.path) // what stays is swept at the next start
	}
}

// receive takes a body of at most limit bytes: to a temporary file, hashed on the way, or in a sink to nowhere. want is the MD5
// the client claims, or nil.
func (s *Server) receive(body io.Reader, limit int64, want []byte) (*received, error) {
	buffer := s.buffer()
	defer s.release(buffer)
	if s.sink {
		n, err := discard(body, *buffer, limit)
		if err != nil {
			return nil, err
		}
		return &received{kind: bodyDiscarded, size: n, claimed: want}, nil
	}
	f, err := s.store.tempFile()
	if err != nil {
		return nil, err
	}
	rc := &received{path: f.Name(), kind: bodyStored, claimed: want}
	err = rc.fill(f, body, *buffer, limit)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil && want != nil && string(want) != string(rc.md5[:]) {
		err = errDigestDiffers
	}
	if err != nil {
		rc.remove()
		return nil, err
	}
	return rc, nil
}

// errDigestDiffers is turned into InvalidDigest by whoever knows the header.
var errDigestDiffers = errors.New("the body does not have the MD5 it claims")

func (rc *received) fill(f io.Writer, body io.Reader, buffer []byte, limit int64) error {
	digest := md5.New()
	for {
		n, err := body.Read(buffer)
		if n > 0 {
			rc.size += int64(n)
			if rc.size > limit {
				return errEntityTooLarge(limit)
			}
			digest.Write(buffer[:n])
			rc.crc = crc64.Update(rc.crc, crcTable, buffer[:n])
			if _, err := f.Write(buffer[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			digest.Sum(rc.md5[:0])
			return nil
		}
		if err != nil {
			return errBodyLost(err)
		}
	}
}

func discard(body io.Reader, buffer []byte, limit int64) (int64, error) {
	var size int64
	for {
		n, err := body.Read(buffer)
		size += int64(n)
		switch {
		case size > limit:
			return 0, errEntityTooLarge(limit)
		case err == io.EOF:
			return size, nil
		case err != nil:
			return 0, errBodyLost(err)
		}
	}
}

func (s *Server) buffer() *[]byte   { return s.buffers.Get().(*[]byte) }
func (s *Server) release(b *[]byte) { s.buffers.Put(b) }
