package transfer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partway/model"
	"partway/ossapi"
	"partway/transfer"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

// moving lists the keys of the jobs that are active.
func moving(s *model.Snapshot) (keys []string) {
	for _, j := range s.Jobs {
		if j.Status.Active() {
			keys = append(keys, j.Ref.Key)
		}
	}
	return keys
}

// wantAtOnce compares the files that move, and the most parts that moved at once since the last look.
func wantAtOnce(t *testing.T, s *still, files, parts int) {
	t.Helper()
	most, _ := s.memory.peak()
	if n := len(moving(s.Snapshot())); n != files || most != parts {
		t.Errorf("%d files and %d parts at once, want %d and %d", n, most, files, parts)
	}
}

// Files at once and parts at once are limits that are kept, and that can be changed while files move.
func TestLimitsOfTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t, func(o *transfer.Options) { o.Limits = model.Limits{Files: 2, Parts: 3} })
		defer s.close()
		s.memory.piece = time.Second
		for i := range 5 {
			s.do(s.file(strings.Repeat("f", i+1), 40*kib100, parts(0)))
		}
		s.until("two files to move", func(snap *model.Snapshot) bool { return len(moving(snap)) == 2 })
		time.Sleep(30 * time.Second)
		wantAtOnce(t, s, 2, 3)
		files, atOnce := 4, 6
		s.do(model.SetLimits{Files: &files, Parts: &atOnce})
		time.Sleep(30 * time.Second)
		wantAtOnce(t, s, 4, 6)
		atOnce = 1
		s.do(model.SetLimits{Parts: &atOnce})
		time.Sleep(time.Minute)
		s.memory.peak()
		time.Sleep(time.Minute)
		wantAtOnce(t, s, 4, 1)
		zero := 0
		s.do(model.SetLimits{Parts: &zero})
		s.until("all", func(snap *model.Snapshot) bool { return snap.Totals.Done == 5 })
	})
}

func TestPartsAtOnceOfOneJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t, func(o *transfer.Options) { o.Limits.Parts = 16 })
		defer s.close()
		s.memory.piece = time.Second
		s.do(s.file("a", 60*kib100, parts(2)))
		s.until("ten parts", func(snap *model.Snapshot) bool { return job(snap, "a").PartsDone == 10 })
		wantAtOnce(t, s, 1, 2)
		s.do(model.SetJobParts{Job: s.id("a"), Parts: 5})
		s.until("twenty more", func(snap *model.Snapshot) bool { return job(snap, "a").PartsDone >= 30 })
		wantAtOnce(t, s, 1, 5)
		s.at("a", model.StatusDone)
	})
}

// A bandwidth limit is kept, and a change takes hold at once for parts that are under way.
func TestBandwidthLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := int64(kib100)
		s := newStill(t, func(o *transfer.Options) { o.Limits.BytesPerSecond = limit })
		defer s.close()
		start := time.Now()
		s.do(s.file("a", 20*kib100, parts(4)))
		s.at("a", model.StatusDone)
		if took := time.Since(start); took < 19*time.Second || took > 22*time.Second {
			t.Errorf("2000 KiB at 100 KiB/s took %v", took)
		}
		limit = 1 << 10
		s.do(model.SetLimits{BytesPerSecond: &limit})
		s.do(s.file("bb", 20*kib100, parts(8)))
		time.Sleep(20 * time.Second)
		if sent := job(s.Snapshot(), "bb").BytesRun; sent > 20<<10+2*16<<10 {
			t.Errorf("%d bytes in 20 s at 1 KiB/s", sent)
		}
		limit = 0
		s.do(model.SetLimits{BytesPerSecond: &limit})
		start = time.Now()
		s.at("bb", model.StatusDone)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("unlimited, it took another %v", took)
		}
	})
}

// The order of waiting jobs can be changed; those that move are not touched.
func TestMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t, func(o *transfer.Options) { o.Limits.Files = 1 })
		defer s.close()
		s.memory.piece = time.Second
		for _, name := range []string{"a", "bb", "ccc", "dddd", "eeeee"} {
			s.do(s.file(name, 2*kib100, parts(0)))
		}
		for _, step := range []struct {
			key  string
			to   model.MoveTo
			want string
		}{
			{"eeeee", model.MoveFirst, "a eeeee bb ccc dddd"}, {"bb", model.MoveDown, "a eeeee ccc bb dddd"}, {"bb", model.MoveUp, "a eeeee bb ccc dddd"},
			{"bb", model.MoveLast, "a eeeee ccc dddd bb"}, {"eeeee", model.MoveUp, "a eeeee ccc dddd bb"}, {"bb", model.MoveDown, "a eeeee ccc dddd bb"},
		} {
			s.do(model.Move{Job: s.id(step.key), To: step.to})
			var keys []string
			for i, j := range s.Snapshot().Jobs {
				keys = append(keys, j.Ref.Key)
				if i != j.Position {
					t.Errorf("%s has position %d at %d", j.Ref.Key, j.Position, i)
				}
			}
			if got := strings.Join(keys, " "); got != step.want {
				t.Errorf("%s %s: %s, want %s", step.key, step.to, got, step.want)
			}
		}
		if err := s.Do(t.Context(), model.Move{Job: s.id("a"), To: model.MoveLast}); err == nil {
			t.Error("a job that moves was moved in the queue")
		}
		s.until("all", func(snap *model.Snapshot) bool { return snap.Totals.Done == 5 })
		begun := slices.Clone(s.memory.calls)
		var order []string
		for _, c := range begun {
			if c.op == "complete" {
				order = append(order, c.key)
			}
		}
		if got := strings.Join(order, " "); got != "a eeeee ccc dddd bb" {
			t.Errorf("done in the order %s", got)
		}
	})
}

// Jobs that fail leave their places to others.
func TestQueueSurvivesFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t, func(o *transfer.Options) { o.Limits.Files = 2 })
		defer s.close()
		s.memory.before = func(c call) error {
			if len(c.key)%2 == 0 && c.op == "part" {
				return refusal(ossapi.KindDenied, 403, "AccessDenied")
			}
			return nil
		}
		for i := range 20 {
			s.do(s.file(strings.Repeat("f", i+1), 3*kib100, parts(0)))
		}
		snap := s.until("ten done, ten failed", func(snap *model.Snapshot) bool { return snap.Totals.Done == 10 && snap.Totals.Failed == 10 })
		if snap.Totals.Moving != 0 || snap.Totals.Waiting != 0 {
			t.Errorf("totals %+v", snap.Totals)
		}
		s.memory.behave(nil, nil)
		s.do(model.GoAll{})
		s.until("all", func(snap *model.Snapshot) bool { return snap.Totals.Done == 20 })
	})
}

// Nothing is published while nothing happens; what is published is numbered, and so are the events.
func TestSnapshots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t, nil)
		defer s.close()
		s.memory.piece = 100 * time.Millisecond
		s.memory.before = func(c call) error {
			if c.part%3 == 0 && c.op == "part" && time.Now().Nanosecond()%2 == 0 {
				return refusal(ossapi.KindTemporary, 500, "InternalError")
			}
			return nil
		}
		for i := range 4 {
			s.do(s.file(strings.Repeat("f", i+1), 30*kib100, parts(0)))
		}
		var kept []*model.Snapshot
		var printed []string
		for last := uint64(0); ; {
			snap := s.Snapshot()
			if snap.Seq < last {
				t.Fatalf("snapshot %d after %d", snap.Seq, last)
			}
			last = snap.Seq
			for i := 1; i < len(snap.Events); i++ {
				if snap.Events[i].Seq != snap.Events[i-1].Seq+1 {
					t.Fatalf("event %d after %d", snap.Events[i].Seq, snap.Events[i-1].Seq)
				}
			}
			for _, j := range snap.Jobs {
				if j.BytesSent > j.Source.Size || j.BytesDone > j.BytesSent || j.PartsDone > j.Parts || j.ETA < -1 {
					t.Fatalf("%+v", j)
				}
			}
			kept, printed = append(kept, snap), append(printed, fmt.Sprintf("%+v", *snap))
			if snap.Totals.Done == 4 {
				break
			}
			<-s.Changed()
		}
		for i, snap := range kept {
			if got := fmt.Sprintf("%+v", *snap); got != printed[i] {
				t.Fatalf("snapshot %d was changed after it was published:\n%s\n%s", snap.Seq, printed[i], got)
			}
		}
		time.Sleep(time.Second)
		select {
		case <-s.Changed():
		default:
		}
		seq := s.Snapshot().Seq
		time.Sleep(time.Hour)
		select {
		case <-s.Changed():
			t.Error("the bell rang in an hour in which nothing happened")
		default:
		}
		if s.Snapshot().Seq != seq {
			t.Errorf("%d snapshots in an hour in which nothing happened", s.Snapshot().Seq-seq)
		}
	})
}

// A job that was taken from the journal, done and cleared from the list is over: the same file can be put again.
func TestClearedJobIsForgotten(t *testing.T) {
	w := newWorld(t)
	path := w.file("data", 3*kib100, 3)
	e := w.engine()
	put := w.put(path, "k", parts(2))
	put.Files[0].Send.Paused = true
	e.do(put)
	e.close()
	e = w.engine()
	e.do(w.put(path, "k", parts(2)))
	wantStatus(t, e.settled(), model.StatusDone)
	e.do(model.ClearFinished{})
	if saved := e.Saved(); len(saved) != 0 || len(e.Snapshot().Jobs) != 0 {
		t.Errorf("saved %+v, listed %+v", saved, e.Snapshot().Jobs)
	}
	e.do(overwriting(w.put(path, "k", parts(2))))
	wantStatus(t, e.settled(), model.StatusDone)
	w.wantClean(e)
}

// A key that is on its way is not put a second time.
func TestSameKeyTwice(t *testing.T) {
	w := newWorld(t)
	e := w.engine()
	put := w.put(w.file("data", 3*kib100, 3), "k", parts(1))
	put.Files[0].Send.Paused = true
	e.do(put)
	if err := e.Do(t.Context(), put); err == nil || !contains(err.Error(), "oss://tests/k") {
		t.Errorf("%v", err)
	}
}
