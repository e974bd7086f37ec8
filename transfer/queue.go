package transfer

import (
	"context"
	"errors"
	"time"

	"partway/model"
)

// schedule starts waiting jobs while there is room, and reports whether any runs now. It is called whenever a place may have become
// free; it never blocks.
func (e *Engine) schedule() (busy bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx.Err() != nil {
		return false
	}
	heavy, light := 0, 0
	for _, j := range e.jobs {
		if j.running() {
			if j.isLight() {
				light++
			} else {
				heavy++
			}
		}
	}
	// Small files are hashed ahead as parts are: enough of them to fill the lanes of a core while others are sent.
	mostLight := e.limits.Files + e.parts.size() + lanesOfCore
	for _, j := range e.jobs {
		switch single := j.isLight(); {
		case !j.waiting():
		case single && light < mostLight:
			light++
			e.start(j)
		case !single && heavy < e.limits.Files:
			heavy++
			e.start(j)
		}
	}
	return heavy+light > 0
}

func (j *job) running() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.stop != nil
}

// isLight is asked under the lock, because a job that is aborted becomes light.
func (j *job) isLight() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.light
}

func (j *job) waiting() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.stop == nil && j.view.Status == model.StatusQueued
}

// start runs a job in a goroutine of the engine.
func (e *Engine) start(j *job) {
	ctx, stop := context.WithCancelCause(e.ctx)
	j.mu.Lock()
	if j.view.Status != model.StatusQueued { // paused since it was looked at
		j.mu.Unlock()
		stop(nil)
		return
	}
	j.stop, j.stopping, j.ended = stop, nil, make(chan struct{})
	j.view.Problem, j.view.Position, j.view.GoesOn = nil, 0, time.Time{}
	if j.view.Started.IsZero() {
		j.view.Started = e.now()
	}
	j.view.Status = model.StatusUploading
	ended, work := j.ended, j.work
	j.mu.Unlock()
	e.workers.Go(func() {
		err := guarded(func() error {
			if err := e.own(j); err != nil {
				return err
			}
			return work(ctx, j)
		})()
		stop(nil)
		e.settle(j, err)
		close(ended)
		if !e.schedule() {
			e.publish() // the last one: whoever waits for it is not kept waiting for the next sample
		}
	})
	e.nudge()
}

// settle gives a job that has ended its status.
func (e *Engine) settle(j *job, err error) {
	j.mu.Lock()
	j.stop, j.drain, j.slots = nil, nil, nil
	cause := j.stopping
	j.mu.Unlock()
	switch {
	case err == nil:
	case errors.Is(err, errAborted) && j.kind().ReadsOnly():
		j.setStatus(e, model.StatusAborted)
	case errors.Is(err, errAborted):
		j.setStatus(e, model.StatusAborting) // its abort follows
	case errors.Is(err, errClosed):
		j.setStatus(e, model.StatusPaused)
	case errors.Is(err, errPaused) || cause != nil && errors.Is(err, context.Canceled):
		j.setStatus(e, model.StatusPaused)
		e.record(j, model.Record{Kind: model.RecordPaused})
	default:
		e.fail(j, err)
	}
	e.nudge()
}

// fail shows what stopped a job and keeps everything it has done.
func (e *Engine) fail(j *job, err error) {
	j.mu.Lock()
	what := j.view.Kind.Verb() + " " + j.view.Ref.Key
	j.mu.Unlock()
	if skipped := (*skippedError)(nil); errors.As(err, &skipped) {
		j.update(e, func(v *model.Job) { v.Status, v.Finished = model.StatusSkipped, e.now() })
		e.forget(j)
		e.event(j, model.LevelInfo, 0, 0, nil, "%s", skipped.Error())
		return
	}
	problem := ProblemOf(err, what)
	problem.Facts.At = e.now()
	j.update(e, func(v *model.Job) {
		v.Status, v.Problem = statusOf(problem), problem
		e.park(j, err, problem)
	})
	e.record(j, model.Record{Kind: model.RecordParked, Problem: problem})
	e.event(j, model.LevelError, problem.Facts.Part, 0, err, "%s", problem.Error())
}

// statusOf is the status of a job that a problem stopped.
func statusOf(problem *model.Problem) model.Status {
	switch problem.Class {
	case model.ProblemChanged:
		return model.StatusChanged
	case model.ProblemGone:
		return model.StatusGone
	}
	return model.StatusFailed
}

// add puts a job at the end of the queue.
func (e *Engine) add(j *job) {
	e.mu.Lock()
	e.jobs = append(e.jobs, j)
	e.byID[j.id] = j
	e.mu.Unlock()
	e.nudge()
}

// move changes the order among the waiting jobs; jobs that run keep theirs.
func (e *Engine) move(id model.JobID, to model.MoveTo) error {
	j, err := e.job(id)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	var waiting []int // indexes
	at := -1
	for i, other := range e.jobs {
		if other.waiting() {
			if other == j {
				at = len(waiting)
			}
			waiting = append(waiting, i)
		}
	}
	if at < 0 {
		return errors.New("only a waiting job can be moved in the queue")
	}
	target := map[model.MoveTo]int{model.MoveUp: at - 1, model.MoveDown: at + 1, model.MoveFirst: 0, model.MoveLast: len(waiting) - 1}[to]
	target = min(max(target, 0), len(waiting)-1)
	step := 1
	if target < at {
		step = -1
	}
	for ; at != target; at += step {
		a, b := waiting[at], waiting[at+step]
		e.jobs[a], e.jobs[b] = e.jobs[b], e.jobs[a]
	}
	e.nudge()
	return nil
}

// clearFinished takes finished jobs off the list, and comparisons that came to nothing: there is nothing to lose with them.
func (e *Engine) clearFinished(ids []model.JobID) {
	wanted := map[model.JobID]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	e.mu.Lock()
	kept := e.jobs[:0:0]
	for _, j := range e.jobs {
		if j.over() && (len(ids) == 0 || wanted[j.id]) {
			delete(e.byID, j.id)
			e.retired += j.bytesRun.Load()
			continue
		}
		kept = append(kept, j)
	}
	e.jobs = kept
	e.mu.Unlock()
	e.nudge()
}
