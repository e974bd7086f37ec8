package tui_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui"
	"partway/tui/tuitest"
)

// becomes shows the two jobs of TestNotify in other states.
func becomes(d *tuitest.Driver, pause time.Duration, first, second model.Status) {
	d.After(pause)
	turned(d, func(s *model.Snapshot) { s.Jobs[0].Status, s.Jobs[1].Status = first, second })
}

func TestNotify(t *testing.T) {
	const moving, done, failed, ready, paused = model.StatusUploading, model.StatusDone, model.StatusFailed, model.StatusReady, model.StatusPaused
	type step struct {
		pause         time.Duration
		first, second model.Status
	}
	for _, c := range []struct {
		name, how string
		here      bool
		steps     []step
		want      []string
	}{
		{name: "through", how: "bell", steps: []step{{0, moving, done}, {0, done, done}}, want: []string{"\a"}},
		{name: "through, by the terminal", how: "osc", steps: []step{{0, done, done}}, want: []string{"\x1b]9;partway: the queue is through: 2 done\x1b\\"}},
		{name: "a failure", how: "osc", steps: []step{{0, moving, failed}}, want: []string{"\x1b]9;partway: 1 upload needs you\x1b\\"}},
		{name: "all parts in", how: "osc", steps: []step{{0, ready, failed}}, want: []string{"\x1b]9;partway: the queue is through: 0 done, 2 uploads need you\x1b\\"}},
		{name: "at most one in 30 s", how: "bell", steps: []step{{0, moving, failed}, {5 * time.Second, done, failed}}, want: []string{"\a"}},
		{name: "again after 30 s", how: "bell", steps: []step{{0, moving, failed}, {40 * time.Second, done, failed}}, want: []string{"\a", "\a"}},
		{name: "paused is not through", how: "bell", steps: []step{{0, paused, paused}}},
		{name: "somebody is there", how: "bell", here: true, steps: []step{{0, done, done}}},
		{name: "off", how: "off", steps: []step{{0, done, done}}}, {name: "not asked for", steps: []step{{0, done, done}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tuitest.Run(t, engineWithParts(), tui.Options{Notify: c.how}, 80, 24, func(d *tuitest.Driver) {
				turned(d, func(s *model.Snapshot) { s.Jobs = s.Jobs[:2] })
				d.Written = nil
				if d.Send(tea.BlurMsg{}); c.here {
					d.Send(tea.FocusMsg{})
				}
				for _, s := range c.steps {
					becomes(d, s.pause, s.first, s.second)
				}
				if !slices.Equal(d.Written, c.want) {
					t.Errorf("written %q, want %q", d.Written, c.want)
				}
			})
		})
	}
	if _, err := tui.New(t.Context(), tui.Options{Engine: engineWithParts(), Notify: "smoke"}); err == nil || !strings.Contains(err.Error(), "bell, osc, off") {
		t.Errorf("an unknown notification: %v", err)
	}
}
