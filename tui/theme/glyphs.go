package theme

import (
	"fmt"
	"strings"
)

// Glyphs is a set of glyphs, each one cell wide. Three sets exist because of East Asian terminals: most box, block and arrow
// glyphs are of ambiguous width (Unicode TR 11) and take two cells there, which would break every column; braille and a few
// symbols never do. The third set is ASCII, for the Linux console, serial lines and locales without UTF-8.
type Glyphs struct {
	Name string

	Ellipsis string // stands for what was cut out
	Rule     string // horizontal line
	Dash     string // "no value"

	BarFull, BarEmpty string
	// Levels draw a graph, from the lowest to the highest.
	Levels []string

	// The cells of a part map.
	CellNone, CellSome, CellMost, CellFull string // by how much of the cell is in
	CellMoving, CellBad, CellDiffers       string
	// Dots says that braille may be used to draw one dot a part.
	Dots bool

	states map[string]string
}

// State is the glyph of a state of an upload, by the state's word; a blank for an unknown one.
func (g *Glyphs) State(word string) string {
	if s, ok := g.states[word]; ok {
		return s
	}
	return " "
}

// GlyphSets are the names of the sets.
func GlyphSets() []string { return []string{"unicode", "safe", "ascii"} }

// NewGlyphs makes the set of a name ("" is unicode). An unknown name is an error that lists the known ones.
func NewGlyphs(name string) (*Glyphs, error) {
	switch name {
	case "", "unicode":
		return unicodeGlyphs(), nil
	case "safe":
		return safeGlyphs(), nil
	case "ascii":
		return asciiGlyphs(), nil
	}
	return nil, fmt.Errorf("there is no glyph set %q: choose one of %s", name, strings.Join(GlyphSets(), ", "))
}

func neutralStates() map[string]string {
	return map[string]string{
		"queued": "▹", "matching": "⠿", "uploading": "▸", "paused": "=", "stalled": "~", "retrying": "↻", "failed": "✗",
		"changed": "✎", "ready": "✦", "completing": "⠶", "verifying": "⠿", "done": "✓", "skipped": "»", "aborting": "⊘",
		"aborted": "⊘", "unknown": "?", "stale": "◌", "gone": "∅",
	}
}

func unicodeGlyphs() *Glyphs {
	g := &Glyphs{
		Name: "unicode", Ellipsis: "…", Rule: "─", Dash: "-", BarFull: "█", BarEmpty: "░",
		Levels:   []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
		CellNone: "·", CellSome: "░", CellMost: "▓", CellFull: "█", CellMoving: "▒", CellBad: "!", CellDiffers: "≠",
		Dots: true, states: neutralStates(),
	}
	g.states["changed"] = "≠"
	return g
}

// safeGlyphs holds neutral and narrow glyphs only: a terminal that shows ambiguous ones wide shows these in one cell.
func safeGlyphs() *Glyphs {
	return &Glyphs{
		Name: "safe", Ellipsis: "⋯", Rule: "⎯", Dash: "-", BarFull: "⣿", BarEmpty: "⣀",
		Levels:   []string{"⣀", "⣤", "⣶", "⣿"},
		CellNone: "⠄", CellSome: "⣀", CellMost: "⣶", CellFull: "⣿", CellMoving: "▸", CellBad: "!", CellDiffers: "✎",
		Dots: true, states: neutralStates(),
	}
}

func asciiGlyphs() *Glyphs {
	return &Glyphs{
		Name: "ascii", Ellipsis: "~", Rule: "-", Dash: "-", BarFull: "#", BarEmpty: "-",
		Levels:   []string{"_", ".", "-", "=", "#"},
		CellNone: ".", CellSome: "-", CellMost: "=", CellFull: "#", CellMoving: ">", CellBad: "!", CellDiffers: "%",
		states: map[string]string{
			"queued": ".", "matching": "#", "uploading": ">", "paused": "=", "stalled": "~", "retrying": "r", "failed": "x",
			"changed": "%", "ready": "*", "completing": "c", "verifying": "v", "done": "+", "skipped": "s", "aborting": "-",
			"aborted": "-", "unknown": "?", "stale": "o", "gone": "0",
		},
	}
}

// Bar draws done of total as width cells. Something that has begun shows at least one full cell only when a cell's worth is
// done; something unfinished never looks full.
func (g *Glyphs) Bar(done, total int64, width int) string {
	if width <= 0 {
		return ""
	}
	full := 0
	switch {
	case total > 0 && done >= total:
		full = width
	case total > 0 && done > 0:
		full = min(int(float64(done)/float64(total)*float64(width)), width-1)
	}
	return strings.Repeat(g.BarFull, full) + strings.Repeat(g.BarEmpty, width-full)
}

// Ruler draws a horizontal line of width cells, with a title near its left end where there is one.
func (g *Glyphs) Ruler(title string, width int) string {
	if title == "" {
		return strings.Repeat(g.Rule, max(width, 0))
	}
	head := g.Rule + " " + title + " "
	return head + strings.Repeat(g.Rule, max(width-Width(head), 0))
}
