package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui/pick"
	"partway/tui/theme"
)

// optionsForm edits the options of what a picker queues. It holds whatever was typed, and says what is wrong with it while it is
// typed; only what is right can be accepted.
type optionsForm struct {
	p     *pickerScreen
	texts pick.Texts // of the lines that are chosen, not typed
	lines []formLine
	at    int
	wrong pick.Errors
	plan  *pick.Plan // of the marked files with these options, made on a sample of them
}

// formLine is a line of the form: typed text, or one of some words.
type formLine struct {
	label string
	help  string
	input *field
	error func(*pick.Errors) *string

	word  func(*pick.Texts) *string
	words []string // to choose from
	yes   func(*pick.Texts) *bool
	shown [2]string // words of yes and no
}

func newOptionsForm(p *pickerScreen) *optionsForm {
	if f := p.form; f != nil { // left with esc: what was typed is still there
		f.check()
		return f
	}
	f := &optionsForm{p: p}
	f.fill(p.options.Text())
	return f
}

// fill makes the lines for options.
func (f *optionsForm) fill(t pick.Texts) {
	f.texts = t
	typed := func(label, help string, limit int, word func(*pick.Texts) *string, wrong func(*pick.Errors) *string) formLine {
		in := newField(limit)
		in.set(*word(&t))
		return formLine{label: label, help: help, input: in, word: word, error: wrong}
	}
	chosen := func(label, help string, words []string, word func(*pick.Texts) *string) formLine {
		return formLine{label: label, help: help, words: words, word: word}
	}
	either := func(label, help, yes, no string, which func(*pick.Texts) *bool) formLine {
		return formLine{label: label, help: help, yes: which, shown: [2]string{yes, no}}
	}
	f.lines = []formLine{
		typed("key prefix", "what every key begins with; a folder ends in /", model.MaxKeyBytes, func(t *pick.Texts) *string { return &t.Prefix }, func(e *pick.Errors) *string { return &e.Prefix }),
		either("keep folders", "of a marked folder: its name and the folders inside become part of the keys", "kept", "flat", func(t *pick.Texts) *bool { return &t.Keep }),
		typed("part size", "auto, or as in 32M: 100 KiB to 5 GiB, at most 10000 parts a file", 32, func(t *pick.Texts) *string { return &t.PartSize }, func(e *pick.Errors) *string { return &e.PartSize }),
		typed("at once", "parts of one file at once; auto: as many as help", 8, func(t *pick.Texts) *string { return &t.Parts }, func(e *pick.Errors) *string { return &e.Parts }),
		typed("limit", "of all uploads together, as in 20M; off for none", 32, func(t *pick.Texts) *string { return &t.Limit }, func(e *pick.Errors) *string { return &e.Limit }),
		chosen("storage class", "fixed for ever when the upload begins", pick.StorageClasses(), func(t *pick.Texts) *string { return &t.StorageClass }),
		chosen("acl", "who may read the object; inherit: as the bucket says", pick.ACLs(), func(t *pick.Texts) *string { return &t.ACL }),
		typed("content type", "empty: by the name", 200, func(t *pick.Texts) *string { return &t.ContentType }, func(e *pick.Errors) *string { return &e.ContentType }),
		chosen("if exists", "where an object of the key is there before Complete", pick.IfExistsRules(), func(t *pick.Texts) *string { return &t.IfExists }),
		typed("metadata", "name=value, more behind a blank; quotes as in a shell", 9000, func(t *pick.Texts) *string { return &t.Metadata }, func(e *pick.Errors) *string { return &e.Metadata }),
		typed("tags", "name=value, at most ten; quotes as in a shell", 5000, func(t *pick.Texts) *string { return &t.Tags }, func(e *pick.Errors) *string { return &e.Tags }),
		either("MD5 of parts", "the server refuses a part that was damaged on its way; CRC-64 at the end is always checked", "sent", "not sent", func(t *pick.Texts) *bool { return &t.MD5 }),
		either("start", "paused: they enter the queue and wait for r", "paused", "now", func(t *pick.Texts) *bool { return &t.Paused }),
	}
	f.check()
}

func (f *optionsForm) scope() scope                 { return inOverlay }
func (f *optionsForm) update(*App, tea.Msg) tea.Cmd { return nil }
func (f *optionsForm) field() *field                { return f.lines[f.at].input }
func (f *optionsForm) edited(*App)                  { f.check() }

func (f *optionsForm) move(_ *App, how motion) tea.Cmd {
	f.step(how.lines(len(f.lines)))
	return nil
}

func (f *optionsForm) step(n int) { f.at = min(max(f.at+n, 0), len(f.lines)-1) }

// read gathers what the form says now.
func (f *optionsForm) read() pick.Texts {
	t := f.texts
	for _, l := range f.lines {
		if l.input != nil {
			*l.word(&t) = l.input.text()
		}
	}
	return t
}

// sample is how many of the marked files a form plans at each key: enough to show what changes.
const sample = 2000

func (f *optionsForm) check() {
	var files []pick.File
	largest := int64(0)
	for _, m := range f.p.sel.Marks() {
		for _, file := range m.Files {
			largest = max(largest, file.Size)
		}
		files = append(files, m.Files[:min(len(m.Files), max(sample-len(files), 0))]...)
	}
	var options pick.Options
	options, f.wrong = f.read().Options(largest)
	f.plan = nil
	if len(files) > 0 && !f.wrong.Any() {
		f.plan = pick.Make(files, options, f.p.world)
	}
}

func (f *optionsForm) choices(*App) []choice {
	step := func(n int) func(*App) tea.Cmd {
		return func(*App) tea.Cmd { f.step(n); return nil }
	}
	picks := []choice{
		choose("enter", "accept", f.accept),
		choose("tab", "next", step(1), "down"),
		choose("shift+tab", "", step(-1), "up"),
	}
	if f.lines[f.at].input == nil {
		turn := func(n int) func(*App) tea.Cmd {
			return func(*App) tea.Cmd { f.turn(n); return nil }
		}
		picks = append(picks, choose("h l", "change", turn(1), "l", "right", "space"), choose("h", "", turn(-1), "left"),
			choose("u", "all back to the defaults", func(*App) tea.Cmd {
				at := f.at
				f.fill(pick.Options{}.Text())
				f.at = at
				return nil
			}))
	}
	return append(picks, choose("esc", "back (kept, not in force)", func(a *App) tea.Cmd {
		f.p.form = f
		a.pop()
		return nil
	}))
}

// turn changes a line that is chosen.
func (f *optionsForm) turn(n int) {
	line := f.lines[f.at]
	if line.yes != nil {
		to := line.yes(&f.texts)
		*to = !*to
	} else {
		to := line.word(&f.texts)
		i := slices.Index(line.words, *to)
		*to = line.words[(i+n+len(line.words))%len(line.words)]
	}
	f.check()
}

// accept takes the options, or goes to the first line that is wrong.
func (f *optionsForm) accept(a *App) tea.Cmd {
	f.check()
	for i, line := range f.lines {
		if line.error != nil && *line.error(&f.wrong) != "" {
			f.at = i
			a.say(warnNote, line.label+" has to be mended first")
			return nil
		}
	}
	f.p.form = nil
	f.p.options, _ = f.read().Options(0)
	a.pop()
	return f.p.replan(a)
}

const formLabel = 16

func (f *optionsForm) view(a *App, w, h int) []theme.Line {
	var body []theme.Line
	for i := range f.lines {
		body = append(body, f.line(a, i, w-2))
	}
	feet := []theme.Line{theme.L(theme.Faint, "  "+f.lines[f.at].help).Cut(w)}
	if wrong := f.lines[f.at].error; wrong != nil && *wrong(&f.wrong) != "" {
		feet = nil // what would be right comes last in the text, so all of it is shown
		for _, s := range wrap(clean(*wrong(&f.wrong)), w-4) {
			feet = append(feet, theme.L(theme.Warn, "  "+s))
		}
	}
	if f.plan != nil {
		feet = append(feet, theme.L(theme.Text, "  "+f.effect(a, w-4)).Cut(w))
	}
	if a.note.text != "" {
		feet = append(feet, theme.L(theme.Warn, " "+a.note.text).Cut(w))
	}
	// The line that is edited stays in sight on the smallest screen.
	room := max(h-len(feet)-3, 1)
	scrolled := min(max(f.at-room+1, 0), max(len(body)-room, 0))
	title := "OPTIONS"
	if files, _, _, _ := f.p.sel.Totals(); files > 0 {
		title += " for " + count(files, "file")
	}
	return panel(a, w, h, title, body, feet, f.choices(a), scrolled)
}

func (f *optionsForm) line(a *App, i, w int) theme.Line {
	l := f.lines[i]
	here := i == f.at
	label := theme.L(theme.Text, gutter(here, false)).Add(theme.Faint, theme.PadRight(l.label, formLabel))
	if here {
		label = theme.L(theme.Strong, gutter(true, false)+theme.PadRight(l.label, formLabel))
	}
	switch {
	case l.input != nil:
		wrong := clean(*l.error(&f.wrong))
		room := max(w-label.Width()-2, 8)
		if wrong != "" {
			room = max(min(theme.Width(l.input.text())+2, room/2), 12)
		}
		text := theme.L(theme.Text, a.look.cut(l.input.text(), room))
		if here {
			text = l.input.line(room)
		}
		line := label.Add(theme.Text, "[").Join(text).To(label.Width()+1+room).Add(theme.Text, "]")
		if wrong != "" {
			line = line.Add(theme.Bad, " ! ").Add(theme.Warn, wrong)
		}
		return line.Cut(w)
	case l.yes != nil:
		yes := *l.yes(&f.texts)
		return label.Join(oneOf(l.shown[0], yes)).Space(1).Join(oneOf(l.shown[1], !yes)).Cut(w)
	}
	chosen := *l.word(&f.texts)
	line := label
	for _, word := range l.words {
		line = line.Join(oneOf(word, word == chosen)).Space(1)
	}
	if line.Width() > w+1 { // the chosen one must be seen
		line = label.Join(oneOf(chosen, true)).Add(theme.Faint, fmt.Sprintf("  %d of %d", slices.Index(l.words, chosen)+1, len(l.words)))
	}
	return line.Cut(w)
}

// oneOf is a word of a choice; the chosen one is in parentheses.
func oneOf(word string, chosen bool) theme.Line {
	if chosen {
		return theme.L(theme.Strong, "("+word+")")
	}
	return theme.L(theme.Faint, " "+word+" ")
}

// effect says what the options make of the marked files.
func (f *optionsForm) effect(a *App, w int) string {
	collide := 0
	for _, c := range f.plan.Asks() {
		collide += len(f.plan.Group(c))
	}
	text := count(len(f.plan.Items), "key")
	if len(f.plan.Items) >= sample {
		text = "the first " + text
	}
	if collide > 0 {
		text += ", " + number(collide) + " collide"
	}
	text += ", " + count(f.plan.Parts, "part")
	if len(f.plan.Items) > 0 {
		first := f.plan.Items[0].Key
		text += "; first " + a.look.middle(first, max(w-theme.Width(text)-8, 12))
	}
	return text
}
