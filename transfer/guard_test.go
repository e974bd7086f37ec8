package transfer_test

import (
	"context"
	"strings"
	"testing"

	"partway/model"
	"partway/ossapi"
	"partway/transfer"
)

// broken is a store with a defect in one call.
type broken struct{ transfer.Store }

func (b broken) UploadPart(ctx context.Context, r ossapi.UploadPartRequest) (ossapi.UploadedPart, error) {
	if r.Key == "bad" {
		panic("a defect")
	}
	return b.Store.UploadPart(ctx, r)
}

func TestPanicEndsOneJobOnly(t *testing.T) {
	w := newWorld(t)
	w.store = func(s transfer.Store) transfer.Store { return broken{s} }
	e := w.engine()
	good := w.file("good", 5*kib100, 1)
	e.do(w.put(w.file("bad", 5*kib100, 2), "bad", model.SendOptions{PartSize: model.MinPartSize}))
	e.do(w.put(good, "good", model.SendOptions{PartSize: model.MinPartSize}))
	jobs := e.settled()
	if jobs[0].Status != model.StatusFailed || !strings.Contains(jobs[0].Problem.Why, "a defect") {
		t.Errorf("the job that met the defect: %s, %v", jobs[0].Status, jobs[0].Problem)
	}
	if jobs[1].Status != model.StatusDone {
		t.Errorf("the other job: %s, %v", jobs[1].Status, jobs[1].Problem)
	}
	w.wantObject("good", good)
}

// Two files share a narrow gate part by part: the second does not wait for the first one's line.
func TestFilesTakeTurnsAtTheGate(t *testing.T) {
	w := newWorld(t)
	w.limits = model.Limits{Parts: 1, BytesPerSecond: 4 << 20}
	e := w.engine()
	for _, key := range []string{"a", "b"} {
		e.do(w.put(w.file(key, 40*kib100, 1), key, model.SendOptions{PartSize: model.MinPartSize}))
	}
	e.until("both files to have parts in", func(s *model.Snapshot) bool {
		return len(s.Jobs) == 2 && s.Jobs[0].PartsDone > 2 && s.Jobs[1].PartsDone > 2 && s.Jobs[0].Status == model.StatusUploading
	})
	e.do(model.PauseAll{Now: true})
	e.settled()
}
