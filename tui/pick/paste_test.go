package pick

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string // words of all lines
	}{
		{"one path", "/data/a.mov", []string{"/data/a.mov"}},
		{"several in a line", "/a /b\t/c", []string{"/a", "/b", "/c"}},
		{"one a line", "/a\n/b\r\n/c\r/d\n\n", []string{"/a", "/b", "/c", "/d"}},
		{"single quotes", "'/data/my film.mov'", []string{"/data/my film.mov"}},
		{"double quotes", `"/data/my film.mov" "/data/a\"b" "a\c"`, []string{"/data/my film.mov", `/data/a"b`, `a\c`}},
		{"backslashes", `/data/my\ film\(1\).mov`, []string{"/data/my film(1).mov"}},
		{"quote inside quotes, as shells write it", `'it'\''s.mov'`, []string{"it's.mov"}},
		{"quotes within a word", `/data/'my film'.mov`, []string{"/data/my film.mov"}},
		{"$'…'", `$'a\nb\x1b\'\\\101'`, []string{"a\nb\x1b'\\A"}},
		{"empty quotes", `'' ""`, nil},
		{"file URL", "file:///data/my%20film.mov", []string{"/data/my film.mov"}},
		{"file URL of this host", "FILE://localhost/a%2Fb", []string{"/a/b"}},
		{"file URL with one slash", "file:/data/x", []string{"/data/x"}},
		{"file URL of another host", "file://nas/data/x", []string{"file://nas/data/x"}},
		{"file URL with a quote", "file:///data/it's.mov", []string{"/data/it's.mov"}},
		{"file URLs in a line", "file:///a%20b file:///c", []string{"/a b", "/c"}},
		{"Chinese file URL", "file:///data/%E6%99%AF.mov", []string{"/data/景.mov"}},
		{"bad escape in a URL", "file:///a%zz", []string{"file:///a%zz"}},
		{"NUL in a URL", "file:///a%00b", []string{"file:///a%00b"}},
		{"quoted URL is a name", "'file:///a'", []string{"file:///a"}},
		{"open quote: raw line", "/data/Bob's file.mov", []string{"/data/Bob's file.mov"}},
		{"backslash at the end: raw line", `C:\`, []string{`C:\`}},
		{"tilde stays", "~/a", []string{"~/a"}},
		{"nothing", " \n\t\n", nil},
		{"control characters are kept for the look at the disk", "'/a\x1b[2J'", []string{"/a\x1b[2J"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines, cut := Split(c.text)
			var got []string
			for _, l := range lines {
				got = append(got, l.Words...)
			}
			if !slices.Equal(got, c.want) || cut {
				t.Errorf("Split(%q) = %q, cut %v; want %q", c.text, got, cut, c.want)
			}
		})
	}
}

func TestSplitKeepsTheRawLine(t *testing.T) {
	lines, _ := Split("  /data/my film.mov \n file:///a%20b ")
	want := []Pasted{{Line: "/data/my film.mov", Words: []string{"/data/my", "film.mov"}}, {Line: "/a b", Words: []string{"/a b"}}}
	if !reflect.DeepEqual(lines, want) {
		t.Errorf("%q", lines)
	}
}

func TestSplitBounds(t *testing.T) {
	if lines, cut := Split(strings.Repeat("/a\n", MaxPasteWords+5)); !cut || len(lines) != MaxPasteWords {
		t.Errorf("%d lines, cut %v", len(lines), cut)
	}
	if _, cut := Split(strings.Repeat("x", MaxPasteBytes+1)); !cut {
		t.Error("a long paste was not cut")
	}
}

// FuzzSplit holds three promises: no text breaks it, no word holds a NUL, and paths quoted for a shell come back as they were.
func FuzzSplit(f *testing.F) {
	f.Add("/data/a b", "it's")
	f.Add(`\`, `$'\x4`)
	f.Add("file:///%41", `"`)
	f.Fuzz(func(t *testing.T, x, y string) {
		lines, _ := Split(x)
		for _, l := range lines {
			for _, w := range l.Words {
				if w == "" || strings.ContainsAny(w, "\x00\r") && !strings.Contains(x, `\`) && !strings.Contains(x, "%0") {
					t.Errorf("Split(%q) gives the word %q", x, w)
				}
			}
		}
		if strings.ContainsAny(x+y, "\n\r\x00") || x == "" || y == "" || len(x)+len(y) > 1000 {
			return
		}
		lines, cut := Split(shellQuoted(x) + " " + shellQuoted(y))
		if len(lines) != 1 || cut || !slices.Equal(lines[0].Words, []string{x, y}) {
			t.Errorf("%q and %q come back as %q", x, y, lines)
		}
	})
}

func shellQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
