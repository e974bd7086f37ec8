package tui

import (
	"fmt"
	"slices"

	"partway/model"
	"partway/tui/spark"
	"partway/tui/theme"
)

// flightRows is how many parts in flight are listed at most.
const flightRows = 12

// smallHeight is the height of a screen below which the graph of the speed gives way to parts in flight: the speed is said in numbers.
const smallHeight = 20

// jobView is the body for a job: the map, the parts in flight, the speed, what happened.
func (d *detailScreen) jobView(a *App, r row, w, h int) []theme.Line {
	states := d.states(r)
	roomy := h >= 30
	var lines []theme.Line
	gap := func() {
		if roomy {
			lines = append(lines, nil)
		}
	}
	gap()
	if p := r.job.Problem; p != nil {
		lines = append(lines, theme.L(stateRole(r.status), "! "+a.look.cut(p.Error(), w-2)))
		for i, next := range p.Next[:min(len(p.Next), 3)] {
			lines = append(lines, theme.L(theme.Text, fmt.Sprintf("  %d  %s", i+1, a.look.cut(next, w-6))))
		}
		gap()
	}
	if r.mapped() {
		lines = append(lines, d.mapLines(a, r, states, w, a.h)...)
		gap()
	} else {
		if r.job.Kind == model.JobSend { // of others the header says it
			lines = append(lines, labelled("parts", 7, theme.Text, jobSentence(r)))
		}
		if file := sourceWords(r.job); file != "" {
			lines = append(lines, labelled("file", 7, theme.Text, a.look.middle(file, w-8)))
		}
		gap()
	}
	if compared := a.comparedLines(r.ref(), 7, w); len(compared) > 0 {
		lines = append(lines, compared...)
		gap()
	}
	if len(r.job.InFlight) > 0 {
		reserve := 5
		if a.h < smallHeight {
			reserve = 1
		}
		room := min(flightRows, max(h-len(lines)-reserve, 2))
		lines = append(lines, d.flight(a, r, w, room)...)
		gap()
	}
	if len(r.job.Rates) > 0 && h-len(lines) >= 2 && a.h >= smallHeight {
		lines = append(lines, d.graph(a, r, w))
		gap()
	}
	return append(lines, d.events(a, r, h-len(lines))...)
}

// flight is the table of parts that are being sent or wait to be sent again.
func (d *detailScreen) flight(a *App, r row, w, room int) []theme.Line {
	wide := w >= 100
	bar := 18
	switch {
	case wide:
		bar = 20
	case w < 76:
		bar = 6
	}
	head := theme.PadRight("PART", 6)
	if wide {
		head = theme.PadRight("IN FLIGHT  RANGE", 35)
	}
	head += theme.PadLeft("SENT", bar+16) + theme.PadLeft("SPEED", 12) + "  TRY  CHECK"
	lines := []theme.Line{d.heading(head, focusFlight)}
	parts := slices.Clone(r.job.InFlight)
	slices.SortStableFunc(parts, func(x, y model.PartProgress) int { // those that wait come last
		if x.RetryAt.IsZero() != y.RetryAt.IsZero() {
			if x.RetryAt.IsZero() {
				return -1
			}
			return 1
		}
		return x.Number - y.Number
	})
	parts = parts[min(d.top[focusFlight], max(len(parts)-1, 0)):]
	for _, p := range parts[:min(len(parts), room-1)] {
		line := theme.L(theme.Text, fmt.Sprintf("%-5d ", p.Number))
		if wide {
			line = line.Add(theme.Faint, fmt.Sprintf("%16d +%-10s ", p.Range.Offset, model.FormatSize(p.Range.Size)))
		}
		share := 0.0
		if p.Range.Size > 0 {
			share = min(float64(p.Sent)/float64(p.Range.Size), 1)
		}
		role, speed := theme.Moving, model.FormatRate(p.Rate)
		switch {
		case !p.RetryAt.IsZero():
			role, speed = theme.Warn, "in "+model.FormatDuration(max(p.RetryAt.Sub(a.now), 0))
		case p.Hashing:
			speed = "reading"
		}
		check := "CRC-64"
		if p.MD5 {
			check = "MD5"
		}
		line = line.Add(role, a.look.glyphs.Bar(p.Sent, p.Range.Size, bar)).Add(theme.Text, fmt.Sprintf(" %4s %10s %11s  %3d  %s", percent(share), model.FormatSize(p.Sent), speed, p.Try, check))
		if p.Problem != nil {
			line = line.Add(theme.Warn, "  "+a.look.cut(p.Problem.Error(), max(w-line.Width()-2, 8)))
		}
		lines = append(lines, line)
	}
	if rest := len(parts) - (room - 1); rest > 0 {
		lines = append(lines, theme.L(theme.Faint, fmt.Sprintf("... %d more in flight", rest)))
	}
	return lines
}

// graph is the speed of the last five minutes.
func (d *detailScreen) graph(a *App, r row, w int) theme.Line {
	top := spark.Top(r.job.Rates)
	head := theme.PadRight(model.FormatRate(top), 12)
	tail := fmt.Sprintf("  now %s  avg %s  best %s", model.FormatRate(r.job.Rate), model.FormatRate(r.job.Average), model.FormatRate(r.job.Best))
	if w < 100 {
		tail = "  5 min"
	}
	width := min(w-len(head)-len(tail), 120)
	return theme.L(theme.Faint, head).Add(theme.Moving, spark.Line(r.job.Rates, width, top, a.look.glyphs.Levels)).Add(theme.Text, tail)
}

// events is what happened to the upload, the newest first.
func (d *detailScreen) events(a *App, r row, room int) []theme.Line {
	if room <= 0 {
		return nil
	}
	var lines []theme.Line
	if room > 3 {
		lines = append(lines, d.heading("EVENTS   L opens the whole log", focusEvents))
	}
	skip := d.top[focusEvents]
	for i := len(a.snap.Events) - 1; i >= 0 && len(lines) < room; i-- {
		e := a.snap.Events[i]
		if e.Job != r.job.ID {
			continue
		}
		if skip--; skip < 0 {
			e.Key = "" // it is in the title
			lines = append(lines, a.eventLine(e))
		}
	}
	return lines
}

// foreignView is the body for an upload that was begun elsewhere: its parts, its gaps, their sizes and ages.
func (d *detailScreen) foreignView(a *App, r row, w, h int) []theme.Line {
	lines := []theme.Line{nil, labelled("is", 8, theme.Text, model.JoinVerdicts(r.verdicts(a.now, a.o.Judge)))}
	if o := r.left.Object; o != nil {
		lines = append(lines, labelled("object", 8, theme.Warn, fmt.Sprintf("one of this key exists: %s, stored %s", model.FormatSize(o.Size), ago(o.Modified, a.now))))
	}
	lines = append(lines, a.watchLine(r.ref(), 8)...)
	lines = append(lines, a.comparedLines(r.ref(), 8, w)...)
	switch {
	case d.failed != "":
		lines = append(lines, labelled("parts", 8, theme.Bad, "cannot be read: "+d.failed), theme.L(theme.Faint, "m reads them again"))
		return lines
	case d.list == nil && d.asking:
		return append(lines, labelled("parts", 8, theme.Faint, "reading ..."))
	case d.list == nil && r.left.Measured:
		lines = append(lines, labelled("parts", 8, theme.Text, fmt.Sprintf("%s, %s", count(r.left.Parts, "part"), model.FormatSize(r.left.Held))))
		if r.left.GapList != "" {
			lines = append(lines, labelled("gaps", 8, theme.Warn, a.look.cut(r.left.GapList, w-10)))
		}
		return lines
	case d.list == nil:
		return append(lines, labelled("parts", 8, theme.Faint, "not read; m reads them"))
	case len(d.list.Parts) == 0:
		return append(lines, labelled("parts", 8, theme.Text, "none: it holds nothing, costs nothing, and keeps its bucket from being deleted"))
	}
	lines = append(lines, d.partsSummary(a, w)...)
	lines = append(lines, nil)
	return append(lines, d.mapLines(a, r, d.states(r), w, min(a.h, h+6))...)
}

// partsSummary says what the service holds. A share of the whole is not in it: the service does not know the whole.
func (d *detailScreen) partsSummary(a *App, w int) []theme.Line {
	list := *d.list
	gaps := list.Gaps()
	first, last := list.Parts[0], list.Parts[len(list.Parts)-1]
	sizes := map[int64]int{}
	for _, p := range list.Parts[:max(len(list.Parts)-1, 1)] {
		sizes[p.Size]++
	}
	size := model.ExactSize(first.Size) + " each"
	if len(sizes) > 1 {
		size = fmt.Sprintf("%d different sizes", len(sizes))
	}
	holds := fmt.Sprintf("%s in %s, numbers %d-%d, %s, last one %s", model.FormatSize(list.Bytes()), count(len(list.Parts), "part"), first.Number,
		last.Number, size, model.FormatSize(last.Size))
	lines := []theme.Line{labelled("holds", 8, theme.Text, holds)}
	if len(gaps) > 0 {
		lines = append(lines, labelled("gaps", 8, theme.Warn, fmt.Sprintf("%s missing: %s", count(gaps.Count(), "part"), a.look.cut(gaps.String(), max(w-30, 10)))))
	} else {
		lines = append(lines, labelled("gaps", 8, theme.Text, "none; whether parts are missing behind the highest only its owner knows"))
	}
	if small := list.Small(); len(small) > 0 {
		lines = append(lines, labelled("small", 8, theme.Warn, count(len(small), "part")+" below 100 KiB: Complete would be refused"))
	}
	oldest := first.Modified
	for _, p := range list.Parts {
		if p.Modified.Before(oldest) {
			oldest = p.Modified
		}
	}
	return append(lines, labelled("came", 8, theme.Text, fmt.Sprintf("oldest %s, newest %s", ago(oldest, a.now), ago(list.Newest(), a.now))).
		Add(theme.Faint, "   read "+a.look.clock(list.At, a.now)))
}
