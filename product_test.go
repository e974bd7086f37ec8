//go:build unix

package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"partway/ossapi/emulator"
)

// The tests in this file run the program as its users do: the built binary, a socket, files, signals.

const (
	kib    = 1 << 10
	mib    = 1 << 20
	gib    = 1 << 30
	bucket = "product"
)

// long reports whether the tests that take minutes and gigabytes are wanted: make proof.
func long() bool { return os.Getenv("PARTWAY_LONG") != "" }

// product is the built program and an OSS for it to talk to.
type product struct {
	t      *testing.T
	binary string
	server *emulator.Server
	env    []string
	state  string
}

func newProduct(t *testing.T) *product {
	t.Helper()
	return newProductIn(t, t.TempDir())
}

// newProductIn keeps the OSS, the state and the program in a folder.
func newProductIn(t *testing.T, dir string) *product {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs the program")
	}
	p := &product{t: t, binary: filepath.Join(dir, "partway"), state: filepath.Join(dir, "state")}
	if out, err := exec.Command("go", "build", "-o", p.binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	server, err := emulator.New(emulator.Options{Dir: filepath.Join(dir, "oss"), Credentials: map[string]string{"id": "secret"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.CreateBucket(bucket); err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(server)
	t.Cleanup(func() {
		server.Close()
		listener.Close()
	})
	p.server = server
	p.env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "OSS_ACCESS_KEY_ID=id", "OSS_ACCESS_KEY_SECRET=secret",
		"OSS_REGION=cn-hangzhou", "OSS_ENDPOINT=" + listener.URL, "PARTWAY_STATE=" + p.state}
	return p
}

func (p *product) command(args ...string) *exec.Cmd {
	cmd := exec.Command(p.binary, args...)
	cmd.Env = p.env
	cmd.Dir = p.t.TempDir()
	return cmd
}

// run runs the program to its end and returns what it wrote and its peak memory in bytes.
func (p *product) run(args ...string) (stdout, stderr string, rss int64) {
	p.t.Helper()
	cmd := p.command(args...)
	var out, diagnostics bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &diagnostics
	rss, err := runMeasured(cmd)
	if err != nil {
		p.t.Fatalf("partway %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), diagnostics.String())
	}
	return out.String(), diagnostics.String(), rss
}

// runMeasured runs a command to its end and watches its memory meanwhile.
func runMeasured(cmd *exec.Cmd) (peak int64, err error) {
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return peak, err
		case <-tick.C:
			peak = max(peak, peakMemoryOf(cmd.Process.Pid))
		}
	}
}

// file writes size bytes of noise and returns its path and SHA-256.
func (p *product) file(name string, size int64) (path string, sum [sha256.Size]byte) {
	p.t.Helper()
	path = filepath.Join(p.t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	hash := sha256.New()
	noise := rand.NewChaCha8([32]byte{byte(size), byte(size >> 8), 7})
	w := bufio.NewWriterSize(io.MultiWriter(f, hash), mib)
	if _, err := io.CopyN(w, noise, size); err != nil {
		p.t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		p.t.Fatal(err)
	}
	return path, [sha256.Size]byte(hash.Sum(nil))
}

func (p *product) wantObject(key string, want [sha256.Size]byte) {
	p.t.Helper()
	object, _, err := p.server.OpenObject(bucket, key)
	if err != nil {
		p.t.Fatal(err)
	}
	defer object.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, object); err != nil {
		p.t.Fatal(err)
	}
	if [sha256.Size]byte(hash.Sum(nil)) != want {
		p.t.Fatalf("%s came back different", key)
	}
}

// memoryLimit is what a client may need, whatever the size and number of parts.
const memoryLimit = 40 * mib

func TestTenThousandPartsInLittleMemory(t *testing.T) {
	p := newProduct(t)
	path, sum := p.file("many", 10_000*100*kib)
	_, _, rss := p.run("put", path, "oss://"+bucket+"/many", "--part-size", "100K")
	p.wantObject("many", sum)
	t.Logf("10 000 parts of 100 KiB: SHA-256 equal, peak memory %.1f MiB", float64(rss)/mib)
	if rss > memoryLimit {
		t.Errorf("peak memory %d, at most %d allowed", rss, memoryLimit)
	}
}

func TestLargeFileInLittleMemory(t *testing.T) {
	size := int64(256 * mib)
	if long() {
		size = 3 * gib
	}
	p := newProduct(t)
	path, sum := p.file("large", size)
	_, _, rss := p.run("put", path, "oss://"+bucket+"/large")
	p.wantObject("large", sum)
	t.Logf("%d MiB: SHA-256 equal, peak memory %.1f MiB", size/mib, float64(rss)/mib)
	if rss > memoryLimit {
		t.Errorf("peak memory %d, at most %d allowed", rss, memoryLimit)
	}
}

// TestKilledAtRandomMoments kills the program again and again in the middle of one upload, and lets it finish at last.
func TestKilledAtRandomMoments(t *testing.T) {
	const partSize, atOnce = 100 * kib, 4
	kills := 20
	if long() {
		kills = 200
	}
	p := newProduct(t)
	path, sum := p.file("killed", int64(kills)*20*partSize+12345)
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	put := []string{"put", path, "oss://" + bucket + "/killed", "--part-size", "100K", "--parts", fmt.Sprint(atOnce)}
	killed := 0
	for killed < kills {
		// With the limit, a run lasts longer than any moment that is chosen.
		cmd := p.command(append(put, "--limit", "3M")...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		before := p.stored()
		target := random.IntN(12) // parts that this run may store before it is killed
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		pause := time.Duration(random.IntN(20_000)) * time.Microsecond
		if !p.waitFor(ended, func() bool { return p.stored() >= before+target }) {
			t.Fatalf("the program ended by itself after %d kills", killed)
		}
		time.Sleep(pause) // the random moment; nothing is waited for
		cmd.Process.Kill()
		<-ended
		killed++
	}
	p.run(put...)
	p.wantObject("killed", sum)
	if n := p.server.UploadCount(bucket); n != 0 {
		t.Errorf("%d uploads are left behind", n)
	}
	p.judgeTraffic(killed, partSize, atOnce)
}

// stored counts the parts that the server has acknowledged.
func (p *product) stored() int {
	n := 0
	for _, r := range p.server.Requests() {
		if r.Op == emulator.OpUploadPart && r.Status == 200 {
			n++
		}
	}
	return n
}

func (p *product) waitFor(ended <-chan error, holds func() bool) bool {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ended:
			return false
		case <-tick.C:
		}
	}
	return true
}

// judgeTraffic compares what was sent twice with what was in flight when the program was killed.
func (p *product) judgeTraffic(killed int, partSize int64, atOnce int) {
	p.t.Helper()
	initiated, times := 0, map[int]int{}
	for _, r := range p.server.Requests() {
		switch {
		case r.Op == emulator.OpInitiate && r.Status == 200:
			initiated++
		case r.Op == emulator.OpUploadPart && r.Status == 200:
			times[r.PartNumber]++
		}
	}
	var again int64
	for _, n := range times {
		again += int64(n-1) * partSize
	}
	p.t.Logf("%d kills: %d parts, %d bytes of acknowledged parts sent again, %d allowed", killed, len(times), again, int64(killed*atOnce)*partSize)
	if allowed := int64(killed*atOnce) * partSize; again > allowed {
		p.t.Errorf("%d bytes were sent again, at most %d were in flight", again, allowed)
	}
	if initiated != 1 {
		p.t.Errorf("%d uploads were initiated for one file", initiated)
	}
}
