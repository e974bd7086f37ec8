package safe

import (
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/clipperhouse/displaywidth"
)

func TestClean(t *testing.T) {
	for _, test := range []struct {
		name, foreign, want string
		escaped             bool
	}{
		{"empty", "", "", false},
		{"plain key", "logs/2026/app (1).tar.gz", "logs/2026/app (1).tar.gz", false},
		{"Chinese", "备份/数据库.tar", "备份/数据库.tar", false},
		{"accent in two runes", "cafe\u0301", "cafe\u0301", false},
		{"Thai", "\u0e01\u0e33", "\u0e01\u0e33", false},
		{"Hindi", "\u0915\u094d\u0937\u093f", "\u0915\u094d\u0937\u093f", false},
		{"Hangul as macOS writes it", "\u1112\u1161\u11ab\u1100\u1173\u11af", "\u1112\u1161\u11ab\u1100\u1173\u11af", false},
		{"halfwidth katakana", "\uff76\uff9e", "\uff76\uff9e", false},
		{"emoji", "\U0001F600", "\U0001F600", false},
		{"right to left letters", "שלום", "שלום", false},
		{"replacement character", "\ufffd", "\ufffd", false},

		{"backslash", `a\b`, `a\\b`, false},
		{"text of an escape", `\x1b`, `\\x1b`, false},
		{"ESC", "a\x1b[2J", `a\x1b[2J`, true},
		{"LF, TAB, CR", "a\n\t\rb", `a\x0a\x09\x0db`, true},
		{"DEL", "\x7f", `\x7f`, true},
		{"C1", "\u009b2J", `\u{9b}2J`, true},
		{"the byte of C1", "\x9b2J", `\x9b2J`, true},
		{"cut rune", "\xe5\xa4", `\xe5\xa4`, true},
		{"RLO", "\u202egpj", `\u{202e}gpj`, true},
		{"soft hyphen", "\u00ad", `\u{ad}`, true},
		{"tag", "\U000e0041", `\u{e0041}`, true},
		{"line separator", "\u2028", `\u{2028}`, true},
		{"no-break space", "\u00a0", `\u{a0}`, true},
		{"ideographic space", "\u3000", `\u{3000}`, true},
		{"braille blank", "\u2800", `\u{2800}`, true},
		{"private use", "\ue0b0", `\u{e0b0}`, true},
		{"unassigned", "\u0378", `\u{378}`, true},
		{"variation selector", "\u2764\ufe0f", "\u2764" + `\u{fe0f}`, true},
		{"joined emoji", "\U0001F468\u200d\U0001F469", "\U0001F468" + `\u{200d}` + "\U0001F469", true},
		{"skin tone", "\U0001F44D\U0001F3FD", "\U0001F44D" + `\u{1f3fd}`, true},
		{"flag", "\U0001F1E8\U0001F1F3", `\u{1f1e8}\u{1f1f3}`, true},
		{"mark at the start", "\u0301a", `\u{301}a`, true},
		{"mark behind an escape", "\x1b\u0301", `\x1b\u{301}`, true},
		{"mark behind a backslash", "\\\u0301", `\\\u{301}`, true},
		{"four marks", "a" + strings.Repeat("\u0301", 4), "a" + strings.Repeat("\u0301", 4), false},
		{"fifth mark", "a" + strings.Repeat("\u0301", 5) + "b", "a" + strings.Repeat("\u0301", 4) + `\u{301}b`, true},
		{"marks start anew on the next base", strings.Repeat("a\u0301\u0302\u0303\u0304", 3), strings.Repeat("a\u0301\u0302\u0303\u0304", 3), false},
		{"lone leading jamo", "\u1100a", `\u{1100}a`, true},
		{"vowel jamo without a leading one", "a\u1161", `a\u{1161}`, true},
		{"final jamo behind a closed syllable", "각\u11a8", "각\u11a8", false},
		{"vowel jamo behind a closed syllable", "각\u1161", "각" + `\u{1161}`, true},
		{"vowel jamo behind an open syllable", "가\u1161", "가\u1161", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := Clean(test.foreign)
			if got.String() != test.want || got.Escaped() != test.escaped {
				t.Errorf("Clean(%+q) = %+q, escaped %v; want %+q, %v", test.foreign, got, got.Escaped(), test.want, test.escaped)
			}
			checkClean(t, test.foreign, got)
		})
	}
}

func TestCleanHostilePayloads(t *testing.T) {
	seen := map[string]string{}
	for _, payload := range HostilePayloads() {
		t.Run(payload.Name, func(t *testing.T) {
			got := Clean(payload.Text)
			checkClean(t, payload.Text, got)
			if !strings.Contains(got.String(), "evil") {
				t.Errorf("%+q does not show its payload's mark", got)
			}
			if !got.Escaped() && !strings.Contains(payload.Text, `\`) {
				t.Errorf("%+q passed as harmless", got)
			}
			if other, twice := seen[got.String()]; twice {
				t.Errorf("looks the same as %q", other)
			}
			seen[got.String()] = payload.Name
		})
	}
	if len(seen) < 21 {
		t.Errorf("%d payloads, fewer than the 21 ways that are known", len(seen))
	}
}

// TestCleanEveryRune proves the two sides of the rule for all of Unicode, alone and between letters.
func TestCleanEveryRune(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r >= 0xD800 && r <= 0xDFFF || r >= 0x40000 && r <= 0xDFFFF { // surrogates, and planes without a character
			continue
		}
		for _, foreign := range []string{string(r), "a" + string(r) + "b"} {
			checkClean(t, foreign, Clean(foreign))
		}
		if t.Failed() {
			t.Fatalf("stopped at %U", r)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, payload := range HostilePayloads() {
		f.Add(payload.Text)
	}
	f.Add("\u0d4ea\u0e33\u1100\uac00\u0915\u094d\u0915\u0301\\\\x")
	f.Fuzz(func(t *testing.T, foreign string) { checkClean(t, foreign, Clean(foreign)) })
}

// checkClean holds a cleaned text against everything that Clean promises.
func checkClean(t *testing.T, foreign string, clean Text) {
	t.Helper()
	text := clean.String()
	if !utf8.ValidString(text) {
		t.Errorf("Clean(%+q) is not UTF-8: %+q", foreign, text)
	}
	for i, r := range text {
		if bad := badRune(r); bad != "" {
			t.Errorf("Clean(%+q) holds %U at %d: %s", foreign, r, i, bad)
		}
		if i == 0 && unicode.Is(unicode.M, r) {
			t.Errorf("Clean(%+q) begins with the mark %U", foreign, r)
		}
	}
	if back, err := unclean(text); err != nil || back != foreign {
		t.Errorf("Clean(%+q) = %+q reads back as %+q, %v: two texts would look the same", foreign, text, back, err)
	}
	width := clean.Width()
	if other := displaywidth.String(text); other != width || ansi.StringWidth(text) != width {
		t.Errorf("Clean(%+q) is %d cells wide, by displaywidth %d", foreign, width, other)
	}
	units := 0
	for rest := text; rest != ""; {
		size, cells := firstUnit(rest)
		units += cells
		rest = rest[size:]
	}
	if units != width {
		t.Errorf("Clean(%+q): the units of a cut are %d cells, the whole is %d", foreign, units, width)
	}
	for clusters := displaywidth.StringGraphemes(text); clusters.Next(); {
		if n := utf8.RuneCountInString(clusters.Value()); n > 2*maxMarks+2 {
			t.Errorf("Clean(%+q) holds a cluster of %d runes", foreign, n)
		}
	}
}

// badRune is written from the list of what must not pass, not from the sanitiser's own tables.
func badRune(r rune) string {
	within := func(low, high rune) bool { return r >= low && r <= high }
	switch {
	case within(0, 0x1f), within(0x7f, 0x9f):
		return "control"
	case r == 0x61c, within(0x200e, 0x200f), within(0x202a, 0x202e), within(0x2066, 0x2069):
		return "bidirectional control"
	case within(0x200b, 0x200d), within(0x2060, 0x2064), r == 0xfeff, r == 0xad, r == 0x34f, r == 0x180e:
		return "zero width"
	case within(0xfff9, 0xfffb), within(0xe0000, 0xe0fff), within(0x2028, 0x2029), within(0xfe00, 0xfe0f):
		return "annotation, tag, separator or selector"
	case within(0x115f, 0x1160), r == 0x3164, r == 0xffa0, r == 0xa0, r == 0x3000, within(0x2000, 0x200a), r == 0x1680:
		return "blank"
	case within(0xe000, 0xf8ff), within(0xf0000, 0x10ffff):
		return "private use"
	case within(0x1f1e6, 0x1f1ff), within(0x1f3fb, 0x1f3ff):
		return "width differs between terminals"
	}
	return ""
}

// unclean is the inverse of Clean. That it exists is the proof that no two texts look the same.
func unclean(text string) (string, error) {
	var out strings.Builder
	for text != "" {
		switch {
		case strings.HasPrefix(text, `\\`):
			out.WriteByte('\\')
			text = text[2:]
		case strings.HasPrefix(text, `\x`):
			b, err := strconv.ParseUint(text[2:4], 16, 8)
			if err != nil {
				return "", err
			}
			out.WriteByte(byte(b))
			text = text[4:]
		case strings.HasPrefix(text, `\u{`):
			digits, rest, _ := strings.Cut(text[3:], "}")
			r, err := strconv.ParseUint(digits, 16, 32)
			if err != nil {
				return "", err
			}
			out.WriteRune(rune(r))
			text = rest
		default:
			out.WriteByte(text[0])
			text = text[1:]
		}
	}
	return out.String(), nil
}

func TestCleanOfPlainTextDoesNotAllocate(t *testing.T) {
	key := strings.Repeat("backup/2026-11-23/", 8)
	if n := testing.AllocsPerRun(100, func() { _ = Clean(key) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkClean(b *testing.B) {
	for _, bench := range []struct{ name, text string }{
		{"plain", "backup/2026-11-23/database/production-07.tar.zst"},
		{"Chinese", "备份/2026-11-23/数据库/生产环境-07.tar.zst"},
		{"hostile", "backup/\x1b]52;c;aaaa\x07\u202e/x.tar"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				_ = Clean(bench.text)
			}
		})
	}
}
