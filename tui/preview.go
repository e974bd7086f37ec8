package tui

import (
	"fmt"
	"strings"

	"partway/model"
	"partway/tui/partmap"
	"partway/tui/spark"
	"partway/tui/theme"
)

// previewLines is the row under the cursor in h lines, the rule included.
func (m *mainScreen) previewLines(a *App, w, h int) []theme.Line {
	r := m.list.under()
	if r == nil {
		return []theme.Line{theme.L(theme.Faint, a.look.glyphs.Ruler("", w))}
	}
	lines := []theme.Line{theme.L(theme.Faint, a.look.glyphs.Ruler(a.look.middle(r.ref().Key, w*2/3), w))}
	if r.job == nil {
		lines = append(lines, a.leftoverPreview(*r, w)...)
	} else {
		lines = append(lines, a.jobPreview(*r, w)...)
	}
	lines = append(lines, labelled("cli", 6, theme.Faint, a.cliText(*r)))
	if h <= 4 { // the two that say the most
		return lines[:min(len(lines), h)]
	}
	return lines
}

const previewLabel = 6

func (a *App) jobPreview(r row, w int) []theme.Line {
	job := r.job
	lines := []theme.Line{labelled("does", previewLabel, theme.Text, jobSentence(r))}
	if r.mapped() {
		states := jobStates(job)
		cells := max(w-previewLabel-14, 10)
		per := partmap.PerCell(len(states), cells, 1)
		lines = []theme.Line{
			labelled("parts", previewLabel, theme.Text, "").Join(a.mapRow(partmap.Cells(states, per))).
				Add(theme.Faint, fmt.Sprintf("  %d/cell", per)),
			theme.L(theme.Faint, theme.PadRight("parts", previewLabel)).Join(a.partWords(r, states)),
		}
	}
	if p := job.Problem; p != nil {
		lines = append([]theme.Line{labelled("why", previewLabel, theme.Bad, clean(p.Error()))}, lines...)
		if len(p.Next) > 0 {
			lines = append(lines[:1], append([]theme.Line{labelled("next", previewLabel, theme.Text, clean(strings.Join(p.Next, "; ")))}, lines[1:]...)...)
		}
	}
	if len(job.Rates) > 0 {
		now := "  " + model.FormatRate(job.Rate) + " now"
		rates := fmt.Sprintf("%s, %s avg, best %s", now, model.FormatRate(job.Average), model.FormatRate(job.Best))
		parts := fmt.Sprintf("   part %s, %s", model.FormatSize(job.PartSize), atOnce(job))
		line := labelled("speed", previewLabel, theme.Moving, spark.Line(job.Rates, min(w/3, 60), spark.Top(job.Rates), a.look.glyphs.Levels))
		lines = append(lines, line.Add(theme.Text, longest([]string{rates + parts, rates, now}, w-line.Width())))
	}
	lines = append(lines, a.comparedLines(r.ref(), previewLabel, w)...)
	if from := sourceWords(job); from != "" {
		lines = append(lines, labelled("from", previewLabel, theme.Text, a.look.middle(from, w/2)).Add(theme.Faint, "  to ").Add(theme.Text, a.look.middle(job.Ref.Key, w/3)))
	}
	lines = append(lines,
		labelled("id", previewLabel, theme.Text, a.look.shortID(job.Ref.UploadID)).Add(theme.Faint, "  begun ").Add(theme.Text, a.look.clock(r.began(), a.now)+" here").
			Add(theme.Faint, "  class ").Add(theme.Text, a.look.cut(orDefault(job.Write.StorageClass), 20)),
	)
	return lines
}

func orDefault(s string) string {
	if s == "" {
		return "of the bucket"
	}
	return s
}

// atOnce says how many parts of a job move at once.
func atOnce(job *model.Job) string {
	if job.AtOnce == 0 {
		return "at once: auto"
	}
	return fmt.Sprintf("%d at once", job.AtOnce)
}

// partWords counts a job's parts by state in words.
func (a *App) partWords(r row, states []partmap.State) theme.Line {
	job, c := r.job, partmap.Tally(states)
	line := theme.L(theme.Text, fmt.Sprintf("%s of %s in", number(job.PartsDone), number(job.Parts)))
	if r.streams() {
		line = theme.L(theme.Text, count(job.PartsDone, "part")+" of a stream in, "+model.FormatSize(job.BytesDone))
	}
	if c[partmap.Moving] > 0 {
		line = line.Add(theme.Moving, fmt.Sprintf(", %d moving", c[partmap.Moving]))
	}
	if c[partmap.Missing] > 0 && !r.streams() {
		line = line.Add(theme.Text, fmt.Sprintf(", %s to go", number(c[partmap.Missing])))
	}
	if job.ETA >= 0 && job.Status == model.StatusUploading {
		line = line.Add(theme.Faint, ", ETA ").Add(theme.Text, model.FormatDuration(job.ETA))
	}
	for _, p := range job.InFlight {
		if p.Problem != nil {
			why := clean(p.Problem.Facts.Code)
			if why == "" {
				why = clean(p.Problem.What)
			}
			line = line.Add(theme.Warn, fmt.Sprintf(", part %d waits (try %d, %s)", p.Number, p.Try, why))
			break
		}
	}
	return line
}

func (a *App) leftoverPreview(r row, w int) []theme.Line {
	left := r.left
	verdicts := r.verdicts(a.now, a.o.Judge)
	lines := []theme.Line{labelled("is", previewLabel, theme.Text, model.JoinVerdicts(verdicts))}
	held := theme.L(theme.Faint, theme.PadRight("holds", previewLabel))
	if left.Measured {
		held = held.Add(theme.Text, fmt.Sprintf("%s in %s", model.FormatSize(left.Held), count(left.Parts, "part")))
		if left.Gaps > 0 {
			held = held.Add(theme.Warn, fmt.Sprintf(", missing %s of 1-%d", a.look.cut(left.GapList, 40), left.Highest))
		}
		if a.o.PricePerGiB > 0 {
			held = held.Add(theme.Faint, "   costs ").Add(theme.Text, cost(a, left.Held)+" a month")
		}
		if left.Parts > 0 {
			held = held.Add(theme.Faint, "   last part ").Add(theme.Text, ago(left.LastActivity(), a.now))
		}
	} else {
		held = held.Add(theme.Text, "not known: m reads its parts")
	}
	lines = append(lines, a.comparedLines(left.Ref, previewLabel, w)...)
	lines = append(lines, a.watchLine(left.Ref, previewLabel)...)
	lines = append(lines, held)
	if left.TooSmall > 0 {
		lines = append(lines, labelled("parts", previewLabel, theme.Warn, count(left.TooSmall, "part")+" below 100 KiB: Complete would be refused"))
	}
	if o := left.Object; o != nil {
		lines = append(lines, labelled("object", previewLabel, theme.Warn, fmt.Sprintf("one of this key exists, %s, stored %s", model.FormatSize(o.Size), ago(o.Modified, a.now))))
	}
	return append(lines,
		labelled("id", previewLabel, theme.Text, a.look.middle(left.Ref.UploadID, w/2)),
		labelled("begun", previewLabel, theme.Text, ago(left.Initiated, a.now)).Add(theme.Faint, "  by whom is not recorded   class ").
			Add(theme.Text, a.look.cut(orDefault(left.StorageClass), 20)))
}

// jobStates is where each part of a job stands.
func jobStates(job *model.Job) []partmap.State {
	states := make([]partmap.State, job.Parts)
	for i := range states {
		states[i] = partmap.Missing
		if job.Done.Has(i+1) || job.Status == model.StatusDone {
			states[i] = partmap.Done
		}
	}
	for _, p := range job.InFlight {
		if p.Number < 1 || p.Number > len(states) {
			continue
		}
		states[p.Number-1] = partmap.Moving
		if p.Problem != nil || !p.RetryAt.IsZero() {
			states[p.Number-1] = partmap.Bad
		}
	}
	return states
}

// mapRow draws cells of a part map as spans, neighbours of one kind together.
func (a *App) mapRow(cells []partmap.Kind) theme.Line {
	g := a.look.glyphs
	var line theme.Line
	for from := 0; from < len(cells); {
		to := from + 1
		for to < len(cells) && cells[to] == cells[from] {
			to++
		}
		glyph, role := " ", theme.Text
		switch cells[from] {
		case partmap.KindNone:
			glyph, role = g.CellNone, theme.Faint
		case partmap.KindSome:
			glyph = g.CellSome
		case partmap.KindMost:
			glyph = g.CellMost
		case partmap.KindFull:
			glyph = g.CellFull
		case partmap.KindMoving:
			glyph, role = g.CellMoving, theme.Moving
		case partmap.KindDiffers:
			glyph, role = g.CellDiffers, theme.Bad
		case partmap.KindBad:
			glyph, role = g.CellBad, theme.Bad
		}
		line = line.Add(role, strings.Repeat(glyph, to-from))
		from = to
	}
	return line
}
