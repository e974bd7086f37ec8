package transfer_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"partway/model"
	"partway/ossapi"
	"partway/ossapi/emulator"
)

// An abort in the middle of sending: our own parts are waited for, whatever stage they are in, and the upload is gone.
func TestAbortRacesOwnParts(t *testing.T) {
	for seed := range 30 {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(uint64(seed), 5))
			w := newWorld(t)
			w.policy.AbortWait = 100 * time.Millisecond // longer than the server may hold a part that was cut
			w.server.SetFaults(int64(seed), emulator.Fault{Op: emulator.OpUploadPart, Times: -1, Probability: 0.5,
				Effect: emulator.Delay{Before: time.Duration(random.IntN(4)) * time.Millisecond, After: time.Duration(random.IntN(4)) * time.Millisecond}})
			path := w.file("data", 30*kib100, 3)
			e := w.engine()
			e.do(w.put(path, "k", parts(8)))
			want := random.IntN(25)
			s := e.until("some parts", func(s *model.Snapshot) bool { return s.Jobs[0].PartsDone >= want })
			if random.IntN(2) == 0 {
				e.do(model.Abort{Place: w.place, Jobs: []model.JobID{s.Jobs[0].ID}})
			} else {
				e.do(model.Abort{Place: w.place, Refs: []model.Ref{s.Jobs[0].Ref}, Jobs: []model.JobID{s.Jobs[0].ID}})
			}
			jobs := e.until("the end", func(s *model.Snapshot) bool { return s.Jobs[0].Status.Final() }).Jobs
			if jobs[0].Status == model.StatusDone { // it was faster
				w.wantObject("k", path)
			} else {
				wantStatus(t, jobs, model.StatusAborted)
				w.wantNoObject("k")
			}
			w.wantClean(e)
		})
	}
}

// Somebody else's parts land after an abort and bring the upload back: it is aborted again, up to five times, with growing pauses.
func TestAbortRacesForeignParts(t *testing.T) {
	for _, late := range []int{0, 1, 4, 100} {
		synctest.Test(t, func(t *testing.T) {
			s := newStill(t, nil)
			defer s.close()
			upload := &memoryUpload{key: "k", parts: map[int]memoryPart{1: newPart(content(10, 1))}}
			s.memory.uploads["U"] = upload
			rounds := 0
			s.memory.after = func(c call) error {
				if c.op == "abort" {
					s.memory.mu.Lock()
					defer s.memory.mu.Unlock()
					if rounds++; rounds <= late {
						s.memory.uploads["U"] = upload
					}
				}
				return nil
			}
			start := time.Now()
			s.do(model.Abort{Place: s.place, Refs: []model.Ref{{Bucket: bucket, Key: "k", UploadID: "U"}}})
			if late > 5 {
				j := s.at("k", model.StatusFailed)
				if rounds != 5 || len(s.memory.uploads) != 1 || time.Since(start) < 15*time.Second {
					t.Errorf("%d rounds in %v: %+v", rounds, time.Since(start), j.Problem)
				}
				return
			}
			j := s.at("k", model.StatusAborted)
			if rounds != late+1 || len(s.memory.uploads) != 0 || j.AbortPass != late+1 {
				t.Errorf("%d late parts, %d rounds, %d uploads", late, rounds, len(s.memory.uploads))
			}
		})
	}
}

// A part that fails for good cuts the others that are on their way. The server may store those after an abort, so the upload is looked
// at once more than where nothing was cut.
func TestAbortAfterPartsWereCutByAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t, nil)
		defer s.close()
		s.memory.piece = time.Second
		var begun atomic.Bool
		s.memory.before = func(c call) error {
			if c.op != "part" || begun.Swap(true) {
				return nil
			}
			time.Sleep(1500 * time.Millisecond) // while the others are on their way
			return refusal(ossapi.KindDenied, 403, "AccessDenied")
		}
		s.do(s.file("a", 6*kib100, parts(4)))
		id := s.at("a", model.StatusFailed).ID
		s.do(model.Abort{Place: s.place, Jobs: []model.JobID{id}})
		if j := s.at("a", model.StatusAborted); j.AbortPass != 2 {
			t.Errorf("aborted in %d rounds", j.AbortPass)
		}
	})
}

// An abort whose answers go wrong is repeated, and called done only when nothing is listed.
func TestAbortThatIsAnsweredBadly(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault emulator.Fault
		want  model.Status
	}{
		{"500 twice", emulator.Fault{Op: emulator.OpAbort, Times: 2, Effect: emulator.Answer{}}, model.StatusAborted},
		{"done and 500", emulator.Fault{Op: emulator.OpAbort, Effect: emulator.AnswerAfter{}}, model.StatusAborted},
		{"done and no answer", emulator.Fault{Op: emulator.OpAbort, Effect: emulator.LoseAnswer{}}, model.StatusAborted},
		{"never answered", emulator.Fault{Op: emulator.OpAbort, Effect: emulator.BlackHole{}}, model.StatusAborted},
		{"404 though it is there", emulator.Fault{Op: emulator.OpAbort, Effect: emulator.Answer{Status: 404, Code: "NoSuchUpload"}}, model.StatusAborted},
		{"listing 500 once", emulator.Fault{Op: emulator.OpListParts, Effect: emulator.Answer{}}, model.StatusAborted},
		{"denied", emulator.Fault{Op: emulator.OpAbort, Times: -1, Effect: emulator.Answer{Status: 403}}, model.StatusFailed},
		{"404 for ever though it is there", emulator.Fault{Op: emulator.OpAbort, Times: -1, Effect: emulator.Answer{Status: 404, Code: "NoSuchUpload"}}, model.StatusFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorldWith(t, func(o *ossapi.Options) { o.IdleTimeout = 100 * time.Millisecond })
			path := w.file("data", 3*kib100, 3)
			w.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, PartNumber: 3, Times: -1, Effect: emulator.Answer{Status: 403}})
			e, jobs := w.uploaded(path, "k")
			id := wantStatus(t, jobs, model.StatusFailed).ID
			w.server.SetFaults(1, c.fault)
			e.do(model.Abort{Place: w.place, Jobs: []model.JobID{id}})
			e.until("the end", func(s *model.Snapshot) bool { return s.Jobs[0].Status == c.want && (s.Jobs[0].AbortPass > 0) })
			if c.want == model.StatusAborted {
				w.wantClean(e)
				return
			}
			if len(w.savedAfter(e)) != 1 {
				t.Error("the journal is gone and the upload is not")
			}
		})
	}
}

func (w *world) savedAfter(e *running) []model.SavedJob {
	e.close()
	return w.savedJobs()
}

// A job that is told to abort while Initiate is under way leaves no upload, whether the answer came or not. The same holds for a
// pause in that moment and going on.
func TestStopInTheMiddleOfInitiate(t *testing.T) {
	for _, c := range []string{"abort", "pause"} {
		t.Run(c, func(t *testing.T) {
			w := newWorld(t)
			begun := make(chan struct{}, 10)
			w.store = afterInitiate(begun)
			path := w.file("data", 3*kib100, 3)
			e := w.engine()
			e.do(w.put(path, "k", parts(1)))
			<-begun // the upload exists, its id has not arrived
			id := e.Snapshot().Jobs[0].ID
			if c == "abort" {
				e.do(model.Abort{Place: w.place, Jobs: []model.JobID{id}})
				wantStatus(t, e.settled(), model.StatusAborted)
			} else {
				e.do(model.Pause{Jobs: []model.JobID{id}, Now: true})
				e.until("the pause", func(s *model.Snapshot) bool { return s.Jobs[0].Status == model.StatusPaused })
				e.do(model.GoAll{})
				wantStatus(t, e.settled(), model.StatusDone)
			}
			w.wantClean(e)
		})
	}
}

// Aborting a job that has not begun, or one twice, is no failure.
func TestAbortOfNothing(t *testing.T) {
	w := newWorld(t)
	e := w.engine()
	put := w.put(w.file("data", 3*kib100, 3), "k", model.SendOptions{PartSize: model.MinPartSize, Paused: true})
	e.do(put)
	abort := model.Abort{Place: w.place, Jobs: []model.JobID{e.Snapshot().Jobs[0].ID}}
	e.do(abort)
	wantStatus(t, e.settled(), model.StatusAborted)
	e.do(abort)
	e.do(model.Abort{Place: w.place, Refs: []model.Ref{{Bucket: bucket, Key: "none", UploadID: "0123456789ABCDEF0123456789ABCDEF"}}})
	for _, j := range e.settled() {
		if j.Status != model.StatusAborted {
			t.Errorf("%s: %s %v", j.Ref.Key, j.Status, j.Problem)
		}
	}
	if w.count(emulator.OpInitiate)+w.count(emulator.OpUploadPart) != 0 {
		t.Error("something was sent")
	}
	w.wantClean(e)
}
