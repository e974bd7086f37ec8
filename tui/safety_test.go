package tui_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui"
	"partway/tui/tuitest"
)

// destructive reports a command that cannot be taken back. A job that has no upload id has nothing in the bucket: to abort it is to
// take it off the queue.
func destructive(d *tuitest.Driver, c model.Command) bool {
	switch c := c.(type) {
	case model.Abort:
		for _, j := range d.Engine.Snapshot().Jobs {
			if j.Ref.UploadID != "" && slices.Contains(c.Jobs, j.ID) {
				return true
			}
		}
		return len(c.Refs) > 0
	case model.CompleteUpload:
		return true
	case model.Go:
		return c.IfChanged == model.IfChangedRestart
	}
	return false
}

// pressable are the keys that a person can hit, without modifiers that terminals keep for themselves.
func pressable() []string {
	var keys []string
	for r := '!'; r <= '~'; r++ {
		keys = append(keys, string(r))
	}
	return append(keys, "space", "enter", "esc", "tab", "backspace", "up", "down", "left", "right", "home", "end", "pgup", "pgdown", "delete",
		"ctrl+d", "ctrl+u", "ctrl+l", "ctrl+k", "ctrl+e")
}

// inBubble runs many short stories in one bubble; each gets a fresh App on a screen of w by h cells.
func inBubble(t *testing.T, w, h int, body func(t *testing.T, start func(*tuitest.Engine, tui.Options) *tuitest.Driver)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer func() {
			cancel()
			time.Sleep(time.Hour)
		}()
		body(t, func(e *tuitest.Engine, o tui.Options) *tuitest.Driver { return tuitest.Start(ctx, t, e, o, w, h) })
	})
}

func harmless(t *testing.T, d *tuitest.Driver, what ...any) {
	t.Helper()
	for _, c := range d.Engine.Commands() {
		if destructive(d, c) {
			t.Fatalf("%v: sent %T %+v\n%s", what, c, c, d.Screen())
		}
	}
}

// TestNoDoubledKeyAndNoEnterDestroys walks every row and view with every key twice, every key with enter, and runs of enter: no
// finger that bounces, and no hand that hammers on enter, may abort or complete anything.
func TestNoDoubledKeyAndNoEnterDestroys(t *testing.T) {
	t.Parallel()
	// Every row can be clicked on there.
	inBubble(t, 100, 60, func(t *testing.T, start func(*tuitest.Engine, tui.Options) *tuitest.Driver) {
		at := func(y int, protect bool) *tuitest.Driver {
			d := start(engineWithParts(), tui.Options{Protect: protect})
			d.Send(tea.MouseClickMsg{X: 10, Y: y, Button: tea.MouseLeft})
			return d
		}
		walked := 0
		for y := 4; y < 48; y++ {
			if !strings.HasPrefix(strings.Split(at(y, false).Screen(), "\n")[y], ">") {
				continue // a heading
			}
			walked++
			for _, view := range []string{"list", "detail", "marks", "protected"} {
				if view != "list" && walked%6 != 1 || testing.Short() && walked%8 != 1 {
					continue // every row is walked in the list; elsewhere some stand for their kind
				}
				for _, k := range pressable() {
					for _, story := range [][]string{{k, k}, {k, "enter", "enter", "enter"}} { // the second holds (k, enter)
						d := at(y, view == "protected")
						switch view {
						case "detail":
							d.Press("enter")
						case "marks":
							d.Press("space", "space")
						}
						d.Press(story...)
						harmless(t, d, "line", y, view, story)
					}
				}
			}
		}
		if walked < 20 {
			t.Fatalf("only %d rows were walked", walked)
		}
	})
}

// TestRandomKeysDestroyNothing: an ape at the keyboard that never presses y and never types a confirming word does no harm.
func TestRandomKeysDestroyNothing(t *testing.T) {
	t.Parallel()
	total := 100_000
	if testing.Short() {
		total = 10_000
	}
	random := rand.New(rand.NewPCG(7, 11))
	var keys []string
	for _, k := range pressable() {
		// y confirms; o starts a changed file over by its dialog; digits could type a number by chance.
		if k != "y" && k != "o" && (k < "0" || k > "9") {
			keys = append(keys, k)
		}
	}
	inBubble(t, 80, 24, func(t *testing.T, start func(*tuitest.Engine, tui.Options) *tuitest.Driver) {
		d := start(engineWithParts(), tui.Options{})
		for n := range total {
			if n%500 == 499 || d.Quit {
				harmless(t, d, "after", n, "keys")
				d = start(engineWithParts(), tui.Options{})
			}
			d.Press(keys[random.IntN(len(keys))])
		}
		harmless(t, d)
	})
}
