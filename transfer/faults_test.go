package transfer_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"partway/model"
	"partway/ossapi"
	"partway/ossapi/emulator"
)

// Thirty of a hundred part requests lose their connection, at any byte. What is acknowledged is never sent again.
func TestResetsLoseNothing(t *testing.T) {
	for seed := range 20 {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(uint64(seed), 1))
			w := newWorld(t)
			count := 60 + random.IntN(21)
			if seed == 0 {
				count = 200
			}
			size := count*kib100 - random.IntN(kib100)
			var faults []emulator.Fault
			for range 6 { // each of six offsets is drawn for 5 % of the requests
				faults = append(faults, emulator.Fault{Op: emulator.OpUploadPart, Times: -1, Probability: 0.058,
					Effect: emulator.ResetBody{After: random.Int64N(model.MinPartSize)}})
			}
			w.server.SetFaults(int64(seed), faults...)
			path := w.file("data", size, uint64(seed))
			e, jobs := w.uploaded(path, "k")
			wantStatus(t, jobs, model.StatusDone)
			w.wantObject("k", path)
			w.wantClean(e)
			for number, times := range w.answered() {
				if times != 1 {
					t.Errorf("part %d was stored %d times", number, times)
				}
			}
			if w.count(emulator.OpInitiate) != 1 {
				t.Errorf("%d uploads were initiated", w.count(emulator.OpInitiate))
			}
		})
	}
}

func TestOneFaultOfEveryKind(t *testing.T) {
	busy := emulator.Answer{Status: 503, Code: "ServiceUnavailable", Header: map[string]string{"Retry-After": "1"}}
	for _, c := range []struct {
		name  string
		fault emulator.Fault
	}{
		{"part 503 with Retry-After", emulator.Fault{Op: emulator.OpUploadPart, Times: 5, Skip: 3, Effect: busy}},
		{"part 503 at once", emulator.Fault{Op: emulator.OpUploadPart, Times: 5, Effect: emulator.Answer{Status: 503, Early: true}}},
		{"part 500", emulator.Fault{Op: emulator.OpUploadPart, Times: 20, Effect: emulator.Answer{}}},
		{"part stored and 500", emulator.Fault{Op: emulator.OpUploadPart, Times: 3, Effect: emulator.AnswerAfter{}}},
		{"part stored and no answer", emulator.Fault{Op: emulator.OpUploadPart, Times: 3, Effect: emulator.LoseAnswer{}}},
		{"part reset before its first byte", emulator.Fault{Op: emulator.OpUploadPart, Times: 3, Effect: emulator.ResetBody{}}},
		{"part never answered", emulator.Fault{Op: emulator.OpUploadPart, PartNumber: 4, Effect: emulator.BlackHole{}}},
		{"part damaged once", emulator.Fault{Op: emulator.OpUploadPart, PartNumber: 2, Effect: emulator.FlipByte{At: 77}}},
		{"initiate 503", emulator.Fault{Op: emulator.OpInitiate, Times: 3, Effect: busy}},
		{"head 500", emulator.Fault{Op: emulator.OpHeadObject, Times: 3, Effect: emulator.Answer{}}},
		{"list 500", emulator.Fault{Op: emulator.OpListParts, Times: 3, Effect: emulator.Answer{}}},
		{"list repeats its marker", emulator.Fault{Op: emulator.OpListParts, Effect: emulator.RepeatMarker{}}},
		{"list denied", emulator.Fault{Op: emulator.OpListParts, Times: -1, Effect: emulator.Answer{Status: 403}}},
		{"list without CRC", emulator.Fault{Op: emulator.OpListParts, Times: -1, Effect: emulator.OmitCRC{}}},
		{"parts without CRC", emulator.Fault{Op: emulator.OpUploadPart, Times: -1, Effect: emulator.OmitCRC{}}},
		{"nothing has a CRC", emulator.Fault{Times: -1, Effect: emulator.OmitCRC{}}},
		{"complete 503", emulator.Fault{Op: emulator.OpComplete, Times: 2, Effect: busy}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorldWith(t, func(o *ossapi.Options) { o.IdleTimeout = 300 * time.Millisecond })
			w.server.SetFaults(1, c.fault)
			path := w.file("data", 9*kib100+5, 3)
			e, jobs := w.uploaded(path, "k")
			wantStatus(t, jobs, model.StatusDone)
			w.wantObject("k", path)
			w.wantClean(e)
		})
	}
}

// The answer to Initiate is lost after an upload was begun: the retry must not leave that one behind.
func TestInitiateWithoutAnAnswerLeavesNoOrphan(t *testing.T) {
	for name, effect := range map[string]emulator.Effect{
		"no answer": emulator.LoseAnswer{}, "500": emulator.AnswerAfter{}, "odd answer": emulator.ErrorBody{Effect: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.server.SetFaults(1, emulator.Fault{Op: emulator.OpInitiate, Effect: effect})
			path := w.file("data", 5*kib100, 3)
			e, jobs := w.uploaded(path, "k")
			wantStatus(t, jobs, model.StatusDone)
			w.wantObject("k", path)
			w.wantClean(e)
		})
	}
}

// A black hole swallows one part; the others go on meanwhile.
func TestSilentPartDoesNotHoldUpOthers(t *testing.T) {
	w := newWorldWith(t, func(o *ossapi.Options) { o.IdleTimeout = 2 * time.Second })
	w.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, PartNumber: 1, Effect: emulator.BlackHole{}})
	path := w.file("data", 20*kib100, 3)
	e := w.engine()
	e.do(w.put(path, "k", parts(2)))
	s := e.until("all parts but the silent one", func(s *model.Snapshot) bool { return s.Jobs[0].PartsDone == 19 })
	if s.Jobs[0].Done.Has(1) {
		t.Error("the silent part is in already")
	}
	wantStatus(t, e.settled(), model.StatusDone)
	w.wantObject("k", path)
}

// A byte that flips again and again is a fault of this machine or of the way, and nothing is stored.
func TestDamageThatStaysStops(t *testing.T) {
	w := newWorld(t)
	w.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, PartNumber: 3, Times: -1, Effect: emulator.FlipByte{At: 5}})
	path := w.file("data", 6*kib100, 3)
	e, jobs := w.uploaded(path, "k")
	j := wantStatus(t, jobs, model.StatusFailed)
	if j.Problem.Class != model.ProblemDamaged {
		t.Errorf("problem %+v", j.Problem)
	}
	if n := w.sentParts()[3]; n != 3 {
		t.Errorf("the part was tried %d times, want 3", n)
	}
	w.wantNoObject("k")
	w.server.SetFaults(1)
	e.do(model.Go{Jobs: []model.JobID{j.ID}})
	wantStatus(t, e.settled(), model.StatusDone)
	w.wantObject("k", path)
	w.wantClean(e)
}

// Without Content-MD5 the server's CRC-64 of the part is what shows a flipped byte.
func TestDamageIsSeenWithoutMD5(t *testing.T) {
	w := newWorld(t)
	w.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, PartNumber: 3, Effect: emulator.FlipByte{At: 5}})
	path := w.file("data", 6*kib100, 3)
	e := w.engine()
	send := parts(2)
	send.NoMD5 = true
	e.do(w.put(path, "k", send))
	wantStatus(t, e.settled(), model.StatusDone)
	w.wantObject("k", path)
	if n := w.sentParts()[3]; n != 2 {
		t.Errorf("the damaged part was sent %d times, want 2", n)
	}
}

// With server-side encryption by KMS an ETag is no MD5; a comparison with one would call every part damaged.
func TestETagThatIsNoMD5(t *testing.T) {
	w := newWorld(t)
	data := content(5*kib100, 3)
	path := w.file("data", len(data), 3)
	seed := emulator.Seed{Bucket: bucket, Key: "k"}
	for n := 1; n <= 3; n++ {
		seed.Parts = append(seed.Parts, seedPart(data, n, kib100))
		seed.Parts[n-1].ETag = fmt.Sprintf("%032X", n) // of the form of an MD5
	}
	seed.Parts[2].ETag = "not-a-sum"
	id := w.plant(seed)
	e := w.engine()
	e.do(w.adopt("k", id, path))
	wantStatus(t, e.settled(), model.StatusDone)
	w.wantObject("k", path)
	if sent := w.sentParts(); len(sent) != 2 || sent[4] != 1 || sent[5] != 1 {
		t.Errorf("sent %v, want parts 4 and 5", sent)
	}
}

// An upload in sequential mode answers 409 for a part that is there: it was stored by a try whose answer was lost.
func TestPartThatExistsAlready(t *testing.T) {
	w := newWorld(t)
	w.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, PartNumber: 2,
		Effect: emulator.AnswerAfter{Status: 409, Code: "PartAlreadyExist", EC: "0042-00000108"}})
	path := w.file("data", 4*kib100, 3)
	e, jobs := w.uploaded(path, "k")
	wantStatus(t, jobs, model.StatusDone)
	w.wantObject("k", path)
	w.wantClean(e)
	if n := w.sentParts()[2]; n > 2 {
		t.Errorf("the part was sent %d times", n)
	}
}

// What an upload lost to somebody else's abort costs is one failing request for each part at once.
func TestAbortedElsewhere(t *testing.T) {
	w := newWorld(t)
	w.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, Times: -1, Effect: emulator.Delay{Before: time.Millisecond}})
	path := w.file("data", 100*kib100, 3)
	e := w.engine()
	e.do(w.put(path, "k", parts(4)))
	s := e.until("ten parts", func(s *model.Snapshot) bool { return s.Jobs[0].PartsDone >= 10 })
	// Parts in flight bring an upload back, so the other one aborts until it is gone, as the service advises.
	ref := s.Jobs[0].Ref
	for e.Snapshot().Jobs[0].Status != model.StatusGone {
		if err := w.client.Abort(t.Context(), ossapi.Upload{Bucket: bucket, Key: "k", UploadID: ref.UploadID}); err != nil && ossapi.KindOf(err) != ossapi.KindGone {
			t.Fatal(err)
		}
		if st := e.Snapshot().Jobs[0].Status; !st.Active() && st != model.StatusGone {
			t.Fatalf("the job is %s", st)
		}
	}
	w.server.SetFaults(1)
	jobs := e.settled()
	j := wantStatus(t, jobs, model.StatusGone)
	if j.Problem == nil || j.Problem.Class != model.ProblemGone {
		t.Errorf("problem %+v", j.Problem)
	}
	failed := 0
	for _, r := range w.server.Requests() {
		if r.Op == emulator.OpUploadPart && r.Status == 404 {
			failed++
		}
	}
	if failed > 4 {
		t.Errorf("%d requests failed with 4 parts at once", failed)
	}
	w.wantNoObject("k")
	e.close()
	w.quiet()
	// A part that was cut may have brought the upload back after the other one's last look.
	if err := w.client.Abort(t.Context(), ossapi.Upload{Bucket: bucket, Key: "k", UploadID: ref.UploadID}); err != nil && ossapi.KindOf(err) != ossapi.KindGone {
		t.Fatal(err)
	}
	// Putting the file again starts from its beginning.
	e2, jobs := w.uploaded(path, "k")
	wantStatus(t, jobs, model.StatusDone)
	w.wantObject("k", path)
	w.wantClean(e2)
}
