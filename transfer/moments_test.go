package transfer_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"partway/model"
	"partway/transfer"
)

// momentParts is the size of the file of a moment.
const momentParts = 20

// happening is something that befalls a file while it is sent.
type happening struct {
	name string
	do   func(path string, random *rand.Rand) error
}

// happenings are the changes of changes, at random places, and those that size and modification time do not show.
func happenings() []happening {
	appending := func(path string, data []byte) error {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = f.Write(data)
		return err
	}
	return []happening{
		{"overwritten", func(path string, _ *rand.Rand) error { return overwrite(path, 0, momentParts*kib100) }},
		{"overwritten in one place", func(path string, random *rand.Rand) error {
			return overwrite(path, random.Int64N(momentParts*int64(kib100)-9), 9)
		}},
		{"grown", func(path string, random *rand.Rand) error {
			return appending(path, content(1+random.IntN(2*kib100), 5))
		}},
		{"truncated", func(path string, random *rand.Rand) error {
			return os.Truncate(path, random.Int64N(momentParts*int64(kib100)))
		}},
		{"replaced", func(path string, _ *rand.Rand) error {
			if err := os.WriteFile(path+".new", content(momentParts*kib100, 9), 0o600); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		}},
		{"touched", func(path string, _ *rand.Rand) error { return os.Chtimes(path, time.Time{}, time.Now()) }},
		{"given other permissions", func(path string, _ *rand.Rand) error { return os.Chmod(path, 0o640) }},
		{"overwritten in one place, its modification time put back", func(path string, random *rand.Rand) error {
			return hidden(path, random.Int64N(momentParts*int64(kib100)-9), 9)
		}},
	}
}

// hidden overwrites a piece of a file so that its size and modification time are as before.
func hidden(path string, at int64, size int) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := overwrite(path, at, size); err != nil {
		return err
	}
	return os.Chtimes(path, time.Time{}, info.ModTime())
}

// momentous is a file to which something happens when it is read or looked at for the n-th time, counted over all openings.
type momentous struct {
	transfer.Source
	at     int64
	passed *atomic.Int64
	happen func()
}

func (m momentous) pass() {
	if m.passed.Add(1) == m.at {
		m.happen()
	}
}

func (m momentous) ReadAt(p []byte, at int64) (int, error) {
	m.pass()
	return m.Source.ReadAt(p, at)
}

func (m momentous) Fingerprint() (model.Fingerprint, error) {
	m.pass()
	return m.Source.Fingerprint()
}

// moment is an upload in the middle of which something happens to its file.
type moment struct {
	*world
	path   string
	before []byte
	passed atomic.Int64
}

func newMoment(t *testing.T, at int64, happen func(path string)) *moment {
	t.Helper()
	m := &moment{world: newWorld(t)}
	m.policy.AbortWait = 100 * time.Millisecond // longer than the server may hold a part that was cut
	m.before = content(momentParts*kib100, 3)
	m.path = m.file("data", len(m.before), 3)
	m.openFile = func(path string) (transfer.Source, error) {
		f, err := transfer.OpenFile(path)
		return momentous{Source: f, at: at, passed: &m.passed, happen: func() { happen(path) }}, err
	}
	return m
}

func (m *moment) object() []byte {
	m.t.Helper()
	object, _, err := m.server.OpenObject(bucket, "k")
	if err != nil {
		m.t.Fatal(err)
	}
	defer object.Close()
	data, err := io.ReadAll(object)
	if err != nil {
		m.t.Fatal(err)
	}
	return data
}

// A hundred random moments: at each read of the file and each look at it, anything may happen to it. What becomes an object is one
// state of the file, whole: as it was when it was opened (which a replaced or merely touched file still is), or, if it happened before
// the first byte was sent, as it is since. Everything else stops with nothing completed; and going on, in either way, ends with the
// object equal to the file as it is now.
func TestSourceChangesAtRandomMoments(t *testing.T) {
	const moments = 100
	quiet := newMoment(t, 0, nil)
	e := quiet.engine()
	e.do(quiet.put(quiet.path, "k", parts(4)))
	wantStatus(t, e.settled(), model.StatusDone)
	most := quiet.passed.Load()

	var stopped, old, fresh, mixed, late atomic.Int64
	random := rand.New(rand.NewPCG(26, 11))
	t.Run("moments", func(t *testing.T) {
		for i := range moments {
			what := happenings()[i%len(happenings())]
			at, seed := 1+random.Int64N(most), random.Uint64()
			wish := []model.IfChanged{model.IfChangedMatch, model.IfChangedRestart}[i/len(happenings())%2]
			t.Run(fmt.Sprintf("%d, %s at %d of %d, then %s", i, what.name, at, most, wish), func(t *testing.T) {
				t.Parallel()
				var happened atomic.Bool
				m := newMoment(t, at, func(path string) {
					happened.Store(true)
					if err := what.do(path, rand.New(rand.NewPCG(seed, 1))); err != nil {
						t.Error(err)
					}
				})
				e := m.engine()
				e.do(m.put(m.path, "k", parts(4)))
				j := e.settled()[0]
				switch {
				case j.Status == model.StatusDone && bytes.Equal(m.object(), m.before):
					old.Add(1)
				case j.Status == model.StatusDone:
					if after, err := os.ReadFile(m.path); err != nil || !bytes.Equal(m.object(), after) {
						mixed.Add(1)
						t.Errorf("the object is neither the file as it was nor as it is, %v", err)
					}
					fresh.Add(1)
				case j.Status == model.StatusChanged:
					stopped.Add(1)
					m.wantNoObject("k")
					e.do(model.Go{Jobs: []model.JobID{j.ID}, IfChanged: wish})
					wantStatus(t, e.settled(), model.StatusDone)
					m.wantObject("k", m.path)
				default:
					t.Errorf("it is %s: %v", j.Status, j.Problem)
				}
				if !happened.Load() {
					late.Add(1) // fewer reads than in the quiet run: the parts are read in pieces that differ
				}
				m.wantClean(e)
			})
		}
	})
	t.Logf("%d moments among %d reads and looks: %d stopped as changed and went on to the new file, %d objects are the file as it was, %d as it is since, %d are mixed; %d moments never came",
		moments, most, stopped.Load(), old.Load(), fresh.Load(), mixed.Load(), late.Load())
	if stopped.Load() < moments/4 || late.Load() > moments/10 {
		t.Error("too few of the moments lay in the middle of an upload for this to prove anything")
	}
}
