package theme

import (
	"fmt"
	"image/color"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
)

// Role is the part a stretch of text plays.
type Role uint8

// The roles.
const (
	Text   Role = iota // ordinary text
	Faint              // needs no eye: finished, paused, units, labels
	Strong             // headings, the active lens
	Moving             // bytes are on their way
	Warn               // worth a look
	Bad                // stopped, needs somebody
	Ready              // one key away from done
	Key                // a key to press
	Marked             // a row that is marked
	Cursor             // the row under the cursor
	roles              // how many
)

// Names are the themes by name.
func Names() []string { return []string{"dark", "light", "contrast", "deuter", "tritan", "mono"} }

// Theme turns spans into styled text. It is immutable after New; the zero Theme paints nothing.
type Theme struct{ styles [roles]sequences }

// sequences are what a terminal is told before and after a text; both are empty where the text stays as it is. They are made once:
// a style of the library goes over a text many times, for borders and margins that a span never has, and that was two fifths of the
// work of a frame.
type sequences struct{ on, off string }

func sequencesOf(style lipgloss.Style) sequences {
	on, off, _ := strings.Cut(style.Render("x"), "x")
	return sequences{on, off}
}

// New makes the theme of a name ("" is dark). An unknown name is an error that lists the known ones. The theme "mono" uses bold,
// faint and reverse only, for NO_COLOR and terminals without colour.
func New(name string) (*Theme, error) {
	if name == "" {
		name = "dark"
	}
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("there is no theme %q: choose one of %s", name, strings.Join(Names(), ", "))
	}
	t := &Theme{}
	set := func(style lipgloss.Style, roles ...Role) {
		for _, role := range roles {
			t.styles[role] = sequencesOf(style)
		}
	}
	plain := lipgloss.NewStyle()
	set(plain.Reverse(true), Cursor)
	set(plain.Bold(true), Strong, Key, Marked, Bad, Ready, Moving)
	set(plain.Faint(true), Faint)
	if name == "mono" {
		return t, nil
	}
	c := palettes(name)
	set(plain.Bold(true).Foreground(c.moving), Moving)
	set(plain.Foreground(c.warn), Warn)
	set(plain.Bold(true).Foreground(c.bad), Bad)
	set(plain.Bold(true).Foreground(c.ready), Ready)
	if name == "contrast" { // faint text falls below 7:1 on most palettes
		t.styles[Faint] = sequences{}
	}
	return t, nil
}

type palette struct{ moving, warn, bad, ready color.Color }

// palettes holds the colours of each theme. Cyan and yellow are weak on white, blue is weak on black; the themes for colour
// blindness avoid the pairs that cannot be told apart: red and yellow hues for deuter, blue and yellow hues for tritan.
func palettes(name string) palette {
	switch name {
	case "light":
		return palette{moving: lipgloss.Blue, warn: lipgloss.Magenta, bad: lipgloss.Red, ready: lipgloss.Magenta}
	case "contrast":
		return palette{moving: lipgloss.BrightCyan, warn: lipgloss.BrightYellow, bad: lipgloss.BrightRed, ready: lipgloss.BrightMagenta}
	case "deuter":
		return palette{moving: lipgloss.BrightBlue, warn: lipgloss.BrightYellow, bad: lipgloss.BrightYellow, ready: lipgloss.BrightBlue}
	case "tritan":
		return palette{moving: lipgloss.Cyan, warn: lipgloss.BrightRed, bad: lipgloss.Red, ready: lipgloss.Magenta}
	default:
		return palette{moving: lipgloss.Cyan, warn: lipgloss.Yellow, bad: lipgloss.Red, ready: lipgloss.Magenta}
	}
}

// Render paints a line, cut to width cells.
func (t *Theme) Render(l Line, width int) string { return string(t.Append(nil, l.Cut(width))) }

// Append adds a painted line, as long as it is, to a screen that is being made.
func (t *Theme) Append(screen []byte, l Line) []byte {
	for i := range l {
		if l[i].Text == "" {
			continue
		}
		style := &t.styles[l[i].Role]
		screen = append(screen, style.on...)
		screen = append(screen, l[i].Text...)
		screen = append(screen, style.off...)
	}
	return screen
}
