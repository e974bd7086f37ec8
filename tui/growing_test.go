package tui_test

import (
	"testing"
	"time"

	"partway/model"
	"partway/tui/tuitest"
)

// A file that is only appended to is told as such where its row is, where the failure is explained, and where the way on is chosen.
func TestFileThatIsAppendedTo(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		foreign(d, "access")
		d.Has("the local file changed")
		d.Engine.Show(changed(func(s *model.Snapshot) {
			for i := range s.Jobs {
				if s.Jobs[i].ID == "j-log" {
					p := *s.Jobs[i].Problem
					p.Growing, p.Why = true, "the local file is being appended to, as a log is: it grew from 9 GiB to 9.1 GiB, and what was sent is still its beginning"
					s.Jobs[i].Problem = &p
				}
			}
		}))
		d.After(time.Second).Has("the local file is being appended to")
		d.Press("r").Has("BEING APPENDED TO", "only the tail is sent", "its beginning")
		d.Press("k")
		if sent := sent[model.Go](d); len(sent) != 1 || sent[0].IfChanged != model.IfChangedMatch {
			t.Errorf("sent %+v", sent)
		}
	})
}
