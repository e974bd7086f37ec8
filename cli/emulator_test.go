package cli

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEmulatorServes starts the emulator twice in one folder: what it prints lets a client in, and what was put is there again.
func TestEmulatorServes(t *testing.T) {
	d := newDesk(t)
	if err := os.WriteFile(filepath.Join(d.dir, "f"), []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	for round, command := range [][]string{{"put", "f", "oss://fresh/"}, {"verify", "oss://fresh/f", "f"}} {
		read, write := io.Pipe()
		signals := make(chan os.Signal, 1)
		env := d.environment(strings.NewReader(""), write)
		env.Stderr = io.Discard
		env.Signals = signals
		own := map[string]string{"SECRET": canary}
		env.Getenv = func(name string) string { return own[name] }
		ended := make(chan int, 1)
		go func() {
			ended <- Run(t.Context(), []string{"emulator", "--dir", "oss", "--bucket", "fresh", "--access-key-id", "id",
				"--access-key-secret-env", "SECRET"}, env)
			_ = write.Close()
		}()
		lines := bufio.NewScanner(read)
		for range 4 {
			if !lines.Scan() {
				t.Fatalf("round %d: the emulator ended with code %d", round, <-ended)
			}
			if name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "="); ok {
				d.env[name] = value
			}
			if strings.Contains(lines.Text(), canary) {
				t.Errorf("the secret is printed: %s", lines.Text())
			}
		}
		d.env["OSS_ACCESS_KEY_SECRET"] = canary // the shell would have put it in from $SECRET
		if code := d.run("", command...); code != ExitOK {
			t.Errorf("round %d: %v ends with code %d\n%s", round, command, code, d.stderr.String())
		}
		signals <- os.Interrupt
		if code := <-ended; code != ExitOK {
			t.Errorf("round %d: the emulator ends with code %d", round, code)
		}
	}
}

func TestIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{"127.0.0.1": true, "localhost": true, "::1": true, "127.9.9.9": true, "": false, "0.0.0.0": false, "10.0.0.1": false, "example.com": false} {
		if got := isLoopback(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}
