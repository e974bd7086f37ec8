//go:build unix

package profile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRunShell(t *testing.T) {
	tests := []struct{ command, out, fault string }{
		{"printf a; printf b >&2", "a", ""},
		{"cat", "", ""}, // no input: it ends at once
		{"echo CANARY; echo 'not signed in\a' >&2; echo more >&2; exit 3", "", `exit status 3: "not signed in\a"`},
		{"exit 4", "", "exit status 4"},
		{"head -c 100000 /dev/zero", "", "more than 64 KiB"},
	}
	for _, tt := range tests {
		out, err := RunShell(t.Context(), tt.command)
		if string(out) != tt.out || (err != nil) != (tt.fault != "") || err != nil && (!strings.Contains(err.Error(), tt.fault) || strings.Contains(err.Error(), "CANARY")) {
			t.Errorf("%s: %q, %v", tt.command, out, err)
		}
	}
}

// TestRunShellKillsChildren: the child of the shell must go with the shell.
func TestRunShellKillsChildren(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	check(t, syscall.Mkfifo(fifo, 0o600))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	// The child opens the FIFO, which tells that it runs, and neither reads nor writes.
	go func() {
		_, err := RunShell(ctx, "sleep 1000 <"+fifo+" & wait")
		done <- err
	}()
	w, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	check(t, err)
	defer w.Close()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	w.SetWriteDeadline(time.Now().Add(time.Minute))
	for { // the write fails with EPIPE once the child is dead
		if _, err := w.Write([]byte("x")); err != nil {
			if !errors.Is(err, syscall.EPIPE) {
				t.Errorf("the child lives on: %v", err)
			}
			return
		}
	}
}
