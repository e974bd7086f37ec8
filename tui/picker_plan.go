package tui

import (
	"fmt"
	"path"
	"strings"

	"partway/model"
	"partway/tui/pick"
	"partway/tui/theme"
)

// planLines is the whole plan, for the pane beside the files and for the screen that tab shows.
func (p *pickerScreen) planLines(a *App, w int) []theme.Line {
	if p.adopt != nil {
		return p.adopt.lines(a, w)
	}
	lines := p.planHead(w)
	lines = append(lines, p.countLines(a, w)...)
	if here := p.hereLines(a, w); len(here) > 0 {
		lines = append(append(lines, theme.L(theme.Strong, "AT THE CURSOR")), here...)
		lines = append(lines, nil)
	}
	lines = append(lines, p.collisionLines(a, w)...)
	if len(p.missing) > 0 {
		lines = append(lines, theme.L(theme.Warn, fmt.Sprintf("NOT FOUND %d", len(p.missing))))
		for _, m := range p.missing {
			lines = append(lines, theme.L(theme.Text, "  "+m).Cut(w))
		}
		lines = append(lines, nil)
	}
	lines = append(lines, theme.L(theme.Strong, "OPTIONS  ").Add(theme.Key, "e").Add(theme.Faint, " edits"))
	lines = append(lines, p.optionLines(a, w)...)
	if warnings := p.warnings(); len(warnings) > 0 {
		lines = append(lines, nil, theme.L(theme.Strong, "WARNINGS"))
		for _, text := range warnings {
			for i, s := range wrap(text, w-4) {
				lines = append(lines, theme.L(theme.Warn, map[bool]string{true: "  ! ", false: "    "}[i == 0]+s))
			}
		}
	}
	return lines
}

func (p *pickerScreen) planHead(w int) []theme.Line {
	head := theme.L(theme.Strong, "PLAN   ")
	if p.plan == nil {
		return []theme.Line{head.Add(theme.Faint, "nothing marked: space marks, enter queues the file"), nil}
	}
	head = head.Add(theme.Text, fmt.Sprintf("%s, %s, %s", count(p.plan.Files, "file"), model.FormatSize(p.plan.Bytes), count(p.plan.Parts, "part")))
	return []theme.Line{head.Cut(w)}
}

// countLines is a line for each of the first marked folders.
func (p *pickerScreen) countLines(a *App, w int) []theme.Line {
	const most = 4
	var lines []theme.Line
	folders := 0
	for _, m := range p.sel.Marks() {
		if !m.Folder {
			continue
		}
		if folders++; folders > most {
			continue
		}
		text := fmt.Sprintf("%s, %s", count(len(m.Files), "file"), model.FormatSize(m.Bytes))
		switch m.State {
		case pick.Counting:
			text = fmt.Sprintf("%s so far, counting (esc stops)", count(len(m.Files), "file"))
		case pick.Stopped:
			text += " so far, stopped: enter counts the rest"
		}
		if m.Hidden > 0 {
			text += fmt.Sprintf(", %s hidden left out", number(m.Hidden))
		}
		name := a.look.middle(path.Base(m.Path), max(w-theme.Width(text)-5, 10)) + "/"
		lines = append(lines, theme.L(theme.Text, "  "+name+" ").Add(theme.Faint, text).Cut(w))
	}
	if folders > most {
		lines = append(lines, theme.L(theme.Faint, "  and "+count(folders-most, "more folder")))
	}
	if p.plan != nil {
		lines = append(lines, nil)
	}
	return lines
}

// here plans the file under the cursor.
func (p *pickerScreen) here(a *App) (*pick.Item, bool) {
	e, is := p.entry()
	if !is || e.Mode.IsDir() || refusal(e) != "" {
		return nil, false
	}
	return &pick.Make([]pick.File{fileOf(p.path(e), e)}, p.options, p.worldNow(a)).Items[0], true
}

func (p *pickerScreen) hereLines(a *App, w int) []theme.Line {
	it, is := p.here(a)
	if !is {
		return nil
	}
	line := func(label, text string, role theme.Role) theme.Line {
		return theme.L(theme.Text, "  ").Join(labelled(label, 8, role, text)).Cut(w)
	}
	lines := []theme.Line{
		line("from", a.look.middle(it.Path, w-10), theme.Text),
		line("to", a.look.middle(it.Key, w-10), theme.Strong),
		line("parts", p.planWords(it), theme.Text),
		line("type", a.look.cut(p.contentType(a, it.Key), w-10), theme.Text),
	}
	text, role := p.existsWords(a, it)
	for i, s := range wrap(text, w-10) {
		lines = append(lines, line(map[bool]string{true: "exists"}[i == 0], s, role))
	}
	if d := a.duration(it.Size); d != "" {
		lines = append(lines, line("time", strings.TrimPrefix(d, ", "), theme.Text))
	}
	return lines
}

// planWords says how a file is cut: "1223: 1222 x 32 MiB + 12.8 MiB (auto)".
func (p *pickerScreen) planWords(it *pick.Item) string {
	if it.Plan.PartSize == 0 {
		return "none that OSS would take"
	}
	n, last := it.Plan.Count(), int64(0)
	if n > 0 {
		last = it.Plan.Part(n).Size
	}
	text := ""
	switch {
	case n == 0:
		return "none: an empty object"
	case n == 1:
		text = "1 of " + model.FormatSize(last)
	case last == it.Plan.PartSize:
		text = fmt.Sprintf("%s x %s", number(n), model.ExactSize(it.Plan.PartSize))
	default:
		text = fmt.Sprintf("%s: %s x %s + %s", number(n), number(n-1), model.ExactSize(it.Plan.PartSize), model.FormatSize(last))
	}
	if p.options.Send.PartSize == 0 {
		text += " (auto)"
	}
	return text
}

func (p *pickerScreen) contentType(a *App, key string) string {
	switch {
	case p.options.Write.ContentType != "":
		return p.options.Write.ContentType
	case a.o.ContentType != nil:
		return a.o.ContentType(key) + " (by name)"
	}
	return "by name"
}

// existsWords says what is known to stand in the way of the file under the cursor.
func (p *pickerScreen) existsWords(a *App, it *pick.Item) (string, theme.Role) {
	switch it.Class {
	case pick.ClassNone:
		if it.Stale != nil {
			return objectWords(a, it.Stale) + "; rule: " + p.options.Text().IfExists, theme.Warn
		}
		return "none known; OSS is asked before Complete", theme.Text
	case pick.ClassForeign:
		return "unfinished upload, " + foreignWords(a, it), theme.Warn
	case pick.ClassExists:
		return objectWords(a, it.Stale), theme.Warn
	case pick.ClassOurs:
		return "in the queue already: " + it.Why, theme.Warn
	case pick.ClassTaken:
		return "in the queue already, from " + a.look.middle(it.Why, 60), theme.Warn
	case pick.ClassGrowing:
		return "changed " + ago(it.ModTime, a.now) + ": may be growing", theme.Warn
	}
	return it.Class.String() + ": " + clean(it.Why), theme.Bad
}

func (p *pickerScreen) collisionLines(a *App, w int) []theme.Line {
	if p.plan == nil || len(p.plan.Asks()) == 0 {
		return nil
	}
	const most = 3 // of a class
	rules := p.plan.Proposed(p.world)
	var lines []theme.Line
	total := 0
	for _, c := range p.plan.Asks() {
		group := p.plan.Group(c)
		total += len(group)
		lines = append(lines, theme.L(theme.Warn, fmt.Sprintf("  %s %s", number(len(group)), c)).Cut(w))
		for _, i := range group[:min(most, len(group))] {
			lines = append(lines, theme.Line{}.Space(4).Join(p.collisionLine(a, &p.plan.Items[i], w-4)))
		}
		if len(group) > most {
			lines = append(lines, theme.L(theme.Faint, "    and "+number(len(group)-most)+" more"))
		}
		lines = append(lines, theme.L(theme.Faint, "    rule: ").Add(theme.Text, ruleWords(c, rules[c])).Cut(w))
	}
	return append(append([]theme.Line{theme.L(theme.Strong, "COLLISIONS "+number(total))}, lines...), nil)
}

func (p *pickerScreen) optionLines(a *App, w int) []theme.Line {
	t := p.options.Text()
	yes := func(b bool, yes, no string) string { return map[bool]string{true: yes, false: no}[b] }
	pairs := [][2]string{
		{"prefix", t.Prefix}, {"folders", yes(t.Keep, "kept", "flat: names only")},
		{"part size", yes(p.options.Send.PartSize == 0, "auto: 16 MiB or more, at most 10000 parts", t.PartSize)},
		{"at once", yes(p.options.Send.Parts == 0, "parts as many as help", t.Parts+" parts") + fmt.Sprintf(", %s", count(a.snap.Limits.Files, "file"))},
		{"limit", yes(p.options.Limit == nil, limitWords(a.snap.Limits.BytesPerSecond), t.Limit)},
		{"storage", t.StorageClass}, {"acl", t.ACL}, {"content type", yes(t.ContentType == "", "by name", t.ContentType)},
		{"if exists", t.IfExists}, {"metadata", t.Metadata}, {"tags", t.Tags},
		{"verify", yes(t.MD5, "MD5 per part, CRC-64 at the end", "CRC-64 at the end")}, {"start", yes(t.Paused, "paused", "now")},
	}
	var lines []theme.Line
	for _, o := range pairs {
		if o[1] == "" {
			o[1] = a.look.glyphs.Dash
		}
		lines = append(lines, theme.L(theme.Text, "  ").Join(labelled(o[0], 14, theme.Text, a.look.cut(o[1], max(w-16, 8)))))
	}
	return lines
}

func (p *pickerScreen) warnings() []string {
	warnings := p.options.Warnings()
	for _, f := range p.failedFolders() {
		if len(warnings) > 8 {
			break
		}
		warnings = append(warnings, "not read: "+f)
	}
	return warnings
}

func prefixWords(a *App, prefix string, w int) string {
	if prefix == "" {
		return "no prefix"
	}
	return "prefix " + a.look.middle(prefix, w)
}

// planShort is the plan of the file under the cursor and the options, for the lines below the files on a smaller screen.
func (p *pickerScreen) planShort(a *App, w int) []theme.Line {
	if p.adopt != nil {
		return p.adopt.lines(a, w)
	}
	var lines []theme.Line
	if it, is := p.here(a); is {
		text, role := p.existsWords(a, it)
		if it.Class == pick.ClassNone && it.Stale == nil {
			text = "exists: none known"
		}
		to := theme.L(theme.Faint, "to      ").Add(theme.Strong, a.look.middle(it.Key, max(w-12-theme.Width(text), w/3)))
		lines = append(lines, to.Add(role, "   "+text).Cut(w),
			theme.L(theme.Faint, "parts   ").Add(theme.Text, p.planWords(it)).Add(theme.Faint, "   type ").Add(theme.Text, clean(p.contentType(a, it.Key))).Cut(w))
	} else {
		e, is := p.entry()
		text := "the folder above"
		if is {
			text = a.look.middle(e.Name, w/2)
			if m := p.sel.Get(p.path(e)); m != nil && e.Mode.IsDir() {
				text += "/   " + count(len(m.Files), "file") + ", " + model.FormatSize(m.Bytes)
			} else if why := refusal(e); why != "" {
				text += "   " + clean(why)
			} else if e.Mode.IsDir() {
				text += "/   space marks it whole, l opens it"
			}
		}
		lines = append(lines, theme.L(theme.Faint, "at      ").Add(theme.Text, text).Cut(w), nil)
	}
	t := p.options.Text()
	text := fmt.Sprintf("%s  if exists: %s  parts at once: %s", t.StorageClass, t.IfExists, t.Parts)
	edit := theme.L(theme.Key, "e").Add(theme.Faint, " edits")
	lines = append(lines, theme.L(theme.Faint, "options ").Add(theme.Text, prefixWords(a, t.Prefix, w/4)+"  "+text).Right(w, edit))
	for _, s := range p.warnings() {
		lines = append(lines, theme.L(theme.Warn, "! "+s).Cut(w))
		break
	}
	return lines
}
