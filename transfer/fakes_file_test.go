package transfer_test

import (
	"context"
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"partway/model"
	"partway/transfer"
)

// disk is local files in memory.
type disk struct {
	mu    sync.Mutex
	files map[string]*memoryFile
}

func newDisk() *disk { return &disk{files: map[string]*memoryFile{}} }

// memoryFile is the content and identity of a file; reads counts the bytes read of it.
type memoryFile struct {
	print model.Fingerprint
	data  []byte
	reads atomic.Int64
}

func (d *disk) add(path string, data []byte) *memoryFile {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := &memoryFile{data: data, print: model.Fingerprint{Path: path, Device: 1, Inode: uint64(len(d.files) + 1), Size: int64(len(data)), ModTime: time.Unix(1e9, 0).UTC()}}
	d.files[path] = f
	return f
}

func (d *disk) open(path string) (transfer.Source, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[path]
	if f == nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return f, nil
}

func (f *memoryFile) ReadAt(p []byte, offset int64) (int, error) {
	n := copy(p, f.data[min(offset, int64(len(f.data))):])
	f.reads.Add(int64(n))
	if n < len(p) {
		return n, fs.ErrInvalid
	}
	return n, nil
}

func (f *memoryFile) Fingerprint() (model.Fingerprint, error) { return f.print, nil }
func (f *memoryFile) Close() error                            { return nil }

// still is an engine on a service and files in memory, for virtual time. Call it inside the bubble; close it before its end.
type still struct {
	*running
	memory *memory
	disk   *disk
	place  model.Place
}

func newStill(t *testing.T, change func(*transfer.Options)) *still {
	t.Helper()
	s := &still{memory: newMemory(), disk: newDisk(), place: model.Place{Bucket: bucket}}
	options := transfer.Options{OpenFile: s.disk.open,
		Open: func(context.Context, model.Place) (transfer.Store, error) { return s.memory, nil }}
	if change != nil {
		change(&options)
	}
	engine, err := transfer.New(options)
	if err != nil {
		t.Fatal(err)
	}
	s.running = &running{Engine: engine, t: t, patience: 1000 * time.Hour}
	return s
}

// file adds a local file and returns the command that puts it.
func (s *still) file(name string, size int, send model.SendOptions) model.Enqueue {
	s.disk.add("/"+name, content(size, uint64(len(name))))
	send.NoMD5 = true // see memoryPart
	return model.Enqueue{Files: []model.EnqueueFile{{Path: "/" + name, Place: s.place, Key: name, Send: send}}}
}

// job is the state of the job of a key.
func job(s *model.Snapshot, key string) model.Job {
	for _, j := range s.Jobs {
		if j.Ref.Key == key {
			return j
		}
	}
	return model.Job{}
}

// id is the job of a key.
func (s *still) id(key string) model.JobID { return job(s.Snapshot(), key).ID }

// at waits until the job of a key has a status.
func (s *still) at(key string, status model.Status) model.Job {
	s.t.Helper()
	return job(s.until(key+" to be "+string(status), func(snap *model.Snapshot) bool { return job(snap, key).Status == status }), key)
}

func hourLater() time.Time { return time.Now().Add(time.Hour) }

func contextFor(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}
