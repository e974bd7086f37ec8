package tui

import (
	"fmt"
	"strings"

	"partway/model"
	"partway/tui/partmap"
	"partway/tui/theme"
)

// grid is how the map of parts lies on the screen.
type grid struct {
	cols, rows int // cells
	per        int // parts a cell
	label      int // cells of the row labels
}

// grid fits n parts to a screen of w by h cells. It hangs on nothing else, so that keys and drawing agree.
func (d *detailScreen) grid(w, h, n int) grid {
	g := grid{label: 7, rows: max(min(h/3-1, 12), 1)}
	if h >= 36 {
		g.rows = 12
	}
	g.cols = max(w-g.label-8, 8)
	if w < 100 {
		g.cols = max(w-g.label-3, 8)
	}
	switch d.mode {
	case mapDots:
		g.per = 8
	case mapList:
		g.cols, g.per = 1, 1
	default:
		g.per = partmap.PerCell(n, g.cols, g.rows)
		// Round numbers of parts a row make the labels readable; rows that are not needed are given back.
		g.rows = max(min(g.rows, (partmap.Count(n, g.per)+g.cols-1)/g.cols), 1)
	}
	return g
}

// mapLines draws the map with its title and legend.
func (d *detailScreen) mapLines(a *App, r row, states []partmap.State, w, h int) []theme.Line {
	g := d.grid(w, h, len(states))
	if d.mode == mapList {
		return d.partList(a, r, states, w, g.rows+2)
	}
	from := max((d.part-1)/g.per*g.per, 0) + 1
	to := min(from+g.per-1, len(states))
	lines := []theme.Line{d.mapTitle(r, states, w, fmt.Sprintf("%d a cell", g.per), from, to)}
	perRow := g.cols * g.per
	all := (len(states) + perRow - 1) / perRow
	first := 0
	if all > g.rows { // dots do not fit one screen: the window follows the cursor
		first = min(max((d.part-1)/perRow-g.rows/2, 0), all-g.rows)
	}
	for row := first; row < min(first+g.rows, all); row++ {
		begin := row * perRow
		cells := states[begin:min(begin+perRow, len(states))]
		line := theme.L(theme.Faint, fmt.Sprintf("%*d ", g.label-1, begin+1))
		if d.mode == mapDots {
			line = line.Join(dotRow(a, cells))
		} else {
			line = line.Join(a.mapRow(partmap.Cells(cells, g.per)))
		}
		lines = append(lines, d.withCursor(line, g, begin))
	}
	return append(lines, a.legend(r, d.mode))
}

// mapTitle counts the parts and says what the cursor is on; where it is narrow, the legend in numbers gives way.
func (d *detailScreen) mapTitle(r row, states []partmap.State, w int, per string, from, to int) theme.Line {
	at, short := fmt.Sprintf("cursor: parts %d-%d", from, to), fmt.Sprintf("at %d-%d", from, to)
	if from >= to {
		at, short = fmt.Sprintf("cursor: part %d", from), fmt.Sprintf("at %d", from)
	}
	title := d.tallyLine(r, states)
	room := w - title.Width() - 2
	for _, right := range []theme.Line{theme.L(theme.Faint, per+"   ").Add(theme.Text, at), theme.L(theme.Text, short)} {
		if right.Width() <= room {
			return title.Right(w, right)
		}
	}
	return title
}

// withCursor shows the cell under the cursor: reversed, and for those who see no colours its row has a mark at its end.
func (d *detailScreen) withCursor(line theme.Line, g grid, begin int) theme.Line {
	cell := (d.part - 1 - begin) / g.per
	if d.part-1 < begin || cell >= g.cols {
		return line
	}
	at := g.label + cell
	text := line.String()
	before, rest := line.Cut(at), []rune(text)
	if at >= len(rest) {
		return line
	}
	out := append(theme.Line{}, before...)
	out = out.Add(theme.Cursor, string(rest[at]))
	// The rest of the row keeps its roles.
	skipped := 0
	for _, s := range line {
		n := theme.Width(s.Text)
		if skipped+n > at+1 {
			runes := []rune(s.Text)
			out = out.Add(s.Role, string(runes[max(at+1-skipped, 0):]))
		}
		skipped += n
	}
	if d.focus != focusMap {
		return out
	}
	return out.Add(theme.Text, " <")
}

// dotRow draws a dot a part; cells with a moving part or a problem are drawn as the map of cells does.
func dotRow(a *App, states []partmap.State) theme.Line {
	var line theme.Line
	for from := 0; from < len(states); from += 8 {
		eight := states[from:min(from+8, len(states))]
		if kind := partmap.Cells(eight, 8)[0]; kind >= partmap.KindMoving {
			line = line.Join(a.mapRow([]partmap.Kind{kind}))
			continue
		}
		line = line.Add(theme.Text, string(partmap.Dots(eight)))
	}
	return line
}

func (d *detailScreen) tallyLine(r row, states []partmap.State) theme.Line {
	c := partmap.Tally(states)
	line := theme.L(theme.Strong, "PARTS  ").Add(theme.Text, number(c[partmap.Done])+" in")
	if r.job == nil {
		if c[partmap.Bad] > 0 {
			return line.Add(theme.Bad, fmt.Sprintf("  %s missing", number(c[partmap.Bad])))
		}
		return line.Add(theme.Text, "  none missing below the highest")
	}
	if r.streamEnded() {
		return line.Add(theme.Text, "  of a stream that ended early")
	}
	line = line.Add(theme.Moving, fmt.Sprintf("  %d moving", c[partmap.Moving]))
	if c[partmap.Bad] > 0 {
		line = line.Add(theme.Bad, fmt.Sprintf("  %d retrying", c[partmap.Bad]))
	}
	if r.streams() {
		return line.Add(theme.Text, "  of a stream")
	}
	return line.Add(theme.Text, fmt.Sprintf("  %s to go", number(c[partmap.Missing])))
}

func (a *App) legend(r row, mode mapMode) theme.Line {
	g := a.look.glyphs
	line := theme.L(theme.Text, strings.Repeat(" ", 7)+g.CellFull).Add(theme.Faint, " in  ")
	if mode == mapDots {
		line = theme.L(theme.Text, strings.Repeat(" ", 7)+"⠿").Add(theme.Faint, " a dot a part that is in  ")
	}
	if r.job == nil {
		line = line.Add(theme.Bad, g.CellBad).Add(theme.Faint, " missing")
	} else {
		line = line.Add(theme.Moving, g.CellMoving).Add(theme.Faint, " moving  ").Add(theme.Bad, g.CellBad).Add(theme.Faint, " retry or error")
		if mode != mapDots { // there it is an empty dot
			line = line.Add(theme.Text, "  "+g.CellNone).Add(theme.Faint, " not sent")
		}
	}
	if hint := "   M other map   enter parts"; line.Width()+len(hint) <= a.w {
		line = line.Add(theme.Faint, hint)
	}
	return line
}

// partList is a line a part, in a window around the cursor.
func (d *detailScreen) partList(a *App, r row, states []partmap.State, w, h int) []theme.Line {
	lines := []theme.Line{d.tallyLine(r, states).Right(w, theme.L(theme.Faint, "M other map")),
		theme.L(theme.Faint, "   PART  STATE            SIZE"+a.offsetColumn("OFFSET")+"  ARRIVED      ETAG")}
	room := max(h-2, 1)
	from := min(max(d.part-1-room/2, 0), max(len(states)-room, 0))
	known := map[int]model.Part{}
	if d.list != nil {
		for _, p := range d.list.Parts {
			if p.Number > from && p.Number <= from+room {
				known[p.Number] = p
			}
		}
	}
	for n := from + 1; n <= min(from+room, len(states)); n++ {
		line := d.partLine(a, r, n, states[n-1], known)
		if n == d.part {
			line = line.Reversed(w)
		}
		lines = append(lines, line)
	}
	return lines
}

// offsetColumn is the column of the list of parts that gives way first.
func (a *App) offsetColumn(text string) string {
	if a.w < 76 {
		return ""
	}
	return " " + theme.PadLeft(text, 15)
}

func (d *detailScreen) partLine(a *App, r row, n int, s partmap.State, known map[int]model.Part) theme.Line {
	role, word := theme.Text, "not sent"
	switch s {
	case partmap.Done:
		word = "in"
	case partmap.Moving:
		role, word = theme.Moving, "moving"
	case partmap.Bad:
		role, word = theme.Bad, "retrying"
		if r.job == nil {
			word = "missing"
		}
	}
	size, offset := "?", "?"
	if r.job != nil && r.job.PartSize > 0 {
		plan := model.Plan{Size: r.job.Source.Size, PartSize: r.job.PartSize}
		if n <= plan.Count() && !r.job.Adopted { // the parts of an adopted upload may lie otherwise
			at := plan.Part(n)
			size, offset = model.FormatSize(at.Size), fmt.Sprint(at.Offset)
		}
	}
	arrived, etag := a.look.glyphs.Dash, a.look.glyphs.Dash
	if p, ok := known[n]; ok {
		size, arrived, etag = model.FormatSize(p.Size), a.look.clock(p.Modified, a.now), a.look.cut(p.ETag, 32)
	}
	return theme.L(theme.Text, gutter(n == d.part, false)).Add(theme.Text, fmt.Sprintf("%5d  ", n)).Add(role, theme.PadRight(word, 10)).
		Add(theme.Text, fmt.Sprintf("%11s%s  %-11s  ", size, a.offsetColumn(offset), arrived)).Add(theme.Text, etag)
}
