package tui

import (
	"fmt"
	"strings"
	"time"

	"partway/model"
	"partway/tui/theme"
)

// situation says where a row without a bar stands, in variants from long to short; nil where a bar says more.
func (a *App) situation(r row) []string {
	if r.job == nil {
		return a.leftoverWords(r)
	}
	job := r.job
	var words []string
	switch {
	case r.works():
		words = workWords(r)
	case r.streams():
		words = a.streamWords(r)
	}
	if words != nil {
		return words
	}
	switch r.status {
	case model.StatusUploading, model.StatusStalled, model.StatusRetrying:
		return nil
	case model.StatusPaused:
		if job.BytesDone > 0 {
			return nil
		}
		return []string{"nothing sent yet"}
	case model.StatusQueued:
		return []string{fmt.Sprintf("#%d  parts %dx%s", job.Position, job.Parts, model.FormatSize(job.PartSize)), fmt.Sprintf("#%d", job.Position)}
	case model.StatusMatching:
		return []string{fmt.Sprintf("%d of %d parts compared", job.Compared, job.ToCompare), fmt.Sprintf("%d/%d", job.Compared, job.ToCompare)}
	case model.StatusReady:
		return []string{fmt.Sprintf("all %d parts in, c completes", job.Parts), "all in: c", "press c"}
	case model.StatusAborting:
		return []string{fmt.Sprintf("pass %d of 5", job.AbortPass)}
	case model.StatusDone:
		return doneWords(job)
	case model.StatusChanged:
		if growing(job) {
			return []string{"the local file is being appended to", "file is growing", "growing"}
		}
		return []string{"the local file changed", "file changed"}
	case model.StatusGone:
		return []string{"aborted or completed elsewhere", "gone"}
	case model.StatusFailed:
		if !job.GoesOn.IsZero() {
			return []string{"waits for the network, goes on by itself", "waits for the network", "no network"}
		}
		return problemWords(job.Problem)
	}
	return []string{string(r.status)}
}

func doneWords(job *model.Job) []string {
	proof := proofWords(job.Proof)
	if job.Average <= 0 {
		return []string{proof}
	}
	return []string{proof + "  avg " + model.FormatRate(job.Average), proof}
}

func problemWords(p *model.Problem) []string {
	if p == nil {
		return []string{"stopped"}
	}
	short := string(p.Class)
	if p.Facts.Code != "" {
		short = clean(p.Facts.Code)
	}
	return []string{short + ": " + clean(p.Why), short, string(p.Class)}
}

// leftoverWords says what is known of an upload that was begun elsewhere. A percentage is not among it: the service does not say
// how large the object is going to be.
func (a *App) leftoverWords(r row) []string {
	left := r.left
	switch {
	case left.Vanished:
		return []string{"gone since it was listed", "gone"}
	case left.Failure != "":
		return []string{"not readable: " + clean(left.Failure), "not readable"}
	case !left.Measured:
		return []string{"not measured yet", "?"}
	}
	if j := a.main.list.compared[left.Ref]; j != nil && j.Status.Active() {
		return []string{comparedWords(j), fmt.Sprintf("%d/%d", j.Compared, j.ToCompare)}
	}
	verdict := ""
	if v := r.verdicts(a.now, a.o.Judge); len(v) > 0 {
		verdict = shortVerdict(v[0])
	}
	if left.Parts == 0 {
		return []string{"empty: it holds no part", "empty"}
	}
	parts := count(left.Parts, "part")
	gaps := ", no gap"
	if left.Gaps > 0 {
		gaps = ", " + count(left.Gaps, "gap")
	}
	switch verdict {
	case "live?":
		verdict = "live? " + age(left.LastActivity(), a.now)
	case "gaps": // they are counted
		verdict = ""
	}
	return []string{parts + gaps + "   " + verdict, parts + gaps, parts, fmt.Sprintf("%dp", left.Parts)}
}

// shortVerdict is a verdict in a word, for a row.
func shortVerdict(v model.Verdict) string {
	switch v {
	case model.VerdictAlive:
		return "live?"
	case model.VerdictGaps:
		return "gaps"
	case model.VerdictSmall:
		return "parts too small"
	case model.VerdictWhole:
		return "whole?"
	}
	return string(v)
}

// brief is the one right column of a small screen.
func (a *App) brief(r row, width int) string {
	if r.job == nil {
		held, known := r.held()
		if j := a.main.list.compared[r.left.Ref]; j != nil && j.Status.Active() {
			return longest([]string{fmt.Sprintf("compared %d/%d", j.Compared, j.ToCompare), fmt.Sprintf("%d/%d", j.Compared, j.ToCompare)}, width)
		}
		if v := r.verdicts(a.now, a.o.Judge); len(v) > 0 && v[0] == model.VerdictAlive {
			return longest([]string{"live? " + bytesOf(held, known), "live?"}, width)
		}
		return longest([]string{age(r.began(), a.now) + " " + bytesOf(held, known), age(r.began(), a.now)}, width)
	}
	share, _ := r.done()
	var words []string
	switch r.status {
	case model.StatusUploading:
		if r.streams() {
			return longest(a.streamWords(r)[1:], width)
		}
		words = []string{percent(share) + " " + model.FormatRate(r.job.Rate), percent(share)}
	case model.StatusStalled:
		words = []string{"still " + age(r.job.LastByte, a.now), "still"}
	case model.StatusRetrying:
		words = []string{"retry " + a.speed(r), "retry"}
	case model.StatusPaused:
		words = []string{"paused"}
		if _, known := r.done(); known {
			words = []string{"paused " + percent(share)}
		}
	case model.StatusQueued:
		words = []string{"queued"}
		if size, known := r.size(); known {
			words = []string{"queued " + model.FormatSize(size), "queued"}
		}
	case model.StatusMatching:
		words = []string{fmt.Sprintf("match %d/%d", r.job.Compared, r.job.ToCompare), "match"}
	case model.StatusReady:
		words = []string{"ready: c"}
	case model.StatusFailed:
		words = problemWords(r.job.Problem)[1:]
		switch {
		case r.works():
			words = workWords(r)[1:]
		case r.streams():
			words = a.streamWords(r)[2:]
		}
	default:
		words = []string{string(r.status)}
	}
	return longest(words, width)
}

// longest is the first of the variants that fits, or the last one cut.
func longest(words []string, width int) string {
	for _, w := range words {
		if w = strings.TrimRight(w, " "); theme.Width(w) <= width {
			return w
		}
	}
	return theme.L(theme.Text, words[len(words)-1]).Cut(width).String()
}

// lastPartWords says how long ago the newest part of a measured leftover arrived. One without a part has none.
func lastPartWords(left *model.Leftover, now time.Time) string {
	if left.Parts == 0 {
		return "no part in it"
	}
	return "last part " + ago(left.LastActivity(), now)
}
