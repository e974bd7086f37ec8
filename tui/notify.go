package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
)

// notifyPause is how often somebody who looks elsewhere is called at most.
const notifyPause = 30 * time.Second

// Notifiers are the ways to call somebody who looks at another window: the bell, a notification of the terminal (OSC 9), or none.
// A terminal that does not report its focus is never called.
func Notifiers() []string { return []string{"bell", "osc", "off"} }

// queueState is what somebody who looks elsewhere wants to hear of.
type queueState struct {
	busy  int // jobs at work or waiting for their turn
	needs int // jobs that stand still until somebody decides
	done  int
}

func stateOf(s *model.Snapshot) (q queueState) {
	for i := range s.Jobs {
		switch j := &s.Jobs[i]; {
		case j.Kind == model.JobCompare: // told where it was asked for
		case j.Status.Active() || j.Status == model.StatusQueued:
			q.busy++
		case j.Status.NeedsUser():
			q.needs++
		case j.Status == model.StatusDone:
			q.done++
		}
	}
	return q
}

// call calls somebody who looks elsewhere when the first upload needs them or the queue is through. What happens before they had time
// to come is not told again.
func (a *App) call() tea.Cmd {
	before, now := a.queue, stateOf(a.snap)
	a.queue = now
	text := ""
	switch {
	case before.busy > 0 && now.busy == 0 && now.needs > before.needs:
		text = fmt.Sprintf("the queue is through: %d done, %s", now.done, needWords(now.needs))
	case before.needs == 0 && now.needs > 0:
		text = needWords(now.needs)
	case before.busy > 0 && now.busy == 0 && now.done > before.done:
		text = fmt.Sprintf("the queue is through: %d done", now.done)
	}
	if text == "" || !a.blurred || !a.called.IsZero() && a.now.Sub(a.called) < notifyPause {
		return nil
	}
	a.called = a.now
	switch a.o.Notify {
	case "bell":
		return tea.Raw("\a")
	case "osc":
		return tea.Raw("\x1b]9;" + a.o.Program + ": " + text + "\x1b\\")
	}
	return nil
}

func needWords(n int) string { return count(n, "upload") + " " + plural(n, "needs", "need") + " you" }

func checkNotify(name string) error {
	if name == "" || slices.Contains(Notifiers(), name) {
		return nil
	}
	return fmt.Errorf("there is no notification %q: choose one of %s", name, strings.Join(Notifiers(), ", "))
}
