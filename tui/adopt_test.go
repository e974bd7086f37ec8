package tui_test

import (
	"errors"
	"testing"
	"time"

	"partway/model"
	"partway/tui"
	"partway/tui/tuitest"
)

// comparing has the engine make a job of every Compare, as the real one does: it runs until finish gives it its end.
func comparing(d *tuitest.Driver) (finish func(func(*model.Job))) {
	base := d.Engine
	id := model.JobID("")
	base.React(func(s *model.Snapshot, cmd model.Command) {
		switch c := cmd.(type) {
		case model.Compare:
			id = model.JobID("compare-" + c.Path)
			s.Jobs = append(s.Jobs, model.Job{ID: id, Kind: model.JobCompare, Ref: c.Ref, Place: c.Place, Status: model.StatusMatching, Compared: 471, ToCompare: 705, PartsDone: 470,
				ComparedBytes: 59 * model.GiB, ToCompareBytes: 88 * model.GiB, CompareRate: 1.8 * (1 << 30),
				Source: model.Fingerprint{Path: c.Path, Size: 112 * model.GiB}, ETA: 16 * time.Second})
		case model.Pause:
			for i := range s.Jobs {
				if s.Jobs[i].ID == c.Jobs[0] {
					s.Jobs[i].Status = model.StatusPaused
				}
			}
		}
	})
	return func(how func(*model.Job)) {
		s := *base.Snapshot()
		s.Jobs = append([]model.Job{}, s.Jobs...)
		for i := range s.Jobs {
			if s.Jobs[i].ID == id {
				how(&s.Jobs[i])
			}
		}
		base.Show(&s)
		d.After(time.Second)
	}
}

func compared(c model.Comparison) func(*model.Job) {
	return func(j *model.Job) { j.Status, j.Comparison = model.StatusCompared, &c }
}

// mostlyEqual is the result of the fixture's file base.tar: 896 parts in the file, 705 in OSS.
func mostlyEqual() model.Comparison {
	return model.Comparison{Equal: 692, Differ: 3, Silent: 10, Missing: 191, ToSend: 204 * 128 * model.MiB}
}

func TestAdoptComparesBeforeItAsks(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		finish := comparing(d)
		adoptScene()(d)
		d.Row("base.tar").Press("enter").Has("ADOPT backup/pg/base.tar", "470 equal  1 differs", "67%", "1.8 GiB/s  16s", "w compare only", "esc stop").HasNot("y adopt")
		d.Press("enter", "y", "enter")
		if n := len(sent[model.Adopt](d)); n != 0 {
			t.Fatal("adopted before it was compared")
		}
		finish(compared(mostlyEqual()))
		d.Has("692 of 896 parts equal, 204 to send", "3 parts differ from the file", "of 10 parts the service gives no sum", "sent again", "y adopt and send", "25.5 GiB")
		d.Press("enter", "enter")
		if n := len(sent[model.Adopt](d)); n != 0 {
			t.Fatal("enter adopted")
		}
		d.Press("y")
		got := sent[model.Adopt](d)
		if len(got) != 1 || got[0].Path != "/data/pg/base.tar" || got[0].Ref.Key != "backup/pg/base.tar" || got[0].Ref.UploadID == "" {
			t.Fatalf("sent %+v", d.Engine.Commands())
		}
		if n := len(sent[model.ClearFinished](d)); n != 1 {
			t.Errorf("the comparison was left on the list: %+v", d.Engine.Commands())
		}
		d.Has("adopting").HasNot("choose the file")
	})
}

func TestAdoptRefusesAFileThatEqualsNothing(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		finish := comparing(d)
		adoptScene("enter")(d)
		finish(compared(model.Comparison{Differ: 705, Missing: 191, ToSend: 112 * model.GiB}))
		d.Has("no part of 705 equals this file", "705 differ", "191 missing", "choose another file").HasNot("y adopt").Press("y", "enter")
		if n := len(sent[model.Adopt](d)); n != 0 {
			t.Error("adopted a file that equals nothing")
		}
		d.Press("esc").Has("choose the file for").HasNot("ADOPT backup/pg/base.tar ──")
	})
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) { // too small: no comparison is even begun
		adoptScene("j", "enter")(d)
		d.Has("not so").HasNot("y adopt", "compare only").Press("y")
		if len(d.Engine.Commands()) != 0 {
			t.Errorf("sent %+v", d.Engine.Commands())
		}
	})
}

func TestAdoptIsStoppedOrLeftToItself(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		comparing(d)
		adoptScene("enter", "esc")(d)
		if got := sent[model.Pause](d); len(got) != 1 || got[0].Jobs[0] != "compare-/data/pg/base.tar" {
			t.Errorf("esc sent %+v", d.Engine.Commands())
		}
		d.Has("choose the file for", "stopped comparing").Press("esc", "esc", "2").HasNot("base.tar")
	})
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		finish := comparing(d)
		adoptScene("enter", "w")(d)
		d.Row("base.tar").Has("471 of 705 parts compared").HasNot("choose the file")
		finish(compared(mostlyEqual()))
		d.Row("unknown").Has("692 of 705 parts in OSS equal, 3 differ, 10 without a sum, 191 missing")
		d.Press("esc", "5").HasNot("base.tar").Press("2").HasNot("base.tar")
		if n := len(sent[model.Adopt](d)) + len(sent[model.Pause](d)); n != 0 {
			t.Errorf("sent %+v", d.Engine.Commands())
		}
	})
}

func TestAdoptTellsWhyItCouldNotCompare(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		d.Engine.Refuse(errors.New("open /data/pg/base.tar: permission denied"))
		adoptScene("enter")(d)
		d.Has("refused   open /data/pg/base.tar: permission denied").HasNot("y adopt")
	})
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		finish := comparing(d)
		adoptScene("enter")(d)
		finish(func(j *model.Job) { j.Status, j.Problem = model.StatusFailed, tuitest.Denied() })
		d.Has("failed", "AccessDenied").HasNot("y adopt").Press("esc", "esc", "esc", "4").HasNot("base.tar")
	})
}

// TestTheJobOfAnAdoptedUploadIsNoComparison: what is adopted after a comparison of the same file is shown as the upload it is.
func TestTheJobOfAnAdoptedUploadIsNoComparison(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		finish := comparing(d)
		adoptScene("enter")(d)
		finish(compared(mostlyEqual()))
		d.Press("y")
		s := *d.Engine.Snapshot()
		s.Jobs = append([]model.Job{}, s.Jobs...)
		job := s.Jobs[len(s.Jobs)-1]
		job.ID, job.Kind, job.Status, job.Comparison, job.Adopted = "adopted", model.JobSend, model.StatusUploading, nil, true
		s.Jobs = append(s.Jobs, job)
		d.Engine.Show(&s)
		d.After(time.Second).Press("2").Row("uploading")
	})
}

func TestAdoptWarnsOfOtherSendersFirst(t *testing.T) {
	withFiles(t, tui.Options{}, 60, 15, func(d *tuitest.Driver, _ *tuitest.Files) {
		for _, l := range tuitest.Leftovers() {
			list := tuitest.Parts(l.Ref, l.Highest, 128*model.MiB)
			for i := range list.Parts {
				list.Parts[i].Modified = tuitest.Now().Add(-time.Minute)
			}
			d.Engine.SetParts(list)
		}
		adoptScene("enter")(d)
		d.Has("Somebody is still sending")
	})
}

func TestLinkIsToldInOneLine(t *testing.T) {
	at := tuitest.Now()
	for _, c := range []struct {
		name string
		link model.Link
		want []string
	}{
		{"offline", model.Link{OfflineSince: at.Add(-time.Minute), OfflineWhy: "dial timeout\x1b[2J", NextTry: at.Add(8 * time.Second)},
			[]string{"OFFLINE since 08:43:06", "dial timeout", "10 uploads wait", "next try 08:44:14", "r tries now"}},
		{"token", model.Link{CredentialsEnd: at.Add(4 * time.Minute)}, []string{"Session token ends at 08:48:06", "parts are kept"}},
		{"token ended", model.Link{CredentialsEnd: at.Add(-time.Second)}, []string{"Session token ended at 08:44:05"}},
		{"behind", model.Link{ClockOffset: 17 * time.Minute}, []string{"clock 17m behind OSS, corrected", "part 655"}},
		{"ahead", model.Link{ClockOffset: -17 * time.Minute}, []string{"clock 17m ahead of OSS, corrected"}},
	} {
		for _, view := range []string{"esc", "enter"} {
			on(t, func(d *tuitest.Driver) {
				d.Engine.Show(changed(func(s *model.Snapshot) { s.Link = c.link }))
				d.After(time.Second).Press(view)
				for _, w := range c.want {
					if view == "enter" && c.link.ClockOffset != 0 {
						break // the view of one upload has its own line for events
					}
					d.Has(w)
				}
				d.Send(size(60, 15))
				if !c.link.OfflineSince.IsZero() {
					d.Has("OFFLINE since 08:43:06")
				}
			})
		}
	}
	on(t, func(d *tuitest.Driver) { // credentials with time left are no news
		d.Engine.Show(changed(func(s *model.Snapshot) { s.Link.CredentialsEnd = at.Add(time.Hour) }))
		d.After(time.Second).HasNot("token")
	})
}

// TestReadOnlySessionsCompareAndAdoptNothing: what only reads is allowed, its end is as well, and y does nothing.
func TestReadOnlySessionsCompareAndAdoptNothing(t *testing.T) {
	withFiles(t, tui.Options{ReadOnly: true}, 120, 40, func(d *tuitest.Driver, _ *tuitest.Files) {
		comparing(d)
		adoptScene("enter")(d)
		d.Has("470 equal", "Read-only session").Press("esc").Has("stopped comparing")
		if got := sent[model.Pause](d); len(got) != 1 {
			t.Errorf("the comparison was not stopped: %+v", d.Engine.Commands())
		}
	})
	withFiles(t, tui.Options{ReadOnly: true}, 120, 40, func(d *tuitest.Driver, _ *tuitest.Files) {
		finish := comparing(d)
		adoptScene("enter")(d)
		finish(compared(mostlyEqual()))
		d.Has("692 of 896 parts equal").HasNot("y adopt").Press("y", "enter").Has("692 of 896 parts equal")
		if n := len(sent[model.Adopt](d)); n != 0 {
			t.Fatal("a read-only session adopted")
		}
		d.Press("esc", "esc", "2", "g", "r", "p").Has("read-only session")
		if n := len(sent[model.Go](d)) + len(sent[model.Pause](d)); n != 0 {
			t.Errorf("sent %+v", d.Engine.Commands())
		}
	})
}

// TestVerifyOfWhatIsUnfinishedCompares: V on an upload of this machine that rests compares what is in OSS with its file, and what it
// finds is told with it.
func TestVerifyOfWhatIsUnfinishedCompares(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		finish := comparing(d)
		d.Press("/").Type("vm-2211").Press("enter").Row("failed").Press("V")
		got := sent[model.Compare](d)
		if len(got) != 1 || got[0].Ref.UploadID == "" || got[0].Path == "" || got[0].Send.PartSize == 0 {
			t.Fatalf("sent %+v", d.Engine.Commands())
		}
		d.Has("471 of 705 parts compared")
		finish(compared(model.Comparison{Equal: 10, Differ: 1}))
		d.Has("10 of 11 parts in OSS equal, 1 differs").Press("enter").Has("10 of 11 parts in OSS equal, 1 differs").Press("esc")
		d.Press("esc", "esc", "/").Type("state:uploading").Press("enter", "g", "V").Has("p pauses it")
		if n := len(sent[model.Compare](d)); n != 1 {
			t.Error("what is at work is compared as well")
		}
	})
}
