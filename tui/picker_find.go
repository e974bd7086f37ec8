package tui

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/tui/theme"
)

// fileFilter is the line that a filter of the folder, or a path, is typed into.
type fileFilter struct {
	p      *pickerScreen
	input  *field
	before string
	// asking is the completion or the look at a path that is under way.
	asking question
	found  []string // names that a path could go on with, cleaned
	err    string   // cleaned
}

func newFileFilter(p *pickerScreen) *fileFilter {
	f := &fileFilter{p: p, input: newField(4096), before: p.filter}
	f.input.set(p.filter)
	return f
}

func (f *fileFilter) scope() scope  { return inOverlay }
func (f *fileFilter) field() *field { return f.input }

// isPath reports whether a text is a path and not a filter.
func isPath(text string) bool {
	return strings.HasPrefix(text, "/") || strings.HasPrefix(text, "~") || strings.HasPrefix(text, "./") || strings.HasPrefix(text, "../") || filepath.IsAbs(text)
}

// expand makes a typed path absolute: ~ is the person's own folder, and what is relative lies below folder.
func expand(text, folder, home string) string {
	if rest, own := strings.CutPrefix(text, "~"); own && home != "" && (rest == "" || rest[0] == '/' || rest[0] == filepath.Separator) {
		return filepath.Join(home, rest)
	}
	if filepath.IsAbs(text) {
		return filepath.Clean(text)
	}
	return filepath.Join(folder, text)
}

func (f *fileFilter) edited(*App) {
	f.err, f.found = "", nil
	f.asking.stop()
	if text := strings.TrimSpace(f.input.text()); !isPath(text) {
		f.p.setFilter(text)
	}
}

func (f *fileFilter) choices(*App) []choice {
	move := func(how motion) func(*App) tea.Cmd { return func(a *App) tea.Cmd { return f.p.move(a, how) } }
	return []choice{
		choose("enter", "keep", f.enter),
		choose("tab", "complete a path", f.complete),
		choose("esc", "clear", func(a *App) tea.Cmd {
			f.asking.stop()
			f.p.setFilter("")
			a.pop()
			return nil
		}),
		choose("down", "", move(moveDown)), choose("up", "", move(moveUp)), choose("pgdown", "", move(movePageDown)), choose("pgup", "", move(movePageUp)),
	}
}

// enter keeps the filter, or goes to the path.
func (f *fileFilter) enter(a *App) tea.Cmd {
	text := strings.TrimSpace(f.input.text())
	if !isPath(text) {
		a.pop()
		return nil
	}
	path := expand(text, f.p.folder, a.o.Files.Home())
	ctx := f.asking.ask(a)
	number, files := f.asking.number, a.o.Files
	return func() tea.Msg {
		e, err := files.Stat(ctx, path)
		return placeMsg{number: number, path: path, entry: e, err: err}
	}
}

// placeMsg says what lies at a typed path.
type placeMsg struct {
	number int
	path   string
	entry  FileEntry
	err    error
}

// namesMsg brings the names that a typed path could go on with.
type namesMsg struct {
	number int
	head   string // of the typed text, up to its last slash
	start  string // of the name that was typed
	names  []string
	err    error
}

// complete goes on with a typed path as far as there is one way.
func (f *fileFilter) complete(a *App) tea.Cmd {
	text := f.input.text()
	if !isPath(text) {
		return nil
	}
	if text == "~" {
		f.input.set("~/")
		return nil
	}
	cut := strings.LastIndexByte(text, '/') + 1
	head, start := text[:cut], text[cut:]
	folder := expand(head, f.p.folder, a.o.Files.Home())
	ctx := f.asking.ask(a)
	number, files := f.asking.number, a.o.Files
	return func() tea.Msg {
		entries, _, err := files.ReadDir(ctx, folder, folderLimit)
		msg := namesMsg{number: number, head: head, start: start, err: err}
		for _, e := range entries {
			if strings.HasPrefix(e.Name, start) && (start != "" || !strings.HasPrefix(e.Name, ".")) {
				name := e.Name
				if e.Mode.IsDir() {
					name += "/"
				}
				msg.names = append(msg.names, name)
			}
		}
		slices.SortFunc(msg.names, compareNames)
		return msg
	}
}

func (f *fileFilter) update(a *App, msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case placeMsg:
		if !f.asking.answers(msg.number) {
			return nil
		}
		if msg.err != nil {
			f.err = clean(msg.err.Error())
			return nil
		}
		a.pop()
		f.p.setFilter("")
		if opens(msg.entry) {
			return f.p.open(a, msg.path, "")
		}
		return f.p.open(a, filepath.Dir(msg.path), filepath.Base(msg.path))
	case namesMsg:
		if f.asking.answers(msg.number) {
			f.take(msg)
		}
	}
	return nil
}

func (f *fileFilter) take(msg namesMsg) {
	switch {
	case msg.err != nil:
		f.err = clean(msg.err.Error())
	case len(msg.names) == 0:
		f.err = "nothing there begins with " + clean(msg.start)
	default:
		common := msg.names[0]
		for _, name := range msg.names[1:] {
			for !strings.HasPrefix(name, common) {
				common = common[:len(common)-1]
			}
		}
		if common = strings.ToValidUTF8(common, ""); len(common) > len(msg.start) {
			f.input.set(msg.head + common)
		}
		f.found = nil
		if len(msg.names) > 1 {
			for _, name := range msg.names[:min(len(msg.names), 40)] {
				f.found = append(f.found, clean(name))
			}
		}
	}
}

func (f *fileFilter) view(a *App, w, _ int) []theme.Line {
	right := theme.L(theme.Faint, number(len(f.p.shown))+" match   enter keep   esc clear")
	if isPath(f.input.text()) {
		right = theme.L(theme.Faint, "path   tab complete   enter go there   esc")
	}
	if f.err != "" {
		right = theme.L(theme.Warn, theme.L(theme.Warn, f.err).Cut(w/2).String())
	}
	line := theme.L(theme.Key, "/ ").Join(f.input.line(w-right.Width()-4)).Right(w, right)
	if len(f.found) > 0 {
		return []theme.Line{theme.L(theme.Text, strings.Join(f.found, "  ")).Cut(w).To(w), line}
	}
	return []theme.Line{line}
}

// visit is how often, and when last, a folder was shown.
type visit struct {
	times int
	last  time.Time
}

const visitsKept = 500

func (m *pickMemory) visit(folder string, at time.Time) {
	if m.visited == nil {
		m.visited = map[string]visit{}
	}
	v := m.visited[folder]
	m.visited[folder] = visit{v.times + 1, at}
	if len(m.visited) > visitsKept {
		oldest := folder
		for f, v := range m.visited {
			if v.last.Before(m.visited[oldest].last) {
				oldest = f
			}
		}
		delete(m.visited, oldest)
	}
}

// jump is a line that finds a visited folder by some of its letters.
type jump struct {
	input *field
	at    int
}

func newJump(*App) *jump { return &jump{input: newField(200)} }

func (j *jump) scope() scope                 { return inOverlay }
func (j *jump) update(*App, tea.Msg) tea.Cmd { return nil }
func (j *jump) field() *field                { return j.input }
func (j *jump) edited(*App)                  { j.at = 0 }

// found lists the visited folders that hold the typed letters in order: those that match closest first, then those that were
// visited often and lately.
func (j *jump) found(a *App) []string {
	type hit struct {
		folder string
		gap    int
		worth  float64
	}
	var hits []hit
	for folder, v := range a.picks.visited {
		if gap, ok := fuzzy(folder, j.input.text()); ok {
			hours := a.now.Sub(v.last).Hours()
			hits = append(hits, hit{folder, gap, float64(v.times) / (1 + max(hours, 0)/24)})
		}
	}
	slices.SortFunc(hits, func(x, y hit) int {
		return cmp.Or(cmp.Compare(x.gap, y.gap), cmp.Compare(y.worth, x.worth), cmp.Compare(x.folder, y.folder))
	})
	folders := make([]string, len(hits))
	for i, h := range hits {
		folders[i] = h.folder
	}
	return folders
}

// fuzzy reports whether text holds the letters of pattern in their order, whatever their case, and how many other letters lie
// between them where that is shortest, looked at from the end: of a path the end says most.
func fuzzy(text, pattern string) (gap int, ok bool) {
	t, p := []rune(strings.ToLower(text)), []rune(strings.ToLower(strings.TrimSpace(pattern)))
	i, last := len(t)-1, -1
	for k := len(p) - 1; k >= 0; k-- {
		for i >= 0 && t[i] != p[k] {
			i--
		}
		if i < 0 {
			return 0, false
		}
		if last >= 0 {
			gap += last - i - 1
		}
		last = i
		i--
	}
	return gap, true
}

func (j *jump) choices(a *App) []choice {
	step := func(n int) func(*App) tea.Cmd {
		return func(a *App) tea.Cmd {
			j.at = min(max(j.at+n, 0), max(len(j.found(a))-1, 0))
			return nil
		}
	}
	return []choice{
		choose("enter", "go there", func(a *App) tea.Cmd {
			found, p := j.found(a), a.picker()
			if j.at >= len(found) || p == nil {
				return nil
			}
			a.pop()
			return p.open(a, found[j.at], "")
		}),
		choose("up", "", step(-1)), choose("down", "", step(1)),
		choose("esc", "back", closeTop),
	}
}

func (j *jump) view(a *App, w, h int) []theme.Line {
	const most = 10
	body := []theme.Line{theme.L(theme.Key, "z ").Join(j.input.line(w - 4)), nil}
	found := j.found(a)
	room := max(min(most, h-7), 1)
	from := min(max(j.at-room/2, 0), max(len(found)-room, 0))
	for i := from; i < min(from+room, len(found)); i++ {
		line := theme.L(theme.Text, gutter(i == j.at, false)+a.look.middle(found[i], w-6))
		if i == j.at {
			line = line.Reversed(w - 1)
		}
		body = append(body, line)
	}
	if len(found) == 0 {
		body = append(body, theme.L(theme.Faint, "no visited folder matches"))
	}
	return panel(a, w, h, "JUMP TO A VISITED FOLDER", body, nil, j.choices(a), 0)
}

// newBookmark asks for the letter of a bookmark.
func newBookmark(a *App, folder string) *dialog {
	d := &dialog{title: "BOOKMARK", body: func(a *App, w int) []theme.Line {
		return sentences(w, [2]string{"folder", a.look.middle(folder, w-10)}, [2]string{"press", "a letter; ' and the letter come back here, until the program ends"})
	}}
	for l := 'a'; l <= 'z'; l++ {
		letter := string(l)
		d.pick(letter, "", func(a *App) tea.Cmd {
			if a.picks.letters == nil {
				a.picks.letters = map[string]string{}
			}
			a.picks.letters[letter] = folder
			a.say(plainNote, "'"+letter+" is "+a.look.middle(folder, 50))
			return nil
		})
	}
	return d
}

func newFileSort(p *pickerScreen) *menu {
	m := &menu{title: "SORT BY", own: true, at: int(p.sort)}
	for by, letter := range []string{"n", "s", "t"} {
		m.items = append(m.items, menuItem{keys: letter, bind: []string{letter}, name: fileSort(by).String(), run: func(*App) tea.Cmd {
			p.sort, p.reverse = fileSort(by), false
			p.arrange()
			return nil
		}})
	}
	return m
}
