//go:build linux

package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"partway/ossapi/emulator"
)

// TestScreensOfTwentyThousandUploads measures what a person notices in a bucket with many leftovers. The figures are logged; what is
// asserted is generous, since machines that run tests are busy.
func TestScreensOfTwentyThousandUploads(t *testing.T) {
	if _, err := os.Stat("/dev/shm"); err != nil && !long() {
		t.Skip("twenty thousand folders on a disk take a while; PARTWAY_LONG=1 makes them")
	}
	p := newProductIn(t, memoryFolder(t))
	const uploads = 20_000
	for i := range uploads {
		seed := emulator.Seed{Bucket: bucket, Key: fmt.Sprintf("backup/%05d/image.qcow2", i), Initiated: time.Now().Add(-time.Duration(i) * time.Minute)}
		if _, err := p.server.SeedUpload(seed); err != nil {
			t.Fatal(err)
		}
	}
	s := p.open(120, 40, t.TempDir(), "oss://"+bucket)
	s.shows("backup/00001/image.qcow2")
	shown := time.Now()
	s.until("the whole list", func(screen string) bool {
		return strings.Contains(screen, "1 All 20000") || strings.Contains(screen, "All 20000")
	})

	s.keys("3") // this list is not cut to the screen
	s.shows("[3 Bucket")

	var latencies []time.Duration
	for range 100 {
		before := s.bytes()
		pressed := time.Now()
		s.keys("j")
		s.untilMore(before)
		latencies = append(latencies, time.Since(pressed))
	}
	slices.Sort(latencies)
	s.keys("/")
	s.shows("filter")
	pressed := time.Now()
	s.keys("19999")
	s.shows("backup/19999/image.qcow2", "1 of 20")
	filtered := time.Since(pressed)
	rss := peakMemoryOf(s.cmd.Process.Pid)

	first := p.firstPage()
	t.Logf("first rows %v after the first page was answered; key to screen p50 %v, p95 %v; five filter keys %v; peak memory %.0f MiB",
		shown.Sub(first).Round(time.Millisecond), latencies[50], latencies[95], filtered, float64(rss)/mib)
	if rss > 120*mib {
		t.Errorf("peak memory %.0f MiB, at most 120 allowed", float64(rss)/mib)
	}
	if latencies[50] > 200*time.Millisecond {
		t.Errorf("half of the keys took more than %v", latencies[50])
	}
}

// memoryFolder is a folder in memory where there is one.
func memoryFolder(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "partway-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// firstPage is when the server had the first page of the listing.
func (p *product) firstPage() time.Time {
	for _, r := range p.server.Requests() {
		if r.Op == emulator.OpListUploads {
			return r.At
		}
	}
	p.t.Fatal("the bucket was never listed")
	return time.Time{}
}

// untilMore waits until the program has written more than n bytes.
func (s *terminal) untilMore(n int64) {
	s.t.Helper()
	for s.bytes() <= n {
		_, _, changed := s.see()
		if s.bytes() > n {
			return
		}
		select {
		case <-changed:
		case <-time.After(patience):
			s.t.Fatal("the program writes nothing")
		}
	}
}
