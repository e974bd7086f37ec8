package tui_test

import (
	"testing"

	"partway/tui/tuitest"
)

func TestQuestionMarkExplainsTheDialog(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Press("X", "?").Has("HELP  what lies over the view", "Enter does nothing here").Press("?", "esc").Has("ABORT 1 UPLOAD").HasNot("HELP")
	})
	on(t, func(d *tuitest.Driver) {
		foreign(d, "00017")
		d.Press("X", "?").Has("It has to be typed: abort", "watch it instead").Press("esc").Has("ABORT 1 UPLOAD")
		harmless(t, d, "explained")
	})
	on(t, func(d *tuitest.Driver) { // where text is typed it is a character
		d.Press("/", "?").Has("/ ?_").HasNot("HELP")
	})
}
