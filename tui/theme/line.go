package theme

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Span is a stretch of text in one role. The text goes to the terminal as it is: what comes from outside the program is cleaned
// before it becomes a span.
type Span struct {
	Role Role
	Text string
}

// Line is a line of a screen. It is built by its methods, which return the longer line, like append.
type Line []Span

// L starts a line with text.
func L(role Role, text string) Line { return Line{{role, text}} }

// Add appends text.
func (l Line) Add(role Role, text string) Line {
	if text == "" {
		return l
	}
	return append(l, Span{role, text})
}

// Join appends another line.
func (l Line) Join(other Line) Line { return append(l, other...) }

// Space appends n blanks.
func (l Line) Space(n int) Line {
	if n <= 0 {
		return l
	}
	return append(l, Span{Text, blanks(n)})
}

// To fills the line with blanks up to column cells.
func (l Line) To(column int) Line { return l.Space(column - l.Width()) }

// Right appends other so that it ends at column cells; where there is no room, the line is cut first and other keeps its place.
func (l Line) Right(column int, other Line) Line {
	w := other.Width()
	if w >= column {
		return other.Cut(column)
	}
	return l.Cut(column - w - 1).To(column - w).Join(other)
}

// Width is the number of cells of the line.
func (l Line) Width() int {
	n := 0
	for _, s := range l {
		n += Width(s.Text)
	}
	return n
}

// Cut keeps what fits into width cells. A wide glyph that would be cut in half is left out.
func (l Line) Cut(width int) Line {
	n := 0
	for i, s := range l {
		w := Width(s.Text)
		if n+w <= width {
			n += w
			continue
		}
		kept := make(Line, i, i+1)
		copy(kept, l)
		if rest := width - n; rest > 0 {
			kept = append(kept, Span{s.Role, truncate(s.Text, rest)})
		}
		return kept
	}
	return l
}

// Dim gives every span the role Faint.
func (l Line) Dim() Line {
	dim := make(Line, len(l))
	for i, s := range l {
		dim[i] = Span{Faint, s.Text}
	}
	return dim
}

// Reversed is the line as the row under the cursor: one span of role Cursor that fills width cells. The styles of its spans are
// given up, since what is reversed must stay readable.
func (l Line) Reversed(width int) Line {
	return Line{{Cursor, PadRight(l.Cut(width).String(), width)}}
}

// String is the text without any style.
func (l Line) String() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.Text)
	}
	return b.String()
}

// truncate keeps what of a text fits into width cells, of which it fills more.
func truncate(text string, width int) string {
	if plain(text) {
		return text[:width]
	}
	return ansi.Truncate(text, width, "")
}

// plain reports whether every byte of a text is a character of one cell.
func plain(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Width is the number of cells of a text that holds no control characters.
func Width(text string) int {
	n := 0
	for _, r := range text {
		cells := loneWidth(r)
		if cells == 0 {
			return ansi.StringWidth(text)
		}
		n += cells
	}
	return n
}

// loneWidth is the width of a character that never joins with its neighbours to one glyph, 0 for one of which that is not known.
// Screens are made of these nearly alone: ASCII, our bars, graphs and rules, and Han. Everything else is looked up by clusters.
func loneWidth(r rune) int {
	switch {
	case r < utf8.RuneSelf:
		return 1
	case r >= 0x2500 && r <= 0x25ef, r >= 0x2800 && r <= 0x28ff: // boxes, blocks, triangles; braille
		return 1
	case r == '·', r == '…', r == '⋯', r == '⎯', r == '↻', r == '✗', r == '✓', r == '✎', r == '✦', r == '⊘', r == '∅', r == '≠', r == '»':
		return 1
	case r >= 0x4e00 && r <= 0x9fff:
		return 2
	}
	return 0
}

// PadLeft moves text to the right end of width cells.
func PadLeft(text string, width int) string {
	if gap := width - Width(text); gap > 0 {
		return blanks(gap) + text
	}
	return text
}

// PadRight fills text with blanks up to width cells.
func PadRight(text string, width int) string {
	if gap := width - Width(text); gap > 0 {
		return text + blanks(gap)
	}
	return text
}

const manyBlanks = "                                                                                                "

func blanks(n int) string {
	if n <= len(manyBlanks) {
		return manyBlanks[:n]
	}
	return strings.Repeat(" ", n)
}
