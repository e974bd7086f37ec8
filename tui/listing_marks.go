package tui

import "partway/model"

// under is the row under the cursor, or nil.
func (l *listing) under() *row {
	if e := l.at(); e != nil && e.kind == entryRow {
		return e.row
	}
	return nil
}

// at is the entry under the cursor, or nil.
func (l *listing) at() *entry {
	if i := l.cursor.Cursor(); i >= 0 && i < len(l.entries) {
		return &l.entries[i]
	}
	return nil
}

// shown is how many rows the lens and the filter show.
func (l *listing) shown() (n int) {
	for _, c := range l.counts.rows {
		n += c
	}
	return n
}

// shownMarks is how many of the marks are on rows that the list shows.
func (l *listing) shownMarks() (n int) {
	for i := range l.entries {
		if e := &l.entries[i]; e.kind == entryRow && !e.stray {
			if _, marked := l.marks[e.row.id]; marked {
				n++
			}
		}
	}
	return n
}

// target is the marks, or else the row under the cursor.
func (l *listing) target() target {
	if len(l.marks) == 0 {
		if r := l.under(); r != nil {
			return target{rows: []row{*r}}
		}
		return target{}
	}
	t := target{marked: true, hidden: len(l.marks) - l.shownMarks()}
	each := func(rows []row) {
		for i := range rows {
			if _, marked := l.marks[rows[i].id]; marked {
				t.rows = append(t.rows, rows[i])
			}
		}
	}
	each(l.jobs)
	each(l.left)
	each(l.past)
	return t
}

// visible keeps only the rows of a target that the list shows.
func (l *listing) visible(t target) target {
	seen := make(map[rowID]bool, len(l.entries))
	for i := range l.entries {
		if e := &l.entries[i]; e.kind == entryRow && !e.stray {
			seen[e.row.id] = true
		}
	}
	kept := t.rows[:0:0]
	for _, r := range t.rows {
		if seen[r.id] {
			kept = append(kept, r)
		}
	}
	t.rows, t.hidden = kept, 0
	return t
}

func (l *listing) toggle(id rowID) {
	if _, marked := l.marks[id]; marked {
		delete(l.marks, id)
	} else {
		l.marks[id] = struct{}{}
	}
}

// markShown marks every row that the list shows and the cursor can reach; with invert, marked ones are unmarked.
func (l *listing) markShown(invert bool) {
	for i := range l.entries {
		e := &l.entries[i]
		if e.kind != entryRow || e.stray || e.row.gone {
			continue
		}
		if invert {
			l.toggle(e.row.id)
		} else {
			l.marks[e.row.id] = struct{}{}
		}
	}
}

// markRange begins a range at the cursor, or marks from where it was begun to the cursor.
func (l *listing) markRange() (begun bool) {
	r := l.under()
	if r == nil {
		return false
	}
	if l.from == nil {
		id := r.id
		l.from = &id
		l.marks[id] = struct{}{}
		return true
	}
	from := l.cursor.Find(entryID{row: *l.from})
	to := l.cursor.Cursor()
	l.from = nil
	if from < 0 {
		return false
	}
	for i := min(from, to); i <= max(from, to); i++ {
		if e := &l.entries[i]; e.kind == entryRow {
			l.marks[e.row.id] = struct{}{}
		}
	}
	return false
}

func (l *listing) clearMarks() {
	clear(l.marks)
	l.from = nil
}

// inherit passes marks, and the cursor, of uploads that became jobs on to the jobs: the row is the same.
func (l *listing) inherit() {
	for id := range l.marks {
		if id.job != "" {
			if !l.hasJob(id.job) { // an entry that is over and forgotten cannot be acted on
				delete(l.marks, id)
			}
			continue
		}
		if at, ours := l.owned[id.ref]; ours {
			delete(l.marks, id)
			l.marks[l.jobs[at].id] = struct{}{}
		}
	}
}

func (l *listing) hasJob(id model.JobID) bool {
	for i := range l.jobs {
		if l.jobs[i].id.job == id {
			return true
		}
	}
	for i := range l.past {
		if l.past[i].id.job == id {
			return true
		}
	}
	return false
}

// setFilter filters by text, which was parsed to f.
func (l *listing) setFilter(text string, f model.Filter) {
	l.text, l.filter = text, f
	l.arrange(false)
}

// setLens shows another view of the list.
func (l *listing) setLens(to lens) {
	l.lens = to
	l.arrange(false)
	l.cursor.To(0)
}

// moveSection moves the cursor to the first row of the next section, or to the beginning of this one and then the one before.
func (l *listing) moveSection(step int) {
	at := l.cursor.Cursor()
	if at < 0 {
		return
	}
	s := l.entries[at].section
	for i := at + step; i >= 0 && i < len(l.entries); i += step {
		if l.entries[i].section != s {
			first := i
			for first > 0 && l.entries[first-1].section == l.entries[i].section {
				first--
			}
			l.cursor.To(first)
			return
		}
	}
}
