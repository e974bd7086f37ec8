package tui

import (
	"fmt"
	"slices"

	"partway/model"
	"partway/tui/theme"
)

// footItem is a word of the footer that can be clicked: cells from (inclusive) to (exclusive).
type footItem struct {
	act      *action
	from, to int
}

// footer names the keys that fit the state of the row under the cursor, most likely first, as far as there is room. The list of
// all actions and the help are always named.
func (a *App) footer(in scope, w int) (theme.Line, []footItem) {
	t := a.target()
	var line theme.Line
	var items []footItem
	if t.marked {
		line = line.Add(theme.Strong, fmt.Sprintf("on %d marked:", len(t.rows))).Space(1)
	}
	add := func(name string, room int) bool {
		act := a.named(name)
		if act == nil || act.scope&in == 0 || len(act.binding.Keys()) == 0 {
			return true
		}
		if name != "actions" && name != "help" && name != "quit" && name != "back" {
			if _, why := a.possible(act); why != "" {
				return true
			}
		}
		keys, label := a.footWords(act, t)
		if words, is := a.base().(interface{ footWord(string) string }); is && words.footWord(name) != "" {
			label = words.footWord(name)
		}
		width := theme.Width(keys) + 1 + theme.Width(label)
		at := line.Width()
		if at > 0 {
			at += 2
		}
		if at+width > room {
			return false
		}
		line = line.To(at).Add(theme.Key, keys).Add(theme.Text, " "+label)
		items = append(items, footItem{act, at, at + width})
		return true
	}
	var status model.Status
	if len(t.rows) > 0 {
		status = t.rows[0].status
	}
	always := []string{"actions", "help"}
	const alwaysWidth = 2 + 9 + 2 + 6
	names := footNames(in, status)
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue
		}
		if !add(name, w-alwaysWidth) {
			break
		}
	}
	for _, name := range always {
		add(name, w)
	}
	return line, items
}

func (a *App) footWords(act *action, t target) (keys, label string) {
	h := act.binding.Help()
	label = shortLabel(act.name)
	if act.label != nil && len(t.rows) > 0 {
		label = act.label(a, t.rows[0])
	}
	return h.Key, label
}

// shortLabel is the name of an action as the footer has it.
func shortLabel(name string) string {
	if short, ok := map[string]string{"limit": "limit", "select": "mark", "pause-all": "pause all", "parts-more": "more at once",
		"limit-slow": "slow", "copy-cli": "copy cli", "copy-key": "copy key", "next-upload": "next"}[name]; ok {
		return short
	}
	return name
}

// footNames are the actions that a state most likely wants.
func footNames(in scope, s model.Status) []string {
	if in == inPicker {
		return pickerFoot()
	}
	if in == inDetail {
		return append(footStatus(s), "parts-more", "limit", "map-mode", "verify", "copy-cli", "facts", "log", "back")
	}
	if s == "" {
		return []string{"add", "filter", "refresh", "measure", "limit", "command", "quit"}
	}
	names := append([]string{"open", "add"}, footStatus(s)...)
	return append(names, "select", "filter", "limit", "measure", "sort", "undo", "quit")
}

func footStatus(s model.Status) []string {
	switch s {
	case model.StatusFailed, model.StatusGone, model.StatusChanged:
		return []string{"go", "facts", "copy-report", "abort"}
	case model.StatusReady:
		return []string{"complete", "verify", "abort"}
	case model.StatusUnknown, model.StatusStale:
		return []string{"go", "measure", "complete", "abort", "copy-cli"}
	case model.StatusQueued:
		return []string{"go", "pause", "up", "down", "abort"}
	case model.StatusPaused:
		return []string{"go", "abort"}
	case model.StatusDone, model.StatusSkipped, model.StatusAborted:
		return []string{"verify", "clear", "copy-key"}
	}
	return []string{"pause", "go", "complete", "abort"}
}
