package emulator

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
)

// segment is one file of an object, in the order of its bytes. An object of many parts is the list of its part files: Complete
// copies nothing, and an object of 48 GiB needs no more than the list.
type segment struct {
	File string
	Kind bodyKind
	Size int64
}

// objectReader reads an object through its manifest. It opens one file at a time, so that 10 000 segments cost one descriptor.
type objectReader struct {
	dir      string
	segments []segment
	ends     []int64 // ends[i] is the offset behind segment i
	size     int64
	offset   int64

	open    *os.File
	openAt  int // the segment that open belongs to
	release func()
}

// errBytesDiscarded is the answer to reading what a sink swallowed.
var errBytesDiscarded = errNotDone("The emulator runs as a sink: the bytes of this object were discarded.")

func newObjectReader(dir string, segments []segment, release func()) *objectReader {
	r := &objectReader{dir: dir, segments: segments, ends: make([]int64, len(segments)), release: release}
	for i, seg := range segments {
		r.size += seg.Size
		r.ends[i] = r.size
	}
	return r
}

// Read reads from the current offset.
func (r *objectReader) Read(p []byte) (int, error) {
	if r.offset >= r.size {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	i := sort.Search(len(r.ends), func(i int) bool { return r.ends[i] > r.offset })
	p = p[:min(int64(len(p)), r.ends[i]-r.offset)]
	n, err := r.readSegment(i, p)
	r.offset += int64(n)
	return n, err
}

func (r *objectReader) readSegment(i int, p []byte) (int, error) {
	seg := r.segments[i]
	switch seg.Kind {
	case bodyZeros:
		clear(p)
		return len(p), nil
	case bodyDiscarded:
		return 0, errBytesDiscarded
	}
	if r.open == nil || r.openAt != i {
		if err := r.closeFile(); err != nil {
			return 0, err
		}
		f, err := os.Open(filepath.Join(r.dir, seg.File))
		if err != nil {
			return 0, err
		}
		r.open, r.openAt = f, i
	}
	n, err := r.open.ReadAt(p, r.offset-(r.ends[i]-seg.Size))
	if err == io.EOF {
		if n == len(p) {
			return n, nil
		}
		return n, fmt.Errorf("%s is shorter than its manifest says: %w", seg.File, io.ErrUnexpectedEOF)
	}
	return n, err
}

// Seek follows io.Seeker.
func (r *objectReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.offset
	case io.SeekEnd:
		offset += r.size
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek to %d: %w", offset, fs.ErrInvalid)
	}
	r.offset = offset
	return offset, nil
}

// Close gives the object back; it may then be removed.
func (r *objectReader) Close() error {
	err := r.closeFile()
	if r.release != nil {
		r.release()
		r.release = nil
	}
	return err
}

func (r *objectReader) closeFile() error {
	if r.open == nil {
		return nil
	}
	err := r.open.Close()
	r.open = nil
	return err
}

// reader opens an object against removal; the caller holds st.mu for writing.
func (st *store) reader(o *object) *objectReader {
	o.readers++
	return newObjectReader(o.dir, o.Segments, func() {
		st.mu.Lock()
		o.readers--
		gone := o.dead && o.readers == 0
		st.mu.Unlock()
		if gone {
			_ = os.RemoveAll(o.dir) // without its object.json the rest is swept at the next start
		}
	})
}

// bury takes an object out of sight for good; the caller holds st.mu for writing and runs the returned function without it.
func (st *store) bury(o *object) (sweep func(), err error) {
	if err := os.Remove(filepath.Join(o.dir, objectFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	o.dead = true
	if o.readers > 0 {
		return func() {}, nil
	}
	return func() { _ = os.RemoveAll(o.dir) }, nil
}
