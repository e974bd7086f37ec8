package safe

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks stay on one base. Living languages need three or four; "Zalgo" text piles up hundreds, which
// paint over the lines above and below.
const maxMarks = 4

// Clean makes foreign text showable:
//
//	a byte that is not UTF-8                   \x9b
//	C0 controls and DEL, line feed and tab too \x1b
//	what is not visible or moves other text    \u{202e}
//	\                                          \\
//
// The third line covers C1 controls, bidirectional controls, zero-width and default-ignorable characters (so joined emoji come
// apart), blanks other than the space, unassigned and private characters, what would join the text in front of the Text or more
// than four combining marks in a row, and those whose width differs between terminals: flags and emoji skin tones.
//
// Clean is injective: two different texts never give the same Text. For that a backslash has to be doubled, so Clean must not be
// applied to its own result; a Text says by its type that it was done.
func Clean(foreign string) Text {
	if isPlain(foreign) {
		return Text{s: foreign}
	}
	var c cleaner
	c.out.Grow(len(foreign) + 16)
	for rest := foreign; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			c.escape(`\x%02x`, rune(rest[0]))
		case r == '\\':
			c.out.WriteString(`\\`)
			c.prev = 0
		default:
			next, _ := utf8.DecodeRuneInString(rest[size:])
			c.add(r, next)
		}
		rest = rest[size:]
	}
	return Text{s: c.out.String(), escaped: c.escaped}
}

// isPlain reports whether the text is ASCII that needs no escape, as nearly every key is.
func isPlain(text string) bool {
	for i := range len(text) {
		if b := text[i]; b < ' ' || b >= 0x7f || b == '\\' {
			return false
		}
	}
	return true
}

// cleaner holds what the fate of the next rune hangs on.
type cleaner struct {
	out     strings.Builder
	escaped bool
	prev    rune // the rune last kept as it is; 0 at the start and behind an escape: nothing a mark could sit on
	marks   int  // runes that joined the current base
}

// add keeps or escapes one rune, which is not a backslash; next is the one behind it.
func (c *cleaner) add(r, next rune) {
	switch {
	case r < ' ' || r == 0x7f:
		c.escape(`\x%02x`, r)
	case joinsPrevious(r):
		if c.prev == 0 || c.marks >= maxMarks || !hangulFits(c.prev, r) {
			c.escape(`\u{%x}`, r)
			return
		}
		c.marks++
		c.keep(r)
	case !showable(r), isLeadingJamo(r) && !isVowelJamo(next):
		// A leading jamo joins any Hangul behind it into one cluster of two cells, where many terminals take two cells for each.
		c.escape(`\u{%x}`, r)
	default:
		// A virama makes one cluster of the consonants around it, so that the marks go on counting.
		if !unicode.Is(conjunctLinkers, c.prev) {
			c.marks = 0
		}
		c.keep(r)
	}
}

func (c *cleaner) keep(r rune) {
	c.out.WriteRune(r)
	c.prev = r
}

func (c *cleaner) escape(format string, r rune) {
	fmt.Fprintf(&c.out, format, r)
	c.escaped = true
	c.prev = 0
}

// showable reports whether a rune takes cells of its own, the same number on all terminals, and is seen.
func showable(r rune) bool {
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, disputed)
}

// joinsPrevious reports whether a rune becomes one grapheme cluster with what is in front of it.
func joinsPrevious(r rune) bool {
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) &&
		(unicode.In(r, unicode.M, joiningLetters) || isVowelJamo(r) || isTrailingJamo(r))
}

// disputed are printable runes that cannot be trusted with a cell: blank ones, those that swallow the rune behind them
// (Grapheme_Cluster_Break=Prepend), regional indicators, which are one or two cells wide alone and paired, and emoji modifiers,
// which are drawn into the emoji before them or beside it.
var disputed = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0D4E, Hi: 0x0D4E, Stride: 1},
		{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // braille blank
	},
	R32: []unicode.Range32{
		{Lo: 0x111C2, Hi: 0x111C3, Stride: 1},
		{Lo: 0x113D1, Hi: 0x113D1, Stride: 1},
		{Lo: 0x1193F, Hi: 0x11941, Stride: 2},
		{Lo: 0x11A84, Hi: 0x11A89, Stride: 1},
		{Lo: 0x11D46, Hi: 0x11D46, Stride: 1},
		{Lo: 0x11F02, Hi: 0x11F02, Stride: 1},
		{Lo: 0x1D159, Hi: 0x1D159, Stride: 1}, // musical null note head
		{Lo: 0x1F1E6, Hi: 0x1F1FF, Stride: 1}, // regional indicators
		{Lo: 0x1F3FB, Hi: 0x1F3FF, Stride: 1}, // emoji modifiers
	},
}

// joiningLetters are letters of UAX #29's Extend and SpacingMark: the Thai and Lao AM, the halfwidth katakana sound marks.
var joiningLetters = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0E33, Hi: 0x0E33, Stride: 1},
		{Lo: 0x0EB3, Hi: 0x0EB3, Stride: 1},
		{Lo: 0xFF9E, Hi: 0xFF9F, Stride: 1},
	},
}

// conjunctLinkers are the viramas of Indic_Conjunct_Break=Linker: consonant, virama, consonant is one cluster without end.
var conjunctLinkers = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x094D, Hi: 0x094D, Stride: 1},
		{Lo: 0x09CD, Hi: 0x09CD, Stride: 1},
		{Lo: 0x0ACD, Hi: 0x0ACD, Stride: 1},
		{Lo: 0x0B4D, Hi: 0x0B4D, Stride: 1},
		{Lo: 0x0C4D, Hi: 0x0C4D, Stride: 1},
		{Lo: 0x0D4D, Hi: 0x0D4D, Stride: 1},
		{Lo: 0x1039, Hi: 0x1039, Stride: 1},
		{Lo: 0x17D2, Hi: 0x17D2, Stride: 1},
		{Lo: 0x1A60, Hi: 0x1A60, Stride: 1},
		{Lo: 0x1BAB, Hi: 0x1BAB, Stride: 1},
		{Lo: 0xA9C0, Hi: 0xA9C0, Stride: 1},
		{Lo: 0xAAF6, Hi: 0xAAF6, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x10A3F, Hi: 0x10A3F, Stride: 1},
		{Lo: 0x11133, Hi: 0x11133, Stride: 1},
		{Lo: 0x113D0, Hi: 0x113D0, Stride: 1},
		{Lo: 0x1193E, Hi: 0x1193E, Stride: 1},
		{Lo: 0x11A47, Hi: 0x11A47, Stride: 1},
		{Lo: 0x11A99, Hi: 0x11A99, Stride: 1},
		{Lo: 0x11F42, Hi: 0x11F42, Stride: 1},
	},
}

// Hangul comes as syllables of one rune, or as two or three jamo, which is how macOS writes file names.

func isLeadingJamo(r rune) bool  { return r >= 0x1100 && r <= 0x115E || r >= 0xA960 && r <= 0xA97C }
func isVowelJamo(r rune) bool    { return r >= 0x1161 && r <= 0x11A7 || r >= 0xD7B0 && r <= 0xD7C6 }
func isTrailingJamo(r rune) bool { return r >= 0x11A8 && r <= 0x11FF || r >= 0xD7CB && r <= 0xD7FB }

// hangulFits reports whether a joining rune, if it is a jamo, is one that joins prev (rules GB6 to GB8 of UAX #29).
func hangulFits(prev, r rune) bool {
	syllable := prev >= 0xAC00 && prev <= 0xD7A3
	withoutFinal := syllable && (prev-0xAC00)%28 == 0
	switch {
	case isVowelJamo(r):
		return isLeadingJamo(prev) || isVowelJamo(prev) || withoutFinal
	case isTrailingJamo(r):
		return isVowelJamo(prev) || isTrailingJamo(prev) || syllable
	}
	return true
}
