package transfer

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"partway/model"
)

// Why the engine stops a job that is running. They are causes of a cancelled context, never shown.
var (
	errPaused  = errors.New("paused")
	errAborted = errors.New("aborted")
	errClosed  = errors.New("the engine is closing")
)

// job is one piece of work of the queue. What it is and how it goes is split: view holds what a snapshot shows and is written
// by whoever works on the job; the atomics are bumped for every read of a body and only ever sampled.
type job struct {
	id    model.JobID
	place model.Place
	// work does the job; it may be called again after a pause. It sets the final status itself when it returns nil.
	work func(context.Context, *job) error
	// light jobs are a single request: they need no place among the files at once.
	light bool

	bytesRun atomic.Int64 // put on the wire in this process, failed tries included
	lastByte atomic.Int64 // Unix nanoseconds
	compared atomic.Int64 // bytes of the file that were compared with parts

	mu        sync.Mutex
	view      model.Job
	intent    model.Intent
	adopt     *model.Adopt // how an adopted upload was asked for, until its intent is known
	ifChanged model.IfChanged
	startOver bool // begin anew if the upload turns out to be gone
	parkings  int  // in a row, without a part that went through in between
	saved     model.SavedJob
	journaled bool
	parts     map[int]model.PartRecord // acknowledged and proved
	flights   map[int]*flight
	slots     *gate // parts of this job at once; nil while none are sent
	meter     meter
	comparing meter
	lastAck   time.Time
	stop      context.CancelCauseFunc // ends the run now; nil while there is none
	drain     context.CancelCauseFunc // lets parts in flight finish; nil while no part is sent
	stopping  error                   // the cause given to either
	cut       bool                    // parts were cut in flight: the server may store them later
	ended     chan struct{}           // closed when the run has ended
}

// flight is a part on its way.
type flight struct {
	number int
	at     model.Range
	sent   atomic.Int64 // bytes of this try

	// The rest is guarded by the job's mutex.
	md5     string // base64; empty where it is not used
	try     int
	retryAt time.Time
	problem *model.Problem
	meter   meter
}

// update changes what is shown of the job and has the change published.
func (j *job) update(e *Engine, change func(*model.Job)) {
	j.mu.Lock()
	change(&j.view)
	j.mu.Unlock()
	e.nudge()
}

func (j *job) setStatus(e *Engine, status model.Status) {
	j.update(e, func(v *model.Job) { v.Status = status })
}

func (j *job) status() model.Status {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.view.Status
}

func (j *job) kind() model.JobKind {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.view.Kind
}

// over reports whether nothing is lost with the job.
func (j *job) over() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.view.Status.Final() || j.view.Kind.ReadsOnly() && j.stop == nil && j.view.Status != model.StatusQueued
}

func (j *job) ref() model.Ref {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.view.Ref
}

// fly shows a part as on its way; land takes it out of the air again.
func (j *job) fly(f *flight) {
	j.mu.Lock()
	j.flights[f.number] = f
	j.mu.Unlock()
}

func (j *job) land(f *flight) {
	j.mu.Lock()
	delete(j.flights, f.number)
	j.mu.Unlock()
}

// acknowledge counts a part as in, sent by this run.
func (j *job) acknowledge(p model.PartRecord, now time.Time) {
	j.mu.Lock()
	j.keep(p)
	delete(j.flights, p.Number)
	j.lastAck, j.parkings = now, 0
	j.mu.Unlock()
}

func (j *job) beginTry(f *flight, try int) {
	j.mu.Lock()
	f.try, f.retryAt, f.problem = try, time.Time{}, nil
	f.sent.Store(0)
	j.mu.Unlock()
}

func (j *job) waitUntil(f *flight, at time.Time, problem *model.Problem) {
	j.mu.Lock()
	f.retryAt, f.problem = at, problem
	f.sent.Store(0)
	j.mu.Unlock()
}

// idle is how long no byte of the job was acknowledged.
func (j *job) idle(now time.Time) time.Duration {
	j.mu.Lock()
	defer j.mu.Unlock()
	return now.Sub(j.lastAck)
}

// noteCut notes that a part was cut while it was sent.
func (j *job) noteCut() {
	j.mu.Lock()
	j.cut = true
	j.mu.Unlock()
}

// keep counts a part as in. The caller holds the mutex.
func (j *job) keep(p model.PartRecord) {
	if _, known := j.parts[p.Number]; !known {
		j.view.PartsDone++
		j.view.BytesDone += p.Size
	}
	j.parts[p.Number] = p
	if !j.view.Done.Has(p.Number) {
		// Snapshots share the bitmap they were given, so a change makes a new one.
		j.view.Done = append(model.Bitmap(nil), j.view.Done...)
		j.view.Done.Set(p.Number)
	}
}

// drop counts a part as missing again. The caller holds the mutex.
func (j *job) drop(number int) {
	p, known := j.parts[number]
	if !known {
		return
	}
	delete(j.parts, number)
	j.view.PartsDone--
	j.view.BytesDone -= p.Size
	done := model.NewBitmap(j.view.Parts)
	for n := range j.parts {
		done.Set(n)
	}
	j.view.Done = done
}

// plan shows where the parts lie. The caller holds the mutex.
func (j *job) showPlan(layout model.Layout, partSize int64) {
	j.view.Parts, j.view.PartSize = len(layout), partSize
	j.view.Done = model.NewBitmap(len(layout))
	j.view.PartsDone, j.view.BytesDone = 0, 0
	j.parts, j.flights = map[int]model.PartRecord{}, map[int]*flight{}
}

// halt ends a run: gently lets parts in flight finish. It returns the channel that is closed when the run has ended, or nil if
// there is none.
func (j *job) halt(cause error, gently bool) <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.stop == nil {
		return nil
	}
	j.stopping = cause
	if gently && j.drain != nil {
		j.drain(cause)
	} else {
		j.cut = j.cut || len(j.flights) > 0
		j.stop(cause)
	}
	return j.ended
}

// tally is a file that counts what is read of a range of it, each byte once. One goroutine reads.
type tally struct {
	Source
	whole *atomic.Int64
	left  int64 // of the range, not counted yet
}

func (t *tally) ReadAt(p []byte, offset int64) (int, error) {
	n, err := t.Source.ReadAt(p, offset)
	counted := min(int64(n), t.left)
	t.left -= counted
	t.whole.Add(counted)
	return n, err
}

// NextData is the file's own.
func (t *tally) NextData(offset int64) int64 {
	if finder, is := t.Source.(DataFinder); is {
		return finder.NextData(offset)
	}
	return offset
}
