package tui

import (
	tea "charm.land/bubbletea/v2"
)

// viewActions open what lies over a view, and leave.
func viewActions() []action {
	overlay := func(name, keys, text string, make func(*App) screen) action {
		return action{name: name, group: groupOther, scope: inViews | inPicker, binding: help(bind(keys), keys, text),
			run: func(a *App, _ target) tea.Cmd {
				a.push(make(a))
				return nil
			}}
	}
	facts := overlay("facts", "F", "raw facts of the upload", func(a *App) screen { return newFacts(a.target().rows[0]) })
	facts.scope = inViews
	facts.row = func(*App, row) string { return "" }
	acts := append(detailActions(),
		overlay("actions", "x", "everything that can be done here, and why the rest cannot", func(a *App) screen { return newActionMenu(a) }),
		overlay("help", "?", "this help; type to search it", func(a *App) screen { return newHelp(a) }),
		action{name: "explain", group: groupOther, scope: inOverlay, binding: help(bind("?"), "?", "explains the dialog it is pressed in"), run: explain},
		overlay("command", ":", "command line with completion", func(a *App) screen { return newPalette(a) }),
		overlay("log", "L", "log", func(a *App) screen { return newLog(a) }),
		facts,
		simple("mouse", groupOther, inViews|inPicker, []string{"%"}, "%", "mouse on, off (off: the terminal selects text)", func(a *App) {
			a.mouse = !a.mouse
			a.say(plainNote, map[bool]string{true: "mouse on", false: "mouse off: select text as usual"}[a.mouse])
		}),
		action{name: "redraw", group: groupOther, scope: anywhere, binding: help(bind("ctrl+l"), "ctrl-l", "draw the screen anew"),
			run: func(*App, target) tea.Cmd { return tea.ClearScreen }},
		action{name: "suspend", group: groupOther, scope: inViews | inPicker, binding: help(bind("ctrl+z"), "ctrl-z", "suspend; fg comes back"),
			run: func(*App, target) tea.Cmd { return tea.Suspend }},
		action{name: "quit", group: groupOther, scope: inMain, binding: help(bind("q"), "q", "quit (asks if something runs)"), run: quit},
	)
	return acts
}
