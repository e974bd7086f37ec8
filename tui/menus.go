package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"partway/tui/theme"
)

// menu is a list of lines to choose from, by its cursor and enter, or by the key of a line.
type menu struct {
	title string
	head  []theme.Line
	items []menuItem
	at    int
	own   bool // the keys of the items work in the menu
}

type menuItem struct {
	keys string // as shown
	bind []string
	name string
	text string // what it does, or why it is not possible
	why  bool   // text is a reason: the item cannot be chosen
	run  func(*App) tea.Cmd
}

func (m *menu) scope() scope                 { return inOverlay }
func (m *menu) update(*App, tea.Msg) tea.Cmd { return nil }
func (m *menu) field() *field                { return nil }

func (m *menu) move(_ *App, how motion) tea.Cmd {
	m.at = min(max(m.at+how.lines(10), 0), len(m.items)-1)
	return nil
}

// choices: enter runs the line under the cursor, a key its line. Nothing destructive is done by either: such a line opens the
// dialog that asks.
func (m *menu) choices(a *App) []choice {
	picks := []choice{choose("enter", "runs it", func(a *App) tea.Cmd { return m.choose(a, m.at) }), choose("esc", "back", closeTop)}
	if m.own {
		for i, item := range m.items {
			if len(item.bind) > 0 {
				picks = append(picks, choose(item.bind[0], "", func(a *App) tea.Cmd { return m.choose(a, i) }, item.bind[1:]...))
			}
		}
	}
	return picks
}

func (m *menu) choose(a *App, i int) tea.Cmd {
	if i < 0 || i >= len(m.items) {
		return nil
	}
	if m.items[i].why {
		a.say(warnNote, m.items[i].name+": "+m.items[i].text)
		return nil
	}
	a.pop()
	return m.items[i].run(a)
}

func (m *menu) view(a *App, w, h int) []theme.Line {
	room := max(h-3-len(m.head)-2, 1)
	from := min(max(m.at-room/2, 0), max(len(m.items)-room, 0))
	keyWidth, nameWidth := 3, 8
	for _, it := range m.items {
		keyWidth, nameWidth = max(keyWidth, theme.Width(it.keys)), max(nameWidth, theme.Width(it.name))
	}
	body := append([]theme.Line{}, m.head...)
	for i := from; i < min(from+room, len(m.items)); i++ {
		it := m.items[i]
		line := theme.L(theme.Text, gutter(i == m.at, false)).Add(theme.Key, theme.PadRight(it.keys, keyWidth)).Space(2)
		name := theme.PadRight(it.name, nameWidth)
		switch {
		case it.why:
			line = line.Add(theme.Text, name).Add(theme.Faint, " - "+it.text).Dim()
		case w < 80 && it.text != "": // what it does says more than what it is called
			line = line.Add(theme.Text, it.text)
		default:
			line = line.Add(theme.Text, name).Space(3).Add(theme.Text, it.text)
		}
		if i == m.at {
			line = a.look.within(line, w-1).Reversed(w - 1)
		}
		body = append(body, line)
	}
	var feet []theme.Line
	if a.note.text != "" {
		feet = append(feet, theme.L(theme.Warn, " "+a.note.text))
	}
	return panel(a, w, h, m.title, body, feet, []choice{choose("enter", "or the key runs it", nil), choose("esc", "back", nil)}, 0)
}

// newActionMenu lists everything that can be done here, and why the rest cannot.
func newActionMenu(a *App) *menu {
	in := a.base().scope()
	t := a.target()
	m := &menu{title: "WHAT CAN BE DONE HERE", own: true}
	switch {
	case t.marked:
		m.head = []theme.Line{theme.L(theme.Strong, fmt.Sprintf("%d marked (%d hidden)", len(t.rows), t.hidden)), nil}
	case len(t.rows) == 1:
		m.head = []theme.Line{a.rowSentence(t.rows[0]), nil}
	}
	// What acts on the row comes first, and there what is possible before what is not.
	var rank [4][]menuItem
	for i := range a.actions {
		act := &a.actions[i]
		if act.scope&in == 0 || act.group == groupMove || act.group == groupMark || act.name == "actions" {
			continue
		}
		h := act.binding.Help()
		item := menuItem{keys: h.Key, name: act.name, text: h.Desc, run: func(a *App) tea.Cmd { return a.perform(act) }}
		for _, k := range act.binding.Keys() {
			if !strings.Contains(k, " ") && k != "esc" {
				item.bind = append(item.bind, k)
			}
		}
		at := 2
		if act.group == groupAct {
			at = 0
		}
		if _, why := a.possible(act); why != "" {
			item.text, item.why = why, true
			at++
		}
		rank[at] = append(rank[at], item)
	}
	m.items = slices.Concat(rank[0], rank[1], rank[2], rank[3])
	return m
}

// rowSentence is a row in a line: what it is and what is known of it.
func (a *App) rowSentence(r row) theme.Line {
	line := theme.L(theme.Strong, a.look.middle(r.ref().Key, 44)).Add(theme.Text, "   "+string(r.status))
	if n, known := r.parts(); known {
		line = line.Add(theme.Text, ", "+count(n, "part"))
	}
	held, known := r.held()
	line = line.Add(theme.Text, ", "+bytesOf(held, known)+" held")
	if at, known := r.active(); known && !(r.job == nil && r.left.Parts == 0) {
		line = line.Add(theme.Text, ", last part "+ago(at, a.now))
	}
	if v := r.verdicts(a.now, a.o.Judge); len(v) > 0 {
		line = line.Add(theme.Text, ", "+string(v[0]))
	}
	return line
}

func newSortMenu(a *App) *menu {
	m := &menu{title: "SORT BY", own: true}
	for i, o := range sortOrders() {
		if o.by == a.main.list.sort {
			m.at = i
		}
		m.items = append(m.items, menuItem{keys: o.letter, bind: []string{o.letter}, name: o.name, run: func(a *App) tea.Cmd {
			a.main.list.sort, a.main.list.reverse = o.by, false
			a.main.list.arrange(false)
			return nil
		}})
	}
	return m
}
