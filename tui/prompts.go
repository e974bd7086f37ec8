package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui/theme"
)

// filterBar is the line a filter is typed into; the list follows every key.
type filterBar struct {
	input  *field
	before string // filter to go back to
	err    string // why the text is no filter (yet)
}

func newFilterBar(a *App) *filterBar {
	f := &filterBar{input: newField(400), before: a.main.list.text}
	f.input.set(f.before)
	return f
}

func (f *filterBar) scope() scope                 { return inOverlay }
func (f *filterBar) update(*App, tea.Msg) tea.Cmd { return nil }
func (f *filterBar) field() *field                { return f.input }

func (f *filterBar) choices(*App) []choice {
	return []choice{
		choose("enter", "keep", closeTop),
		choose("esc", "clear", func(a *App) tea.Cmd {
			a.pop()
			a.main.list.setFilter("", model.Filter{})
			return nil
		}),
		choose("down", "", func(a *App) tea.Cmd { return a.main.move(a, moveDown) }),
		choose("up", "", func(a *App) tea.Cmd { return a.main.move(a, moveUp) }),
		choose("pgdown", "", func(a *App) tea.Cmd { return a.main.move(a, movePageDown) }),
		choose("pgup", "", func(a *App) tea.Cmd { return a.main.move(a, movePageUp) }),
	}
}

// edited filters by what is typed so far. While it is no filter, as in the middle of "age>", the last one stands.
func (f *filterBar) edited(a *App) {
	text := strings.TrimSpace(f.input.text())
	parsed, err := model.ParseFilter(text)
	if err != nil {
		f.err = clean(err.Error())
		return
	}
	f.err = ""
	a.main.list.setFilter(text, parsed)
}

func (f *filterBar) view(a *App, w, _ int) []theme.Line {
	line := theme.L(theme.Key, "/ ")
	right := theme.L(theme.Faint, count(a.main.list.shown(), "match")+"   enter keep   esc clear")
	if a.main.list.shown() != 1 {
		right = theme.L(theme.Faint, number(a.main.list.shown())+" match   enter keep   esc clear")
	}
	if f.err != "" {
		right = theme.L(theme.Warn, a.look.cut(f.err, w/2))
	}
	return []theme.Line{line.Join(f.input.line(w-right.Width()-4)).Right(w, right)}
}

// prompt asks for one line of text.
type prompt struct {
	dialog
	take func(*App, string) (tea.Cmd, error)
	err  string
}

func (p *prompt) field() *field { return p.input }

func (p *prompt) confirms() bool       { return false }
func (p *prompt) confirmation() string { return "" }

func (p *prompt) choices(*App) []choice {
	return []choice{
		choose("enter", "take it", func(a *App) tea.Cmd {
			cmd, err := p.take(a, strings.TrimSpace(p.input.text()))
			if err != nil {
				p.err = clean(err.Error())
				return nil
			}
			a.pop()
			return cmd
		}),
		choose("esc", "back", closeTop),
	}
}

func (p *prompt) edited(*App) { p.err = "" }

func (p *prompt) view(a *App, w, h int) []theme.Line {
	ask := theme.L(theme.Strong, " "+p.prompt+" ")
	feet := []theme.Line{ask.Join(p.input.line(w - ask.Width()))}
	if p.err != "" {
		feet = append(feet, theme.L(theme.Warn, " "+theme.L(theme.Text, p.err).Cut(w-2).String()))
	}
	return panel(a, w, h, p.title, p.body(a, w-2), feet, p.choices(a), 0)
}

func newLimitPrompt(a *App) *prompt {
	p := &prompt{take: func(a *App, text string) (tea.Cmd, error) { return a.limitFrom(text) }}
	p.title, p.prompt, p.input = "LIMIT OF ALL UPLOADS TOGETHER", "bytes a second:", newField(40)
	if now := a.snap.Limits.BytesPerSecond; now > 0 {
		p.input.set(strings.TrimSuffix(model.ExactSize(now), " B"))
	}
	p.body = func(a *App, w int) []theme.Line {
		return sentences(w, [2]string{"now", limitWords(a.snap.Limits.BytesPerSecond)}, [2]string{"as in", "20M, 1.5MiB, 500K; off or 0 for none"})
	}
	return p
}

func (a *App) limitFrom(text string) (tea.Cmd, error) {
	if text == "off" || text == "" {
		return a.setLimit(0), nil
	}
	n, err := model.ParseSize(strings.TrimSuffix(text, "/s"))
	if err != nil {
		return nil, err
	}
	return a.setLimit(n), nil
}
