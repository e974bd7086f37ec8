package tui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
)

// Data is drawn this often at most. The frame rate of the terminal stays as it is, because a lower one delays keys.
const (
	mainInterval   = 500 * time.Millisecond
	detailInterval = 250 * time.Millisecond
	calmInterval   = 5 * time.Second
)

// holdTime is how long after a key the order of the list is held at least, so that no row moves under a finger. Keys carry no time
// and do not start the timer anew, so it can be twice as long.
const holdTime = 3 * time.Second

// snapshotMsg brings a newer snapshot from the doorbell.
type snapshotMsg struct {
	snap *model.Snapshot
	at   time.Time
}

// holdMsg comes holdTime after the key that was number keys.
type holdMsg struct {
	keys int
	at   time.Time
}

// wait makes the one command that waits for the engine's bell. It is armed again when its message has been taken, so at most
// one is under way; it ends with the App's context.
func (a *App) wait() tea.Cmd {
	ctx, engine, now := a.ctx, a.o.Engine, a.o.Now
	last, pause := a.pulled, a.interval()
	empty := a.snap == nil || len(a.snap.Bucket.Uploads) == 0
	return func() tea.Msg {
		select {
		case <-ctx.Done():
			return nil
		case _, open := <-engine.Changed():
			if !open {
				return nil
			}
		}
		// The first rows of a bucket are what somebody waits for: they do not wait for their turn.
		rows := func() bool { return empty && len(engine.Snapshot().Bucket.Uploads) > 0 }
		if rest := pause - now().Sub(last); rest > 0 && !rows() {
			timer := time.NewTimer(min(rest, pause))
			defer timer.Stop()
			for waiting := true; waiting; {
				select {
				case <-ctx.Done():
					return nil
				case <-timer.C:
					waiting = false
				case _, open := <-engine.Changed():
					waiting = open && !rows()
				}
			}
		}
		return snapshotMsg{engine.Snapshot(), now()}
	}
}

func (a *App) interval() time.Duration {
	switch {
	case a.o.Calm:
		return calmInterval
	case a.detail() != nil:
		return detailInterval
	}
	return mainInterval
}

// take makes a snapshot the one that is shown. An older one that was overtaken is dropped.
func (a *App) take(snap *model.Snapshot, at time.Time) {
	if at.After(a.now) {
		a.now = at
	}
	if snap == nil || a.snap != nil && snap.Seq < a.snap.Seq {
		return
	}
	a.snap = snap
	a.main.list.refresh(snap, a.now, a.held())
	a.lookAtWatched()
	a.retitle()
}

// held reports whether rows must stay where they are: a key was pressed a moment ago, rows are marked, or something lies over
// the list that was opened from it.
func (a *App) held() bool {
	return a.holding || len(a.main.list.marks) > 0 || len(a.stack) > 0
}

// touch notes a key and arms the timer that lets the order go, if it is not under way.
func (a *App) touch() tea.Cmd {
	a.keys++
	if a.holding {
		return nil
	}
	a.holding = true
	return a.release()
}

func (a *App) release() tea.Cmd {
	keys, now := a.keys, a.o.Now
	return a.later(holdTime, func() tea.Msg { return holdMsg{keys, now()} })
}

func (a *App) onHold(msg holdMsg) tea.Cmd {
	if msg.at.After(a.now) {
		a.now = msg.at
	}
	if msg.keys != a.keys {
		return a.release()
	}
	a.holding = false
	if !a.held() {
		a.main.list.refresh(a.snap, a.now, false)
	}
	return nil
}

// later makes the message after a pause. Unlike tea.Tick it ends with the App's context, so that nothing outlives the screens.
func (a *App) later(pause time.Duration, message func() tea.Msg) tea.Cmd {
	ctx := a.ctx
	return func() tea.Msg {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
			return message()
		}
	}
}

// doneMsg brings the answer to a command, and the snapshot after it, so that the effect of a key is seen at once.
type doneMsg struct {
	said string
	err  error
	undo *undoStep
	snap *model.Snapshot
	at   time.Time
	then func(*App) tea.Cmd // run after success
}

// request is a command on its way to the engine and what belongs to it.
type request struct {
	commands []model.Command
	said     string // shown when all were accepted
	undo     *undoStep
	then     func(*App) tea.Cmd
}

// do sends commands to the engine, in order, until one is refused.
func (a *App) do(r request) tea.Cmd {
	if a.o.ReadOnly && !a.reads(r.commands) {
		a.say(warnNote, readOnlyReason)
		return nil
	}
	ctx, engine, now := a.ctx, a.o.Engine, a.o.Now
	return func() tea.Msg {
		for _, c := range r.commands {
			if err := engine.Do(ctx, c); err != nil {
				return doneMsg{err: err, snap: engine.Snapshot(), at: now()}
			}
		}
		return doneMsg{said: r.said, undo: r.undo, then: r.then, snap: engine.Snapshot(), at: now()}
	}
}

// reads reports whether commands change neither the queue nor the bucket. A comparison does not, and neither does its end.
func (a *App) reads(commands []model.Command) bool {
	for _, c := range commands {
		switch c := c.(type) {
		case model.Refresh, model.Measure, model.Verify, model.Look, model.Compare:
		case model.Pause:
			if !a.allCompare(c.Jobs) {
				return false
			}
		case model.ClearFinished:
			if !a.allCompare(c.Jobs) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// allCompare reports whether jobs are named, and all of them are comparisons.
func (a *App) allCompare(ids []model.JobID) bool {
	for _, id := range ids {
		if !slices.ContainsFunc(a.snap.Jobs, func(j model.Job) bool { return j.ID == id && compares(&j) }) {
			return false
		}
	}
	return len(ids) > 0
}

func (a *App) onDone(msg doneMsg) tea.Cmd {
	a.take(msg.snap, msg.at)
	if msg.err != nil {
		a.say(badNote, "refused: "+clean(msg.err.Error()))
		return nil
	}
	if msg.said != "" {
		a.say(plainNote, msg.said)
	}
	if msg.undo != nil {
		a.remember(*msg.undo)
	}
	if msg.then != nil {
		return msg.then(a)
	}
	return nil
}
