package tui

import (
	"maps"
	"strings"
	"time"

	"partway/model"
	"partway/tui/table"
)

// lens is a stored view of the one list: which rows and in which sections.
type lens uint8

const (
	lensAll       lens = iota + 1
	lensMine           // jobs
	lensBucket         // everything unfinished in the bucket, flat
	lensAttention      // what needs somebody
	lensHistory        // what is over
)

// entry is a line of the list: a section's heading, a row, or the note that a section has more rows than it shows.
type entry struct {
	kind    entryKind
	section section
	row     *row
	more    int  // rows not shown
	stray   bool // the row left the filter or lens while the cursor was on it
}

type entryKind uint8

const (
	entryRow entryKind = iota
	entryTitle
	entryMore
)

type entryID struct {
	kind    entryKind
	section section
	row     rowID
}

func (e entry) id() entryID {
	if e.kind == entryRow {
		return entryID{row: e.row.id}
	}
	return entryID{kind: e.kind, section: e.section}
}

// listing is the reconciled list of the main view: rows, what of them is shown, in which order, where the cursor is and what is
// marked. It is made new from every snapshot; what depends on the leftovers, of which there may be many thousands, is kept until
// the listing of the bucket is another one.
type listing struct {
	judge model.JudgeOptions
	now   time.Time
	snap  *model.Snapshot

	jobs   []row
	owned  map[model.Ref]int
	left   []row
	base   leftBase
	sorted []int32 // indexes into left, ordered
	by     orderBase
	match  []int32 // those of sorted that pass the filter
	kept   matchBase

	lens    lens
	sort    sortBy
	reverse bool
	filter  model.Filter
	text    string // of the filter
	folded  [sections]bool
	lifted  [sections]bool // shown whole, its cap lifted

	entries []entry
	counts  tally
	cursor  table.List[entryID]
	marks   map[rowID]struct{}

	comparisons []*comparison
	compared    map[model.Ref]*model.Job // the newest comparison of an upload

	past     []row // what earlier runs finished
	recalled pastBase

	from  *rowID // where a range of marks begins
	fresh int    // rows that came while the order was held
	stale staleSum
	shape shape
	spare spare
}

// spare is memory that is used again at every arrangement: with 20 000 rows, making it anew takes longer than filling it.
type spare struct{ bucket, flat []*row }

// shape is what the list must know of the screen: whether headings are shown, and how many lines there are for the list.
type shape struct {
	titles bool
	height int
}

// leftBase says what the leftover rows were made from. Ages matter by the minute.
type leftBase struct {
	version uint64
	minute  int64
	made    int // counts how often, so that what hangs on it notices
}

// orderBase says what the order of the leftovers was made from.
type orderBase struct {
	made    int
	sort    sortBy
	reverse bool
}

// matchBase says what the filtered leftovers were made from.
type matchBase struct {
	order orderBase
	text  string
	none  bool // the lens shows no leftover
}

// tally counts rows for the tabs and headings, whatever the filter.
type tally struct {
	jobs, left, attention, finished, bucket int
	rows                                    [sections]int // that pass the filter
	bytes                                   [sections]int64
}

func newListing(judge model.JudgeOptions) *listing {
	return &listing{judge: judge, lens: lensAll, marks: map[rowID]struct{}{}}
}

// refresh takes a new snapshot. While hold is set, rows are renewed where they stand: none moves, none comes, none goes.
func (l *listing) refresh(snap *model.Snapshot, now time.Time, hold bool) {
	l.snap, l.now = snap, now
	l.recognise(snap.Jobs)
	jobs, owned := l.jobRows(snap)
	base := leftBase{version: snap.Bucket.Version, minute: now.Unix() / 60, made: l.base.made}
	another := l.left == nil || base != l.base || !maps.Equal(keysOf(owned), keysOf(l.owned))
	joined := len(jobs) - len(l.jobs)
	before := len(l.left)
	if another {
		base.made++
		l.left, l.base = leftoverRows(&snap.Bucket, owned, now, l.judge), base
	}
	l.jobs, l.owned = jobs, owned
	l.recall()
	l.attach()
	l.count()
	l.inherit()
	if hold && l.entries != nil {
		l.renew(another)
		if another || joined != 0 {
			l.fresh = max(0, l.fresh+joined+len(l.left)-before)
		}
		return
	}
	l.arrange(true)
}

// attach gives job rows what the bucket's listing says of their uploads.
func (l *listing) attach() {
	if len(l.owned) == 0 {
		return
	}
	uploads := l.snap.Bucket.Uploads
	for i := range uploads {
		if at, ours := l.owned[uploads[i].Ref]; ours {
			l.jobs[at].left = &uploads[i]
		}
	}
}

func keysOf(owned map[model.Ref]int) map[model.Ref]struct{} {
	keys := make(map[model.Ref]struct{}, len(owned))
	for ref := range owned {
		keys[ref] = struct{}{}
	}
	return keys
}

// renew replaces the rows of the held entries by what the snapshot says of them now.
func (l *listing) renew(another bool) {
	byID := make(map[rowID]*row, len(l.jobs))
	for i := range l.jobs {
		byID[l.jobs[i].id] = &l.jobs[i]
		byID[rowID{ref: l.jobs[i].Ref()}] = &l.jobs[i] // an upload that became a job under the cursor
	}
	for i := range l.past {
		byID[l.past[i].id] = &l.past[i]
	}
	if another {
		for i := range l.left {
			byID[l.left[i].id] = &l.left[i]
		}
	}
	for i := range l.entries {
		e := &l.entries[i]
		if e.kind != entryRow || e.row.id.job == "" && !another {
			continue
		}
		if now, still := byID[e.row.id]; still {
			e.row = now
		} else if !e.row.gone {
			gone := *e.row
			gone.gone = true
			e.row = &gone
		}
	}
}

// Ref is the upload of the row.
func (r *row) Ref() model.Ref { return r.ref() }

// count makes the numbers of the tabs.
func (l *listing) count() {
	c := tally{jobs: len(l.jobs), left: len(l.left), rows: l.counts.rows, bytes: l.counts.bytes} // the latter are of the arrangement
	for i := range l.jobs {
		r := &l.jobs[i]
		if r.attention() {
			c.attention++
		}
		if r.status.Final() {
			c.finished++
		}
		if l.inBucket(r) {
			c.bucket++
		}
	}
	c.bucket += c.left
	c.finished += len(l.past)
	l.counts = c
}

func (l *listing) inBucket(r *row) bool {
	return r.uploaded() && sameServer(r.place, l.snap.Bucket.Place)
}

// passes reports whether the lens shows a job's row and the filter lets it through.
func (l *listing) passes(r *row) bool {
	switch l.lens {
	case lensBucket:
		if !l.inBucket(r) {
			return false
		}
	case lensAttention:
		if !r.attention() {
			return false
		}
	case lensHistory:
		if !r.status.Final() {
			return false
		}
	}
	return l.text == "" || l.filter.Match(r.subject(l.now))
}

// ordered is all leftovers in order. Ordering is what takes longest, so a key of the filter does not do it again.
func (l *listing) ordered() []int32 {
	base := orderBase{made: l.base.made, sort: l.sort, reverse: l.reverse}
	if base == l.by && l.sorted != nil {
		return l.sorted
	}
	l.sorted, l.by = make([]int32, len(l.left)), base
	for i := range l.sorted {
		l.sorted[i] = int32(i)
	}
	order(l.left, l.sorted, l.sort, l.reverse, l.now)
	return l.sorted
}

// matching is the leftovers that pass, ordered; made anew only if something it hangs on is another.
func (l *listing) matching() []int32 {
	sorted := l.ordered()
	base := matchBase{order: l.by, text: l.text, none: l.lens != lensAll && l.lens != lensBucket}
	if base == l.kept && l.match != nil {
		return l.match
	}
	from := sorted
	if base.order == l.kept.order && !l.kept.none && narrows(l.kept.text, l.text) {
		from = l.match // what did not match before does not now
	}
	l.kept = base
	switch {
	case base.none:
		l.match = []int32{}
	case l.text == "":
		l.match = sorted
	default:
		words, match := plainWords(l.text), make([]int32, 0, len(from))
		for _, i := range from {
			subject := model.FilterSubject{Key: l.left[i].id.ref.Key} // all that words look at
			if !words {
				subject = l.left[i].subject(l.now)
			}
			if l.filter.Match(subject) {
				match = append(match, i)
			}
		}
		l.match = match
	}
	return l.match
}

// narrows reports whether a filter that was typed on can only choose fewer rows than before. That holds for plain words, which are
// all looked for; what has an operator can choose more, as age<1 and age<12.
func narrows(before, now string) bool { return strings.HasPrefix(now, before) && plainWords(now) }

// plainWords reports whether a filter is certain to be words only, none of them negated.
func plainWords(text string) bool { return !strings.ContainsAny(text, `!|:~<>="\`) }
