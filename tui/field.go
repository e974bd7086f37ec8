package tui

import (
	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"partway/tui/theme"
)

// field is a line of typed text. It edits with the component library's text input and draws itself, so that the cursor is a
// glyph and not a colour, and the text is cleaned like any other that came from outside.
type field struct{ input textinput.Model }

func newField(limit int) *field {
	in := textinput.New()
	in.SetVirtualCursor(false)
	in.CharLimit = limit
	// Only keys that no multiplexer, browser or flow control takes; the rest of the library's set is left out. Pasting comes
	// as a message from the terminal, never from the clipboard of this machine.
	in.KeyMap = textinput.KeyMap{
		CharacterForward:        key.NewBinding(key.WithKeys("right")),
		CharacterBackward:       key.NewBinding(key.WithKeys("left")),
		DeleteAfterCursor:       key.NewBinding(key.WithKeys("ctrl+k")),
		DeleteBeforeCursor:      key.NewBinding(key.WithKeys("ctrl+u")),
		DeleteCharacterBackward: key.NewBinding(key.WithKeys("backspace", "ctrl+h")),
		DeleteCharacterForward:  key.NewBinding(key.WithKeys("delete")),
		LineStart:               key.NewBinding(key.WithKeys("home")),
		LineEnd:                 key.NewBinding(key.WithKeys("end", "ctrl+e")),
	}
	in.Focus()
	return &field{in}
}

func (f *field) text() string { return f.input.Value() }

func (f *field) set(text string) {
	f.input.SetValue(text)
	f.input.CursorEnd()
}

// take edits the text with a key or a paste.
func (f *field) take(msg tea.Msg) { f.input, _ = f.input.Update(msg) }

// line draws the text with its cursor in at most w cells, keeping the cursor in sight.
func (f *field) line(w int) theme.Line {
	runes := []rune(f.input.Value())
	at := min(f.input.Position(), len(runes))
	before, after := clean(string(runes[:at])), clean(string(runes[at:]))
	for w > 1 && theme.Width(before) > w-1 {
		runes = runes[1:]
		at--
		before = clean(string(runes[:at]))
	}
	return theme.L(theme.Strong, before).Add(theme.Cursor, "_").Add(theme.Strong, after).Cut(w)
}
