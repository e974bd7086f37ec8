package tui_test

import (
	"testing"

	"partway/tui/tuitest"
)

func TestDetailFocus(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Press("enter").HasNot("CHECK <").Press("tab").Has("CHECK <").Press("j", "j").HasNot("\n713 ").Press("g").Has("\n713 ")
		d.Press("tab").Has("whole log <", "upload begun").Press("j").HasNot("no answer in 30 s, sent").Press("tab").HasNot("log <")
		d.Press("tab", "h").HasNot("CHECK <").Has("PARTS")
	})
	on(t, func(d *tuitest.Driver) { foreign(d, "base.tar"); d.Press("enter", "tab").Has("there is only the map") })
}
