package transfer

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"time"

	"partway/model"
)

// Do takes a command up or refuses it with the reason. The next snapshot shows that it was taken up; Do does not wait for what
// comes of it.
func (e *Engine) Do(ctx context.Context, command model.Command) error {
	if e.ctx.Err() != nil {
		return errClosed
	}
	err := e.take(ctx, command)
	e.schedule()
	e.commands.Add(1)
	e.nudge()
	return err
}

func (e *Engine) take(ctx context.Context, command model.Command) error {
	switch c := command.(type) {
	case model.Enqueue:
		return e.enqueue(ctx, c.Files)
	case model.Go:
		return e.each(c.Jobs, func(j *job) error { return e.goOn(j, c.IfChanged) })
	case model.GoAll:
		return e.goAll()
	case model.Pause:
		return e.each(c.Jobs, func(j *job) error { return e.pause(j, c.Now) })
	case model.PauseAll:
		e.stopAll(errPaused, !c.Now)
		return nil
	case model.Move:
		return e.move(c.Job, c.To)
	case model.SetLimits:
		return e.changeLimits(c)
	case model.SetJobParts:
		return e.setJobParts(c)
	case model.Adopt:
		return e.takeOver(ctx, c)
	case model.Compare:
		return e.compareFile(c)
	case model.CompleteUpload:
		e.addWork(model.JobComplete, c.Place, c.Ref, e.completeForeign(c))
		return nil
	case model.Abort:
		return e.abortAll(c)
	case model.Verify:
		j := e.newWork(model.JobVerify, c.Place, model.Ref{Bucket: c.Place.Bucket, Key: c.Key}, e.verifyObject)
		j.intent.Source.Path = c.Path
		e.add(j)
		return nil
	case model.ClearFinished:
		e.clearFinished(c.Jobs)
		return nil
	case model.Look:
		view := e.options.View
		view.Place, view.Prefix = c.Place, c.Prefix
		e.look(view)
		return nil
	case model.Refresh:
		return e.watch(func(w *watcher) { w.askRefresh() })
	case model.Measure:
		return e.watch(func(w *watcher) { w.askMeasure(c.Refs) })
	}
	return fmt.Errorf("this engine does not know the command %T", command)
}

// watch asks something of the watcher of the bucket on view.
func (e *Engine) watch(ask func(*watcher)) error {
	w := e.watching()
	if w == nil {
		return errors.New("no bucket is on view")
	}
	ask(w)
	return nil
}

func (e *Engine) each(ids []model.JobID, act func(*job) error) error {
	var failures []error
	for _, id := range ids {
		j, err := e.job(id)
		if err == nil {
			err = act(j)
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// enqueue adds files. All are looked at before any is added, so that a mistake in one adds none.
func (e *Engine) enqueue(ctx context.Context, files []model.EnqueueFile) error {
	var jobs []*job
	var failures []error
	for _, f := range files {
		j, err := e.jobFor(f)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		jobs = append(jobs, j)
	}
	if err := errors.Join(failures...); err != nil {
		return err
	}
	for _, j := range jobs {
		switch {
		case j.saved.ID != "":
			if err := e.claim(j); err != nil {
				return err
			}
		case !j.light || j.intent.Send.Paused:
			e.record(j, model.Record{V: model.JournalVersion, Kind: model.RecordIntent, Intent: &j.intent})
		}
		e.add(j)
	}
	return nil
}

// jobFor makes the job of a file. A file that the journal knows for the same key goes on where it stopped.
func (e *Engine) jobFor(f model.EnqueueFile) (*job, error) {
	if err := model.CheckKey(f.Key); err != nil {
		return nil, err
	}
	path, err := filepath.Abs(f.Path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	if err := e.alone(f.Place, f.Key); err != nil {
		return nil, err
	}
	print, err := e.fingerprint(path)
	if err != nil {
		return nil, err
	}
	if saved, found := e.savedFor(f.Place, f.Key, path); found {
		j := e.savedJob(saved)
		j.startOver, j.ifChanged = true, f.IfChanged
		j.view.Status = model.StatusQueued // whatever it was when the journal was begun
		if f.Send.Paused {
			j.view.Status = model.StatusPaused
		}
		return j, nil
	}
	plan, err := model.NewPlan(print.Size, f.Send.PartSize)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	j := e.newSend(newJobID(), model.Intent{Place: f.Place, Key: f.Key, Source: print, Plan: plan, Write: f.Write, Send: f.Send})
	j.light = plan.Size <= min(plan.PartSize, maxInOnePiece)
	j.showPlan(plan.Layout(), plan.PartSize)
	return j, nil
}

// keepOptions takes from a file that is put again what can still be chosen: the rest was fixed when the upload was initiated.
func (e *Engine) keepOptions(j *job, f model.EnqueueFile) {
	begun := j.saved.UploadID != ""
	if !begun {
		j.intent.Write = f.Write
	} else {
		fixed := j.intent.Write
		fixed.IfExists, fixed.ACL = f.Write.IfExists, f.Write.ACL
		if !reflect.DeepEqual(fixed, f.Write) {
			e.event(j, model.LevelWarn, 0, 0, nil, "goes on with the properties it was initiated with: those given now cannot be applied any more")
		}
		j.intent.Write = fixed
	}
	j.view.Write = j.intent.Write
	j.intent.Send.Parts, j.intent.Send.NoMD5 = f.Send.Parts, f.Send.NoMD5
	j.view.AtOnce = f.Send.Parts
}

// alone refuses a key that another job of the queue is on its way to: the later one to complete would replace the other.
func (e *Engine) alone(place model.Place, key string) error {
	for _, j := range e.list() {
		j.mu.Lock()
		same := j.place == place && j.view.Ref.Key == key && !j.view.Status.Final() && !j.view.Kind.ReadsOnly()
		path := j.intent.Source.Path
		j.mu.Unlock()
		if same {
			return fmt.Errorf("oss://%s/%s is in the queue already, from %s", place.Bucket, key, path)
		}
	}
	return nil
}

// savedFor finds the journal of the same file on its way to the same key.
func (e *Engine) savedFor(place model.Place, key, path string) (model.SavedJob, bool) {
	for _, s := range e.Saved() {
		if s.Intent.Place.Bucket == place.Bucket && s.Intent.Place.Endpoint == place.Endpoint && s.Intent.Key == key && s.Intent.Source.Path == path && !s.ReadOnly {
			return s, true
		}
	}
	return model.SavedJob{}, false
}

// newSend is a job that sends a file.
func (e *Engine) newSend(id model.JobID, intent model.Intent) *job {
	j := &job{id: id, place: intent.Place, work: e.send, intent: intent,
		parts: map[int]model.PartRecord{}, flights: map[int]*flight{}}
	status := model.StatusQueued
	if intent.Send.Paused {
		status = model.StatusPaused
	}
	j.view = model.Job{ID: id, Ref: model.Ref{Bucket: intent.Place.Bucket, Key: intent.Key, UploadID: intent.Adopted}, Place: intent.Place,
		Status: status, Source: intent.Source, Write: intent.Write, Queued: e.now(), AtOnce: intent.Send.Parts, ETA: -1, Adopted: intent.Adopted != "", Stream: intent.Stream}
	return j
}

// savedJob is a job as its journal left it.
func (e *Engine) savedJob(saved model.SavedJob) *job {
	j := e.newSend(saved.ID, saved.Intent)
	j.saved = saved
	j.view.Ref, j.view.Problem = saved.Ref(), saved.Problem
	j.light = saved.UploadID == "" && saved.Phase == model.PhaseIntended && saved.Intent.Plan.Size <= min(saved.Intent.Plan.PartSize, maxInOnePiece)
	j.planSaved(saved)
	if saved.Intent.Stream {
		j.work = func(_ context.Context, j *job) error { return e.endStream(j, errStreamLost) }
	}
	if saved.Phase == model.PhaseAborting {
		j.work, j.view.Kind = e.abort, model.JobAbort
	}
	return j
}

// own claims the journal of a saved job that was only shown so far.
func (e *Engine) own(j *job) error {
	j.mu.Lock()
	shown := j.saved.ID != "" && !j.journaled
	j.mu.Unlock()
	if !shown {
		return nil
	}
	return e.claim(j)
}

// claim takes the journal of a saved job, so that no other process works on it.
func (e *Engine) claim(j *job) error {
	saved, err := e.options.Journal.Claim(j.id)
	if err != nil {
		return fmt.Errorf("%s: %w", j.view.Ref.URL(), err)
	}
	j.mu.Lock()
	// Another process may have begun anew since the journals were read. What this one was asked for stays.
	write, send := j.intent.Write, j.intent.Send
	j.saved, j.journaled, j.intent = saved, true, saved.Intent
	j.cut = e.now().Sub(saved.Touched) < lingering
	j.intent.Write, j.intent.Send = write, send
	j.view.Ref, j.view.Source = saved.Ref(), saved.Intent.Source
	j.planSaved(saved)
	j.mu.Unlock()
	e.record(j, model.Record{Kind: model.RecordResumed})
	return nil
}

// lingering is how long a server may still be busy with a part that a process was sending when it ended.
const lingering = time.Minute

// TakeSaved puts saved jobs into the queue, to start as soon as there is room. A job that another process works on is an error
// that says which.
func (e *Engine) TakeSaved(ctx context.Context, ids ...model.JobID) error {
	var failures []error
	for _, s := range e.Saved() {
		for _, id := range ids {
			if s.ID != id {
				continue
			}
			if s.ReadOnly {
				failures = append(failures, fmt.Errorf("%s: its journal was written by a newer version of the program, which has to finish it", s.Ref().URL()))
				continue
			}
			j := e.savedJob(s)
			j.view.Status = model.StatusQueued
			if err := e.claim(j); err != nil {
				failures = append(failures, err)
				continue
			}
			e.add(j)
		}
	}
	e.schedule()
	return errors.Join(failures...)
}

func (e *Engine) goOn(j *job, ifChanged model.IfChanged) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.stop != nil:
		return nil // it runs
	case j.view.Status == model.StatusAborting:
		return fmt.Errorf("%s is being aborted", j.view.Ref.URL())
	case j.view.Status.Final():
		return fmt.Errorf("%s is %s: there is nothing to go on with", j.view.Ref.URL(), j.view.Status)
	case j.streamEnded():
		return fmt.Errorf("%s: %w; run its command again to start over, or abort it", j.view.Ref.URL(), errStreamLost)
	}
	j.ifChanged = ifChanged
	j.startOver = j.startOver || j.view.Status == model.StatusGone
	j.view.Status, j.view.Problem, j.view.GoesOn = model.StatusQueued, nil, time.Time{}
	if j.journaled {
		j.mu.Unlock()
		e.record(j, model.Record{Kind: model.RecordResumed})
		j.mu.Lock()
	}
	return nil
}

// repeats reports whether a failed job can be tried again for the asking: what only read was asked about once, and a stream is over.
func (j *job) repeats() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return !j.view.Kind.ReadsOnly() && !j.streamEnded()
}

func (e *Engine) goAll() error {
	var failures []error
	for _, j := range e.list() {
		switch status := j.status(); {
		case status == model.StatusPaused, status == model.StatusFailed && j.repeats():
			failures = append(failures, e.goOn(j, model.IfChangedStop))
		}
	}
	return errors.Join(failures...)
}

func (e *Engine) pause(j *job, now bool) error {
	if j.halt(errPaused, !now) != nil {
		return nil
	}
	e.pauseWaiting(j)
	return nil
}

// pauseWaiting pauses a job that waits for its turn, or for the network.
func (e *Engine) pauseWaiting(j *job) {
	j.mu.Lock()
	waits := j.view.Status == model.StatusQueued || !j.view.GoesOn.IsZero()
	if waits {
		j.view.Status, j.view.Problem, j.view.GoesOn = model.StatusPaused, nil, time.Time{}
	}
	j.mu.Unlock()
	if waits {
		e.record(j, model.Record{Kind: model.RecordPaused})
	}
}
