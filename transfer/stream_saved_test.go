package transfer_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"partway/model"
)

// killedStream leaves a stream as a crash does: parts arrived, and nobody had the time to say why no more came.
func (w *world) killedStream(key string, whole int) {
	w.t.Helper()
	e := w.engine()
	from := newStream()
	from.Reader = io.MultiReader(bytes.NewReader(content(whole*int(model.MinPartSize)+5, 1)), silent{from, make(chan struct{})})
	e.send(w.stream(key, from))
	e.until("the parts to arrive", func(s *model.Snapshot) bool { return s.Jobs[0].PartsDone == whole })
	e.close()
}

// TestSavedStreamSaysWhatItIs: after a crash a stream is listed with the parts that arrived, cannot be gone on with, and can be aborted.
func TestSavedStreamSaysWhatItIs(t *testing.T) {
	w := newWorld(t)
	w.shows = true
	w.killedStream("k", 3)
	e := w.engine()
	j := wantStatus(t, e.Snapshot().Jobs, model.StatusFailed)
	held := 3 * model.MinPartSize
	if !j.Stream || j.Parts != 3 || j.PartsDone != 3 || j.BytesDone != held || j.Source.Size != held || !j.Done.Has(3) {
		t.Errorf("shown as %+v", j)
	}
	if j.Started.IsZero() || j.Started.After(e.Snapshot().At) {
		t.Errorf("begun at %v", j.Started)
	}
	if p := j.Problem; p == nil || !strings.Contains(p.Why, "cannot be read again") || len(p.Next) != 3 {
		t.Errorf("the problem is %+v", p)
	}
	err := e.Do(context.Background(), model.Go{Jobs: []model.JobID{j.ID}})
	if err == nil || !strings.Contains(err.Error(), "cannot be read again") || !strings.Contains(err.Error(), "start over") {
		t.Errorf("going on is answered with %v", err)
	}
	if err := e.Do(context.Background(), model.GoAll{}); err != nil {
		t.Errorf("everything else cannot go on: %v", err)
	}
	if j := wantStatus(t, e.Snapshot().Jobs, model.StatusFailed); j.Problem == nil {
		t.Error("its problem is forgotten")
	}
	e.do(model.Abort{Jobs: []model.JobID{j.ID}})
	e.until("the abort", func(s *model.Snapshot) bool { return s.Jobs[0].Status == model.StatusAborted })
	w.wantClean(e)
}

// TestSavedFileKeepsItsAge: a job of an earlier run was begun then, not now.
func TestSavedFileKeepsItsAge(t *testing.T) {
	w := newWorld(t)
	w.shows = true
	begun := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	w.now = func() time.Time { return begun }
	put := w.put(w.file("f", 2*int(model.MinPartSize), 1), "k", parts(1))
	put.Files[0].Send.Paused = true
	e := w.engine()
	e.do(put)
	e.close()
	w.now = func() time.Time { return begun.Add(72 * time.Hour) }
	j := wantStatus(t, w.engine().Snapshot().Jobs, model.StatusPaused)
	if !j.Queued.Equal(begun) || !j.Started.IsZero() {
		t.Errorf("queued %v, started %v, want queued %v", j.Queued, j.Started, begun)
	}
}
