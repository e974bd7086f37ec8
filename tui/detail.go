package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui/partmap"
	"partway/tui/theme"
)

// detailScreen is one upload: where each part stands, what is in flight, how fast it goes, what happened to it. Of an upload from
// elsewhere it shows what the service holds, and nothing that would have to be made up.
type detailScreen struct {
	id    rowID
	mode  mapMode
	part  int // under the cursor of the map, from 1
	focus detailFocus
	top   [focuses]int // first line that is shown of what is scrolled

	// list is what the service holds, read on opening an upload from elsewhere and on demand. A late answer to an older
	// question is dropped by asked.
	list   *model.PartList
	asked  int
	asking bool
	failed string // cleaned
}

type mapMode uint8

const (
	mapCells mapMode = iota // a glyph for several parts
	mapDots                 // a braille dot a part
	mapList                 // a line a part
	mapModes
)

// detailFocus is what the keys move.
type detailFocus uint8

const (
	focusMap detailFocus = iota
	focusFlight
	focusEvents
	focuses
)

func (d *detailScreen) scope() scope { return inDetail }

// openUpload shows one upload. Where it waits for a decision, what went wrong is shown over it.
func (a *App) openUpload(r row) tea.Cmd {
	d := &detailScreen{id: r.id, part: 1}
	if r.job != nil && len(r.job.InFlight) > 0 {
		d.part = r.job.InFlight[0].Number
	}
	a.push(d)
	if r.job != nil && r.job.Problem != nil && r.attention() {
		a.push(newProblem(a, r))
	}
	if r.job == nil {
		return d.fetch(a, r)
	}
	return nil
}

func (d *detailScreen) fetch(a *App, r row) tea.Cmd {
	if !r.uploaded() || r.ref().UploadID == "" {
		return nil
	}
	a.asked++
	d.asked, d.asking, d.failed = a.asked, true, ""
	return a.fetchParts(r, a.asked)
}

// reloadParts reads the parts of the opened upload again; nil if none is open.
func (a *App) reloadParts() tea.Cmd {
	d := a.detail()
	if d == nil {
		return nil
	}
	if r := a.main.list.lookup(d.id); r != nil {
		return d.fetch(a, *r)
	}
	return nil
}

func (d *detailScreen) update(_ *App, msg tea.Msg) tea.Cmd {
	m, is := msg.(partsMsg)
	if !is || m.asked != d.asked || m.id != d.id {
		return nil
	}
	d.asking = false
	if m.err != nil {
		d.failed = clean(m.err.Error())
		return nil
	}
	d.list = &m.list
	return nil
}

// detailActions are the actions of this screen alone.
func detailActions() []action {
	in := func(name, keys, text string, run func(*App, *detailScreen) tea.Cmd) action {
		return action{name: name, group: groupFind, scope: inDetail, binding: help(bind(keys), keys, text),
			run: func(a *App, _ target) tea.Cmd { return run(a, a.detail()) }}
	}
	focus := in("focus", "tab", "keys to the map, to the parts in flight, to the events", func(a *App, d *detailScreen) tea.Cmd {
		d.focus = (d.focus + 1) % focuses
		if r := a.main.list.lookup(d.id); d.focus == focusFlight && (r == nil || len(r.job.InFlight) == 0) {
			d.focus = focusEvents
		}
		d.top[d.focus] = 0
		return nil
	})
	focus.row = func(_ *App, r row) string {
		if r.job == nil {
			return "of an upload from elsewhere there is only the map"
		}
		return ""
	}
	return []action{
		focus,
		in("map-mode", "M", "map: cells, dots, list", func(a *App, d *detailScreen) tea.Cmd {
			d.mode = (d.mode + 1) % mapModes
			if d.mode == mapDots && !a.look.glyphs.Dots {
				d.mode = mapList
			}
			return nil
		}),
		in("problem-next", "n", "next part with a problem", func(a *App, d *detailScreen) tea.Cmd { return d.problem(a, 1) }),
		in("problem-previous", "N", "previous part with a problem", func(a *App, d *detailScreen) tea.Cmd { return d.problem(a, -1) }),
	}
}

func (d *detailScreen) problem(a *App, step int) tea.Cmd {
	r := a.main.list.lookup(d.id)
	if r == nil {
		return nil
	}
	at := partmap.Next(d.states(*r), d.part, step)
	if at == 0 {
		a.say(plainNote, "no part has a problem")
		return nil
	}
	d.part = at
	return nil
}

// openCell lists the parts of the cell under the cursor.
func openCell(a *App, _ target) tea.Cmd {
	a.detail().mode = mapList
	return nil
}

// states is where each part stands, as far as it is known. Of an upload from elsewhere nothing is known behind its highest part,
// and a number that is missing below it is a gap.
func (d *detailScreen) states(r row) []partmap.State {
	if r.job != nil {
		return jobStates(r.job)
	}
	if d.list == nil || len(d.list.Parts) == 0 {
		return nil
	}
	highest := d.list.Parts[len(d.list.Parts)-1].Number
	states := make([]partmap.State, min(max(highest, 0), model.MaxPartNumber))
	for i := range states {
		states[i] = partmap.Bad
	}
	for _, p := range d.list.Parts {
		if p.Number >= 1 && p.Number <= len(states) {
			states[p.Number-1] = partmap.Done
		}
	}
	return states
}

func (d *detailScreen) view(a *App, w, h int) []theme.Line {
	r := a.main.list.lookup(d.id)
	if r == nil {
		return []theme.Line{theme.L(theme.Text, "This upload is not there any more."), nil, theme.L(theme.Faint, "esc back")}
	}
	r = d.informed(r)
	lines := d.header(a, *r, w)
	var rest []theme.Line
	if r.job != nil {
		rest = d.jobView(a, *r, w, h-len(lines)-1)
	} else {
		rest = d.foreignView(a, *r, w, h-len(lines)-1)
	}
	lines = append(lines, rest...)
	return append(fit(lines, h-1), d.lastLine(a, *r, w))
}

// informed is the row with what was read of its parts on opening it, where the bucket's listing has not measured it yet.
func (d *detailScreen) informed(r *row) *row {
	if r.job != nil || d.list == nil || r.left.Measured {
		return r
	}
	known, left, gaps := *r, *r.left, d.list.Gaps()
	left.Measured, left.MeasuredAt, left.Failure = true, d.list.At, ""
	left.Parts, left.Held, left.LastPart = len(d.list.Parts), d.list.Bytes(), d.list.Newest()
	left.Gaps, left.GapList, left.TooSmall = gaps.Count(), gaps.String(), len(d.list.Small())
	if left.Parts > 0 {
		left.Highest = d.list.Parts[left.Parts-1].Number
	}
	known.left = &left
	return &known
}

// lastLine is the answer to the last key, or the command line of the upload.
func (d *detailScreen) lastLine(a *App, r row, w int) theme.Line {
	if a.note.text != "" {
		return a.noteLine(w)
	}
	if line := a.standing(w); line != nil {
		return line
	}
	return labelled("cli", 5, theme.Faint, a.cliText(r))
}

func (d *detailScreen) header(a *App, r row, w int) []theme.Line {
	role := stateRole(r.status)
	state := theme.L(role, a.look.glyphs.State(string(r.status))+" "+string(r.status))
	if share, known := r.done(); known && r.job != nil && r.status != model.StatusQueued {
		state = state.Add(theme.Text, " "+percent(share))
	}
	if r.status == model.StatusUploading && w >= 100 {
		state = state.Add(theme.Text, "  "+model.FormatRate(r.job.Rate)+"  ETA "+model.FormatDuration(r.job.ETA))
	}
	url := theme.L(theme.Strong, a.look.middle(r.ref().URL(), w-state.Width()-2))
	first := url.Right(w, state)
	if r.job == nil {
		return []theme.Line{first, d.foreignFacts(a, r, w)}
	}
	job := r.job
	if r.works() {
		return []theme.Line{first, theme.L(theme.Text, jobSentence(r))}
	}
	sent := fmt.Sprintf("%s of %s", model.FormatSize(job.BytesSent), model.FormatSize(job.Source.Size))
	if r.streams() {
		sent = "stream, " + model.FormatSize(job.BytesSent) + " so far"
	}
	pace := ""
	if r.status == model.StatusUploading && w < 100 {
		pace = "  " + model.FormatRate(job.Rate) + "  ETA " + model.FormatDuration(job.ETA)
	}
	right := theme.L(theme.Faint, fmt.Sprintf("part %s x %s   %s", model.FormatSize(job.PartSize), number(job.Parts), atOnce(job)))
	if w >= 100 {
		if class := job.Write.StorageClass; class != "" {
			right = right.Add(theme.Faint, "   "+a.look.cut(class, 16))
		}
		right = right.Add(theme.Faint, "   upload "+a.look.shortID(job.Ref.UploadID))
	}
	second := theme.L(theme.Text, longest([]string{sent + pace, sent}, w-right.Width()-2))
	return []theme.Line{first, second.Right(w, right)}
}

// foreignFacts is what is known of an upload that was begun elsewhere. How large its object is going to be is not.
func (d *detailScreen) foreignFacts(a *App, r row, w int) theme.Line {
	left := r.left
	id := theme.L(theme.Faint, "upload "+a.look.shortID(left.Ref.UploadID))
	begun := "begun " + ago(left.Initiated, a.now) + " elsewhere"
	words := []string{begun}
	if left.Measured {
		held := "holds " + model.FormatSize(left.Held)
		last := ", " + lastPartWords(left, a.now) + ", "
		words = []string{begun + last + held, held + last[:len(last)-2], held}
		if a.o.PricePerGiB > 0 {
			words = append([]string{begun + last + held + " = " + cost(a, left.Held) + " a month"}, words...)
		}
	}
	return theme.L(theme.Text, longest(words, w-id.Width()-2)).Right(w, id)
}

// move moves the cursor of the map, or to another upload.
func (d *detailScreen) move(a *App, how motion) tea.Cmd {
	r := a.main.list.lookup(d.id)
	if r == nil {
		return nil
	}
	if how == moveNext || how == movePrevious {
		return d.other(a, how)
	}
	if d.focus != focusMap && r.job != nil {
		return d.scroll(a, *r, how)
	}
	n := len(d.states(*r))
	g := d.grid(a.w, a.h, n)
	row := g.cols * g.per
	step := how.lines(g.rows) * row
	switch how {
	case moveLeft:
		if d.part <= 1 {
			a.pop()
			return nil
		}
		step = -g.per
	case moveRight:
		step = g.per
	}
	d.part = min(max(d.part+step, 1), max(n, 1))
	return nil
}

// scroll moves the parts in flight or the events; left goes back to the map.
func (d *detailScreen) scroll(a *App, r row, how motion) tea.Cmd {
	if how == moveLeft || how == moveRight {
		d.focus = focusMap
		return nil
	}
	all := len(r.job.InFlight)
	if d.focus == focusEvents {
		all = 0
		for i := range a.snap.Events {
			if a.snap.Events[i].Job == r.job.ID {
				all++
			}
		}
	}
	d.top[d.focus] = min(max(d.top[d.focus]+how.lines(6), 0), max(all-1, 0))
	return nil
}

// heading is the heading of a part of the view; the one that the keys move is marked.
func (d *detailScreen) heading(text string, of detailFocus) theme.Line {
	if d.focus == of {
		return theme.L(theme.Strong, text+" <")
	}
	return theme.L(theme.Faint, text)
}

// other shows the next or previous upload of the list.
func (d *detailScreen) other(a *App, how motion) tea.Cmd {
	l := a.main.list
	before := l.cursor.Cursor()
	step := 1
	if how == movePrevious {
		step = -1
	}
	for {
		at := l.cursor.Cursor()
		l.cursor.Move(step)
		if l.cursor.Cursor() == at {
			l.cursor.To(before)
			a.say(plainNote, "there is no other upload in this direction")
			return nil
		}
		if r := l.under(); r != nil {
			*d = detailScreen{id: r.id, mode: d.mode, part: 1}
			if r.job == nil {
				return d.fetch(a, *r)
			}
			return nil
		}
	}
}
