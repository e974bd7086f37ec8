package tui

import (
	"cmp"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"partway/tui/pick"
	"partway/tui/table"
)

// folderLimit is how many entries of a folder are read for the screen. Nobody walks through more by hand; a path or a command line
// names what lies behind it.
const folderLimit = 100_000

// folderMsg brings what a folder holds.
type folderMsg struct {
	number  int
	folder  string
	entries []FileEntry // folders first, by name
	more    bool
	err     error
	at      time.Time
}

// open shows a folder and puts the cursor on a name in it.
func (p *pickerScreen) open(a *App, folder, name string) tea.Cmd {
	if p.folder != "" && folder != p.folder {
		p.past, p.future = append(p.past, p.folder), nil
	}
	return p.show(a, folder, name)
}

func (p *pickerScreen) show(a *App, folder, name string) tea.Cmd {
	if folder != p.folder {
		p.folder, p.entries, p.capped, p.filter, p.from = folder, nil, false, "", ""
		p.cursor = table.List[string]{}
		p.arrange()
	}
	p.seek = name
	return p.reread(a)
}

// reread reads the folder again. What was read before stays on the screen until then.
func (p *pickerScreen) reread(a *App) tea.Cmd {
	ctx := p.reading.ask(a)
	number, folder, files, now := p.reading.number, p.folder, a.o.Files, a.o.Now
	return func() tea.Msg {
		entries, more, err := files.ReadDir(ctx, folder, folderLimit)
		slices.SortFunc(entries, func(x, y FileEntry) int { return compareFiles(&x, &y, byName, false) })
		return folderMsg{number, folder, entries, more, err, now()}
	}
}

func (p *pickerScreen) onFolder(a *App, msg folderMsg) tea.Cmd {
	if !p.reading.answers(msg.number) {
		return nil
	}
	p.readAt, p.failed = msg.at, ""
	if msg.err != nil {
		p.failed = clean(msg.err.Error())
		if len(msg.entries) == 0 {
			return nil
		}
	}
	p.entries, p.capped = msg.entries, msg.more
	fresh := p.cursor.Len() <= 1 && p.seek == ""
	if p.seek != "" && p.filter == "" && strings.HasPrefix(p.seek, ".") {
		p.hidden = true // the name that was asked for would not be seen
	}
	p.arrange()
	if p.seek != "" {
		p.cursor.Seek(p.seek)
		p.seek = ""
	}
	if fresh && p.hasParent() {
		p.cursor.To(1) // on the first entry: enter on the line of the parent folder would lead away
	}
	if p.adopt == nil {
		a.picks.folder = msg.folder
	}
	a.picks.visit(msg.folder, msg.at)
	return nil
}

// fileSort is an order of files.
type fileSort uint8

const (
	byName fileSort = iota
	bySize
	byTime
)

func (s fileSort) String() string { return [...]string{"name", "size", "time"}[s] }

// compareFiles orders folders before files, then by what is asked for. By size and time the largest and the newest come first.
func compareFiles(x, y *FileEntry, by fileSort, reverse bool) int {
	if d := cmp.Compare(rankFile(x), rankFile(y)); d != 0 {
		return d
	}
	d := 0
	switch by {
	case bySize:
		d = cmp.Compare(y.Size, x.Size)
	case byTime:
		d = y.ModTime.Compare(x.ModTime)
	}
	if d == 0 {
		d = compareNames(x.Name, y.Name)
	}
	if reverse {
		return -d
	}
	return d
}

func rankFile(e *FileEntry) int {
	if e.Mode.IsDir() {
		return 0
	}
	return 1
}

// compareNames compares names as people do: without regard to the case of ASCII letters, and runs of digits by their value, so
// that part 9 comes before part 10.
func compareNames(x, y string) int {
	i, j := 0, 0
	for i < len(x) && j < len(y) {
		if isDigit(x[i]) && isDigit(y[j]) {
			ni, nj := digits(x[i:]), digits(y[j:])
			a, b := strings.TrimLeft(x[i:i+ni], "0"), strings.TrimLeft(y[j:j+nj], "0")
			if d := cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)); d != 0 {
				return d
			}
			i, j = i+ni, j+nj
			continue
		}
		if d := cmp.Compare(lower(x[i]), lower(y[j])); d != 0 {
			return d
		}
		i, j = i+1, j+1
	}
	return cmp.Or(cmp.Compare(len(x)-i, len(y)-j), cmp.Compare(x, y))
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func digits(s string) (n int) {
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// opens reports whether an entry may be a folder to go into. Where a link leads is not known before it is tried.
func opens(e FileEntry) bool { return e.Mode.IsDir() || e.Mode&fs.ModeSymlink != 0 }

// refusal says why an entry can be neither marked nor sent, or "".
func refusal(e FileEntry) string {
	switch m := e.Mode; {
	case e.Denied != "":
		return e.Denied
	case m.IsDir(), m.IsRegular():
		return ""
	case m&fs.ModeSymlink != 0:
		return "link"
	case m&fs.ModeNamedPipe != 0:
		return "FIFO"
	case m&fs.ModeSocket != 0:
		return "socket"
	case m&fs.ModeDevice != 0:
		return "device"
	}
	return "special"
}

func fileOf(path string, e FileEntry) pick.File {
	return pick.File{Path: path, Relative: e.Name, Size: e.Size, ModTime: e.ModTime, Why: refusal(e)}
}

// arrange makes what is shown of the folder: filtered and ordered. The cursor stays on its name.
func (p *pickerScreen) arrange() {
	words := strings.Fields(p.filter)
	smart := strings.ContainsFunc(p.filter, unicode.IsUpper)
	shown := make([]int32, 0, len(p.entries))
	for i := range p.entries {
		if name := p.entries[i].Name; (p.hidden || !strings.HasPrefix(name, ".")) && matches(name, words, smart) {
			shown = append(shown, int32(i))
		}
	}
	if p.sort != byName || p.reverse {
		slices.SortStableFunc(shown, func(x, y int32) int { return compareFiles(&p.entries[x], &p.entries[y], p.sort, p.reverse) })
	}
	if p.adopt != nil {
		slices.SortStableFunc(shown, func(x, y int32) int { return p.adopt.compare(p.entries[x], p.entries[y]) })
	}
	p.shown = shown
	n, first := len(shown), 0
	if p.hasParent() {
		n, first = n+1, 1
	}
	p.cursor.Set(n, func(i int) string {
		if i < first {
			return ".."
		}
		return p.entries[p.shown[i-first]].Name
	}, nil)
}

// matches reports whether a name holds all the words; a capital letter in them makes case count.
func matches(name string, words []string, smart bool) bool {
	if len(words) > 0 && !smart {
		name = strings.ToLower(name)
	}
	for _, w := range words {
		if !strings.Contains(name, w) {
			return false
		}
	}
	return true
}

func (p *pickerScreen) setFilter(text string) {
	p.filter = text
	p.arrange()
	if e, is := p.entry(); text != "" && !is && len(p.shown) > 0 && e.Name == "" {
		p.cursor.Move(1) // off the parent folder, on what was found
	}
}

// parent shows the folder that this one is in, with the cursor on this one.
func (p *pickerScreen) parent(a *App) tea.Cmd {
	if !p.hasParent() {
		a.say(plainNote, "there is no folder above this one")
		return nil
	}
	return p.open(a, filepath.Dir(p.folder), filepath.Base(p.folder))
}

// into opens the folder under the cursor.
func (p *pickerScreen) into(a *App) tea.Cmd {
	e, is := p.entry()
	switch {
	case !is && p.cursor.Cursor() == 0 && p.hasParent():
		return p.parent(a)
	case !is:
		return nil
	case !opens(e):
		a.say(plainNote, a.look.middle(e.Name, 40)+" is no folder")
		return nil
	}
	return p.open(a, p.path(e), "")
}

// travel goes through the folders that were shown, like the arrows of a browser.
func (p *pickerScreen) travel(a *App, from, to *[]string) tea.Cmd {
	if len(*from) == 0 {
		a.say(plainNote, "there is no other folder in this direction")
		return nil
	}
	last := (*from)[len(*from)-1]
	*from, *to = (*from)[:len(*from)-1], append(*to, p.folder)
	return p.show(a, last, "")
}
