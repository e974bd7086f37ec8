package transfer_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"partway/model"
	"partway/ossapi"
	"partway/transfer"
)

// expectation is all that a person would remember of a file: what it holds, and whether it was told to be aborted.
type expectation struct {
	data    []byte
	aborted bool
}

// TestRandomCommandsAndFaults drives the engine with random commands against a service with random faults. At the end the faults
// stop and everything is told to go on. Then every file must be an object byte for byte, unless it was aborted; no upload may be
// left; and nothing shown on the way may contradict itself. PARTWAY_LONG is the number of sequences.
func TestRandomCommandsAndFaults(t *testing.T) {
	sequences := 300
	if testing.Short() {
		sequences = 50
	}
	if n, err := strconv.Atoi(os.Getenv("PARTWAY_LONG")); err == nil {
		sequences = n
	}
	for seed := range sequences {
		synctest.Test(t, func(t *testing.T) { randomSequence(t, uint64(seed)) })
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func randomSequence(t *testing.T, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 47))
	s := newStill(t, func(o *transfer.Options) { o.Limits = model.Limits{Files: 1 + random.IntN(3), Parts: random.IntN(6)} })
	defer s.close()
	s.memory.piece = time.Duration(random.IntN(250)) * time.Millisecond
	s.misbehave(random)
	files := map[string]*expectation{}
	for range 30 {
		s.randomCommand(random, files)
		time.Sleep(time.Duration(random.IntN(5_000)) * time.Millisecond)
		s.wantConsistent(t)
	}
	s.memory.behave(nil, nil)
	for range 20 { // a job may have to be told more than once, if it fails on what a fault left behind
		s.until("the queue to rest", func(snap *model.Snapshot) bool {
			for _, j := range snap.Jobs {
				if j.Status.Active() || j.Status == model.StatusQueued {
					return false
				}
			}
			return true
		})
		s.do(model.GoAll{})
	}
	if n := s.memory.unfinished(); n != 0 {
		t.Errorf("%d uploads are left", n)
		for id, u := range s.memory.uploads {
			t.Logf("%s of %s, %d parts", id, u.key, len(u.parts))
			for _, c := range s.memory.calls {
				if c.key == u.key || c.op == "list uploads" {
					t.Logf("%v %s %d", c.at.Format("04:05.000"), c.op, c.part)
				}
			}
		}
		for _, event := range s.Snapshot().Events {
			t.Logf("%v %s %s", event.At.Format("04:05.000"), event.Key, event.Text)
		}
	}
	for _, j := range s.Snapshot().Jobs {
		want := files[j.Ref.Key]
		switch {
		case j.Status == model.StatusDone:
			s.memory.wantObject(t, j.Ref.Key, want.data)
		case !want.aborted || j.Status != model.StatusAborted:
			t.Errorf("%s is %s, aborted %v: %v", j.Ref.Key, j.Status, want.aborted, j.Problem)
		}
	}
	for key, object := range s.memory.objects {
		if string(object.data) != string(files[key].data) {
			t.Errorf("object %s is not the file", key)
		}
	}
	s.wantConsistent(t)
}

// misbehave makes a tenth of the calls fail before their effect and a tenth after it.
func (s *still) misbehave(random *rand.Rand) {
	var mu sync.Mutex
	source := rand.New(rand.NewPCG(random.Uint64(), 1))
	fault := func(c call) error {
		mu.Lock()
		defer mu.Unlock()
		if source.IntN(10) != 0 {
			return nil
		}
		kinds := []ossapi.Kind{ossapi.KindTemporary, ossapi.KindTemporary, ossapi.KindThrottled, ossapi.KindOddAnswer}
		err := refusal(kinds[source.IntN(len(kinds))], 500, "InternalError")
		err.RetryAfter = time.Duration(source.IntN(3)) * time.Second
		return err
	}
	denied := func(c call) error {
		mu.Lock()
		no := c.op == "part" && source.IntN(60) == 0
		mu.Unlock()
		if no {
			return refusal(ossapi.KindDenied, 403, "AccessDenied")
		}
		return fault(c)
	}
	s.memory.before, s.memory.after = denied, fault
}

func (s *still) randomCommand(random *rand.Rand, files map[string]*expectation) {
	var jobs []model.Job
	for _, j := range s.Snapshot().Jobs {
		if !j.Status.Final() {
			jobs = append(jobs, j)
		}
	}
	if len(jobs) == 0 || len(files) < 8 && random.IntN(3) == 0 {
		key := fmt.Sprint("file", len(files))
		data := content(kib100+1+random.IntN(3*kib100), random.Uint64()) // in parts: see memoryPart
		files[key] = &expectation{data: data}
		s.disk.add("/"+key, data)
		send := model.SendOptions{PartSize: model.MinPartSize, Parts: random.IntN(4), NoMD5: true, Paused: random.IntN(4) == 0}
		s.do(model.Enqueue{Files: []model.EnqueueFile{{Path: "/" + key, Place: s.place, Key: key, Send: send}}})
		return
	}
	j := jobs[random.IntN(len(jobs))]
	ids := []model.JobID{j.ID}
	bytes, n := int64(random.IntN(3))*50_000, random.IntN(5)
	var command model.Command
	switch random.IntN(10) {
	case 0, 1:
		command = model.Pause{Jobs: ids, Now: random.IntN(2) == 0}
	case 2, 3:
		command = model.Go{Jobs: ids}
	case 4:
		command = model.PauseAll{Now: random.IntN(2) == 0}
	case 5, 6:
		command = model.GoAll{}
	case 7:
		command = model.SetLimits{BytesPerSecond: &bytes, Files: &n, Parts: &n}
	case 8:
		command = model.Move{Job: j.ID, To: []model.MoveTo{model.MoveUp, model.MoveDown, model.MoveFirst, model.MoveLast}[random.IntN(4)]}
	case 9:
		files[j.Ref.Key].aborted = true
		command = model.Abort{Place: s.place, Jobs: ids}
	}
	// A command may be refused, for a job that has just ended, say.
	_ = s.Do(s.t.Context(), command)
}

// wantConsistent looks for what no snapshot may show.
func (s *still) wantConsistent(t *testing.T) {
	t.Helper()
	for _, j := range s.Snapshot().Jobs {
		in := 0
		for n := 1; n <= j.Parts; n++ {
			if j.Done.Has(n) {
				in++
			}
		}
		if j.Status != model.StatusAborted && j.Status != model.StatusDone && in != j.PartsDone || j.PartsDone > j.Parts || j.BytesDone > j.Source.Size || j.BytesSent > j.Source.Size ||
			j.BytesDone < 0 || j.Status.NeedsUser() != (j.Problem != nil) {
			t.Errorf("%d parts are marked in %+v", in, j)
		}
	}
}
