package safe

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Text is foreign text that was made showable. Only Clean makes one, so a function that takes a Text cannot be given raw text.
// Texts can be compared with ==. The zero value is the empty text.
//
// Widths and lengths are in terminal cells, counted as github.com/charmbracelet/x/ansi counts them, so that they agree with what
// draws the screen.
type Text struct {
	s       string
	escaped bool
}

// Ellipsis stands for what a cut left out. It is trusted: give a constant, never foreign text.
type Ellipsis string

// The ellipses of the three glyph sets. The second is one cell wide in East Asian terminals as well, the third is ASCII.
const (
	EllipsisUnicode Ellipsis = "…"
	EllipsisSafe    Ellipsis = "⋯"
	EllipsisASCII   Ellipsis = "~"
)

// String is the text, free of anything that a terminal acts on.
func (t Text) String() string { return t.s }

// Escaped reports whether something that could drive or deceive a terminal was written as an escape, so that a screen can show the
// text in its warning style. A doubled backslash alone does not count, and a cut does not take the mark away.
func (t Text) Escaped() bool { return t.escaped }

// Width is the number of cells that the text takes.
func (t Text) Width() int { return ansi.StringWidth(t.s) }

// Cut shortens the text at its end to at most cells, the ellipsis included. It never splits a wide glyph, a combining sequence or
// an escape, so the result can be a little shorter; Pad makes it exact. A text that fits comes back as it is.
func (t Text) Cut(cells int, ellipsis Ellipsis) Text {
	if t.Width() <= cells {
		return t
	}
	dots, room := ellipsis.within(cells)
	return Text{s: t.s[:headLength(t.s, room)] + dots, escaped: t.escaped}
}

// CutMiddle shortens the text in its middle to at most cells, the ellipsis included, and keeps the last tail cells, which of a key
// say the most; a tail of 0 means half of what is shown. What Cut never splits is not split here either.
func (t Text) CutMiddle(cells, tail int, ellipsis Ellipsis) Text {
	width := t.Width()
	if width <= cells {
		return t
	}
	dots, room := ellipsis.within(cells)
	if tail <= 0 {
		tail = room / 2
	}
	tailStart := len(t.s)
	tailWidth := 0
	for at, left := 0, width; at < len(t.s); {
		if left <= min(tail, room) {
			tailStart, tailWidth = at, left
			break
		}
		size, w := firstUnit(t.s[at:])
		at += size
		left -= w
	}
	head := t.s[:headLength(t.s, room-tailWidth)]
	return Text{s: head + dots + t.s[tailStart:], escaped: t.escaped}
}

// Pad appends spaces until the text takes cells. A wider text comes back as it is.
func (t Text) Pad(cells int) Text {
	if missing := cells - t.Width(); missing > 0 {
		t.s += strings.Repeat(" ", missing)
	}
	return t
}

// within is the ellipsis cut to cells where it is wider, and the number of cells it leaves.
func (e Ellipsis) within(cells int) (dots string, room int) {
	cells = max(cells, 0)
	dots = string(e)
	if width := ansi.StringWidth(dots); width <= cells {
		return dots, cells - width
	}
	return ansi.Truncate(dots, cells, ""), 0
}

// headLength is the number of bytes of the longest beginning of whole units that takes at most cells.
func headLength(s string, cells int) int {
	at := 0
	for at < len(s) {
		size, width := firstUnit(s[at:])
		if width > cells {
			break
		}
		cells -= width
		at += size
	}
	return at
}

// firstUnit is what a cut takes or leaves as a whole: an escape or a grapheme cluster. Clean sees to it that no cluster reaches
// into an escape. The size is in bytes, the width in cells.
func firstUnit(s string) (size, width int) {
	if s[0] == '\\' && len(s) > 1 {
		size = 2
		switch s[1] {
		case 'x':
			size = min(len(`\x00`), len(s))
		case 'u':
			size = max(size, strings.IndexByte(s, '}')+1)
		}
		return size, size
	}
	if s[0] < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return 1, 1
	}
	cluster, width := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	return len(cluster), width
}
