package tui_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/model/safe"
	"partway/tui"
	"partway/tui/theme"
	"partway/tui/tuitest"
)

// withFiles runs a story with the believable disk, over a bucket whose prefix is video/raw/.
func withFiles(t *testing.T, o tui.Options, w, h int, story func(*tuitest.Driver, *tuitest.Files)) {
	t.Helper()
	snap := tuitest.Snapshot()
	snap.Bucket.Prefix = "video/raw/"
	engine := tuitest.NewEngine(snap)
	for _, list := range fixtureParts() {
		engine.SetParts(list)
	}
	files := tuitest.Tree(engine)
	o.Files = files
	if o.Finder == nil {
		o.Finder = tuitest.Hints(engine)
	}
	tuitest.Run(t, engine, o, w, h, func(d *tuitest.Driver) { story(d, files) })
}

func adoptScene(more ...string) func(*tuitest.Driver) {
	return func(d *tuitest.Driver) {
		foreign(d, "base.tar")
		d.Press("r", "/").Type("/data/pg/base.tar").Press("enter")
		d.Press(more...)
	}
}

func pickScenes() []scene {
	keys := func(names ...string) func(*tuitest.Driver) {
		return func(d *tuitest.Driver) { d.Press("a").Press(names...) }
	}
	return []scene{
		{"files", keys()}, {"marked", keys("space", "j", "space", "space")}, {"all marked", keys("*")}, {"plan", keys("*", "tab")},
		{"collisions", keys("*", "enter")}, {"options", keys("space", "e")},
		{"options, wrong", func(d *tuitest.Driver) { d.Press("a", "space", "e", "tab", "tab", "ctrl+u").Type("20K") }},
		{"filter", func(d *tuitest.Driver) { d.Press("a", "/").Type("cam") }}, {"filter, no match", func(d *tuitest.Driver) { d.Press("a", "/").Type("zzz") }},
		{"path", func(d *tuitest.Driver) { d.Press("a", "/").Type("/data/").Press("tab") }}, {"no such path", func(d *tuitest.Driver) { d.Press("a", "/").Type("/nowhere").Press("enter") }},
		{"paste", func(d *tuitest.Driver) {
			d.Send(tea.PasteMsg{Content: "'/data/video/raw/slate.jpg' /not/there\nfile:///data/pg/base.tar\n"})
		}},
		{"sort files", keys("o")}, {"jump", keys("l", "h", "z")}, {"bookmark", keys("m")}, {"bookmarks", keys("m", "b", "'")}, {"hidden", keys(".")},
		{"help of files", keys("?")}, {"actions on files", keys("x")}, {"no prefix", keys("e", "ctrl+u", "enter")},
		{"adopt", adoptScene()}, {"adopt asks", adoptScene("enter")}, {"adopt, too small", adoptScene("j", "enter")},
		{"adopt, named", func(d *tuitest.Driver) {
			foreign(d, "win2016")
			d.Press("r")
		}},
		{"adopt, named and missing", func(d *tuitest.Driver) {
			foreign(d, "exchange")
			d.Press("r")
		}},
		{"search", adoptScene("S")}, {"search, nothing found", adoptScene("/", "/", "d", "a", "t", "a", "/", "v", "i", "d", "e", "o", "/", "r", "a", "w", "enter", "S")},
		{"search, running", func(d *tuitest.Driver) {
			adoptScene("/", "/", "d", "a", "t", "a", "/", "v", "i", "d", "e", "o", "enter", "S")(d)
			d.After(time.Second)
		}},
		{"checkpoints", adoptScene("C")}, {"checkpoints, left", adoptScene("C", "G")}, {"no checkpoints", keys("C")},
	}
}

func showFiles(t *testing.T, o tui.Options, w, h int, each func(scene, *tuitest.Driver)) {
	for _, s := range pickScenes() {
		withFiles(t, o, w, h, func(d *tuitest.Driver, _ *tuitest.Files) {
			s.go_(d)
			each(s, d)
		})
	}
}

func TestPickerGolden(t *testing.T) {
	for name, o := range looks() {
		o.ContentType = func(key string) string { return "application/" + strings.TrimPrefix(filepath.Ext(key), ".") }
		for _, size := range sizes() {
			file := filepath.Join("testdata", fmt.Sprintf("picker-%s-%dx%d.golden", name, size[0], size[1]))
			var b strings.Builder
			showFiles(t, o, size[0], size[1], func(s scene, d *tuitest.Driver) {
				fmt.Fprintf(&b, "=== %s\n%s\n", s.name, strings.ReplaceAll(d.Raw(), "\x1b", "^["))
			})
			if *update {
				if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v: run the test with -update and look at what it wrote", err)
			}
			if got := b.String(); got != string(want) {
				t.Errorf("%s is another screen now (run with -update after looking):\n%s", file, firstDifference(string(want), got))
			}
		}
	}
}

func TestPickerFramesFitAndColourCarriesNothing(t *testing.T) {
	for _, size := range append(sizes(), [2]int{40, 8}, [2]int{200, 60}, [2]int{100, 9}) {
		plain := map[string]string{}
		showFiles(t, tui.Options{NoColor: true}, size[0], size[1], func(s scene, d *tuitest.Driver) {
			plain[s.name] = d.Screen()
			for i, l := range strings.Split(strings.TrimSuffix(d.Screen(), "\n"), "\n") {
				if theme.Width(l) > size[0] || i >= size[1] {
					t.Errorf("%s at %v, line %d: %d cells: %q", s.name, size, i, theme.Width(l), l)
				}
			}
		})
		showFiles(t, tui.Options{}, size[0], size[1], func(s scene, d *tuitest.Driver) {
			if d.Screen() != plain[s.name] {
				t.Errorf("%s at %v: %s", s.name, size, firstDifference(plain[s.name], d.Screen()))
			}
		})
	}
}

// TestHostileNamesAreOnlyShown puts every payload into the name of a file, a folder, what stands beside them, and what the engine says.
func TestHostileNamesAreOnlyShown(t *testing.T) {
	t.Parallel()
	ours := ourStyles(t)
	for _, payload := range safe.HostilePayloads() {
		evil := strings.NewReplacer("/", "_", "\x00", "_").Replace(payload.Text)
		snap := poisoned(payload.Text) // immutable, as every snapshot
		var lists []model.PartList
		for _, u := range snap.Bucket.Uploads {
			list := tuitest.Parts(u.Ref, max(u.Highest, 1), model.MiB)
			list.StorageClass = payload.Text
			lists = append(lists, list)
		}
		stories := map[string]func(*tuitest.Driver){
			"files": func(d *tuitest.Driver) { d.Press("a", "l", "j") }, "marked": func(d *tuitest.Driver) { d.Press("a", "l", "*", "tab") },
			"refused":    func(d *tuitest.Driver) { d.Press("a", "l", "*", "enter", "y") },
			"collisions": func(d *tuitest.Driver) { d.Press("a", "l", "*", "enter") },
			"jump":       func(d *tuitest.Driver) { d.Press("a", "l", "z") }, "bookmark": func(d *tuitest.Driver) { d.Press("a", "l", "m", "q", "'") },
			"options": func(d *tuitest.Driver) {
				d.Press("a", "l", "*", "e")
				d.Send(tea.PasteMsg{Content: payload.Text})
				d.Press("tab", "tab")
				d.Send(tea.PasteMsg{Content: payload.Text})
				d.Press("enter")
			},
			"filter": func(d *tuitest.Driver) {
				d.Press("a", "/")
				d.Send(tea.PasteMsg{Content: payload.Text})
				d.Press("enter")
			},
			"path": func(d *tuitest.Driver) {
				d.Press("a", "/").Type("/evil/")
				d.Press("tab")
				d.Send(tea.PasteMsg{Content: payload.Text})
				d.Press("enter")
			},
			"paste": func(d *tuitest.Driver) { d.Send(tea.PasteMsg{Content: "/nowhere/" + payload.Text}) },
			"copy":  func(d *tuitest.Driver) { d.Press("a", "l", "j", "y", "p") },
			"adopt": func(d *tuitest.Driver) {
				foreign(d, "base.tar")
				d.Press("r", "l", "G", "enter")
			},
		}
		for name, keys := range map[string][]string{"search": {"r", "S"}, "search chosen": {"r", "S", "enter"}, "search running": {"r", "l", "S"},
			"search failed": {"r", "h", "S"}, "checkpoints": {"r", "C"}, "checkpoints left": {"r", "C", "G"}, "checkpoints adopted": {"r", "C", "y"},
			"checkpoint chosen": {"r", "C", "enter"}, "checkpoints failed": {"C"}, "checkpoints running": {"r", "l", "C"}, "named": {"r"}, "named gone": {"r", "k"}} {
			stories[name] = func(d *tuitest.Driver) {
				foreign(d, "base.tar")
				d.Press(keys...).After(time.Second)
			}
		}
		for name, story := range stories {
			engine := tuitest.NewEngine(snap)
			for _, list := range lists {
				engine.SetParts(list)
			}
			engine.Refuse(fmt.Errorf("refused%s", payload.Text))
			files := tuitest.NewFiles(engine, "/evil").Add("/evil", tui.FileEntry{Name: evil, Mode: os.ModeDir | 0o755})
			files.Add("/evil/"+evil, tuitest.RegularFile(evil, 900*model.GiB, 0), tuitest.RegularFile("a"+evil, 5, day),
				tui.FileEntry{Name: "b" + evil, Denied: "denied" + evil}).Add("/evil/"+evil+"/c"+evil, tuitest.RegularFile(evil, 1, day))
			finder := evilFinder(engine, payload.Text, evil, name)
			tuitest.Run(t, engine, tui.Options{Files: files, Finder: finder, ContentType: func(key string) string { return key }}, 100, 30, func(d *tuitest.Driver) {
				story(d)
				if bad := leak(d.Raw(), payload.Text, ours); bad != "" {
					t.Errorf("%s in %s: %s\n%q", payload.Name, name, bad, d.Screen())
				}
			})
		}
	}
}

// evilFinder has a hostile text in everything that it answers.
func evilFinder(engine *tuitest.Engine, evil, name, story string) *tuitest.Finder {
	f := tuitest.NewFinder(engine)
	file := tuitest.RegularFile(evil, 900*model.GiB, day)
	now := tui.Searched{At: "/evil/" + evil, Looked: 9, Large: 2, Read: 2, Failed: 1, Failure: "open /evil/" + evil, Found: []tui.FoundFile{
		{Path: "/evil/" + evil, File: file}, {Path: "/elsewhere/" + evil + "/x", File: file}}}
	f.Finds("/evil", now, now).Finds("/evil/"+name, now, now)
	parts := tuitest.Parts(model.Ref{Bucket: "b" + evil, Key: "k" + evil, UploadID: "i" + evil}, 3, model.MiB)
	parts.StorageClass = evil
	place := tuitest.Place()
	place.Bucket += evil
	one := tui.Checkpoint{Tool: "tool" + evil, Place: place, Parts: parts, Path: "/evil/" + evil, File: file}
	list := tui.Checkpoints{Offered: []tui.Checkpoint{one, one}, Left: []tui.LeftCheckpoint{{Path: "/evil/" + evil + ".cp", Why: "it is damaged: " + evil}}}
	f.Holds("/evil", list)
	for _, u := range engine.Snapshot().Bucket.Uploads {
		switch story {
		case "named":
			f.Names(u.Ref, tui.NamedFile{Tool: "tool" + evil, Path: "/evil/" + name + "/" + name})
		case "named gone":
			f.Names(u.Ref, tui.NamedFile{Tool: "tool" + evil, Path: "/evil/" + evil, Missing: "open" + evil})
		}
	}
	switch {
	case strings.HasSuffix(story, "running"):
		f.HangForEver("/evil/" + name)
	case strings.HasSuffix(story, "failed"):
		f.Fails(fmt.Errorf("failed%s", evil))
	}
	return f
}

const day = 24 * 3600e9

func queued(d *tuitest.Driver) (paths []string) {
	for _, c := range sent[model.Enqueue](d) {
		for _, f := range c.Files {
			paths = append(paths, f.Path+" -> "+f.Key)
		}
	}
	return paths
}

func wantQueued(t *testing.T, d *tuitest.Driver, want ...string) {
	t.Helper()
	if got := queued(d); !reflect.DeepEqual(got, want) {
		t.Fatalf("queued %q\nwant   %q\n%s", got, want, d.Screen())
	}
}
