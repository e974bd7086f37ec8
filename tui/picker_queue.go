package tui

import (
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui/pick"
	"partway/tui/theme"
)

// planMsg brings a plan of the marked files.
type planMsg struct {
	number int
	plan   *pick.Plan
	world  pick.World
}

// replan plans the marked files anew, in the background: there can be many thousands. One plan at a time is made; what changes
// meanwhile is taken up by the next.
func (p *pickerScreen) replan(a *App) tea.Cmd {
	if p.planning.cancel != nil {
		p.stale = true
		return nil
	}
	p.stale = false
	if p.sel.Len() == 0 {
		p.plan, p.queueing = nil, false
		return nil
	}
	ctx := p.planning.ask(a)
	number, options, world, now := p.planning.number, p.options, p.worldNow(a), a.o.Now
	// The slices only grow behind what is captured here, so they may be read while a count goes on.
	parts := p.sel.Slices()
	return func() tea.Msg {
		n := 0
		for _, part := range parts {
			n += len(part)
		}
		files := make([]pick.File, 0, n)
		for _, part := range parts {
			files = append(files, part...)
		}
		if ctx.Err() != nil {
			return nil
		}
		world.Now = now()
		return planMsg{number, pick.Make(files, options, world), world}
	}
}

// replanGrown plans again while a count goes on, each time there is twice as much as before.
func (p *pickerScreen) replanGrown(a *App) tea.Cmd {
	if files, _, _, _ := p.sel.Totals(); p.plan != nil && files < 2*len(p.plan.Items) {
		return nil
	}
	return p.replan(a)
}

// worldNow is what is known about the bucket and the queue. Its time is the newest one that a message brought.
func (p *pickerScreen) worldNow(a *App) pick.World {
	now := a.now
	if p.readAt.After(now) {
		now = p.readAt
	}
	w := pick.World{Place: p.place, Jobs: a.snap.Jobs, Now: now, Alive: a.o.Judge.Alive}
	if sameServer(a.snap.Bucket.Place, p.place) {
		w.Uploads = a.snap.Bucket.Uploads
	}
	return w
}

func (p *pickerScreen) onPlan(a *App, msg planMsg) tea.Cmd {
	if !p.planning.answers(msg.number) {
		return nil
	}
	p.plan, p.world = msg.plan, msg.world
	switch {
	case p.stale:
		return p.replan(a)
	case p.queueing && !p.counting():
		p.queueing = false
		return p.decide(a)
	}
	return nil
}

// enter queues what is marked. With nothing marked it queues the file under the cursor, or opens the folder.
func (p *pickerScreen) enter(a *App) tea.Cmd {
	if p.adopt != nil {
		return p.chooseFile(a)
	}
	if p.sel.Len() > 0 {
		return p.queue(a)
	}
	e, is := p.entry()
	if !is || opens(e) {
		return p.into(a)
	}
	if why := refusal(e); why != "" {
		a.say(warnNote, a.look.middle(e.Name, 40)+" cannot be sent: "+why)
		return nil
	}
	p.sel.AddFile(fileOf(p.path(e), e))
	return p.queue(a)
}

// queue queues the marked files as soon as all of them are known and planned.
func (p *pickerScreen) queue(a *App) tea.Cmd {
	switch {
	case a.o.ReadOnly:
		a.say(warnNote, readOnlyReason)
		return nil
	case p.sending != 0:
		a.say(plainNote, "they are being queued")
		return nil
	}
	p.queueing = true
	cmds := []tea.Cmd{}
	for _, m := range p.sel.Marks() {
		if m.State == pick.Stopped {
			cmds = append(cmds, p.count(a, m))
		}
	}
	if p.counting() {
		a.say(plainNote, "counting first; they are queued as soon as all is known. esc stops")
	}
	return tea.Batch(append(cmds, p.replan(a))...)
}

// decide asks about what stands in the way, or queues at once if nothing does.
func (p *pickerScreen) decide(a *App) tea.Cmd {
	rules := p.plan.Proposed(p.world)
	if len(p.plan.Asks()) > 0 || len(p.failedFolders()) > 0 {
		a.push(newCollisions(p, rules))
		return nil
	}
	return p.send(a, p.plan, p.options, rules)
}

func (p *pickerScreen) failedFolders() (failed []string) {
	for _, m := range p.sel.Marks() {
		failed = append(failed, m.Failed...)
	}
	return failed
}

// queuedMsg brings the engine's answers to the commands of a picker. The App takes it, since the picker may be closed by then.
type queuedMsg struct {
	picker   *pickerScreen
	number   int
	what     string // was queued
	keys     map[string]bool
	accepted int // commands
	err      error
	snap     *model.Snapshot
	at       time.Time
}

// send gives the engine what the rules make of a plan.
func (p *pickerScreen) send(a *App, plan *pick.Plan, options pick.Options, rules pick.Rules) tea.Cmd {
	commands, files := plan.Commands(rules, options, p.place)
	if files == 0 {
		a.say(warnNote, "nothing is left to queue")
		return nil
	}
	msg := queuedMsg{picker: p, what: count(files, "file"), keys: keysOfCommands(commands)}
	if files == plan.Files {
		msg.what += ", " + model.FormatSize(plan.Bytes)
	}
	a.asked++
	p.sending, msg.number = a.asked, a.asked
	ctx, engine, now := a.ctx, a.o.Engine, a.o.Now
	return func() tea.Msg {
		for _, c := range commands {
			if msg.err = engine.Do(ctx, c); msg.err != nil {
				break
			}
			msg.accepted++
		}
		msg.snap, msg.at = engine.Snapshot(), now()
		return msg
	}
}

func keysOfCommands(commands []model.Command) map[string]bool {
	keys := map[string]bool{}
	for _, c := range commands {
		switch c := c.(type) {
		case model.Enqueue:
			for _, f := range c.Files {
				keys[f.Key] = true
			}
		case model.Adopt:
			keys[c.Ref.Key] = true
		}
	}
	return keys
}

func (a *App) onQueued(msg queuedMsg) tea.Cmd {
	p := msg.picker
	a.take(msg.snap, msg.at)
	if msg.number == p.sending {
		p.sending = 0
	}
	if msg.err != nil {
		title := "REFUSED: NOTHING WAS QUEUED"
		if msg.accepted > 0 {
			title = "REFUSED IN PART: WHAT CAME BEFORE IS QUEUED"
		}
		a.push(refusalPage(title, msg.err, "The marks are kept: unmark what is refused, or mend it, then enter again."))
		return p.replan(a)
	}
	options := p.options
	options.Limit = nil // it was set once
	a.picks.options = &options
	p.sel.Clear()
	p.missing = nil
	if a.picks.kept == p {
		a.picks.kept = nil
	} else if a.picker() == p {
		p.leave(a)
	}
	a.say(plainNote, "queued "+msg.what)
	if ids := a.jobsOf(p.place, msg.keys); len(ids) > 0 {
		a.remember(undoStep{label: "queueing " + msg.what, choose: queueingUndone(ids)})
	}
	return nil
}

// jobsOf finds the jobs on their way to keys.
func (a *App) jobsOf(place model.Place, keys map[string]bool) (ids []model.JobID) {
	for i := range a.snap.Jobs {
		if j := &a.snap.Jobs[i]; keys[j.Ref.Key] && sameServer(j.Place, place) && !j.Status.Final() && !compares(j) {
			ids = append(ids, j.ID)
		}
	}
	return ids
}

// refusalPage shows why the engine refused, a reason a line, and the way on. The reasons quote file names: they are foreign.
func refusalPage(title string, err error, next string) *page {
	reasons := []string{}
	for _, e := range apart(err) {
		reasons = append(reasons, clean(e.Error()))
	}
	return &page{title: title, lines: func(_ *App, w int, _ string) []theme.Line {
		var lines []theme.Line
		for _, reason := range reasons {
			for i, text := range wrap(reason, w-3) {
				lines = append(lines, theme.L(theme.Bad, map[bool]string{true: "x  ", false: "   "}[i == 0]).Add(theme.Text, text))
			}
		}
		return append(lines, nil, theme.L(theme.Faint, next))
	}}
}

// apart takes joined errors apart.
func apart(err error) []error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, apart(e)...)
		}
		return all
	}
	return []error{err}
}
