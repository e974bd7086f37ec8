package transfer_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"partway/model"
	"partway/ossapi/emulator"
	"partway/transfer"
)

func TestCompareChangesNothing(t *testing.T) {
	w := newWorld(t)
	path := w.file("data", 6*kib100+77, 3)
	data := content(6*kib100+77, 3)
	other := content(kib100, 99)
	id, err := w.server.SeedUpload(emulator.Seed{Bucket: bucket, Key: "k", Initiated: time.Now(), Parts: []emulator.SeedPart{
		{Number: 1, Size: model.MinPartSize, Body: bytes.NewReader(data[:kib100])},
		{Number: 2, Size: model.MinPartSize, Body: bytes.NewReader(other)},
		{Number: 3, Size: model.MinPartSize, Body: bytes.NewReader(data[2*kib100 : 3*kib100]), ETag: "no-md5", NoCRC: true},
		{Number: 5, Size: model.MinPartSize, Body: bytes.NewReader(data[4*kib100 : 5*kib100]), ETag: "no-md5"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	e := w.engine()
	ref := model.Ref{Bucket: bucket, Key: "k", UploadID: id}
	e.do(model.Compare{Place: w.place, Ref: ref, Path: path})
	j := wantStatus(t, e.settled(), model.StatusCompared)
	want := model.Comparison{Equal: 2, Differ: 1, Silent: 1, Missing: 3, ToSend: 4*model.MinPartSize + 77}
	if j.Comparison == nil || *j.Comparison != want {
		t.Errorf("comparison %+v, want %+v", j.Comparison, want)
	}
	for _, r := range w.server.Requests() {
		switch r.Op {
		case emulator.OpListParts:
		default:
			t.Errorf("a comparison sent %s", r.Op)
		}
	}
	if saved := e.Saved(); len(saved) != 0 {
		t.Errorf("a comparison left %d journals", len(saved))
	}
}

func TestLinkSaysOfflineAndBack(t *testing.T) {
	w := newWorld(t)
	path := w.file("data", 3*kib100, 3)
	w.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, Times: -1, Effect: emulator.ResetBody{}})
	e := w.engine()
	e.do(w.put(path, "k", model.SendOptions{PartSize: model.MinPartSize}))
	s := e.until("the link to be down", func(s *model.Snapshot) bool { return !s.Link.OfflineSince.IsZero() && !s.Link.NextTry.IsZero() })
	if s.Link.OfflineWhy == "" {
		t.Error("it does not say why")
	}
	w.server.SetFaults(1)
	wantStatus(t, e.settled(), model.StatusDone)
	if s := e.Snapshot(); !s.Link.OfflineSince.IsZero() {
		t.Errorf("still offline since %v", s.Link.OfflineSince)
	}
}

// To be rid of a comparison is not to abort the upload it looked at.
func TestAbortOfAComparisonLeavesTheUpload(t *testing.T) {
	w := newWorld(t)
	ref := w.seed("k", time.Now(), 1, 2)
	missing := model.Compare{Place: w.place, Ref: ref, Path: w.file("other", kib100/2, 3)}
	e := w.engine()
	e.do(missing)
	jobs := e.settled()
	e.do(model.Abort{Place: w.place, Jobs: []model.JobID{jobs[0].ID}})
	e.settled()
	if n := w.server.UploadCount(bucket); n != 1 {
		t.Errorf("%d uploads are left, want 1", n)
	}
}

// A comparison that failed is in nobody's way: it is not counted, its key can be sent to, it is not run again unasked, and it can be
// taken off the list.
func TestFailedComparisonIsInNobodysWay(t *testing.T) {
	w := newWorld(t)
	path := w.file("data", kib100, 3)
	ref := w.seed("k", time.Now(), 1)
	w.server.SetFaults(1, emulator.Fault{Op: emulator.OpListParts, Times: -1, Effect: emulator.Answer{Status: 403, Code: "AccessDenied"}})
	e := w.engine()
	e.do(model.Compare{Place: w.place, Ref: ref, Path: path})
	if j := wantStatus(t, e.settled(), model.StatusFailed); j.Kind != model.JobCompare {
		t.Errorf("the kind of a comparison is %q", j.Kind)
	}
	if totals := e.Snapshot().Totals; totals.Failed != 0 {
		t.Errorf("it is counted as a failed upload: %+v", totals)
	}
	e.do(w.put(path, "k", model.SendOptions{}))
	before := len(w.server.Requests())
	e.do(model.GoAll{})
	jobs := e.settled()
	wantStatus(t, jobs[1:], model.StatusDone)
	for _, r := range w.server.Requests()[before:] {
		if r.Op == emulator.OpListParts {
			t.Error("it was run again with everything else")
		}
	}
	e.do(model.ClearFinished{})
	if left := e.Snapshot().Jobs; len(left) != 0 {
		t.Errorf("%d jobs stay on the list, want none", len(left))
	}
}

// How far a comparison is counts in bytes too, each of them once, holes and parts that were read twice included.
func TestComparingIsCountedInBytes(t *testing.T) {
	const size, partSize = 8 << 20, 1 << 20
	path := sparse(t, t.TempDir(), size, map[int64][]byte{0: content(3*partSize, 8)})
	w := newWorld(t)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seed := emulator.Seed{Bucket: bucket, Key: "k"}
	for i := range size / partSize {
		seed.Parts = append(seed.Parts, emulator.SeedPart{Number: i + 1, Body: bytes.NewReader(data[i*partSize : (i+1)*partSize]), ETag: "00112233445566778899aabbccddeeff"})
	}
	id, err := w.server.SeedUpload(seed)
	if err != nil {
		t.Fatal(err)
	}
	held := make(chan struct{})
	w.openFile = func(path string) (transfer.Source, error) {
		source, err := transfer.OpenFile(path)
		return lastByteHeld{source, held}, err
	}
	e := w.engine()
	e.do(model.Compare{Place: w.place, Ref: model.Ref{Bucket: bucket, Key: "k", UploadID: id}, Path: path})
	e.until("everything but a piece to be compared", func(s *model.Snapshot) bool {
		j := s.Jobs[0]
		return j.Status == model.StatusMatching && j.ToCompareBytes == size && j.Compared == j.ToCompare-1 && j.ComparedBytes >= size-partSize && j.ComparedBytes < size
	})
	close(held)
	wantStatus(t, e.settled(), model.StatusCompared)
}

// lastByteHeld is a file whose first part cannot be read to its end before held is closed.
type lastByteHeld struct {
	transfer.Source
	held <-chan struct{}
}

func (l lastByteHeld) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 1<<20 && offset+int64(len(p)) >= 1<<20 {
		<-l.held
	}
	return l.Source.ReadAt(p, offset)
}

func (l lastByteHeld) NextData(offset int64) int64 {
	return l.Source.(transfer.DataFinder).NextData(offset)
}
