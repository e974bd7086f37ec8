package tui

import (
	"fmt"
	"strings"
	"time"

	"partway/model"
	"partway/tui/pick"
	"partway/tui/theme"
)

// pickLayout says what fits a screen. The plan lies beside the files where there is room, below them where there is not, and gives
// way to them on small screens; tab shows it whole.
type pickLayout struct {
	w, h  int // without the footer
	head  int
	files int // cells
	list  int // lines of files
	side  int // cells of the plan beside the files; 0: none
	below int // lines of the plan below the files, its rule included
}

func (p *pickerScreen) layout(w, h int) pickLayout {
	l := pickLayout{w: w, h: h, head: 2, files: w}
	switch {
	case w >= 100 && h >= 19:
		l.files = w * 52 / 100
		l.side = w - l.files - 1
	case h >= 22:
		l.below = 5
	case h >= 12:
		l.below = 2
	}
	if h < 19 {
		l.head = 1
	}
	l.list = max(h-l.head-l.below-2, 1)
	return l
}

func (l pickLayout) sideHeight() int { return max(l.h-l.head-2, 1) }

func (l pickLayout) sideWidth() int {
	if l.side > 0 {
		return l.side
	}
	return l.w
}

func (p *pickerScreen) settle(a *App) { p.cursor.Settle(p.layout(a.w, a.h-1).list) }

func (p *pickerScreen) view(a *App, w, h int) []theme.Line {
	l := p.layout(w, h)
	lines := p.heading(a, l)
	switch {
	case l.side > 0:
		left, right := fit(p.rows(a, l), l.sideHeight()), fit(p.planWindow(a, l), l.sideHeight())
		for i := range left {
			lines = append(lines, left[i].Cut(l.files).To(l.files+1).Join(right[i]))
		}
	case p.side:
		lines = append(lines, fit(p.planWindow(a, l), l.sideHeight())...)
	default:
		lines = append(lines, fit(p.rows(a, l), l.list)...)
		if l.below > 0 {
			lines = append(lines, theme.L(theme.Faint, a.look.glyphs.Ruler("", w)))
			lines = append(lines, fit(p.planShort(a, w), l.below-1)...)
		}
	}
	return append(fit(lines, h-2), p.totals(a, w), p.status(a, w))
}

func (p *pickerScreen) planWindow(a *App, l pickLayout) []theme.Line {
	lines := p.planLines(a, l.sideWidth())
	top := min(p.top, max(len(lines)-l.sideHeight(), 0))
	lines = lines[top:]
	if len(lines) > l.sideHeight() {
		more := len(lines) - l.sideHeight() + 1
		lines = append(lines[:l.sideHeight()-1:l.sideHeight()-1], theme.L(theme.Faint, fmt.Sprintf("  ... %s more, tab and j show them", count(more, "line"))))
	}
	return lines
}

func (p *pickerScreen) title(a *App, w int) string {
	if p.adopt != nil {
		return "choose the file for " + a.look.middle(p.adopt.row.ref().URL(), max(w-32, 20))
	}
	return "add files to " + a.look.middle("oss://"+p.place.Bucket+"/"+p.options.Prefix, max(w-24, 20))
}

func (p *pickerScreen) heading(a *App, l pickLayout) []theme.Line {
	facts := count(len(p.shown), "entry")
	if len(p.shown) != 1 {
		facts = number(len(p.shown)) + " entries"
	}
	if p.capped {
		facts = "the first " + facts
	}
	if p.reading.cancel != nil {
		facts = "reading ..."
	}
	right := theme.L(theme.Faint, facts)
	if l.w >= 100 {
		right = right.Add(theme.Faint, "  hidden "+map[bool]string{true: "on", false: "off"}[p.hidden]+"  sort "+p.sort.String())
		if p.reverse {
			right = right.Add(theme.Faint, " reversed")
		}
	}
	filter := theme.Line{}
	if p.filter != "" {
		filter = theme.L(theme.Warn, "  filter: "+a.look.cut(p.filter, max(l.w/4, 8)))
	}
	if l.head == 1 { // where they go must be seen, how many there are need not
		to := "to oss://" + p.place.Bucket + "/" + p.options.Prefix
		if p.adopt != nil {
			to = "for " + p.adopt.row.ref().Key
		}
		right = theme.L(theme.Text, a.look.middle(to, l.w/2))
	}
	folder := theme.L(theme.Strong, a.look.middle(p.folder, max(l.w-right.Width()-filter.Width()-2, 10))).Join(filter).Right(l.w, right)
	if l.head == 1 {
		return []theme.Line{folder}
	}
	return []theme.Line{theme.L(theme.Text, p.title(a, l.w-10)).Right(l.w, theme.L(theme.Key, "esc").Add(theme.Faint, " back")), folder}
}

const (
	sizeWidth = 11
	dateWidth = 9
)

// rows draws the entries of the window, and only those are looked at.
func (p *pickerScreen) rows(a *App, l pickLayout) []theme.Line {
	lines := make([]theme.Line, 0, l.list)
	from, to := p.cursor.Window(l.list)
	first := 0
	if p.hasParent() {
		first = 1
	}
	for i := from; i < to; i++ {
		here := i == p.cursor.Cursor() && !(p.side && l.side > 0)
		if i < first {
			line := theme.L(theme.Text, gutter(here, false)+" ..")
			if here {
				line = line.Reversed(l.files)
			}
			lines = append(lines, line)
			continue
		}
		lines = append(lines, p.fileLine(a, l, p.entries[p.shown[i-first]], here))
	}
	switch {
	case p.failed != "":
		for _, text := range wrap(p.failed, l.files-4) {
			lines = append(lines, theme.L(theme.Bad, "   "+text))
		}
	case len(p.shown) == 0 && p.reading.cancel != nil:
		lines = append(lines, theme.L(theme.Faint, "   reading; h goes up, esc back"))
	case len(p.shown) == 0 && p.filter != "":
		lines = append(lines, theme.L(theme.Faint, fmt.Sprintf("   0 of %s match   esc clears the filter", number(len(p.entries)))))
	case len(p.shown) == 0 && len(p.entries) > 0:
		lines = append(lines, theme.L(theme.Faint, "   only hidden files; . shows them"))
	case len(p.shown) == 0:
		lines = append(lines, theme.L(theme.Faint, "   empty"))
	}
	return lines
}

func (p *pickerScreen) fileLine(a *App, l pickLayout, e FileEntry, here bool) theme.Line {
	path := p.path(e)
	m := p.sel.Get(path)
	covered := m == nil && p.sel.Len() > 0 && p.sel.Cover(path) != nil
	why := refusal(e)
	right := model.FormatSize(e.Size)
	switch {
	case why != "":
		right = why
	case e.Mode.IsDir():
		right = folderSize(m)
	case p.adopt != nil && !p.adopt.fits(e):
		right += " small"
	}
	// A reason is not cut for the sake of the date.
	name := max(l.files-3-sizeWidth-dateWidth-2, 8)
	line := theme.L(theme.Text, gutter(here, m != nil || covered)+" ")
	role := theme.Text
	if m != nil || covered {
		role = theme.Marked
	}
	shown := e.Name
	if e.Mode.IsDir() {
		line = line.Add(role, a.look.middle(shown, name-1)+"/")
	} else {
		line = line.Add(role, a.look.middle(shown, name))
	}
	date := theme.L(theme.Faint, theme.PadLeft(a.look.day(e.ModTime, a.now), dateWidth))
	line = line.Right(l.files, theme.L(theme.Text, theme.PadLeft(clean(right), sizeWidth)).Space(1).Join(date))
	switch {
	case here:
		return line.Reversed(l.files)
	case why != "" || p.adopt != nil && !e.Mode.IsDir() && !p.adopt.fits(e):
		return line.Dim()
	}
	return line
}

// folderSize is what a marked folder holds, with a + while that is not all.
func folderSize(m *pick.Mark) string {
	switch {
	case m == nil:
		return ""
	case m.State == pick.Counted:
		return model.FormatSize(m.Bytes)
	case m.State == pick.Counting && len(m.Files) == 0:
		return "counting"
	}
	return model.FormatSize(m.Bytes) + "+"
}

// day is the time of a file's last change: the time of day, the day, or for an old one the year as well.
func (k *look) day(at, now time.Time) string {
	if at.IsZero() {
		return k.glyphs.Dash
	}
	at, now = at.In(k.zone), now.In(k.zone)
	switch {
	case at.Year() == now.Year() && at.YearDay() == now.YearDay():
		return at.Format("15:04")
	case at.Year() == now.Year():
		return at.Format("Jan 02")
	}
	return at.Format("Jan 2006")
}

// totals is the line that sums over what is marked.
func (p *pickerScreen) totals(a *App, w int) theme.Line {
	files, bytes, counting, partial := p.sel.Totals()
	if p.adopt != nil {
		return theme.L(theme.Text, a.look.cut(p.adopt.summary(a), w))
	}
	if p.sel.Len() == 0 {
		return theme.L(theme.Faint, "nothing marked   paste a path any time: quoted, escaped, file://, one per line").Cut(w)
	}
	plus := ""
	if partial {
		plus = "+"
	}
	line := theme.L(theme.Strong, fmt.Sprintf("%d marked", p.sel.Len())).
		Add(theme.Text, fmt.Sprintf(" = %s%s, %s%s", count(files, "file"), plus, model.FormatSize(bytes), plus))
	switch {
	case counting:
		line = line.Add(theme.Warn, ", counting (esc stops)")
	case partial:
		line = line.Add(theme.Warn, ", not counted to the end")
	case p.plan != nil:
		line = line.Add(theme.Text, ", "+count(p.plan.Parts, "part")+a.duration(p.plan.Bytes))
	}
	return line.Cut(w)
}

// duration estimates how long bytes take at the rate that was seen here, in words; "" where nothing was seen yet.
func (a *App) duration(bytes int64) string {
	rate := pick.Rate(a.snap)
	if rate <= 0 {
		return ""
	}
	return fmt.Sprintf(", about %s at %s", model.FormatDuration(time.Duration(float64(bytes)/rate*float64(time.Second))), model.FormatRate(rate))
}

func (p *pickerScreen) status(a *App, w int) theme.Line {
	asks := 0
	if p.plan != nil {
		for _, c := range p.plan.Asks() {
			asks += len(p.plan.Group(c))
		}
	}
	switch {
	case a.note.text != "":
		return a.noteLine(w)
	case p.queueing:
		return theme.L(theme.Moving, "counting and planning; queued as soon as that is done   esc stops")
	case p.sending != 0:
		return theme.L(theme.Moving, "being queued ...")
	case len(p.missing) > 0:
		return theme.L(theme.Warn, theme.L(theme.Warn, "not found: "+strings.Join(p.missing, "  ")).Cut(w).String())
	case p.adopt != nil && p.adopt.named.Path != "":
		e, is := p.entry()
		return theme.L(theme.Moving, p.adopt.namedWords(a, is && p.path(e) == p.adopt.named.Path, w))
	case asks == 1:
		return theme.L(theme.Warn, "1 collision: enter asks first, tab shows it")
	case asks > 1:
		return theme.L(theme.Warn, number(asks)+" collisions: enter asks once, tab shows them")
	}
	return nil
}
