package tui_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"partway/model"
	"partway/tui"
	"partway/tui/tuitest"
)

// onFinder tells a story with the believable disk, uploads and hints.
func onFinder(t *testing.T, o tui.Options, story func(*tuitest.Driver, *tuitest.Finder)) {
	t.Helper()
	engine := engineWithParts()
	o.Files = tuitest.Tree(engine)
	finder := tuitest.Hints(engine)
	o.Finder = finder
	tuitest.Run(t, engine, o, 120, 40, func(d *tuitest.Driver) { story(d, finder) })
}

// inVideo opens the picker for base.tar in a folder whose search does not end.
func inVideo(d *tuitest.Driver, more ...string) {
	foreign(d, "base.tar")
	d.Press("r", "/").Type("/data/video").Press("enter").Press(more...)
}

func TestSearchLeadsToTheDialogThatAdopts(t *testing.T) {
	onFinder(t, tui.Options{}, func(d *tuitest.Driver, f *tuitest.Finder) {
		finish := comparing(d)
		adoptScene("S")(d)
		d.Has("2 files have the bytes of a part", "1204 files looked at, 31 could hold its 705 parts", "base.tar", "older/weekly/base.tar", "Nov 18")
		got := f.Searches()
		if len(got) != 1 || got[0].Folder != "/data/pg" || got[0].Key != "backup/pg/base.tar" || len(got[0].Parts) != 705 {
			t.Fatalf("searched %d times, in %q", len(got), got[0].Folder)
		}
		d.Press("j", "enter").Has("ADOPT backup/pg/base.tar", "/data/pg/older/weekly/base.tar", "470 equal").HasNot("y adopt")
		finish(compared(mostlyEqual()))
		d.Press("esc").Has("2 files have the bytes of a part") // another one can be chosen
		if len(sent[model.Adopt](d)) != 0 {
			t.Fatal("adopted without y")
		}
		d.Press("k", "enter")
		finish(compared(mostlyEqual()))
		d.Press("y")
		if adopted := sent[model.Adopt](d); len(adopted) != 1 || adopted[0].Path != "/data/pg/base.tar" {
			t.Fatalf("sent %+v", d.Engine.Commands())
		}
		d.HasNot("SEARCH", "choose the file")
	})
}

func TestSearchThatFindsNothingSaysSo(t *testing.T) {
	onFinder(t, tui.Options{}, func(d *tuitest.Driver, f *tuitest.Finder) {
		foreign(d, "base.tar")
		d.Press("r", "S").Has("no file begins like it: 15 files looked at, 4 of them could hold its 705 parts, and none has its bytes",
			"2 files or folders that cannot be read", "permission denied", "12 were not compared", "h to a folder above").HasNot("enter compare")
		d.Press("enter").Has("no file begins like it").Press("esc").HasNot("SEARCH")
		f.Fails(errors.New("the server gives no sum"))
		d.Press("S").Has("failed", "the server gives no sum", "instead")
	})
}

// TestSearchIsStopped: by esc, by going on with a file, and by leaving. A late answer changes nothing, and nothing is asked any more.
func TestSearchIsStopped(t *testing.T) {
	onFinder(t, tui.Options{}, func(d *tuitest.Driver, f *tuitest.Finder) {
		inVideo(d, "S")
		d.Has("esc stop").After(time.Second).Has("12 345 files looked at", "/data/video/raw/proxies/p1.mp4", "archive/base.tar")
		d.Press("esc").Has("stopped", "archive/base.tar", "esc back")
		if f.GivenUp() != 1 {
			t.Fatal("esc did not end the search")
		}
		before := d.After(10 * time.Second).Updates // timers that were under way end
		if d.After(time.Minute); d.Updates != before {
			t.Errorf("%d messages while nothing goes on", d.Updates-before)
		}
		d.Press("esc").HasNot("SEARCH").Has("choose the file for")
		d.Press("S").After(time.Second).Press("enter").Has("ADOPT backup/pg/base.tar", "/data/video/archive/base.tar")
		if f.GivenUp() != 2 {
			t.Error("the search goes on behind the comparison")
		}
	})
}

func TestSearchIsLookedAtSeldom(t *testing.T) {
	onFinder(t, tui.Options{}, func(d *tuitest.Driver, _ *tuitest.Finder) {
		inVideo(d, "S")
		d.After(4 * time.Second) // the order of the list is let go
		before := d.Updates
		if d.After(10 * time.Second); d.Updates-before > 21 {
			t.Errorf("%d messages in 10 s", d.Updates-before)
		}
	})
}

func TestSearchIsOfferedWhereItMakesSense(t *testing.T) {
	onFinder(t, tui.Options{}, func(d *tuitest.Driver, f *tuitest.Finder) {
		d.Press("a").HasNot("S search").Press("S").Has("search is not possible: no upload wants its file here")
		if len(f.Searches()) != 0 {
			t.Error("searched")
		}
	})
	withoutFinder(t, func(d *tuitest.Driver) {
		foreign(d, "base.tar")
		d.Press("r").HasNot("S search", "S looks", "C reads").Press("S", "C").Has("not possible").HasNot("CHECKPOINTS")
	})
}

func withoutFinder(t *testing.T, story func(*tuitest.Driver)) {
	engine := engineWithParts()
	tuitest.Run(t, engine, tui.Options{Files: tuitest.Tree(engine)}, 120, 40, story)
}

func TestTheFileThatACheckpointNames(t *testing.T) {
	onFinder(t, tui.Options{}, func(d *tuitest.Driver, f *tuitest.Finder) {
		foreign(d, "win2016")
		d.Press("r").Row("small.tar").Has("a checkpoint of ossutil names this file", "/data/pg")
		if want := [][]string{{"/data/video/raw", "/home/ops"}}; !reflect.DeepEqual(f.Folders(), want) {
			t.Errorf("looked into %q", f.Folders())
		}
		d.Press("k").HasNot("names this file").Has("a checkpoint of ossutil names /data/pg/small.tar")
		d.Press("[").Has("/data/video/raw ").Press("esc", "r").Row("small.tar")
		if len(d.Engine.Commands()) != 0 {
			t.Errorf("sent %+v", d.Engine.Commands())
		}
	})
	onFinder(t, tui.Options{}, func(d *tuitest.Driver, f *tuitest.Finder) { // who is on the way elsewhere is left alone
		release := f.Hang("/home/ops")
		foreign(d, "win2016")
		d.Press("r", "j")
		release()
		d.Settle()
		d.Row("proxies/").Has("a checkpoint of ossutil names /data/pg/small.tar")
	})
	onFinder(t, tui.Options{}, func(d *tuitest.Driver, f *tuitest.Finder) { // an answer that comes too late is for nobody
		f.Hang("/home/ops")
		foreign(d, "win2016")
		d.Press("r", "esc")
		if f.GivenUp() != 1 {
			t.Error("the checkpoints are still being read")
		}
		foreign(d, "base.tar")
		d.Press("r").HasNot("checkpoint names")
	})
	onFinder(t, tui.Options{}, func(d *tuitest.Driver, _ *tuitest.Finder) {
		foreign(d, "exchange")
		d.Press("r").Has("a checkpoint of the OSS SDK names a file that cannot be opened", "no such file", "/data/video/raw").HasNot("like any other")
	})
}

func TestCheckpointsAreAdopted(t *testing.T) {
	want := []model.Adopt{
		{Place: tuitest.Place(), Ref: model.Ref{Bucket: "backup-prod", Key: "backup/pg/base.tar", UploadID: "P1"}, Path: "/data/pg/base.tar"},
		{Place: tuitest.Place(), Ref: model.Ref{Bucket: "scratch", Key: "pg/small.tar", UploadID: "K1"}, Path: "/data/pg/small.tar"},
	}
	want[1].Place.Bucket = "scratch"
	for name, open := range map[string]func(*tuitest.Driver){
		"from the picker that adopts": func(d *tuitest.Driver) { adoptScene("C")(d) },
		"from the picker that adds":   func(d *tuitest.Driver) { d.Press("a", "/").Type("/data/pg/base.tar").Press("enter", "C") },
		"by the palette":              func(d *tuitest.Driver) { d.Press(":").Type("import /data/pg").Press("enter") },
		"by the picker's palette":     func(d *tuitest.Driver) { d.Press("a", ":").Type("import ../../pg").Press("enter") },
	} {
		t.Run(name, func(t *testing.T) {
			onFinder(t, tui.Options{}, func(d *tuitest.Driver, _ *tuitest.Finder) {
				open(d)
				d.Has("CHECKPOINTS in /data/pg", "oss://scratch/pg/small.tar", "left: it is damaged", "left: the position of the parts", "adopt all 2", "goes on with 2 uploads")
				d.Press("G", "enter", "enter").Has("its upload of oss://backup-prod/pg/gone.tar does not exist any more")
				if len(d.Engine.Commands()) != 0 {
					t.Fatalf("sent %+v", d.Engine.Commands())
				}
				// What is listed was fixed when it showed.
				d.Engine.Show(changed(func(s *model.Snapshot) { s.Bucket.Uploads = nil }))
				d.After(time.Second).Press("y")
				if got := sent[model.Adopt](d); !reflect.DeepEqual(got, want) {
					t.Errorf("sent %+v\nwant %+v", got, want)
				}
				d.HasNot("CHECKPOINTS", "choose the file").Has("adopting 2 uploads")
			})
		})
	}
}

func TestCheckpointsOfTheUsualFolders(t *testing.T) {
	onFinder(t, tui.Options{}, func(d *tuitest.Driver, f *tuitest.Finder) {
		d.Press("C").Has("CHECKPOINTS in /data/video/raw, /home/ops", "no checkpoint lies here", ".ossutil_checkpoint").HasNot("y adopt").Press("y", "enter", "esc")
		if want := [][]string{{"/data/video/raw", "/home/ops"}}; !reflect.DeepEqual(f.Folders(), want) {
			t.Errorf("read %q", f.Folders())
		}
		release := f.Hang("/home/ops")
		d.Press("C").Has("reading", "esc stop").Press("y", "esc")
		if f.GivenUp() != 1 {
			t.Error("esc did not end the reading")
		}
		release()
		f.Fails(errors.New("open /data/video/raw: permission denied"))
		d.Press("C").Has("failed", "permission denied").Press("y")
		if len(d.Engine.Commands()) != 0 {
			t.Errorf("sent %+v", d.Engine.Commands())
		}
	})
}

func TestOneCheckpointIsComparedFirst(t *testing.T) {
	onFinder(t, tui.Options{}, func(d *tuitest.Driver, _ *tuitest.Finder) {
		finish := comparing(d)
		d.Press(":").Type("import /data/pg").Press("enter", "j", "enter").Has("ADOPT pg/small.tar", "/data/pg/small.tar", "470 equal")
		d.Press("esc").Has("CHECKPOINTS in /data/pg").Press("k", "enter")
		finish(compared(mostlyEqual()))
		d.Press("enter").Has("692 of 896 parts equal")
		if len(sent[model.Adopt](d)) != 0 {
			t.Fatal("adopted without y")
		}
		d.Press("y")
		if got := sent[model.Adopt](d); len(got) != 1 || got[0].Ref.UploadID != "P1" || got[0].Path != "/data/pg/base.tar" {
			t.Errorf("sent %+v", d.Engine.Commands())
		}
		d.HasNot("CHECKPOINTS")
	})
}

func TestCheckpointsWarnOfOtherSenders(t *testing.T) {
	onFinder(t, tui.Options{}, func(d *tuitest.Driver, f *tuitest.Finder) {
		live := tuitest.Parts(model.Ref{Bucket: "backup-prod", Key: "live.bin", UploadID: "L1"}, 3, 128*model.MiB)
		for i := range live.Parts {
			live.Parts[i].Modified = tuitest.Now().Add(-time.Minute)
		}
		file := tuitest.RegularFile("live.bin", model.GiB, day)
		adoptScene("C")(d)
		d.HasNot("Somebody is still sending").Press("esc")
		f.Holds("/data/pg", tui.Checkpoints{Offered: []tui.Checkpoint{{Tool: "ossutil", Place: tuitest.Place(), Parts: live, Path: "/data/pg/live.bin", File: file}}})
		d.Press("C").Has("y adopt it", "Somebody is still sending to 1 of these")
	})
}

func TestCheckpointsThatAreRefusedAreNamed(t *testing.T) {
	onFinder(t, tui.Options{}, func(d *tuitest.Driver, _ *tuitest.Finder) {
		d.Engine.Refuse(errors.New("no part of the upload equals the file"))
		adoptScene("C", "y")(d)
		d.Has("REFUSED: NOTHING IS ADOPTED", "backup/pg/base.tar: no part of the upload equals the file", "pg/small.tar: no part").HasNot("adopting")
	})
	onFinder(t, tui.Options{}, func(d *tuitest.Driver, f *tuitest.Finder) { // what is in the queue already is left
		d.Engine.Show(changed(func(s *model.Snapshot) {
			job := s.Jobs[0]
			job.ID, job.Ref, job.Status = "mine", model.Ref{Bucket: "scratch", Key: "pg/small.tar", UploadID: "K1"}, model.StatusPaused
			s.Jobs = append(s.Jobs, job)
		}))
		d.After(time.Second)
		d.Press(":").Type("import /data/pg").Press("enter").Has("left: its upload is in the queue already", "y adopt it")
	})
}

func TestReadOnlySessionsSearchAndAdoptNothing(t *testing.T) {
	onFinder(t, tui.Options{ReadOnly: true}, func(d *tuitest.Driver, f *tuitest.Finder) {
		adoptScene("S")(d)
		d.Has("2 files have the bytes").Press("y", "esc")
		d.Press("C").Has("read-only session: nothing is adopted").HasNot("y adopt").Press("y", "enter").Has("ADOPT backup/pg/base.tar").Press("y")
		if n := len(sent[model.Adopt](d)); n != 0 || len(f.Searches()) != 1 {
			t.Errorf("sent %+v", d.Engine.Commands())
		}
	})
}

// TestNoKeyButYAdopts walks every scene that could lead to an adoption with every key twice, and with every key and enters behind it.
func TestNoKeyButYAdopts(t *testing.T) {
	scenes := map[string]func(*tuitest.Driver){
		"picker": adoptScene(), "search": adoptScene("S"), "checkpoints": adoptScene("C"), "compared": adoptScene("enter"), "found": adoptScene("S", "enter"),
		"one checkpoint": adoptScene("C", "enter"), "running": func(d *tuitest.Driver) { inVideo(d, "S") },
	}
	inBubble(t, 80, 24, func(t *testing.T, start func(*tuitest.Engine, tui.Options) *tuitest.Driver) {
		for name, open := range scenes {
			for i, k := range pressable() {
				if k == "y" || testing.Short() && i%4 != 0 {
					continue
				}
				for _, story := range [][]string{{k, k, k}, {k, "enter", "enter", "enter"}} {
					engine := engineWithParts()
					d := start(engine, tui.Options{Files: tuitest.Tree(engine), Finder: tuitest.Hints(engine)})
					engine.React(func(s *model.Snapshot, cmd model.Command) {
						if c, is := cmd.(model.Compare); is {
							result := mostlyEqual()
							s.Jobs = append(s.Jobs, model.Job{ID: model.JobID("c" + c.Path), Kind: model.JobCompare, Ref: c.Ref, Place: c.Place,
								Status: model.StatusCompared, Comparison: &result, Source: model.Fingerprint{Path: c.Path}})
						}
					})
					open(d)
					if d.Press(story...); len(sent[model.Adopt](d)) != 0 {
						t.Fatalf("%s: %v adopted\n%s", name, story, d.Screen())
					}
					harmless(t, d, name, story)
				}
			}
		}
	})
}
