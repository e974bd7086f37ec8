package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
)

// titlePause is how often the window's title changes at most: it is drawn by the window manager, which is slower than a terminal.
const titlePause = 5 * time.Second

// retitle makes the window's title from the newest snapshot. The bucket's name is foreign: a raw one could write the clipboard.
func (a *App) retitle() {
	if a.title != "" && a.now.Sub(a.titledAt) < titlePause {
		return
	}
	a.titledAt = a.now
	a.title = a.o.Program
	t := a.snap.Totals
	if t.Moving > 0 && t.Bytes > 0 {
		a.title += " " + percent(float64(t.BytesSent)/float64(t.Bytes))
		if t.ETA >= 0 {
			a.title += " " + model.FormatDuration(t.ETA)
		}
	}
	if bucket := a.snap.Bucket.Place.Bucket; bucket != "" {
		a.title += " " + a.look.cut(bucket, 40)
	}
}

// taskbar is the progress in the terminal's tab or the task bar: an error where somebody is needed, a warning while all is paused.
func (a *App) taskbar() *tea.ProgressBar {
	t := a.snap.Totals
	value := 0
	if t.Bytes > 0 {
		value = int(float64(t.BytesSent) / float64(t.Bytes) * 100)
	}
	switch {
	case a.main.list.counts.attention > 0:
		return tea.NewProgressBar(tea.ProgressBarError, value)
	case t.Moving > 0:
		return tea.NewProgressBar(tea.ProgressBarDefault, value)
	case t.Waiting > 0:
		return tea.NewProgressBar(tea.ProgressBarWarning, value)
	}
	return nil
}
