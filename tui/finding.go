package tui

import (
	"fmt"
	"path/filepath"
	"sync/atomic"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui/theme"
)

// searchScreen looks for the file of an unfinished upload in the folder that the picker shows and below, and lists what it finds. A
// file that is found is only a proposal: the dialog that adopts compares it whole.
type searchScreen struct {
	picker *pickerScreen
	of     *adoption // frozen when the search began
	what   Search

	asked question // ends with the screen
	// latest is where the search leaves how far it is. It is looked at as often as the screen is drawn anew, however fast a disk is.
	latest  *atomic.Pointer[Searched]
	now     Searched // as it is shown
	stopped bool
	failed  string // cleaned
	at      int    // of now.Found
}

// searchMsg brings the end of a search.
type searchMsg struct {
	number int
	end    Searched
	err    error
}

// searchLookMsg says that it is time to look how far a search is.
type searchLookMsg struct{ number int }

// canSearch says why no file can be looked for here, or "".
func canSearch(a *App) string {
	p := a.picker()
	switch {
	case a.o.Finder == nil:
		return noFiles
	case p == nil || p.adopt == nil:
		return "no upload wants its file here: r on an upload from elsewhere does"
	case p.adopt.failed != "":
		return "the parts could not be read: " + p.adopt.failed
	case p.adopt.list == nil:
		return "the parts are still being read"
	case len(p.adopt.list.Parts) == 0:
		return "it holds no part that a file could be known by"
	}
	return ""
}

// search begins a search in the folder on view.
func (p *pickerScreen) search(a *App) tea.Cmd {
	of := *p.adopt
	s := &searchScreen{picker: p, of: &of, what: Search{Folder: p.folder, Key: of.row.ref().Key, Parts: of.list.Parts}, latest: &atomic.Pointer[Searched]{}}
	a.push(s)
	ctx := s.asked.ask(a)
	number, finder, latest, what := s.asked.number, a.o.Finder, s.latest, s.what
	return tea.Batch(s.lookLater(a), func() tea.Msg {
		end, err := finder.Search(ctx, what, func(now Searched) { latest.Store(&now) })
		return searchMsg{number, end, err}
	})
}

// lookLater looks how far the search is after a while, and only as long as it runs.
func (s *searchScreen) lookLater(a *App) tea.Cmd {
	number := s.asked.number
	return a.later(a.interval(), func() tea.Msg { return searchLookMsg{number} })
}

func (s *searchScreen) look() {
	if now := s.latest.Load(); now != nil {
		s.now = *now
	}
}

func (s *searchScreen) running() bool { return s.asked.cancel != nil }

// closed ends the search with its screen.
func (s *searchScreen) closed() { s.asked.stop() }

func (s *searchScreen) scope() scope  { return inOverlay }
func (s *searchScreen) field() *field { return nil }

func (s *searchScreen) update(a *App, msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case searchLookMsg:
		if !s.running() || msg.number != s.asked.number {
			return nil
		}
		s.look()
		return s.lookLater(a)
	case searchMsg:
		if !s.asked.answers(msg.number) {
			return nil
		}
		s.now = msg.end
		if msg.err != nil {
			s.failed = clean(msg.err.Error())
		}
	}
	return nil
}

func (s *searchScreen) move(_ *App, how motion) tea.Cmd {
	s.at = min(max(s.at+how.lines(searchLines), 0), max(len(s.now.Found)-1, 0))
	return nil
}

// choices: enter goes on to the dialog that compares, also while the search goes on; esc stops it, and closes it then.
func (s *searchScreen) choices(*App) []choice {
	var picks []choice
	if len(s.now.Found) > 0 {
		picks = append(picks, choose("enter", "compare this file", s.choose))
	}
	return append(picks, choose("esc", map[bool]string{true: "stop", false: "back"}[s.running()], s.back, "n", "q", "backspace"))
}

func (s *searchScreen) back(a *App) tea.Cmd {
	if !s.running() {
		a.pop()
		return nil
	}
	s.stop()
	return nil
}

func (s *searchScreen) stop() {
	s.asked.stop()
	s.stopped = true
	s.look()
}

func (s *searchScreen) choose(a *App) tea.Cmd {
	if s.at >= len(s.now.Found) {
		return nil
	}
	if s.running() {
		s.stop()
	}
	found := s.now.Found[s.at]
	return a.askToAdopt(s.of, found.Path, found.File, s.picker.options, s.picker.leave)
}

// searchLines is how many found files are listed at once where there is room.
const searchLines = 12

func (s *searchScreen) view(a *App, w, h int) []theme.Line {
	body := s.facts(a, w-2)
	if room := max(min(h-len(body)-5, searchLines), 1); len(s.now.Found) > 0 {
		from := min(max(s.at-room/2, 0), max(len(s.now.Found)-room, 0))
		to := min(from+room, len(s.now.Found))
		for i := from; i < to; i++ {
			body = append(body, s.line(a, w-2, s.now.Found[i], i == s.at))
		}
		if hidden := len(s.now.Found) - (to - from); hidden > 0 {
			body = append(body, theme.L(theme.Faint, "  and "+number(hidden)+" more, j and k show them"))
		}
	}
	var foot []theme.Line
	if a.note.text != "" {
		foot = append(foot, theme.L(theme.Warn, " "+a.note.text))
	}
	return panel(a, w, h, "SEARCH for the file of "+a.look.middle(s.of.row.ref().Key, max(w-34, 16)), body, foot, s.choices(a), 0)
}

// line is a file that was found, by its path below the folder.
func (s *searchScreen) line(a *App, w int, f FoundFile, here bool) theme.Line {
	path := f.Path
	if below, err := filepath.Rel(s.what.Folder, f.Path); err == nil && filepath.IsLocal(below) {
		path = below
	}
	line := theme.L(theme.Text, gutter(here, false)).Add(theme.Text, a.look.middle(path, max(w-sizeWidth-dateWidth-4, 8)))
	line = line.Right(w-1, theme.L(theme.Text, theme.PadLeft(model.FormatSize(f.File.Size), sizeWidth)).Space(1).Add(theme.Faint, theme.PadLeft(a.look.day(f.File.ModTime, a.now), dateWidth)))
	if here {
		return line.Reversed(w - 1)
	}
	return line
}

// facts is where is searched, how far it is, and what came of it.
func (s *searchScreen) facts(a *App, w int) []theme.Line {
	n, parts := s.now, count(len(s.what.Parts), "part")
	numbers := fmt.Sprintf("%s looked at, %s could hold its %s, %s compared with a part", count(n.Looked, "file"), number(n.Large), parts, number(n.Read))
	pairs := [][2]string{{"in", a.look.middle(s.what.Folder, max(w-10, 10))}}
	switch {
	case s.running():
		at := ""
		if n.At != "" {
			at = a.look.middle(n.At, max(w-10, 10))
		}
		pairs = append(pairs, [2]string{"so far", numbers}, [2]string{"at", at})
	case s.failed != "":
		pairs = append(pairs, [2]string{"failed", s.failed}, [2]string{"instead", searchWaysOn})
	case s.stopped:
		pairs = append(pairs, [2]string{"stopped", numbers})
	case len(n.Found) == 0:
		pairs = append(pairs, [2]string{"none", fmt.Sprintf("no file begins like it: %s looked at, %s of them could hold its %s, and none has its bytes",
			count(n.Looked, "file"), number(n.Large), parts)}, [2]string{"instead", searchWaysOn})
	default:
		pairs = append(pairs, [2]string{"searched", numbers})
	}
	if n.Failed > 0 {
		pairs = append(pairs, [2]string{"left out", number(n.Failed) + " " + plural(n.Failed, "file or folder", "files or folders") + " that cannot be read: " + clean(n.Failure)})
	}
	if n.Unread > 0 && len(n.Found) == 0 && !s.running() {
		pairs = append(pairs, [2]string{"not read", "too many files could be it, and " + number(n.Unread) + " were not compared: search a smaller folder"})
	}
	if len(n.Found) > 0 {
		text := count(len(n.Found), "file") + " " + plural(len(n.Found), "has", "have") + " the bytes of a part"
		if !s.running() && !s.stopped && n.Read+n.Unread < n.Large {
			text += "; files of other names were not compared"
		}
		pairs = append(pairs, [2]string{"found", text})
	}
	return sentences(w, pairs...)
}

// searchWaysOn are the ways on where no file was found.
const searchWaysOn = "esc, then h to a folder above and S again, or enter on a file you know; or add the file anew, or abort the upload"
