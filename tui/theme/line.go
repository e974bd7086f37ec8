package theme

import (
	"strings"

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
			kept = append(kept, Span{s.Role, ansi.Truncate(s.Text, rest, "")})
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

// Width is the number of cells of a text that holds no control characters.
func Width(text string) int {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return ansi.StringWidth(text)
		}
	}
	return len(text)
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
