package theme

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/clipperhouse/displaywidth"
)

func every(g *Glyphs) []string {
	all := []string{g.Ellipsis, g.Rule, g.Dash, g.BarFull, g.BarEmpty, g.CellNone, g.CellSome, g.CellMost, g.CellFull, g.CellMoving, g.CellBad, g.CellDiffers}
	all = append(all, g.Levels...)
	for _, s := range g.states {
		all = append(all, s)
	}
	return all
}

func TestGlyphsKeepTheirSetsPromise(t *testing.T) {
	wide := displaywidth.Options{EastAsianWidth: true}
	for _, name := range GlyphSets() {
		g, err := NewGlyphs(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range every(g) {
			if w := ansi.StringWidth(s); w != 1 {
				t.Errorf("%s: %q takes %d cells", name, s, w)
			}
			if name == "safe" && wide.String(s) != 1 {
				t.Errorf("safe: %q (%U) takes two cells on an East Asian terminal", s, []rune(s))
			}
			if name == "ascii" && (len(s) != 1 || s[0] < 0x21 || s[0] > 0x7e) {
				t.Errorf("ascii: %q", s)
			}
		}
		if got, want := len(g.states), len(neutralStates()); got != want {
			t.Errorf("%s names %d states, want %d", name, got, want)
		}
	}
	if _, err := NewGlyphs("emoji"); err == nil || !strings.Contains(err.Error(), "unicode, safe, ascii") {
		t.Errorf("an unknown set: %v", err)
	}
}

func TestThemesUseSixteenColoursAndNoGreen(t *testing.T) {
	for _, name := range Names() {
		th, err := New(name)
		if err != nil {
			t.Fatal(err)
		}
		for role := range roles {
			got := th.Render(L(role, "x"), 5)
			if ansi.Strip(got) != "x" {
				t.Errorf("%s, role %d: %q", name, role, got)
			}
			for _, forbidden := range []string{";32", "[32", ";92", "[92", "38;", "48;"} {
				if strings.Contains(got, forbidden) {
					t.Errorf("%s, role %d uses %s: %q", name, role, forbidden, got)
				}
			}
			if name == "mono" && (strings.Contains(got, "3") || strings.Contains(got, "9")) {
				t.Errorf("mono, role %d has a colour: %q", role, got)
			}
		}
	}
	if _, err := New("pink"); err == nil {
		t.Error("an unknown theme is taken")
	}
}

func TestLines(t *testing.T) {
	wide := L(Text, "a景b")
	for _, c := range []struct {
		name string
		got  Line
		want string
	}{
		{"cut before a wide glyph", wide.Cut(2), "a"},
		{"cut behind it", wide.Cut(3), "a景"},
		{"cut to nothing", wide.Cut(0), ""},
		{"filled", wide.To(6), "a景b  "},
		{"right", L(Text, "left").Right(10, L(Bad, "end")), "left   end"},
		{"right wins where there is no room", L(Text, "a long left side").Right(8, L(Bad, "end")), "a lo end"},
		{"right alone", L(Text, "left").Right(2, L(Bad, "end")), "en"},
		{"reversed fills", wide.Reversed(6), "a景b  "},
		{"dim", L(Bad, "x").Add(Key, "y").Dim(), "xy"},
	} {
		if got := c.got.String(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestBars(t *testing.T) {
	g, _ := NewGlyphs("ascii")
	for _, c := range []struct {
		done, total int64
		want        string
	}{{0, 10, "----"}, {1, 10, "----"}, {5, 10, "##--"}, {9999, 10000, "###-"}, {10, 10, "####"}, {11, 10, "####"}, {0, 0, "----"}} {
		if got := g.Bar(c.done, c.total, 4); got != c.want {
			t.Errorf("%d of %d: %s, want %s", c.done, c.total, got, c.want)
		}
	}
	if got := g.Ruler("T", 8); got != "- T ----" {
		t.Errorf("ruler %q", got)
	}
	if got := g.Bar(1, 2, -1); got != "" {
		t.Errorf("no width: %q", got)
	}
}

// TestWidthIsTheLibrarys: what is counted without asking it is counted as it would.
func TestWidthIsTheLibrarys(t *testing.T) {
	known := 0
	for r := rune(0x20); r < 0x11000; r++ {
		if r == 0x7f || r >= 0xd800 && r < 0xe000 || loneWidth(r) == 0 {
			continue
		}
		known++
		for _, text := range []string{string(r), "a" + string(r), string(r) + "█中", "…" + string(r) + string(r)} {
			if got, want := Width(text), ansi.StringWidth(text); got != want {
				t.Fatalf("%q (%U): %d cells, want %d", text, r, got, want)
			}
		}
	}
	if known < 20_000 {
		t.Errorf("only %d characters are counted here", known)
	}
	for _, joined := range []string{"e\u0301█", "█\u0301", "中\ufe0f", "👩\u200d🚀", "🇨🇳", "각"} { // marks, joiners, flags, jamo
		if got, want := Width(joined), ansi.StringWidth(joined); got != want {
			t.Errorf("%q: %d cells, want %d", joined, got, want)
		}
	}
}

func FuzzCut(f *testing.F) {
	for _, text := range []string{"abc", "景区a", "█░·…", "e\u0301x", ""} {
		f.Add(text, 2)
	}
	f.Fuzz(func(t *testing.T, text string, width int) {
		if width < 0 || strings.ContainsFunc(text, func(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0xfffd }) {
			return // lines hold cleaned text
		}
		got := L(Text, text).Cut(width).String()
		if Width(got) > width || !strings.HasPrefix(text, got) || Width(got) < width-1 && Width(got) < Width(text)-1 {
			t.Errorf("%q cut to %d is %q", text, width, got)
		}
	})
}
