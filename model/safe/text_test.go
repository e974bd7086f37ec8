package safe

import (
	"fmt"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
)

func TestCut(t *testing.T) {
	for _, test := range []struct {
		foreign  string
		cells    int
		ellipsis Ellipsis
		want     string
	}{
		{"backup.tar", 10, EllipsisUnicode, "backup.tar"},
		{"backup.tar", 9, EllipsisUnicode, "backup.t…"},
		{"backup.tar", 9, "...", "backup..."},
		{"backup.tar", 2, "...", ".."},
		{"backup.tar", 1, EllipsisASCII, "~"},
		{"backup.tar", 0, EllipsisUnicode, ""},
		{"backup.tar", -3, EllipsisUnicode, ""},
		{"", 0, EllipsisUnicode, ""},
		{"备份数据", 8, EllipsisUnicode, "备份数据"},
		{"备份数据", 7, EllipsisUnicode, "备份数…"},
		{"备份数据", 6, EllipsisUnicode, "备份…"}, // half a glyph is left over
		{"e\u0301e\u0301e\u0301", 2, EllipsisUnicode, "e\u0301…"},
		{"ab\u202ecd", 10, EllipsisUnicode, "ab…"}, // an escape is not split
		{"ab\u202ecd", 11, EllipsisUnicode, `ab\u{202e}…`},
		{`a\\b`, 5, EllipsisUnicode, `a\\…`},
	} {
		if got := Clean(test.foreign).Cut(test.cells, test.ellipsis).String(); got != test.want {
			t.Errorf("Clean(%+q).Cut(%d, %q) = %+q, want %+q", test.foreign, test.cells, test.ellipsis, got, test.want)
		}
	}
}

func TestCutMiddle(t *testing.T) {
	for _, test := range []struct {
		foreign     string
		cells, tail int
		want        string
	}{
		{"logs/2026/app.tar.gz", 20, 6, "logs/2026/app.tar.gz"},
		{"logs/2026/app.tar.gz", 12, 6, "logs/…tar.gz"},
		{"logs/2026/app.tar.gz", 11, 0, "logs/…ar.gz"},
		{"logs/2026/app.tar.gz", 7, 100, "…tar.gz"}, // more tail than room
		{"logs/2026/app.tar.gz", 1, 6, "…"},
		{"logs/2026/app.tar.gz", 0, 6, ""},
		{"logs/2026/app.tar.gz", -1, 6, ""},
		{"备份/数据库.tar", 9, 6, "备…库.tar"},
		{"备份/数据库.tar", 9, 5, "备份….tar"}, // the tail would split 库
		{"abcdefe\u0301", 4, 1, "ab…e\u0301"},
		{"abcd\u202efgh", 10, 5, "abcd…fgh"},
	} {
		if got := Clean(test.foreign).CutMiddle(test.cells, test.tail, EllipsisUnicode).String(); got != test.want {
			t.Errorf("Clean(%+q).CutMiddle(%d, %d) = %+q, want %+q", test.foreign, test.cells, test.tail, got, test.want)
		}
	}
}

func TestPad(t *testing.T) {
	for _, test := range []struct {
		foreign string
		cells   int
		want    string
	}{
		{"abc", 5, "abc  "}, {"abc", 3, "abc"}, {"abc", 2, "abc"}, {"", 2, "  "}, {"abc", -1, "abc"}, {"备份", 5, "备份 "}, {"e\u0301", 2, "e\u0301 "},
	} {
		if got := Clean(test.foreign).Pad(test.cells).String(); got != test.want {
			t.Errorf("Clean(%q).Pad(%d) = %q, want %q", test.foreign, test.cells, got, test.want)
		}
	}
}

func TestCutKeepsTheWarning(t *testing.T) {
	text := Clean("harmless so far \x1b[2J")
	if !text.Cut(5, EllipsisUnicode).Escaped() || !text.CutMiddle(5, 2, EllipsisUnicode).Escaped() || !text.Pad(99).Escaped() {
		t.Error("a cut hides that the text holds an escape")
	}
}

func TestTextPrintsItself(t *testing.T) {
	if got, want := fmt.Sprintf("%s|%v", Clean("a\x1b"), Clean("b\a")), `a\x1b|b\x07`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzCut(f *testing.F) {
	for i, payload := range HostilePayloads() {
		f.Add(payload.Text, i, i/2)
	}
	f.Add("备份/数据库/生产环境.tar.zst", 11, 6)
	f.Fuzz(func(t *testing.T, foreign string, cells, tail int) {
		cells, tail = cells%200, tail%200
		text := Clean(foreign)
		for _, ellipsis := range []Ellipsis{EllipsisUnicode, EllipsisSafe, EllipsisASCII, "...", ""} {
			for name, cut := range map[string]Text{"Cut": text.Cut(cells, ellipsis), "CutMiddle": text.CutMiddle(cells, tail, ellipsis)} {
				width := cut.Width()
				if width > max(cells, 0) {
					t.Errorf("%s(%+q, %d, %q) is %d cells wide: %q", name, text, cells, ellipsis, width, cut)
				}
				if text.Width() <= cells && cut != text {
					t.Errorf("%s changed %q, which fits %d", name, text, cells)
				}
				if other := displaywidth.String(cut.String()); other != width {
					t.Errorf("%s: width %d, by displaywidth %d", name, width, other)
				}
				if padded := cut.Pad(cells); cells >= 0 && padded.Width() != cells {
					t.Errorf("%s and Pad(%d) of %q give %d cells", name, cells, text, padded.Width())
				}
				if ellipsis == EllipsisUnicode && cut != text && cells > 0 {
					checkPieces(t, text.String(), cut.String())
				}
			}
		}
	})
}

// checkPieces checks that a cut text is a beginning of the whole, the ellipsis, and an end of the whole, each of whole units.
func checkPieces(t *testing.T, whole, cut string) {
	t.Helper()
	at := 0
	for { // a text may hold … itself: one of them must be the cut
		i := strings.Index(cut[at:], "…")
		if i < 0 {
			t.Errorf("%q is not made of %q", cut, whole)
			return
		}
		head, tail := cut[:at+i], cut[at+i+len("…"):]
		if strings.HasPrefix(whole, head) && strings.HasSuffix(whole, tail) && onBoundary(whole, len(head)) && onBoundary(whole, len(whole)-len(tail)) {
			return
		}
		at += i + len("…")
	}
}

func onBoundary(whole string, at int) bool {
	pos := 0
	for pos < at {
		size, _ := firstUnit(whole[pos:])
		pos += size
	}
	return pos == at
}
