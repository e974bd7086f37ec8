//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
	"golang.org/x/term"
)

// terminal is a program that runs in a terminal, and the terminal as a person sees it.
type terminal struct {
	t   *testing.T
	cmd *exec.Cmd
	tty *os.File    // the terminal's end
	end *os.File    // the program's end, held open to look at it when the program is gone
	own *term.State // of the line discipline before the program

	mu      sync.Mutex
	screen  *vt.Emulator
	written int64         // bytes that the program wrote
	changed chan struct{} // closed when it wrote more

	ended chan struct{}
	err   error // of Wait, once ended
}

// patience ends a test that waits for what does not come.
const patience = 60 * time.Second

// open starts the program in a terminal of w by h cells, in a folder.
func (p *product) open(w, h int, dir string, args ...string) *terminal {
	p.t.Helper()
	cmd := exec.Command(p.binary, args...)
	cmd.Env = append(append([]string{}, p.env...), "TERM=xterm-256color", "LANG=C.UTF-8")
	cmd.Dir = dir
	return openTerminal(p.t, cmd, w, h)
}

func openTerminal(t *testing.T, cmd *exec.Cmd, w, h int) *terminal {
	t.Helper()
	tty, end, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	own, err := term.GetState(int(end.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(tty, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}); err != nil {
		t.Fatal(err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = end, end, end
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &terminal{t: t, cmd: cmd, tty: tty, end: end, own: own, screen: vt.NewEmulator(w, h), changed: make(chan struct{}), ended: make(chan struct{})}
	var work sync.WaitGroup
	work.Go(s.read)
	work.Go(func() { _, _ = io.Copy(tty, s.screen) }) // a terminal answers questions about itself
	go func() {
		s.err = cmd.Wait()
		close(s.ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-s.ended
		_ = end.Close()
		_ = tty.Close()
		_ = s.screen.InputPipe().(io.Closer).Close()
		work.Wait()
	})
	return s
}

func (s *terminal) read() {
	buffer := make([]byte, 1<<16)
	for {
		n, err := s.tty.Read(buffer)
		s.mu.Lock()
		_, _ = s.screen.Write(buffer[:n])
		s.written += int64(n)
		close(s.changed)
		s.changed = make(chan struct{})
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// see is the screen's text, whether the alternate screen is shown, and a channel that tells of a change.
func (s *terminal) see() (text string, alternate bool, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ansi.Strip(s.screen.Render()), s.screen.IsAltScreen(), s.changed
}

func (s *terminal) bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.written
}

// until waits until the screen is as wanted.
func (s *terminal) until(what string, holds func(screen string) bool) string {
	s.t.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	for {
		text, _, changed := s.see()
		if holds(text) {
			return text
		}
		select {
		case <-changed:
		case <-end.C:
			s.t.Fatalf("waited for %s; the screen is\n%s", what, text)
		}
	}
}

// shows waits until the screen shows all of the texts.
func (s *terminal) shows(texts ...string) string {
	s.t.Helper()
	return s.until(fmt.Sprintf("%q", texts), func(screen string) bool {
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	})
}

// row waits until the cursor is on a line that shows a text.
func (s *terminal) row(text string) {
	s.t.Helper()
	s.until("the cursor on "+text, func(screen string) bool {
		for line := range strings.Lines(screen) {
			if strings.HasPrefix(line, ">") && strings.Contains(line, text) {
				return true
			}
		}
		return false
	})
}

// keys types.
func (s *terminal) keys(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.tty, keys); err != nil {
		s.t.Fatal(err)
	}
}

// paste pastes as a terminal does that was asked to bracket it.
func (s *terminal) paste(text string) {
	s.keys(ansi.BracketedPasteStart + text + ansi.BracketedPasteEnd)
}

// resize changes the size of the window.
func (s *terminal) resize(w, h int) {
	s.t.Helper()
	s.mu.Lock()
	s.screen.Resize(w, h)
	s.mu.Unlock()
	if err := pty.Setsize(s.tty, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}); err != nil {
		s.t.Fatal(err)
	}
}

// signal sends the program a signal.
func (s *terminal) signal(which syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(which); err != nil {
		s.t.Fatal(err)
	}
}

// exits waits for the end of the program and wants its exit code. What it wrote last may not be on the screen yet: shows waits for it.
func (s *terminal) exits(code int) {
	s.t.Helper()
	select {
	case <-s.ended:
	case <-time.After(patience):
		text, _, _ := s.see()
		s.t.Fatalf("the program does not end; the screen is\n%s", text)
	}
	text, _, _ := s.see()
	got := 0
	if s.err != nil {
		var exit *exec.ExitError
		if !errors.As(s.err, &exit) {
			s.t.Fatal(s.err)
		}
		got = exit.ExitCode()
	}
	if got != code {
		s.t.Fatalf("exit code %d, want %d; the screen is\n%s", got, code, text)
	}
}

// whole wants the terminal as it was before: the normal screen, and its line discipline as it was found.
func (s *terminal) whole() {
	s.t.Helper()
	s.until("the normal screen", func(string) bool {
		_, alternate, _ := s.see()
		return !alternate
	})
	if now, err := term.GetState(int(s.end.Fd())); err != nil || *now != *s.own {
		s.t.Errorf("the terminal was not given back as it was found: %v", err)
	}
}
