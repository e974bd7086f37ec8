package tui

import (
	tea "charm.land/bubbletea/v2"
)

const (
	groupMove  = "MOVE"
	groupMark  = "CHOOSE"
	groupFind  = "FIND"
	groupAct   = "ACT ON THE ROW OR THE MARKS"
	groupQueue = "WHOLE QUEUE"
	groupCopy  = "COPY"
	groupOther = "OTHER"
)

// moveActions move cursors and windows. A screen that cannot be moved ignores them.
func moveActions() []action {
	move := func(name, keys, text string, in scope, m motion, bound ...string) action {
		return action{name: name, group: groupMove, scope: in, binding: help(bind(bound...), keys, text),
			run: func(a *App, _ target) tea.Cmd {
				if s, is := a.top().(mover); is {
					return s.move(a, m)
				}
				return nil
			}}
	}
	return []action{
		move("line-down", "j ↓", "one row down", anywhere, moveDown, "j", "down"),
		move("line-up", "k ↑", "one row up", anywhere, moveUp, "k", "up"),
		move("fold", "h ←", "fold the section; left in the map", inViews, moveLeft, "h", "left"),
		{name: "open", group: groupMove, scope: inMain, binding: help(bind("enter", "l", "right"), "enter", "open the upload, unfold, show all of a section"),
			can: func(a *App) string {
				if a.main.list.at() == nil {
					return "there is no row"
				}
				return ""
			}, run: open},
		move("map-right", "l →", "right in the map", inDetail, moveRight, "l", "right"),
		{name: "cell", group: groupMove, scope: inDetail, binding: help(bind("enter"), "enter", "list the parts of the cell"), run: openCell},
		move("top", "g home", "top", anywhere, moveTop, "g", "home"),
		move("bottom", "G end", "bottom", anywhere, moveBottom, "G", "end"),
		move("half-down", "ctrl-d", "half a page down", anywhere, moveHalfDown, "ctrl+d"),
		move("half-up", "ctrl-u", "half a page up", anywhere, moveHalfUp, "ctrl+u"),
		move("page-down", "pgdn", "a page down", anywhere, movePageDown, "pgdown"),
		move("page-up", "pgup", "a page up", anywhere, movePageUp, "pgup"),
		move("section-next", "]", "next section", inMain, moveNext, "]"),
		move("section-previous", "[", "previous section", inMain, movePrevious, "["),
		move("next-upload", "]", "next upload", inDetail, moveNext, "]"),
		move("previous-upload", "[", "previous upload", inDetail, movePrevious, "["),
		{name: "back", group: groupMove, scope: inDetail | inOverlay, binding: help(bind("esc", "backspace", "q"), "esc", "back"),
			run: func(a *App, _ target) tea.Cmd { return closeTop(a) }},
	}
}

// open shows the upload under the cursor, or what a folded or capped section hides.
func open(a *App, _ target) tea.Cmd {
	e := a.main.list.at()
	switch e.kind {
	case entryTitle:
		s := e.section
		a.main.list.lifted[s] = a.main.list.lifted[s] || !a.main.list.folded[s]
		a.main.list.folded[s] = false
		a.main.list.arrange(false)
		return nil
	case entryMore:
		line := a.main.list.cursor.Cursor()
		a.main.list.lifted[e.section] = true
		a.main.list.arrange(false)
		a.main.list.cursor.To(line)
		return nil
	}
	return a.openUpload(*e.row)
}

func (m *mainScreen) move(a *App, how motion) tea.Cmd {
	l := m.list
	switch how {
	case moveLeft:
		if e := l.at(); e != nil && l.shape.titles && l.lens != lensBucket {
			s := e.section
			l.folded[s] = true
			l.arrange(false)
			l.cursor.Seek(entryID{kind: entryTitle, section: s})
		}
	case moveNext:
		l.moveSection(1)
	case movePrevious:
		l.moveSection(-1)
	case moveTop:
		l.cursor.To(0)
	case moveBottom:
		l.cursor.To(l.cursor.Len() - 1)
	default:
		l.cursor.Move(how.lines(l.shape.height))
	}
	return nil
}
