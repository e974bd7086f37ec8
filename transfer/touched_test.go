package transfer_test

import (
	"fmt"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"partway/model"
	"partway/ossapi/emulator"
)

// denyComplete refuses Complete for ever.
func denyComplete() emulator.Fault {
	return emulator.Fault{Op: emulator.OpComplete, Times: -1, Effect: emulator.Answer{Status: 403}}
}

// onceAt does something at the first request of a kind.
func onceAt(op emulator.Op, do func() error) emulator.Fault {
	var once sync.Once
	return emulator.Fault{Op: op, Effect: emulator.Hook{Func: func(*http.Request) {
		once.Do(func() {
			if err := do(); err != nil {
				panic(err)
			}
		})
	}}}
}

// touching returns the events of a comparison because the file was touched.
func touching(e *running) (n int) {
	for _, event := range e.Snapshot().Events {
		if contains(event.Text, "was touched") {
			n++
		}
	}
	return n
}

// What leaves the bytes alone costs one reading of the file and stops nothing, in the middle of an upload or between two processes.
func TestTouchedFile(t *testing.T) {
	for name, touch := range map[string]func(string) error{
		"chmod":  func(path string) error { return os.Chmod(path, 0o640) },
		"link":   func(path string) error { return os.Link(path, path+".link") },
		"rename": func(path string) error { return os.Rename(path, path+".moved") },
		"mtime put back": func(path string) error {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			return os.Chtimes(path, time.Time{}, info.ModTime())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMoment(t, 60, func(path string) {
				if err := touch(path); err != nil {
					t.Error(err)
				}
			})
			e := m.engine()
			e.do(m.put(m.path, "k", parts(4)))
			wantStatus(t, e.settled(), model.StatusDone)
			m.wantBytes("k", m.before)
			if n := touching(e); n != 1 {
				t.Errorf("%d comparisons, want one", n)
			}
			for number, times := range m.answered() {
				if times != 1 {
					t.Errorf("part %d was sent %d times", number, times)
				}
			}
			m.wantClean(e)
		})
	}
}

// stopped leaves an upload that lacks nothing but Complete, by a process that has ended.
func stopped(t *testing.T) (*world, string, model.Job) {
	t.Helper()
	w := newWorld(t)
	path := w.file("data", momentParts*kib100, 3)
	w.server.SetFaults(1, denyComplete())
	e := w.engine()
	e.do(w.put(path, "k", parts(4)))
	j := wantStatus(t, e.settled(), model.StatusFailed)
	e.close()
	w.server.SetFaults(1)
	w.server.ResetRequests()
	return w, path, j
}

// A file that was touched while nobody looked is compared once; the next process knows that it was.
func TestTouchedBetweenTwoProcesses(t *testing.T) {
	w, path, j := stopped(t)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	w.server.SetFaults(1, denyComplete())
	for process, want := range []int{1, 0} {
		e := w.engine()
		if err := e.TakeSaved(t.Context(), j.ID); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, e.settled(), model.StatusFailed)
		if n := touching(e); n != want {
			t.Errorf("process %d compared %d times, want %d", process+2, n, want)
		}
		e.close()
	}
	w.server.SetFaults(1)
	e := w.engine()
	if err := e.TakeSaved(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, e.settled(), model.StatusDone)
	w.wantObject("k", path)
	w.wantClean(e)
	if sent := w.sentParts(); len(sent) != 0 {
		t.Errorf("sent %v, and nothing was missing", sent)
	}
}

// A file that was overwritten in place, with its size and modification time as before, is found out while it is sent and when its
// upload goes on; each way on ends with the file as it is.
func TestHiddenOverwrite(t *testing.T) {
	for _, wish := range []model.IfChanged{model.IfChangedMatch, model.IfChangedRestart} {
		t.Run(fmt.Sprintf("between two processes, %s", wish), func(t *testing.T) {
			t.Parallel()
			w, path, j := stopped(t)
			if err := hidden(path, 7*int64(kib100)+5, kib100); err != nil { // parts 8 and 9
				t.Fatal(err)
			}
			e := w.engine()
			if err := e.TakeSaved(t.Context(), j.ID); err != nil {
				t.Fatal(err)
			}
			if j := wantStatus(t, e.settled(), model.StatusChanged); !contains(j.Problem.Why, "2 parts of it hold other bytes") || j.Problem.Growing {
				t.Errorf("problem %+v", j.Problem)
			}
			w.wantNoObject("k")
			e.do(model.Go{Jobs: []model.JobID{j.ID}, IfChanged: wish})
			wantStatus(t, e.settled(), model.StatusDone)
			w.wantObject("k", path)
			w.wantClean(e)
			want := momentParts
			if wish == model.IfChangedMatch {
				want = 2
			}
			if sent := w.count(emulator.OpUploadPart); sent != want {
				t.Errorf("%d parts were sent, want %d", sent, want)
			}
		})
	}
	t.Run("while it is sent", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		path := w.file("data", momentParts*kib100, 3)
		w.server.SetFaults(1, onceAt(emulator.OpListParts, func() error { return hidden(path, 3, 9) })) // the listing before Complete
		e := w.engine()
		e.do(w.put(path, "k", parts(1)))
		j := wantStatus(t, e.settled(), model.StatusChanged)
		if !contains(j.Problem.Why, "1 part of it holds") {
			t.Errorf("problem %+v", j.Problem)
		}
		w.wantNoObject("k")
		w.server.SetFaults(1)
		w.server.ResetRequests()
		e.do(model.Go{Jobs: []model.JobID{j.ID}, IfChanged: model.IfChangedMatch})
		wantStatus(t, e.settled(), model.StatusDone)
		w.wantObject("k", path)
		if sent := w.sentParts(); len(sent) != 1 || sent[1] != 1 {
			t.Errorf("sent %v, want part 1", sent)
		}
	})
}

// appendTo adds to the end of a file, as a program that writes a log does.
func appendTo(path string, size int) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write(content(size, 41))
	return err
}

// A file that is only appended to is told from one that is another file, and going on with it sends the tail alone.
func TestGrowingFile(t *testing.T) {
	grown := func(at func(path string) error) func(string) error {
		return func(path string) error {
			if err := at(path); err != nil {
				return err
			}
			return appendTo(path, kib100+50)
		}
	}
	for _, c := range []struct {
		name    string
		change  func(path string) error
		growing bool
	}{
		{"appended to", grown(func(string) error { return nil }), true},
		{"its first part overwritten too", grown(func(path string) error { return overwrite(path, 17, 1) }), false},
		{"its last part overwritten too", grown(func(path string) error { return overwrite(path, int64(kib100)*(momentParts-1)+9, 1) }), false},
		{"replaced by a longer one that begins alike", func(path string) error {
			if err := os.WriteFile(path+".new", content((momentParts+1)*kib100, 3), 0o600); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		}, false},
		{"truncated", func(path string) error { return os.Truncate(path, 9) }, false},
		{"touched", func(path string) error { return os.Chtimes(path, time.Time{}, time.Now()) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, path, j := stopped(t)
			if err := c.change(path); err != nil {
				t.Fatal(err)
			}
			e := w.engine()
			if err := e.TakeSaved(t.Context(), j.ID); err != nil {
				t.Fatal(err)
			}
			p := wantStatus(t, e.settled(), model.StatusChanged).Problem
			if p.Growing != c.growing || contains(p.Why, "appended to") != c.growing || contains(p.Next[0], "match") != c.growing {
				t.Errorf("problem %+v", p)
			}
			e.do(model.Go{Jobs: []model.JobID{j.ID}, IfChanged: model.IfChangedMatch})
			wantStatus(t, e.settled(), model.StatusDone)
			w.wantObject("k", path)
			w.wantClean(e)
			if sent := w.sentParts(); c.growing && (len(sent) != 2 || sent[momentParts+1] != 1 || sent[momentParts+2] != 1) {
				t.Errorf("sent %v, want the tail", sent)
			}
		})
	}
}

// A log that grows while its very first part is sent has no part that counts yet; it is recognised by the one that was noticed with.
func TestGrowingFromTheFirstPart(t *testing.T) {
	w := newWorld(t)
	path := w.file("data", momentParts*kib100, 3)
	w.server.SetFaults(1, onceAt(emulator.OpUploadPart, func() error { return appendTo(path, 80) }))
	e := w.engine()
	e.do(w.put(path, "k", parts(1)))
	j := wantStatus(t, e.settled(), model.StatusChanged)
	if !j.Problem.Growing || j.PartsDone != 0 {
		t.Errorf("%d parts count, problem %+v", j.PartsDone, j.Problem)
	}
}
