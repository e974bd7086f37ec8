package transfer_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"partway/model"
	"partway/ossapi"
	"partway/transfer"
)

// Retry-After is kept to the millisecond, and no longer than the cap.
func TestRetryAfterIsHonoured(t *testing.T) {
	for asked, want := range map[time.Duration]time.Duration{
		0: 200 * time.Millisecond, 2 * time.Second: 2 * time.Second, 1500 * time.Millisecond: 1500 * time.Millisecond, time.Hour: time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newStill(t, func(o *transfer.Options) { o.Random = func() float64 { return 1 } })
			defer s.close()
			refused := false
			s.memory.before = func(c call) error {
				if c.op != "part" || refused {
					return nil
				}
				refused = true
				err := refusal(ossapi.KindThrottled, 503, "ServiceUnavailable")
				err.RetryAfter = asked
				return err
			}
			s.do(s.file("a", 2*kib100, parts(1)))
			s.at("a", model.StatusDone)
			times := s.memory.times("part")
			if got := times[1].Sub(times[0]); got != want {
				t.Errorf("asked for %v, waited %v, want %v", asked, got, want)
			}
		})
	}
}

// A service that is away is asked again with growing pauses until 15 minutes brought nothing, never until a count. Then the job
// stands still with everything kept, and goes on when it is told to.
func TestParkedAfterFifteenMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t, nil)
		defer s.close()
		var away atomic.Bool
		s.memory.before = func(c call) error {
			if c.part == 3 {
				away.Store(true)
			}
			if away.Load() {
				return refusal(ossapi.KindTemporary, 500, "InternalError")
			}
			return nil
		}
		s.do(s.file("a", 5*kib100, parts(1)))
		j := s.at("a", model.StatusFailed)
		times := s.memory.times("part")
		away.Store(false)
		gone := times[len(times)-1].Sub(times[2])
		if j.Problem.Class != model.ProblemTemporary || gone < 15*time.Minute || gone > 15*time.Minute+31*time.Second {
			t.Errorf("gave up after %v with %+v", gone, j.Problem)
		}
		if tries := len(times) - 2; tries < 30 || tries > 150 {
			t.Errorf("%d tries in 15 minutes", tries)
		}
		s.memory.behave(nil, nil)
		s.do(model.GoAll{})
		s.at("a", model.StatusDone)
		s.memory.wantObject(t, "a", content(5*kib100, 1))
	})
}

// As long as something is acknowledged now and then, no number of failures ends a job.
func TestNeverParkedWhileBytesAreAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t, nil)
		defer s.close()
		var calls atomic.Int64
		s.memory.before = func(c call) error {
			if c.op == "part" && calls.Add(1)%40 != 0 { // one of forty goes through: about one in ten minutes
				return refusal(ossapi.KindTemporary, 500, "InternalError")
			}
			return nil
		}
		s.do(s.file("a", 9*kib100, parts(1)))
		s.at("a", model.StatusDone)
		if n := calls.Load(); n != 9*40 {
			t.Errorf("%d calls", n)
		}
	})
}

// A part may take longer than the time after which a job is parked. Its first failure is no reason to park.
func TestSlowPartIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t, nil)
		defer s.close()
		s.memory.piece = 3 * time.Minute // 100 KiB in 21 minutes
		var failed atomic.Bool
		s.memory.after = func(c call) error {
			if c.part == 1 && !failed.Swap(true) {
				return refusal(ossapi.KindTemporary, 500, "InternalError")
			}
			return nil
		}
		s.do(s.file("a", 2*kib100, parts(2)))
		s.until("an end", func(snap *model.Snapshot) bool { st := job(snap, "a").Status; return st.Final() || st.NeedsUser() })
		if j := job(s.Snapshot(), "a"); j.Status != model.StatusDone {
			t.Errorf("%s after one failure: %v", j.Status, j.Problem)
		}
	})
}

// A part that waits for its next try keeps no other from being sent.
func TestWaitingPartHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t, func(o *transfer.Options) { o.Limits.Parts = 1 })
		defer s.close()
		s.memory.before = func(c call) error {
			if c.part == 1 {
				err := refusal(ossapi.KindThrottled, 503, "ServiceUnavailable")
				err.RetryAfter = time.Minute
				return err
			}
			return nil
		}
		s.do(s.file("a", 8*kib100, parts(0)))
		start := time.Now()
		s.until("the other seven", func(snap *model.Snapshot) bool { return job(snap, "a").PartsDone == 7 })
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("the others took %v", took)
		}
		s.do(model.PauseAll{Now: true})
	})
}

// Pausing lets parts in flight finish and begins no new one; pausing now cuts them. Neither sends an acknowledged part again, nor
// reads the file again to find out what is there.
func TestPauseDrains(t *testing.T) {
	for _, now := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := newStill(t, nil)
			defer s.close()
			s.memory.piece = time.Second
			s.do(s.file("a", 20*kib100, parts(4)))
			s.until("the first parts", func(snap *model.Snapshot) bool { return job(snap, "a").PartsDone == 4 })
			s.until("parts in flight", func(snap *model.Snapshot) bool {
				return len(job(snap, "a").InFlight) == 4 && job(snap, "a").InFlight[0].Sent > 0
			})
			s.do(model.Pause{Jobs: []model.JobID{s.id("a")}, Now: now})
			j := s.at("a", model.StatusPaused)
			want := 8
			if now {
				want = 4
			}
			if j.PartsDone != want || s.memory.count("part") != 8 {
				t.Errorf("now %v: %d parts are in after %d calls, want %d", now, j.PartsDone, s.memory.count("part"), want)
			}
			time.Sleep(time.Hour)
			if n := s.memory.count("part"); n != 8 {
				t.Errorf("now %v: %d parts were sent while paused", now, n-8)
			}
			before := s.disk.files["/a"].reads.Load()
			s.do(model.Go{Jobs: []model.JobID{j.ID}})
			s.at("a", model.StatusDone)
			s.memory.wantObject(t, "a", content(20*kib100, 1))
			if n := s.memory.count("part"); n != 8+20-want {
				t.Errorf("now %v: %d parts were sent in all", now, n)
			}
			if read := s.disk.files["/a"].reads.Load() - before; read > int64((20-want)*kib100) {
				t.Errorf("now %v: %d bytes were read to send %d", now, read, (20-want)*kib100)
			}
		})
	}
}

// A pause that comes with the last parts in flight holds Complete back too.
func TestPauseBeforeComplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t, nil)
		defer s.close()
		s.memory.piece = time.Second
		s.do(s.file("a", 2*kib100, parts(4)))
		s.until("parts in flight", func(snap *model.Snapshot) bool { return len(job(snap, "a").InFlight) == 2 })
		s.do(model.PauseAll{})
		j := s.until("an end", func(snap *model.Snapshot) bool { return !job(snap, "a").Status.Active() }).Jobs[0]
		if j.Status != model.StatusPaused || j.PartsDone != 2 || s.memory.count("complete") != 0 {
			t.Errorf("%s with %d parts, %d Completes", j.Status, j.PartsDone, s.memory.count("complete"))
		}
		s.do(model.GoAll{})
		s.at("a", model.StatusDone)
	})
}

// Drain is a pause of everything that can be waited for, and cuts what does not end in time.
func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t, nil)
		defer s.close()
		s.memory.piece = time.Second
		s.do(s.file("a", 20*kib100, parts(4)))
		s.do(s.file("bb", 20*kib100, parts(4)))
		s.until("parts in flight", func(snap *model.Snapshot) bool {
			return len(job(snap, "a").InFlight) > 0 && len(job(snap, "bb").InFlight) > 0
		})
		if err := s.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, n := s.memory.peak(); n != 0 {
			t.Errorf("%d parts move after the drain", n)
		}
		s.memory.behave(func(call) error { time.Sleep(time.Hour); return nil }, nil)
		s.do(model.GoAll{})
		s.until("something to move", func(snap *model.Snapshot) bool { return snap.Totals.Moving == 2 })
		ctx, cancel := contextFor(t, time.Minute)
		defer cancel()
		if err := s.Drain(ctx); !errors.Is(err, ctx.Err()) || err == nil {
			t.Errorf("a drain without an end: %v", err)
		}
		s.memory.behave(nil, nil)
	})
}
