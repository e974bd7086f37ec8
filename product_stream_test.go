//go:build unix

package main

import (
	"bytes"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"testing"

	"partway/ossapi/emulator"
)

// TestStreamMemory pipes more than fits into memory and measures the process: it may hold its parts, and 64 MiB beside them.
func TestStreamMemory(t *testing.T) {
	size := int64(gib)
	if long() {
		size = 5 * gib
	}
	p := newProduct(t)
	const atOnce = 5
	for _, spool := range []string{"", t.TempDir()} {
		args := []string{"put", "-", "oss://" + bucket + "/stream", "--if-exists", "overwrite", "--state", p.state}
		held := int64(atOnce * 16 * mib)
		if size > 1600*mib {
			// The last part of the published schedule is a hundredth of what was sent before it.
			held = atOnce * (size/100 + mib)
		}
		if spool != "" {
			args, held = append(args, "--spool", spool), 0
		}
		cmd := exec.Command(p.binary, args...)
		cmd.Env = p.env
		sum := sha256.New()
		random := rand.NewChaCha8([32]byte{1})
		cmd.Stdin = io.TeeReader(io.LimitReader(random, size), sum)
		out := &bytes.Buffer{}
		cmd.Stderr = out
		rss, err := runMeasured(cmd)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		object, _, err := p.server.OpenObject(bucket, "stream")
		if err != nil {
			t.Fatal(err)
		}
		stored := sha256.New()
		_, err = io.Copy(stored, object)
		object.Close()
		if err != nil || !bytes.Equal(stored.Sum(nil), sum.Sum(nil)) {
			t.Errorf("the object differs from the stream, %v", err)
		}
		t.Logf("%d MiB of stream, spool %q: %d MiB resident at most, %d MiB of parts", size/mib, spool, rss/mib, held/mib)
		if rss > held+64*mib {
			t.Errorf("%d MiB resident, with %d MiB of parts", rss/mib, held/mib)
		}
	}
}

// TestProducerDies ends a producer in the middle of a pipeline, as a shell sees it.
func TestProducerDies(t *testing.T) {
	p := newProduct(t)
	run := func(script string) (int, string) {
		cmd := exec.Command("bash", "-c", script)
		cmd.Env = append(p.env, "PARTWAY="+p.binary)
		out, err := cmd.CombinedOutput()
		if err != nil && cmd.ProcessState == nil {
			t.Skip("no bash: ", err)
		}
		return cmd.ProcessState.ExitCode(), string(out)
	}
	target := "oss://" + bucket + "/died --fail-on-empty --state " + p.state
	if code, out := run("set -o pipefail; exit 3 | $PARTWAY put - " + target); code == 0 || !regexp.MustCompile("without a byte").MatchString(out) {
		t.Errorf("exit %d: %s", code, out)
	}
	if _, _, err := p.server.OpenObject(bucket, "died"); err == nil {
		t.Error("an object of a producer that died")
	}
	// A pipe does not say why it ended: the shell has to.
	code, out := run("set -o pipefail; (head -c 20000000 /dev/zero; exit 3) | $PARTWAY put - " + target)
	if code != 3 {
		t.Errorf("exit %d, want the producer's: %s", code, out)
	}
	if n := countOf(p.server.Requests(), emulator.OpComplete); n != 1 {
		t.Errorf("%d uploads completed", n)
	}
}

func countOf(requests []emulator.Request, op emulator.Op) int {
	n := 0
	for _, r := range requests {
		if r.Op == op {
			n++
		}
	}
	return n
}
