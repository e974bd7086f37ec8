package tui_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui"
	"partway/tui/theme"
	"partway/tui/tuitest"
)

var update = flag.Bool("update", false, "write the golden screens anew")

// scene is a screen and how one gets there.
type scene struct {
	name string
	go_  func(*tuitest.Driver)
}

// foreign puts the cursor on an upload from elsewhere.
func foreign(d *tuitest.Driver, key string) {
	d.Press("3", "/").Type(key).Press("enter", "g")
}

func scenes() []scene {
	keys := func(names ...string) func(*tuitest.Driver) { return func(d *tuitest.Driver) { d.Press(names...) } }
	on := func(key string, names ...string) func(*tuitest.Driver) {
		return func(d *tuitest.Driver) {
			foreign(d, key)
			d.Press(names...)
		}
	}
	return append([]scene{
		{"everything", keys()}, {"mine", keys("2")}, {"bucket", keys("3", "g")}, {"attention", keys("4")}, {"history", keys("5")},
		{"one upload", keys("enter")}, {"one upload, dots", keys("enter", "M")}, {"one upload, parts", keys("enter", "M", "M")},
		{"from elsewhere", on("base.tar", "enter")}, {"not measured", on("00018", "enter")}, {"failed", on("vm-2211", "enter")},
		{"abort ours", keys("X")}, {"abort a live one", on("00017", "X")}, {"abort many", on("old/", "*", "X")},
		{"hidden marks", func(d *tuitest.Driver) { d.Press("3", "*", "/").Type("win").Press("enter", "X") }},
		{"complete ours", on("11-21", "c")}, {"complete with gaps", on("base.tar", "c")}, {"complete over an object", on("exchange", "c")},
		{"changed file", on("access", "r")}, {"quit", keys("q")}, {"actions", keys("x")}, {"actions elsewhere", on("00017", "x")},
		{"help", keys("?")}, {"help of one upload", keys("enter", "?")}, {"command", func(d *tuitest.Driver) { d.Press(":").Type("ab") }},
		{"limit", keys("t")}, {"sort", keys("o")}, {"log", keys("L")}, {"facts", keys("F")}, {"facts elsewhere", on("base.tar", "F")},
		{"marks", keys("space", "space", "j", "space")}, {"no match", func(d *tuitest.Driver) { d.Press("/").Type("nothing here") }},
		{"bad filter", func(d *tuitest.Driver) { d.Press("/").Type("age>") }}, {"columns", keys("w")}, {"folded", keys("h")},
		{"large preview", keys("z")}, {"no preview", keys("z", "z")},
	}, stateScenes()...)
}

// engineWithParts is an engine over the fixture that knows the parts of its leftovers.
func engineWithParts() *tuitest.Engine {
	e := tuitest.NewEngine(fixture())
	for _, list := range fixtureParts() {
		e.SetParts(list)
	}
	return e
}

var fixture = sync.OnceValue(tuitest.Snapshot) // immutable, as every snapshot

var fixtureParts = sync.OnceValue(func() (lists []model.PartList) {
	for _, l := range tuitest.Leftovers() {
		list := tuitest.Parts(l.Ref, l.Highest, 128*model.MiB)
		if l.Gaps > 0 {
			list = tuitest.Parts(l.Ref, l.Highest, 128*model.MiB, 17, 204, 205)
		}
		lists = append(lists, list)
	}
	return lists
})

// show walks to every scene on a fresh App and gives its frame.
func show(t *testing.T, o tui.Options, w, h int, each func(s scene, d *tuitest.Driver)) {
	for _, s := range scenes() {
		tuitest.Run(t, engineWithParts(), o, w, h, func(d *tuitest.Driver) {
			s.go_(d)
			each(s, d)
		})
	}
}

func sizes() [][2]int { return [][2]int{{60, 15}, {80, 24}, {120, 40}} }

func looks() map[string]tui.Options {
	return map[string]tui.Options{"colour": {PricePerGiB: 0.12, Currency: "CNY"}, "ascii": {Glyphs: "ascii"}, "nocolor": {NoColor: true, PricePerGiB: 0.12, Currency: "CNY"}}
}

func TestGolden(t *testing.T) {
	for name, o := range looks() {
		for _, size := range sizes() {
			file := filepath.Join("testdata", fmt.Sprintf("%s-%dx%d.golden", name, size[0], size[1]))
			var b strings.Builder
			show(t, o, size[0], size[1], func(s scene, d *tuitest.Driver) {
				frame := strings.ReplaceAll(d.Raw(), "\x1b", "^[")
				fmt.Fprintf(&b, "=== %s\n%s\n", s.name, frame)
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

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	heading := ""
	for i := range min(len(a), len(b)) {
		if strings.HasPrefix(a[i], "=== ") {
			heading = a[i]
		}
		if a[i] != b[i] {
			return fmt.Sprintf("%s\nline %d\n  want %q\n  got  %q", heading, i+1, a[i], b[i])
		}
	}
	return "one is longer"
}

func TestEveryFrameFitsItsScreen(t *testing.T) {
	for _, size := range append(sizes(), [2]int{40, 8}, [2]int{200, 60}, [2]int{39, 8}, [2]int{10, 2}, [2]int{100, 9}) {
		show(t, tui.Options{PricePerGiB: 1}, size[0], size[1], func(s scene, d *tuitest.Driver) {
			lines := strings.Split(strings.TrimSuffix(d.Screen(), "\n"), "\n")
			if len(lines) > size[1] {
				t.Errorf("%s at %v: %d lines", s.name, size, len(lines))
			}
			for _, l := range lines {
				if theme.Width(l) > size[0] {
					t.Errorf("%s at %v: %d cells: %q", s.name, size, theme.Width(l), l)
				}
			}
		})
	}
}

// TestColourCarriesNothing: with all styles taken off, the colour screens say what the colourless ones say.
func TestColourCarriesNothing(t *testing.T) {
	t.Parallel()
	for _, size := range sizes() {
		frames := map[string]string{}
		show(t, tui.Options{}, size[0], size[1], func(s scene, d *tuitest.Driver) { frames[s.name] = d.Screen() })
		for _, name := range theme.Names() {
			show(t, tui.Options{Theme: name}, size[0], size[1], func(s scene, d *tuitest.Driver) {
				if d.Screen() != frames[s.name] {
					t.Errorf("%s at %v in theme %s: %s", s.name, size, name, firstDifference(frames[s.name], d.Screen()))
				}
			})
		}
	}
}

func size(w, h int) tea.WindowSizeMsg { return tea.WindowSizeMsg{Width: w, Height: h} }
