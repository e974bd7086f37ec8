package transfer_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"partway/model"
	"partway/ossapi"
	"partway/ossapi/emulator"
)

// Complete was done, whatever its answer says; nothing is sent again and success is shown.
func TestCompleteThatWasStored(t *testing.T) {
	for name, effect := range map[string]emulator.Effect{
		"answers 500":               emulator.AnswerAfter{},
		"answers 503":               emulator.AnswerAfter{Status: 503},
		"gives no answer":           emulator.LoseAnswer{},
		"answers after our timeout": emulator.Delay{After: 3 * time.Second},
		"answers 200 and an error":  emulator.ErrorBody{Effect: true},
		"answers 203 for a callback": emulator.AnswerAfter{Status: 203, Code: "CallbackFailed",
			Message: "Error status : 502."},
		"answers 404":             emulator.AnswerAfter{Status: 404, Code: "NoSuchUpload"},
		"answers without its CRC": emulator.OmitCRC{},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldWith(t, func(o *ossapi.Options) { o.CompleteTimeout = 200 * time.Millisecond })
			w.server.SetFaults(1, emulator.Fault{Op: emulator.OpComplete, Effect: effect})
			path := w.file("data", 7*kib100+1, 3)
			e, jobs := w.uploaded(path, "k")
			j := wantStatus(t, jobs, model.StatusDone)
			if j.Proof != model.ProofCRC64 {
				t.Errorf("proved by %q", j.Proof)
			}
			w.wantObject("k", path)
			w.wantClean(e)
			if n := w.count(emulator.OpUploadPart); n != 8 {
				t.Errorf("%d parts were sent, want 8", n)
			}
			if n := w.count(emulator.OpComplete); n != 1 {
				t.Errorf("Complete was called %d times", n)
			}
			if n := w.count(emulator.OpHeadObject); n != 2 { // one before Initiate, one as the proof
				t.Errorf("%d HEAD requests, want 2", n)
			}
		})
	}
}

// Complete was not done. Once it is called again; when that does not help, the job never calls itself done and keeps its parts.
func TestCompleteThatWasNotStored(t *testing.T) {
	for name, effect := range map[string]emulator.Effect{
		"200 with an error body": emulator.ErrorBody{},
		"500":                    emulator.Answer{},
		"503":                    emulator.Answer{Status: 503},
		"reset":                  emulator.ResetBody{},
		"never answered":         emulator.BlackHole{},
	} {
		for _, times := range []int{1, -1} {
			t.Run(fmt.Sprint(name, " times ", times), func(t *testing.T) {
				t.Parallel()
				w := newWorldWith(t, func(o *ossapi.Options) { o.CompleteTimeout = 100 * time.Millisecond })
				w.policy.CompleteTries = 4
				w.server.SetFaults(1, emulator.Fault{Op: emulator.OpComplete, Times: times, Effect: effect})
				path := w.file("data", 3*kib100, 3)
				e, jobs := w.uploaded(path, "k")
				if times < 0 {
					j := wantStatus(t, jobs, model.StatusFailed)
					if j.Problem.Class != model.ProblemTemporary || len(j.Problem.Next) == 0 || w.count(emulator.OpComplete) != 4 {
						t.Errorf("after %d calls: problem %+v", w.count(emulator.OpComplete), j.Problem)
					}
					w.wantNoObject("k")
					if w.server.UploadCount(bucket) != 1 {
						t.Error("the upload was given up")
					}
					w.server.SetFaults(1)
					e.do(model.Go{Jobs: []model.JobID{j.ID}})
					jobs = e.settled()
				}
				wantStatus(t, jobs, model.StatusDone)
				w.wantObject("k", path)
				w.wantClean(e)
				if n := w.count(emulator.OpUploadPart); n != 3 {
					t.Errorf("%d parts were sent, want 3", n)
				}
			})
		}
	}
}

// The object's CRC-64 is not the file's: that is said, and nothing is called done. Looking again later may clear it up.
func TestCompleteWithAnotherCRC(t *testing.T) {
	w := newWorld(t)
	w.server.SetFaults(1, emulator.Fault{Op: emulator.OpComplete, Effect: emulator.WrongCRC{}})
	path := w.file("data", 3*kib100, 3)
	e, jobs := w.uploaded(path, "k")
	j := wantStatus(t, jobs, model.StatusFailed)
	if j.Problem.Class != model.ProblemDamaged {
		t.Errorf("problem %+v", j.Problem)
	}
	e.do(model.Go{Jobs: []model.JobID{j.ID}})
	wantStatus(t, e.settled(), model.StatusDone)
	w.wantObject("k", path)
	w.wantClean(e)
}

// NoSuchUpload to Complete and an object of the right size that was there before: that is not ours.
func TestOldObjectIsNoProof(t *testing.T) {
	data := content(3*kib100, 3)
	other := content(3*kib100, 4)
	for _, c := range []struct {
		name string
		body []byte
		age  time.Duration
	}{
		{"other bytes, a moment old", other, time.Minute},
		{"other bytes, a day old", other, 24 * time.Hour},
		{"same bytes, a day old", data, 24 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			path := w.file("data", len(data), 3)
			if err := w.server.SeedObject(bucket, "k", bytes.NewReader(c.body), time.Now().Add(-c.age)); err != nil {
				t.Fatal(err)
			}
			w.server.SetFaults(1, emulator.Fault{Op: emulator.OpComplete, Times: -1, Effect: emulator.Answer{Status: 404, Code: "NoSuchUpload"}})
			e := w.engine()
			e.do(overwriting(w.put(path, "k", parts(2))))
			wantStatus(t, e.settled(), model.StatusGone)
		})
	}
}

// A part that the server holds differently than it was acknowledged is sent again before Complete; three times in a row is a
// matter for a person.
func TestPartReplacedByAnotherSender(t *testing.T) {
	w := newWorld(t)
	path := w.file("data", 5*kib100, 3)
	meddle := func(w *world, times int) emulator.Fault {
		return emulator.Fault{Op: emulator.OpListParts, Times: times, Effect: emulator.Hook{Func: w.replacePart(2)}}
	}
	w.server.SetFaults(1, meddle(w, 1))
	e, jobs := w.uploaded(path, "k")
	wantStatus(t, jobs, model.StatusDone)
	w.wantObject("k", path)
	w.wantClean(e)

	w = newWorld(t)
	path = w.file("data", 5*kib100, 3)
	w.server.SetFaults(1, meddle(w, -1))
	_, jobs = w.uploaded(path, "k")
	if j := wantStatus(t, jobs, model.StatusFailed); j.Problem.Class != model.ProblemDamaged {
		t.Errorf("problem %+v", j.Problem)
	}
	w.wantNoObject("k")
}

// Complete itself refuses the list when a part was replaced after it was compared.
func TestPartReplacedBeforeComplete(t *testing.T) {
	w := newWorld(t)
	path := w.file("data", 5*kib100, 3)
	w.server.SetFaults(1, emulator.Fault{Op: emulator.OpComplete, Effect: emulator.Hook{Func: w.replacePart(4)}})
	e, jobs := w.uploaded(path, "k")
	wantStatus(t, jobs, model.StatusDone)
	w.wantObject("k", path)
	w.wantClean(e)
}

// An object that appears while the parts are sent is not overwritten, and the parts are kept.
func TestObjectAppearsMeanwhile(t *testing.T) {
	for _, rule := range []model.IfExists{model.IfExistsFail, model.IfExistsSkip, model.IfExistsOverwrite} {
		t.Run(string("rule "+rule), func(t *testing.T) {
			w := newWorld(t)
			path := w.file("data", 3*kib100, 3)
			w.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, PartNumber: 2, Effect: emulator.Hook{Func: w.putsObject("k")}})
			e := w.engine()
			put := w.put(path, "k", parts(1))
			put.Files[0].Write.IfExists = rule
			e.do(put)
			switch jobs := e.settled(); rule {
			case model.IfExistsFail:
				j := wantStatus(t, jobs, model.StatusFailed)
				if j.Problem.Class != model.ProblemConflict || bytes.Contains([]byte(j.Problem.Why), []byte("0001-01-01")) {
					t.Errorf("problem %+v", j.Problem)
				}
			case model.IfExistsSkip:
				wantStatus(t, jobs, model.StatusSkipped)
				if n := w.server.UploadCount(bucket); n != 0 {
					t.Errorf("skipped, and %d uploads hold parts that nobody knows of", n)
				}
			default:
				wantStatus(t, jobs, model.StatusDone)
				w.wantObject("k", path)
				w.wantClean(e)
			}
		})
	}
}

// An object of one piece whose answer was lost is ours if it equals the file, also when the process died meanwhile.
func TestSmallFileWithoutAnAnswer(t *testing.T) {
	w := newWorld(t)
	w.server.SetFaults(1, emulator.Fault{Op: emulator.OpPutObject, Effect: emulator.LoseAnswer{}})
	path := w.file("data", 1000, 3)
	e := w.engine()
	e.do(w.put(path, "k", model.SendOptions{}))
	wantStatus(t, e.settled(), model.StatusDone)
	w.wantObject("k", path)
	w.wantClean(e)
}

func TestSmallFileMeetsAnObject(t *testing.T) {
	for rule, want := range map[model.IfExists]model.Status{
		model.IfExistsFail: model.StatusFailed, model.IfExistsSkip: model.StatusSkipped, model.IfExistsOverwrite: model.StatusDone,
	} {
		w := newWorld(t)
		if err := w.server.SeedObject(bucket, "k", bytes.NewReader([]byte("other")), time.Now()); err != nil {
			t.Fatal(err)
		}
		path := w.file("data", 1000, 3)
		e := w.engine()
		put := w.put(path, "k", model.SendOptions{})
		put.Files[0].Write.IfExists = rule
		e.do(put)
		wantStatus(t, e.settled(), want)
	}
}

// The clock of this machine is twenty minutes off in either direction: signatures are made with the service's time, and an object
// is recognised as new by it too.
func TestSkewedClock(t *testing.T) {
	for _, off := range []time.Duration{20 * time.Minute, -20 * time.Minute, 3 * time.Hour} {
		for _, lost := range []bool{false, true} {
			t.Run(fmt.Sprint(off, " answer lost ", lost), func(t *testing.T) {
				clock := func() time.Time { return time.Now().Add(off) }
				w := newWorldWith(t, func(o *ossapi.Options) { o.Clock = clock })
				w.now = clock
				if lost {
					w.server.SetFaults(1, emulator.Fault{Op: emulator.OpComplete, Effect: emulator.LoseAnswer{}})
				}
				path := w.file("data", 3*kib100, 3)
				e, jobs := w.uploaded(path, "k")
				wantStatus(t, jobs, model.StatusDone)
				w.wantObject("k", path)
				w.wantClean(e)
				refused := 0
				for _, r := range w.server.Requests() {
					if r.Status == 403 {
						refused++
					}
				}
				if refused != 1 {
					t.Errorf("%d requests were refused, want 1", refused)
				}
			})
		}
	}
}

// A date that cannot be is not believed, or it would spoil every later signature.
func TestBogusServerDate(t *testing.T) {
	w := newWorld(t)
	w.server.SetFaults(1, emulator.Fault{Times: -1, Effect: emulator.SkewedClock{By: -50 * 365 * 24 * time.Hour}})
	path := w.file("data", 3*kib100, 3)
	e, jobs := w.uploaded(path, "k")
	j := wantStatus(t, jobs, model.StatusFailed)
	if j.Problem.Class != model.ProblemCredentials {
		t.Errorf("problem %+v", j.Problem)
	}
	w.server.SetFaults(1)
	e.do(model.Go{Jobs: []model.JobID{j.ID}})
	wantStatus(t, e.settled(), model.StatusDone)
}
