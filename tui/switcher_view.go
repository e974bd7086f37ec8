package tui

import (
	"fmt"

	"partway/model"
	"partway/tui/theme"
)

// The widths of the switcher's columns; the bucket takes what is left. A narrow screen does without the last ones.
const (
	profileColumn = 14
	regionColumn  = 16
	heldColumn    = 20
	queueColumn   = 9
	leastBucket   = 20
)

func (s *switcher) view(a *App, w, h int) []theme.Line {
	shown := s.shown()
	var body []theme.Line
	room := max(min(h-9, 16), 1)
	from := min(max(s.at-room/2, 0), max(len(shown)-room, 0))
	cols := fitPlaceColumns(w - 2)
	if len(shown) > 0 {
		body = append(body, s.heads(cols))
	}
	for i := from; i < min(from+room, len(shown)); i++ {
		here := i == s.at && !s.typed()
		line := s.row(a, cols, shown[i], here)
		if here {
			line = line.Reversed(w - 2)
		}
		body = append(body, line)
	}
	if left := len(shown) - room; left > 0 {
		body = append(body, theme.L(theme.Faint, fmt.Sprintf("  %s, %d shown", count(len(shown), "place"), room)))
	}
	body = append(body, s.hint(a, len(shown)), nil, theme.L(theme.Faint, "Uploads in other buckets keep running: key 2 shows all of this machine."))
	feet := []theme.Line{theme.L(theme.Key, " filter or address: ").Join(s.input.line(w - 21))}
	if s.err != "" {
		feet = append(feet, theme.L(theme.Warn, " "+theme.L(theme.Text, s.err).Cut(w-2).String()))
	}
	return panel(a, w, h, "GO TO", body, feet, s.choices(a), 0)
}

// hint is the line under the list: what is going on, or how to go where no line leads.
func (s *switcher) hint(a *App, shown int) theme.Line {
	switch {
	case s.typed():
		line := theme.L(theme.Text, "> enter goes to ").Add(theme.Strong, a.look.middle(s.input.text(), 50))
		if profile := s.profileHere(a); profile != "" {
			line = line.Add(theme.Text, " with profile ").Add(theme.Strong, a.look.cut(profile, 20))
		}
		return line
	case s.pending > 0:
		return theme.L(theme.Faint, "  looking ...")
	case shown == 0:
		return theme.L(theme.Text, "  no place matches; type oss://bucket to go to one that is not listed")
	}
	return theme.L(theme.Faint, "  + type oss://bucket/prefix")
}

// placeColumns says what of a place is shown, and in how many cells.
type placeColumns struct{ bucket, region, held, queue int }

func fitPlaceColumns(w int) placeColumns {
	c := placeColumns{region: regionColumn, held: heldColumn, queue: queueColumn}
	rest := w - 2 - profileColumn
	for _, drop := range []*int{&c.held, &c.queue, &c.region} {
		if rest-c.region-c.held-c.queue >= leastBucket {
			break
		}
		*drop = 0
	}
	c.bucket = max(rest-c.region-c.held-c.queue, 1)
	return c
}

func (s *switcher) heads(c placeColumns) theme.Line {
	line := theme.L(theme.Faint, "  "+theme.PadRight("PROFILE", profileColumn)+theme.PadRight("BUCKET", c.bucket))
	if c.region > 0 {
		line = line.Add(theme.Faint, theme.PadRight("REGION", c.region))
	}
	if c.held > 0 {
		line = line.Add(theme.Faint, theme.PadRight("UNFINISHED", c.held))
	}
	if c.queue > 0 {
		line = line.Add(theme.Faint, theme.PadLeft("OUR QUEUE", c.queue))
	}
	return line
}

func (s *switcher) row(a *App, c placeColumns, p PlaceInfo, here bool) theme.Line {
	profile, bucket := p.Place.Profile, p.Place.Bucket
	if profile == "" {
		profile = "environment"
	}
	if p.Prefix != "" {
		bucket += "/" + p.Prefix
	}
	line := theme.L(theme.Text, gutter(here, false)).Add(theme.Text, theme.PadRight(a.look.cut(profile, profileColumn-1), profileColumn))
	switch {
	case p.Problem != "":
		return line.Add(theme.Warn, a.look.cut(p.Problem, c.bucket+c.region+c.held+c.queue))
	case bucket == "":
		return line.Add(theme.Faint, "enter lists its buckets")
	}
	marks := ""
	if p.Protect {
		marks += " protected"
	}
	if p.ReadOnly {
		marks += " RO"
	}
	name := a.look.middle(bucket, max(c.bucket-1-len(marks), 8))
	line = line.Add(theme.Strong, name).Add(theme.Warn, marks).To(2 + profileColumn + c.bucket)
	if c.region > 0 {
		region := p.Place.Region
		if region == "" {
			region = p.Place.Endpoint
		}
		line = line.Add(theme.Text, theme.PadRight(a.look.cut(region, c.region-1), c.region))
	}
	if c.held > 0 {
		line = line.Add(theme.Text, theme.PadRight(a.heldAt(p), c.held))
	}
	if c.queue > 0 {
		line = line.Add(theme.Text, theme.PadLeft(number(a.queueAt(p)), c.queue))
	}
	return line
}

// heldAt is what lies around at a place, known only for the one on view.
func (a *App) heldAt(p PlaceInfo) string {
	b := a.snap.Bucket
	if !a.onView(p) || b.State == model.ListNone {
		return "-"
	}
	return model.FormatSize(b.Held) + " in " + number(len(b.Uploads))
}

// queueAt is how many jobs of the queue are about a place and not over.
func (a *App) queueAt(p PlaceInfo) (n int) {
	for i := range a.snap.Jobs {
		if j := &a.snap.Jobs[i]; !j.Status.Final() && samePlace(j.Place, p.Place) {
			n++
		}
	}
	return n
}
