//go:build unix

package transfer

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestOpenFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	link, loop, fifo := filepath.Join(dir, "link"), filepath.Join(dir, "loop"), filepath.Join(dir, "fifo")
	if err := errors.Join(os.Symlink(file, link), os.Symlink(loop, loop), syscall.Mkfifo(fifo, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, link} {
		f, err := OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		print, err := f.Fingerprint()
		if err != nil || print.Size != 5 || print.Path != path || print.Inode == 0 {
			t.Errorf("%s: %+v, %v", path, print, err)
		}
		f.Close()
		if _, err := f.Fingerprint(); err == nil {
			t.Error("a closed file has a fingerprint")
		}
	}
	for path, kind := range map[string]string{
		fifo: "FIFO", dir: "directory", "/dev/null": "", "/dev/zero": "", "/proc/self/status": "kernel",
		"/sys/kernel": "", filepath.Join(dir, "none"): "", loop: "", "": "directory",
	} {
		done := make(chan error, 1)
		go func() {
			f, err := OpenFile(path)
			if err == nil {
				f.Close()
			}
			done <- err
		}()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		select {
		case err := <-done:
			if err == nil || !strings.Contains(err.Error(), kind) {
				t.Errorf("%q: %v", path, err)
			}
		case <-ctx.Done():
			t.Errorf("%q: opening it hangs", path)
		}
		cancel()
	}
	if os.Getuid() != 0 {
		if err := os.Chmod(file, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenFile(file); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("an unreadable file: %v", err)
		}
	}
}
