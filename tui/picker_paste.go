package tui

import (
	"context"
	"path/filepath"
	"slices"

	tea "charm.land/bubbletea/v2"

	"partway/tui/pick"
)

// pathsMsg says which of pasted paths exist.
type pathsMsg struct {
	picker  *pickerScreen
	found   []foundPath
	missing []string // cleaned
	cut     bool
}

type foundPath struct {
	path  string
	entry FileEntry
}

// paste on the main view opens the picker with the pasted files marked. Nothing is queued by a paste.
func (m *mainScreen) paste(a *App, text string) tea.Cmd {
	if why := canPick(a); why != "" {
		a.say(warnNote, "a paste names files to add: "+why)
		return nil
	}
	if a.o.ReadOnly {
		a.say(warnNote, readOnlyReason)
		return nil
	}
	cmd := a.openPicker()
	return tea.Batch(cmd, a.picker().paste(a, text))
}

// paste looks which of the pasted paths exist, in the background.
func (p *pickerScreen) paste(a *App, text string) tea.Cmd {
	lines, cut := pick.Split(text)
	if len(lines) == 0 {
		a.say(plainNote, "the paste names no file")
		return nil
	}
	folder := p.folder
	if folder == "" {
		folder = a.startFolder()
	}
	ctx, files := a.ctx, a.o.Files
	return func() tea.Msg {
		msg := pathsMsg{picker: p, cut: cut}
		look := func(text string) bool {
			path := expand(text, folder, files.Home())
			e, err := files.Stat(ctx, path)
			if err == nil {
				msg.found = append(msg.found, foundPath{path, e})
			}
			return err == nil
		}
		for _, line := range lines {
			if ctx.Err() != nil {
				return nil
			}
			msg.look(ctx, line, look)
		}
		return msg
	}
}

// look tries a line as one path, then its words.
func (m *pathsMsg) look(ctx context.Context, line pick.Pasted, exists func(string) bool) {
	if len(line.Words) > 1 && exists(line.Line) {
		return
	}
	for _, word := range line.Words {
		if ctx.Err() == nil && !exists(word) && !(len(line.Words) == 1 && word != line.Line && exists(line.Line)) {
			m.missing = append(m.missing, clean(word))
		}
	}
}

func (p *pickerScreen) onPaths(a *App, msg pathsMsg) tea.Cmd {
	if msg.picker != p {
		return nil
	}
	p.missing = msg.missing
	if msg.cut {
		p.missing = append(p.missing, "the paste was too long: its end was left out")
	}
	if len(msg.found) == 0 {
		a.say(warnNote, "none of the pasted paths exists")
		return nil
	}
	first := msg.found[0]
	if p.adopt != nil {
		return p.open(a, filepath.Dir(first.path), filepath.Base(first.path))
	}
	var cmds []tea.Cmd
	marked := 0
	for _, f := range msg.found {
		cmd, done := p.mark(a, f.path, f.entry)
		cmds = append(cmds, cmd)
		why := refusal(f.entry)
		switch {
		case done:
			marked++
		case why != "":
			p.missing = append(p.missing, clean(f.path)+" cannot be sent: "+clean(why))
		}
	}
	if len(msg.missing) == 0 || marked > 0 {
		a.say(plainNote, count(marked, "pasted path")+" marked, "+number(len(p.missing))+" not found or not possible; enter queues")
	}
	// Show them where they are.
	dirs := func(f foundPath) bool { return filepath.Dir(f.path) == p.folder }
	if !slices.ContainsFunc(msg.found, dirs) && filepath.Dir(first.path) != first.path {
		cmds = append(cmds, p.open(a, filepath.Dir(first.path), filepath.Base(first.path)))
	}
	return tea.Batch(append(cmds, p.replan(a))...)
}
