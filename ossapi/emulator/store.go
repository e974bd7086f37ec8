package emulator

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// store is everything the server keeps: an index in memory over the files of disk.go. One lock guards it all; under it there are
// only short steps (a rename, a small JSON), never the bytes of a body.
type store struct {
	root string
	crc  crcCombiner

	mu      sync.RWMutex
	seq     uint64 // the highest number given to a part or object
	buckets map[string]*bucket
	zeroMD5 map[int64]string // by size, of seeded parts
}

type bucket struct {
	name     string
	created  time.Time
	dir      string
	objects  index[*object]
	uploads  index[*upload]
	uploadBy map[string]*upload
}

// bucketRecord is bucket.json.
type bucketRecord struct{ Created time.Time }

// object is a stored object. Its record never changes; the rest is guarded by store.mu.
type object struct {
	objectRecord
	dir     string
	readers int
	dead    bool // replaced or deleted; its files go with the last reader
}

// objectRecord is object.json.
type objectRecord struct {
	Key        string
	Seq        uint64 // of two objects of one key, which only a crash leaves, the higher is the object
	Type       string // Normal or Multipart
	Modified   time.Time
	Size       int64
	ETag       string
	ContentMD5 string `json:",omitempty"` // base64, where the MD5 of the whole is known
	CRC        uint64 `json:",string"`
	HasCRC     bool
	ACL        string
	Attributes attributes
	Segments   []segment
}

// upload is a multipart upload; parts and state are guarded by store.mu.
type upload struct {
	uploadRecord
	bucket *bucket
	dir    string
	parts  index[*part]
	state  uploadState
}

// uploadRecord is upload.json.
type uploadRecord struct {
	Key        string
	UploadID   string
	Initiated  time.Time
	Sequential bool
	Attributes attributes
}

type uploadState int

const (
	uploadOpen uploadState = iota
	uploadAborted
	uploadCompleted
)

func newBucket(root, name string, created time.Time) *bucket {
	return &bucket{
		name: name, created: created, dir: filepath.Join(root, bucketsDir, name),
		objects:  index[*object]{compare: func(a, b *object) int { return strings.Compare(a.Key, b.Key) }},
		uploads:  index[*upload]{compare: compareUploads},
		uploadBy: make(map[string]*upload),
	}
}

func newUpload(b *bucket, record uploadRecord) *upload {
	return &upload{
		uploadRecord: record, bucket: b, dir: filepath.Join(b.dir, uploadsDir, record.UploadID),
		parts: index[*part]{compare: func(a, b *part) int { return cmp.Compare(a.number, b.number) }},
	}
}

// compareUploads is the order of ListMultipartUploads: by key, then by upload id.
func compareUploads(a, b *upload) int {
	return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.UploadID, b.UploadID))
}

// bucket finds a bucket; the caller holds st.mu.
func (st *store) bucket(name string) (*bucket, error) {
	b := st.buckets[name]
	if b == nil {
		return nil, errNoSuchBucket(name)
	}
	return b, nil
}

// object finds an object, nil when there is none; the caller holds the store's lock.
func (b *bucket) object(key string) *object {
	at, found := slices.BinarySearchFunc(b.objects.items, key, func(o *object, key string) int { return strings.Compare(o.Key, key) })
	if !found {
		return nil
	}
	return b.objects.items[at]
}

// part finds a part by its number, nil when there is none; the caller holds the store's lock.
func (u *upload) part(number int) *part {
	at, found := slices.BinarySearchFunc(u.parts.items, number, func(p *part, n int) int { return cmp.Compare(p.number, n) })
	if !found {
		return nil
	}
	return u.parts.items[at]
}

func (u *upload) partPath(p *part) string { return filepath.Join(u.dir, p.fileName()) }

// upload finds an open upload. op picks the EC of the refusal.
func (st *store) upload(bucketName, key, uploadID string, op Op) (*upload, error) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	return st.uploadLocked(bucketName, key, uploadID, op)
}

func (st *store) uploadLocked(bucketName, key, uploadID string, op Op) (*upload, error) {
	b, err := st.bucket(bucketName)
	if err != nil {
		return nil, err
	}
	u := b.uploadBy[uploadID]
	if u == nil || u.Key != key {
		return nil, errNoSuchUpload(op, uploadID)
	}
	return u, nil
}

// nextSeq gives the next number of a part or object; the caller holds st.mu for writing.
func (st *store) nextSeq() uint64 {
	st.seq++
	return st.seq
}
