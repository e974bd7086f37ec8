package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"partway/model"
)

// queueActions act on the queue as a whole, or on a job's place in it.
func queueActions() []action {
	return []action{
		moveJob("down", "J", "move the job one place down", model.MoveDown, model.MoveUp),
		moveJob("up", "K", "move the job one place up", model.MoveUp, model.MoveDown),
		moveJob("first", "<", "move the job to the front", model.MoveFirst, ""),
		moveJob("last", ">", "move the job to the end", model.MoveLast, ""),
		{name: "pause-all", group: groupQueue, scope: inViews, writes: true, binding: help(bind("P"), "P", "pause everything; again: go on"), run: pauseAll},
		{name: "limit", group: groupQueue, scope: inViews, writes: true, binding: help(bind("t"), "t", "limit of the bandwidth"),
			run: func(a *App, _ target) tea.Cmd { a.push(newLimitPrompt(a)); return nil }},
		{name: "limit-slow", group: groupQueue, scope: inViews, writes: true, binding: help(bind("T"), "T", "slow mode on, off"), run: slowMode},
		{name: "refresh", group: groupQueue, scope: inViews, binding: help(bind("R"), "R", "list the bucket again; let the order go"), run: refresh},
		{name: "undo", group: groupQueue, scope: inViews, binding: help(bind("u"), "u", "undo"),
			can: func(a *App) string {
				if len(a.undone) == 0 {
					return "there is nothing to undo"
				}
				return ""
			}, run: undo},
	}
}

func moveJob(name, keys, text string, to, back model.MoveTo) action {
	return action{name: name, group: groupQueue, scope: inMain, writes: true, binding: help(bind(keys), keys, text),
		row: func(_ *App, r row) string {
			if r.job == nil || r.job.Position == 0 {
				return "only a waiting job has a place in the queue"
			}
			return ""
		},
		run: func(a *App, t target) tea.Cmd {
			rows := slices.Clone(t.rows)
			if to == model.MoveDown || to == model.MoveFirst { // the later one first, so that they keep their order among themselves
				slices.Reverse(rows)
			}
			var commands []model.Command
			for _, r := range rows {
				commands = append(commands, model.Move{Job: r.job.ID, To: to})
			}
			step := &undoStep{label: "moving " + a.names(rows), commands: wayBack(t.rows, back)}
			a.main.list.letGo(a)
			return a.do(request{commands: commands, said: "moved " + a.names(rows) + t.leftOut(), undo: step})
		}}
}

// wayBack is the moves that bring jobs back to where they stand, from a step in the direction opposite to one, or from an end of
// the queue: each to the front and then down to its place, in the order of their places.
func wayBack(rows []row, one model.MoveTo) (commands []model.Command) {
	const most = 200 // steps; a place further down than that is as good as the one before it
	for _, r := range rows {
		if one != "" {
			commands = append(commands, model.Move{Job: r.job.ID, To: one})
			continue
		}
		commands = append(commands, model.Move{Job: r.job.ID, To: model.MoveFirst})
		for range min(r.job.Position-1, most) {
			commands = append(commands, model.Move{Job: r.job.ID, To: model.MoveDown})
		}
	}
	if one == model.MoveDown { // undoing a step up: the later one first
		slices.Reverse(commands)
	}
	return commands
}

// letGo lets the order change at the next snapshot: the person asked for a new order.
func (l *listing) letGo(a *App) {
	if len(l.marks) == 0 {
		a.holding = false
	}
}

func pauseAll(a *App, _ target) tea.Cmd {
	busy := false
	for i := range a.snap.Jobs {
		if s := a.snap.Jobs[i].Status; s.Active() || s == model.StatusQueued {
			busy = true
		}
	}
	if busy {
		return a.do(request{commands: []model.Command{model.PauseAll{}}, said: "pausing everything; parts in flight are finished. P goes on",
			undo: &undoStep{label: "pausing everything", commands: []model.Command{model.GoAll{}}}})
	}
	return a.do(request{commands: []model.Command{model.GoAll{}}, said: "going on with everything",
		undo: &undoStep{label: "going on with everything", commands: []model.Command{model.PauseAll{}}}})
}

func slowMode(a *App, _ target) tea.Cmd {
	limit := a.o.SlowLimit
	now := a.snap.Limits.BytesPerSecond
	if now == a.o.SlowLimit {
		limit = a.fastAt
	} else {
		a.fastAt = now
	}
	return a.setLimit(limit)
}

func (a *App) setLimit(bytesPerSecond int64) tea.Cmd {
	before := a.snap.Limits.BytesPerSecond
	return a.do(request{commands: []model.Command{model.SetLimits{BytesPerSecond: &bytesPerSecond}}, said: "limit " + limitWords(bytesPerSecond),
		undo: &undoStep{label: "limit " + limitWords(bytesPerSecond), commands: []model.Command{model.SetLimits{BytesPerSecond: &before}}}})
}

func refresh(a *App, _ target) tea.Cmd {
	a.holding = false
	a.main.list.refresh(a.snap, a.now, false)
	return tea.Batch(a.reloadParts(), a.do(request{commands: []model.Command{model.Refresh{}}, said: "listing the bucket again"}))
}

// onFocus lists the bucket again when somebody comes back to the window, unless it was read a moment ago.
func (a *App) onFocus() tea.Cmd {
	if a.snap.Bucket.Place.Bucket == "" || a.snap.Bucket.State == model.ListReading || a.snap.Bucket.State == model.ListDenied {
		return nil
	}
	return a.do(request{commands: []model.Command{model.Refresh{}}})
}
