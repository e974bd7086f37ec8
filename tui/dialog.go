package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"partway/tui/theme"
)

// dialog asks before something is done. What it will act on is frozen in its functions when it is made. The key that confirms is
// never the key that opened it, and never enter, unless a word was typed; esc is always the way back.
type dialog struct {
	title string // cleaned
	// body draws what will happen, in lines of at most w cells.
	body func(a *App, w int) []theme.Line
	// picks are the ways on, besides esc.
	picks []choice
	// word has to be typed, if it is not empty, and enter then runs yes.
	word   string
	prompt string
	yes    func(*App) tea.Cmd
	input  *field
	// scrolled is how far the body is scrolled where it does not fit.
	scrolled int
}

func (d *dialog) scope() scope                 { return inOverlay }
func (d *dialog) update(*App, tea.Msg) tea.Cmd { return nil }
func (d *dialog) move(_ *App, how motion) tea.Cmd {
	d.scrolled = max(0, d.scrolled+how.lines(8))
	return nil
}

// confirms reports whether a word has to be typed here.
func (d *dialog) confirms() bool { return d.word != "" }

// confirmation is the word that has to be typed, or "".
func (d *dialog) confirmation() string { return d.word }

func (d *dialog) field() *field {
	if d.word == "" {
		return nil
	}
	if d.input == nil {
		d.input = newField(80)
	}
	return d.input
}

func (d *dialog) choices(*App) []choice {
	picks := append([]choice{}, d.picks...)
	if d.word != "" {
		picks = append(picks, choose("enter", "go on", func(a *App) tea.Cmd {
			if strings.TrimSpace(d.field().text()) != d.word {
				a.say(warnNote, "type "+d.word+" in full, then enter")
				return nil
			}
			return d.finish(a, d.yes)
		}))
		return append(picks, choose("esc", "back", closeTop))
	}
	return append(picks, choose("esc", "back", closeTop, "n", "q", "backspace"))
}

// finish closes the dialog and does what was chosen.
func (d *dialog) finish(a *App, run func(*App) tea.Cmd) tea.Cmd {
	a.pop()
	return run(a)
}

// pick adds a way on that closes the dialog.
func (d *dialog) pick(keys, text string, run func(*App) tea.Cmd) {
	d.picks = append(d.picks, choose(keys, text, func(a *App) tea.Cmd { return d.finish(a, run) }))
}

func (d *dialog) view(a *App, w, h int) []theme.Line {
	var foot []theme.Line
	if d.word != "" {
		ask := theme.L(theme.Strong, " "+d.prompt+" ")
		foot = append(foot, nil, ask.Join(d.field().line(w-ask.Width())))
	}
	if a.note.text != "" {
		foot = append(foot, theme.L(theme.Warn, " "+a.note.text))
	}
	return panel(a, w, h, d.title, d.body(a, w-2), foot, d.choices(a), d.scrolled)
}

// panel draws an overlay at the lower edge: a rule with the title, the body, what belongs below it, and the keys. Where the
// screen is too small the body gives way, since what will happen can be scrolled but the way out must be seen.
func panel(a *App, w, h int, title string, body, foot []theme.Line, keys []choice, scrolled int) []theme.Line {
	room := max(h-len(foot)-3, 1)
	cut := len(body) > room
	if cut {
		scrolled = min(scrolled, len(body)-room)
		body = body[scrolled : scrolled+room]
	}
	lines := []theme.Line{theme.L(theme.Strong, a.look.glyphs.Ruler(theme.L(theme.Text, title).Cut(w-6).String(), w))}
	for _, l := range body {
		lines = append(lines, theme.L(theme.Text, " ").Join(l))
	}
	lines = append(lines, foot...)
	lines = append(lines, theme.L(theme.Faint, a.look.glyphs.Ruler("", w)))
	var line theme.Line
	for _, c := range keys {
		hint := c.binding.Help()
		if hint.Desc == "" {
			continue
		}
		line = line.Add(theme.Key, hint.Key).Add(theme.Text, " "+hint.Desc).Space(3)
	}
	if cut {
		line = line.Add(theme.Key, "j k").Add(theme.Text, " scroll")
	}
	return append(lines, line)
}

// sentences draws labelled sentences, wrapped under their labels.
func sentences(w int, pairs ...[2]string) []theme.Line {
	const label = 10
	var lines []theme.Line
	for _, p := range pairs {
		if p[1] == "" {
			continue
		}
		for i, text := range wrap(p[1], max(w-label, 10)) {
			head := ""
			if i == 0 {
				head = p[0]
			}
			lines = append(lines, labelled(head, label, theme.Text, text))
		}
	}
	return lines
}
