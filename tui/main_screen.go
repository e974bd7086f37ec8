package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui/theme"
)

// mainScreen is the list of everything: jobs and the unfinished uploads of the bucket.
type mainScreen struct {
	list    *listing
	preview previewMode
	wide    bool // more columns
}

type previewMode uint8

const (
	previewNormal previewMode = iota
	previewFull
	previewOff
)

func newMainScreen(o Options) *mainScreen { return &mainScreen{list: newListing(o.Judge)} }

func (m *mainScreen) scope() scope { return inMain }

func (m *mainScreen) update(*App, tea.Msg) tea.Cmd { return nil }

// layout says what fits a screen: what gives way first is what can be had another way.
type layout struct {
	w, h    int // of the list's half, without the footer
	header  int
	titles  bool // section headings and column names
	list    int  // lines of the list
	preview int  // lines below the list, its rule included
	side    int  // width of the upload beside the list
}

func (m *mainScreen) layout(w, h int) layout {
	l := layout{w: w, h: h, header: 1}
	switch {
	case h >= 29:
		l.header = 3
	case h >= 19:
		l.header = 2
	}
	l.titles = h >= 19
	switch {
	case m.preview == previewOff || h < 23:
	case w >= 160 && h >= 49:
		l.side = w - w*11/20
		l.w = w - l.side - 1
	case m.preview == previewFull:
		l.preview = h * 3 / 5
	case h >= 39:
		l.preview = 8
	case h >= 29:
		l.preview = 4
	default:
		l.preview = 3
	}
	l.list = max(h-l.header-l.preview-1, 1)
	if l.titles {
		l.list--
	}
	return l
}

// settle fits the list to the screen after anything may have changed.
func (m *mainScreen) settle(a *App) {
	l := m.layout(a.w, a.h-1)
	if s := (shape{titles: l.titles, height: l.list}); s != m.list.shape {
		m.list.shape = s
		m.list.arrange(true)
	}
	m.list.cursor.Settle(l.list)
}

func (m *mainScreen) view(a *App, w, h int) []theme.Line {
	l := m.layout(w, h)
	lines := m.header(a, l)
	if l.titles {
		lines = append(lines, columnNames(columnsFor(l.w, m.wide)))
	}
	lines = append(lines, fit(m.rows(a, l), l.list)...)
	if l.preview > 0 {
		lines = append(lines, fit(m.previewLines(a, w, l.preview), l.preview)...)
	}
	if l.side > 0 {
		lines = m.beside(a, l, fit(lines, h-1))
	}
	return append(lines, m.status(a, w))
}

// beside draws the upload under the cursor right of the list.
func (m *mainScreen) beside(a *App, l layout, lines []theme.Line) []theme.Line {
	r := m.list.under()
	if r == nil {
		return lines
	}
	d := &detailScreen{id: r.id}
	side := fit(d.view(a, l.side, len(lines)-l.header), len(lines)-l.header)
	for i := range side {
		at := i + l.header
		lines[at] = lines[at].Cut(l.w).To(l.w + 1).Join(side[i])
	}
	return lines
}

// rows draws the entries of the window.
func (m *mainScreen) rows(a *App, l layout) []theme.Line {
	if empty := m.empty(a, l); empty != nil {
		return empty
	}
	cols := columnsFor(l.w, m.wide)
	from, to := m.list.cursor.Window(l.list)
	to = min(to, len(m.list.entries))
	lines := make([]theme.Line, 0, to-from)
	for i := from; i < to; i++ {
		e := m.list.entries[i]
		here := i == m.list.cursor.Cursor()
		var line theme.Line
		switch e.kind {
		case entryTitle:
			line = m.sectionTitle(e, here, m.list.closed(i))
		case entryMore:
			line = m.moreLine(e, here)
		default:
			line = m.rowLine(a, cols, e, here)
		}
		if here {
			line = line.Reversed(l.w)
		}
		lines = append(lines, line)
	}
	return lines
}

func gutter(here, marked bool) string {
	switch {
	case here && marked:
		return ">*"
	case here:
		return "> "
	case marked:
		return " *"
	}
	return "  "
}

func (m *mainScreen) sectionTitle(e entry, here, closed bool) theme.Line {
	s := e.section
	line := theme.L(theme.Text, gutter(here, false)).Add(theme.Strong, fmt.Sprintf("%s %s", s.title(), number(m.list.counts.rows[s])))
	if bytes := m.list.counts.bytes[s]; bytes > 0 && s != sectionNeeds && s != sectionMoving {
		text := model.FormatSize(bytes)
		if s == sectionBucket && m.list.snap.Bucket.Measured < len(m.list.snap.Bucket.Uploads) {
			text = "at least " + text
		}
		line = line.Add(theme.Faint, " ("+text+")")
	}
	switch {
	case closed:
		line = line.Add(theme.Faint, "   l shows them")
	case s == sectionFinished && m.list.lens != lensHistory:
		line = line.Add(theme.Faint, "   5 shows only these")
	}
	return line
}

func (m *mainScreen) moreLine(e entry, here bool) theme.Line {
	hint := map[section]string{
		sectionBucket: "l shows them, 3 shows only these, m measures sizes", sectionWaiting: "l shows them, J K moves a job",
	}[e.section]
	if hint == "" {
		hint = "l shows them"
	}
	return theme.L(theme.Text, gutter(here, false)+"   ").Add(theme.Faint, "... "+number(e.more)+" more   "+hint)
}

// empty says why there is no row, or nil.
func (m *mainScreen) empty(a *App, l layout) []theme.Line {
	if len(m.list.entries) > 0 {
		return nil
	}
	b := a.snap.Bucket
	text := ""
	switch all := m.list.counts.jobs + m.list.counts.left; {
	case m.list.text != "":
		text = fmt.Sprintf("0 of %d match  %s   esc clears the filter", all, a.look.middle(m.list.text, 60))
	case b.State == model.ListDenied:
		text = "You may not list uploads here (oss:ListMultipartUploads). Only uploads of this machine are shown."
	case b.State == model.ListFailed:
		text = "The bucket could not be listed. R tries again, F shows the facts."
	case b.State == model.ListReading:
		text = "Reading the list of unfinished uploads ..."
	case m.list.lens == lensAttention:
		text = "Nothing needs you."
	case m.list.lens == lensHistory:
		text = "Nothing was finished yet."
	case m.list.lens == lensMine:
		text = "No uploads of this machine."
	case b.State == model.ListNone:
		text = "The bucket has not been listed yet."
	default:
		text = "No unfinished uploads in oss://" + clean(b.Place.Bucket) + ". Storage held by leftovers: 0 B."
		for _, hint := range []struct{ action, text string }{{"add", "   a adds files"}, {"place", "   b other bucket"}} {
			if act := a.named(hint.action); act != nil {
				if _, why := a.possible(act); why == "" {
					text += hint.text
				}
			}
		}
	}
	lines := []theme.Line{nil}
	for _, s := range wrap(text, l.w-4) {
		lines = append(lines, theme.L(theme.Text, "  "+s))
	}
	return lines
}

// status is the line above the footer: marks, what is new, and the answer to the last key or the newest event.
func (m *mainScreen) status(a *App, w int) theme.Line {
	var line theme.Line
	if n := len(m.list.marks); n > 0 {
		line = line.Add(theme.Strong, fmt.Sprintf("%d marked (%d hidden)", n, n-m.list.shownMarks())).Space(3)
	}
	if m.list.text != "" {
		shown, all := m.list.shown(), m.list.counts.jobs+m.list.counts.left
		line = line.Add(theme.Strong, fmt.Sprintf("%d of %d match ", shown, all)).Add(theme.Text, a.look.middle(m.list.text, w/3)).Space(3)
	}
	if n := len(a.watches); n > 0 {
		line = line.Add(theme.Moving, fmt.Sprintf("watching %d", n)).Space(3)
	}
	if m.list.fresh > 0 {
		line = line.Add(theme.Warn, fmt.Sprintf("+%d new, R re-sorts", m.list.fresh)).Space(3)
	}
	return line.Join(a.noteLine(w - line.Width()))
}

// noteLine is the answer to the last key, or a standing warning, or the newest event.
func (a *App) noteLine(w int) theme.Line {
	if a.note.text != "" {
		role := [...]theme.Role{theme.Text, theme.Warn, theme.Bad}[a.note.level]
		return a.look.within(theme.L(role, a.note.text), w)
	}
	if line := a.standing(w); line != nil {
		return line
	}
	var line theme.Line
	if p := a.snap.Bucket.Problem; p != nil {
		line = theme.L(theme.Bad, a.look.cut("bucket: "+p.Error(), w)).Space(3)
	}
	if text := a.clockWords(); text != "" {
		line = line.Add(theme.Warn, text).Space(3)
	}
	if n := len(a.snap.Events); n > 0 {
		line = line.Join(a.eventLine(a.snap.Events[n-1]))
	}
	if len(a.undone) == 0 {
		return a.look.within(line, w)
	}
	const undo = "   u undo"
	return a.look.within(line, w-len(undo)).Space(3).Add(theme.Key, "u").Add(theme.Faint, " undo")
}

// eventLine is an event on one line.
func (a *App) eventLine(e model.Event) theme.Line {
	role := theme.Text
	switch e.Level {
	case model.LevelWarn:
		role = theme.Warn
	case model.LevelError:
		role = theme.Bad
	}
	text := ""
	if e.Key != "" {
		text = a.look.middle(e.Key, min(40, max(a.w/3, 16))) + " "
	}
	if part := fmt.Sprintf("part %d", e.Part); e.Part > 0 && !strings.HasPrefix(e.Text, part+":") {
		text += part + " "
	}
	return theme.L(theme.Faint, a.look.clock(e.At, a.now)+" ").Add(role, text+clean(e.Text))
}
