package tui

import (
	"context"
	"errors"
	"image/color"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"partway/model/safe"
	"partway/tui/theme"
)

func firstOf(t *testing.T, o FirstRun) *firstRun {
	t.Helper()
	if o.Again == nil {
		o.Again = func(context.Context) ([]LookedAt, bool, error) { return nil, false, nil }
	}
	if o.Looked == nil {
		o.Looked = []LookedAt{{"flags --profile, --endpoint", "not given"}, {"OSS_ACCESS_KEY_ID / OSS_ACCESS_KEY_SECRET", "not set"}, {"~/.ossutilconfig", "found, but no accessKeyID in it"}}
	}
	f, err := newFirstRun(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// press gives the screen a key, and the message of the command it causes.
func (f *firstRun) press(r rune) tea.Msg {
	key := tea.KeyPressMsg{Code: r, Text: string(r)}
	if r == tea.KeyEscape || r == tea.KeyEnter {
		key.Text = ""
	}
	_, cmd := f.Update(key)
	if cmd == nil {
		return nil
	}
	msg := cmd()
	if again, is := msg.(againMsg); is {
		_, cmd = f.Update(again)
		if cmd != nil {
			return cmd()
		}
	}
	return msg
}

func (f *firstRun) text() string {
	var b strings.Builder
	for _, l := range f.lines() {
		b.WriteString(l.String() + "\n")
	}
	return b.String()
}

func TestFirstRunKeys(t *testing.T) {
	for _, test := range []struct {
		key    rune
		choice FirstChoice
		quits  bool
	}{{'q', FirstQuit, true}, {tea.KeyEscape, FirstQuit, true}, {'t', FirstDemo, true}, {'ｔ', FirstDemo, true}, {'n', FirstQuit, false}, {tea.KeyEnter, FirstQuit, false}} {
		f := firstOf(t, FirstRun{})
		_, quit := f.press(test.key).(tea.QuitMsg)
		if f.choice != test.choice || quit != test.quits {
			t.Errorf("%q: choice %d, quits %v", test.key, f.choice, quit)
		}
	}
}

func TestFirstRunLooksAgain(t *testing.T) {
	answers := []againMsg{{looked: []LookedAt{{"~/.ossutilconfig", "not there"}}}, {err: errors.New("config.toml:3: unknown key\nmore")}, {found: true}}
	f := firstOf(t, FirstRun{Again: func(context.Context) ([]LookedAt, bool, error) {
		next := answers[0]
		answers = answers[1:]
		return next.looked, next.found, next.err
	}})
	f.press('r')
	if text := f.text(); !strings.Contains(text, "not there") || !strings.Contains(text, "still none") || strings.Contains(text, "accessKeyID") {
		t.Errorf("after the first look:\n%s", text)
	}
	f.press('r')
	if text := f.text(); !strings.Contains(text, "config.toml:3: unknown key") || strings.Contains(text, "more") {
		t.Errorf("after the second look:\n%s", text)
	}
	if _, quit := f.press('r').(tea.QuitMsg); !quit || f.choice != FirstFound {
		t.Errorf("credentials were found, choice %d", f.choice)
	}
}

func TestFirstRunAsksOneAtATime(t *testing.T) {
	f := firstOf(t, FirstRun{})
	if f.again() == nil || f.again() != nil {
		t.Error("a second look begins while the first is under way")
	}
}

// TestFirstRunFits: nothing is wider or higher than the screen, and the keys are always there.
func TestFirstRunFits(t *testing.T) {
	for _, hostile := range append(safe.HostilePayloads(), safe.Hostile{Text: "plain"}) {
		payload := hostile.Text
		f := firstOf(t, FirstRun{Rights: []string{"oss:ListParts", "oss:PutObject"}, Program: "partway", Looked: []LookedAt{{payload, payload}, {"~/.ossutilconfig", payload}}})
		f.Update(againMsg{err: errors.New(payload)})
		for _, size := range [][2]int{{120, 40}, {80, 24}, {60, 15}, {40, 8}, {20, 3}, {1, 1}} {
			f.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			lines := f.lines()
			if len(lines) > size[1] {
				t.Errorf("%v: %d lines", size, len(lines))
			}
			if size[0] >= 40 && !strings.Contains(lines[len(lines)-1].String(), "r look again") {
				t.Errorf("%v: no keys: %s", size, f.text())
			}
			for _, l := range lines {
				if w := theme.Width(l.Cut(size[0]).String()); w > size[0] {
					t.Errorf("%v: a line of %d cells", size, w)
				}
				for _, r := range l.String() {
					if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
						t.Fatalf("%q put %U on the screen", payload, r)
					}
				}
			}
		}
	}
}

func TestFirstRunCopiesThePolicy(t *testing.T) {
	f := firstOf(t, FirstRun{Policy: "{policy}"})
	if msg := f.press('y'); msg == nil || !strings.Contains(f.text(), "copied") {
		t.Errorf("%v:\n%s", msg, f.text())
	}
}

// TestBackground: the terminal's answer chooses the theme only where nobody else did.
func TestBackground(t *testing.T) {
	light, dark := tea.BackgroundColorMsg{Color: color.White}, tea.BackgroundColorMsg{Color: color.Black}
	warn := theme.L(theme.Moving, "x")
	for _, test := range []struct {
		o     Options
		msg   tea.BackgroundColorMsg
		asks  bool
		theme string
	}{
		{Options{}, light, true, "light"}, {Options{}, dark, true, "dark"}, {Options{Theme: "dark"}, light, false, "dark"},
		{Options{NoColor: true}, light, false, "mono"},
	} {
		k, err := newLook(test.o)
		if err != nil {
			t.Fatal(err)
		}
		a := &App{o: test.o, look: k}
		a.onBackground(test.msg)
		want, err := theme.New(test.theme)
		if err != nil {
			t.Fatal(err)
		}
		if a.look.theme.Render(warn, 9) != want.Render(warn, 9) || (a.askBackground() != nil) != test.asks {
			t.Errorf("%+v: not %s", test.o, test.theme)
		}
	}
}
