package emulator

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// openStore reads the index back from disk and sweeps away what a crash left half made.
func openStore(root string) (*store, error) {
	st := &store{root: root, buckets: make(map[string]*bucket), zeroMD5: make(map[int64]string)}
	if err := os.RemoveAll(filepath.Join(root, tempDir)); err != nil {
		return nil, err
	}
	for _, dir := range []string{bucketsDir, tempDir} {
		if err := os.MkdirAll(filepath.Join(root, dir), dirMode); err != nil {
			return nil, err
		}
	}
	entries, err := os.ReadDir(filepath.Join(root, bucketsDir))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !validBucketName(e.Name()) {
			continue
		}
		b, err := st.loadBucket(e.Name())
		if errors.Is(err, fs.ErrNotExist) {
			continue // a stray directory without bucket.json
		}
		if err != nil {
			return nil, err
		}
		st.buckets[b.name] = b
	}
	return st, nil
}

func (st *store) loadBucket(name string) (*bucket, error) {
	var record bucketRecord
	b := newBucket(st.root, name, time.Time{})
	if err := readJSON(filepath.Join(b.dir, bucketFile), &record); err != nil {
		return nil, err
	}
	b.created = record.Created
	if err := st.loadObjects(b); err != nil {
		return nil, err
	}
	return b, st.loadUploads(b)
}

func (st *store) loadObjects(b *bucket) error {
	dirs, err := os.ReadDir(filepath.Join(b.dir, objectsDir))
	if err != nil {
		return err
	}
	newest := make(map[string]*object)
	for _, d := range dirs {
		o := &object{dir: filepath.Join(b.dir, objectsDir, d.Name())}
		err := readJSON(filepath.Join(o.dir, objectFile), &o.objectRecord)
		if errors.Is(err, fs.ErrNotExist) { // deleted while somebody read it
			if err := os.RemoveAll(o.dir); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		st.seq = max(st.seq, o.Seq)
		stale := o
		if rival := newest[o.Key]; rival == nil || rival.Seq < o.Seq {
			stale, newest[o.Key] = rival, o
		}
		if stale != nil {
			if err := os.RemoveAll(stale.dir); err != nil {
				return err
			}
		}
	}
	objects := make([]*object, 0, len(newest))
	for _, o := range newest {
		objects = append(objects, o)
	}
	b.objects.bulk(objects)
	return nil
}

func (st *store) loadUploads(b *bucket) error {
	dirs, err := os.ReadDir(filepath.Join(b.dir, uploadsDir))
	if err != nil {
		return err
	}
	var uploads []*upload
	for _, d := range dirs {
		var record uploadRecord
		dir := filepath.Join(b.dir, uploadsDir, d.Name())
		err := readJSON(filepath.Join(dir, uploadFile), &record)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		u := newUpload(b, record)
		if err := st.loadParts(u); err != nil {
			return err
		}
		uploads = append(uploads, u)
		b.uploadBy[u.UploadID] = u
	}
	b.uploads.bulk(uploads)
	return nil
}

func (st *store) loadParts(u *upload) error {
	files, err := os.ReadDir(u.dir)
	if err != nil {
		return err
	}
	newest := make(map[int]*part)
	for _, f := range files {
		p, ok := parsePartName(f.Name())
		if !ok {
			continue
		}
		st.seq = max(st.seq, p.seq)
		stale := p
		if rival := newest[p.number]; rival == nil || rival.seq < p.seq {
			stale, newest[p.number] = rival, p
		}
		if stale != nil {
			if err := os.Remove(u.partPath(stale)); err != nil {
				return err
			}
		}
	}
	parts := make([]*part, 0, len(newest))
	for _, p := range newest {
		parts = append(parts, p)
	}
	u.parts.bulk(parts)
	return nil
}
