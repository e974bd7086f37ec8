package tui_test

import (
	"testing"
	"time"

	"partway/model"
	"partway/tui/tuitest"
)

// history is what earlier runs finished: one upload of its own, and one that the run on view shows as well.
func history(s *model.Snapshot) {
	at := tuitest.Now()
	s.History = []model.Finished{
		{At: at.Add(-24 * time.Hour), Began: at.Add(-25 * time.Hour), Job: "old", Status: model.StatusDone, Place: tuitest.Place(), Key: "past/one.bin", Path: "/data/one.bin", Size: model.GiB, Parts: 8, Proof: model.ProofCRC64},
		{At: at.Add(-6 * time.Hour), Job: "j-done", Status: model.StatusDone, Place: tuitest.Place(), Key: "db/2026-11-20/orders.dump.zst", Size: model.GiB, Parts: 8},
	}
}

func TestHistoryShowsEarlierRuns(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Engine.Show(changed(history))
		d.After(time.Second).HasNot("past/one.bin", "EARLIER RUNS").Press("5").Has("FINISHED IN EARLIER RUNS 1", "past/one.bin", "crc64 equal", "5 History 4")
		d.Press("/").Type("one.bin").Press("enter").Row("crc64 equal").Press("enter").Has("oss://backup-prod/past/one.bin").Press("esc")
		d.Press("X").Has("it is over").Press(":").Type("clear").Press("enter").Has("earlier run")
		d.Press("space").Has("1 marked").After(10 * time.Second)
		d.Engine.Show(changed(history)) // while rows are marked they are renewed where they stand
		d.After(time.Second).Has("1 marked", "past/one.bin").HasNot("not there")
		d.Press("V")
		if got := sent[model.Verify](d); len(got) != 1 || got[0].Path != "/data/one.bin" {
			t.Errorf("sent %+v", d.Engine.Commands())
		}
	})
}
