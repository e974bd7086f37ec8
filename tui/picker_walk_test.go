package tui_test

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui"
	"partway/tui/tuitest"
)

func onFiles(t *testing.T, story func(*tuitest.Driver, *tuitest.Files)) {
	t.Helper()
	withFiles(t, tui.Options{}, 120, 40, story)
}

func TestFileIsQueuedInFewKeys(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		d.Press("a", "G", "k", "enter") // slate.jpg
		wantQueued(t, d, "/data/video/raw/slate.jpg -> video/raw/slate.jpg")
		d.Has("queued 1 file, 3.0 MiB", "MOVING")
	})
}

func TestFolderIsQueuedWhole(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		d.Press("a", "space")
		d.Has("4 files, 54.5 GiB", "1 hidden left out")
		d.Press("enter")
		wantQueued(t, d, "/data/video/raw/c-cam/01.mov -> video/raw/c-cam/01.mov", "/data/video/raw/c-cam/02.mov -> video/raw/c-cam/02.mov",
			"/data/video/raw/c-cam/audio/boom.wav -> video/raw/c-cam/audio/boom.wav", "/data/video/raw/c-cam/audio/lav.wav -> video/raw/c-cam/audio/lav.wav")
	})
}

func TestHiddenFilesAsShown(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		d.Press("a").HasNot(".DS_Store")
		d.Press("space", ".").Has(".DS_Store", "5 files, 54.5 GiB").HasNot("hidden left out")
		d.Press("enter")
		if n := len(queued(d)); n != 5 {
			t.Errorf("%d files queued", n)
		}
	})
}

func TestNothingMarkedEnterOpensAFolder(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		d.Press("a", "enter").Has("/data/video/raw/c-cam").Row("audio/")
		d.Press("h").Row("c-cam/") // back on the folder one came from
		d.Press("h", "h").Has("/data ").Press("[").Has("/data/video ").Press("]").Has("/data ")
		if len(d.Engine.Commands()) != 0 {
			t.Errorf("sent %v", d.Engine.Commands())
		}
	})
}

func TestSpecialFilesAreNotSent(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		for _, name := range []string{"mpv.sock", "latest.mov", "secret.key"} {
			d.Press("a", "/").Type(name).Press("enter", "space").Has("cannot be sent").HasNot("1 marked")
			d.Press("esc", "esc")
		}
	})
}

func TestCollisionsAreAskedOnce(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		d.Press("a", "*", "enter").Has("BEFORE THEY ARE QUEUED", "in the queue already", "may be growing")
		d.Press("enter", "enter", "enter") // inert: it is the key that opened the question
		if n := len(d.Engine.Commands()); n != 0 {
			t.Fatalf("enter sent %d commands", n)
		}
		d.Press("j", "l").Has("send anyway")
		d.Press("y")
		found := false
		for _, c := range sent[model.Enqueue](d) {
			for _, f := range c.Files {
				found = found || f.Path == tuitest.Path("growing.log")
				if f.Path == tuitest.Path("b-roll-07.mov") {
					t.Error("a file was queued that is in the queue")
				}
			}
		}
		if !found {
			t.Error("the changed rule was not obeyed")
		}
	})
}

func TestRefusalKeepsTheMarks(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		d.Engine.Refuse(errors.Join(errors.New("oss://b/k is in the queue already"), errors.New("open x: permission denied")))
		d.Press("a", "space", "enter").Has("REFUSED: NOTHING WAS QUEUED", "in the queue already", "permission denied")
		d.Press("esc").Has("1 marked = 4 files")
		d.Engine.Refuse(nil)
		d.Press("enter")
		if n := len(queued(d)); n != 4 {
			t.Errorf("%d files queued", n)
		}
	})
}

func TestUndoTakesOffTheQueueWhatSentNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		status model.Status
		upload string
		want   []model.Command
		says   string
	}{
		{"waits", model.StatusQueued, "", []model.Command{model.Abort{Place: tuitest.Place(), Jobs: []model.JobID{"new"}}}, "1 file taken off the queue"},
		{"paused before it began", model.StatusPaused, "", []model.Command{model.Abort{Place: tuitest.Place(), Jobs: []model.JobID{"new"}}}, "1 file taken off the queue"},
		{"begun", model.StatusQueued, "ID1", []model.Command{model.Pause{Jobs: []model.JobID{"new"}}}, "1 upload that had begun paused"},
		{"beginning", model.StatusUploading, "", []model.Command{model.Pause{Jobs: []model.JobID{"new"}}}, "1 upload that had begun paused"},
		{"done", model.StatusDone, "", nil, "nothing is left to take off the queue"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
				job := model.Job{ID: "new", Place: tuitest.Place(), Status: model.StatusQueued}
				d.Engine.React(func(s *model.Snapshot, cmd model.Command) {
					if e, is := cmd.(model.Enqueue); is {
						job.Ref = model.Ref{Bucket: e.Files[0].Place.Bucket, Key: e.Files[0].Key}
						s.Jobs = append(s.Jobs, job)
					}
				})
				d.Press("a", "G", "k", "enter")
				d.Engine.Show(changed(func(s *model.Snapshot) {
					job.Status, job.Ref.UploadID = c.status, c.upload
					s.Jobs = append(s.Jobs, job)
				}))
				d.After(time.Second).Press("u").Has(c.says)
				var got []model.Command
				for _, cmd := range d.Engine.Commands() {
					if _, is := cmd.(model.Enqueue); !is {
						got = append(got, cmd)
					}
				}
				if !reflect.DeepEqual(got, c.want) {
					t.Errorf("undo sent %+v, want %+v", got, c.want)
				}
			})
		})
	}
}

func TestMarksSurviveClosing(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		d.Press("a", "space", "esc").Has("1 mark kept")
		d.Press("a").Has("1 marked = 4 files").Press("u").Has("nothing marked")
		d.Press("j", "space", "k", "I", `\`).Has("nothing marked")
		d.Press("g", "j", "v", "j", "v").Has("2 marked")
	})
}

func TestHungFolderBlocksNoKey(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, files *tuitest.Files) {
		release := files.Hang("/data/video/raw/c-cam")
		d.Press("a", "l").Has("reading")
		d.Press("h").Row("c-cam/") // the late answer is dropped
		release()
		d.Settle()
		d.Row("c-cam/").Has("proxies/")
		release = files.Hang("/data/video/raw/c-cam")
		d.Press("space").Has("counting (esc stops)")
		d.Press("enter").Has("queued as soon as")
		if len(d.Engine.Commands()) != 0 {
			t.Fatal("queued before it was counted")
		}
		d.Press("esc").Has("nothing was queued")
		release()
		d.Settle()
		if len(d.Engine.Commands()) != 0 {
			t.Fatal("queued after esc")
		}
		d.Press("enter") // counts again, then queues
		if n := len(queued(d)); n != 4 {
			t.Errorf("%d files queued\n%s", n, d.Screen())
		}
	})
}

func TestPasteInTheListOpensThePicker(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, files *tuitest.Files) {
		files.Add("/data/video/raw", tuitest.RegularFile("my film.mov", 5, day))
		d.Send(tea.PasteMsg{Content: "/data/video/raw/my film.mov\n'/data/pg/small.tar' /no/such\nfile:///data/video/raw/slate.jpg"})
		d.Has("3 marked", "not found", "/no/such")
		if len(d.Engine.Commands()) != 0 {
			t.Fatal("a paste queued something")
		}
		d.Press("enter")
		wantQueued(t, d, "/data/video/raw/my film.mov -> video/raw/my film.mov", "/data/pg/small.tar -> video/raw/small.tar", "/data/video/raw/slate.jpg -> video/raw/slate.jpg")
	})
}

func TestPathLine(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		d.Press("a", "/").Type("/data/v").Press("tab").Has("/data/video/_")
		d.Press("ctrl+u").Type("~").Press("tab").Has("~/_").Press("enter").Has("/home/ops").Row("notes.txt")
		d.Press("/").Type("/data/pg/base.tar").Press("enter").Row("base.tar")
		d.Press("'").Has("no bookmark").Press("m", "p", "/").Type("/").Press("enter", "'", "p").Has("/data/pg")
		d.Press("z").Type("raw").Press("enter").Has("/data/video/raw")
	})
}

func TestOptionsForm(t *testing.T) {
	onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
		d.Press("a", "G", "k", "space", "e", "ctrl+u").Type("x/").Press("tab", "tab", "ctrl+u").Type("20K").Has("at least 100 KiB")
		d.Send(size(60, 15))
		d.Send(size(120, 40))
		d.Press("esc").Has("part size     auto").Press("e") // typed text is kept, and not in force
		d.Has("[20K").Press("enter").Has("part size has to be mended first")
		d.Press("ctrl+u").Type("1M").Press("tab", "tab", "tab", "l").Has("(IA)")
		d.Press("tab", "tab", "tab", "l", "tab").Type("owner=media 'a=b c'").Press("enter")
		d.Has("IA: 30 days", "a='b c' owner=media").HasNot("OPTIONS for")
		d.Press("enter")
		got := sent[model.Enqueue](d)
		if len(got) != 1 || len(got[0].Files) != 1 {
			t.Fatalf("sent %+v\n%s", d.Engine.Commands(), d.Screen())
		}
		f := got[0].Files[0]
		if f.Key != "x/slate.jpg" || f.Send.PartSize != model.MiB || f.Write.StorageClass != "IA" || f.Write.IfExists != model.IfExistsSkip ||
			f.Write.Metadata["a"] != "b c" || f.Write.Metadata["owner"] != "media" {
			t.Errorf("%+v", f)
		}
	})
}

func TestReadOnlyQueuesNothing(t *testing.T) {
	withFiles(t, tui.Options{ReadOnly: true}, 120, 40, func(d *tuitest.Driver, _ *tuitest.Files) {
		d.Press("a").Has("read-only").HasNot("add files to")
		d.Send(tea.PasteMsg{Content: "/data/pg/base.tar"})
		d.Has("read-only").HasNot("add files to")
	})
}

// TestRandomKeysInThePickerDestroyNothing presses keys without y: nothing is adopted, aborted or completed.
func TestRandomKeysInThePickerDestroyNothing(t *testing.T) {
	t.Parallel()
	keys := []string{}
	for _, k := range pressable() {
		if k != "y" {
			keys = append(keys, k)
		}
	}
	random := rand.New(rand.NewPCG(4, 2))
	for n := range 40 {
		onFiles(t, func(d *tuitest.Driver, _ *tuitest.Files) {
			open := "a"
			if n%2 == 1 {
				foreign(d, "base.tar")
				open = "r"
			}
			for range 300 {
				if random.IntN(10) == 0 {
					d.Press(open)
				}
				d.Press(keys[random.IntN(len(keys))])
				if d.Quit {
					return
				}
			}
			harmless(t, d)
			if n := len(sent[model.Adopt](d)); n > 0 {
				t.Fatalf("adopted without y: %v", d.Engine.Commands())
			}
			d.After(time.Second)
		})
	}
}
