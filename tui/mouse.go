package tui

import (
	tea "charm.land/bubbletea/v2"
)

// wheelLines is how many lines a step of the wheel moves.
const wheelLines = 3

func (a *App) onWheel(msg tea.MouseWheelMsg) tea.Cmd {
	how := moveDown
	switch msg.Button {
	case tea.MouseWheelUp:
		how = moveUp
	case tea.MouseWheelDown:
	default:
		return nil
	}
	s, is := a.top().(mover)
	if !is {
		return nil
	}
	hold := a.touch()
	for range wheelLines {
		if cmd := s.move(a, how); cmd != nil {
			return tea.Batch(hold, cmd)
		}
	}
	return hold
}

// onClick moves the cursor to a row; a click on the row under the cursor opens it, as does a double click. A heading folds its
// section, a word of the footer does what it says. Over a dialog nothing is clicked: it is there to be read.
func (a *App) onClick(msg tea.MouseClickMsg) tea.Cmd {
	if _, over := a.top().(overlay); over || msg.Button != tea.MouseLeft {
		return nil
	}
	hold := a.touch()
	a.note = note{}
	if msg.Y == a.h-1 {
		_, items := a.footer(a.base().scope(), a.w)
		for _, item := range items {
			if msg.X >= item.from && msg.X < item.to {
				return tea.Batch(hold, a.perform(item.act))
			}
		}
		return hold
	}
	if p, is := a.base().(*pickerScreen); is {
		return tea.Batch(hold, p.click(a, msg.X, msg.Y))
	}
	if a.detail() != nil {
		return hold
	}
	return tea.Batch(hold, a.main.click(a, msg.X, msg.Y))
}

func (m *mainScreen) click(a *App, x, y int) tea.Cmd {
	l := m.layout(a.w, a.h-1)
	top := l.header
	if l.titles {
		top++
	}
	from, to := m.list.cursor.Window(l.list)
	at := from + y - top
	if y < top || at >= min(to, len(m.list.entries)) || x >= l.w {
		return nil
	}
	if e := m.list.entries[at]; e.kind == entryTitle {
		m.list.folded[e.section] = !m.list.folded[e.section]
		m.list.arrange(false)
		return nil
	}
	if at == m.list.cursor.Cursor() {
		return a.perform(a.named("open"))
	}
	m.list.cursor.To(at)
	return nil
}
