package tui

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui/pick"
	"partway/tui/theme"
)

// importScreen lists the checkpoints of other tools in some folders: those whose upload and file exist, which can be adopted, and the
// others with the reason to leave them. It is frozen when it shows. Of a checkpoint only the upload id and the path are believed: the
// parts are compared with the file whichever way it is adopted.
type importScreen struct {
	place   model.Place
	folders []string
	close   func(*App) // closes it and what it was opened from

	asked   question // ends with the screen
	read    bool     // the answer is there
	offered []Checkpoint
	left    []LeftCheckpoint
	live    int    // of the offered ones: somebody may be sending to them
	failed  string // cleaned
	at      int    // of the offered ones, then of those that are left
}

// checkpointsMsg brings the checkpoints of some folders.
type checkpointsMsg struct {
	number int
	found  Checkpoints
	err    error
}

// canImport says why no checkpoint can be read, or "".
func canImport(a *App) string {
	if a.o.Finder == nil {
		return noFiles
	}
	return canPick(a)
}

// openImport reads the checkpoints of the folder that the picker shows, or of those where other tools are started most.
func (a *App) openImport() tea.Cmd {
	if p := a.picker(); p != nil {
		return a.importFrom(p.folder)
	}
	return a.importFrom(a.usualFolders()...)
}

func (a *App) importFrom(folders ...string) tea.Cmd {
	s := &importScreen{place: a.snap.Bucket.Place, folders: folders}
	s.close = func(a *App) {
		for open := true; open && len(a.stack) > 0; a.pop() {
			open = a.top() != screen(s)
		}
	}
	if p := a.picker(); p != nil {
		s.place, s.close = p.place, p.leave
	}
	a.push(s)
	ctx := s.asked.ask(a)
	number, finder, place := s.asked.number, a.o.Finder, s.place
	return func() tea.Msg {
		found, err := finder.Checkpoints(ctx, place, folders)
		return checkpointsMsg{number, found, err}
	}
}

// closed ends the reading with its screen.
func (s *importScreen) closed() { s.asked.stop() }

func (s *importScreen) scope() scope  { return inOverlay }
func (s *importScreen) field() *field { return nil }

func (s *importScreen) update(a *App, msg tea.Msg) tea.Cmd {
	m, is := msg.(checkpointsMsg)
	if !is || !s.asked.answers(m.number) {
		return nil
	}
	s.read = true
	if m.err != nil {
		s.failed = clean(m.err.Error())
	}
	for _, c := range m.found.Offered {
		if why := a.unfitting(c); why != "" {
			s.left = append(s.left, LeftCheckpoint{Path: c.Parts.Ref.Key, Why: why})
		} else {
			s.offered = append(s.offered, c)
			if newest := c.Parts.Newest(); !newest.IsZero() && a.now.Sub(newest) < aliveAge(a) {
				s.live++
			}
		}
	}
	s.left = append(s.left, m.found.Left...)
	return nil
}

// unfitting says why a checkpoint is left whose upload and file exist, or "".
func (a *App) unfitting(c Checkpoint) string {
	here := func(j model.Job) bool { return j.Ref == c.Parts.Ref && !j.Status.Final() && !compares(&j) }
	switch {
	case slices.ContainsFunc(a.snap.Jobs, here):
		return "its upload is in the queue already"
	case len(c.Parts.Parts) == 0:
		return "its upload has no part: adding the file anew is the same"
	}
	return matchFile(&c.Parts, c.File.Size).why
}

func (s *importScreen) move(_ *App, how motion) tea.Cmd {
	s.at = min(max(s.at+how.lines(importLines), 0), max(len(s.offered)+len(s.left)-1, 0))
	return nil
}

// choices: y adopts all that are listed, enter goes on to the dialog that compares one.
func (s *importScreen) choices(a *App) []choice {
	var picks []choice
	if len(s.offered) > 0 && !a.o.ReadOnly {
		picks = append(picks, choose("y", "adopt "+plural(len(s.offered), "it", "all "+number(len(s.offered))), s.adoptAll))
	}
	if s.at < len(s.offered) {
		picks = append(picks, choose("enter", "compare this one", s.choose))
	}
	return append(picks, choose("esc", map[bool]string{true: "back", false: "stop"}[s.read], closeTop, "n", "q", "backspace"))
}

func (s *importScreen) choose(a *App) tea.Cmd {
	c := s.offered[s.at]
	left := &model.Leftover{Ref: c.Parts.Ref, StorageClass: c.Parts.StorageClass, Measured: true, MeasuredAt: c.Parts.At, Parts: len(c.Parts.Parts),
		Held: c.Parts.Bytes(), LastPart: c.Parts.Newest()}
	of := &adoption{row: row{id: rowID{ref: c.Parts.Ref}, left: left, place: c.Place, twins: 1, status: model.StatusUnknown}, list: &c.Parts}
	return a.askToAdopt(of, c.Path, c.File, pick.Options{}, s.close)
}

// importedMsg brings the engine's answers to the adoption of many. The App takes it, since the screen is closed by then.
type importedMsg struct {
	refs     map[model.Ref]bool
	accepted int
	refused  []error
	snap     *model.Snapshot
	at       time.Time
}

func (s *importScreen) adoptAll(a *App) tea.Cmd {
	if a.o.ReadOnly {
		a.say(warnNote, readOnlyReason)
		return nil
	}
	s.close(a)
	msg := importedMsg{refs: map[model.Ref]bool{}}
	commands := make([]model.Adopt, 0, len(s.offered))
	for _, c := range s.offered {
		msg.refs[c.Parts.Ref] = true
		commands = append(commands, model.Adopt{Place: c.Place, Ref: c.Parts.Ref, Path: c.Path})
	}
	ctx, engine, now := a.ctx, a.o.Engine, a.o.Now
	return func() tea.Msg {
		for _, c := range commands {
			if err := engine.Do(ctx, c); err != nil {
				msg.refused = append(msg.refused, fmt.Errorf("%s: %w", c.Ref.URL(), err))
			} else {
				msg.accepted++
			}
		}
		msg.snap, msg.at = engine.Snapshot(), now()
		return msg
	}
}

func (a *App) onImported(msg importedMsg) tea.Cmd {
	a.take(msg.snap, msg.at)
	what := count(msg.accepted, "upload")
	if msg.accepted > 0 {
		a.say(plainNote, "adopting "+what+": what is equal stays, the rest is sent")
		var ids []model.JobID
		for i := range a.snap.Jobs {
			if j := &a.snap.Jobs[i]; msg.refs[j.Ref] && !j.Status.Final() && !compares(j) {
				ids = append(ids, j.ID)
			}
		}
		if len(ids) > 0 {
			a.remember(undoStep{label: "adopting " + what + plural(msg.accepted, " (it is paused)", " (they are paused)"), commands: []model.Command{model.Pause{Jobs: ids}}})
		}
	}
	if len(msg.refused) > 0 {
		title := "REFUSED: NOTHING IS ADOPTED"
		if msg.accepted > 0 {
			title = "REFUSED IN PART: " + strings.ToUpper(what) + " ADOPTED"
		}
		a.push(refusalPage(title, errors.Join(msg.refused...), "Nothing was changed of these. r on an upload chooses its file by hand."))
	}
	return nil
}

// importLines is how many checkpoints are listed at once where there is room.
const importLines = 14

func (s *importScreen) view(a *App, w, h int) []theme.Line {
	var folders []string
	for _, f := range s.folders {
		folders = append(folders, a.look.middle(f, max((w-21)/len(s.folders)-2, 8)))
	}
	var foot []theme.Line
	if a.note.text != "" {
		foot = append(foot, theme.L(theme.Warn, " "+a.note.text))
	}
	return panel(a, w, h, "CHECKPOINTS in "+strings.Join(folders, ", "), s.body(a, w-2, h), foot, s.choices(a), 0)
}

func (s *importScreen) body(a *App, w, h int) []theme.Line {
	switch {
	case !s.read:
		return sentences(w, [2]string{"reading", "the checkpoints of ossutil and the OSS SDK, and what their uploads hold ..."})
	case s.failed != "":
		return sentences(w, [2]string{"failed", s.failed})
	case len(s.offered)+len(s.left) == 0:
		return sentences(w, [2]string{"none", "no checkpoint lies here"},
			[2]string{"instead", "ossutil 1 keeps its own in .ossutil_checkpoint, in the folder it was started in; the Python SDK in ~/.py-oss-upload; ossutil 2 and other SDKs where they are told: :import DIR reads another folder"})
	}
	c := s.columns(w)
	lines := []theme.Line{s.heads(c)}
	facts, all := s.facts(a, w), len(s.offered)+len(s.left)
	room := max(min(h-len(facts)-6, importLines), 1)
	from := min(max(s.at-room/2, 0), max(all-room, 0))
	for i := from; i < min(from+room, all); i++ {
		line := s.line(a, c, i, w)
		if i == s.at {
			line = line.Reversed(w - 1)
		}
		lines = append(lines, line)
	}
	return append(append(lines, nil), facts...)
}

// importColumns are the widths of the list; what does not fit is 0.
type importColumns struct{ key, file, size, held, tool int }

func (s *importScreen) columns(w int) importColumns {
	c := importColumns{size: 10, held: 10}
	if w >= 90 {
		c.tool = 22
	}
	rest := w - 3 - c.size - c.held - c.tool
	c.key = max(rest/2, 10)
	c.file = max(rest-c.key, 10)
	return c
}

func (s *importScreen) heads(c importColumns) theme.Line {
	return theme.L(theme.Faint, "  "+theme.PadRight("OBJECT", c.key)+theme.PadRight("FILE", c.file)+theme.PadLeft("SIZE", c.size)+theme.PadLeft("IN OSS", c.held)).
		Add(theme.Faint, map[bool]string{true: "  MADE BY"}[c.tool > 0])
}

func (s *importScreen) line(a *App, c importColumns, i, w int) theme.Line {
	mark := gutter(i == s.at, false)
	if i >= len(s.offered) {
		left := s.left[i-len(s.offered)]
		name := a.look.middle(filepath.Base(left.Path), c.key-1)
		return theme.L(theme.Faint, mark+theme.PadRight(name, c.key)).Add(theme.Faint, a.look.cut("left: "+left.Why, max(w-c.key-4, 10)))
	}
	o := s.offered[i]
	line := theme.L(theme.Text, mark+theme.PadRight(a.look.middle(s.object(o), c.key-1), c.key)+theme.PadRight(a.look.middle(o.Path, c.file-1), c.file)).
		Add(theme.Text, theme.PadLeft(model.FormatSize(o.File.Size), c.size)+theme.PadLeft(model.FormatSize(o.Parts.Bytes()), c.held))
	if c.tool > 0 {
		line = line.Add(theme.Faint, "  "+a.look.cut(o.Tool, c.tool-2))
	}
	return line
}

// object is what an upload becomes; its bucket is named where it is another one than on view.
func (s *importScreen) object(c Checkpoint) string {
	if c.Place.Bucket == s.place.Bucket {
		return c.Parts.Ref.Key
	}
	return c.Parts.Ref.URL()
}

// facts is the line under the cursor in full, what y does, and who else may be at it.
func (s *importScreen) facts(a *App, w int) []theme.Line {
	var pairs [][2]string
	if s.at < len(s.offered) {
		o := s.offered[s.at]
		of := adoption{list: &o.Parts}
		pairs = append(pairs, [2]string{"file", a.look.middle(o.Path, max(w-10, 10))}, [2]string{"parts", of.partWords()})
	} else if i := s.at - len(s.offered); i < len(s.left) {
		pairs = append(pairs, [2]string{"left", a.look.middle(s.left[i].Path, max(w-10, 10))}, [2]string{"why", clean(s.left[i].Why)})
	}
	if n := len(s.offered); n > 0 {
		text := fmt.Sprintf("goes on with %s: parts that equal the file stay, the others are sent, and the %s completed", count(n, "upload"), plural(n, "upload is", "uploads are"))
		if a.o.ReadOnly {
			text = "read-only session: nothing is adopted"
		}
		pairs = append(pairs, [2]string{"y", text})
	}
	lines := sentences(w, pairs...)
	if s.live > 0 {
		lines = append(lines, warned([]string{fmt.Sprintf("Somebody is still sending to %s of these. Two senders of one upload get in each other's way.", number(s.live))}, w)...)
	}
	return lines
}
