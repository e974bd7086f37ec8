package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/model/safe"
	"partway/tui/theme"
)

// leaving is how the program is being left.
type leaving struct {
	draining    bool // paused everything; goes when no part is in flight
	waits       bool // goes when the queue is empty
	interrupted bool
	now         bool
}

// drainTime is how long parts in flight may take to finish when the program is left.
const drainTime = 20 * time.Second

// leaveMsg comes when the parts in flight have had their time.
type leaveMsg struct{}

func quit(a *App, _ target) tea.Cmd {
	a.leaving.waits = false
	if a.busy() == 0 {
		return a.leave()
	}
	a.push(quitDialog(a))
	return nil
}

// busy is how many jobs are at work.
func (a *App) busy() (n int) {
	for i := range a.snap.Jobs {
		if a.snap.Jobs[i].Status.Active() {
			n++
		}
	}
	return n
}

func (a *App) inFlight() (parts int, bytes int64) {
	for i := range a.snap.Jobs {
		for _, p := range a.snap.Jobs[i].InFlight {
			parts, bytes = parts+1, bytes+p.Sent
		}
	}
	return parts, bytes
}

func quitDialog(a *App) *dialog {
	t := a.snap.Totals
	d := &dialog{title: fmt.Sprintf("%s RUNNING, %d WAIT", strings.ToUpper(count(a.busy(), "upload")), t.Waiting)}
	d.body = func(a *App, w int) []theme.Line {
		parts, bytes := a.inFlight()
		return append(sentences(w,
			[2]string{"p", fmt.Sprintf("pause and quit    %s in flight are finished first (up to %s)", count(parts, "part"), drainTime)},
			[2]string{"w", "wait    quit by itself when the queue is empty (" + model.FormatDuration(a.snap.Totals.ETA) + ")"},
			[2]string{"Q", "quit now    parts in flight are lost: " + model.FormatSize(bytes) + " to send again"}),
			nil, theme.L(theme.Text, longest(a.afterQuitting(), w)))
	}
	d.pick("p", "pause and quit", (*App).drain)
	d.pick("w", "wait", func(a *App) tea.Cmd {
		a.leaving.waits = true
		return a.goOnLeaving()
	})
	d.pick("Q", "quit now", func(a *App) tea.Cmd {
		a.leaving.now = true
		return a.pauseAndLeave(true)
	})
	return d
}

// afterQuitting says what becomes of the uploads, in variants from long to short.
func (a *App) afterQuitting() []string {
	for i := range a.snap.Jobs {
		if j := &a.snap.Jobs[i]; j.Stream && j.Status.Active() {
			return []string{"Nothing is aborted, but a stream that is stopped cannot go on: w waits for its end.", "A stream that is stopped cannot go on: w waits for it."}
		}
	}
	return []string{"Whatever you choose, nothing is aborted and every upload can be resumed.", "Nothing is aborted and every upload can be resumed."}
}

// drain pauses everything and leaves when no part is in flight any more, or when their time is over.
func (a *App) drain() tea.Cmd {
	a.leaving.draining = true
	a.say(plainNote, fmt.Sprintf("finishing the parts in flight, %s at most ...", drainTime))
	return tea.Batch(a.later(drainTime, func() tea.Msg { return leaveMsg{} }), a.pauseAndLeave(false))
}

func (a *App) pauseAndLeave(now bool) tea.Cmd {
	if a.o.ReadOnly { // the queue is somebody else's to pause
		return a.leave()
	}
	ctx, engine, clock := a.ctx, a.o.Engine, a.o.Now
	return func() tea.Msg {
		err := engine.Do(ctx, model.PauseAll{Now: now})
		if now || err != nil {
			return leaveMsg{}
		}
		return doneMsg{snap: engine.Snapshot(), at: clock()}
	}
}

// goOnLeaving looks whether what the program waits for has come about.
func (a *App) goOnLeaving() tea.Cmd {
	parts, _ := a.inFlight()
	switch {
	case a.leaving.draining && parts == 0 && a.busy() == 0:
		return a.leave()
	case a.leaving.waits && a.busy() == 0 && a.snap.Totals.Waiting == 0:
		return a.leave()
	}
	return nil
}

func (a *App) onLeave(leaveMsg) tea.Cmd { return a.leave() }

func (a *App) leave() tea.Cmd { return tea.Quit }

// onInterrupt takes ctrl-c: once it is q; twice within two seconds it stops safely and at once.
func (a *App) onInterrupt() tea.Cmd {
	if a.stopped++; a.stopped >= 2 {
		a.leaving.interrupted = true
		a.say(warnNote, "stopping")
		return a.pauseAndLeave(true)
	}
	tick := a.later(stopTime, func() tea.Msg { return stopMsg{} })
	if _, asks := a.top().(*dialog); asks {
		return tick
	}
	return tea.Batch(tick, quit(a, target{}))
}

// Outcome is what is left to say when the program is over: what was done, what needs somebody, and the commands that go on.
func (a *App) Outcome() Outcome {
	out := Outcome{Text: exitText(a.snap, a.o.Program), PauseAsked: a.leaving.draining, NowAsked: a.leaving.now || a.leaving.interrupted}
	switch {
	case a.leaving.interrupted:
		out.Code = 130
	case a.snap.Totals.Failed > 0:
		out.Code = 1
	}
	return out
}

func exitText(snap *model.Snapshot, program string) string {
	var b strings.Builder
	var done, paused, waiting int
	var bytes int64
	var first, last time.Time
	for i := range snap.Jobs {
		switch j := &snap.Jobs[i]; j.Status {
		case model.StatusDone:
			done++
			if j.Kind != model.JobSend {
				continue // it sent nothing
			}
			bytes += j.Source.Size
			if first.IsZero() || j.Started.Before(first) {
				first = j.Started
			}
			if j.Finished.After(last) {
				last = j.Finished
			}
		case model.StatusPaused:
			paused++
		case model.StatusQueued:
			waiting++
		}
	}
	if len(snap.Jobs) == 0 {
		return ""
	}
	fmt.Fprintf(&b, "%s: %d done", program, done)
	if took := last.Sub(first); done > 0 && took > 0 {
		fmt.Fprintf(&b, ", %s in %s (%s)", model.FormatSize(bytes), model.FormatDuration(took), model.FormatRate(float64(bytes)/took.Seconds()))
	}
	fmt.Fprintf(&b, ", %d failed, %d paused, %d waiting\n", snap.Totals.Failed, paused, waiting)
	const most = 10
	listed := 0
	for i := range snap.Jobs {
		j := &snap.Jobs[i]
		if (j.Status != model.StatusFailed && j.Status != model.StatusChanged && j.Status != model.StatusGone) || listed == most {
			continue
		}
		listed++
		fmt.Fprintf(&b, "%-7s %s  %s\n", j.Status, clean(j.Ref.Key), failureWords(j))
		line := program + " " + jobVerb(row{job: j, status: j.Status}) + " " + safe.Quote(j.Ref.URL())
		if j.Stream && j.Ref.UploadID != "" {
			line += " --upload-id " + safe.Quote(j.Ref.UploadID)
		}
		fmt.Fprintf(&b, "        %s\n", line)
	}
	var names []string
	for i := range snap.Jobs {
		if j := &snap.Jobs[i]; j.Status == model.StatusPaused && len(names) < most {
			name := clean(j.Ref.Key)
			if share, known := (&row{job: j, status: j.Status}).done(); known {
				name += " " + percent(share)
			}
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		fmt.Fprintf(&b, "paused  %s\n", strings.Join(names, "   "))
	}
	if listed+paused+waiting > 0 {
		fmt.Fprintf(&b, "all     %s resume --all\n", program)
	}
	if snap.Bucket.Held > 0 {
		fmt.Fprintf(&b, "        leftovers in the bucket: %s, %s prune %s --older-than 30d -n\n", model.FormatSize(snap.Bucket.Held), program, safe.Quote("oss://"+snap.Bucket.Place.Bucket))
	}
	return b.String()
}

func failureWords(j *model.Job) string {
	if j.Problem == nil {
		return ""
	}
	f := j.Problem.Facts
	words := []string{clean(j.Problem.What)}
	if f.Code != "" {
		words[0] = clean(f.Code)
	}
	switch {
	case f.Part > 0 && j.Parts > 0 && !j.Stream:
		words = append(words, fmt.Sprintf("part %d of %d", f.Part, j.Parts))
	case f.Part > 0:
		words = append(words, fmt.Sprintf("part %d", f.Part))
	}
	if f.RequestID != "" {
		words = append(words, "request "+clean(f.RequestID))
	}
	return strings.Join(words, ", ")
}
