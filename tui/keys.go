package tui

import (
	"strings"
	"time"
	"unicode"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"partway/tui/theme"
)

// prefix is the first key of a sequence while the second is awaited. The choices are shown after a moment, so that someone who
// knows them sees no flicker.
type prefix struct {
	key    string
	number int
	show   bool
}

type prefixMsg struct{ number int }

const prefixDelay = 300 * time.Millisecond

// stopMsg comes stopTime after ctrl-c: a second one is a first one again.
type stopMsg struct{}

const stopTime = 2 * time.Second

func (a *App) onKey(press tea.KeyPressMsg) tea.Cmd {
	keys, ime := keyName(press)
	if a.leaving.interrupted {
		return nil // the end is under way and cannot be taken back
	}
	if press.String() == "ctrl+c" {
		return a.onInterrupt()
	}
	hold := a.touch()
	top := a.top()
	a.note = note{}
	if over, is := top.(overlay); is {
		return tea.Batch(hold, a.overlayKey(over, press, keys))
	}
	return tea.Batch(hold, a.viewKey(top.scope(), keys, ime))
}

// overlayKey looks among the choices of the overlay first, then gives the key to its field, then moves.
func (a *App) overlayKey(over overlay, press tea.KeyPressMsg, keys string) tea.Cmd {
	f := over.field()
	for _, c := range over.choices(a) {
		// While text is typed, letters are text. Keys are compared as they were typed then: full-width forms are text as well.
		named := keys
		if f != nil {
			named = press.String()
		}
		if key.Matches(keyString(named), c.binding) {
			return c.run(a)
		}
	}
	if keys == "?" && explainable(over) {
		return explain(a, target{})
	}
	if f != nil {
		f.take(press)
		if listener, is := over.(interface{ edited(*App) }); is {
			listener.edited(a)
		}
		return nil
	}
	if act := a.lookup(inOverlay, keys); act != nil {
		return a.perform(act)
	}
	return nil
}

func (a *App) viewKey(in scope, keys string, ime bool) tea.Cmd {
	if first := a.prefix.key; first != "" {
		a.prefix = prefix{number: a.prefix.number}
		if act := a.lookup(in, first+" "+keys); act != nil {
			return a.perform(act)
		}
		if keys != "esc" {
			a.say(plainNote, first+" "+clean(keys)+" is no key; "+a.sequenceHelp(in, first))
		}
		return nil
	}
	if act := a.lookup(in, keys); act != nil {
		return a.perform(act)
	}
	if len(a.begins(in, keys)) > 0 {
		a.prefix = prefix{key: keys, number: a.prefix.number + 1}
		number := a.prefix.number
		return a.later(prefixDelay, func() tea.Msg { return prefixMsg{number} })
	}
	switch {
	case keys == "d" || keys == "D" || keys == "delete":
		a.say(warnNote, "nothing is bound to "+keys+"; abort is X")
	case ime:
		a.say(warnNote, "The input method is on: keys come as "+clean(keys)+". Switch to English, or use arrows, enter, esc.")
	}
	return nil
}

func (a *App) sequenceHelp(in scope, first string) string {
	var parts []string
	for _, act := range a.begins(in, first) {
		h := act.binding.Help()
		parts = append(parts, h.Key+" "+h.Desc)
	}
	return strings.Join(parts, "   ")
}

func (a *App) prefixLine() theme.Line {
	return theme.L(theme.Key, a.prefix.key+"...   ").Add(theme.Text, a.sequenceHelp(a.base().scope(), a.prefix.key)).Add(theme.Faint, "   esc")
}

// keyString lets a name of a key be compared with a binding.
type keyString string

func (k keyString) String() string { return string(k) }

// keyName is the name of a key as the registry writes it. A Chinese or Japanese input method in full-width mode sends other
// characters for the same keys; these are mapped to their ASCII forms. ime reports a character that no mapping helps for.
func keyName(press tea.KeyPressMsg) (name string, ime bool) {
	name = press.String()
	if press.Mod != 0 && press.Text == "" {
		return name, false
	}
	runes := []rune(press.Text)
	if len(runes) != 1 {
		return name, len(runes) > 1
	}
	switch r := runes[0]; {
	case r >= 0xFF01 && r <= 0xFF5E: // fullwidth ! to ~
		return string(r - 0xFEE0), false
	case r == 0x3000:
		return "space", false
	case r == '、':
		return "/", false
	case r == '。':
		return ".", false
	case r == '…':
		return "^", false
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo):
		return name, true
	}
	return name, false
}

// onPaste gives pasted text to a field. Typed confirmations do not take it: they are there to be read.
func (a *App) onPaste(msg tea.PasteMsg) tea.Cmd {
	if over, is := a.top().(overlay); is {
		if d, is := over.(interface{ confirms() bool }); is && d.confirms() {
			a.say(warnNote, "this has to be typed")
			return nil
		}
		if f := over.field(); f != nil {
			f.take(tea.PasteMsg{Content: strings.Join(strings.Fields(msg.Content), " ")})
			if listener, is := over.(interface{ edited(*App) }); is {
				listener.edited(a)
			}
			return nil
		}
	}
	if taker, is := a.top().(interface{ paste(*App, string) tea.Cmd }); is {
		return taker.paste(a, msg.Content)
	}
	a.say(plainNote, "nothing here takes a paste")
	return nil
}
