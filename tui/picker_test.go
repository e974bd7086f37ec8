package tui_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

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
	ours := ourStyles(t)
	for _, payload := range safe.HostilePayloads() {
		evil := strings.NewReplacer("/", "_", "\x00", "_").Replace(payload.Text)
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
		for name, story := range stories {
			engine := tuitest.NewEngine(poisoned(payload.Text))
			for _, u := range poisoned(payload.Text).Bucket.Uploads {
				list := tuitest.Parts(u.Ref, max(u.Highest, 1), model.MiB)
				list.StorageClass = payload.Text
				engine.SetParts(list)
			}
			engine.Refuse(fmt.Errorf("refused%s", payload.Text))
			files := tuitest.NewFiles(engine, "/evil").Add("/evil", tui.FileEntry{Name: evil, Mode: os.ModeDir | 0o755})
			files.Add("/evil/"+evil, tuitest.RegularFile(evil, 900*model.GiB, 0), tuitest.RegularFile("a"+evil, 5, day),
				tui.FileEntry{Name: "b" + evil, Denied: "denied" + evil}).Add("/evil/"+evil+"/c"+evil, tuitest.RegularFile(evil, 1, day))
			tuitest.Run(t, engine, tui.Options{Files: files, ContentType: func(key string) string { return key }}, 100, 30, func(d *tuitest.Driver) {
				story(d)
				if bad := leak(d.Raw(), payload.Text, ours); bad != "" {
					t.Errorf("%s in %s: %s\n%q", payload.Name, name, bad, d.Screen())
				}
			})
		}
	}
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
