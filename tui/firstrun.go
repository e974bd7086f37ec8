package tui

import (
	"context"
	"errors"
	"io"
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"partway/tui/theme"
)

// LookedAt is a place where credentials were looked for, and what was found there. Both are foreign.
type LookedAt struct{ Place, Result string }

// FirstRun says what the screen shows to somebody who has no credentials yet.
type FirstRun struct {
	Looked []LookedAt // in the order of the search
	// Again looks once more. It is called from a command. Found ends the screen; an error is shown.
	Again func(context.Context) (looked []LookedAt, found bool, err error)
	// Rights are the least rights that are needed, and Policy is the document that grants them.
	Rights []string
	Policy string

	Glyphs, Theme string
	NoColor       bool
	Program       string
}

// FirstChoice is how the first screen was left.
type FirstChoice uint8

// The ways out of the first screen.
const (
	FirstQuit  FirstChoice = iota
	FirstFound             // there are credentials now
	FirstDemo              // the demo was asked for
)

// firstRun is the screen before there is an engine, and so before there is an App.
type firstRun struct {
	o      FirstRun
	ctx    context.Context
	look   *look
	w, h   int
	choice FirstChoice
	asking bool
	note   note
	keys   []firstKey
}

type firstKey struct {
	binding key.Binding
	run     func(*firstRun) tea.Cmd
}

type againMsg struct {
	looked []LookedAt
	found  bool
	err    error
}

// RunFirst shows the first screen on a terminal until the person leaves it or ctx ends. The terminal is as it was when it returns.
func RunFirst(ctx context.Context, o FirstRun, in io.Reader, out io.Writer) (FirstChoice, error) {
	f, err := newFirstRun(ctx, o)
	if err != nil {
		return FirstQuit, err
	}
	_, err = tea.NewProgram(f, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler()).Run()
	if err != nil && ctx.Err() == nil {
		return FirstQuit, err
	}
	return f.choice, nil
}

func newFirstRun(ctx context.Context, o FirstRun) (*firstRun, error) {
	if o.Again == nil {
		return nil, errors.New("tui: nothing to look again with")
	}
	k, err := newLook(Options{Glyphs: o.Glyphs, Theme: o.Theme, NoColor: o.NoColor})
	if err != nil {
		return nil, err
	}
	if o.Program == "" {
		o.Program = "partway"
	}
	bound := func(shown, text string, run func(*firstRun) tea.Cmd, keys ...string) firstKey {
		return firstKey{help(bind(append(keys, shown)...), shown, text), run}
	}
	leave := func(c FirstChoice) func(*firstRun) tea.Cmd {
		return func(f *firstRun) tea.Cmd {
			f.choice = c
			return tea.Quit
		}
	}
	return &firstRun{o: o, ctx: ctx, look: k, w: 80, h: 24, keys: []firstKey{
		bound("r", "look again", (*firstRun).again),
		bound("t", "try the demo", leave(FirstDemo)),
		bound("y", "copy the policy", func(f *firstRun) tea.Cmd {
			f.note = note{plainNote, "copied the RAM policy"}
			return tea.SetClipboard(f.o.Policy)
		}),
		bound("q", "quit", leave(FirstQuit), "esc", "ctrl+c"),
	}}, nil
}

func (f *firstRun) again() tea.Cmd {
	if f.asking {
		return nil
	}
	f.asking = true
	ctx, again := f.ctx, f.o.Again
	return func() tea.Msg {
		looked, found, err := again(ctx)
		return againMsg{looked, found, err}
	}
}

// Init asks for nothing.
func (f *firstRun) Init() tea.Cmd { return nil }

// Update takes a message.
func (f *firstRun) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		f.w, f.h = msg.Width, msg.Height
	case tea.KeyPressMsg:
		f.note = note{}
		name, _ := keyName(msg)
		for _, k := range f.keys {
			if key.Matches(keyString(name), k.binding) {
				return f, k.run(f)
			}
		}
	case againMsg:
		f.asking = false
		switch {
		case msg.found:
			f.choice = FirstFound
			return f, tea.Quit
		case msg.err != nil:
			f.note = note{badNote, clean(firstLine(msg.err.Error()))}
		default:
			f.o.Looked = msg.looked
			f.note = note{plainNote, "looked again: still none"}
		}
	}
	return f, nil
}

// View draws the frame.
func (f *firstRun) View() tea.View {
	out := ""
	for i, l := range f.lines() {
		if i > 0 {
			out += "\n"
		}
		out += f.look.theme.Render(l, f.w)
	}
	view := tea.NewView(out)
	view.AltScreen = true
	view.WindowTitle = f.o.Program
	return view
}

// lines is the whole screen. Where it is too low, the blank lines give way first, then the rights, then the list from its end: the
// keys are always seen.
func (f *firstRun) lines() []theme.Line {
	top := []theme.Line{theme.L(theme.Strong, f.o.Program).Right(f.w, theme.L(theme.Warn, "no connection yet")), nil,
		theme.L(theme.Strong, "No credentials found. Looked in this order:")}
	wide := 0
	for _, l := range f.o.Looked {
		wide = max(wide, theme.Width(clean(l.Place)))
	}
	wide = min(wide, max(f.w/2, 10))
	for i, l := range f.o.Looked {
		top = append(top, theme.L(theme.Faint, "  "+number(i+1)+" ").Add(theme.Text, theme.PadRight(f.look.cut(l.Place, wide), wide)).
			Space(2).Add(theme.Faint, f.look.cut(l.Result, max(f.w-wide-7, 8))))
	}
	top = append(top, nil, theme.L(theme.Strong, "What to do"))
	for _, step := range [][2]string{
		{"", "Set OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and OSS_REGION, or write one of the files above, then r looks again."},
		{"t", "tries the demo: a pretend bucket on this machine, nothing leaves it."},
	} {
		for i, text := range wrap(step[1], max(f.w-6, 10)) {
			head := ""
			if i == 0 {
				head = step[0]
			}
			top = append(top, theme.L(theme.Key, "  "+theme.PadRight(head, 2)).Add(theme.Text, text))
		}
	}
	var rights []theme.Line
	words := ""
	for _, r := range f.o.Rights {
		words += " " + r
	}
	for _, text := range wrap("Least rights needed:"+words+"   (y copies a RAM policy with just these)", max(f.w-1, 10)) {
		rights = append(rights, theme.L(theme.Faint, text))
	}
	return f.fit(append(append(top, nil), rights...))
}

func (f *firstRun) fit(body []theme.Line) []theme.Line {
	room := max(f.h-2, 0)
	for len(body) > room {
		blank := slices.IndexFunc(body, func(l theme.Line) bool { return len(l) == 0 })
		if blank < 0 {
			body = body[:room]
			break
		}
		body = slices.Delete(body, blank, blank+1)
	}
	said := theme.L([...]theme.Role{theme.Text, theme.Warn, theme.Bad}[f.note.level], f.note.text)
	if f.asking {
		said = theme.L(theme.Faint, "looking ...")
	}
	var keys theme.Line
	for _, k := range f.keys {
		h := k.binding.Help()
		keys = keys.Add(theme.Key, h.Key).Add(theme.Text, " "+h.Desc).Space(3)
	}
	lines := append(fit(body, room), said.Cut(f.w), keys.Cut(f.w))
	return lines[max(len(lines)-max(f.h, 1), 0):]
}
