package transfer_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"partway/ossapi"
	"partway/transfer"
)

// memory is a service in memory, without a socket, for tests under virtual time.
type memory struct {
	// before is asked ahead of every call and may sleep or fail it; after may fail a call that took effect. Both may be nil.
	before, after func(call) error
	// piece is how long it takes to receive 16 KiB of a body.
	piece time.Duration

	mu      sync.Mutex
	uploads map[string]*memoryUpload
	objects map[string]memoryObject
	calls   []call
	nextID  int
	now     int // parts being received
	most    int // at once, ever
}

type call struct {
	op   string
	key  string
	part int
	at   time.Time
}

type memoryUpload struct {
	key   string
	begun time.Time
	parts map[int]memoryPart
}

type memoryPart struct {
	data []byte
	crc  uint64
}

func newPart(data []byte) memoryPart { return memoryPart{data, crcOf(data)} }

// etag is no MD5, so that the lanes of md5-simd stay idle: they share channels across tests, which virtual time forbids.
func (p memoryPart) etag() string { return fmt.Sprintf("E%016x", p.crc) }

type memoryObject struct {
	data     []byte
	modified time.Time
}

var _ transfer.Store = (*memory)(nil)

func newMemory() *memory {
	return &memory{uploads: map[string]*memoryUpload{}, objects: map[string]memoryObject{}}
}

func crcOf(data []byte) uint64 { return crc64.Checksum(data, crc64.MakeTable(crc64.ECMA)) }

func refusal(kind ossapi.Kind, status int, code string) *ossapi.Error {
	return &ossapi.Error{Op: "upload part", Kind: kind, Status: status, Code: code}
}

// serve wraps an effect in the hooks. Like the client, it answers a cancelled context with KindCanceled.
func (m *memory) serve(ctx context.Context, c call, effect func() error) error {
	c.at = time.Now()
	m.mu.Lock()
	m.calls = append(m.calls, c)
	before, after := m.before, m.after
	m.mu.Unlock()
	if before != nil {
		if err := before(c); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return &ossapi.Error{Op: c.op, Kind: ossapi.KindCanceled, Err: fmt.Errorf("%w: %w", err, context.Cause(ctx))}
	}
	if err := effect(); err != nil {
		return err
	}
	if after != nil {
		return after(c)
	}
	return nil
}

// behave replaces the hooks of a service that is in use.
func (m *memory) behave(before, after func(call) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.before, m.after = before, after
}

// peak is how many parts were received at once at most since it was last asked, and how many are now.
func (m *memory) peak() (most, now int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	most, m.most = m.most, m.now
	return most, m.now
}

func (m *memory) Initiate(ctx context.Context, r ossapi.InitiateRequest) (id string, err error) {
	err = m.serve(ctx, call{op: "initiate", key: r.Key}, func() error {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.nextID++
		id = fmt.Sprintf("UPLOAD%04d", m.nextID)
		m.uploads[id] = &memoryUpload{key: r.Key, begun: time.Now(), parts: map[int]memoryPart{}}
		return nil
	})
	if err != nil {
		return "", err
	}
	return id, nil
}

// receive reads a body at the pace of the line.
func (m *memory) receive(ctx context.Context, body io.Reader, size int64, contentMD5 string) ([]byte, error) {
	m.mu.Lock()
	m.now++
	m.most = max(m.most, m.now)
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		m.now--
		m.mu.Unlock()
	}()
	data, piece := make([]byte, 0, size), make([]byte, 16<<10)
	for {
		n, err := body.Read(piece)
		data = append(data, piece[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, &ossapi.Error{Op: "upload part", Kind: ossapi.KindLocal, Err: err}
		}
		select {
		case <-time.After(m.piece):
		case <-ctx.Done():
			return nil, &ossapi.Error{Op: "upload part", Kind: ossapi.KindCanceled, Err: fmt.Errorf("%w: %w", ctx.Err(), context.Cause(ctx))}
		}
	}
	switch {
	case int64(len(data)) != size:
		return nil, &ossapi.Error{Op: "upload part", Kind: ossapi.KindLocal, Err: errors.New("another length than said")}
	case contentMD5 != "" && contentMD5 != md5Of(data):
		return nil, refusal(ossapi.KindDamaged, 400, "InvalidDigest")
	}
	return data, nil
}

func (m *memory) UploadPart(ctx context.Context, r ossapi.UploadPartRequest) (ossapi.UploadedPart, error) {
	var part memoryPart
	err := m.serve(ctx, call{op: "part", key: r.Key, part: r.PartNumber}, func() error {
		data, err := m.receive(ctx, r.Body, r.Size, r.ContentMD5)
		if err != nil {
			return err
		}
		part = newPart(data)
		m.mu.Lock()
		defer m.mu.Unlock()
		u := m.uploads[r.UploadID]
		if u == nil {
			return refusal(ossapi.KindGone, 404, "NoSuchUpload")
		}
		u.parts[r.PartNumber] = part
		return nil
	})
	if err != nil {
		return ossapi.UploadedPart{}, err
	}
	return ossapi.UploadedPart{PartNumber: r.PartNumber, ETag: part.etag(), CRC64: part.crc, HasCRC64: true}, nil
}

func md5Of(data []byte) string {
	sum := md5.Sum(data)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (m *memory) ListParts(ctx context.Context, r ossapi.ListPartsRequest) iter.Seq2[ossapi.PartsPage, error] {
	return func(yield func(ossapi.PartsPage, error) bool) {
		var page ossapi.PartsPage
		err := m.serve(ctx, call{op: "list parts", key: r.Key}, func() error {
			m.mu.Lock()
			defer m.mu.Unlock()
			u := m.uploads[r.UploadID]
			if u == nil {
				return refusal(ossapi.KindGone, 404, "NoSuchUpload")
			}
			for number, p := range u.parts {
				page.Parts = append(page.Parts, ossapi.Part{Number: number, Size: int64(len(p.data)), ETag: p.etag(), CRC64: p.crc, HasCRC64: true})
			}
			slices.SortFunc(page.Parts, func(a, b ossapi.Part) int { return cmp.Compare(a.Number, b.Number) })
			return nil
		})
		yield(page, err)
	}
}

func (m *memory) ListUploads(ctx context.Context, r ossapi.ListUploadsRequest) iter.Seq2[ossapi.UploadsPage, error] {
	return func(yield func(ossapi.UploadsPage, error) bool) {
		var page ossapi.UploadsPage
		err := m.serve(ctx, call{op: "list uploads"}, func() error {
			m.mu.Lock()
			defer m.mu.Unlock()
			for id, u := range m.uploads {
				if len(u.key) >= len(r.Prefix) && u.key[:len(r.Prefix)] == r.Prefix {
					page.Uploads = append(page.Uploads, ossapi.ListedUpload{Key: u.key, UploadID: id, Initiated: u.begun})
				}
			}
			return nil
		})
		yield(page, err)
	}
}

func (m *memory) Complete(ctx context.Context, r ossapi.CompleteRequest) (result ossapi.CompleteResult, err error) {
	err = m.serve(ctx, call{op: "complete", key: r.Key}, func() error {
		m.mu.Lock()
		defer m.mu.Unlock()
		u := m.uploads[r.UploadID]
		if u == nil {
			return refusal(ossapi.KindGone, 404, "NoSuchUpload")
		}
		if _, exists := m.objects[r.Key]; exists && r.ForbidOverwrite {
			return refusal(ossapi.KindConflict, 409, "FileAlreadyExists")
		}
		var data []byte
		for _, p := range r.Parts {
			part, there := u.parts[p.Number]
			if !there || part.etag() != p.ETag {
				return refusal(ossapi.KindPartList, 400, "InvalidPart")
			}
			data = append(data, part.data...)
		}
		delete(m.uploads, r.UploadID)
		m.objects[r.Key] = memoryObject{data: data, modified: time.Now()}
		result = ossapi.CompleteResult{CRC64: crcOf(data), HasCRC64: true}
		return nil
	})
	return result, err
}

func (m *memory) Abort(ctx context.Context, u ossapi.Upload) error {
	return m.serve(ctx, call{op: "abort", key: u.Key}, func() error {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.uploads[u.UploadID] == nil {
			return refusal(ossapi.KindGone, 404, "NoSuchUpload")
		}
		delete(m.uploads, u.UploadID)
		return nil
	})
}

func (m *memory) Head(ctx context.Context, o ossapi.Object) (info ossapi.ObjectInfo, err error) {
	err = m.serve(ctx, call{op: "head", key: o.Key}, func() error {
		m.mu.Lock()
		defer m.mu.Unlock()
		object, there := m.objects[o.Key]
		if !there {
			return refusal(ossapi.KindNotFound, 404, "NoSuchKey")
		}
		info = ossapi.ObjectInfo{Size: int64(len(object.data)), CRC64: crcOf(object.data), HasCRC64: true, ETag: "x", LastModified: object.modified}
		return nil
	})
	return info, err
}

func (m *memory) Put(ctx context.Context, r ossapi.PutRequest) (result ossapi.PutResult, err error) {
	err = m.serve(ctx, call{op: "put", key: r.Key}, func() error {
		data, err := m.receive(ctx, r.Body, r.Size, r.ContentMD5)
		if err != nil {
			return err
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if _, exists := m.objects[r.Key]; exists && r.ForbidOverwrite {
			return refusal(ossapi.KindConflict, 409, "FileAlreadyExists")
		}
		m.objects[r.Key] = memoryObject{data: data, modified: time.Now()}
		result = ossapi.PutResult{ETag: "x", CRC64: crcOf(data), HasCRC64: true}
		return nil
	})
	return result, err
}

// count is how many calls of an operation were made; times lists when.
func (m *memory) count(op string) int { return len(m.times(op)) }

func (m *memory) times(op string) (times []time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.calls {
		if c.op == op {
			times = append(times, c.at)
		}
	}
	return times
}

func (m *memory) unfinished() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.uploads)
}

func (m *memory) wantObject(t *testing.T, key string, want []byte) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if object, there := m.objects[key]; !there || !bytes.Equal(object.data, want) {
		t.Errorf("object %s: there %v, %d bytes that should be equal to %d", key, there, len(object.data), len(want))
	}
}
