package tui

import (
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui/theme"
)

const (
	// watchPause is how often the parts of watched uploads are read.
	watchPause = 30 * time.Second
	// watchQuiet is how long no part must have come for an upload to be told to have stopped.
	watchQuiet = 10 * time.Minute
	// watchMost is how many uploads are watched at once: each costs a request every watchPause.
	watchMost = 10
)

// watched is an upload from elsewhere that somebody wants to hear of. Only what its listed parts say is told: the service does not say
// how far it is, so there is no share and no end to wait for.
type watched struct {
	ref   model.Ref
	place model.Place
	from  model.Leftover // as it was first measured after the watch began
	last  model.Leftover // as it was measured last
	told  bool           // that no part comes any more
}

// watchMsg comes when the watched uploads are to be read again.
type watchMsg struct{ number int }

func canWatch(_ *App, r row) string {
	switch {
	case r.job != nil:
		return "it is of this machine: its progress is shown all the time"
	case r.left.Vanished:
		return "it is gone"
	}
	return ""
}

// watch begins to follow uploads; those that are followed already are let go.
func watch(a *App, t target) tea.Cmd {
	if len(t.rows) == 1 && a.watching(t.rows[0].ref()) != nil {
		a.unwatch(t.rows[0].ref())
		a.say(plainNote, "no longer watching "+a.names(t.rows))
		return nil
	}
	idle := len(a.watches) == 0
	for _, r := range t.rows {
		if a.watching(r.ref()) == nil && len(a.watches) < watchMost {
			a.watches = append(a.watches, &watched{ref: r.ref(), place: r.place})
		}
	}
	a.say(plainNote, fmt.Sprintf("watching %s: parts are read every %s; W ends it", count(len(a.watches), "upload"), model.FormatDuration(watchPause)))
	if len(t.rows) > 1 && len(a.watches) == watchMost {
		a.say(warnNote, fmt.Sprintf("watching %d uploads, which is the most at once", watchMost))
	}
	if !idle {
		return a.measureWatched()
	}
	return tea.Batch(a.measureWatched(), a.watchAgain())
}

func (a *App) watching(ref model.Ref) *watched {
	for _, w := range a.watches {
		if w.ref == ref {
			return w
		}
	}
	return nil
}

func (a *App) unwatch(ref model.Ref) {
	a.watches = slices.DeleteFunc(a.watches, func(w *watched) bool { return w.ref == ref })
}

// watchAgain arms the timer; at most one is under way, and none while nothing is watched.
func (a *App) watchAgain() tea.Cmd {
	a.watchNumber++
	number := a.watchNumber
	return a.later(watchPause, func() tea.Msg { return watchMsg{number} })
}

func (a *App) onWatch(msg watchMsg) tea.Cmd {
	if msg.number != a.watchNumber || len(a.watches) == 0 {
		return nil
	}
	return tea.Batch(a.measureWatched(), a.watchAgain())
}

// measureWatched has the parts read of those that are in the bucket on view; the engine reads no others.
func (a *App) measureWatched() tea.Cmd {
	var refs []model.Ref
	for _, w := range a.watches {
		if sameServer(w.place, a.snap.Bucket.Place) {
			refs = append(refs, w.ref)
		}
	}
	if len(refs) == 0 {
		return nil
	}
	return a.do(request{commands: []model.Command{model.Measure{Refs: refs}}})
}

// lookAtWatched compares the watched uploads with what a snapshot says of them, and tells what is over.
func (a *App) lookAtWatched() {
	b := &a.snap.Bucket
	for _, w := range slices.Clone(a.watches) {
		if !sameServer(w.place, b.Place) {
			continue
		}
		name := a.look.middle(w.ref.Key, 40)
		r := a.main.list.lookup(rowID{ref: w.ref})
		switch {
		case r == nil && b.State == model.ListWhole, r != nil && r.job == nil && r.left.Vanished:
			a.unwatch(w.ref)
			a.say(warnNote, name+" is not unfinished any more: it was completed or aborted. "+w.words())
		case r == nil:
		case r.job != nil:
			a.unwatch(w.ref) // it became ours
		case r.left.Measured:
			a.weigh(w, *r.left, name)
		}
	}
}

// weigh takes a measurement of a watched upload and tells once when no part came for a while.
func (a *App) weigh(w *watched, now model.Leftover, name string) {
	if w.from.MeasuredAt.IsZero() {
		w.from = now
	}
	if now.LastPart.After(w.last.LastPart) {
		w.told = false
	}
	w.last = now
	if quiet := a.now.Sub(now.LastActivity()); quiet >= watchQuiet && !w.told {
		w.told = true
		a.say(warnNote, fmt.Sprintf("%s has stopped: no part for %s, it holds %s in %s", name, model.FormatDuration(quiet), model.FormatSize(now.Held), count(now.Parts, "part")))
	}
}

// words is what came since the watch began.
func (w *watched) words() string {
	switch parts := w.last.Parts - w.from.Parts; {
	case w.from.MeasuredAt.IsZero():
		return "its parts are being read"
	case parts == 0 && w.last.Held == w.from.Held:
		return "nothing came since"
	default:
		return fmt.Sprintf("%s, %s came since", count(max(parts, 0), "part"), model.FormatSize(max(w.last.Held-w.from.Held, 0)))
	}
}

// watchLine is the line of a watched upload in its preview and view; none for others.
func (a *App) watchLine(ref model.Ref, label int) []theme.Line {
	w := a.watching(ref)
	if w == nil {
		return nil
	}
	text := w.words()
	if !w.last.MeasuredAt.IsZero() {
		text += ", read " + a.look.clock(w.last.MeasuredAt, a.now)
	}
	return []theme.Line{labelled("watch", label, theme.Moving, text).Add(theme.Faint, "   W ends it")}
}
