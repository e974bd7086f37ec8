//go:build unix

package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"partway/tui"
)

func names(entries []tui.FileEntry) []string {
	var all []string
	for _, e := range entries {
		all = append(all, e.Name)
	}
	slices.Sort(all)
	return all
}

func TestDiskFilesReadDir(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, size int) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.bin", 7)
	write(".hidden", 1)
	write("evil\x1b[2J\n", 3)
	for _, folder := range []string{"sub", "journals"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Symlink("a.bin", filepath.Join(dir, "link")), os.Symlink("nowhere", filepath.Join(dir, "dangling")),
		unix.Mkfifo(filepath.Join(dir, "fifo"), 0o600)); err != nil {
		t.Fatal(err)
	}
	d := newDiskFiles(dir, "/home/x", filepath.Join(dir, "journals"))
	entries, more, err := d.ReadDir(t.Context(), dir, 100)
	if err != nil || more {
		t.Fatalf("more %v, err %v", more, err)
	}
	want := []string{".hidden", "a.bin", "dangling", "evil\x1b[2J\n", "fifo", "journals", "link", "sub"}
	if got := names(entries); !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
	for _, e := range entries {
		switch {
		case e.Name == "a.bin" && (e.Size != 7 || !e.Mode.IsRegular() || e.Denied != ""):
			t.Errorf("a file is %+v", e)
		case (e.Name == "link" || e.Name == "dangling") && e.Mode&fs.ModeSymlink == 0:
			t.Errorf("a link was followed: %+v", e)
		case e.Name == "fifo" && e.Mode&fs.ModeNamedPipe == 0:
			t.Errorf("a FIFO is %+v", e)
		case e.Name == "journals" && e.Denied == "":
			t.Error("the journals could be sent")
		case e.Name == "sub" && (!e.Mode.IsDir() || e.Denied != ""):
			t.Errorf("a folder is %+v", e)
		}
	}
	if d.Working() != dir || d.Home() != "/home/x" {
		t.Errorf("working %q, home %q", d.Working(), d.Home())
	}
}

func TestDiskFilesLimit(t *testing.T) {
	dir := t.TempDir()
	for i := range 1500 { // more than two batches
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d := newDiskFiles(dir, "", "")
	for _, c := range []struct {
		limit, want int
		more        bool
	}{{1, 1, true}, {1499, 1499, true}, {1500, 1500, false}, {5000, 1500, false}} {
		entries, more, err := d.ReadDir(t.Context(), dir, c.limit)
		if err != nil || len(entries) != c.want || more != c.more {
			t.Errorf("limit %d: %d entries, more %v, err %v", c.limit, len(entries), more, err)
		}
	}
}

func TestDiskFilesErrors(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	d := newDiskFiles(dir, "", "")
	// The open of a FIFO waits for its writer unless it is told not to: a test that hangs here has failed.
	for _, path := range []string{fifo, filepath.Join(dir, "nowhere"), "", "\x00"} {
		if entries, _, err := d.ReadDir(t.Context(), path, 10); err == nil {
			t.Errorf("ReadDir(%q) gives %v", path, entries)
		}
	}
	if _, err := d.Stat(t.Context(), filepath.Join(dir, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if e, err := d.Stat(t.Context(), fifo); err != nil || e.Mode&fs.ModeNamedPipe == 0 {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err := d.Stat(t.Context(), "/proc/self/status"); err == nil && e.Denied == "" {
		t.Error("a file of the kernel, which has no size, could be sent")
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, _, err := d.ReadDir(ended, dir, 10); !errors.Is(err, context.Canceled) {
		t.Errorf("after its end: %v", err)
	}
}

func TestDiskFilesUnreadable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret"), nil, 0o000); err != nil {
		t.Fatal(err)
	}
	entries, _, err := newDiskFiles(dir, "", "").ReadDir(t.Context(), dir, 10)
	if err != nil || len(entries) != 1 || entries[0].Denied == "" {
		t.Errorf("%+v, %v", entries, err)
	}
}

// TestDiskFilesHang: a disk that does not answer holds up its own call only, and no more goroutines than there are slots.
func TestDiskFilesHang(t *testing.T) {
	d := newDiskFiles(t.TempDir(), "", "")
	gate, entered := make(chan struct{}), make(chan struct{}, filesAtOnce+8)
	d.lstat = func(path string) (fs.FileInfo, error) {
		if strings.HasSuffix(path, "dead") {
			entered <- struct{}{}
			<-gate
		}
		return os.Lstat(path)
	}
	ctx, cancel := context.WithCancel(t.Context())
	answers := make(chan error, filesAtOnce+8)
	for range filesAtOnce {
		go func() {
			_, err := d.Stat(ctx, "/dead")
			answers <- err
		}()
	}
	for range filesAtOnce {
		<-entered
	}
	for range 8 { // these find no slot
		go func() {
			_, err := d.Stat(ctx, "/dead")
			answers <- err
		}()
	}
	cancel()
	for range filesAtOnce + 8 {
		if err := <-answers; !errors.Is(err, context.Canceled) {
			t.Fatalf("a hung call answers %v", err)
		}
	}
	if n := len(entered); n != 0 {
		t.Errorf("%d calls entered the dead disk beyond the slots", n)
	}
	if err := d.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for hung calls: %v", err)
	}
	close(gate)
	if err := d.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	if _, _, err := d.ReadDir(t.Context(), d.dir, 10); err != nil {
		t.Errorf("after the disk came back: %v", err)
	}
}
