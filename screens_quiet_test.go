//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// TestScreensWriteLittle counts what goes to the terminal: it may be at the other end of a slow line.
func TestScreensWriteLittle(t *testing.T) {
	p := newProduct(t)
	dir := t.TempDir()
	for i := range 6 {
		p.old(dir, fmt.Sprintf("part-%d.bin", i), 24*mib)
	}
	config := filepath.Join(p.state, "..", "config.toml")
	if err := os.WriteFile(config, []byte("default = \"t\"\n[profile.t]\nbucket = \""+bucket+"\"\nfiles = 6\nparts = 6\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := p.open(120, 40, dir, "--config", config)
	s.shows("No unfinished uploads")
	// The order of the list is let go three seconds after a key; none was pressed, so nothing may be written.
	const quiet = 3 * time.Second
	before := s.bytes()
	s.watch(quiet)
	if n := s.bytes() - before; n != 0 {
		t.Errorf("%d bytes were written in %s while nothing happened", n, quiet)
	}
	p.slow(500 * kib)
	s.keys("a")
	s.shows("part-0.bin")
	s.keys("*")
	s.shows("6 marked")
	s.keys(enter)
	s.until("six uploads", func(screen string) bool { return strings.Count(screen, "uploading") >= 6 })
	const moving = 8 * time.Second
	before = s.bytes()
	s.watch(moving)
	rate := float64(s.bytes()-before) / moving.Seconds()
	t.Logf("six rows and the map moving at 120x40: %.0f bytes/s", rate)
	if rate > 4*kib {
		t.Errorf("%.0f bytes/s go to the terminal", rate)
	}
	s.keys("\x03\x03")
	s.exits(130)
	s.whole()
}

// watch looks on for a while: what is measured here is a rate.
func (s *terminal) watch(pause time.Duration) {
	select {
	case <-time.After(pause):
	case <-s.ended:
		s.t.Fatal("the program has ended")
	}
}

func TestWithoutATerminalThereIsAListing(t *testing.T) {
	p := newProduct(t)
	dir := t.TempDir()
	p.old(dir, "x.bin", 500*kib)
	p.seed("old/x.bin", filepath.Join(dir, "x.bin"), 100*kib)
	out, _, _ := p.run("oss://" + bucket)
	if !strings.Contains(out, "old/x.bin") || strings.Contains(out, "\x1b") {
		t.Errorf("the listing is %q", out)
	}
	// A terminal that cannot move its cursor is none.
	cmd := p.command("oss://" + bucket)
	cmd.Env = append(append([]string{}, p.env...), "TERM=dumb")
	tty, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	text, _ := io.ReadAll(tty) // ends with EIO when the program has ended
	if err := cmd.Wait(); err != nil || !strings.Contains(string(text), "old/x.bin") || strings.Contains(string(text), "\x1b[?1049h") {
		t.Errorf("%v, %q", err, text)
	}
}
