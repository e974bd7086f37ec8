package transfer_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"partway/model"
	"partway/ossapi/emulator"
	"partway/transfer"
)

// counted is a file of the disk that knows how much of it was read.
type counted struct {
	*transfer.File
	read *atomic.Int64
}

func (c counted) ReadAt(p []byte, offset int64) (int, error) {
	n, err := c.File.ReadAt(p, offset)
	c.read.Add(int64(n))
	return n, err
}

// counting has the world's engine count what it reads.
func (w *world) counting() *atomic.Int64 {
	var read atomic.Int64
	w.openFile = func(path string) (transfer.Source, error) {
		source, err := transfer.OpenFile(path)
		if err != nil {
			return nil, err
		}
		return counted{File: source.(*transfer.File), read: &read}, nil
	}
	return &read
}

// sparse makes a file of holes with some islands of data in it, by offset. The test is skipped where there are no such files.
func sparse(t *testing.T, dir string, size int64, islands map[int64][]byte) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("holes are looked for on Linux only")
	}
	path := filepath.Join(dir, "sparse")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(size); err != nil {
		t.Skipf("the disk takes no file of %s: %v", model.FormatSize(size), err)
	}
	for at, data := range islands {
		if _, err := f.WriteAt(data, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(path, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	return path
}

// A sparse file becomes an object with every byte of it, and its holes are read once at most: for sending, and not for hashing.
func TestSparseFileIsReadWhereItHasData(t *testing.T) {
	const size, partSize = 64<<20 + 77, 4 << 20
	path := sparse(t, t.TempDir(), size, map[int64][]byte{9 << 20: content(100_000, 1), 33<<20 + 5: content(10, 2), size - 1: {7}})
	w := newWorld(t)
	read := w.counting()
	e := w.engine()
	e.do(w.put(path, "k", model.SendOptions{PartSize: partSize}))
	wantStatus(t, e.settled(), model.StatusDone)
	w.wantObject("k", path)
	// Three of the parts have data and are read to be hashed as well, but for their holes beyond a MiB.
	if got := read.Load(); got < size || got > size+3*2<<20 {
		t.Errorf("%d bytes were read of a file of %d", got, size)
	}
	read.Store(0)
	e.do(model.Verify{Place: w.place, Key: "k", Path: path})
	wantStatus(t, e.settled(), model.StatusDone)
	if got := read.Load(); got > 4<<20 {
		t.Errorf("to verify it %d bytes were read, and nearly all of it is holes", got)
	}
}

// The largest file that the service can hold is planned, compared and started at once where it is a hole. PARTWAY_LONG takes the
// service's 48.8 TB instead of one TiB, which every file system of Linux can have; the sum of 5 GiB of zeros takes some seconds.
func TestSparseFileOfManyTerabytes(t *testing.T) {
	size, dir := int64(1<<40), t.TempDir()
	if os.Getenv("PARTWAY_LONG") != "" {
		size = model.MaxPartNumber * model.MaxPartSize
		shm, err := os.MkdirTemp("/dev/shm", "partway-test-")
		if err != nil {
			t.Skip("no file system for such a file: ", err)
		}
		t.Cleanup(func() { os.RemoveAll(shm) })
		dir = shm
	}
	partSize := (size + model.MaxPartNumber - 1) / model.MaxPartNumber
	island := content(5000, 3)
	path := sparse(t, dir, size, map[int64][]byte{2*partSize + 12345: island})

	w := newWorld(t)
	seed := emulator.Seed{Bucket: bucket, Key: "k"}
	missing := map[int]bool{3: true, 5000: true, 9999: true}
	for number := 1; int64(number-1)*partSize < size; number++ {
		if !missing[number] {
			seed.Parts = append(seed.Parts, emulator.SeedPart{Number: number, Size: min(partSize, size-int64(number-1)*partSize)})
		}
	}
	id, err := w.server.SeedUpload(seed)
	if err != nil {
		t.Fatal(err)
	}
	read := w.counting()
	e := w.engine()
	ref := model.Ref{Bucket: bucket, Key: "k", UploadID: id}
	e.do(model.Compare{Place: w.place, Ref: ref, Path: path})
	compared := wantStatus(t, e.settled(), model.StatusCompared).Comparison
	if want := (model.Comparison{Equal: len(seed.Parts), Missing: 3, ToSend: 3 * partSize}); *compared != want {
		t.Errorf("compared: %+v, want %+v", *compared, want)
	}
	if got := read.Load(); got != 0 {
		t.Errorf("%d bytes of holes were read to compare them", got)
	}
	e.do(model.Adopt{Place: w.place, Ref: ref, Path: path})
	s := e.until("a missing part to be on its way", func(s *model.Snapshot) bool {
		return s.Jobs[len(s.Jobs)-1].BytesRun > 0 || s.Jobs[len(s.Jobs)-1].Problem != nil
	})
	j := s.Jobs[len(s.Jobs)-1]
	if j.Problem != nil || j.PartsDone != len(seed.Parts) {
		t.Fatalf("%d parts are kept, want %d: %v", j.PartsDone, len(seed.Parts), j.Problem)
	}
	for _, p := range j.InFlight {
		if !missing[p.Number] {
			t.Errorf("part %d is sent, and it is in the bucket", p.Number)
		}
	}
	e.do(model.Pause{Jobs: []model.JobID{j.ID}, Now: true})
	e.settled()
	t.Logf("%s in %d parts: compared without reading a byte", model.FormatSize(size), len(seed.Parts)+3)
}

// A file that was written to a moment ago is read from end to end: not every file system knows its holes by then.
func TestHolesOfAFreshFileAreNotBelieved(t *testing.T) {
	path := sparse(t, t.TempDir(), 3<<20, nil)
	if err := os.Chtimes(path, time.Time{}, time.Now()); err != nil {
		t.Fatal(err)
	}
	source, err := transfer.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	if got := source.(*transfer.File).NextData(0); got != 0 {
		t.Errorf("a hole up to %d is believed", got)
	}
}

// A file that shrinks has not grown a hole.
func TestSparseFileThatShrank(t *testing.T) {
	w := newWorld(t)
	path := sparse(t, t.TempDir(), 3<<20, nil)
	w.openFile = func(path string) (transfer.Source, error) {
		source, err := transfer.OpenFile(path)
		if err != nil {
			return nil, err
		}
		return source, os.Truncate(path, 1<<20)
	}
	source, err := w.openFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	if got := source.(*transfer.File).NextData(2 << 20); got != 2<<20 {
		t.Errorf("data after the end is said to begin at %d", got)
	}
	if got := source.(*transfer.File).NextData(0); got != 1<<20 {
		t.Errorf("the hole is said to end at %d", got)
	}
	if _, err := source.ReadAt(make([]byte, 1), 2<<20); !errors.Is(err, io.EOF) {
		t.Errorf("read after the end: %v", err)
	}
}

// Where ETags have the form of MD5 sums and are none (KMS), the CRC-64 decides, and only the first part is read twice to learn that.
func TestETagsThatAreNoMD5AreLearnedOnce(t *testing.T) {
	const parts = 400
	data := content(parts*kib100, 5)
	w := newWorld(t)
	path := w.file("data", len(data), 5)
	seed := emulator.Seed{Bucket: bucket, Key: "k"}
	for i := range parts {
		seed.Parts = append(seed.Parts, emulator.SeedPart{Number: i + 1, Body: bytes.NewReader(data[i*kib100 : (i+1)*kib100]), ETag: "00112233445566778899aabbccddeeff"})
	}
	id, err := w.server.SeedUpload(seed)
	if err != nil {
		t.Fatal(err)
	}
	read := w.counting()
	e := w.engine()
	e.do(model.Compare{Place: w.place, Ref: model.Ref{Bucket: bucket, Key: "k", UploadID: id}, Path: path})
	if got := *wantStatus(t, e.settled(), model.StatusCompared).Comparison; got.Equal != parts {
		t.Errorf("%+v, want %d equal", got, parts)
	}
	// As many parts as there are lanes can be on their way before the first has told.
	if got, most := read.Load(), int64(len(data)+128*kib100); got > most {
		t.Errorf("%d bytes were read to compare %d", got, len(data))
	}
}
