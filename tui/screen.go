package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"partway/tui/theme"
)

// scope is where an action is bound. A key has one sense in all scopes it is bound in.
type scope uint8

const (
	inMain    scope = 1 << iota // the list
	inDetail                    // one upload
	inOverlay                   // dialogs, menus and texts that lie over them
	inPicker                    // the picker of local files
	anywhere  = inMain | inDetail | inOverlay | inPicker
	inViews   = inMain | inDetail
)

// screen is what the App shows: the main view, the view of one upload, or something that lies over them. It draws what it and
// the App hold, and hears of typed messages; it never sees a key.
type screen interface {
	scope() scope
	// update hears of every message that is not a key: results of its own commands, new snapshots.
	update(*App, tea.Msg) tea.Cmd
	// view draws at most h lines of at most w cells.
	view(a *App, w, h int) []theme.Line
}

// mover is a screen with a cursor or a window to move.
type mover interface {
	move(*App, motion) tea.Cmd
}

// overlay is a screen that lies over a view, at its lower edge, and names its own keys.
type overlay interface {
	screen
	// choices are the keys that the overlay names. They come before the registry's.
	choices(*App) []choice
	// field is where typed text goes, or nil. With a field, only the choices and editing keys are keys.
	field() *field
}

// choice is a key that an overlay names. A choice that cannot be undone is never on enter, unless a word was typed.
type choice struct {
	binding key.Binding
	run     func(*App) tea.Cmd
}

func choose(keys, help string, run func(*App) tea.Cmd, more ...string) choice {
	return choice{key.NewBinding(key.WithKeys(append(more, keys)...), key.WithHelp(keys, help)), run}
}

// motion is a way to move a cursor.
type motion uint8

const (
	moveDown motion = iota
	moveUp
	moveHalfDown
	moveHalfUp
	movePageDown
	movePageUp
	moveTop
	moveBottom
	moveLeft
	moveRight
	moveNext // section, or upload
	movePrevious
)

// lines is how many lines a motion moves on a page of height lines; top and bottom are as far as it goes.
func (m motion) lines(height int) int {
	const far = 1 << 30
	page := max(height-1, 1)
	switch m {
	case moveDown:
		return 1
	case moveUp:
		return -1
	case moveHalfDown:
		return max(page/2, 1)
	case moveHalfUp:
		return -max(page/2, 1)
	case movePageDown:
		return page
	case movePageUp:
		return -page
	case moveTop:
		return -far
	case moveBottom:
		return far
	}
	return 0
}
