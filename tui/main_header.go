package tui

import (
	"fmt"
	"time"

	"partway/model"
	"partway/tui/spark"
	"partway/tui/theme"
)

// header is the lines above the list: place and speed, what the bucket holds, the lenses.
func (m *mainScreen) header(a *App, l layout) []theme.Line {
	w := a.w
	first := m.placeLine(a, l, w)
	switch l.header {
	case 1:
		return []theme.Line{first}
	case 2:
		return []theme.Line{first, m.tabs(a, w).Right(w, theme.L(theme.Faint, heldWords(a.snap.Bucket)))}
	}
	right := theme.L(theme.Faint, fmt.Sprintf("sort %s%s   ", m.list.sort, reversed(m.list.reverse)))
	if a.held() {
		right = right.Add(theme.Text, "order held")
	} else {
		right = right.Add(theme.Faint, "order live")
	}
	right = right.Add(theme.Faint, "   "+refreshed(a))
	tabs := m.tabs(a, w)
	if tabs.Width()+right.Width() > w-2 { // the lenses are keys: they stay whole
		right = theme.L(theme.Faint, refreshed(a)).Cut(max(w-2-tabs.Width(), 0))
	}
	return []theme.Line{first, m.bucketLine(a, w), tabs.Right(w, right)}
}

func reversed(on bool) string {
	if on {
		return " reversed"
	}
	return ""
}

// refreshed says when the bucket was listed. It is a time of day, not an age: an age would have to be drawn again every second,
// or be wrong.
func refreshed(a *App) string {
	b := a.snap.Bucket
	switch b.State {
	case model.ListReading:
		return fmt.Sprintf("reading, page %d", b.Pages+1)
	case model.ListFailed:
		return "listing failed"
	case model.ListDenied:
		return "listing denied"
	case model.ListNone:
		return "not listed yet"
	}
	return "listed " + a.look.clock(b.Refreshed, a.now)
}

func (m *mainScreen) placeLine(a *App, l layout, w int) theme.Line {
	t, place := a.snap.Totals, a.snap.Bucket.Place
	left := theme.L(theme.Strong, a.o.Program+" ")
	if l.header == 3 {
		left = left.Add(theme.Text, " oss://"+a.look.middle(place.Bucket+"/"+a.snap.Bucket.Prefix, w/3)+"  "+a.look.cut(place.Region, 20))
		if place.Profile != "" {
			left = left.Add(theme.Faint, "  profile ").Add(theme.Text, a.look.cut(place.Profile, 20))
		}
	} else {
		left = left.Add(theme.Text, a.look.middle(place.Bucket, w/3))
	}
	if a.o.ReadOnly {
		left = left.Add(theme.Warn, "  RO")
	}
	return left.Right(w, m.totals(a, l, t))
}

func (m *mainScreen) totals(a *App, l layout, t model.Totals) theme.Line {
	var right theme.Line
	if l.header == 1 {
		right = right.Add(theme.Text, model.FormatRate(t.Rate))
	} else {
		right = right.Add(theme.Faint, "up ").Add(theme.Text, model.FormatRate(t.Rate)+"  ")
		if l.header == 3 {
			right = right.Add(theme.Faint, "limit ").Add(theme.Text, limitWords(a.snap.Limits.BytesPerSecond)+"  ")
		}
		right = right.Add(theme.Text, fmt.Sprintf("%d moving %d waiting", t.Moving, t.Waiting))
	}
	if n := m.list.counts.attention; n > 0 && l.header == 1 {
		right = right.Add(theme.Bad, fmt.Sprintf("  %d!", n))
	}
	if t.Moving > 0 {
		right = right.Add(theme.Faint, "  ETA ").Add(theme.Text, model.FormatDuration(t.ETA))
	}
	return right
}

func limitWords(bytesPerSecond int64) string {
	if bytesPerSecond == 0 {
		return "off"
	}
	return model.FormatRate(float64(bytesPerSecond))
}

// unlisted reports whether nothing is known of what the bucket holds, which is not the same as that it holds nothing.
func unlisted(b model.BucketView) bool {
	return len(b.Uploads) == 0 && b.State != model.ListWhole && b.State != model.ListReading
}

func heldWords(b model.BucketView) string {
	if unlisted(b) {
		return "unfinished: not known"
	}
	if len(b.Uploads) == 0 && b.State == model.ListReading {
		return "reading the list"
	}
	text := model.FormatSize(b.Held) + " unfinished"
	if b.Measured < len(b.Uploads) {
		text = fmt.Sprintf("%s, %s of %s measured", model.FormatSize(b.Held), number(b.Measured), number(len(b.Uploads)))
	}
	return text
}

// bucketLine says what the leftovers hold and cost. The total is never shown without how many it was summed over.
func (m *mainScreen) bucketLine(a *App, w int) theme.Line {
	b := a.snap.Bucket
	line := theme.L(theme.Faint, "unfinished ").Add(theme.Text, model.FormatSize(b.Held)).Add(theme.Faint, " in "+count(len(b.Uploads), "upload"))
	switch {
	case unlisted(b):
		line = theme.L(theme.Faint, "what is unfinished in the bucket is not known")
	case len(b.Uploads) == 0 && b.State == model.ListReading:
		line = theme.L(theme.Faint, "looking for what is unfinished in the bucket")
	case b.State == model.ListReading:
		line = line.Add(theme.Faint, " so far")
	}
	if len(b.Uploads) > 0 {
		line = line.Add(theme.Faint, fmt.Sprintf(" (%s of %s measured)", number(b.Measured), number(len(b.Uploads))))
	}
	// What has no room is left out whole: half a number is a wrong one.
	add := func(label, text string) {
		if more := theme.L(theme.Faint, "  "+label+" ").Add(theme.Text, text); line.Width()+more.Width() <= w {
			line = append(line, more...)
		}
	}
	if a.o.PricePerGiB > 0 && len(b.Uploads) > 0 {
		add("costs", cost(a, b.Held)+" a month")
	}
	stale, held, oldest := m.list.staleness()
	if !oldest.IsZero() {
		add("oldest", age(oldest, a.now))
	}
	if stale > 0 {
		add("stale", fmt.Sprintf("%s = %s", number(stale), model.FormatSize(held)))
	}
	if graph := w - line.Width() - 8; graph >= 10 && len(a.snap.Totals.Rates) > 0 {
		rates := a.snap.Totals.Rates
		return line.Right(w, theme.L(theme.Moving, spark.Line(rates, min(graph, 24), spark.Top(rates), a.look.glyphs.Levels)).Add(theme.Faint, " 60s"))
	}
	return line
}

func cost(a *App, bytes int64) string {
	text := fmt.Sprintf("%.2f", model.MonthlyCost(bytes, a.o.PricePerGiB))
	if a.o.Currency != "" {
		text += " " + clean(a.o.Currency)
	}
	return text
}

// staleness sums over the leftovers that are stale, and finds the oldest start of all. It walks the list only when that is new.
func (l *listing) staleness() (n int, held int64, oldest time.Time) {
	if l.stale.made == l.base.made {
		return l.stale.n, l.stale.held, l.stale.oldest
	}
	l.stale = staleSum{made: l.base.made}
	for i := range l.left {
		r := &l.left[i]
		if l.stale.oldest.IsZero() || r.left.Initiated.Before(l.stale.oldest) {
			l.stale.oldest = r.left.Initiated
		}
		if r.status == model.StatusStale {
			l.stale.n++
			l.stale.held += r.left.Held
		}
	}
	return l.stale.n, l.stale.held, l.stale.oldest
}

type staleSum struct {
	made   int
	n      int
	held   int64
	oldest time.Time
}

// tabs are the lenses with what each shows; the one in use is in brackets.
func (m *mainScreen) tabs(a *App, w int) theme.Line {
	c := m.list.counts
	names := []struct {
		lens  lens
		name  string
		short string
		n     int
		alarm bool
	}{
		{lensAll, "All", "All", c.jobs + c.left, false}, {lensMine, "Mine", "Mine", c.jobs, false}, {lensBucket, "Bucket", "Bucket", c.bucket, false},
		{lensAttention, "Attention", "Attn", c.attention, c.attention > 0}, {lensHistory, "History", "Hist", c.finished, false},
	}
	var line theme.Line
	for _, t := range names {
		name := t.name
		if w < 100 {
			name = t.short
		}
		text := fmt.Sprintf("%d %s %d", t.lens, name, t.n)
		role := theme.Text
		if t.alarm {
			text, role = text+"!", theme.Bad
		}
		if t.lens == m.list.lens {
			text, role = "["+text+"]", theme.Strong
		}
		line = line.Add(role, text).Space(1)
		if w >= 100 {
			line = line.Space(1)
		}
	}
	return line
}
