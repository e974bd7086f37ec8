package tui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui/pick"
	"partway/tui/theme"
)

// adoptDialog compares a file with the parts of an upload, shows what it finds, and then asks whether the upload is to be taken over
// with it. What it acts on is frozen when it opens: the upload, the file, the parts, the options. Nothing can be agreed to before the
// numbers are there.
type adoptDialog struct {
	dialog
	leave   func(*App) // closes it and what it was opened from
	row     row
	file    string // absolute
	entry   FileEntry
	parts   string // what the bucket holds, in words
	match   match
	options pick.Options
	now     time.Time

	senders, warnings []string

	asked   int
	running *comparison // nil: not asked for, or refused
	failed  string      // cleaned: why it was refused
}

// compareMsg brings the engine's answer to the command that compares.
type compareMsg struct {
	asked int
	err   error
	snap  *model.Snapshot
	at    time.Time
}

// newAdoptDialog makes the dialog for a file. The parts of the upload must have been read.
func newAdoptDialog(a *App, of *adoption, file string, e FileEntry, options pick.Options, leave func(*App)) *adoptDialog {
	r, list := of.row, of.list
	d := &adoptDialog{leave: leave, row: r, file: file, entry: e, parts: of.partWords(), match: matchFile(list, e.Size), options: options, now: a.now}
	d.senders, d.warnings = otherSenders(a, r, list), adoptWarnings(r, list, e, d.match)
	d.title = "ADOPT " + a.look.middle(r.ref().Key, max(a.w-20, 20))
	d.dialog.body = d.lines
	return d
}

// send is how the bytes are to travel.
func (d *adoptDialog) send() model.SendOptions {
	return model.SendOptions{Parts: d.options.Send.Parts, NoMD5: d.options.Send.NoMD5}
}

// compare asks for the comparison, which changes nothing.
func (d *adoptDialog) compare(a *App) tea.Cmd {
	if d.match.why != "" {
		return nil
	}
	a.asked++
	d.asked = a.asked
	d.running = a.main.list.expect(d.row.ref(), d.file)
	ctx, engine, now := a.ctx, a.o.Engine, a.o.Now
	asked, command := d.asked, model.Compare{Place: d.row.place, Ref: d.row.ref(), Path: d.file, Send: d.send()}
	return func() tea.Msg {
		err := engine.Do(ctx, command)
		return compareMsg{asked: asked, err: err, snap: engine.Snapshot(), at: now()}
	}
}

func (d *adoptDialog) update(a *App, msg tea.Msg) tea.Cmd {
	if m, is := msg.(compareMsg); is && m.asked == d.asked {
		a.take(m.snap, m.at)
		if m.err != nil {
			a.main.list.drop(d.running)
			d.running, d.failed = nil, clean(m.err.Error())
		}
	}
	return nil
}

// job is the comparison as the engine has it, or nil.
func (d *adoptDialog) job(a *App) *model.Job { return a.main.list.job(d.running) }

// result is what was found, or nil while it is not there.
func (d *adoptDialog) result(a *App) *model.Comparison {
	if j := d.job(a); j != nil {
		return j.Comparison
	}
	return nil
}

// choices: y only when the numbers are seen and some part equals the file.
func (d *adoptDialog) choices(a *App) []choice {
	var picks []choice
	if c := d.result(a); c != nil && c.Equal > 0 && !a.o.ReadOnly {
		picks = append(picks, choose("y", "adopt and send", d.adopt))
	}
	if j := d.job(a); j != nil && (j.Comparison != nil || j.Status.Active() || j.Status == model.StatusQueued) {
		picks = append(picks, choose("w", "compare only", d.leaveIt))
	}
	stop := "back"
	if j := d.job(a); j != nil && j.Status.Active() {
		stop = "stop"
	}
	return append(picks, choose("esc", stop, d.back, "n", "q", "backspace"))
}

// back goes on to choose another file. A comparison that runs is stopped; one that has ended is of no more use.
func (d *adoptDialog) back(a *App) tea.Cmd {
	a.pop()
	return d.end(a)
}

// end stops the comparison, or takes it off the queue's list if it has ended.
func (d *adoptDialog) end(a *App) tea.Cmd {
	j := d.job(a)
	switch {
	case j == nil:
		return nil
	case j.Status.Final():
		return a.do(request{commands: []model.Command{model.ClearFinished{Jobs: []model.JobID{j.ID}}}})
	case j.Status.Active() || j.Status == model.StatusQueued:
		return a.do(request{commands: []model.Command{model.Pause{Jobs: []model.JobID{j.ID}, Now: true}}, said: "stopped comparing; nothing was changed"})
	}
	return nil
}

// leaveIt closes everything and leaves the comparison to itself. What it finds is told with the upload.
func (d *adoptDialog) leaveIt(a *App) tea.Cmd {
	d.leave(a)
	a.say(plainNote, "compared only; nothing is changed. What is found is shown with "+a.look.middle(d.row.ref().Key, 40))
	return nil
}

func (d *adoptDialog) adopt(a *App) tea.Cmd {
	ended := d.end(a)
	d.leave(a)
	r, name := d.row, a.look.middle(d.row.ref().Key, 40)
	return tea.Batch(ended, a.do(request{
		commands: []model.Command{model.Adopt{Place: r.place, Ref: r.ref(), Path: d.file, Send: d.send(), ACL: d.options.Write.ACL, IfExists: d.options.Write.IfExists}},
		said:     "adopting " + name + ": what is equal stays, the rest is sent",
		then: func(a *App) tea.Cmd {
			if ids := a.jobsOf(r.place, map[string]bool{r.ref().Key: true}); len(ids) > 0 {
				a.remember(undoStep{label: "adopting " + name + " (it is paused)", commands: []model.Command{model.Pause{Jobs: ids}}})
			}
			return nil
		}}))
}

func (d *adoptDialog) view(a *App, w, h int) []theme.Line {
	var foot []theme.Line
	if a.note.text != "" {
		foot = append(foot, theme.L(theme.Warn, " "+a.note.text))
	}
	return panel(a, w, h, d.title, d.lines(a, w-2), foot, d.choices(a), d.scrolled)
}

// lines is the body. That somebody is sending comes first, since on a small screen the end is out of sight.
func (d *adoptDialog) lines(a *App, w int) []theme.Line {
	lines := append(warned(d.senders, w), sentences(w,
		[2]string{"file", fmt.Sprintf("%s   %s   modified %s", a.look.middle(d.file, max(w-44, 16)), model.FormatSize(d.entry.Size), a.look.clock(d.entry.ModTime, d.now))},
		[2]string{"parts", d.parts})...)
	if d.match.why != "" {
		return append(lines, sentences(w, [2]string{"not so", d.match.why}, [2]string{"instead", waysOn})...)
	}
	if d.failed != "" {
		return append(lines, sentences(w, [2]string{"refused", d.failed}, [2]string{"instead", waysOn})...)
	}
	j := d.job(a)
	lines = append(lines, d.compareLines(a, j, w)...)
	if c := d.result(a); c == nil || c.Equal > 0 {
		lines = append(lines, nil)
		lines = append(lines, warned(d.warnings, w)...)
		if a.o.ReadOnly {
			lines = append(lines, warned([]string{"Read-only session: they are compared, and nothing is adopted."}, w)...)
		}
	}
	return lines
}

// waysOn are the ways on with a file that is not the one.
const waysOn = "choose another file, add the file anew, or abort the upload"

// compareLines is how far the comparison is, or what it found and what would follow from it.
func (d *adoptDialog) compareLines(a *App, j *model.Job, w int) []theme.Line {
	if j == nil {
		return sentences(w, [2]string{"compare", "asked for ..."})
	}
	if c := j.Comparison; c != nil {
		return d.found(a, *c, w)
	}
	if j.Problem != nil {
		return sentences(w, [2]string{"failed", clean(j.Problem.Error())}, [2]string{"instead", waysOn})
	}
	if j.Status == model.StatusPaused {
		return sentences(w, [2]string{"stopped", "nothing was changed"})
	}
	progress := theme.L(theme.Faint, theme.PadRight("compare", compareLabel))
	if j.ToCompare == 0 {
		progress = progress.Add(theme.Text, fmt.Sprintf("%s, %s, are about to be read", count(d.match.compare, "part"), model.FormatSize(d.match.compareBytes)))
	} else {
		progress = append(progress, comparedBar(a, j, w-compareLabel)...)
	}
	least := fmt.Sprintf("send at least %s, %s", count(d.match.missing, "part"), model.FormatSize(d.match.missingBytes))
	if d.match.missing == 0 {
		least = "send what differs"
	}
	return append([]theme.Line{progress}, sentences(w,
		[2]string{"then", least + "; the object becomes " + model.FormatSize(d.entry.Size)},
		[2]string{"check", "each part with its range of the file, by MD5 or CRC-64; nothing is changed"})...)
}

// compareLabel is the width of the names in front of the lines.
const compareLabel = 10

// comparedBar is how much of the file is compared, what was found so far, how fast it goes and how long it will take. The bar gives way
// to the numbers.
func comparedBar(a *App, j *model.Job, w int) theme.Line {
	const least, most = 4, 24
	share := float64(j.ComparedBytes) / float64(max(j.ToCompareBytes, 1))
	text := fmt.Sprintf(" %s  %s equal  %s %s", theme.PadLeft(percent(share), 4), number(j.PartsDone), number(j.Compared-j.PartsDone), plural(j.Compared-j.PartsDone, "differs", "differ"))
	if j.CompareRate > 0 {
		text += "  " + model.FormatRate(j.CompareRate)
	}
	if j.ETA >= 0 {
		text += "  " + model.FormatDuration(j.ETA)
	}
	bar := a.look.glyphs.Bar(j.ComparedBytes, j.ToCompareBytes, min(max(w-theme.Width(text), least), most))
	return theme.L(theme.Moving, bar).Add(theme.Text, text)
}

// found is the numbers, and what would be sent. Parts that are in the bucket and would be sent again all the same are named.
func (d *adoptDialog) found(a *App, c model.Comparison, w int) []theme.Line {
	all := d.match.compare + d.match.missing
	result := fmt.Sprintf("%s of %s equal, %s to send", number(c.Equal), count(all, "part"), number(max(all-c.Equal, 0)))
	var again []string
	if c.Differ > 0 {
		again = append(again, fmt.Sprintf("%s %s from the file", count(c.Differ, "part"), plural(c.Differ, "differs", "differ")))
	}
	if c.Silent > 0 {
		again = append(again, fmt.Sprintf("of %s the service gives no sum", count(c.Silent, "part")))
	}
	pairs := [][2]string{{"compared", result}, {"again", joined("; ", append(again, map[bool]string{true: "what OSS holds of these is sent again"}[len(again) > 0])...)}}
	if c.Equal == 0 {
		pairs[0][1] = fmt.Sprintf("no part of %s equals this file: it is not the one", number(c.Differ+c.Silent))
		pairs[1] = [2]string{"found", comparisonWords(c)}
		return sentences(w, append(pairs, [2]string{"instead", waysOn})...)
	}
	then := fmt.Sprintf("send %s%s; the object becomes %s", model.FormatSize(c.ToSend), a.duration(c.ToSend), model.FormatSize(d.entry.Size))
	if c.ToSend == 0 {
		then = "nothing is to be sent; the object becomes " + model.FormatSize(d.entry.Size)
	}
	return sentences(w, append(pairs, [2]string{"then", then})...)
}
