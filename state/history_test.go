package state

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"partway/model"
)

func outcome(n int) model.Finished {
	return model.Finished{V: 1, At: epoch, Job: model.JobID(fmt.Sprintf("job%06d", n)), Status: model.StatusDone, Key: "key", Size: int64(n), CRC64: 1 << 63, Began: epoch}
}

func TestForgetAndHistory(t *testing.T) {
	s := open(t, t.TempDir())
	list, err := s.History(0)
	must(t, err)
	same(t, "history of nothing", len(list), 0)
	for n := range 5 {
		id := outcome(n).Job
		must(t, s.Append(id, intent("key")))
		must(t, s.Forget(id, outcome(n)))
	}
	same(t, "files", files(t, s), "")
	list, err = s.History(3)
	must(t, err)
	same(t, "newest first", list, []model.Finished{outcome(4), outcome(3), outcome(2)})

	// A crash cut the last line, and damaged one before it.
	data, err := os.ReadFile(s.history)
	must(t, err)
	data[len(data)/2] ^= 4
	must(t, os.WriteFile(s.history, data[:len(data)-10], 0o600))
	must(t, s.remember(outcome(9)))
	grown, err := os.ReadFile(s.history)
	must(t, err)
	if !strings.HasPrefix(string(grown), string(data[:len(data)-10])+"\n") {
		t.Error("the piece and the next line were merged")
	}
	again := outcome(0)
	again.Status = model.StatusAborted
	must(t, s.remember(again))
	list, err = s.History(0)
	must(t, err)
	same(t, "around the damage, each job once", list, []model.Finished{again, outcome(9), outcome(3), outcome(1)})
	modes(t, s.uploads)
}

func TestHistoryRotates(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	var full []byte
	fill := 0
	for ; len(full) < maxHistory-2000; fill++ {
		text, err := encodeLine(outcome(fill))
		must(t, err)
		full = append(full, text...)
	}
	must(t, os.WriteFile(s.history, full, 0o600))
	stores := []*Store{s, open(t, dir), open(t, dir)}
	var group sync.WaitGroup
	for i, store := range stores {
		group.Go(func() {
			for n := range 20 {
				if err := store.remember(outcome(fill + 20*i + n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	list, err := s.History(0)
	must(t, err)
	same(t, "jobs over both files", len(list), fill+60)
	for _, path := range []string{s.history, s.history + oldSuffix} {
		info, err := os.Stat(path)
		must(t, err)
		if info.Size() > maxHistory || info.Size() == 0 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %d bytes, mode %o", path, info.Size(), info.Mode())
		}
	}
}

// An outcome that could not be written keeps its journal, wherever the crash or the error comes.
func TestForgetLosesNoOutcome(t *testing.T) {
	for op := 1; ; op++ {
		disk := &faultyFS{}
		s := open(t, t.TempDir(), withFS(disk))
		must(t, s.Append("job000001", intent("key")))
		must(t, s.Append("job000001", initiated("id")))
		must(t, s.Close())
		s = open(t, strings.TrimSuffix(s.uploads, "/uploads"), withFS(disk))
		_, err := s.Claim("job000001")
		must(t, err)
		disk.arm(op, syscall.EIO, 0, true)
		err = s.Forget("job000001", outcome(1))
		fired := disk.fired()
		disk.disarm()
		list, historyErr := s.History(0)
		must(t, historyErr)
		kept := strings.Contains(files(t, s), "job000001.jsonl")
		if len(list) == 0 && !kept {
			t.Fatalf("failure of operation %d: the outcome is lost", op)
		}
		if err == nil && (len(list) != 1 || kept) {
			t.Fatalf("failure of operation %d: %d outcomes, files %q", op, len(list), files(t, s))
		}
		if err != nil { // and it can be tried again
			must(t, s.Append("job000001", part(1)))
			must(t, s.Forget("job000001", outcome(1)))
			list, err = s.History(0)
			must(t, err)
			same(t, "history", list, []model.Finished{outcome(1)})
		}
		must(t, s.Close())
		if !fired {
			if op < 5 {
				t.Fatalf("only %d operations failed", op-1)
			}
			return
		}
	}
}
