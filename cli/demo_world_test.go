//go:build unix

package cli

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestDemoWorld builds the world of the demo and finds in it what the demo relies on.
func TestDemoWorld(t *testing.T) {
	w, err := newDemoWorld(t.Context(), t.TempDir(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if n := w.server.UploadCount(demoBucket); n != len(demoUploads())+2 {
		t.Errorf("%d unfinished uploads", n)
	}
	// Parts of zeros take no room: 60 GiB are shown, a few MiB are on the disk besides the local files.
	var blocks int64
	err = filepath.WalkDir(filepath.Join(w.dir, "server"), func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			blocks += diskUse(t, path)
		}
		return err
	})
	if err != nil || blocks > 64<<20 {
		t.Errorf("the server's folder takes %d bytes, %v", blocks, err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

// diskUse is what a file takes on the disk, which for a sparse one is less than its size.
func diskUse(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return info.Size()
	}
	return stat.Blocks * 512
}
