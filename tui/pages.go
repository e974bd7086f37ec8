package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"partway/tui/theme"
)

// page is a text that lies over the view: help, log, raw facts, an error. It is scrolled, and can be searched.
type page struct {
	title string
	// lines draws the text for a width; words are what is searched for, in lower case.
	lines func(a *App, w int, search string) []theme.Line
	picks []choice
	input *field // search; nil where nothing is searched
	at    int

	explains bool // it explains what lies below it
}

func (p *page) scope() scope                 { return inOverlay }
func (p *page) update(*App, tea.Msg) tea.Cmd { return nil }
func (p *page) field() *field                { return p.input }

func (p *page) edited(*App) { p.at = 0 }

func (p *page) move(a *App, how motion) tea.Cmd {
	p.at = max(0, min(p.at+how.lines(a.h-4), p.last(a)))
	return nil
}

// last is how far the text can be scrolled.
func (p *page) last(a *App) int { return max(0, len(p.lines(a, a.w-2, p.search()))-p.room(a.h)) }

func (p *page) room(h int) int {
	if p.input != nil {
		h--
	}
	return max(h-3, 1)
}

func (p *page) search() string {
	if p.input == nil {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(p.input.text()))
}

func (p *page) choices(*App) []choice {
	picks := append([]choice{}, p.picks...)
	if p.input == nil {
		return append(picks, choose("esc", "back", closeTop, "q", "backspace"))
	}
	scroll := func(how motion) func(*App) tea.Cmd { return func(a *App) tea.Cmd { return p.move(a, how) } }
	return append(picks, choose("esc", "back", closeTop), choose("enter", "", closeTop), choose("down", "", scroll(moveDown)),
		choose("up", "", scroll(moveUp)), choose("pgdown", "", scroll(movePageDown)), choose("pgup", "", scroll(movePageUp)))
}

func (p *page) view(a *App, w, h int) []theme.Line {
	all := p.lines(a, w-2, p.search())
	room := p.room(h)
	at := min(p.at, max(0, len(all)-room))
	body := all[at:min(at+room, len(all))]
	var feet []theme.Line
	if p.input != nil {
		feet = append(feet, theme.L(theme.Key, " search: ").Join(p.input.line(w-10)))
	}
	keys := p.choices(a)
	if len(all) > room {
		keys = append(keys, choose("↑ ↓", "scroll", nil))
	}
	return panel(a, w, h, p.title, body, feet, keys, 0)
}

// newHelp is every action of a view with its keys, by groups. What one types searches it.
func newHelp(a *App) *page {
	in := a.base().scope()
	name := map[scope]string{inMain: "the list", inDetail: "one upload", inPicker: "local files"}[in]
	return &page{title: "HELP  " + name, input: newField(40), lines: func(a *App, w int, search string) []theme.Line {
		return a.helpLines(in, w, search)
	}}
}

func (a *App) helpLines(in scope, w int, search string) []theme.Line {
	var blocks [][]theme.Line
	at := map[string]int{} // blocks by group
	for i := range a.actions {
		act := &a.actions[i]
		h := act.binding.Help()
		if act.scope&in == 0 || search != "" && !strings.Contains(strings.ToLower(act.name+" "+h.Key+" "+h.Desc+" "+act.group), search) {
			continue
		}
		if _, begun := at[act.group]; !begun {
			at[act.group] = len(blocks)
			blocks = append(blocks, []theme.Line{theme.L(theme.Strong, act.group)})
		}
		line := theme.L(theme.Text, " ").Add(theme.Key, theme.PadRight(h.Key, 9)).Space(1).Add(theme.Text, h.Desc)
		if h.Key == "" {
			line = theme.L(theme.Text, " ").Add(theme.Key, theme.PadRight(":"+act.name, 9)).Space(1).Add(theme.Text, h.Desc)
		}
		if _, why := a.possible(act); why != "" {
			line = line.Add(theme.Faint, "  - "+why).Dim()
		}
		blocks[at[act.group]] = append(blocks[at[act.group]], line)
	}
	if len(blocks) == 0 {
		return []theme.Line{theme.L(theme.Text, "nothing is called so")}
	}
	lines := inColumns(a.look, blocks, w)
	return append(lines, nil, theme.L(theme.Faint, "Not bound on purpose: d, delete, ~ and ctrl- a b s q p n t g o ] ^ w").Cut(w))
}

// inColumns sets blocks in two columns where there is room for them, as even as they go.
func inColumns(k *look, blocks [][]theme.Line, w int) []theme.Line {
	height := func(blocks [][]theme.Line) (n int) {
		for _, b := range blocks {
			n += len(b) + 1
		}
		return n
	}
	split := len(blocks)
	for k := range blocks {
		if w >= 100 && max(height(blocks[:k]), height(blocks[k:])) < max(height(blocks[:split]), height(blocks[split:])) {
			split = k
		}
	}
	var left, right []theme.Line
	for i, b := range blocks {
		if i < split {
			left = append(append(left, b...), nil)
		} else {
			right = append(append(right, b...), nil)
		}
	}
	half := w / 2
	for i := range right {
		if i >= len(left) {
			left = append(left, nil)
		}
		left[i] = k.within(left[i], half-2).To(half).Join(right[i])
	}
	for len(left) > 0 && len(left[len(left)-1]) == 0 {
		left = left[:len(left)-1]
	}
	return left
}

// newLog is the newest events, the newest first.
func newLog(_ *App) *page {
	return &page{title: "LOG", input: newField(60), lines: func(a *App, w int, search string) []theme.Line {
		var lines []theme.Line
		for i := len(a.snap.Events) - 1; i >= 0; i-- {
			line := a.eventLine(a.snap.Events[i])
			if code := a.snap.Events[i].Code; code != "" {
				line = line.Add(theme.Faint, "  "+clean(code))
			}
			if search == "" || strings.Contains(strings.ToLower(line.String()), search) {
				lines = append(lines, line)
			}
		}
		if len(lines) == 0 {
			return []theme.Line{theme.L(theme.Faint, "nothing happened yet")}
		}
		return lines
	}}
}
