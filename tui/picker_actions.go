package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"
)

const groupFiles = "LOCAL FILES"

// pickerActions open the picker and act in it. Their names tell them from the actions on uploads.
func pickerActions() []action {
	in := func(name, group, keys, text string, run func(*App, *pickerScreen) tea.Cmd, bound ...string) action {
		if len(bound) == 0 {
			bound = []string{keys}
		}
		return action{name: name, group: group, scope: inPicker, binding: help(bind(bound...), keys, text),
			run: func(a *App, _ target) tea.Cmd {
				if p := a.picker(); p != nil {
					return run(a, p)
				}
				return nil
			}}
	}
	adding := func(act action) action {
		act.can = func(a *App) string {
			if p := a.picker(); p != nil && p.adopt != nil {
				return "one file is chosen here, with enter"
			}
			return ""
		}
		return act
	}
	searching := func(act action) action {
		act.can = canSearch
		return act
	}
	acts := []action{
		{name: "add", group: groupAct, scope: inViews, writes: true, binding: help(bind("a"), "a", "add files: choose them, see the plan, queue them"),
			can: canPick, run: func(a *App, _ target) tea.Cmd { return a.openPicker() }},
		in("file-enter", groupFiles, "enter", "queue what is marked, or the file under the cursor; open a folder", func(a *App, p *pickerScreen) tea.Cmd { return p.enter(a) }),
		in("folder-open", groupFiles, "l", "open the folder (as →)", func(a *App, p *pickerScreen) tea.Cmd { return p.into(a) }, "l", "right"),
		in("folder-up", groupFiles, "h", "to the folder above (as ←)", func(a *App, p *pickerScreen) tea.Cmd { return p.parent(a) }, "h", "left", "backspace"),
		in("folder-back", groupFiles, "[", "to the folder before", func(a *App, p *pickerScreen) tea.Cmd { return p.travel(a, &p.past, &p.future) }),
		in("folder-forward", groupFiles, "]", "to the folder after", func(a *App, p *pickerScreen) tea.Cmd { return p.travel(a, &p.future, &p.past) }),
		in("folder-read", groupFiles, "R", "read the folder again", func(a *App, p *pickerScreen) tea.Cmd { return p.reread(a) }),
		in("folder-jump", groupFiles, "z", "jump to a folder that was visited", func(a *App, _ *pickerScreen) tea.Cmd { a.push(newJump(a)); return nil }),
		in("bookmark", groupFiles, "m", "bookmark this folder under a letter", func(a *App, p *pickerScreen) tea.Cmd { a.push(newBookmark(a, p.folder)); return nil }),
		in("bookmarks", groupFiles, "'", "go to a bookmark", showBookmarks),
		in("file-filter", groupFiles, "/", "filter by words; a text beginning with / ~ or ./ is a path (tab completes)", func(a *App, p *pickerScreen) tea.Cmd {
			a.push(newFileFilter(p))
			return nil
		}),
		in("hidden", groupFiles, ".", "hidden files: shown, not shown", toggleHidden),
		in("file-sort", groupFiles, "o", "sort by name, size or time", func(a *App, p *pickerScreen) tea.Cmd { a.push(newFileSort(p)); return nil }),
		in("file-reverse", groupFiles, "O", "reverse the order", func(_ *App, p *pickerScreen) tea.Cmd {
			p.reverse = !p.reverse
			p.arrange()
			return nil
		}),
		adding(in("file-mark", groupMark, "space", "mark the file or folder and go on to the next", func(a *App, p *pickerScreen) tea.Cmd {
			cmd := p.toggle(a)
			p.cursor.Move(1)
			return cmd
		})),
		adding(in("file-range", groupMark, "v", "mark a range: here, then at its other end", func(a *App, p *pickerScreen) tea.Cmd { return p.markRange(a) })),
		adding(in("file-mark-all", groupMark, "*", "mark all shown", func(a *App, p *pickerScreen) tea.Cmd { return p.markShown(a, false) })),
		adding(in("file-invert", groupMark, "I", "invert the marks of what is shown", func(a *App, p *pickerScreen) tea.Cmd { return p.markShown(a, true) })),
		adding(in("file-unmark", groupMark, `\`, "unmark all", func(a *App, p *pickerScreen) tea.Cmd { return p.unmarkAll(a) })),
		adding(in("file-undo", groupMark, "u", "unmark what was marked last", func(a *App, p *pickerScreen) tea.Cmd { return p.unmarkLast(a) })),
		adding(in("file-options", groupFiles, "e", "options of what is queued: prefix, part size, storage class and more", func(a *App, p *pickerScreen) tea.Cmd {
			a.push(newOptionsForm(p))
			return nil
		})),
		in("file-side", groupFiles, "tab", "keys to the files, to the plan", func(_ *App, p *pickerScreen) tea.Cmd {
			p.side, p.top = !p.side, 0
			return nil
		}),
		searching(in("search", groupFiles, "S", "search this folder and all below for the file of the upload that is adopted", func(a *App, p *pickerScreen) tea.Cmd { return p.search(a) })),
		{name: "import", group: groupFiles, scope: inViews | inPicker, binding: help(bind("C"), "C", "checkpoints of ossutil and the SDK: adopt their uploads (asks)"),
			can: canImport, run: func(a *App, _ target) tea.Cmd { return a.openImport() }},
		in("copy-path", groupCopy, "yp", "path of the file", copyPath, "y p"),
		in("picker-back", groupMove, "esc", "stop counting, clear the filter, close", func(a *App, p *pickerScreen) tea.Cmd { return p.back(a) }),
		in("picker-close", groupMove, "q", "close; the marks are kept", func(a *App, p *pickerScreen) tea.Cmd { p.leave(a); return nil }),
	}
	return acts
}

func copyPath(a *App, p *pickerScreen) tea.Cmd {
	e, is := p.entry()
	if !is {
		return a.copyText("path", p.folder)
	}
	return a.copyText("path", p.path(e))
}

func toggleHidden(a *App, p *pickerScreen) tea.Cmd {
	p.hidden = !p.hidden
	a.picks.hidden = p.hidden
	p.arrange()
	// What is counted of a marked folder hangs on it.
	var cmds []tea.Cmd
	for _, m := range p.sel.Marks() {
		if m.Folder {
			cmds = append(cmds, p.count(a, m))
		}
	}
	a.say(plainNote, map[bool]string{true: "hidden files are shown, and sent with their folders", false: "hidden files are not shown, and not sent with their folders"}[p.hidden])
	return tea.Batch(append(cmds, p.replan(a))...)
}

// footWord is what the footer calls an action here, "" for its usual name.
func (p *pickerScreen) footWord(name string) string {
	switch name {
	case "file-enter":
		e, is := p.entry()
		if p.adopt != nil && is && !opens(e) {
			return "choose this file"
		}
		if p.sel.Len() > 0 {
			files, _, _, partial := p.sel.Totals()
			if partial {
				return fmt.Sprintf("queue %s+", number(files))
			}
			return "queue " + count(files, "file")
		}
		if is && !opens(e) {
			return "queue it"
		}
		return "open"
	case "file-mark":
		return "mark"
	case "folder-open":
		return "open"
	case "folder-up":
		return "up"
	case "file-filter":
		return "filter"
	case "folder-jump":
		return "jump"
	case "file-options":
		return "options"
	case "file-side":
		return "plan"
	case "import":
		return "checkpoints"
	case "picker-back":
		return "back"
	}
	return ""
}

// pickerFoot are the actions that the footer names, most likely first.
func pickerFoot() []string {
	return []string{"file-mark", "file-enter", "search", "folder-open", "folder-up", "file-options", "file-filter", "file-side", "folder-jump", "bookmarks", "hidden", "import", "picker-back"}
}

// showBookmarks lists the bookmarks; a letter goes there.
func showBookmarks(a *App, p *pickerScreen) tea.Cmd {
	if len(a.picks.letters) == 0 {
		a.say(plainNote, "there is no bookmark yet: m and a letter make one")
		return nil
	}
	var letters []string
	for l := range a.picks.letters {
		letters = append(letters, l)
	}
	slices.Sort(letters)
	m := &menu{title: "BOOKMARKS", own: true}
	for _, l := range letters {
		folder := a.picks.letters[l]
		m.items = append(m.items, menuItem{keys: l, bind: []string{l}, name: a.look.middle(folder, max(a.w-16, 20)), run: func(a *App) tea.Cmd { return p.open(a, folder, "") }})
	}
	a.push(m)
	return nil
}

// adoptable says why an unfinished upload cannot be taken over with a local file, or "".
func adoptable(a *App, r row) string {
	switch {
	case a.o.Files == nil:
		return "it needs its local file: " + a.o.Program + " resume TARGET --file PATH takes it over"
	case r.left == nil || r.left.Vanished:
		return "it is gone"
	case r.left.Measured && r.left.Parts == 0:
		return "it has no part: adding the file anew is the same"
	}
	return canPick(a)
}
