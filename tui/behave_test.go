package tui_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui"
	"partway/tui/tuitest"
)

// on runs a story over the fixture on a screen of 120x40.
func on(t *testing.T, story func(*tuitest.Driver)) {
	t.Helper()
	tuitest.Run(t, engineWithParts(), tui.Options{}, 120, 40, story)
}

func sent[C model.Command](d *tuitest.Driver) (found []C) {
	for _, c := range d.Engine.Commands() {
		if c, is := c.(C); is {
			found = append(found, c)
		}
	}
	return found
}

func changed(with func(*model.Snapshot)) *model.Snapshot {
	s := tuitest.Snapshot()
	s.Jobs = slices.Clone(s.Jobs)
	with(s)
	return s
}

func TestCursorFollowsTheUploadNotTheLine(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Press("j").Row("景区").After(7 * time.Second)
		d.Engine.Show(changed(func(s *model.Snapshot) { slices.Reverse(s.Jobs) }))
		d.After(time.Second).Row("景区")
	})
}

func TestOrderIsHeldAfterAKeyAndWhileRowsAreMarked(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		joined := func(n int) *model.Snapshot {
			return changed(func(s *model.Snapshot) {
				for i := range n {
					j := s.Jobs[12]
					j.ID, j.Ref.Key = model.JobID(fmt.Sprint("new", i)), fmt.Sprintf("new/%d.bin", i)
					s.Jobs = append(s.Jobs, j)
				}
			})
		}
		d.Press("2", "j")
		d.Engine.Show(joined(2))
		d.After(time.Second).Has("+2 new, R re-sorts").HasNot("new/1.bin")
		d.After(7 * time.Second).Has("new/1.bin").HasNot("re-sorts")
		d.Press("space").After(10 * time.Second)
		d.Engine.Show(joined(3))
		d.After(time.Second).Has("+1 new, R re-sorts", "order held").HasNot("new/2.bin")
		d.Press(`\`).After(10 * time.Second)
		d.Engine.Show(joined(3))
		d.After(time.Second).Has("new/2.bin")
	})
}

func TestRowThatLeavesItsFilterStaysUnderTheCursor(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Press("/").Type("state:failed").Press("enter").Row("vm-2211").After(7 * time.Second)
		d.Engine.Show(changed(func(s *model.Snapshot) { s.Jobs[3].Status, s.Jobs[3].Problem = model.StatusUploading, nil }))
		d.After(time.Second).Row("vm-2211").Has("0 of 29 match")
	})
}

func TestIdleDrawsNothing(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Press("j").After(time.Minute)
		before := d.Updates
		d.After(time.Hour)
		if d.Updates != before {
			t.Errorf("%d messages in an idle hour", d.Updates-before)
		}
	})
}

func TestDataIsDrawnTwiceASecondAtMost(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		before := d.Updates
		for range 100 {
			d.Engine.Show(tuitest.Snapshot())
			d.After(100 * time.Millisecond)
		}
		if n := d.Updates - before; n > 21 || n < 15 {
			t.Errorf("%d snapshots were drawn in 10 s, want 20", n)
		}
	})
}

func TestAbortActsOnWhatWasShownWhenTheDialogOpened(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		foreign(d, "win2016")
		d.Press("X").Has("ABORT 1 UPLOAD", "768 parts")
		d.Engine.Show(changed(func(s *model.Snapshot) { s.Jobs, s.Bucket.Version = nil, 2; s.Bucket.Uploads = s.Bucket.Uploads[:3] }))
		d.After(time.Second).Press("y")
		want := []model.Abort{{Place: tuitest.Place(), Refs: []model.Ref{{Bucket: "backup-prod", Key: "old/win2016.vhdx", UploadID: "W16"}}}}
		if got := sent[model.Abort](d); !reflect.DeepEqual(got, want) {
			t.Errorf("sent %+v, want %+v", got, want)
		}
	})
}

func TestConfirmationsAsTheRiskAsksFor(t *testing.T) {
	for _, c := range []struct {
		name    string
		options tui.Options
		open    func(*tuitest.Driver)
		wrong   []string // typed or pressed in vain
		right   func(*tuitest.Driver)
		aborts  int
	}{
		{"ours, small", tui.Options{}, func(d *tuitest.Driver) { d.Press("2", "/").Type("vm-2211").Press("enter", "X") }, []string{"enter", "X"},
			func(d *tuitest.Driver) { d.Press("y") }, 1},
		{"ours, protected", tui.Options{Protect: true}, func(d *tuitest.Driver) { d.Press("2", "/").Type("vm-2211").Press("enter", "X") }, []string{"y", "enter"},
			func(d *tuitest.Driver) { d.Press("ctrl+u").Type("abort").Press("enter") }, 1},
		{"ours, large", tui.Options{}, func(d *tuitest.Driver) { d.Press("2", "/").Type("11-21").Press("enter", "X") }, []string{"y", "enter"},
			func(d *tuitest.Driver) { d.Press("ctrl+u").Type("abort").Press("enter") }, 1},
		{"elsewhere, alive", tui.Options{}, func(d *tuitest.Driver) { foreign(d, "00017"); d.Press("X") }, []string{"y", "enter"},
			func(d *tuitest.Driver) { d.Press("ctrl+u").Type("abort").Press("enter") }, 1},
		{"elsewhere, not measured", tui.Options{}, func(d *tuitest.Driver) { foreign(d, "00018"); d.Press("X") }, []string{"y", "enter"},
			func(d *tuitest.Driver) { d.Press("ctrl+u").Type("abort").Press("enter") }, 1},
		{"many", tui.Options{}, func(d *tuitest.Driver) { foreign(d, "old/win"); d.Press("*", "X") }, []string{"y", "enter", "2", "enter"},
			func(d *tuitest.Driver) { d.Press("ctrl+u").Type("3").Press("enter") }, 3},
		{"many, one taken out", tui.Options{}, func(d *tuitest.Driver) { foreign(d, "old/win"); d.Press("*", "X", "space") }, []string{"3", "enter"},
			func(d *tuitest.Driver) { d.Press("ctrl+u").Type("2").Press("enter") }, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			tuitest.Run(t, engineWithParts(), c.options, 120, 40, func(d *tuitest.Driver) {
				c.open(d)
				d.Has("ABORT").Press(c.wrong...)
				d.Send(tea.PasteMsg{Content: "abort"})
				d.Press("enter")
				harmless(t, d, c.wrong)
				c.right(d)
				n := 0
				for _, a := range sent[model.Abort](d) {
					n += len(a.Refs) + len(a.Jobs)
				}
				if n != c.aborts {
					t.Errorf("%d uploads were aborted, want %d\n%s", n, c.aborts, d.Screen())
				}
				if c.aborts != 2 { // one that was taken out stays marked
					d.HasNot("marked (")
				}
			})
		})
	}
}

func TestHiddenMarksAreAskedAbout(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Press("3", "/").Type("old/").Press("enter", "*", "/", "ctrl+u").Type("win").Press("enter").Has("7 marked (4 hidden)")
		d.Press("X").Has("HIDDEN BY THE FILTER").Press("s").Has("ABORT 3 UPLOADS").Press("esc")
		d.Press("X", "h").Has("ABORT 6 UPLOADS") // one of the seven is gone since it was listed
	})
}

func TestStaleUploadsAreAbortedInSixCommandKeys(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Press("3", "/").Type("state:stale age>30d").Press("enter", "*", "X").Has("ABORT 4 UPLOADS").Type("4").Press("enter")
		if got := sent[model.Abort](d); len(got) != 1 || len(got[0].Refs) != 4 {
			t.Errorf("sent %+v", got)
		}
	})
}

func TestCompleteFromElsewhere(t *testing.T) {
	for _, c := range []struct {
		key, word, not string
		gaps, over     bool
	}{{"base.tar", "gaps", "y", true, false}, {"exchange", "exchange.edb", "y", false, true}, {"win2016", "", "enter", false, false}} {
		on(t, func(d *tuitest.Driver) {
			foreign(d, c.key)
			d.Press("c").Has("FROM ELSEWHERE").Press(c.not, "enter")
			harmless(t, d, c.key)
			if c.word != "" {
				d.Press("ctrl+u").Type(c.word).Press("enter")
			} else {
				d.Press("y")
			}
			got := sent[model.CompleteUpload](d)
			if len(got) != 1 || got[0].AllowGaps != c.gaps || got[0].Overwrite != c.over || len(got[0].Seen) == 0 {
				t.Fatalf("%s: sent %+v\n%s", c.key, got, d.Screen())
			}
			d.Press("u").Has("cannot be undone")
		})
	}
}

func TestALateAnswerForAnotherUploadIsDropped(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		foreign(d, "old/")
		d.Press("enter", "]").Has("win2016").HasNot("714 parts")
		d.Press("esc").HasNot("PARTS")
	})
}

func TestUndo(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Press("p").Has("pausing db/2026-11-23").Press("u").Has("undid pausing")
		d.Press("t").Type("20M").Press("enter").Has("limit 20.0 MiB/s").Press("u")
		var want []model.Command
		zero, limit := int64(0), 20*model.MiB
		want = append(want, model.Pause{Jobs: []model.JobID{"j-orders"}}, model.Go{Jobs: []model.JobID{"j-orders"}},
			model.SetLimits{BytesPerSecond: &limit}, model.SetLimits{BytesPerSecond: &zero})
		if got := d.Engine.Commands(); !reflect.DeepEqual(got, want) {
			t.Errorf("sent %+v", got)
		}
	})
}

func TestARefusalIsShownWithItsReason(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		d.Engine.Refuse(errors.New("process 4121 works on this upload"))
		d.Press("p").Has("refused: process 4121 works on this upload").Press("u").Has("nothing to undo")
	})
}

func TestReadOnlySendsNothingThatChanges(t *testing.T) {
	tuitest.Run(t, engineWithParts(), tui.Options{ReadOnly: true}, 120, 40, func(d *tuitest.Driver) {
		for _, k := range pressable() {
			d.Press(k, "y", "enter", "esc", "esc", "1")
		}
		for _, c := range d.Engine.Commands() {
			switch c.(type) {
			case model.Refresh, model.Measure, model.Verify:
			default:
				t.Errorf("sent %T", c)
			}
		}
		d.Has("RO")
	})
}

func TestLeaving(t *testing.T) {
	on(t, func(d *tuitest.Driver) { // pause and quit waits for the parts in flight
		d.Press("q").Has("UPLOADS RUNNING", "nothing is aborted").Press("p")
		if d.Quit || len(sent[model.PauseAll](d)) != 1 {
			t.Fatal("left before the parts in flight were finished, or did not pause")
		}
		d.Engine.Show(changed(func(s *model.Snapshot) {
			for i := range s.Jobs {
				s.Jobs[i].Status, s.Jobs[i].InFlight = model.StatusPaused, nil
			}
		}))
		d.After(time.Second)
		if !d.Quit {
			t.Error("did not leave when nothing was in flight")
		}
		if o := d.App.Outcome(); !o.PauseAsked || !strings.Contains(o.Text, "resume --all") {
			t.Errorf("outcome %+v", o)
		}
	})
	on(t, func(d *tuitest.Driver) { // a part that hangs does not hold one up for ever
		if d.Press("q", "p").After(21 * time.Second); !d.Quit {
			t.Error("still there after the time to finish")
		}
	})
	on(t, func(d *tuitest.Driver) { // esc stays, ctrl-c twice goes
		d.Press("q", "esc")
		if d.Quit {
			t.Error("esc left")
		}
		d.Press("ctrl+c").Has("RUNNING").After(3 * time.Second).Press("ctrl+c")
		if d.Quit {
			t.Error("two slow ctrl-c left")
		}
		if d.Press("ctrl+c"); !d.Quit || d.App.Outcome().Code != 130 {
			t.Errorf("two fast ctrl-c: quit %v, code %d", d.Quit, d.App.Outcome().Code)
		}
	})
	tuitest.Run(t, tuitest.NewEngine(tuitest.Many(3)), tui.Options{}, 80, 24, func(d *tuitest.Driver) {
		if d.Press("q"); !d.Quit || d.App.Outcome().Code != 0 {
			t.Error("q with nothing running asks")
		}
	})
}

// TestTheBucketLineLeavesOutWhatHasNoRoom: what leftovers hold and cost is shown whole or not at all, at every width.
func TestTheBucketLineLeavesOutWhatHasNoRoom(t *testing.T) {
	for w := 84; w <= 130; w++ {
		tuitest.Run(t, engineWithParts(), tui.Options{PricePerGiB: 0.12, Currency: "CNY"}, w, 40, func(d *tuitest.Driver) {
			for _, line := range strings.Split(d.Screen(), "\n") {
				if strings.Contains(line, "unfinished") && strings.Contains(line, "…") {
					t.Errorf("%d columns: %s", w, line)
				}
			}
		})
	}
}
