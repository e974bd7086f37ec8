// Package tuitest drives the screens in tests: it presses keys, runs the commands they cause to the end, and shows the screen, in
// a bubble of testing/synctest, so that timers cost no time and no test waits for a clock. It is imported by tests only.
//
// Start with Run; Snapshot is a believable state with uploads of every kind.
package tuitest

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"partway/tui"
)

// Driver is a person at the keyboard of an App.
type Driver struct {
	T      testing.TB
	App    *tui.App
	Engine *Engine

	// Quit is set once the App asked to end.
	Quit bool
	// Copied is what was last put on the clipboard.
	Copied string
	// Written is what was written to the terminal beside the frames.
	Written []string
	// Updates counts the messages that the App took.
	Updates int

	messages chan tea.Msg
}

// Run starts an App on a screen of w by h cells and tells a story with it. Options get the engine, a clock that begins at Now, and
// UTC; everything else is the caller's.
func Run(t *testing.T, engine *Engine, o tui.Options, w, h int, story func(*Driver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer func() {
			cancel()
			time.Sleep(time.Hour) // timers that run cannot be stopped: they end in this hour, which costs no time
		}()
		story(Start(ctx, t, engine, o, w, h))
	})
}

// Start is Run for tests that need many Apps in one bubble. The App's commands end with ctx.
func Start(ctx context.Context, t testing.TB, engine *Engine, o tui.Options, w, h int) *Driver {
	t.Helper()
	began := time.Now()
	engine.bell = make(chan struct{}, 1) // of this bubble, or waiting for it would not count as being idle
	o.Engine, o.Zone = engine, time.UTC
	if o.Now == nil {
		o.Now = func() time.Time { return Now().Add(time.Since(began)) }
	}
	app, err := tui.New(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	d := &Driver{T: t, App: app, Engine: engine, messages: make(chan tea.Msg, 1024)}
	d.run(app.Init())
	d.Send(tea.WindowSizeMsg{Width: w, Height: h})
	return d
}

// Press presses keys by name, one after the other, and lets every command they cause run until it waits for something.
func (d *Driver) Press(keys ...string) *Driver {
	for _, k := range keys {
		d.Send(Key(k))
	}
	return d
}

// Type presses the key of every character.
func (d *Driver) Type(text string) *Driver {
	for _, r := range text {
		d.Send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return d
}

// Send gives the App a message and settles.
func (d *Driver) Send(msg tea.Msg) {
	d.update(msg)
	d.Settle()
}

// Settle lets commands run until all of them wait, and gives the App what they brought.
func (d *Driver) Settle() {
	for {
		synctest.Wait()
		select {
		case msg := <-d.messages:
			d.update(msg)
		default:
			return
		}
	}
}

// After lets time pass, in steps, so that what a timer brings is taken when it comes.
func (d *Driver) After(pause time.Duration) *Driver {
	const step = 50 * time.Millisecond
	for ; pause > 0; pause -= step {
		time.Sleep(min(step, pause))
		d.Settle()
	}
	return d
}

func (d *Driver) update(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
		return
	case tea.BatchMsg:
		for _, cmd := range msg {
			d.run(cmd)
		}
		return
	case tea.QuitMsg:
		d.Quit = true
		return
	case tea.RawMsg:
		d.Written = append(d.Written, fmt.Sprint(msg.Msg))
		return
	}
	if v := reflect.ValueOf(msg); v.Kind() == reflect.String && strings.HasSuffix(v.Type().Name(), "setClipboardMsg") {
		d.Copied = v.String()
	}
	d.Updates++
	d.Engine.inside.Store(true)
	_, cmd := d.App.Update(msg)
	_ = d.App.View()
	d.Engine.inside.Store(false)
	d.run(cmd)
}

// run runs a command as the program does, in a goroutine of its own; it ends at the latest with the App's context.
func (d *Driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	messages := d.messages
	go func() { messages <- cmd() }()
}

// Raw is the screen with its styles.
func (d *Driver) Raw() string {
	d.Engine.inside.Store(true)
	defer d.Engine.inside.Store(false)
	return d.App.View().Content
}

// Screen is the screen's text: lines without trailing blanks.
func (d *Driver) Screen() string { return Plain(d.Raw()) }

// Plain takes the styles off a screen.
func Plain(raw string) string {
	lines := strings.Split(ansi.Strip(raw), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// Has fails the test if the screen does not show a text.
func (d *Driver) Has(texts ...string) *Driver {
	d.T.Helper()
	for _, text := range texts {
		if screen := d.Screen(); !strings.Contains(screen, text) {
			d.T.Fatalf("the screen does not show %q:\n%s", text, screen)
		}
	}
	return d
}

// HasNot fails the test if the screen shows a text.
func (d *Driver) HasNot(texts ...string) *Driver {
	d.T.Helper()
	for _, text := range texts {
		if screen := d.Screen(); strings.Contains(screen, text) {
			d.T.Fatalf("the screen shows %q:\n%s", text, screen)
		}
	}
	return d
}

// Row fails the test if the row under the cursor does not show a text.
func (d *Driver) Row(text string) *Driver {
	d.T.Helper()
	for line := range strings.Lines(d.Screen()) {
		if strings.HasPrefix(line, ">") && strings.Contains(line, text) {
			return d
		}
	}
	d.T.Fatalf("the cursor is not on %q:\n%s", text, d.Screen())
	return nil
}

// Key is the press of a key by its name: "a", "X", "enter", "ctrl+d", "space".
func Key(name string) tea.KeyPressMsg {
	special := map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "backspace": tea.KeyBackspace, "up": tea.KeyUp,
		"down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp,
		"pgdown": tea.KeyPgDown, "delete": tea.KeyDelete}
	if code, is := special[name]; is {
		return tea.KeyPressMsg{Code: code}
	}
	if name == "space" {
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	}
	if letter, is := strings.CutPrefix(name, "ctrl+"); is {
		return tea.KeyPressMsg{Code: rune(letter[0]), Mod: tea.ModCtrl}
	}
	runes := []rune(name)
	if len(runes) != 1 {
		panic(fmt.Sprintf("there is no key %q", name))
	}
	return tea.KeyPressMsg{Code: runes[0], Text: name}
}
