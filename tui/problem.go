package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui/theme"
)

// newProblem is a failure laid out for a person: what happened, why, what to do next, and the facts for whoever is asked.
func newProblem(a *App, r row) *page {
	p := &page{title: ""}
	p.lines = func(a *App, w int, _ string) []theme.Line {
		p.title = a.look.middle(r.ref().Key, w-20) + "  " + string(r.status)
		return problemLines(a, r, w)
	}
	perform := func(name string) func(*App) tea.Cmd {
		return func(a *App) tea.Cmd {
			a.pop()
			return a.performOn(a.named(name), r)
		}
	}
	if canGo(a, r) == "" {
		p.picks = append(p.picks, choose("r", "go on", perform("go")))
	}
	if canAbort(a, r) == "" {
		p.picks = append(p.picks, choose("X", "abort", perform("abort")))
	}
	p.picks = append(p.picks, choose("y", "copy the report", func(a *App) tea.Cmd { return a.copyText("report of the failure", report(r)) }))
	if id := r.job.Problem.Facts.RequestID; id != "" {
		p.picks = append(p.picks, choose("i", "copy the request id", func(a *App) tea.Cmd { return a.copyText("request id", id) }))
	}
	return p
}

func problemLines(a *App, r row, w int) []theme.Line {
	p := r.job.Problem
	pairs := [][2]string{{"WHAT", clean(p.What)}, {"WHY", clean(p.Why)}}
	for i, next := range p.Next {
		name := ""
		if i == 0 {
			name = "NEXT"
		}
		pairs = append(pairs, [2]string{name, fmt.Sprintf("%d  %s", i+1, clean(next))})
	}
	lines := sentences(w, pairs...)
	lines = append(lines, nil)
	for i, f := range factLines(p.Facts) {
		name := ""
		if i == 0 {
			name = "FACTS"
		}
		for j, text := range wrap(clean(f[1]), w-20) {
			label := f[0]
			if j > 0 {
				name, label = "", ""
			}
			lines = append(lines, labelled(name, 10, theme.Faint, theme.PadRight(label, 9)).Add(theme.Text, text))
		}
	}
	lines = append(lines, nil)
	name := "LOG"
	for i := len(a.snap.Events) - 1; i >= 0 && name != "done"; i-- {
		e := a.snap.Events[i]
		if e.Job != r.job.ID {
			continue
		}
		e.Key = "" // it is in the title
		lines = append(lines, theme.L(theme.Faint, theme.PadRight(name, 10)).Join(a.eventLine(e)))
		name = ""
	}
	return lines
}

// newFacts is everything that is known of a row, as plain text.
func newFacts(r row) *page {
	return &page{title: "RAW FACTS", lines: func(a *App, w int, _ string) []theme.Line {
		var lines []theme.Line
		for _, f := range facts(a, r) {
			for i, text := range wrap(clean(f[1]), w-20) {
				label := f[0]
				if i > 0 {
					label = ""
				}
				lines = append(lines, labelled(label, 20, theme.Text, text))
			}
		}
		return lines
	}}
}

// facts are the names and raw values of a row. The values are foreign.
func facts(a *App, r row) (list [][2]string) {
	add := func(name string, value any) {
		if text := fmt.Sprint(value); text != "" && text != "0" {
			list = append(list, [2]string{name, text})
		}
	}
	add("state", r.status)
	add("bucket", r.place.Bucket)
	add("endpoint", r.place.Endpoint)
	add("region", r.place.Region)
	add("profile", r.place.Profile)
	add("key", r.ref().Key)
	add("upload id", r.ref().UploadID)
	add("begun", r.began().UTC().Format("2006-01-02 15:04:05 UTC"))
	if r.job != nil {
		jobFacts(r.job, add)
		return list
	}
	left := r.left
	add("storage class", left.StorageClass)
	add("measured", left.Measured)
	if left.Measured {
		add("parts", left.Parts)
		add("bytes held", left.Held)
		add("highest part", left.Highest)
		add("gaps", left.Gaps)
		add("missing", left.GapList)
		add("parts too small", left.TooSmall)
		if left.Parts > 0 {
			add("last part", left.LastActivity().UTC().Format("2006-01-02 15:04:05 UTC"))
		}
		add("read at", left.MeasuredAt.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	add("failure", left.Failure)
	add("uploads of the key", r.twins)
	add("verdicts", model.JoinVerdicts(r.verdicts(a.now, a.o.Judge)))
	add("command", a.cli(r))
	return list
}

func jobFacts(j *model.Job, add func(string, any)) {
	add("job", j.ID)
	if j.Kind != model.JobSend {
		add("does", string(j.Kind))
	}
	switch {
	case j.Stream:
		add("from", sourceWords(j))
		add("read so far", fmt.Sprintf("%d bytes", j.Source.Size))
		add("parts in", j.PartsDone)
	case j.Source.Path != "":
		add("file", j.Source.Path)
		add("size", fmt.Sprintf("%d bytes", j.Source.Size))
		if !j.Source.ModTime.IsZero() {
			add("modified", j.Source.ModTime.UTC().Format("2006-01-02 15:04:05 UTC"))
		}
	}
	if j.Parts > 0 && !j.Stream {
		add("part size", fmt.Sprintf("%d bytes", j.PartSize))
		add("parts", fmt.Sprintf("%d of %d", j.PartsDone, j.Parts))
	}
	add("bytes in", j.BytesDone)
	add("bytes this run", j.BytesRun)
	add("bytes kept", j.Kept)
	add("parts at once", j.AtOnce)
	add("content type", j.Write.ContentType)
	add("storage class", j.Write.StorageClass)
	add("acl", j.Write.ACL)
	add("encryption", j.Write.SSE)
	add("if exists", j.Write.IfExists)
	if j.Adopted {
		add("adopted", "yes")
	}
	if !j.GoesOn.IsZero() {
		add("goes on by itself", "at "+j.GoesOn.UTC().Format("2006-01-02 15:04:05 UTC")+" at the latest")
	}
	add("proof", j.Proof)
	if j.CRC64 != 0 {
		add("crc64", fmt.Sprintf("%d", j.CRC64))
	}
	if p := j.Problem; p != nil {
		add("what", p.What)
		add("why", p.Why)
		for _, f := range factLines(p.Facts) {
			add(f[0], f[1])
		}
	}
}
