package state

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"partway/model"
)

// faultyFS fails operations from the n-th on: one of them, or all until disarmed.
type faultyFS struct {
	Disk
	mu     sync.Mutex
	armed  bool
	left   int // operations until the first failure
	err    error
	short  int  // bytes that a failing write writes all the same
	always bool // all that follow fail too
	hits   int
}

func (f *faultyFS) arm(n int, err error, short int, always bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed, f.left, f.err, f.short, f.always, f.hits = true, n, err, short, always, 0
}

func (f *faultyFS) disarm() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed = false
}

func (f *faultyFS) fired() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hits > 0
}

func (f *faultyFS) fault() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.armed {
		return nil
	}
	f.left--
	if f.left == 0 || f.left < 0 && f.always {
		f.hits++
		return f.err
	}
	return nil
}

func (f *faultyFS) OpenFile(path string, flag int) (*os.File, error) {
	if err := f.fault(); err != nil {
		return nil, err
	}
	return f.Disk.OpenFile(path, flag)
}

func (f *faultyFS) WriteAt(file *os.File, p []byte, off int64) (int, error) {
	if err := f.fault(); err != nil {
		n, _ := f.Disk.WriteAt(file, p[:min(f.short, len(p))], off)
		if errors.Is(err, errShort) {
			err = nil
		}
		return n, err
	}
	return f.Disk.WriteAt(file, p, off)
}

func (f *faultyFS) Truncate(file *os.File, size int64) error {
	if err := f.fault(); err != nil {
		return err
	}
	return f.Disk.Truncate(file, size)
}

func (f *faultyFS) Sync(file *os.File) error {
	if err := f.fault(); err != nil {
		return err
	}
	return nil // the disk itself is not what is tested, and slow
}

func (f *faultyFS) Rename(from, to string) error {
	if err := f.fault(); err != nil {
		return err
	}
	return f.Disk.Rename(from, to)
}

func (f *faultyFS) Link(from, to string) error {
	if err := f.fault(); err != nil {
		return err
	}
	return f.Disk.Link(from, to)
}

func (f *faultyFS) Remove(path string) error {
	if err := f.fault(); err != nil {
		return err
	}
	return f.Disk.Remove(path)
}

// errShort makes a write that is short and says nothing.
var errShort = errors.New("short write")

// Whatever operation fails, in whatever way: what Append acknowledged is read by another process, nothing else is, the error is
// visible until all is written, and all is there in the end.
func TestEveryOperationFails(t *testing.T) {
	records := []model.Record{intent("key"), kind(model.RecordInitiating), initiated("id"), part(1), part(2), kind(model.RecordPaused), part(3), kind(model.RecordResumed)}
	for _, cause := range []error{syscall.ENOSPC, syscall.EIO, syscall.EROFS, errShort} {
		for _, short := range []int{0, 40, 100} {
			for _, always := range []bool{false, true} {
				t.Run(fmt.Sprintf("%v,%d,%v", cause, short, always), func(t *testing.T) {
					for op := 1; failFrom(t, records, op, cause, short, always); op++ {
					}
				})
			}
		}
	}
}

func failFrom(t *testing.T, records []model.Record, op int, cause error, short int, always bool) (fired bool) {
	t.Helper()
	dir := t.TempDir()
	disk := &faultyFS{}
	s := open(t, dir, withFS(disk), func(o *Options) { o.Sync = 1 << 40 }) // no flusher: the operations stay in order
	disk.arm(op, cause, short, always)
	acknowledged := []model.Record{}
	for i, r := range records {
		err := s.Append("job", r)
		if err == nil {
			acknowledged = records[:i+1] // lines are written in order
		}
		if raw, _ := os.ReadFile(s.path("job")); !always && len(raw) > 0 && raw[len(raw)-1] != lineEnd {
			t.Fatalf("operation %d, record %d: the piece of a line was left in the file", op, i)
		}
		r := readFile(t, s)
		if len(r.records) > i+1 || len(r.records) < len(acknowledged) || r.damaged() {
			t.Fatalf("operation %d, record %d: the file holds %d records, %d were acknowledged", op, i, len(r.records), len(acknowledged))
		}
		if err != nil && s.Saving() == nil && !errors.Is(err, os.ErrExist) {
			t.Fatalf("operation %d, record %d failed silently: %v", op, i, err)
		}
	}
	fired = disk.fired()
	if fired && always && op < 4 && s.Saving() == nil {
		t.Fatalf("operation %d: nothing was saved and nothing says so", op)
	}
	disk.disarm()
	must(t, s.Append("job", part(4)))
	j, err := s.held("job")
	must(t, err)
	must(t, j.settle())
	must(t, s.Saving())
	must(t, s.Close())
	jobs, damages := load(t, open(t, dir))
	same(t, "damages", len(damages), 0)
	same(t, "job", jobs["job"], replay(t, "job", append(records[:len(records):len(records)], part(4))...))
	return fired
}

// readFile reads the file of the job as another process would.
func readFile(t testing.TB, s *Store) *reading {
	t.Helper()
	data, err := os.ReadFile(s.path("job"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	data = data[:bytes.LastIndexByte(data, lineEnd)+1] // a piece behind it is what a crash would leave
	return read("job", data)
}

func TestFlusherTriesAgain(t *testing.T) {
	disk := &faultyFS{}
	s := open(t, t.TempDir(), withFS(disk))
	disk.arm(1, syscall.ENOSPC, 0, true)
	if err := s.Append("job", intent("key")); !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if err := s.Append("job", initiated("id")); !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if err := s.Saving(); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "job") {
		t.Fatal(err)
	}
	jobs, _ := load(t, s) // from memory
	same(t, "upload id", jobs["job"].UploadID, "id")
	disk.disarm()
	eventually(t, "saved without another Append", func() bool { return s.Saving() == nil })
	same(t, "records", len(readFile(t, s).records), 2)
}

func TestUnsavedIsBounded(t *testing.T) {
	disk := &faultyFS{}
	s := open(t, t.TempDir(), withFS(disk), func(o *Options) { o.Sync = 1 << 40 })
	must(t, s.Append("job", intent("key")))
	disk.arm(1, syscall.ENOSPC, 10, true)
	for n := range 7_500 {
		if s.Append("job", part(n+1)) == nil {
			t.Fatal("written to a full disk")
		}
		if n == 100 && s.Append("job", initiated("id")) == nil {
			t.Fatal("written to a full disk")
		}
	}
	j, err := s.held("job")
	must(t, err)
	size := 0
	for _, l := range j.unsaved {
		size += len(l.text)
	}
	if size > maxUnsaved || size < maxUnsaved/2 {
		t.Errorf("%d bytes are kept", size)
	}
	disk.disarm()
	must(t, s.Append("job", kind(model.RecordPaused)))
	r := readFile(t, s)
	if r.damaged() || r.records[1].Kind != model.RecordInitiated || r.records[len(r.records)-1].Kind != model.RecordPaused {
		t.Errorf("%d records, damaged: %v, the second is %+v", len(r.records), r.damaged(), r.records[1])
	}
}

func TestReleaseKeepsWhatIsUnsaved(t *testing.T) {
	disk := &faultyFS{}
	s := open(t, t.TempDir(), withFS(disk), func(o *Options) { o.Sync = 1 << 40 })
	must(t, s.Append("job", intent("key")))
	disk.arm(1, syscall.ENOSPC, 0, true)
	if s.Append("job", part(1)) == nil || s.Release("job") == nil {
		t.Fatal("written to a full disk")
	}
	disk.disarm()
	must(t, s.Release("job"))
	same(t, "records", len(readFile(t, s).records), 2)
	_, err := s.Claim("job")
	must(t, err)
	disk.arm(1, syscall.ENOSPC, 0, true)
	if s.Append("job", part(2)) == nil {
		t.Fatal("written to a full disk")
	}
	if err := s.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	disk.disarm()
	_, err = open(t, filepath.Dir(s.uploads)).Claim("job") // let go all the same
	must(t, err)
}

// Whatever fails while a journal is mended, its good lines stay and are read.
func TestMendFails(t *testing.T) {
	for op := 1; ; op++ {
		disk := &faultyFS{}
		s := open(t, t.TempDir(), withFS(disk))
		data := encode(t, story(5)...)
		data[len(data)-200] ^= 1
		plant(t, s, "job", data)
		want := replay(t, "job", read("job", data).records...)
		disk.arm(op, syscall.ENOSPC, 7, true)
		jobs, damages := load(t, s)
		fired := disk.fired()
		same(t, fmt.Sprintf("job, operation %d", op), jobs["job"], want)
		same(t, "damages", len(damages), 1)
		disk.disarm()
		_, err := s.Claim("job")
		must(t, err)
		must(t, s.Append("job", kind(model.RecordPaused)))
		must(t, s.Close())
		jobs, damages = load(t, open(t, filepath.Dir(s.uploads)))
		want.Paused, want.Touched = true, epoch
		same(t, "job after", jobs["job"], want)
		same(t, "damages after", len(damages), 0)
		if strings.Count(files(t, s), ".bad-") != 1 || strings.Contains(files(t, s), newSuffix) {
			t.Fatalf("operation %d: %s", op, files(t, s))
		}
		if !fired {
			return
		}
	}
}
