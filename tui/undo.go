package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"partway/model"
)

// undoStep is something that was done and how it is taken back.
type undoStep struct {
	label    string // cleaned
	commands []model.Command
	// never says why it cannot be taken back, or is empty.
	never string
	// choose makes the commands when the step is taken back, where they hang on what happened since, and says what they do. Nil:
	// commands are the way back.
	choose func(*App) (commands []model.Command, said string)
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
	commands, said := last.commands, "undid "+last.label
	if last.choose != nil {
		if commands, said = last.choose(a); len(commands) == 0 {
			a.say(plainNote, said)
			return nil
		}
	}
	return a.do(request{commands: commands, said: said})
}

// queueingUndone takes files off the queue that nothing was sent of, and pauses those that have begun. A job that waits and has no
// upload id has nothing in the bucket, so that there its abort frees nothing and only forgets it.
func queueingUndone(ids []model.JobID) func(*App) ([]model.Command, string) {
	return func(a *App) (commands []model.Command, said string) {
		queued := make(map[model.JobID]bool, len(ids))
		for _, id := range ids {
			queued[id] = true
		}
		var off, begun []model.JobID
		var place model.Place
		for i := range a.snap.Jobs {
			switch j := &a.snap.Jobs[i]; {
			case !queued[j.ID] || j.Status.Final():
			case j.Ref.UploadID == "" && (j.Status == model.StatusQueued || j.Status == model.StatusPaused):
				off, place = append(off, j.ID), j.Place
			default:
				begun = append(begun, j.ID)
			}
		}
		var did []string
		if len(off) > 0 {
			commands, did = append(commands, model.Abort{Place: place, Jobs: off}), append(did, count(len(off), "file")+" taken off the queue")
		}
		if len(begun) > 0 {
			commands, did = append(commands, model.Pause{Jobs: begun}), append(did, count(len(begun), "upload")+" that had begun paused")
		}
		if len(commands) == 0 {
			return nil, "nothing is left to take off the queue"
		}
		return commands, strings.Join(did, ", ")
	}
}
