package tui

import (
	"fmt"
	"strings"
	"time"

	"partway/model"
	"partway/model/safe"
	"partway/tui/theme"
)

// This file is where foreign text becomes text of a screen. Nothing else of the package may put a key, a name, an id or a
// server's words into a span.

// clean makes foreign text showable, uncut.
func clean(foreign string) string { return safe.Clean(foreign).String() }

// cut shows the beginning of foreign text in at most cells.
func (k *look) cut(foreign string, cells int) string {
	return safe.Clean(foreign).Cut(cells, safe.Ellipsis(k.glyphs.Ellipsis)).String()
}

// middle shows both ends of foreign text in at most cells; of a key, whose name is its end, the end is kept.
func (k *look) middle(foreign string, cells int) string {
	return safe.Clean(foreign).CutMiddle(cells, cells*3/5, safe.Ellipsis(k.glyphs.Ellipsis)).String()
}

// within cuts a line to at most cells, and shows that something was cut.
func (k *look) within(l theme.Line, cells int) theme.Line {
	if l.Width() <= cells {
		return l
	}
	if text := l.String(); strings.TrimRight(text, " ") == strings.TrimRight(l.Cut(max(cells, 0)).String(), " ") {
		return l.Cut(max(cells, 0)) // nothing but blanks is cut
	}
	head := l.Cut(max(cells-theme.Width(k.glyphs.Ellipsis), 0))
	role := theme.Text
	if len(head) > 0 {
		role = head[len(head)-1].Role
	}
	return head.Add(role, k.glyphs.Ellipsis).Cut(max(cells, 0))
}

// shortID shows the beginning of an upload id, enough for a person to compare.
func (k *look) shortID(id string) string {
	if id == "" {
		return k.glyphs.Dash
	}
	return k.cut(id, 9)
}

// clock is a time of day, with the day where it is not today's.
func (k *look) clock(at, now time.Time) string {
	if at.IsZero() {
		return k.glyphs.Dash
	}
	at, now = at.In(k.zone), now.In(k.zone)
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format(time.TimeOnly)
	}
	return at.Format("01-02 15:04")
}

// age is how long ago something was: "41s", "9m", "214d". The future counts as now, since clocks differ.
func age(at, now time.Time) string {
	if at.IsZero() {
		return "?"
	}
	return model.FormatDuration(max(now.Sub(at), 0))
}

// ago is age in a sentence.
func ago(at, now time.Time) string {
	if at.IsZero() {
		return "at an unknown time"
	}
	return age(at, now) + " ago"
}

// count writes a number with its noun: "1 part", "705 parts", "52 118 parts".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return number(n) + " " + noun + "s"
}

// number writes a number with thin groups of three from five digits on.
func number(n int) string {
	s := fmt.Sprint(n)
	if len(s) <= 4 {
		return s
	}
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// percent is a share as "42%"; what is not finished is never 100%.
func percent(share float64) string {
	p := int(share * 100)
	if share < 1 {
		p = min(p, 99)
	}
	return fmt.Sprintf("%d%%", p)
}

// bytesOf is a size of which one may not know: "?" then.
func bytesOf(bytes int64, known bool) string {
	if !known {
		return "?"
	}
	return model.FormatSize(bytes)
}

// labelled is a line of the kind "label   text", as dialogs and previews have them.
func labelled(label string, width int, role theme.Role, text string) theme.Line {
	return theme.L(theme.Faint, theme.PadRight(label, width)).Add(role, text)
}

// wrap breaks trusted or cleaned text into lines of at most width cells, at blanks where there are some. Runs of blanks stay: two
// names that differ in one would look the same.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.SplitSeq(text, " ") {
		for theme.Width(word) > width && width > 0 {
			head := theme.L(theme.Text, word).Cut(width).String()
			if head == "" { // not even one glyph fits
				word = ""
				break
			}
			if line != "" {
				lines, line = append(lines, line), ""
			}
			lines, word = append(lines, head), word[len(head):]
		}
		switch {
		case line == "" && len(lines) == 0 || line == "" && word != "":
			line = word
		case theme.Width(line)+1+theme.Width(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
