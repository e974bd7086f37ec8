package tui_test

import (
	"testing"

	"partway/tui/tuitest"
)

func TestPaletteOverTheFilesLeavesTheListAlone(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		d.Press("a", ":").Type("filter cam").Press("enter").Has("filter: cam").HasNot("slate.jpg")
		d.Press(":").Type("sort size").Press("enter").Has("sort size")
		for _, line := range []string{"lens 3", "abort state:stale", "clear done", "limit 5M", "sort age"} {
			d.Press(":").Type(line).Press("enter").Press("esc")
		}
		if n := len(d.Engine.Commands()); n != 0 {
			t.Errorf("sent %+v", d.Engine.Commands())
		}
		d.Press("esc", "esc").Has("[1 All 29]").HasNot("0 of 29", "of 29 match")
	})
}
