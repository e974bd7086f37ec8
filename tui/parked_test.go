package tui_test

import (
	"testing"
	"time"

	"partway/model"
	"partway/tui/tuitest"
)

// A job that goes on by itself when the network is back says so, and can be paused so that it does not.
func TestJobThatWaitsForTheNetwork(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		foreign(d, "vm-2211")
		d.Engine.Show(changed(func(s *model.Snapshot) {
			for i := range s.Jobs {
				if s.Jobs[i].ID == "j-vm" {
					s.Jobs[i].GoesOn = tuitest.Now().Add(time.Minute)
					s.Jobs[i].Problem = &model.Problem{Class: model.ProblemTemporary, What: "upload img/vm-2211.qcow2", Why: "nothing went through for 15m",
						Next: []string{"nothing: it goes on by itself"}}
				}
			}
		}))
		d.After(time.Second).Has("waits for the network, goes on by itself")
		d.Press("F").Has("goes on by itself").Press("esc")
		d.Press("p")
		if sent := sent[model.Pause](d); len(sent) != 1 || len(sent[0].Jobs) != 1 || sent[0].Jobs[0] != "j-vm" {
			t.Errorf("sent %+v", sent)
		}
	})
	on(t, func(d *tuitest.Driver) { // one that needs somebody cannot
		foreign(d, "vm-2211")
		d.Press("p")
		if sent := sent[model.Pause](d); len(sent) != 0 {
			t.Errorf("sent %+v", sent)
		}
	})
}
