package transfer

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"partway/model"
	"partway/ossapi"
)

// Progress is pulled, never pushed: workers bump counters, and one goroutine looks at them now and then and publishes what it
// saw as one immutable value. A message for every write cut the workers to a fraction of their speed when it was measured.
const (
	sampleEvery   = 250 * time.Millisecond // while something moves
	sampleAtMost  = 50 * time.Millisecond  // between two snapshots when states change
	stalledAfter  = 10 * time.Second       // without a byte: shown as stalled
	partsInFlight = 64                     // shown of a job at most
)

// Snapshot is the state as last published; after a command it is made anew, so that it shows what the command did. It is immutable.
func (e *Engine) Snapshot() *model.Snapshot {
	if e.shown.Load() < e.commands.Load() {
		e.publish()
	}
	return e.published.Load()
}

// Changed rings after a new snapshot was published. It holds one ring; whoever was not listening finds it later.
func (e *Engine) Changed() <-chan struct{} { return e.bell }

// nudge has a change of state published soon.
func (e *Engine) nudge() {
	select {
	case e.stir <- struct{}{}:
	default:
	}
}

// samples publishes until the engine is closed. While nothing moves it sleeps without a ticker.
func (e *Engine) samples() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-e.ctx.Done():
			return
		case <-timer.C:
		case <-e.stir:
		}
		moving := e.publish()
		if err := sleep(e.ctx, sampleAtMost); err != nil {
			return
		}
		if moving {
			timer.Reset(sampleEvery - sampleAtMost)
		} else {
			timer.Stop()
		}
	}
}

// publish makes a snapshot and reports whether something moves.
func (e *Engine) publish() (moving bool) {
	e.publishing.Lock()
	defer e.publishing.Unlock()
	commands := e.commands.Load()
	now := e.now()
	jobs := e.list()
	s := &model.Snapshot{At: now, Jobs: make([]model.Job, 0, len(jobs))}
	sum := int64(0)
	position := 0
	for _, j := range jobs {
		view := j.sample(now)
		sum += j.bytesRun.Load()
		if view.Status == model.StatusQueued {
			position++
			view.Position = position
		}
		s.Jobs = append(s.Jobs, view)
		addTotals(&s.Totals, view)
		moving = moving || view.Status.Active()
	}
	if w := e.watching(); w != nil {
		s.Bucket = w.snapshot()
	}
	s.Link, s.History = e.link.snapshot(), e.options.History
	if end := e.options.CredentialsEnd; end != nil {
		s.Link.CredentialsEnd = end(s.Bucket.Place)
	}

	e.mu.Lock()
	sum += e.retired
	if moving {
		e.total.sample(now, sum)
	} else {
		e.total = meter{}
	}
	s.Totals.Rate, s.Totals.Rates = e.total.mean, lastOf(e.total.history, 60)
	s.Totals.ETA = e.total.eta(s.Totals.Bytes - s.Totals.BytesSent)
	s.Limits = e.limits
	s.Events = e.events
	s.Unsaved, s.Damages = e.unsaved, e.damages
	s.Seq = 1
	if last := e.published.Load(); last != nil {
		s.Seq = last.Seq + 1
	}
	e.mu.Unlock()
	if moving {
		e.pace.look(now, sum)
	}
	e.applyPace()
	s.Limits.PartsNow = e.parts.size()
	e.published.Store(s)
	e.shown.Store(commands)
	select {
	case e.bell <- struct{}{}:
	default:
	}
	return moving
}

// addTotals counts a job. A comparison sends nothing, and its failing is told where it was asked for.
func addTotals(t *model.Totals, v model.Job) {
	switch {
	case v.Kind == model.JobCompare:
		return
	case v.Status.Active():
		t.Moving++
	case v.Status == model.StatusQueued || v.Status == model.StatusPaused:
		t.Waiting++
	case v.Status.NeedsUser():
		t.Failed++
	case v.Status == model.StatusDone:
		t.Done++
	}
	if !v.Status.Final() && !v.Status.NeedsUser() && v.Status != model.StatusPaused {
		t.Bytes += v.Source.Size
		t.BytesSent += v.BytesSent
	}
}

func lastOf(history []float32, n int) []float32 { return history[max(0, len(history)-n):] }

// sample is the job as it is shown now.
func (j *job) sample(now time.Time) model.Job {
	run := j.bytesRun.Load()
	lastByte := time.Time{}
	if nanos := j.lastByte.Load(); nanos != 0 {
		lastByte = time.Unix(0, nanos)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	v := j.view
	v.BytesRun, v.LastByte = run, lastByte
	v.BytesSent = v.BytesDone
	if j.stop != nil && v.Status == model.StatusUploading {
		j.meter.sample(now, run)
	}
	waiting, sending := 0, 0
	for _, f := range j.flights {
		if f.try == 0 {
			continue // hashed, and waits for its turn
		}
		sent := f.sent.Load()
		v.BytesSent += sent
		f.meter.sample(now, sent)
		if f.retryAt.IsZero() {
			sending++
		} else {
			waiting++
		}
		if len(v.InFlight) < partsInFlight {
			v.InFlight = append(v.InFlight, model.PartProgress{Number: f.number, Range: f.at, Sent: sent, Rate: f.meter.mean, Try: f.try,
				MD5: f.md5 != "", RetryAt: f.retryAt, Problem: f.problem})
		}
	}
	slices.SortFunc(v.InFlight, func(a, b model.PartProgress) int { return cmp.Compare(a.Number, b.Number) })
	if v.Status == model.StatusUploading {
		v.Status = j.mood(now, sending, waiting, lastByte)
	}
	v.Rate, v.Average, v.Best, v.Rates = j.meter.mean, j.meter.average(), j.meter.best, j.meter.history
	v.ETA = -1
	switch {
	case v.Status == model.StatusMatching:
		v.ComparedBytes = j.compared.Load()
		j.comparing.sample(now, v.ComparedBytes)
		v.CompareRate, v.ETA = j.comparing.mean, j.comparing.eta(v.ToCompareBytes-v.ComparedBytes)
	case v.Status == model.StatusUploading && !v.Stream:
		v.ETA = j.meter.eta(v.Source.Size - v.BytesSent)
	}
	return v
}

// mood tells uploading from waiting for a retry and from standing still. The caller holds the mutex.
func (j *job) mood(now time.Time, sending, waiting int, lastByte time.Time) model.Status {
	switch {
	case sending == 0 && waiting > 0:
		return model.StatusRetrying
	case sending > 0 && !lastByte.IsZero() && now.Sub(lastByte) > stalledAfter:
		return model.StatusStalled
	}
	return model.StatusUploading
}

// event adds a fact to the ring. job and cause may be nil.
func (e *Engine) event(j *job, level model.Level, part, try int, cause error, format string, args ...any) {
	event := model.Event{At: e.now(), Level: level, Part: part, Try: try, Text: fmt.Sprintf(format, args...)}
	if j != nil {
		event.Job, event.Key = j.id, j.ref().Key
	}
	var answer *ossapi.Error
	if errors.As(cause, &answer) {
		event.Code = answer.Code
	}
	e.mu.Lock()
	e.eventNo++
	event.Seq = e.eventNo
	// A new slice each time: snapshots share the old one.
	kept := e.events[max(0, len(e.events)+1-maxEvents):]
	e.events = append(kept[:len(kept):len(kept)], event)
	e.mu.Unlock()
	e.nudge()
}
