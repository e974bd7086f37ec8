package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"

	"partway/model"
	"partway/ossapi"
	"partway/ossapi/emulator"
	"partway/state"
	"partway/transfer"
)

// power is what a process has until it is cut: every call to the service and every record of the journal passes two points,
// before and after its effect, and from the point number cut on nothing has an effect any more.
type power struct {
	mu    sync.Mutex
	at    int
	cut   int // 0: never
	names []string
}

// gone passes a point and reports whether the power is off.
func (p *power) gone(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at++
	p.names = append(p.names, name)
	return p.cut != 0 && p.at >= p.cut
}

// off reports whether the power was cut.
func (p *power) off() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cut != 0 && p.at >= p.cut
}

var errPower = &ossapi.Error{Op: "call", Kind: ossapi.KindTemporary, Err: errors.New("the power is off")}

// powered is a service that is out of reach once the power is off.
type powered struct {
	transfer.Store
	p *power
}

func through[T any](p *power, name string, do func() (T, error)) (result T, err error) {
	if p.gone("before " + name) {
		return result, errPower
	}
	got, err := do()
	if p.gone("after " + name) {
		return result, errPower
	}
	return got, err
}

func (s powered) Initiate(ctx context.Context, r ossapi.InitiateRequest) (string, error) {
	return through(s.p, "Initiate", func() (string, error) { return s.Store.Initiate(ctx, r) })
}

func (s powered) UploadPart(ctx context.Context, r ossapi.UploadPartRequest) (ossapi.UploadedPart, error) {
	return through(s.p, "UploadPart", func() (ossapi.UploadedPart, error) { return s.Store.UploadPart(ctx, r) })
}

func (s powered) Complete(ctx context.Context, r ossapi.CompleteRequest) (ossapi.CompleteResult, error) {
	return through(s.p, "Complete", func() (ossapi.CompleteResult, error) { return s.Store.Complete(ctx, r) })
}

func (s powered) Abort(ctx context.Context, u ossapi.Upload) error {
	_, err := through(s.p, "Abort", func() (struct{}, error) { return struct{}{}, s.Store.Abort(ctx, u) })
	return err
}

func (s powered) Head(ctx context.Context, o ossapi.Object) (ossapi.ObjectInfo, error) {
	return through(s.p, "Head", func() (ossapi.ObjectInfo, error) { return s.Store.Head(ctx, o) })
}

func (s powered) Put(ctx context.Context, r ossapi.PutRequest) (ossapi.PutResult, error) {
	return through(s.p, "Put", func() (ossapi.PutResult, error) { return s.Store.Put(ctx, r) })
}

func (s powered) ListParts(ctx context.Context, r ossapi.ListPartsRequest) iter.Seq2[ossapi.PartsPage, error] {
	if s.p.gone("ListParts") {
		return func(yield func(ossapi.PartsPage, error) bool) { yield(ossapi.PartsPage{}, errPower) }
	}
	return s.Store.ListParts(ctx, r)
}

// poweredJournal forgets to write once the power is off.
type poweredJournal struct {
	transfer.Journal
	p *power
}

func (j poweredJournal) Append(id model.JobID, r model.Record) error {
	_, err := through(j.p, "record "+string(r.Kind), func() (struct{}, error) { return struct{}{}, j.Journal.Append(id, r) })
	return err
}

func (j poweredJournal) Forget(id model.JobID, f model.Finished) error {
	_, err := through(j.p, "Forget", func() (struct{}, error) { return struct{}{}, j.Journal.Forget(id, f) })
	return err
}

func (j poweredJournal) Release(id model.JobID) error {
	if j.p.off() {
		return nil // the state folder lets go of it when it is closed
	}
	return j.Journal.Release(id)
}

// A process that dies between any two steps leaves what the next one needs: the upload is finished, nothing that was acknowledged
// is sent again, nothing is left behind, and one object stands for one file.
func TestCrashBetweenAnyTwoSteps(t *testing.T) {
	for _, c := range []struct {
		name    string
		points  int // at least; a small file has no journal until it comes to rest
		command func(w *world, path string) model.Command
	}{
		{"in parts", 6, func(w *world, path string) model.Command { return w.put(path, "k", parts(1)) }},
		{"in one piece", 2, func(w *world, path string) model.Command { return w.put(path, "k", model.SendOptions{}) }},
		{"adopted", 6, func(w *world, path string) model.Command {
			data := content(3*kib100+1, 3)
			id := w.plant(emulator.Seed{Bucket: bucket, Key: "k", Parts: []emulator.SeedPart{seedPart(data, 2, kib100), seedPart(data, 3, kib100)}})
			adopt := w.adopt("k", id, path)
			adopt.Send.Parts = 1 // of two at once one may be stored, and its answer lost, when the power goes before the other
			return adopt
		}},
	} {
		for _, again := range []string{"put", "resume"} {
			t.Run(c.name+", then "+again, func(t *testing.T) {
				t.Parallel()
				for cut := 1; ; cut++ {
					p := &power{cut: cut}
					if !crashAt(t, p, c.command, again) {
						if cut <= c.points {
							t.Fatalf("only %d points: %v", cut, p.names)
						}
						return
					}
					if t.Failed() {
						t.Fatalf("the power was cut at point %d, %s, after %v", cut, p.names[cut-1], p.names[:cut-1])
					}
				}
			})
		}
	}
}

// crashAt runs one job into a power cut and lets the next process finish it. It returns false if the job was done before.
func crashAt(t *testing.T, p *power, command func(*world, string) model.Command, again string) bool {
	w := newWorld(t)
	path := w.file("data", 3*kib100+1, 3)
	first := command(w, path)
	w.store = func(s transfer.Store) transfer.Store { return powered{s, p} }
	w.keep = func(j transfer.Journal) transfer.Journal { return poweredJournal{j, p} }
	e := w.engine()
	e.do(first)
	e.until("the power to go, or the job to end", func(s *model.Snapshot) bool {
		return p.off() || s.Jobs[0].Status == model.StatusDone || s.Jobs[0].Status.NeedsUser()
	})
	e.close()
	w.quiet()
	cut := p.off()
	known := w.savedJobs()
	w.store, w.keep = nil, nil
	e = w.engine()
	switch {
	case len(known) == 0 && w.hasObject("k"): // the journal was forgotten: it was done
	case len(known) == 0 || again == "put":
		e.do(first)
		wantStatus(t, e.settled(), model.StatusDone)
	default:
		if err := e.TakeSaved(t.Context(), known[0].ID); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, e.settled(), model.StatusDone)
	}
	w.wantObject("k", path)
	w.wantClean(e)
	for number, times := range w.answered() {
		if times != 1 {
			t.Errorf("part %d was stored %d times", number, times)
		}
	}
	if n := w.count(emulator.OpComplete); n > 2 {
		t.Errorf("Complete was called %d times", n)
	}
	return cut
}

func (w *world) savedJobs() []model.SavedJob {
	w.t.Helper()
	journal, err := state.Open(state.Options{Dir: w.stateDir, FS: unsynced{}})
	if err != nil {
		w.t.Fatal(err)
	}
	defer journal.Close()
	saved, _, err := journal.Load()
	if err != nil {
		w.t.Fatal(err)
	}
	return saved
}

func (w *world) hasObject(key string) bool {
	object, _, err := w.server.OpenObject(bucket, key)
	if err == nil {
		object.Close()
	}
	return err == nil
}

// A process that dies in the middle of an abort goes on with the abort, not with the upload.
func TestCrashWhileAborting(t *testing.T) {
	for cut := 1; ; cut++ {
		w := newWorld(t)
		path := w.file("data", 3*kib100, 3)
		w.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, PartNumber: 3, Times: -1, Effect: emulator.Answer{Status: 403}})
		e, jobs := w.uploaded(path, "k")
		id := wantStatus(t, jobs, model.StatusFailed).ID
		e.close()
		w.server.SetFaults(1)
		p := &power{cut: cut}
		w.store = func(s transfer.Store) transfer.Store { return powered{s, p} }
		w.keep = func(j transfer.Journal) transfer.Journal { return poweredJournal{j, p} }
		e = w.engine()
		e.do(model.Abort{Place: w.place, Refs: []model.Ref{jobs[0].Ref}})
		e.until("the power to go, or the abort to end", func(s *model.Snapshot) bool {
			return p.off() || len(s.Jobs) == 1 && s.Jobs[0].Status == model.StatusAborted
		})
		e.close()
		w.store, w.keep = nil, nil
		if known := w.savedJobs(); len(known) == 1 {
			e = w.engine()
			if known[0].Phase == model.PhaseAborting {
				if err := e.TakeSaved(t.Context(), id); err != nil {
					t.Fatal(err)
				}
			} else {
				e.do(model.Abort{Place: w.place, Refs: []model.Ref{jobs[0].Ref}})
			}
			wantStatus(t, e.settled(), model.StatusAborted)
			w.wantClean(e)
		}
		if n := w.server.UploadCount(bucket); n != 0 {
			t.Fatalf("cut at %d: %d uploads are left, after %v", cut, n, p.names)
		}
		w.wantNoObject("k")
		if !p.off() {
			return
		}
	}
}

// A journal that lost the line of a part still proves a Complete that was stored: the object is compared with the file.
func TestCompletedWithALineLost(t *testing.T) {
	w := newWorld(t)
	path := w.file("data", 3*kib100, 3)
	w.keep = func(j transfer.Journal) transfer.Journal { return withoutPart{j} }
	p := &power{}
	w.store = func(s transfer.Store) transfer.Store { return powered{s, p} }
	p.cut = 13 // two points each of Head, Initiate, three parts and Complete, and one of the listing: all but the last answer
	e := w.engine()
	e.do(w.put(path, "k", parts(1)))
	e.until("the power to go", func(*model.Snapshot) bool { return p.off() })
	e.close()
	if !w.hasObject("k") {
		t.Fatalf("the cut came before Complete: %v", p.names)
	}
	w.store, w.keep = nil, nil
	e = w.engine()
	e.do(w.put(path, "k", parts(1)))
	wantStatus(t, e.settled(), model.StatusDone)
	w.wantObject("k", path)
	w.wantClean(e)
	if n := w.count(emulator.OpUploadPart); n != 3 {
		t.Errorf("%d parts were sent", n)
	}
}

// withoutPart loses the record of part 2.
type withoutPart struct{ transfer.Journal }

func (j withoutPart) Append(id model.JobID, r model.Record) error {
	if r.Kind == model.RecordPart && r.Part.Number == 2 {
		return nil
	}
	return j.Journal.Append(id, r)
}

// A small file that was stored by a process that died an hour ago is recognised: the object equals the file.
func TestSmallFileStoredByADeadProcess(t *testing.T) {
	w := newWorld(t)
	path := w.file("data", 1000, 3)
	p := &power{cut: 2} // before Put, after Put
	w.store = func(s transfer.Store) transfer.Store { return powered{s, p} }
	w.keep = func(j transfer.Journal) transfer.Journal { return poweredJournal{j, p} }
	e := w.engine()
	e.do(w.put(path, "k", model.SendOptions{}))
	e.until("the power to go", func(*model.Snapshot) bool { return p.off() })
	e.close()
	if !w.hasObject("k") {
		t.Fatal(fmt.Sprint("not stored: ", p.names))
	}
	w.store, w.keep, w.now = nil, nil, hourLater
	e = w.engine()
	e.do(w.put(path, "k", model.SendOptions{}))
	wantStatus(t, e.settled(), model.StatusSkipped)
	w.wantClean(e)
}
