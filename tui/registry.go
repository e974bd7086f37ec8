package tui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// action is something a person can do. The registry of actions is the one place where keys are bound: the keys themselves, the
// footer, the help, the menu of actions, the command palette and the documentation are all made from it.
type action struct {
	name    string // stable: configuration and palette call it so
	group   string // heading in the help
	binding key.Binding
	scope   scope
	writes  bool // changes the queue or the bucket: refused in a read-only session

	// can says why the action is not possible now, or "".
	can func(*App) string
	// row says why the action is not possible for a row, or "". Nil for what does not act on rows.
	row func(*App, row) string
	// label names what the action does to a row in a word or two where that hangs on the row.
	label func(*App, row) string
	run   func(*App, target) tea.Cmd
}

// target is what an action acts on: the marked rows or the one under the cursor, copied when the key was pressed.
type target struct {
	rows   []row
	marked bool
	hidden int // of the marked rows: not shown because of the filter or the lens
	left   int // rows that the action is not possible for, already taken out of rows
}

func bind(keys ...string) key.Binding { return key.NewBinding(key.WithKeys(keys...)) }

// help completes a binding: how its keys are written and what they do.
func help(b key.Binding, keys, text string) key.Binding {
	b.SetHelp(keys, text)
	return b
}

// registry is every action, in the order of the help. Several actions may share a key in scopes that do not overlap.
func registry() []action {
	return slices.Concat(moveActions(), markActions(), findActions(), uploadActions(), queueActions(), placeActions(), pickerActions(), copyActions(), viewActions())
}

// readOnlyReason is why what writes is refused in a read-only session.
const readOnlyReason = "read-only session"

// possible says why an action is not possible, or "", and what it would act on.
func (a *App) possible(act *action) (target, string) {
	if act.writes && a.o.ReadOnly {
		return target{}, readOnlyReason
	}
	if act.can != nil {
		if why := act.can(a); why != "" {
			return target{}, why
		}
	}
	if act.row == nil {
		return target{}, ""
	}
	t := a.target()
	if len(t.rows) == 0 {
		return t, "there is no upload under the cursor"
	}
	return t.only(func(r row) string { return act.row(a, r) })
}

// only keeps the rows that an action is possible for. Where none is left it gives the first one's reason.
func (t target) only(why func(row) string) (target, string) {
	reason := ""
	kept := make([]row, 0, len(t.rows))
	for _, r := range t.rows {
		w := why(r)
		if r.gone {
			w = "it is in the bucket no more"
		}
		if w == "" {
			kept = append(kept, r)
		} else if reason == "" {
			reason = w
		}
	}
	t.left = len(t.rows) - len(kept)
	t.rows = kept
	if len(kept) > 0 {
		reason = ""
	}
	return t, reason
}

// lookup finds the action of a key in a scope. Keys of sequences are joined with a blank: "y k".
func (a *App) lookup(in scope, keys string) *action {
	for i := range a.actions {
		if act := &a.actions[i]; act.scope&in != 0 && slices.Contains(act.binding.Keys(), keys) {
			return act
		}
	}
	return nil
}

// named finds an action by name.
func (a *App) named(name string) *action {
	for i := range a.actions {
		if a.actions[i].name == name {
			return &a.actions[i]
		}
	}
	return nil
}

// begins lists the actions of a scope whose key sequences begin with a key.
func (a *App) begins(in scope, first string) (found []*action) {
	for i := range a.actions {
		act := &a.actions[i]
		if act.scope&in != 0 && slices.ContainsFunc(act.binding.Keys(), func(k string) bool { return strings.HasPrefix(k, first+" ") }) {
			found = append(found, act)
		}
	}
	return found
}

// perform runs an action if it is possible and says why not otherwise.
func (a *App) perform(act *action) tea.Cmd {
	t, why := a.possible(act)
	if why != "" {
		a.say(warnNote, fmt.Sprintf("%s is not possible: %s", act.name, why))
		return nil
	}
	return act.run(a, t)
}

// performOn runs an action on one row, whatever the cursor and the marks are on by now.
func (a *App) performOn(act *action, r row) tea.Cmd {
	why := ""
	t := target{rows: []row{r}}
	if act.writes && a.o.ReadOnly {
		why = readOnlyReason
	} else if act.row != nil {
		t, why = t.only(func(r row) string { return act.row(a, r) })
	}
	if why != "" {
		a.say(warnNote, fmt.Sprintf("%s is not possible: %s", act.name, why))
		return nil
	}
	return act.run(a, t)
}

// KeyDoc describes one action and its keys, for the documentation.
type KeyDoc struct {
	Name  string   // of the action
	Group string   // heading
	Keys  string   // as written in the help: "J K"
	Bound []string // the names of the keys; of a sequence joined by a blank: "y k"
	Text  string   // what it does
	Main  bool     // bound in the list
	One   bool     // bound in the view of one upload
	Over  bool     // bound in dialogs, menus and texts
	Files bool     // bound in the picker of local files
}

// Keys lists every action with its keys, in the order of the help. The list of keys in the documentation is made from it.
func Keys() []KeyDoc {
	var docs []KeyDoc
	for _, act := range registry() {
		h := act.binding.Help()
		docs = append(docs, KeyDoc{Name: act.name, Group: act.group, Keys: h.Key, Bound: act.binding.Keys(), Text: h.Desc,
			Main: act.scope&inMain != 0, One: act.scope&inDetail != 0, Over: act.scope&inOverlay != 0, Files: act.scope&inPicker != 0})
	}
	return docs
}
