//go:build unix

package main

import (
	"crypto/md5"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"partway/ossapi/emulator"
)

// TestScreensFindTheFile adopts an upload with a file that lies deeper and has another name.
func TestScreensFindTheFile(t *testing.T) {
	p := newProduct(t)
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "a", "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	p.old(dir, "other.bin", 600*kib)
	sum := p.old(filepath.Join(dir, "a", "b"), "renamed.bin", 500*kib)
	p.seed("old/x.bin", filepath.Join(dir, "a", "b", "renamed.bin"), 100*kib, 2, 5)
	p.server.ResetRequests()
	s := p.open(100, 30, dir, "oss://"+bucket)
	s.shows("old/x.bin", "3 parts")
	s.keys("r")
	s.shows("choose", "other.bin", "S search")
	s.keys("S")
	s.shows("1 file has the bytes of a part", "a/b/renamed.bin")
	s.keys(enter)
	s.shows("y adopt")
	s.keys("y")
	s.shows("done")
	p.wantObject("old/x.bin", sum)
	if n := p.calls(emulator.OpUploadPart); n != 2 {
		t.Errorf("%d parts were sent, want the 2 that were missing", n)
	}
	s.keys("q")
	s.exits(0)
	s.whole()
}

// TestScreensTakeUpACheckpoint: the picker opens at the file that a checkpoint of ossutil names.
func TestScreensTakeUpACheckpoint(t *testing.T) {
	p := newProduct(t)
	dir, data := t.TempDir(), t.TempDir()
	p.old(data, "a.bin", 500*kib)
	sum := p.old(data, "x.bin", 500*kib)
	path := filepath.Join(data, "x.bin")
	id := p.seed("old/x.bin", path, 100*kib, 3)
	folder := filepath.Join(dir, ".ossutil_checkpoint")
	name := fmt.Sprintf("%x-%x.cp", md5.Sum([]byte(path)), md5.Sum([]byte("oss://"+bucket+"/old/x.bin")))
	content := fmt.Sprintf(`{"Magic":"FE8BB4EA-B593-4FAC-AD7A-2459A36E2E62","FilePath":%q,"ObjectKey":"old/x.bin","UploadID":%q}`, path, id)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	s := p.open(100, 30, dir, "oss://"+bucket)
	s.shows("old/x.bin", "4 parts")
	s.keys("r")
	s.shows("a checkpoint of ossutil 1 names this file", data)
	s.row("x.bin")
	s.keys(enter)
	s.shows("y adopt")
	s.keys("y")
	s.shows("done")
	p.wantObject("old/x.bin", sum)
}
