package transfer

import (
	"errors"
	"time"

	"partway/model"
)

// A job that was parked because nothing went through needs no person, only time. With Options.ReturnParked it goes back into the
// queue by itself: when a request gets through to the service again after none did, and after a pause in any case, for a service that
// is reached and does not answer well. The pause grows as long as the job makes no progress in between.

// returns puts parked jobs back into the queue until the engine is closed.
func (e *Engine) returns() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		back := false
		select {
		case <-e.ctx.Done():
			return
		case <-e.link.back:
			back = true
		case <-e.parked:
		case <-timer.C:
		}
		if next := e.returnParked(back); !next.IsZero() {
			timer.Reset(next.Sub(e.now()))
		} else {
			timer.Stop()
		}
	}
}

// returnParked puts the parked jobs back whose time has come, or all, and says when the next one's comes.
func (e *Engine) returnParked(all bool) (next time.Time) {
	var due []*job
	now := e.now()
	for _, j := range e.list() {
		j.mu.Lock()
		at := j.view.GoesOn
		j.mu.Unlock()
		switch {
		case at.IsZero():
		case all || !now.Before(at):
			due = append(due, j)
		case next.IsZero() || at.Before(next):
			next = at
		}
	}
	for _, j := range due {
		j.mu.Lock()
		wish := j.ifChanged
		j.mu.Unlock()
		_ = e.goOn(j, wish) // a refusal means that somebody was faster and it is being aborted, or over
	}
	if len(due) == 0 {
		return next
	}
	why := "the pause is over"
	if all {
		why = "the service answers again"
	}
	if len(due) == 1 {
		e.event(due[0], model.LevelInfo, 0, 0, nil, "%s: it goes on", why)
	} else {
		e.event(nil, model.LevelInfo, 0, 0, nil, "%s: %d parked jobs go on", why, len(due))
	}
	e.schedule()
	return next
}

// park shows a job that failed as one that goes on by itself, if it is one, and says when at the latest. A job that was told to stop
// stays where it is, and so does a stream: its bytes are gone. The caller holds the job's mutex.
func (e *Engine) park(j *job, err error, problem *model.Problem) {
	if !e.options.ReturnParked || !passes(err) || j.view.Kind.ReadsOnly() || j.intent.Stream || j.stopping != nil {
		return
	}
	j.parkings++
	pause := e.policy.pause(j.parkings)
	j.view.GoesOn = e.now().Add(pause)
	shown := *problem // the journal keeps the other one: what is promised here ends with the process
	shown.Next = append([]string{"nothing: it goes on by itself when the service answers again, and is tried " + model.FormatDuration(pause) + " after it stopped at the latest"},
		problem.Next...)
	j.view.Problem = &shown
	select {
	case e.parked <- struct{}{}: // whoever takes it waits for the mutex
	default:
	}
}

// passes reports whether a failure is one of the network or the service, which time mends. A defect of this program is none, whatever
// it was doing.
func passes(err error) bool {
	if broken := (*panicError)(nil); errors.As(err, &broken) {
		return false
	}
	return retryable(err)
}
