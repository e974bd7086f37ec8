//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestScreensSwitchTheBucketWhileUploadsGoOn looks at another bucket while a file of the first is being sent.
func TestScreensSwitchTheBucketWhileUploadsGoOn(t *testing.T) {
	p := newProduct(t)
	if err := p.server.CreateBucket("elsewhere"); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	sum := p.old(dir, "big.bin", 6*mib)
	p.slow(2 * mib)
	s := p.open(100, 30, dir, "oss://"+bucket)
	s.shows("No unfinished uploads")
	s.keys("a")
	s.row("big.bin")
	s.keys(enter)
	s.shows("uploading")
	s.keys("b")
	s.shows("GO TO", bucket)
	s.keys("\t") // asks the service, which knows of the other one
	s.shows("elsewhere")
	s.keys("elsew")
	s.shows("elsewhere")
	s.keys(enter)
	s.shows("oss://elsewhere", "oss://"+bucket+"/big.bin", "done")
	p.wantObject("big.bin", sum)
	s.keys("q")
	s.exits(0)
	s.whole()
}

func TestScreensChooseABucketFirst(t *testing.T) {
	p := newProduct(t)
	s := p.open(80, 24, t.TempDir())
	s.shows("GO TO")
	s.keys("oss://" + bucket + enter)
	s.shows("No unfinished uploads in oss://" + bucket)
	s.keys("q")
	s.exits(0)
}

// TestScreensOfSomebodyNew: without credentials one sees where they were looked for, and can try the demo.
func TestScreensOfSomebodyNew(t *testing.T) {
	p := newProduct(t)
	temporary := t.TempDir()
	p.env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "TMPDIR=" + temporary}
	s := p.open(80, 24, t.TempDir())
	s.shows("No credentials found", "OSS_ACCESS_KEY_ID", "try the demo")
	s.keys("r")
	s.shows("looked again: still none")
	s.keys("t")
	s.shows("demo-bucket", "uploading", "IN THE BUCKET")
	s.keys("q")
	s.shows("RUNNING", "quit now")
	s.keys("Q")
	s.exits(0)
	s.shows("this was a demo") // it stays on the terminal
	s.whole()
	if left, err := filepath.Glob(filepath.Join(temporary, "*")); err != nil || len(left) != 0 {
		t.Errorf("the demo leaves %q behind (%v)", left, err)
	}
}
