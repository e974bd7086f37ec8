package tui

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"partway/model"
	"partway/tui/theme"
)

// neverComplete is why a completion cannot be undone.
const neverComplete = "the parts became an object; ossutil rm deletes that"

func complete(a *App, t target) tea.Cmd { return a.withHidden(t, completeTarget) }

// completeTarget completes our own uploads together, and others one at a time, since each has to be looked at.
func completeTarget(a *App, t target) tea.Cmd {
	var ours, others []row
	for _, r := range t.rows {
		if r.job != nil {
			ours = append(ours, r)
		} else {
			others = append(others, r)
		}
	}
	switch {
	case len(ours) > 0 && len(others) > 0:
		a.say(warnNote, "complete those from here and those from elsewhere apart")
	case len(others) > 1:
		a.say(warnNote, "uploads from elsewhere are completed one at a time: each has to be looked at")
	case len(others) == 1:
		return a.askParts(others[0])
	case len(ours) > 0:
		a.push(completeOurs(ours))
	}
	return nil
}

func completeOurs(rows []row) *dialog {
	d := &dialog{title: fmt.Sprintf("COMPLETE %d UPLOADS", len(rows))}
	if len(rows) == 1 {
		d.title = "COMPLETE 1 UPLOAD"
	}
	d.body = func(a *App, w int) []theme.Line {
		var lines []theme.Line
		for _, r := range rows[:min(len(rows), 8)] {
			lines = append(lines, theme.L(theme.Strong, a.look.middle(r.ref().Key, w-30)).
				Add(theme.Text, fmt.Sprintf("  %s, %s", count(r.job.Parts, "part"), model.FormatSize(r.job.Source.Size))))
		}
		if n := len(rows) - 8; n > 0 {
			lines = append(lines, theme.L(theme.Faint, fmt.Sprintf("... %d more", n)))
		}
		lines = append(lines, nil)
		return append(lines, sentences(w, [2]string{"makes", "the object of its parts, then proves it with its CRC-64. This cannot be undone."},
			[2]string{"exists", existsRule(rows)})...)
	}
	d.pick("y", "complete", func(a *App) tea.Cmd {
		ids := jobIDs(rows)
		return a.do(request{commands: []model.Command{model.Go{Jobs: ids}}, said: "completing " + a.names(rows),
			undo: &undoStep{label: "completing " + a.names(rows), never: neverComplete}})
	})
	return d
}

func existsRule(rows []row) string {
	for _, r := range rows {
		if r.job.Write.IfExists == model.IfExistsOverwrite {
			return "! an object of the key is overwritten, as was chosen when the upload was queued"
		}
	}
	return "an object of the key is never overwritten"
}

// partsMsg brings the parts of an upload that were asked for by its row.
type partsMsg struct {
	id    rowID
	asked int // number of the question, so that a late answer is known
	list  model.PartList
	err   error
}

// askDialog waits for the parts of an upload and then becomes the question about it.
type askDialog struct {
	dialog
	row   row
	asked int
}

// askParts reads the parts of an upload from elsewhere before anything is asked: what the person agrees to is what the service
// holds now, not what a listing said a while ago.
func (a *App) askParts(r row) tea.Cmd {
	a.asked++
	d := &askDialog{row: r, asked: a.asked}
	d.title = "COMPLETE 1 UPLOAD FROM ELSEWHERE"
	d.body = func(a *App, w int) []theme.Line {
		return []theme.Line{theme.L(theme.Strong, a.look.middle(r.ref().Key, w)), nil, theme.L(theme.Text, "reading its parts ...")}
	}
	a.push(d)
	return a.fetchParts(r, a.asked)
}

func (a *App) fetchParts(r row, asked int) tea.Cmd {
	ctx, engine := a.ctx, a.o.Engine
	place, ref, id := r.place, r.ref(), r.id
	return func() tea.Msg {
		list, err := engine.Parts(ctx, place, ref)
		return partsMsg{id: id, asked: asked, list: list, err: err}
	}
}

func (d *askDialog) update(a *App, msg tea.Msg) tea.Cmd {
	m, is := msg.(partsMsg)
	if !is || m.asked != d.asked || m.id != d.row.id {
		return nil
	}
	if m.err != nil {
		text := clean(m.err.Error())
		d.body = func(_ *App, w int) []theme.Line {
			return sentences(w, [2]string{"failed", "the parts cannot be read: " + text})
		}
		return nil
	}
	d.ask(a, m.list)
	return nil
}

// ask puts the question: y where nothing is doubtful; with gaps the word gaps is typed, over an object the end of its key.
func (d *askDialog) ask(a *App, list model.PartList) {
	r, now := d.row, a.now
	gaps, small := list.Gaps(), list.Small()
	command := model.CompleteUpload{Place: r.place, Ref: r.ref(), Seen: list.Parts, AllowGaps: len(gaps) > 0, Overwrite: r.left.Object != nil}
	d.body = func(a *App, w int) []theme.Line { return completeBody(a, r, list, now, w) }
	if len(list.Parts) == 0 || len(small) > 0 {
		return // nothing to agree to: the service would refuse
	}
	run := func(a *App) tea.Cmd {
		return a.do(request{commands: []model.Command{command}, said: "completing " + a.names([]row{r}),
			undo: &undoStep{label: "completing " + a.names([]row{r}), never: neverComplete}})
	}
	switch {
	case len(gaps) > 0 && command.Overwrite:
		d.word = "gaps " + keyTail(r)
	case len(gaps) > 0:
		d.word = "gaps"
	case command.Overwrite:
		d.word = keyTail(r)
	case now.Sub(list.Newest()) < aliveAge(a):
		d.word = "complete"
	default:
		d.pick("y", "complete", run)
		return
	}
	d.prompt, d.yes = "This cannot be undone. Type "+clean(d.word)+", then enter:", run
}

// aliveAge is how young a part must be for its upload to count as alive; the same as model.Judge has it.
func aliveAge(a *App) time.Duration {
	if a.o.Judge.Alive > 0 {
		return a.o.Judge.Alive
	}
	return model.DefaultAlive
}

// keyTail is the end of a key's name as it is shown, which is how it has to be typed.
func keyTail(r row) string {
	const most = 24 // cells
	name := clean(path.Base(r.ref().Key))
	return strings.TrimSpace(ansi.TruncateLeft(name, max(theme.Width(name)-most, 0), ""))
}

func completeBody(a *App, r row, list model.PartList, now time.Time, w int) []theme.Line {
	gaps, small := list.Gaps(), list.Small()
	highest := 0
	if n := len(list.Parts); n > 0 {
		highest = list.Parts[n-1].Number
	}
	lines := []theme.Line{theme.L(theme.Strong, a.look.middle(r.ref().Key, w-24)).Add(theme.Faint, "  upload ").Add(theme.Text, a.look.shortID(r.ref().UploadID)), nil}
	lines = append(lines, sentences(w,
		[2]string{"parts", fmt.Sprintf("%s, %s, numbers 1-%d, last part %s", count(len(list.Parts), "part"), model.FormatSize(list.Bytes()), highest, ago(list.Newest(), now))},
		[2]string{"makes", "one object of exactly these parts. Whether that is the whole file only its owner knows. This cannot be undone."})...)
	warn := func(text string) {
		for _, s := range wrap("! "+text, w) {
			lines = append(lines, theme.L(theme.Warn, s))
		}
	}
	if len(list.Parts) == 0 {
		warn("It has no part: there is nothing to complete.")
	}
	if len(gaps) > 0 {
		warn("Parts are missing: " + a.look.cut(gaps.String(), 200) + ". The object will lack their bytes.")
	}
	if len(small) > 0 {
		warn(count(len(small), "part") + " below 100 KiB, which the service refuses. This upload cannot be completed.")
	}
	if len(list.Parts) > 0 && now.Sub(list.Newest()) < aliveAge(a) {
		warn("Somebody is still sending to it.")
	}
	switch o := r.left.Object; {
	case o != nil:
		warn(fmt.Sprintf("An object of this key exists: %s, stored %s. It will be replaced by %s.", model.FormatSize(o.Size), ago(o.Modified, now), model.FormatSize(list.Bytes())))
	case !r.left.ObjectAsked:
		lines = append(lines, sentences(w, [2]string{"exists", "whether an object of this key exists was not asked; if there is one, it is kept and this is refused"})...)
	}
	return lines
}

// changedDialog asks what is meant by going on with jobs whose local file is another one now.
func changedDialog(rows []row) *dialog {
	d := &dialog{title: "THE LOCAL FILE CHANGED"}
	keep := "keep the parts that equal the new file, send the others again"
	if !slices.ContainsFunc(rows, func(r row) bool { return !growing(r.job) }) {
		d.title = "THE LOCAL FILE IS BEING APPENDED TO"
		keep = "keep what was sent: it is still the beginning of the file, and only the tail is sent"
	}
	d.body = func(a *App, w int) []theme.Line {
		lines := changedLines(a, rows, w)
		lines = append(lines, nil)
		return append(lines, sentences(w,
			[2]string{"k", keep},
			[2]string{"o", "start over: free the parts and send the new file from its beginning"},
			[2]string{"esc", "leave it as it is; X gives it up"})...)
	}
	with := func(how model.IfChanged, said string) func(*App) tea.Cmd {
		return func(a *App) tea.Cmd {
			return a.do(request{commands: []model.Command{model.Go{Jobs: jobIDs(rows), IfChanged: how}}, said: said + " " + a.names(rows)})
		}
	}
	d.pick("k", "keep what matches", with(model.IfChangedMatch, "comparing"))
	d.pick("o", "start over", with(model.IfChangedRestart, "starting over"))
	return d
}

// growing reports whether a job stopped because its file is appended to, as a log is.
func growing(job *model.Job) bool { return job.Problem != nil && job.Problem.Growing }

// changedLines says of each file how it changed: of one alone in full.
func changedLines(a *App, rows []row, w int) []theme.Line {
	var lines []theme.Line
	for _, r := range rows[:min(len(rows), 6)] {
		line := theme.L(theme.Strong, a.look.middle(r.job.Source.Path, w/2))
		if r.job.Problem != nil && len(rows) > 1 {
			line = line.Add(theme.Text, "  "+a.look.cut(r.job.Problem.Why, w/2-2))
		}
		lines = append(lines, line)
	}
	if p := rows[0].job.Problem; p != nil && len(rows) == 1 {
		lines = append(lines, sentences(w, [2]string{"why", clean(p.Why)})...)
	}
	return lines
}

func measureDialog(n int, r request) *dialog {
	d := &dialog{title: fmt.Sprintf("MEASURE %d UPLOADS", n)}
	d.body = func(_ *App, w int) []theme.Line {
		return sentences(w, [2]string{"sends", fmt.Sprintf("at least %s (ListParts, 1000 parts each)", count(n, "request"))},
			[2]string{"changes", "nothing"})
	}
	d.pick("y", "measure", func(a *App) tea.Cmd { return a.do(r) })
	return d
}
