package tui

import (
	"fmt"
	"time"

	"partway/model"
	"partway/tui/theme"
)

// columns are the widths of a row's columns in cells; 0 leaves a column out. What goes first when it gets narrow: where from,
// ETA, age (joined with the speed), size, the word of the state.
type columns struct {
	word, key, size, progress, speed, eta, age, from int
	right                                            int // one column for all, on small screens
	extra                                            bool
}

// The gutter holds cursor and mark, the glyph of the state and a blank.
const gutterWidth = 4

func columnsFor(w int, extra bool) columns {
	var c columns
	switch {
	case w >= 110:
		c = columns{word: 10, size: 9, progress: 20, speed: 11, eta: 7, age: 6, from: 4}
	case w >= 96:
		c = columns{word: 10, size: 8, progress: 16, speed: 11, eta: 6, age: 5}
	case w >= 76:
		c = columns{word: 10, size: 8, progress: 14, speed: 10}
	default:
		c = columns{right: w / 3}
		if w < 50 { // the name says more
			c.right = 10
		}
	}
	if extra && c.speed > 0 { // last part, parts, class take the place of speed and ETA
		c.extra = true
	}
	used := gutterWidth
	for _, n := range []int{c.word, c.size, c.progress, c.speed, c.eta, c.age, c.from, c.right} {
		if n > 0 {
			used += n + 1
		}
	}
	c.key = max(w-used, 8)
	return c
}

func columnNames(c columns) theme.Line {
	line := theme.Line{}.Space(gutterWidth)
	add := func(n int, name string, right bool) {
		if n == 0 {
			return
		}
		if right {
			name = theme.PadLeft(name, n)
		}
		line = line.Add(theme.Faint, theme.PadRight(name, n)).Space(1)
	}
	add(c.word, "STATE", false)
	add(c.key, "KEY", false)
	add(c.size, "SIZE", true)
	add(c.progress, "PROGRESS", false)
	if c.extra {
		add(c.speed, "LAST PART", true)
		add(c.eta, "PARTS", true)
	} else if c.age == 0 {
		add(c.speed, "SPEED/AGE", true)
	} else {
		add(c.speed, "SPEED", true)
		add(c.eta, "ETA", true)
	}
	add(c.age, "AGE", true)
	if c.extra {
		add(c.from, "CLAS", false)
	} else {
		add(c.from, "FROM", false)
	}
	return line
}

// stateRole is how a state looks. Colour is never its only carrier: glyph and word say it too.
func stateRole(s model.Status) theme.Role {
	switch s {
	case model.StatusMatching, model.StatusUploading, model.StatusCompleting, model.StatusVerifying:
		return theme.Moving
	case model.StatusStalled, model.StatusRetrying, model.StatusAborting:
		return theme.Warn
	case model.StatusFailed, model.StatusChanged, model.StatusGone:
		return theme.Bad
	case model.StatusReady:
		return theme.Ready
	case model.StatusPaused, model.StatusDone, model.StatusSkipped, model.StatusAborted, model.StatusStale:
		return theme.Faint
	}
	return theme.Text
}

func (m *mainScreen) rowLine(a *App, c columns, e entry, here bool) theme.Line {
	r := *e.row
	_, marked := m.list.marks[r.id]
	role := stateRole(r.status)
	line := make(theme.Line, 0, 16).Add(theme.Text, gutter(here, marked)).Add(role, a.look.glyphs.State(string(r.status))).Space(1)
	if c.word > 0 {
		word := string(r.status)
		if r.gone {
			word = "not there"
		}
		line = line.Add(role, theme.PadRight(word, c.word)).Space(1)
	}
	keyRole := theme.Text
	if marked {
		keyRole = theme.Marked
	}
	line = line.Add(keyRole, theme.PadRight(a.look.middle(m.keyText(a, r), c.key), c.key)).Space(1)
	if c.right > 0 {
		line = line.Add(role, theme.PadLeft(a.brief(r, c.right), c.right))
	} else {
		line = m.wideCells(a, c, r, line)
	}
	if e.stray || r.gone {
		return line.Dim()
	}
	return line
}

// keyText is the key, with its bucket where that is not the one on view.
func (m *mainScreen) keyText(a *App, r row) string {
	if sameServer(r.place, a.snap.Bucket.Place) || r.place.Bucket == "" {
		return r.ref().Key
	}
	return "oss://" + r.place.Bucket + "/" + r.ref().Key
}

func (m *mainScreen) wideCells(a *App, c columns, r row, line theme.Line) theme.Line {
	size, known := r.size()
	if !known {
		size, known = r.held()
	}
	text := bytesOf(size, known)
	if r.job != nil && r.job.Kind == model.JobVerify && size == 0 {
		text = "" // it holds nothing, and the file was not looked at yet
	} else if !known {
		text = "(measure)"
		if c.size < len(text) {
			text = "?"
		}
	}
	line = line.Add(theme.Text, theme.PadLeft(text, c.size)).Space(1)
	if words := a.situation(r); len(words) > 0 { // takes the place of bar, speed and ETA
		width := c.progress
		tail := ""
		switch {
		case c.extra:
		case c.age > 0:
			width += 1 + c.speed
			if c.eta > 0 {
				width += 1 + c.eta
			}
		default:
			tail = age(r.began(), a.now)
			width += c.speed - len(tail)
		}
		role := theme.Text
		if r.attention() {
			role = stateRole(r.status)
		}
		line = line.Add(role, theme.PadRight(longest(words, width), width)).Space(1).Add(theme.Text, tail)
		if !c.extra && c.age == 0 {
			return line
		}
	} else {
		line = line.Join(a.bar(r, c.progress)).Space(1)
		if !c.extra {
			text := a.speed(r)
			if c.age == 0 {
				text = a.speedOrAge(r)
			}
			line = line.Add(theme.Text, theme.PadLeft(text, c.speed)).Space(1)
			if c.eta > 0 {
				line = line.Add(theme.Text, theme.PadLeft(etaOf(r), c.eta)).Space(1)
			}
		}
	}
	if c.extra {
		line = line.Add(theme.Text, theme.PadLeft(lastPart(a, r), c.speed)).Space(1)
		if c.eta > 0 {
			n, known := r.parts()
			text := "?"
			if known {
				text = fmt.Sprint(n)
			}
			line = line.Add(theme.Text, theme.PadLeft(text, c.eta)).Space(1)
		}
	}
	if c.age > 0 {
		line = line.Add(theme.Text, theme.PadLeft(age(r.began(), a.now), c.age)).Space(1)
	}
	if c.from > 0 {
		text := r.subject(a.now).From
		if c.extra {
			text = a.look.cut(r.subject(a.now).Class, c.from)
		}
		line = line.Add(theme.Faint, text)
	}
	return line
}

func lastPart(a *App, r row) string {
	at, known := r.active()
	switch parts, counted := r.parts(); {
	case !known:
		return "?"
	case r.job == nil && counted && parts == 0:
		return "-"
	}
	return age(at, a.now)
}

// bar is the progress bar with its percentage.
func (a *App) bar(r row, width int) theme.Line {
	share, _ := r.done()
	text := theme.PadLeft(percent(share), 5)
	return theme.L(stateRole(r.status), a.look.glyphs.Bar(r.job.BytesSent, r.job.Source.Size, width-len(text))).Add(theme.Text, text)
}

func (a *App) speed(r row) string {
	switch r.status {
	case model.StatusUploading:
		return model.FormatRate(r.job.Rate)
	case model.StatusStalled:
		return age(r.job.LastByte, a.now) + " still"
	case model.StatusRetrying:
		if at := nextTry(r.job); !at.IsZero() {
			return "in " + model.FormatDuration(max(at.Sub(a.now), 0))
		}
	}
	return ""
}

// speedOrAge is the one column for both: what does not move says how old it is.
func (a *App) speedOrAge(r row) string {
	if text := a.speed(r); text != "" {
		return text
	}
	return age(r.began(), a.now)
}

// nextTry is when the first of the waiting parts is sent again; zero where none waits.
func nextTry(job *model.Job) (first time.Time) {
	for _, p := range job.InFlight {
		if !p.RetryAt.IsZero() && (first.IsZero() || p.RetryAt.Before(first)) {
			first = p.RetryAt
		}
	}
	return first
}

func etaOf(r row) string {
	if r.status != model.StatusUploading {
		return ""
	}
	return model.FormatDuration(r.job.ETA)
}
