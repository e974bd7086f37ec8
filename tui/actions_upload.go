package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"partway/model"
)

// uploadActions act on the marked uploads, or on the one under the cursor.
func uploadActions() []action {
	return []action{
		{name: "go", group: groupAct, scope: inViews, binding: help(bind("r"), "r", "go: start, resume, retry; adopt an upload from elsewhere"),
			row: canGo, label: goLabel, run: goOn},
		{name: "pause", group: groupAct, scope: inViews, writes: true, binding: help(bind("p"), "p", "pause; parts in flight are finished first"),
			row: canPause, run: pause},
		{name: "complete", group: groupAct, scope: inViews, writes: true, binding: help(bind("c"), "c", "complete: make the object of its parts (asks)"),
			row: canComplete, run: complete},
		{name: "abort", group: groupAct, scope: inViews, writes: true, binding: help(bind("X"), "X", "abort: free the parts (asks)"),
			row: canAbort, run: abort},
		{name: "verify", group: groupAct, scope: inViews, binding: help(bind("V"), "V", "verify against the local file: the object, or the parts of what is unfinished"),
			row: canVerify, run: verify},
		{name: "clear", group: groupAct, scope: inViews, writes: true, binding: help(bind(), "", "take a finished upload off the list"),
			row: canClear, run: clearFinished},
		{name: "parts-more", group: groupAct, scope: inViews, writes: true, binding: help(bind("+", "="), "+", "one more part at once"),
			row: canSetParts, run: func(a *App, t target) tea.Cmd { return setParts(a, t, 1) }},
		{name: "parts-fewer", group: groupAct, scope: inViews, writes: true, binding: help(bind("-"), "-", "one part fewer at once"),
			row: canSetParts, label: func(*App, row) string { return "at once" }, run: func(a *App, t target) tea.Cmd { return setParts(a, t, -1) }},
		{name: "measure", group: groupAct, scope: inViews, binding: help(bind("m"), "m", "measure: read the parts of leftovers"),
			row: canMeasure, run: measure},
		{name: "watch", group: groupAct, scope: inViews, binding: help(bind("W"), "W", "watch an upload from elsewhere: its parts are read every 30 s; again: end"),
			row: canWatch, run: watch},
	}
}

const notOurs = "it was begun elsewhere: only its sender can do that"

// canGo: to look for the file of an upload, and to compare the two, changes nothing. What would is refused by the dialog that adopts.
func canGo(a *App, r row) string {
	switch {
	case r.job == nil:
		return adoptable(a, r)
	case a.o.ReadOnly:
		return readOnlyReason
	case r.status.Final():
		return "it is over"
	case r.status == model.StatusUploading || r.status == model.StatusMatching || r.status == model.StatusCompleting ||
		r.status == model.StatusVerifying || r.status == model.StatusAborting:
		return "it is at work"
	case r.status == model.StatusReady:
		return "all its parts are in: c completes"
	case r.streamEnded():
		return noSecondRead
	}
	return ""
}

func goLabel(a *App, r row) string {
	switch {
	case r.job == nil && a.o.ReadOnly:
		return "compare"
	case r.job == nil:
		return "adopt"
	}
	switch r.status {
	case model.StatusQueued:
		return "start"
	case model.StatusPaused:
		return "resume"
	case model.StatusChanged:
		return "go on..."
	}
	return "retry"
}

// goOn starts jobs. For jobs whose local file changed it asks which of the ways on is meant.
func goOn(a *App, t target) tea.Cmd {
	if r := t.rows[0]; len(t.rows) == 1 && r.job == nil {
		return a.openAdopt(r)
	}
	var changed, others []row
	for _, r := range t.rows {
		if r.job == nil {
			t.left++ // each needs a file of its own
		} else if r.status == model.StatusChanged {
			changed = append(changed, r)
		} else {
			others = append(others, r)
		}
	}
	if len(changed) > 0 {
		a.push(changedDialog(changed))
	}
	if len(others) == 0 {
		if t.left > 0 && len(changed) == 0 {
			a.say(warnNote, "uploads from elsewhere are adopted one at a time: unmark them, r on one")
		}
		return nil
	}
	ids := jobIDs(others)
	return a.do(request{commands: []model.Command{model.Go{Jobs: ids}}, said: "going on with " + a.names(others) + t.leftOut(),
		undo: &undoStep{label: "going on with " + a.names(others), commands: []model.Command{model.Pause{Jobs: ids}}}})
}

func canPause(_ *App, r row) string {
	switch {
	case r.job == nil:
		return notOurs
	case r.status.Final():
		return "it is over"
	case r.status == model.StatusPaused:
		return "it is paused"
	case r.streams() && r.status.Active():
		return "a stream cannot wait: stopped, it could not go on"
	case r.status == model.StatusAborting || r.status == model.StatusCompleting || r.status == model.StatusVerifying:
		return "it cannot be stopped any more"
	case r.status.NeedsUser() && r.job.GoesOn.IsZero():
		return "it stands still"
	}
	return ""
}

func pause(a *App, t target) tea.Cmd {
	ids := jobIDs(t.rows)
	return a.do(request{commands: []model.Command{model.Pause{Jobs: ids}}, said: "pausing " + a.names(t.rows) + t.leftOut(),
		undo: &undoStep{label: "pausing " + a.names(t.rows), commands: []model.Command{model.Go{Jobs: ids}}}})
}

func canComplete(a *App, r row) string {
	switch {
	case r.job != nil && r.status == model.StatusReady:
		return ""
	case r.job != nil && r.status.Final():
		return "it is over"
	case r.works():
		return "it is a job of its own, which sends no part"
	case r.streamEnded():
		return "the stream did not end: partway complete makes an object of what arrived, if that is meant"
	case r.job != nil:
		return "not all of its parts are in"
	case r.left.Vanished:
		return "it is gone"
	case r.left.Measured && r.left.Parts == 0:
		return "it has no part"
	case r.left.TooSmall > 0:
		return "parts below 100 KiB are in it: the service would refuse"
	}
	return ""
}

func canAbort(_ *App, r row) string {
	switch {
	case r.status == model.StatusAborting:
		return "it is being aborted"
	case r.status == model.StatusCompleting || r.status == model.StatusVerifying:
		return "it is being completed"
	case r.status.Final():
		return "it is over"
	case r.job != nil && r.job.Kind.ReadsOnly():
		return "it reads only, and holds nothing in the bucket"
	case r.job == nil && r.left.Vanished:
		return "it is gone"
	}
	return ""
}

func canVerify(_ *App, r row) string {
	switch {
	case r.job == nil || r.job.Stream || r.job.Source.Path == "":
		return "it needs a local file, and none is known"
	case r.works():
		return "it is a job of its own, which sends no part"
	case hasObject(r):
		return ""
	case r.status.Active():
		return "it is at work: p pauses it"
	case r.ref().UploadID == "":
		return "nothing of it is in the bucket"
	}
	return ""
}

// hasObject reports whether the upload of a row came to its end: there is an object to be verified, and no part.
func hasObject(r row) bool {
	return r.status == model.StatusDone || r.status == model.StatusSkipped || r.status == model.StatusGone
}

// verify proves finished objects, and compares the parts of unfinished uploads; neither changes anything.
func verify(a *App, t target) tea.Cmd {
	var commands []model.Command
	for _, r := range t.rows {
		if !hasObject(r) {
			commands = append(commands, model.Compare{Place: r.place, Ref: r.ref(), Path: r.job.Source.Path, Send: model.SendOptions{PartSize: r.job.PartSize}})
			continue
		}
		commands = append(commands, model.Verify{Place: r.place, Key: r.ref().Key, Path: r.job.Source.Path})
	}
	return a.do(request{commands: commands, said: "verifying " + a.names(t.rows) + t.leftOut()})
}

func canClear(_ *App, r row) string {
	switch {
	case r.job == nil:
		return "it is in the bucket"
	case r.past:
		return "an earlier run finished it: the history keeps it"
	case r.status.Final() || r.status == model.StatusGone || r.job.Kind.ReadsOnly() && r.status.NeedsUser():
		return ""
	}
	return "it is not finished"
}

func clearFinished(a *App, t target) tea.Cmd {
	return a.do(request{commands: []model.Command{model.ClearFinished{Jobs: jobIDs(t.rows)}},
		said: "took " + a.names(t.rows) + " off the list; the history keeps it" + t.leftOut()})
}

func canSetParts(_ *App, r row) string {
	switch {
	case r.job == nil:
		return notOurs
	case r.works() || r.streamEnded():
		return "it sends no part"
	case r.status.Final():
		return "it is over"
	}
	return ""
}

func setParts(a *App, t target, step int) tea.Cmd {
	var commands, back []model.Command
	n := 0
	for _, r := range t.rows {
		before := r.job.AtOnce
		n = before
		if n == 0 {
			n = max(a.snap.Limits.PartsNow, 1)
		}
		n = min(max(n+step, 1), 256)
		commands = append(commands, model.SetJobParts{Job: r.job.ID, Parts: n})
		back = append(back, model.SetJobParts{Job: r.job.ID, Parts: before})
	}
	said := fmt.Sprintf("%s at once for %s", count(n, "part"), a.names(t.rows))
	return a.do(request{commands: commands, said: said + t.leftOut(), undo: &undoStep{label: said, commands: back}})
}

func canMeasure(_ *App, r row) string {
	if !r.uploaded() {
		return "it is not an upload in the bucket"
	}
	return ""
}

// measure reads the parts of a few uploads at once; of many it first says how many requests that is.
func measure(a *App, t target) tea.Cmd {
	const few = 10
	refs := make([]model.Ref, 0, len(t.rows))
	for _, r := range t.rows {
		refs = append(refs, r.ref())
	}
	request := request{commands: []model.Command{model.Measure{Refs: refs}}, said: "measuring " + a.names(t.rows) + t.leftOut()}
	cmd := a.reloadParts()
	if len(refs) <= few {
		return tea.Batch(cmd, a.do(request))
	}
	a.push(measureDialog(len(refs), request))
	return cmd
}

func jobIDs(rows []row) []model.JobID {
	ids := make([]model.JobID, len(rows))
	for i, r := range rows {
		ids[i] = r.job.ID
	}
	return ids
}

// names says which uploads are meant: one by name, more by number.
func (a *App) names(rows []row) string {
	if len(rows) == 1 {
		return a.look.middle(rows[0].ref().Key, 40)
	}
	return count(len(rows), "upload")
}

// leftOut says how many rows of the target the action was not possible for.
func (t target) leftOut() string {
	if t.left == 0 {
		return ""
	}
	return fmt.Sprintf(" (not possible for %d)", t.left)
}
