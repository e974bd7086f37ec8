package tui

import (
	"context"
	"path/filepath"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui/pick"
	"partway/tui/table"
)

// pickerScreen is the local files: a folder, what is marked, and the plan of what would be sent where. Nothing of it asks the disk;
// folders, counts and plans come as messages that carry the number of their question, and an answer that was overtaken is dropped.
// So a folder of a dead network share holds up nothing but itself.
type pickerScreen struct {
	place model.Place // frozen when the picker opened
	adopt *adoption   // the upload that a file is chosen for; nil: files to add

	folder  string // absolute
	entries []FileEntry
	capped  bool    // the folder has more entries than were read
	shown   []int32 // of entries: what the filter lets through, ordered
	cursor  table.List[string]
	reading question // of the folder
	readAt  time.Time
	failed  string // cleaned: why the folder could not be read
	seek    string // name to put the cursor on when the folder has been read

	filter  string
	sort    fileSort
	reverse bool
	hidden  bool   // files whose name begins with a dot are shown
	from    string // where a range of marks begins

	past   []string // folders behind; the newest last
	future []string

	sel     pick.Selection
	walks   map[string]*question // running counts by path of the mark
	missing []string             // pasted paths that do not exist, cleaned

	options  pick.Options
	form     *optionsForm // left with esc, with what was typed
	plan     *pick.Plan
	world    pick.World // that the plan was made with
	planning question
	stale    bool // something changed since the plan under way was asked for
	queueing bool // enter was pressed: queue as soon as the plan is whole
	sending  int  // number of the commands under way; 0: none

	side bool // the keys move the plan instead of the files
	top  int  // first line of the plan
}

// question is something asked of the disk.
type question struct {
	number int
	cancel context.CancelFunc // nil: no answer is awaited
}

func (q *question) stop() {
	if q.cancel != nil {
		q.cancel()
		q.cancel = nil
	}
}

// ask begins a question: an older one of the same kind is cancelled, and its answer will not fit any more.
func (q *question) ask(a *App) context.Context {
	q.stop()
	ctx, cancel := context.WithCancel(a.ctx)
	a.asked++
	q.number, q.cancel = a.asked, cancel
	return ctx
}

// answers reports whether a message with this number is the awaited answer, and ends the question if so.
func (q *question) answers(number int) bool {
	if q.cancel == nil || q.number != number {
		return false
	}
	q.stop()
	return true
}

// pickMemory is what outlives a picker: it opens again where it was closed.
type pickMemory struct {
	folder  string
	options *pick.Options
	visited map[string]visit
	letters map[string]string // bookmarks: letter to folder
	kept    *pickerScreen     // closed with files marked
	hidden  bool
}

// noFiles is why there is no picker.
const noFiles = "this session has no access to local files"

// picker is the opened picker, or nil.
func (a *App) picker() *pickerScreen {
	for _, s := range a.stack {
		if p, is := s.(*pickerScreen); is {
			return p
		}
	}
	return nil
}

func canPick(a *App) string {
	switch {
	case a.o.Files == nil:
		return noFiles
	case a.snap.Bucket.Place.Bucket == "":
		return "no bucket is on view"
	}
	return ""
}

// openPicker shows the local files, where they were left.
func (a *App) openPicker() tea.Cmd {
	if kept := a.picks.kept; kept != nil && kept.place == a.snap.Bucket.Place {
		a.picks.kept = nil
		a.push(kept)
		return tea.Batch(kept.reread(a), kept.replan(a))
	}
	p := a.newPicker(a.snap.Bucket.Place)
	if a.picks.options != nil {
		p.options = *a.picks.options
	}
	a.push(p)
	return p.open(a, a.startFolder(), "")
}

func (a *App) newPicker(place model.Place) *pickerScreen {
	p := &pickerScreen{place: place, walks: map[string]*question{}, hidden: a.picks.hidden}
	p.options.Prefix = a.snap.Bucket.Prefix
	return p
}

func (a *App) startFolder() string {
	if a.picks.folder != "" {
		return a.picks.folder
	}
	return a.o.Files.Working()
}

func (p *pickerScreen) scope() scope { return inPicker }

// leave closes the picker. What is marked is kept for the next time, what is being counted stops.
func (p *pickerScreen) leave(a *App) {
	p.stopAll()
	p.queueing = false
	if p.sel.Len() > 0 && p.adopt == nil {
		a.picks.kept = p
	}
	for len(a.stack) > 0 {
		last := a.top()
		a.pop()
		if last == screen(p) {
			return
		}
	}
}

func (p *pickerScreen) stopAll() {
	p.reading.stop()
	p.planning.stop()
	if p.adopt != nil {
		p.adopt.naming.stop()
	}
	p.stopCounts()
}

// back is esc: it takes back one thing at a time, the picker last.
func (p *pickerScreen) back(a *App) tea.Cmd {
	switch {
	case p.queueing:
		p.queueing = false
		p.stopCounts()
		a.say(plainNote, "nothing was queued; what was counted so far is kept")
	case p.counting():
		p.stopCounts()
		a.say(plainNote, "stopped counting; what was counted so far is kept")
		return p.replan(a)
	case p.filter != "":
		p.setFilter("")
	default:
		if n := p.sel.Len(); n > 0 && p.adopt == nil {
			a.say(plainNote, count(n, "mark")+" kept: a goes on with them")
		}
		p.leave(a)
	}
	return nil
}

func (p *pickerScreen) update(a *App, msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case folderMsg:
		return p.onFolder(a, msg)
	case countMsg:
		return p.onCount(a, msg)
	case planMsg:
		return p.onPlan(a, msg)
	case pathsMsg:
		return p.onPaths(a, msg)
	case namedMsg:
		return p.onNamed(a, msg)
	case partsMsg:
		p.adopt.onParts(msg)
		if p.adopt != nil {
			p.arrange()
		}
	case snapshotMsg:
		// What stands in the way of the marked files hangs on the bucket's listing and the queue.
		if p.plan != nil && (len(msg.snap.Jobs) != len(p.world.Jobs) || !sameUploads(msg.snap.Bucket.Uploads, p.world.Uploads)) {
			return p.replan(a)
		}
	}
	return nil
}

// sameUploads reports whether two listings are the same slice; they are immutable.
func sameUploads(x, y []model.Leftover) bool {
	return len(x) == len(y) && (len(x) == 0 || &x[0] == &y[0])
}

// entry is the entry under the cursor, and whether there is one. The line of the parent folder is none.
func (p *pickerScreen) entry() (FileEntry, bool) {
	i := p.cursor.Cursor()
	if p.hasParent() {
		i--
	}
	if i < 0 || i >= len(p.shown) {
		return FileEntry{}, false
	}
	return p.entries[p.shown[i]], true
}

func (p *pickerScreen) hasParent() bool { return p.folder != "" && filepath.Dir(p.folder) != p.folder }

func (p *pickerScreen) path(e FileEntry) string { return filepath.Join(p.folder, e.Name) }

// move moves the cursor, or the plan where that has the keys.
func (p *pickerScreen) move(a *App, how motion) tea.Cmd {
	l := p.layout(a.w, a.h-1)
	if p.side {
		p.top = min(max(p.top+how.lines(l.sideHeight()), 0), max(len(p.planLines(a, l.sideWidth()))-l.sideHeight(), 0))
		return nil
	}
	switch how {
	case moveTop:
		p.cursor.To(0)
	case moveBottom:
		p.cursor.To(p.cursor.Len() - 1)
	default:
		p.cursor.Move(how.lines(l.list))
	}
	return nil
}

// click moves the cursor to a row; a click on the row under the cursor opens a folder or marks a file.
func (p *pickerScreen) click(a *App, x, y int) tea.Cmd {
	l := p.layout(a.w, a.h-1)
	from, to := p.cursor.Window(l.list)
	at := from + y - l.head
	if y < l.head || at >= to || x >= l.files {
		return nil
	}
	if at != p.cursor.Cursor() {
		p.cursor.To(at)
		return nil
	}
	if e, is := p.entry(); is && !opens(e) {
		return p.toggle(a)
	}
	return p.into(a)
}
