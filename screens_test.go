//go:build unix

package main

import (
	"bytes"
	"crypto/sha256"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"partway/ossapi/emulator"
)

// The tests in this file run the screens of the built program in a terminal, as a person would: keys in, a screen to look at.

const (
	enter = "\r"
)

// old makes a local file of noise that nobody is writing to any more.
func (p *product) old(dir, name string, size int64) (sum [sha256.Size]byte) {
	p.t.Helper()
	path, sum := p.file("noise", size)
	content, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	path = filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		p.t.Fatal(err)
	}
	long := time.Now().Add(-100 * time.Hour)
	if err := os.Chtimes(path, long, long); err != nil {
		p.t.Fatal(err)
	}
	return sum
}

// seed puts an unfinished upload of a local file into the bucket, without the parts that are named. It returns the upload id.
func (p *product) seed(key, path string, partSize int, missing ...int) string {
	p.t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	seed := emulator.Seed{Bucket: bucket, Key: key, Initiated: time.Now().Add(-50 * time.Hour)}
	for n := 1; (n-1)*partSize < len(content); n++ {
		body := content[(n-1)*partSize : min(n*partSize, len(content))]
		if !contains(missing, n) {
			seed.Parts = append(seed.Parts, emulator.SeedPart{Number: n, Body: bytes.NewReader(body)})
		}
	}
	id, err := p.server.SeedUpload(seed)
	if err != nil {
		p.t.Fatal(err)
	}
	return id
}

func contains(list []int, n int) bool {
	for _, m := range list {
		if m == n {
			return true
		}
	}
	return false
}

// calls counts the requests of one kind that the server took.
func (p *product) calls(op emulator.Op) (n int) {
	for _, r := range p.server.Requests() {
		if r.Op == op {
			n++
		}
	}
	return n
}

// slow makes every part take its time, so that there is something to interrupt.
func (p *product) slow(bytesPerSecond int) {
	p.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, Times: -1, Effect: emulator.SlowBody{BytesPerSecond: bytesPerSecond}})
}

func TestScreensSendAFileInAFewKeys(t *testing.T) {
	p := newProduct(t)
	dir := t.TempDir()
	sum := p.old(dir, "film.mov", 3*mib)
	s := p.open(80, 24, dir, "oss://"+bucket)
	s.shows("No unfinished uploads")
	pressed := 0
	press := func(key string) {
		s.keys(key)
		pressed++
	}
	press("a")
	s.shows("film.mov", "3.0 MiB")
	s.row("film.mov")
	press(enter)
	s.shows("done", "film.mov")
	if pressed > 6 {
		t.Errorf("%d keys", pressed)
	}
	p.wantObject("film.mov", sum)
	s.keys("q")
	s.exits(0)
	s.shows("partway: 1 done") // it stays on the terminal
	s.whole()
}

func TestScreensPasteOfAQuotedPath(t *testing.T) {
	p := newProduct(t)
	dir := t.TempDir()
	sum := p.old(dir, "it's a 照片.jpg", 300*kib)
	s := p.open(100, 30, t.TempDir(), "oss://"+bucket+"/in/")
	s.shows("No unfinished uploads")
	s.paste(`'` + dir + `/it'\''s a 照片.jpg'`)
	s.shows("1 marked")
	if n := p.calls(emulator.OpPutObject) + p.calls(emulator.OpInitiate); n != 0 {
		t.Fatalf("%d uploads began before enter", n)
	}
	s.keys(enter)
	s.shows("done")
	p.wantObject("in/it's a 照片.jpg", sum)
}

func TestScreensOpenWithPaths(t *testing.T) {
	p := newProduct(t)
	dir := t.TempDir()
	sum := p.old(dir, "a b.bin", 300*kib)
	s := p.open(100, 30, dir, "oss://"+bucket, "a b.bin")
	s.shows("1 marked")
	s.keys(enter)
	s.shows("done")
	p.wantObject("a b.bin", sum)
}

func TestScreensAbort(t *testing.T) {
	p := newProduct(t)
	dir := t.TempDir()
	p.old(dir, "x.bin", 500*kib)
	p.seed("old/x.bin", filepath.Join(dir, "x.bin"), 100*kib)
	s := p.open(80, 24, dir, "oss://"+bucket)
	s.shows("old/x.bin", "5 parts")
	s.row("old/x.bin")
	s.keys("X")
	s.shows("ABORT 1 UPLOAD")
	s.keys(enter + "X" + enter)
	s.keys("n")
	s.until("the dialog to close", func(screen string) bool { return !strings.Contains(screen, "ABORT 1 UPLOAD") })
	if n := p.calls(emulator.OpAbort); n != 0 {
		t.Fatalf("%d aborts without a yes", n)
	}
	s.keys("X")
	s.shows("ABORT 1 UPLOAD")
	s.keys("y")
	s.shows("aborted")
	if n := p.server.UploadCount(bucket); n != 0 {
		t.Errorf("%d uploads are left", n)
	}
}

func TestScreensComplete(t *testing.T) {
	p := newProduct(t)
	dir := t.TempDir()
	sum := p.old(dir, "x.bin", 500*kib)
	p.seed("old/x.bin", filepath.Join(dir, "x.bin"), 100*kib)
	s := p.open(80, 24, dir, "oss://"+bucket)
	s.shows("old/x.bin", "5 parts")
	s.keys("c")
	s.shows("COMPLETE")
	s.keys(enter)
	s.keys("c" + enter)
	if n := p.calls(emulator.OpComplete); n != 0 {
		t.Fatalf("%d uploads were completed without a yes", n)
	}
	s.keys("y")
	s.shows("✓ done", "old/x.bin")
	p.wantObject("old/x.bin", sum)
}

func TestScreensAdopt(t *testing.T) {
	p := newProduct(t)
	dir := t.TempDir()
	sum := p.old(dir, "x.bin", 500*kib)
	p.seed("old/x.bin", filepath.Join(dir, "x.bin"), 100*kib, 2, 5)
	p.server.ResetRequests()
	s := p.open(100, 30, dir, "oss://"+bucket)
	s.shows("old/x.bin", "3 parts")
	s.keys("r")
	s.shows("choose", "x.bin")
	s.until("the file under the cursor", func(screen string) bool { return strings.Contains(screen, "> ") && strings.Contains(screen, "500 KiB") })
	s.keys(enter)
	s.shows("y adopt")
	s.keys("y")
	s.shows("done")
	p.wantObject("old/x.bin", sum)
	if n := p.calls(emulator.OpUploadPart); n != 2 {
		t.Errorf("%d parts were sent, the 2 missing ones wanted", n)
	}
}

func TestScreensManyResizesWhileUploadsMove(t *testing.T) {
	p := newProduct(t)
	dir := t.TempDir()
	sum := p.old(dir, "big.bin", 6*mib)
	p.slow(4 * mib)
	s := p.open(120, 40, dir, "oss://"+bucket)
	s.shows("No unfinished uploads")
	s.keys("a")
	s.row("big.bin")
	s.keys(enter)
	s.shows("uploading")
	for i := range 300 {
		s.resize(20+i*37%140, 4+i*13%50)
	}
	s.resize(100, 30)
	s.shows("big.bin", "done")
	p.wantObject("big.bin", sum)
	s.keys("q")
	s.exits(0)
	s.whole()
}

func TestScreensEndBySignal(t *testing.T) {
	for _, test := range []struct {
		name   string
		end    func(*terminal)
		screen bool // there is still a terminal to look at
	}{
		{"SIGTERM", func(s *terminal) { s.signal(syscall.SIGTERM) }, true},
		{"SIGHUP", func(s *terminal) { s.signal(syscall.SIGHUP) }, true},
		{"SIGINT", func(s *terminal) { s.signal(syscall.SIGINT) }, true},
		{"the connection is lost", func(s *terminal) { s.end.Close(); s.tty.Close() }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if signal.Ignored(syscall.SIGHUP) && strings.Contains("SIGHUP, the connection is lost", test.name) {
				t.Skip("SIGHUP is ignored here, as below nohup, and the program keeps to that")
			}
			p := newProduct(t)
			dir := t.TempDir()
			sum := p.old(dir, "big.bin", 40*mib)
			p.slow(16 * mib)
			s := p.open(80, 24, dir, "oss://"+bucket)
			s.shows("No unfinished uploads")
			s.keys("a")
			s.row("big.bin")
			s.keys(enter)
			s.shows("uploading")
			p.until(func() bool { return p.stored() > 0 })
			test.end(s)
			s.exits(130)
			if test.screen {
				s.whole()
				s.shows("partway resume")
			}
			p.server.SetFaults(1)
			stored := p.stored()
			p.run("resume", "--all")
			p.wantObject("big.bin", sum)
			if again := p.stored() - 3; again > 0 {
				t.Errorf("%d parts were sent twice, after %d were stored", again, stored)
			}
		})
	}
}

// until waits for something that the server sees.
func (p *product) until(holds func() bool) {
	p.t.Helper()
	end, tick := time.After(patience), time.NewTicker(5*time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-end:
			p.t.Fatal("the server does not see what is waited for")
		}
	}
}

func TestScreensShowTheSameQueueAfterAKill(t *testing.T) {
	p := newProduct(t)
	dir := t.TempDir()
	sums := map[string][sha256.Size]byte{}
	for _, name := range []string{"a.bin", "b.bin", "c.bin"} {
		sums[name] = p.old(dir, name, int64(33*mib+len(sums)))
	}
	p.slow(8 * mib)
	s := p.open(100, 30, dir, "oss://"+bucket)
	s.shows("No unfinished uploads")
	s.keys("a")
	s.row("a.bin")
	s.keys("*")
	s.shows("3 marked")
	s.keys(enter)
	s.shows("a.bin", "b.bin", "c.bin", "uploading")
	p.until(func() bool { return p.stored() > 0 })
	s.signal(syscall.SIGKILL)
	<-s.ended

	p.server.SetFaults(1)
	s = p.open(100, 30, dir, "oss://"+bucket)
	s.shows("a.bin", "b.bin", "c.bin", "paused")
	s.keys("P")
	s.until("three files to be done", func(screen string) bool { return strings.Count(screen, "✓ done") == 3 })
	for name, sum := range sums {
		p.wantObject(name, sum)
	}
	if n := p.calls(emulator.OpInitiate); n != 3 {
		t.Errorf("%d uploads were initiated for three files", n)
	}
}

// TestScreensSuspend runs the program from a shell, since only a shell can bring it back.
func TestScreensSuspend(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("needs bash")
	}
	p := newProduct(t)
	cmd := exec.Command(bash, "--norc", "--noprofile", "-i")
	cmd.Env = append(append([]string{}, p.env...), "TERM=xterm-256color", "LANG=C.UTF-8", "PS1=shell> ")
	cmd.Dir = t.TempDir()
	s := openTerminal(t, cmd, 80, 24)
	s.shows("shell> ")
	s.keys(p.binary + " oss://" + bucket + enter)
	s.shows("No unfinished uploads")
	s.keys("\x1a")
	s.shows("Stopped")
	if _, alternate, _ := s.see(); alternate {
		t.Error("the shell is shown on the alternate screen")
	}
	s.keys("fg" + enter)
	s.shows("No unfinished uploads")
	s.keys("q")
	s.until("the shell", func(string) bool { _, alternate, _ := s.see(); return !alternate })
	s.keys("exit" + enter)
	s.exits(0)
}
