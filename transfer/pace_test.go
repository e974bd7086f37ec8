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

// The engine finds for itself how many parts at once a line carries, each time anew: an hour without work teaches it nothing.
func TestPaceClimbsAfterARest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t, nil)
		defer s.close()
		s.memory.piece = 20 * time.Millisecond // of every connection: throughput grows with their number
		s.do(s.file("a", 4*kib100, parts(0)))
		s.at("a", model.StatusDone)
		time.Sleep(time.Hour)
		s.do(s.file("bb", 400*kib100, parts(0)))
		s.at("bb", model.StatusDone)
		if now := s.Snapshot().Limits.PartsNow; now < 16 {
			t.Errorf("%d parts at once on a line that carries any number", now)
		}
	})
}

// A service that asks to slow down gets half as many parts at once, whether the number was found or asked for, and the old number
// again when parts go through.
func TestThrottlingHalves(t *testing.T) {
	for _, asked := range []int{0, 16} {
		synctest.Test(t, func(t *testing.T) {
			s := newStill(t, func(o *transfer.Options) { o.Limits.Parts = asked })
			defer s.close()
			s.memory.piece = 20 * time.Millisecond
			var busy atomic.Bool
			s.memory.before = func(c call) error {
				if c.op == "part" && busy.Load() {
					return refusal(ossapi.KindThrottled, 503, "ServiceUnavailable")
				}
				return nil
			}
			s.do(s.file("a", 1500*kib100, parts(0)))
			s.until("sixteen at once", func(snap *model.Snapshot) bool { return snap.Limits.PartsNow >= 16 && snap.Jobs[0].PartsDone > 100 })
			busy.Store(true)
			time.Sleep(2500 * time.Millisecond)
			busy.Store(false)
			time.Sleep(100 * time.Millisecond)
			low := s.Snapshot().Limits.PartsNow
			if low > 8 {
				t.Errorf("asked for %d: %d at once after 2.5 s of 503", asked, low)
			}
			s.at("a", model.StatusDone)
			if high := s.Snapshot().Limits.PartsNow; high <= low {
				t.Errorf("asked for %d: %d at once in the end, %d when it was throttled", asked, high, low)
			}
		})
	}
}
