package transfer_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"partway/model"
	"partway/ossapi"
	"partway/transfer"
)

// cable is the line to the service: while it is out, no request is answered.
type cable struct {
	out  atomic.Bool
	last atomic.Int64 // parts that still get through before it goes out
	// refused, if set, is what the service answers to parts instead.
	refused atomic.Pointer[ossapi.Error]
}

func (c *cable) before(call call) error {
	if call.op == "part" && !c.out.Load() && c.refused.Load() == nil && c.last.Add(-1) < 0 {
		c.out.Store(true)
	}
	if c.out.Load() {
		return &ossapi.Error{Op: call.op, Kind: ossapi.KindTemporary, Err: errPower}
	}
	if refused := c.refused.Load(); refused != nil && call.op == "part" {
		return refused
	}
	return nil
}

// parkedOn runs a story with an engine that has parked jobs return, over a cable that goes out behind the second part of a.
func parkedOn(t *testing.T, returns bool, story func(s *still, c *cable)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t, func(o *transfer.Options) { o.ReturnParked = returns })
		defer s.close()
		c := &cable{}
		c.last.Store(2)
		s.memory.before = c.before
		s.do(s.file("a", 5*kib100, parts(1)))
		story(s, c)
	})
}

// rest waits until the job is parked and returns how long it will rest.
func rest(s *still) time.Duration {
	s.t.Helper()
	j := s.at("a", model.StatusFailed)
	if j.GoesOn.IsZero() {
		s.t.Fatalf("it does not go on by itself: %+v", j.Problem)
	}
	return j.GoesOn.Sub(j.Problem.Facts.At)
}

// A job that is parked again and again is tried after a pause that grows; what it has is kept, and progress makes the pause short again.
func TestParkedJobIsTriedAgain(t *testing.T) {
	parkedOn(t, true, func(s *still, c *cable) {
		for _, want := range []time.Duration{1, 2, 5, 10, 10} {
			if got := rest(s); got != want*time.Minute {
				t.Errorf("it rests for %v, want %d min", got, want)
			}
			snap := s.until("it to be tried again", func(snap *model.Snapshot) bool { return job(snap, "a").Status.Active() })
			if j := job(snap, "a"); !j.GoesOn.IsZero() || j.Problem != nil {
				t.Errorf("it moves and is to go on at %v, %+v", j.GoesOn, j.Problem)
			}
		}
		c.last.Store(2)
		c.out.Store(false)
		s.until("progress", func(snap *model.Snapshot) bool { return job(snap, "a").PartsDone == 4 })
		if got := rest(s); got != time.Minute {
			t.Errorf("after progress it rests for %v", got)
		}
		s.memory.behave(nil, nil)
		s.at("a", model.StatusDone)
		s.memory.wantObject(t, "a", content(5*kib100, 1))
		if n := s.memory.count("initiate"); n != 1 {
			t.Errorf("%d uploads were initiated", n)
		}
	})
}

// The first request that is answered again brings every parked job back, however long its pause.
func TestParkedJobReturnsWithTheLink(t *testing.T) {
	parkedOn(t, true, func(s *still, c *cable) {
		for range 3 {
			rest(s)
			s.until("it to be tried again", func(snap *model.Snapshot) bool { return job(snap, "a").Status.Active() })
		}
		if got := rest(s); got != 10*time.Minute {
			t.Fatalf("it rests for %v", got)
		}
		c.out.Store(false)
		s.memory.behave(nil, nil)
		start := time.Now()
		// Any request: here the parts of an upload are looked at.
		if _, err := s.Parts(t.Context(), s.place, job(s.Snapshot(), "a").Ref); err != nil {
			t.Fatal(err)
		}
		s.at("a", model.StatusDone)
		if took := time.Since(start); took > time.Minute {
			t.Errorf("it went on %v after the link was back", took)
		}
	})
}

// What a person has to mend does not go on by itself, nor does anything where nobody asked for that, nor what was paused meanwhile.
func TestWhatDoesNotReturn(t *testing.T) {
	stays := func(s *still, status model.Status) {
		s.t.Helper()
		if j := s.at("a", status); !j.GoesOn.IsZero() {
			s.t.Errorf("it is to go on at %v", j.GoesOn)
		}
		calls := len(s.memory.calls)
		time.Sleep(24 * time.Hour)
		if j := job(s.Snapshot(), "a"); j.Status != status || len(s.memory.calls) != calls {
			s.t.Errorf("it is %s a day later, after %d calls", j.Status, len(s.memory.calls)-calls)
		}
	}
	t.Run("not asked for", func(t *testing.T) {
		parkedOn(t, false, func(s *still, _ *cable) { stays(s, model.StatusFailed) })
	})
	t.Run("denied", func(t *testing.T) {
		parkedOn(t, true, func(s *still, c *cable) {
			rest(s)
			c.refused.Store(refusal(ossapi.KindDenied, 403, "AccessDenied"))
			c.out.Store(false)
			s.until("the refusal", func(snap *model.Snapshot) bool {
				p := job(snap, "a").Problem
				return p != nil && p.Class == model.ProblemDenied
			})
			stays(s, model.StatusFailed)
		})
	})
	t.Run("paused", func(t *testing.T) {
		parkedOn(t, true, func(s *still, _ *cable) {
			rest(s)
			s.do(model.Pause{Jobs: []model.JobID{s.id("a")}})
			stays(s, model.StatusPaused)
		})
	})
	t.Run("everything paused", func(t *testing.T) {
		parkedOn(t, true, func(s *still, _ *cable) {
			rest(s)
			s.do(model.PauseAll{})
			stays(s, model.StatusPaused)
		})
	})
	t.Run("aborted", func(t *testing.T) {
		parkedOn(t, true, func(s *still, c *cable) {
			rest(s)
			c.out.Store(false)
			s.memory.behave(nil, nil)
			s.do(model.Abort{Jobs: []model.JobID{s.id("a")}})
			stays(s, model.StatusAborted)
		})
	})
}
