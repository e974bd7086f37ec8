package transfer_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"partway/model"
	"partway/ossapi/emulator"
	"partway/transfer"
)

// seed leaves an unfinished upload in the bucket, with parts of 100 KiB of the given numbers.
func (w *world) seed(key string, started time.Time, numbers ...int) model.Ref {
	w.t.Helper()
	seed := emulator.Seed{Bucket: bucket, Key: key, Initiated: started}
	for _, n := range numbers {
		seed.Parts = append(seed.Parts, emulator.SeedPart{Number: n, Size: model.MinPartSize, Modified: started.Add(time.Duration(n) * time.Minute),
			Body: bytes.NewReader(content(kib100, uint64(n)))})
	}
	id, err := w.server.SeedUpload(seed)
	if err != nil {
		w.t.Fatal(err)
	}
	return model.Ref{Bucket: bucket, Key: key, UploadID: id}
}

func (w *world) viewing() *running {
	w.view = transfer.View{Place: w.place, MeasuresPerSecond: 1e6}
	return w.engine()
}

func TestBucketOnViewIsListedAndMeasured(t *testing.T) {
	w := newWorld(t)
	start := time.Now().Add(-48 * time.Hour).UTC().Truncate(time.Second)
	w.seed("a/gaps", start, 1, 2, 5)
	w.seed("b/empty", start)
	w.seed("c/whole", start, 1, 2, 3)
	if err := w.server.SeedObject(bucket, "c/whole", bytes.NewReader([]byte("newer")), time.Now()); err != nil {
		t.Fatal(err)
	}
	e := w.viewing()
	s := e.until("three measured uploads", func(s *model.Snapshot) bool { return s.Bucket.Measured == 3 && s.Bucket.State == model.ListWhole })
	gaps, empty, whole := s.Bucket.Uploads[0], s.Bucket.Uploads[1], s.Bucket.Uploads[2]
	if gaps.Parts != 3 || gaps.Gaps != 2 || gaps.GapList != "3-4" || gaps.Highest != 5 || gaps.Held != 3*model.MinPartSize {
		t.Errorf("gaps: %+v", gaps)
	}
	if !gaps.LastPart.Equal(start.Add(5 * time.Minute)) {
		t.Errorf("newest part at %v, want %v", gaps.LastPart, start.Add(5*time.Minute))
	}
	if empty.Parts != 0 || !empty.Measured || empty.Held != 0 {
		t.Errorf("empty: %+v", empty)
	}
	if whole.Object == nil || whole.Object.Size != 5 || !whole.ObjectAsked {
		t.Errorf("the object of a key is not seen: %+v", whole)
	}
	if s.Bucket.Held != 6*model.MinPartSize {
		t.Errorf("held %d", s.Bucket.Held)
	}
}

func TestRefreshFindsWhatCameAndWent(t *testing.T) {
	w := newWorld(t)
	gone := w.seed("gone", time.Now(), 1)
	e := w.viewing()
	e.until("the first list", func(s *model.Snapshot) bool { return s.Bucket.Measured == 1 && s.Bucket.State == model.ListWhole })
	before := e.Snapshot().Bucket.Version
	w.seed("new", time.Now(), 1, 2)
	e.do(model.Abort{Place: w.place, Refs: []model.Ref{gone}})
	wantStatus(t, e.settled(), model.StatusAborted)
	e.do(model.Refresh{})
	s := e.until("the second list", func(s *model.Snapshot) bool {
		return len(s.Bucket.Uploads) == 1 && s.Bucket.Uploads[0].Ref.Key == "new" && s.Bucket.Measured == 1
	})
	if s.Bucket.Version <= before {
		t.Errorf("version %d after %d", s.Bucket.Version, before)
	}
}

func TestPagesShowAsTheyCome(t *testing.T) {
	w := newWorld(t)
	for i := range 1001 {
		w.seed(fmt.Sprintf("k%04d", i), time.Now())
	}
	release := make(chan struct{})
	page := 0
	w.server.SetFaults(1, emulator.Fault{Op: emulator.OpListUploads, Skip: 1, Effect: emulator.Hook{Func: hold(release, &page)}})
	e := w.viewing()
	s := e.until("the first page", func(s *model.Snapshot) bool { return s.Bucket.Pages == 1 })
	if n := len(s.Bucket.Uploads); n != 1000 || s.Bucket.State != model.ListReading {
		t.Errorf("%d rows while %s", n, s.Bucket.State)
	}
	close(release)
	e.until("all rows", func(s *model.Snapshot) bool {
		return len(s.Bucket.Uploads) == 1001 && s.Bucket.State == model.ListWhole
	})
}

func TestAnotherBucketOnView(t *testing.T) {
	w := newWorld(t)
	w.seed("here", time.Now())
	if err := w.server.CreateBucket("other"); err != nil {
		t.Fatal(err)
	}
	e := w.viewing()
	first := e.until("the first bucket", func(s *model.Snapshot) bool { return len(s.Bucket.Uploads) == 1 && s.Bucket.State == model.ListWhole })
	other := w.place
	other.Bucket = "other"
	e.do(model.Look{Place: other})
	s := e.until("the other bucket", func(s *model.Snapshot) bool {
		return s.Bucket.Place.Bucket == "other" && s.Bucket.State == model.ListWhole
	})
	if len(s.Bucket.Uploads) != 0 || s.Bucket.Version <= first.Bucket.Version {
		t.Errorf("%d rows, version %d after %d", len(s.Bucket.Uploads), s.Bucket.Version, first.Bucket.Version)
	}
}

func TestDeniedListingSaysSoAndPutStillWorks(t *testing.T) {
	w := newWorld(t)
	denied := emulator.Answer{Status: 403, Code: "AccessDenied", Message: "no"}
	w.server.SetFaults(1, emulator.Fault{Op: emulator.OpListUploads, Times: -1, Effect: denied},
		emulator.Fault{Op: emulator.OpListParts, Times: -1, Effect: denied})
	e := w.viewing()
	e.until("the denial", func(s *model.Snapshot) bool { return s.Bucket.State == model.ListDenied && s.Bucket.Problem != nil })
	path := w.file("f", 5*kib100, 9)
	e.do(w.put(path, "f", model.SendOptions{PartSize: model.MinPartSize}))
	wantStatus(t, e.settled(), model.StatusDone)
	w.wantObject("f", path)
}
