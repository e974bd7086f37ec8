//go:build unix

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// sshServer is a real sshd on this machine that lets the user of the test in.
type sshServer struct {
	t         *testing.T
	port      string
	key, user string
}

// newSSHServer starts one. Where there is no sshd the test is skipped.
func newSSHServer(t *testing.T) *sshServer {
	t.Helper()
	daemon, err := exec.LookPath("sshd")
	if err != nil {
		daemon, err = exec.LookPath("/usr/sbin/sshd")
	}
	for _, tool := range []string{"ssh", "ssh-keygen"} {
		if _, missing := exec.LookPath(tool); missing != nil {
			err = missing
		}
	}
	if err != nil {
		t.Skip("no OpenSSH here: ", err)
	}
	if _, err := os.Stat("/run/sshd"); os.Getuid() == 0 && err != nil {
		t.Skip("sshd of root wants its folder: ", err)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := &sshServer{t: t, key: filepath.Join(dir, "user"), user: me.Username, port: freePort(t)}
	for _, name := range []string{"host", "user"} {
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, name)).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v\n%s", err, out)
		}
	}
	config := filepath.Join(dir, "config")
	text := fmt.Sprintf("ListenAddress 127.0.0.1:%s\nHostKey %s/host\nAuthorizedKeysFile %s.pub\nPidFile none\nStrictModes no\nPermitRootLogin yes\nPasswordAuthentication no\nUsePAM no\n",
		s.port, dir, s.key)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(daemon, "-D", "-e", "-f", config)
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	end, tick := time.After(patience), time.NewTicker(5*time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := net.Dial("tcp", "127.0.0.1:"+s.port)
		if err == nil {
			conn.Close()
			return s
		}
		select {
		case <-tick.C:
		case err := <-ended:
			ended <- err
			t.Skipf("sshd does not start here: %v\n%s", err, log.String())
		case <-end:
			t.Fatalf("sshd does not listen: %v", err)
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// login opens the product's screens in a terminal at the other end of the line. The file gets the number of the process there.
func (s *sshServer) login(p *product, dir, pidFile string, w, h int, args ...string) *terminal {
	s.t.Helper()
	quote := func(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
	remote := "cd " + quote(dir) + " && echo $$ > " + quote(pidFile) + " && exec env LANG=C.UTF-8"
	for _, variable := range p.env {
		remote += " " + quote(variable)
	}
	for _, word := range append([]string{p.binary}, args...) {
		remote += " " + quote(word)
	}
	cmd := exec.Command("ssh", "-tt", "-p", s.port, "-i", s.key, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
		"-o", "LogLevel=ERROR", "-F", "none", s.user+"@127.0.0.1", remote)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	return openTerminal(s.t, cmd, w, h)
}

// gone waits until the process of a file has ended.
func (p *product) gone(pidFile string) {
	p.t.Helper()
	text, err := os.ReadFile(pidFile)
	if err != nil {
		p.t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		p.t.Fatal(err)
	}
	p.until(func() bool { return syscall.Kill(pid, 0) != nil })
}

// Over ssh the screens are what they are at home: they follow the size of the window, a cut line ends them in order, and the next login
// finds the queue and goes on with it.
func TestScreensOverSSH(t *testing.T) {
	server := newSSHServer(t)
	p := newProduct(t)
	dir := t.TempDir()
	sum := p.old(dir, "big.bin", 40*mib)
	p.slow(16 * mib)
	first := filepath.Join(dir, ".first")
	s := server.login(p, dir, first, 80, 24, "oss://"+bucket)
	s.shows("No unfinished uploads")
	s.keys("a")
	s.row("big.bin")
	s.keys(enter)
	s.shows("uploading")
	s.resize(120, 40)
	s.shows("FROM") // a column that 80 cells have no room for
	p.until(func() bool { return p.stored() > 0 })
	_ = s.cmd.Process.Kill() // the line is cut
	p.gone(first)

	stored := p.stored()
	p.server.SetFaults(1)
	second := filepath.Join(dir, ".second")
	s = server.login(p, dir, second, 80, 24, "oss://"+bucket)
	s.row("big.bin")
	s.shows("paused")
	s.keys("r")
	s.shows("done")
	s.keys("q")
	s.exits(0)
	p.gone(second)
	p.wantObject("big.bin", sum)
	if again := p.stored() - 3; again > 0 {
		t.Errorf("%d parts were sent twice, after %d were stored", again, stored)
	}
}
