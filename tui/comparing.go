package tui

import (
	"fmt"
	"slices"

	"partway/model"
	"partway/tui/theme"
)

// A comparison of a file with an upload is a job of the engine, but it sends nothing and owns no upload. In the list it is no row of
// its own: what it found is told with the upload that it looked at.

// comparison is a comparison that was asked for here. Its job is known by what it was asked about, from the first snapshot on that
// has it; jobs of the upload that were there before are others.
type comparison struct {
	ref    model.Ref
	path   string
	before map[model.JobID]bool
	id     model.JobID // empty: not seen yet
}

// expect announces a comparison before it is asked for, so that its job is told from earlier ones of the same file.
func (l *listing) expect(ref model.Ref, path string) *comparison {
	c := &comparison{ref: ref, path: path, before: map[model.JobID]bool{}}
	for i := range l.snap.Jobs {
		c.before[l.snap.Jobs[i].ID] = true
	}
	l.comparisons = append(l.comparisons, c)
	return c
}

// drop forgets a comparison that was refused.
func (l *listing) drop(c *comparison) {
	l.comparisons = slices.DeleteFunc(l.comparisons, func(other *comparison) bool { return other == c })
}

// recognise finds the jobs of the comparisons that were asked for, and forgets those that the engine forgot.
func (l *listing) recognise(jobs []model.Job) {
	kept := l.comparisons[:0:0]
	for _, c := range l.comparisons {
		there := c.id == ""
		for i := range jobs {
			j := &jobs[i]
			if c.id == "" && compares(j) && j.Ref == c.ref && j.Source.Path == c.path && !c.before[j.ID] {
				c.id = j.ID
			}
			there = there || j.ID == c.id
		}
		if there {
			kept = append(kept, c)
		}
	}
	l.comparisons = kept
}

// compares reports whether a job is a comparison, whoever asked for it.
func compares(j *model.Job) bool { return j.Kind == model.JobCompare }

// job is the job of a comparison as the snapshot has it, or nil.
func (l *listing) job(c *comparison) *model.Job {
	for i := range l.snap.Jobs {
		if j := &l.snap.Jobs[i]; c != nil && c.id != "" && j.ID == c.id {
			return j
		}
	}
	return nil
}

// comparedWords says what a comparison has found so far, with the file left out.
func comparedWords(j *model.Job) string {
	switch c := j.Comparison; {
	case c != nil:
		return comparisonWords(*c)
	case j.Status.Active():
		return fmt.Sprintf("%s of %s compared", number(j.Compared), count(j.ToCompare, "part"))
	case j.Status == model.StatusQueued:
		return "waits to be compared"
	case j.Problem != nil:
		return "not compared: " + clean(j.Problem.Error())
	}
	return "not compared to the end"
}

// comparedLines tells of the newest comparison of an upload; none if there is none. Where file and result do not fit on one line, the
// result comes first: it is what was asked for.
func (a *App) comparedLines(ref model.Ref, label, w int) []theme.Line {
	j := a.main.list.compared[ref]
	if j == nil {
		return nil
	}
	words := comparedWords(j)
	if room := w - label - theme.Width(words) - 2; room >= 20 {
		return []theme.Line{labelled("file", label, theme.Text, a.look.middle(j.Source.Path, min(room, w/3))+"  "+words)}
	}
	return []theme.Line{labelled("file", label, theme.Text, words), labelled("", label, theme.Text, a.look.middle(j.Source.Path, w-label))}
}

// comparisonWords is a result in a sentence without its full stop. Of how many parts a file consists is not part of it.
func comparisonWords(c model.Comparison) string {
	held := c.Equal + c.Differ + c.Silent
	text := fmt.Sprintf("%s of %s in OSS equal", number(c.Equal), count(held, "part"))
	if c.Differ > 0 {
		text += fmt.Sprintf(", %s %s", number(c.Differ), plural(c.Differ, "differs", "differ"))
	}
	if c.Silent > 0 {
		text += fmt.Sprintf(", %s without a sum", number(c.Silent))
	}
	if c.Missing > 0 {
		text += fmt.Sprintf(", %s missing", number(c.Missing))
	}
	return text
}
