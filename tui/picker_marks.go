package tui

import (
	"context"
	"path"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"partway/tui/pick"
)

// mark marks an entry and begins to count it if it is a folder. It returns false if that is not possible or was done already.
func (p *pickerScreen) mark(a *App, path string, e FileEntry) (tea.Cmd, bool) {
	if refusal(e) != "" {
		return nil, false
	}
	if !e.Mode.IsDir() {
		return nil, p.sel.AddFile(fileOf(path, e)) != nil
	}
	m := p.sel.AddFolder(path)
	if m == nil {
		return nil, false
	}
	p.dropWalks()
	return p.count(a, m), true
}

// dropWalks stops the counts of folders that are marked no more.
func (p *pickerScreen) dropWalks() {
	for path, q := range p.walks {
		if p.sel.Get(path) == nil {
			q.stop()
			delete(p.walks, path)
		}
	}
}

// toggle marks or unmarks the entry under the cursor.
func (p *pickerScreen) toggle(a *App) tea.Cmd {
	e, is := p.entry()
	if !is {
		return nil
	}
	path := p.path(e)
	if p.sel.Remove(path) {
		p.dropWalks()
		return p.replan(a)
	}
	if m := p.sel.Cover(path); m != nil {
		a.say(warnNote, "it is marked with its folder "+a.look.middle(m.Path, 50))
		return nil
	}
	if why := refusal(e); why != "" {
		a.say(warnNote, a.look.middle(e.Name, 40)+" cannot be sent: "+why)
		return nil
	}
	cmd, _ := p.mark(a, path, e)
	return tea.Batch(cmd, p.replan(a))
}

// markShown marks everything shown that can be; with invert, what is marked is unmarked.
func (p *pickerScreen) markShown(a *App, invert bool) tea.Cmd {
	return p.markAll(a, 0, len(p.shown), invert)
}

func (p *pickerScreen) markAll(a *App, from, to int, invert bool) tea.Cmd {
	var cmds []tea.Cmd
	left := 0
	for _, i := range p.shown[from:to] {
		e := p.entries[i]
		path := p.path(e)
		if p.sel.Get(path) != nil {
			if invert {
				p.sel.Remove(path)
			}
			continue
		}
		cmd, done := p.mark(a, path, e)
		cmds = append(cmds, cmd)
		if !done {
			left++
		}
	}
	p.dropWalks()
	if left > 0 {
		a.say(plainNote, number(left)+" left out: links, special or unreadable files, or marked with their folder")
	}
	return tea.Batch(append(cmds, p.replan(a))...)
}

// markRange begins a range at the cursor, or marks from where it was begun to the cursor.
func (p *pickerScreen) markRange(a *App) tea.Cmd {
	e, is := p.entry()
	if !is {
		return nil
	}
	from := -1
	if p.from != "" {
		from = p.cursor.Find(p.from)
	}
	if from < 0 {
		p.from = e.Name
		a.say(plainNote, "range begins here; v at its other end marks it")
		return nil
	}
	p.from = ""
	first := 0
	if p.hasParent() {
		first = 1
	}
	at := p.cursor.Cursor()
	return p.markAll(a, max(min(from, at)-first, 0), max(from, at)-first+1, false)
}

func (p *pickerScreen) unmarkAll(a *App) tea.Cmd {
	p.sel.Clear()
	p.dropWalks()
	p.from, p.missing = "", nil
	return p.replan(a)
}

func (p *pickerScreen) unmarkLast(a *App) tea.Cmd {
	m := p.sel.RemoveLast()
	if m == nil {
		a.say(plainNote, "nothing is marked")
		return nil
	}
	a.say(plainNote, "unmarked "+a.look.middle(m.Path, 60))
	p.dropWalks()
	return p.replan(a)
}

// The bounds of a count. A step is small, so that the number on the screen grows and esc is obeyed.
const (
	walkFolders  = 32      // read in a step at most
	walkEntries  = 4000    // of a step, about
	walkLimit    = 500_000 // files of a marked folder
	walkDepth    = 256
	folderOfWalk = 1_000_000 // entries of one folder
)

// walk is a count that is not at its end: the folders still to read. It goes from command to command; nobody else touches it.
type walk struct {
	todo   []walkFolder
	hidden bool
	files  int
}

type walkFolder struct {
	path, relative string
	depth          int
}

// countMsg brings what a step of a count found.
type countMsg struct {
	number int
	path   string // of the mark
	files  []pick.File
	hidden int
	failed []string // cleaned
	next   *walk    // nil: the count is at its end
}

// count walks a marked folder in the background, step by step.
func (p *pickerScreen) count(a *App, m *pick.Mark) tea.Cmd {
	m.Restart()
	q := &question{}
	ctx := q.ask(a)
	p.walks[m.Path] = q
	w := &walk{todo: []walkFolder{{path: m.Path, relative: filepath.Base(m.Path)}}, hidden: p.hidden}
	return step(ctx, a.o.Files, q.number, m.Path, w)
}

func step(ctx context.Context, files Files, number int, root string, w *walk) tea.Cmd {
	return func() tea.Msg {
		msg := countMsg{number: number, path: root}
		for folders := 0; len(w.todo) > 0 && folders < walkFolders && len(msg.files) < walkEntries; folders++ {
			at := w.todo[len(w.todo)-1]
			w.todo = w.todo[:len(w.todo)-1]
			w.read(ctx, files, at, &msg)
			if ctx.Err() != nil {
				return nil
			}
		}
		if len(w.todo) > 0 {
			msg.next = w
		}
		return msg
	}
}

// read takes up one folder. Links are not followed: they could lead anywhere, and in circles.
func (w *walk) read(ctx context.Context, files Files, at walkFolder, msg *countMsg) {
	fail := func(why string) { msg.failed = append(msg.failed, clean(at.path)+": "+why) }
	if at.depth > walkDepth {
		fail("it lies too deep")
		return
	}
	entries, more, err := files.ReadDir(ctx, at.path, folderOfWalk)
	if err != nil {
		fail(clean(err.Error()))
	}
	if more {
		fail("it has more than " + number(folderOfWalk) + " entries; the others are not counted")
	}
	for _, e := range entries {
		switch {
		case !w.hidden && strings.HasPrefix(e.Name, "."):
			msg.hidden++
		case e.Mode.IsDir():
			w.todo = append(w.todo, walkFolder{filepath.Join(at.path, e.Name), path.Join(at.relative, e.Name), at.depth + 1})
		case w.files >= walkLimit:
			w.todo = nil
			fail("more than " + number(walkLimit) + " files: the others are not counted; the command put sends them")
			return
		default:
			f := fileOf(filepath.Join(at.path, e.Name), e)
			f.Relative = path.Join(at.relative, e.Name)
			msg.files = append(msg.files, f)
			w.files++
		}
	}
}

func (p *pickerScreen) onCount(a *App, msg countMsg) tea.Cmd {
	q, m := p.walks[msg.path], p.sel.Get(msg.path)
	if q == nil || m == nil || !q.answers(msg.number) {
		return nil
	}
	for _, f := range msg.files {
		m.Add(f)
	}
	m.Hidden += msg.hidden
	m.Failed = append(m.Failed, msg.failed...)
	if msg.next != nil {
		ctx := q.ask(a)
		return tea.Batch(step(ctx, a.o.Files, q.number, msg.path, msg.next), p.replanGrown(a))
	}
	delete(p.walks, msg.path)
	m.State = pick.Counted
	return p.replan(a)
}

func (p *pickerScreen) counting() bool { return len(p.walks) > 0 }

func (p *pickerScreen) stopCounts() {
	for path, q := range p.walks {
		q.stop()
		delete(p.walks, path)
		if m := p.sel.Get(path); m != nil {
			m.State = pick.Stopped
		}
	}
}
