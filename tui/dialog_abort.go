package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/model/safe"
	"partway/tui/theme"
)

// largeHeld is the number of bytes from which on an abort is typed even if it is of one upload.
const largeHeld = 100 * model.GiB

// neverAbort is why an abort cannot be undone.
const neverAbort = "the parts are deleted"

func abort(a *App, t target) tea.Cmd { return a.withHidden(t, abortDialog) }

// withHidden goes on to a dialog, or asks first what is meant where some of the marked rows are not shown: what one does not see
// is not destroyed by a key that was meant for what one sees.
func (a *App) withHidden(t target, next func(*App, target) tea.Cmd) tea.Cmd {
	if !t.marked || t.hidden == 0 {
		return next(a, t)
	}
	d := &dialog{title: fmt.Sprintf("%d OF %d MARKED ARE HIDDEN BY THE FILTER", t.hidden, t.hidden+len(a.main.list.visible(t).rows)),
		body: func(_ *App, w int) []theme.Line {
			return sentences(w, [2]string{"why", "Marks stay when the filter or the view changes. This acts on uploads that are not on the screen."})
		}}
	d.pick("s", "shown only", func(a *App) tea.Cmd {
		if shown := a.main.list.visible(t); len(shown.rows) > 0 {
			return next(a, shown)
		}
		a.say(warnNote, "none of them is shown")
		return nil
	})
	d.pick("h", "all of them", func(a *App) tea.Cmd { return next(a, target{rows: t.rows, marked: true, left: t.left}) })
	a.push(d)
	return nil
}

// abortDialog asks in the form that fits the risk.
func abortDialog(a *App, t target) tea.Cmd {
	if len(t.rows) == 1 {
		a.push(abortOne(a, t.rows[0]))
	} else {
		a.push(newAbortMany(a, t))
	}
	return nil
}

// danger says why an abort of one upload has to be typed, or "".
func (a *App) danger(r row) string {
	held, known := r.held()
	switch {
	case r.job == nil && !known:
		return "It is not known when its last part arrived (m reads it). Somebody may still be sending to it."
	case r.job == nil && a.alive(r):
		return "Somebody is still sending to this upload. Aborting breaks their job, and parts they send meanwhile can survive: " +
			"the abort is repeated until the part list is empty, at most 5 times, and you are told the result."
	case a.o.Protect:
		return "This profile is protected: every abort is typed."
	case held > largeHeld:
		return "It holds more than " + model.FormatSize(largeHeld) + "."
	}
	return ""
}

// alive reports whether a part arrived a moment ago.
func (a *App) alive(r row) bool {
	return r.job == nil && slices.Contains(r.verdicts(a.now, a.o.Judge), model.VerdictAlive)
}

func abortOne(a *App, r row) *dialog {
	danger := a.danger(r)
	now := a.now // frozen with the row
	d := &dialog{title: "ABORT 1 UPLOAD"}
	d.body = func(a *App, w int) []theme.Line { return abortBody(a, r, now, danger, w) }
	run := func(a *App) tea.Cmd { return sendAbort(a, []row{r}) }
	if danger != "" {
		d.word, d.prompt, d.yes = "abort", "This cannot be undone. Type abort, then enter:", run
		if r.job == nil && a.watching(r.ref()) == nil {
			d.pick("tab", "watch it instead", func(a *App) tea.Cmd { return watch(a, target{rows: []row{r}}) })
		}
		return d
	}
	d.pick("y", "abort", run)
	if r.job != nil && canPause(a, r) == "" {
		d.pick("p", "pause instead", func(a *App) tea.Cmd { return pause(a, target{rows: []row{r}}) })
	}
	return d
}

func abortBody(a *App, r row, now time.Time, danger string, w int) []theme.Line {
	from := "here"
	if r.job == nil {
		from = "elsewhere"
	}
	lines := []theme.Line{
		theme.L(theme.Strong, a.look.middle(r.ref().Key, w-36)).Add(theme.Faint, "  upload ").Add(theme.Text, a.look.shortID(r.ref().UploadID)),
		theme.L(theme.Faint, "begun ").Add(theme.Text, ago(r.began(), now)+" "+from), nil,
	}
	held, known := r.held()
	parts, _ := r.parts()
	deletes := fmt.Sprintf("%s, %s, from the bucket. This cannot be undone.", count(parts, "part"), model.FormatSize(held))
	if !known {
		deletes = "its parts from the bucket; how many is not known. This cannot be undone."
	}
	if r.job == nil {
		writers := "unknown source, " + lastPartWords(r.left, now)
		if !known {
			writers = "unknown source, last part not known"
		}
		lines = append(lines, sentences(w, [2]string{"deletes", deletes}, [2]string{"writers", writers},
			[2]string{"then", "whoever began it has to send everything again"})...)
	} else {
		lines = append(lines, sentences(w, ours(a, r, deletes, now, w)...)...)
	}
	if danger != "" {
		lines = append(lines, nil)
		for _, s := range wrap("! "+danger, w) {
			lines = append(lines, theme.L(theme.Warn, s))
		}
	}
	return lines
}

// ours is what a person should know before an upload of this machine is aborted.
func ours(a *App, r row, deletes string, now time.Time, w int) [][2]string {
	if r.streams() {
		return [][2]string{{"deletes", deletes}, {"then", "its bytes came from a pipe and cannot be read again: whoever made them has to make them anew"},
			{"writers", ourWriters(r, now)}}
	}
	pairs := [][2]string{{"deletes", deletes}}
	if r.job.Source.Path != "" {
		pairs = append(pairs, [2]string{"keeps", fmt.Sprintf("the local file %s (%s)", a.look.middle(r.job.Source.Path, w/2), model.FormatSize(r.job.Source.Size))},
			[2]string{"then", again(r.job)})
	}
	pairs = append(pairs, [2]string{"writers", ourWriters(r, now)})
	if canPause(a, r) == "" {
		pairs = append(pairs, [2]string{"instead", "p pause keeps the parts for later"})
	}
	return pairs
}

// again says what it costs to begin anew.
func again(job *model.Job) string {
	text := "starting again means sending " + model.FormatSize(job.Source.Size)
	if job.Average > 0 {
		text += fmt.Sprintf(", about %s at %s", model.FormatDuration(time.Duration(float64(job.Source.Size)/job.Average)*time.Second), model.FormatRate(job.Average))
	}
	return text
}

func ourWriters(r row, now time.Time) string {
	if n := len(r.job.InFlight); n > 0 {
		return fmt.Sprintf("this program: %s in flight, stopped first", count(n, "part"))
	}
	if r.job.LastByte.IsZero() {
		return "none of ours"
	}
	return "none of ours; last byte " + ago(r.job.LastByte, now)
}

// sendAbort asks the engine, one command a place.
func sendAbort(a *App, rows []row) tea.Cmd {
	byPlace := map[model.Place]int{}
	var commands []model.Command
	for _, r := range rows {
		at, known := byPlace[r.place]
		if !known {
			at = len(commands)
			byPlace[r.place] = at
			commands = append(commands, model.Abort{Place: r.place})
		}
		c := commands[at].(model.Abort)
		if r.job != nil {
			c.Jobs = append(c.Jobs, r.job.ID)
		} else {
			c.Refs = append(c.Refs, r.ref())
		}
		commands[at] = c
	}
	for _, r := range rows { // their work is given up, so the marks are used up
		delete(a.main.list.marks, r.id)
	}
	return a.do(request{commands: commands, said: "aborting " + a.names(rows), undo: &undoStep{label: "aborting " + a.names(rows), never: neverAbort}})
}

// abortMany asks for the number of uploads to be typed, which cannot be done without reading it. Its list can be read and made
// shorter; the number to type is then another one.
type abortMany struct {
	dialog
	rows   []row // frozen
	out    map[rowID]bool
	at     int
	filter string
	now    time.Time
	alive  map[rowID]bool
}

func newAbortMany(a *App, t target) *abortMany {
	d := &abortMany{rows: slices.Clone(t.rows), out: map[rowID]bool{}, alive: map[rowID]bool{}, filter: a.main.list.text, now: a.now}
	for _, r := range d.rows {
		if a.alive(r) || r.job != nil && len(r.job.InFlight) > 0 {
			d.alive[r.id] = true
		}
	}
	d.body = d.draw
	d.yes = func(a *App) tea.Cmd { return sendAbort(a, d.kept()) }
	d.recount()
	return d
}

func (d *abortMany) kept() []row {
	kept := make([]row, 0, len(d.rows))
	for _, r := range d.rows {
		if !d.out[r.id] {
			kept = append(kept, r)
		}
	}
	return kept
}

func (d *abortMany) recount() {
	n := len(d.rows) - len(d.out)
	d.title = "ABORT " + strings.ToUpper(count(n, "upload"))
	d.word = fmt.Sprint(n)
	d.prompt = "This cannot be undone. Type the number of uploads to abort:"
}

// choices are keys beside the number that is typed: it has digits only, so letters are free.
func (d *abortMany) choices(a *App) []choice {
	move := func(step int) func(*App) tea.Cmd {
		return func(*App) tea.Cmd { d.at = min(max(d.at+step, 0), len(d.rows)-1); return nil }
	}
	return append([]choice{
		choose("j", "", move(1), "down"), choose("k", "", move(-1), "up"), choose("pgdown", "", move(10), "ctrl+d"), choose("pgup", "", move(-10)),
		choose("space", "takes one out", func(*App) tea.Cmd {
			id := d.rows[d.at].id
			if d.out[id] {
				delete(d.out, id)
			} else if len(d.out) < len(d.rows)-1 {
				d.out[id] = true
			}
			d.recount()
			d.field().set("")
			return nil
		}),
		choose("w", "copies the list (a dry run)", func(a *App) tea.Cmd { return a.copyText("the list", d.list()) }),
	}, d.dialog.choices(a)...)
}

func (d *abortMany) view(a *App, w, h int) []theme.Line {
	foot := theme.L(theme.Strong, " "+d.prompt+" ")
	feet := []theme.Line{nil, foot.Join(d.field().line(w - foot.Width()))}
	if a.note.text != "" {
		feet = append(feet, theme.L(theme.Warn, " "+a.note.text))
	}
	body := d.body(a, w-2)
	if room := h - len(feet) - 3 - len(body); room > 0 {
		body = append(body, d.listed(a, w-2, min(room, 12))...)
	}
	return panel(a, w, h, d.title, body, feet, d.choices(a), 0)
}

// draw is the summary above the list.
func (d *abortMany) draw(a *App, w int) []theme.Line {
	var held int64
	parts, unmeasured, ours, alive := 0, 0, 0, 0
	kept := d.kept()
	oldest, newest := kept[0], kept[0]
	for _, r := range kept {
		n, known := r.held()
		p, _ := r.parts()
		held, parts = held+n, parts+p
		if !known {
			unmeasured++
		}
		if r.job != nil {
			ours++
		}
		if d.alive[r.id] {
			alive++
		}
		if r.began().Before(oldest.began()) {
			oldest = r
		}
		if r.began().After(newest.began()) {
			newest = r
		}
	}
	frees := fmt.Sprintf("%s in %s", model.FormatSize(held), count(parts, "part"))
	if unmeasured > 0 {
		frees = fmt.Sprintf("at least %s; %s not measured", frees, count(unmeasured, "upload"))
	}
	span := func(r row) string { return age(r.began(), d.now) + "  " + a.look.middle(r.ref().Key, w/4) }
	lines := sentences(w, [2]string{"filter", clean(d.filter)}, [2]string{"frees", frees},
		[2]string{"oldest", span(oldest) + "     newest " + span(newest)},
		[2]string{"ours", fmt.Sprintf("%d     unknown source %d     still moving %d", ours, len(kept)-ours, alive)})
	return append(lines, nil)
}

// listed is a window of the list around its cursor.
func (d *abortMany) listed(a *App, w, h int) []theme.Line {
	h = min(h, len(d.rows))
	from := min(max(d.at-h/2, 0), len(d.rows)-h)
	var lines []theme.Line
	for i := from; i < from+h; i++ {
		r := d.rows[i]
		held, known := r.held()
		state := string(r.status)
		if d.out[r.id] {
			state = "kept, not aborted"
		}
		line := theme.L(theme.Text, gutter(i == d.at, false)).Add(theme.Text, theme.PadRight(a.look.middle(r.ref().Key, w/2), w/2)).Space(1).
			Add(theme.Text, theme.PadLeft(bytesOf(held, known), 9)).Space(1).Add(theme.Text, theme.PadLeft(age(r.began(), d.now), 6)).Space(2).Add(theme.Text, state)
		if i == d.at {
			line = line.Reversed(w)
		}
		lines = append(lines, line)
	}
	return lines
}

// list is the uploads as lines of the command line, to be looked through elsewhere.
func (d *abortMany) list() string {
	var b strings.Builder
	for _, r := range d.kept() {
		fmt.Fprintf(&b, "%s --upload-id %s\n", safe.Quote(r.ref().URL()), safe.Quote(r.ref().UploadID))
	}
	return b.String()
}
