package tui

import (
	"context"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/tui/theme"
)

// The smallest screen that shows rows. Below it there is one line.
const (
	minWidth  = 40
	minHeight = 8
)

// App is the program's one tea.Model. It is not safe for concurrent use; Bubble Tea calls it from one goroutine.
type App struct {
	o       Options
	ctx     context.Context
	look    *look
	actions []action

	w, h   int
	snap   *model.Snapshot
	now    time.Time // newest time a message brought
	pulled time.Time // when the last snapshot came from the bell

	main  *mainScreen
	stack []screen // over the main view; the last one is on top

	note    note
	prefix  prefix // first key of a sequence
	keys    int    // pressed so far
	holding bool   // the timer of the held order runs
	mouse   bool
	blurred bool
	queue   queueState // when somebody was last thought of who looks elsewhere
	called  time.Time  // when they were last called

	picks   pickMemory
	watches []*watched
	// watchNumber is the number of the timer that is under way for them.
	watchNumber int
	asked       int // questions to the engine, counted
	undone      []undoStep
	fastAt      int64 // limit in bytes a second before the slow mode
	leaving     leaving
	stopped     int // ctrl-c presses that may still become a second one
	title       string
	titledAt    time.Time
}

// note is what the status line says: the answer to the last key, until the next one.
type note struct {
	level noteLevel
	text  string // cleaned
}

type noteLevel uint8

const (
	plainNote noteLevel = iota
	warnNote
	badNote
)

// New makes the App. Its commands end when ctx does. The engine's snapshot is read once, so that the first frame has content.
func New(ctx context.Context, o Options) (*App, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	k, err := newLook(o)
	if err != nil {
		return nil, fmt.Errorf("tui: %w", err)
	}
	a := &App{o: o, ctx: ctx, look: k, actions: registry(), mouse: !o.NoMouse, w: 80, h: 24}
	a.main = newMainScreen(o)
	snap := o.Engine.Snapshot()
	if snap == nil {
		snap = &model.Snapshot{}
	}
	a.pulled = o.Now()
	a.take(snap, a.pulled)
	a.queue = stateOf(snap)
	return a, nil
}

// Init arms the wait for the engine's bell, asks where to go if no bucket is on view, and whether the terminal is light.
func (a *App) Init() tea.Cmd { return tea.Batch(a.wait(), a.welcome(), a.askBackground()) }

// Update takes a message.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := a.handle(msg)
	a.main.settle(a)
	if p := a.picker(); p != nil {
		p.settle(a)
	}
	return a, cmd
}

func (a *App) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.w, a.h = msg.Width, msg.Height
		return nil
	case tea.KeyPressMsg:
		return a.onKey(msg)
	case tea.PasteMsg:
		return a.onPaste(msg)
	case tea.MouseWheelMsg:
		return a.onWheel(msg)
	case tea.MouseClickMsg:
		return a.onClick(msg)
	case tea.BackgroundColorMsg:
		a.onBackground(msg)
		return nil
	case tea.FocusMsg:
		a.blurred = false
		return a.onFocus()
	case tea.BlurMsg:
		a.blurred = true
		return nil
	case snapshotMsg:
		a.pulled = msg.at
		a.take(msg.snap, msg.at)
		return tea.Batch(a.wait(), a.goOnLeaving(), a.tell(msg), a.call())
	case doneMsg:
		return tea.Batch(a.onDone(msg), a.goOnLeaving())
	case holdMsg:
		return a.onHold(msg)
	case prefixMsg:
		a.prefix.show = a.prefix.show || msg.number == a.prefix.number
		return nil
	case stopMsg:
		a.stopped = 0
		return nil
	case queuedMsg:
		return tea.Batch(a.onQueued(msg), a.goOnLeaving())
	case importedMsg:
		return tea.Batch(a.onImported(msg), a.goOnLeaving())
	case leaveMsg:
		return a.onLeave(msg)
	case watchMsg:
		return a.onWatch(msg)
	}
	return a.tell(msg)
}

// tell passes a message to every screen; each takes what carries its own identity.
func (a *App) tell(msg tea.Msg) tea.Cmd {
	cmds := []tea.Cmd{a.main.update(a, msg)}
	for _, s := range a.stack {
		cmds = append(cmds, s.update(a, msg))
	}
	return tea.Batch(cmds...)
}

// top is the screen that hears of keys.
func (a *App) top() screen {
	if len(a.stack) == 0 {
		return a.main
	}
	return a.stack[len(a.stack)-1]
}

// base is the view at the bottom of what is seen: the list, one upload, or the picker. What lies over it are overlays.
func (a *App) base() screen {
	for _, s := range slices.Backward(a.stack) {
		if _, over := s.(overlay); !over {
			return s
		}
	}
	return a.main
}

// detail is the opened upload, or nil.
func (a *App) detail() *detailScreen {
	for _, s := range a.stack {
		if d, is := s.(*detailScreen); is {
			return d
		}
	}
	return nil
}

func (a *App) push(s screen) { a.stack = append(a.stack, s) }

// pop closes the top screen, and ends what it waits for. When the list shows again, its order may change again.
func (a *App) pop() {
	if n := len(a.stack); n > 0 {
		if s, is := a.stack[n-1].(interface{ closed() }); is {
			s.closed()
		}
		a.stack = a.stack[:n-1]
	}
}

// closeTop is pop as the action of a choice.
func closeTop(a *App) tea.Cmd {
	a.pop()
	return nil
}

func (a *App) say(level noteLevel, text string) { a.note = note{level, text} }

// target is what an action would act on now. Over the view of one upload it is that upload; with marks it is the marks; else the
// row under the cursor.
func (a *App) target() target {
	if a.picker() != nil {
		return target{} // local files are no uploads
	}
	if d := a.detail(); d != nil {
		if r := a.main.list.lookup(d.id); r != nil {
			return target{rows: []row{*r}}
		}
		return target{}
	}
	return a.main.list.target()
}

// View draws the frame.
func (a *App) View() tea.View {
	view := tea.NewView(a.frame())
	view.AltScreen = true
	view.ReportFocus = true
	view.WindowTitle = a.title
	if a.mouse {
		view.MouseMode = tea.MouseModeCellMotion
	}
	if a.o.Taskbar {
		view.ProgressBar = a.taskbar()
	}
	return view
}

func (a *App) frame() string {
	lines := a.lines()
	out := make([]byte, 0, len(lines)*(a.w+16))
	for i, l := range lines {
		if i > 0 {
			out = append(out, '\n')
		}
		out = a.look.theme.Append(out, a.look.within(l, a.w))
	}
	return string(out)
}

// lines is the whole screen: the view, its footer, and what lies over them at the lower edge.
func (a *App) lines() []theme.Line {
	if a.w < minWidth || a.h < minHeight {
		return a.tooSmall()
	}
	base := a.base()
	lines := fit(base.view(a, a.w, a.h-1), a.h-1)
	foot, _ := a.footer(base.scope(), a.w)
	lines = append(lines, foot)
	if a.prefix.show {
		lines[a.h-2] = a.prefixLine()
	}
	for _, s := range a.stack {
		if _, over := s.(overlay); !over {
			continue
		}
		over := s.view(a, a.w, a.h)
		over = over[:min(len(over), a.h)]
		copy(lines[a.h-len(over):], over)
	}
	return lines
}

func (a *App) tooSmall() []theme.Line {
	t := a.snap.Totals
	text := fmt.Sprintf("%s needs %dx%d, this is %dx%d - uploads go on: %d moving %s ETA %s   q quit", a.o.Program,
		minWidth, minHeight, a.w, a.h, t.Moving, model.FormatRate(t.Rate), model.FormatDuration(t.ETA))
	var lines []theme.Line
	for _, l := range wrap(text, max(a.w, 1)) {
		lines = append(lines, theme.L(theme.Text, l))
	}
	return lines[:min(len(lines), max(a.h, 1))]
}

// fit cuts lines to h, or fills up with empty ones.
func fit(lines []theme.Line, h int) []theme.Line {
	if len(lines) > h {
		return lines[:h]
	}
	for len(lines) < h {
		lines = append(lines, nil)
	}
	return lines
}
