package tui

import (
	"cmp"
	"slices"
)

// arrange makes the entries anew: lens, filter, order, sections and caps. With stay, the row under the cursor remains in its
// place even if it left the filter, because the user did nothing to send it away.
func (l *listing) arrange(stay bool) {
	line := l.cursor.Cursor()
	l.fresh = 0
	groups := l.groups()
	before := len(l.entries)
	l.entries = l.entries[:0]
	flat := l.lens == lensBucket || !l.shape.titles
	caps := l.caps(groups, flat)
	for s, rows := range groups {
		l.appendSection(section(s), rows, caps[s], flat)
	}
	if n := len(l.entries); n < before {
		clear(l.entries[n:before]) // rows of old snapshots are let go
	}
	here := l.heir()
	if stay {
		l.keepStray(here, line)
	}
	l.cursor.Set(len(l.entries), func(i int) entryID { return l.entries[i].id() }, l.stops)
	if here != nil {
		l.cursor.Seek(entryID{row: here.id})
	}
	l.cursor.Settle(l.shape.height)
}

// stops says where the cursor may rest: on rows, on "more" and on the heading of a section that shows nothing else.
func (l *listing) stops(i int) bool {
	return l.entries[i].kind != entryTitle || l.closed(i)
}

// closed reports whether the heading at entry i stands for rows that are not shown.
func (l *listing) closed(i int) bool {
	e := l.entries[i]
	return e.kind == entryTitle && (i+1 == len(l.entries) || l.entries[i+1].section != e.section)
}

// groups is the rows that are shown, by section, each ordered. In the flat lens they are one group.
func (l *listing) groups() [sections][]*row {
	var groups [sections][]*row
	var index [sections][]int32
	for i := range l.jobs {
		r := &l.jobs[i]
		if l.passes(r) {
			index[r.section()] = append(index[r.section()], int32(i))
		}
	}
	for s := range index {
		order(l.jobs, index[s], l.sort, l.reverse, l.now)
		for _, i := range index[s] {
			groups[s] = append(groups[s], &l.jobs[i])
		}
	}
	if l.lens == lensHistory {
		groups[sectionPast] = l.pastMatching()
	}
	match := l.matching()
	bucket := slices.Grow(l.spare.bucket[:0], len(match))
	for _, i := range match {
		bucket = append(bucket, &l.left[i])
	}
	groups[sectionBucket], l.spare.bucket = bucket, bucket
	l.counts.rows, l.counts.bytes = [sections]int{}, [sections]int64{}
	for s := range groups {
		l.counts.rows[s] = len(groups[s])
		for _, r := range groups[s] {
			l.counts.bytes[s] += r.bytes()
		}
	}
	if l.lens == lensBucket {
		return l.flattened(groups)
	}
	return groups
}

// pastMatching is what earlier runs finished and the filter lets through, ordered.
func (l *listing) pastMatching() (rows []*row) {
	var index []int32
	for i := range l.past {
		if l.passes(&l.past[i]) {
			index = append(index, int32(i))
		}
	}
	order(l.past, index, l.sort, l.reverse, l.now)
	for _, i := range index {
		rows = append(rows, &l.past[i])
	}
	return rows
}

// flattened joins all groups to one, since the bucket's lens compares everything by what it holds. Jobs are few and leftovers
// are ordered, so they are merged.
func (l *listing) flattened(groups [sections][]*row) (one [sections][]*row) {
	less := func(a, b *row) int {
		if l.sort == sortQueue || l.sort == sortSize {
			x, _ := a.held()
			y, _ := b.held()
			return l.sign(cmp.Compare(y, x))
		}
		return l.sign(compare(a, b, l.sort, l.now))
	}
	var jobs []*row
	for s, g := range groups {
		if section(s) != sectionBucket {
			jobs = append(jobs, g...)
		}
	}
	slices.SortStableFunc(jobs, less)
	left := groups[sectionBucket]
	all := slices.Grow(l.spare.flat[:0], len(jobs)+len(left))
	for len(jobs) > 0 && len(left) > 0 {
		if less(jobs[0], left[0]) <= 0 {
			all, jobs = append(all, jobs[0]), jobs[1:]
		} else {
			all, left = append(all, left[0]), left[1:]
		}
	}
	all = append(append(all, jobs...), left...)
	one[sectionBucket], l.spare.flat = all, all
	return one
}

func (l *listing) sign(c int) int {
	if l.reverse {
		return -c
	}
	return c
}

func (l *listing) appendSection(s section, rows []*row, limit int, flat bool) {
	if len(rows) == 0 {
		return
	}
	if !flat {
		l.entries = append(l.entries, entry{kind: entryTitle, section: s})
		if l.folded[s] {
			return
		}
	}
	shown := rows[:min(limit, len(rows))]
	l.entries = slices.Grow(l.entries, len(shown)+1)
	for _, r := range shown {
		l.entries = append(l.entries, entry{section: s, row: r})
	}
	if rest := len(rows) - len(shown); rest > 0 && limit > 0 {
		l.entries = append(l.entries, entry{kind: entryMore, section: s, more: rest})
	}
}

// caps is how many rows each section may show. Only the view of everything is capped, and only while nothing is looked for: five
// jobs must not drown in twenty thousand leftovers. A limit of 0 leaves the heading alone.
func (l *listing) caps(groups [sections][]*row, flat bool) (caps [sections]int) {
	for s := range caps {
		caps[s] = len(groups[s])
	}
	if l.lens != lensAll || l.text != "" || flat {
		return caps
	}
	free := l.shape.height
	capped := [sections]bool{}
	for s, rows := range groups {
		if len(rows) == 0 {
			continue
		}
		free-- // the heading
		switch {
		case l.folded[s]:
		case l.lifted[s]:
			free -= len(rows)
		default:
			capped[s], caps[s] = true, 0
		}
	}
	// Each gets a first helping in the order of how much it wants from the user, then the rest is shared out.
	for _, helping := range []struct {
		section section
		rows    int
	}{
		{sectionNeeds, 4}, {sectionMoving, 3}, {sectionBucket, 2}, {sectionWaiting, 2}, {sectionNeeds, 1 << 20},
		{sectionMoving, 1 << 20}, {sectionWaiting, 3}, {sectionFinished, 1}, {sectionBucket, 8}, {sectionWaiting, 1 << 20},
		{sectionFinished, 5}, {sectionBucket, 1 << 20}, {sectionFinished, 1 << 20},
	} {
		if s := helping.section; capped[s] {
			before := caps[s]
			caps[s] = grown(before, len(groups[s]), helping.rows, free+moreLine(before, len(groups[s])))
			free += before + moreLine(before, len(groups[s])) - caps[s] - moreLine(caps[s], len(groups[s]))
		}
	}
	return caps
}

// grown is how many of all rows a section may show when it gets up to extra more and has room for free lines in place of its
// note of how many are missing.
func grown(shown, all, extra, free int) int {
	if want := min(shown+extra, all); want == all && want-shown <= free {
		return want
	} else if want == all {
		extra = want - shown
	}
	return max(shown, shown+min(extra, free-1))
}

// moreLine is the line that the note "n more" takes where a section is cut; a heading alone has none.
func moreLine(shown, all int) int {
	if shown > 0 && shown < all {
		return 1
	}
	return 0
}

// heir is the row that the cursor keeps to, nil if it is on none or the row is no more. An upload that became a job goes on as
// the job.
func (l *listing) heir() *row {
	held, has := l.cursor.Held()
	if !has || held.kind != entryRow {
		return nil
	}
	return l.lookup(held.row)
}

// keepStray puts the row of the cursor back on its line if it still exists and is not shown any more.
func (l *listing) keepStray(here *row, line int) {
	if here == nil || line < 0 {
		return
	}
	for i := range l.entries {
		if l.entries[i].kind == entryRow && l.entries[i].row.id == here.id {
			return
		}
	}
	at := min(line, len(l.entries))
	l.entries = slices.Insert(l.entries, at, entry{section: here.section(), row: here, stray: true})
}

// lookup finds a row by identity, shown or not; nil if there is none.
func (l *listing) lookup(id rowID) *row {
	for i := range l.jobs {
		if l.jobs[i].id == id || id.job == "" && l.jobs[i].Ref() == id.ref {
			return &l.jobs[i]
		}
	}
	for i := range l.past {
		if id.job != "" && l.past[i].id == id {
			return &l.past[i]
		}
	}
	if id.job != "" {
		return nil
	}
	for i := range l.left {
		if l.left[i].id == id {
			return &l.left[i]
		}
	}
	return nil
}
