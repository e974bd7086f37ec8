package transfer_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"partway/model"
	"partway/ossapi"
	"partway/ossapi/emulator"
	"partway/transfer"
)

// tokens hands out credentials that can be renewed: the service knows "id", and nothing else.
type tokens struct {
	expired  atomic.Bool
	renewals atomic.Int64
}

func (k *tokens) refresh(context.Context, model.Place) error {
	k.renewals.Add(1)
	k.expired.Store(false)
	return nil
}

// guarded refuses every call while the token is expired, from its n-th call of an operation on.
type guarded struct {
	transfer.Store
	k      *tokens
	part   int64 // at this UploadPart the token expires; 0: never
	sent   *atomic.Int64
	finish bool // it expires at Complete
}

func (s guarded) check(op string) error {
	if s.k.expired.Load() {
		return &ossapi.Error{Op: op, Kind: ossapi.KindCredentials, Status: 403, Code: "SecurityTokenExpired"}
	}
	return nil
}

func (s guarded) UploadPart(ctx context.Context, r ossapi.UploadPartRequest) (ossapi.UploadedPart, error) {
	if s.sent.Add(1) == s.part {
		s.k.expired.Store(true)
	}
	if err := s.check("upload part"); err != nil {
		return ossapi.UploadedPart{}, err
	}
	return s.Store.UploadPart(ctx, r)
}

func (s guarded) Complete(ctx context.Context, r ossapi.CompleteRequest) (ossapi.CompleteResult, error) {
	if s.finish && s.k.renewals.Load() == 0 {
		s.k.expired.Store(true)
	}
	if err := s.check("complete upload"); err != nil {
		return ossapi.CompleteResult{}, err
	}
	return s.Store.Complete(ctx, r)
}

// A token that expires with many parts in flight is renewed once, and no part is lost.
func TestTokenExpires(t *testing.T) {
	for _, c := range []struct {
		name string
		part int64
		at   bool
	}{{"at part 7", 7, false}, {"at the first part", 1, false}, {"during Complete", 0, true}} {
		t.Run(c.name, func(t *testing.T) {
			w, k := newWorld(t), new(tokens)
			var sent atomic.Int64
			w.store = func(s transfer.Store) transfer.Store { return guarded{s, k, c.part, &sent, c.at} }
			w.refresh = k.refresh
			path := w.file("data", 30*kib100, 3)
			e := w.engine()
			e.do(w.put(path, "k", parts(8)))
			wantStatus(t, e.settled(), model.StatusDone)
			w.wantObject("k", path)
			if n := k.renewals.Load(); n != 1 {
				t.Errorf("renewed %d times", n)
			}
			w.wantClean(e)
			for number, times := range w.answered() {
				if times != 1 {
					t.Errorf("part %d was stored %d times", number, times)
				}
			}
		})
	}
}

// Failures of another kind before must not use up the one renewal.
func TestExpiryAfterOtherFailures(t *testing.T) {
	w, k := newWorld(t), new(tokens)
	w.refresh = k.refresh
	w.server.SetFaults(1,
		emulator.Fault{Op: emulator.OpUploadPart, PartNumber: 2, Times: 3, Effect: emulator.Answer{Status: 503}},
		emulator.Fault{Op: emulator.OpUploadPart, PartNumber: 2, Skip: 3, Effect: emulator.ExpiredToken{}},
		emulator.Fault{Op: emulator.OpInitiate, Times: 3, Effect: emulator.Answer{Status: 500}},
		emulator.Fault{Op: emulator.OpInitiate, Skip: 3, Effect: emulator.ExpiredToken{}})
	path := w.file("data", 3*kib100, 3)
	e, jobs := w.uploaded(path, "k")
	wantStatus(t, jobs, model.StatusDone)
	w.wantObject("k", path)
	w.wantClean(e)
	if n := k.renewals.Load(); n != 2 {
		t.Errorf("renewed %d times, want once for each expiry", n)
	}
}

// Credentials that cannot be renewed stop the job with what a person can do, and nothing is lost.
func TestRenewalFails(t *testing.T) {
	for name, refresh := range map[string]func(context.Context, model.Place) error{
		"no way to renew": nil,
		"renewal fails":   func(context.Context, model.Place) error { return errors.New("the role is gone") },
		"renewed in vain": func(context.Context, model.Place) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.refresh = refresh
			w.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, Skip: 6, Times: -1, Effect: emulator.ExpiredToken{}})
			path := w.file("data", 20*kib100, 3)
			e, jobs := w.uploaded(path, "k")
			j := wantStatus(t, jobs, model.StatusFailed)
			if j.Problem.Class != model.ProblemCredentials || len(j.Problem.Next) == 0 || j.Problem.Facts.Code != "SecurityTokenExpired" {
				t.Errorf("problem %+v", j.Problem)
			}
			if n := w.count(emulator.OpUploadPart); n > 6+4*3 {
				t.Errorf("%d part requests: it keeps knocking with a key that is refused", n)
			}
			before := j.Done
			w.server.SetFaults(1)
			e.do(model.GoAll{})
			wantStatus(t, e.settled(), model.StatusDone)
			w.wantObject("k", path)
			w.wantClean(e)
			after := w.answered()
			for number := 1; number <= 20; number++ {
				if before.Has(number) && after[number] != 1 {
					t.Errorf("part %d was stored %d times", number, after[number])
				}
			}
		})
	}
}

// A key without the right for one call is told which right that is.
func TestDeniedNamesTheRight(t *testing.T) {
	w := newWorld(t)
	w.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, Times: -1, Effect: emulator.Answer{Status: 403, Code: "AccessDenied"}})
	_, jobs := w.uploaded(w.file("data", 3*kib100, 3), "k")
	j := wantStatus(t, jobs, model.StatusFailed)
	if j.Problem.Class != model.ProblemDenied || len(j.Problem.Next) == 0 || !contains(j.Problem.Why, "oss:PutObject") || !contains(j.Problem.Why, bucket+"/k") {
		t.Errorf("problem %+v", j.Problem)
	}
}
