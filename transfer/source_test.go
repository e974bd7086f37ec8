package transfer_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"partway/model"
	"partway/ossapi/emulator"
	"partway/transfer"
)

// change is something that happens to a local file while it is sent.
type change struct {
	name string
	do   func(path string) error
	// survives says that the open file is still the one that was begun: it may become an object.
	survives bool
}

func changes() []change {
	return []change{
		{"overwritten with the same size", func(path string) error { return overwrite(path, 0, 20*kib100) }, false},
		{"second half overwritten", func(path string) error { return overwrite(path, int64(10*kib100), 10*kib100) }, false},
		{"grown", func(path string) error {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err == nil {
				_, err = f.WriteString("more")
				f.Close()
			}
			return err
		}, false},
		{"truncated", func(path string) error { return os.Truncate(path, int64(5*kib100)) }, false},
		{"emptied", func(path string) error { return os.Truncate(path, 0) }, false},
		{"deleted", os.Remove, true},
		{"replaced by rename", func(path string) error {
			if err := os.WriteFile(path+".new", content(20*kib100, 9), 0o600); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		}, true},
		{"touched", func(path string) error { return os.Chtimes(path, time.Now(), time.Now().Add(time.Hour)) }, false},
	}
}

func overwrite(path string, at int64, size int) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt(content(size, 77), at)
	return err
}

// Whatever happens to a file while it is sent, no object is ever made of two states of it. Part after part is the moment.
func TestSourceThatChanges(t *testing.T) {
	for _, c := range changes() {
		for _, skip := range []int{0, 1, 7, 13, 19} {
			for _, noMD5 := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s at request %d, no MD5 %v", c.name, skip, noMD5), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t)
					before := content(20*kib100, 3)
					path := w.file("data", len(before), 3)
					var once sync.Once
					w.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, Skip: skip, Effect: emulator.Hook{Func: func(*http.Request) {
						once.Do(func() {
							if err := c.do(path); err != nil {
								t.Error(err)
							}
						})
					}}})
					e := w.engine()
					send := parts(3)
					send.NoMD5 = noMD5
					e.do(w.put(path, "k", send))
					jobs := e.settled()
					if c.survives {
						wantStatus(t, jobs, model.StatusDone)
						w.wantBytes("k", before)
						return
					}
					if j := wantStatus(t, jobs, model.StatusChanged); j.Problem.Class != model.ProblemChanged {
						t.Errorf("problem %+v", j.Problem)
					}
					w.wantNoObject("k")
				})
			}
		}
	}
}

// A changed file goes on in the way that was asked for, and the object is the new file.
func TestGoingOnWithAChangedFile(t *testing.T) {
	for _, wish := range []model.IfChanged{model.IfChangedMatch, model.IfChangedRestart} {
		for _, size := range []int64{20, 25, 12, 1} { // parts of the new file
			for _, again := range []bool{false, true} { // in the same process, or in the next one
				t.Run(fmt.Sprintf("%s with %d parts, next process %v", wish, size, again), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t)
					w.policy.AbortWait = 100 * time.Millisecond // longer than the server may hold a part that was cut
					path := w.file("data", 20*kib100, 3)
					w.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, PartNumber: 20, Times: -1, Effect: emulator.Answer{Status: 403}})
					e, jobs := w.uploaded(path, "k")
					j := wantStatus(t, jobs, model.StatusFailed)
					w.server.SetFaults(1)
					if err := os.Truncate(path, size*int64(kib100)); err != nil {
						t.Fatal(err)
					}
					if err := overwrite(path, 0, 50); err != nil {
						t.Fatal(err)
					}
					if again {
						e.close()
						e = w.engine()
						if err := e.TakeSaved(t.Context(), j.ID); err != nil {
							t.Fatal(err)
						}
					} else {
						e.do(model.Go{Jobs: []model.JobID{j.ID}})
					}
					wantStatus(t, e.settled(), model.StatusChanged)
					w.server.ResetRequests()
					e.do(model.Go{Jobs: []model.JobID{j.ID}, IfChanged: wish})
					wantStatus(t, e.settled(), model.StatusDone)
					w.wantObject("k", path)
					w.wantClean(e)
					// A request that was cut before may be counted late; one of a part that was in cannot.
					for number := range w.sentParts() {
						if wish == model.IfChangedMatch && size == 20 && number != 1 && j.Done.Has(number) {
							t.Errorf("part %d was sent again, and only part 1 had changed", number)
						}
					}
				})
			}
		}
	}
}

// A job that began anew is in the journal as such: the next process goes on with the new plan.
func TestBeginningAnewIsJournaled(t *testing.T) {
	w := newWorld(t)
	w.policy.AbortWait = 100 * time.Millisecond // longer than the server may hold a part that was cut
	path := w.file("data", 6*kib100, 3)
	deny := emulator.Fault{Op: emulator.OpUploadPart, PartNumber: 4, Times: -1, Effect: emulator.Answer{Status: 403}}
	w.server.SetFaults(1, deny)
	e, jobs := w.uploaded(path, "k")
	j := wantStatus(t, jobs, model.StatusFailed)
	if err := os.WriteFile(path, content(9*kib100, 8), 0o600); err != nil {
		t.Fatal(err)
	}
	e.do(model.Go{Jobs: []model.JobID{j.ID}, IfChanged: model.IfChangedRestart})
	done := wantStatus(t, e.settled(), model.StatusFailed).Done
	if why := e.Snapshot().Unsaved; why != "" {
		t.Errorf("the state is not saved: %s", why)
	}
	w.server.SetFaults(1)
	e.close()
	w.server.ResetRequests()
	e = w.engine()
	if err := e.TakeSaved(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, e.settled(), model.StatusDone)
	w.wantObject("k", path)
	// A request that the first process cut may be counted here; one of a part that was in cannot.
	for number := range w.sentParts() {
		if done.Has(number) {
			t.Errorf("part %d was sent again", number)
		}
	}
	w.wantClean(e)
}

// moody is a file that changes under the first read, as if an editor saved at that moment.
type moody struct {
	transfer.Source
	once *sync.Once
	path string
}

func (m moody) ReadAt(p []byte, at int64) (int, error) {
	m.once.Do(func() {
		if err := overwrite(m.path, int64(kib100), kib100); err != nil {
			panic(err)
		}
	})
	return m.Source.ReadAt(p, at)
}

// A file sent in one piece has no Complete to hold back: what is sent must be of one state from the start.
func TestSmallSourceThatChanges(t *testing.T) {
	for _, noMD5 := range []bool{false, true} {
		t.Run(fmt.Sprint("no MD5 ", noMD5), func(t *testing.T) {
			w := newWorld(t)
			path := w.file("data", 2*kib100, 3)
			w.openFile = func(path string) (transfer.Source, error) {
				f, err := transfer.OpenFile(path)
				return moody{Source: f, once: new(sync.Once), path: path}, err
			}
			e := w.engine()
			e.do(w.put(path, "k", model.SendOptions{NoMD5: noMD5}))
			wantStatus(t, e.settled(), model.StatusChanged)
			w.wantNoObject("k")
		})
	}
}

// A file that changed before anything was sent is simply the file to send.
func TestSourceChangedBeforeItsTurn(t *testing.T) {
	w := newWorld(t)
	path := w.file("data", 6*kib100, 3)
	e := w.engine()
	send := parts(2)
	send.Paused = true
	e.do(w.put(path, "k", send))
	if err := os.WriteFile(path, content(9*kib100+1, 8), 0o600); err != nil {
		t.Fatal(err)
	}
	e.do(model.GoAll{})
	if j := wantStatus(t, e.settled(), model.StatusDone); j.Parts != 10 {
		t.Errorf("%d parts", j.Parts)
	}
	w.wantObject("k", path)
	w.wantClean(e)
}

// One file that cannot be read fails alone.
func TestUnreadableFileFailsAlone(t *testing.T) {
	w := newWorld(t)
	good, bad := w.file("good", 3*kib100, 3), w.file("bad", 3*kib100, 4)
	e := w.engine()
	paused := parts(2)
	paused.Paused = true
	e.do(w.put(bad, "bad", paused))
	e.do(w.put(good, "good", paused))
	if err := os.Remove(bad); err != nil {
		t.Fatal(err)
	}
	e.do(model.GoAll{})
	jobs := e.settled()
	if jobs[0].Status != model.StatusFailed || jobs[0].Problem.Class != model.ProblemLocal {
		t.Errorf("%s %+v", jobs[0].Status, jobs[0].Problem)
	}
	wantStatus(t, jobs, model.StatusDone)
	w.wantObject("good", good)
}

// A command with one bad file adds none, and says which.
func TestEnqueueIsAllOrNothing(t *testing.T) {
	w := newWorld(t)
	e := w.engine()
	put := w.put(w.file("good", 10, 3), "good", model.SendOptions{})
	put.Files = append(put.Files, model.EnqueueFile{Path: filepath.Join(t.TempDir(), "none"), Place: w.place, Key: "bad"})
	err := e.Do(t.Context(), put)
	if err == nil || !bytes.Contains([]byte(err.Error()), []byte("none")) || len(e.Snapshot().Jobs) != 0 {
		t.Errorf("%v with %d jobs", err, len(e.Snapshot().Jobs))
	}
}
