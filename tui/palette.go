package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui/theme"
)

// palette is the command line of the program: every action by its name, and some with an argument.
type palette struct {
	input *field
	at    int // of the suggestions
	err   string
}

const paletteLines = 8

func newPalette(*App) *palette { return &palette{input: newField(400)} }

func (p *palette) scope() scope                 { return inOverlay }
func (p *palette) update(*App, tea.Msg) tea.Cmd { return nil }
func (p *palette) field() *field                { return p.input }
func (p *palette) edited(*App)                  { p.at, p.err = 0, "" }

// suggestion is a command that the text could become.
type suggestion struct {
	text string // what tab makes of the line
	keys string
	help string
}

const importHelp = "import DIR: checkpoints of ossutil and the SDK in a folder"

// verbs are the commands that take an argument, in a view. Over the local files they act on these, never on the list behind.
func verbs(in scope) []suggestion {
	if in == inPicker {
		return []suggestion{{"filter ", "/", "filter TEXT: show the files that match"}, {"import ", "C", importHelp}, {"sort ", "o", "sort name, size, time"}}
	}
	return []suggestion{
		{"abort ", "X", "abort FILTER: free the parts of unfinished uploads (asks)"},
		{"filter ", "/", "filter TEXT: show what matches"},
		{"limit ", "t", "limit 20M, limit off"},
		{"sort ", "o", "sort age, size, name, progress, speed, idle, queue"},
		{"import ", "C", importHelp},
		{"lens ", "1-5", "lens 1 to 5: which rows are shown"},
		{"clear done", "", "take finished uploads off the list"},
	}
}

func (p *palette) suggestions(a *App) (found []suggestion) {
	text := strings.ToLower(p.input.text())
	in := a.base().scope()
	for _, v := range verbs(in) {
		if strings.HasPrefix(v.text, text) || strings.HasPrefix(text, v.text) {
			found = append(found, v)
		}
	}
	for i := range a.actions {
		act := &a.actions[i]
		if h := act.binding.Help(); act.scope&in != 0 && act.group != groupMove && strings.HasPrefix(act.name, text) {
			found = append(found, suggestion{act.name, h.Key, h.Desc})
		}
	}
	return found
}

func (p *palette) choices(a *App) []choice {
	step := func(n int) func(*App) tea.Cmd {
		return func(a *App) tea.Cmd {
			p.at = min(max(p.at+n, 0), max(len(p.suggestions(a))-1, 0))
			return nil
		}
	}
	return []choice{
		choose("enter", "run", p.run),
		choose("tab", "complete", func(a *App) tea.Cmd {
			if s := p.suggestions(a); p.at < len(s) && len(s[p.at].text) > len(p.input.text()) {
				p.input.set(s[p.at].text)
			}
			return nil
		}),
		choose("up", "", step(-1)), choose("down", "", step(1)),
		choose("esc", "back", closeTop),
	}
}

// run does what the line says. A line that is the beginning of one command only is taken for it.
func (p *palette) run(a *App) tea.Cmd {
	verb, rest, _ := strings.Cut(strings.TrimSpace(p.input.text()), " ")
	rest = strings.TrimSpace(rest)
	cmd, err := a.command(verb, rest)
	if err != nil {
		p.err = clean(err.Error())
		return nil
	}
	return cmd
}

// command runs a line of the palette; it closes the palette if the line can be run.
func (a *App) command(verb, rest string) (tea.Cmd, error) {
	p := a.picker()
	switch {
	case verb == "":
		a.pop()
		return nil, nil
	case verb == "import" && rest != "":
		return a.importNamed(rest)
	case p != nil && verb == "filter":
		a.pop()
		p.setFilter(rest)
		return nil, nil
	case p != nil && verb == "sort" && rest != "":
		return nil, a.sortFiles(p, rest)
	case p != nil:
		return a.byName(verb)
	case verb == "filter":
		f, err := model.ParseFilter(rest)
		if err != nil {
			return nil, err
		}
		a.pop()
		a.main.list.setFilter(rest, f)
		return nil, nil
	case verb == "limit" && rest != "":
		if a.o.ReadOnly {
			return nil, fmt.Errorf("limit: %s", readOnlyReason)
		}
		cmd, err := a.limitFrom(rest)
		if err == nil {
			a.pop()
		}
		return cmd, err
	case verb == "sort" && rest != "":
		return nil, a.sortByName(rest)
	case verb == "lens":
		n, err := strconv.Atoi(rest)
		if err != nil || n < 1 || n > 5 {
			return nil, fmt.Errorf("lens takes a number from 1 to 5")
		}
		a.pop()
		a.main.list.setLens(lens(n))
		return nil, nil
	case verb == "clear" && rest == "done":
		a.pop()
		return a.do(request{commands: []model.Command{model.ClearFinished{}}, said: "took finished uploads off the list; the history keeps them"}), nil
	case verb == "abort" && rest != "":
		return a.abortMatching(rest)
	}
	return a.byName(verb)
}

// importNamed reads the checkpoints of a folder that was typed.
func (a *App) importNamed(text string) (tea.Cmd, error) {
	if why := canImport(a); why != "" {
		return nil, fmt.Errorf("import: %s", why)
	}
	from := a.o.Files.Working()
	if p := a.picker(); p != nil {
		from = p.folder
	}
	a.pop()
	return a.importFrom(expand(text, from, a.o.Files.Home())), nil
}

// byName runs an action of the view.
func (a *App) byName(verb string) (tea.Cmd, error) {
	act := a.named(verb)
	if act == nil || act.scope&a.base().scope() == 0 {
		return nil, fmt.Errorf("there is no command %q here; tab completes, esc goes back", verb)
	}
	a.pop()
	return a.perform(act), nil
}

func (a *App) sortByName(name string) error {
	for _, o := range sortOrders() {
		if o.name == name {
			a.pop()
			a.main.list.sort, a.main.list.reverse = o.by, false
			a.main.list.arrange(false)
			return nil
		}
	}
	return fmt.Errorf("there is no order %q: age, size, name, progress, speed, idle or queue", name)
}

func (a *App) sortFiles(p *pickerScreen, name string) error {
	for by := byName; by <= byTime; by++ {
		if by.String() == name {
			a.pop()
			p.sort, p.reverse = by, false
			p.arrange()
			return nil
		}
	}
	return fmt.Errorf("there is no order %q: name, size or time", name)
}

// abortMatching asks about the abort of all that a filter matches. It is always typed: nobody pointed at these rows.
func (a *App) abortMatching(text string) (tea.Cmd, error) {
	act := a.named("abort")
	if a.o.ReadOnly {
		return nil, fmt.Errorf("abort: %s", readOnlyReason)
	}
	f, err := model.ParseFilter(text)
	if err != nil {
		return nil, err
	}
	var t target
	for _, r := range slices.Concat(a.main.list.jobs, a.main.list.left) {
		if f.Match(r.subject(a.now)) {
			t.rows = append(t.rows, r)
		}
	}
	t, why := t.only(func(r row) string { return act.row(a, r) })
	if len(t.rows) == 0 {
		if why == "" {
			why = "nothing matches " + text
		}
		return nil, fmt.Errorf("abort: %s", why)
	}
	a.pop()
	d := newAbortMany(a, t)
	d.filter = text
	a.push(d)
	return nil, nil
}

func (p *palette) view(a *App, w, h int) []theme.Line {
	lines := []theme.Line{theme.L(theme.Key, ": ").Join(p.input.line(w - 2)), nil}
	found := p.suggestions(a)
	from := min(max(p.at-paletteLines/2, 0), max(len(found)-paletteLines, 0))
	for i := from; i < min(from+paletteLines, len(found)); i++ {
		s := found[i]
		line := theme.L(theme.Text, gutter(i == p.at, false)).Add(theme.Text, theme.PadRight(s.text, 18)).Space(1).
			Add(theme.Key, theme.PadRight(s.keys, 8)).Space(1).Add(theme.Text, s.help)
		if i == p.at {
			line = line.Reversed(w - 1)
		}
		lines = append(lines, line)
	}
	var feet []theme.Line
	if p.err != "" {
		feet = append(feet, theme.L(theme.Warn, " "+theme.L(theme.Text, p.err).Cut(w-2).String()))
	}
	return panel(a, w, h, "COMMAND", lines, feet, p.choices(a), 0)
}
