package tui

import (
	tea "charm.land/bubbletea/v2"

	"partway/model"
)

// undoStep is something that was done and how it is taken back.
type undoStep struct {
	label    string // cleaned
	commands []model.Command
	// never says why it cannot be taken back, or is empty.
	never string
}

const undoSteps = 50

func (a *App) remember(s undoStep) {
	a.undone = append(a.undone, s)
	if len(a.undone) > undoSteps {
		a.undone = a.undone[len(a.undone)-undoSteps:]
	}
}

func undo(a *App, _ target) tea.Cmd {
	last := a.undone[len(a.undone)-1]
	a.undone = a.undone[:len(a.undone)-1]
	if last.never != "" {
		a.say(warnNote, last.label+" cannot be undone: "+last.never)
		return nil
	}
	return a.do(request{commands: last.commands, said: "undid " + last.label})
}
