package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"partway/bench/rig"
	"partway/ossapi/emulator"
)

const (
	patience = time.Minute           // for each of the two runs
	glance   = 10 * time.Millisecond // between two looks at what the server has
)

// sentAgain is what the server got in the run after the interruption.
type sentAgain struct {
	requests int
	bytes    int64
	finished int // of the requests, those for parts that the server had
}

func (s sentAgain) String() string {
	noun := "parts"
	if s.requests == 1 {
		noun = "part"
	}
	text := fmt.Sprintf("%d %s, %.2f MiB", s.requests, noun, float64(s.bytes)/mib)
	if s.finished > 0 {
		text += fmt.Sprintf(" (%d were there)", s.finished)
	}
	return text
}

// interrupt runs the command until all parts but the missing ones are stored, kills it, and runs it again to its end.
func interrupt(ctx context.Context, server *rig.Server, cut interruption, command func(context.Context) (*exec.Cmd, error)) (sentAgain, error) {
	if err := firstRun(ctx, server, cut, command); err != nil {
		return sentAgain{}, fmt.Errorf("the run to be interrupted: %w", err)
	}
	if err := errors.Join(server.SetFaults(ctx, ""), server.Reset(ctx)); err != nil {
		return sentAgain{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd, err := command(ctx)
	if err != nil {
		return sentAgain{}, err
	}
	if _, err := rig.Run(cmd); err != nil {
		return sentAgain{}, fmt.Errorf("the run that goes on: %w", err)
	}
	requests, err := server.Requests(ctx)
	if err != nil {
		return sentAgain{}, err
	}
	var again sentAgain
	again.requests, again.bytes = rig.Sent(requests)
	for _, r := range requests {
		if r.Op == emulator.OpUploadPart && !slices.Contains(cut.missing, r.PartNumber) {
			again.finished++
		}
	}
	return again, nil
}

// firstRun ends with the process killed and the server holding exactly the parts that are not missing.
func firstRun(ctx context.Context, server *rig.Server, cut interruption, command func(context.Context) (*exec.Cmd, error)) error {
	var faults strings.Builder
	for _, number := range cut.missing {
		fmt.Fprintf(&faults, `{"op":"UploadPart","part":%d,"times":-1,"effect":"BlackHole"}`+"\n", number)
	}
	if err := errors.Join(server.SetFaults(ctx, faults.String()), server.Reset(ctx)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd, err := command(ctx)
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	waited := waitForParts(ctx, server, len(cut.missing))
	killed := cmd.Process.Kill()
	_ = cmd.Wait() // fails, of course: it was killed
	return errors.Join(waited, killed)
}

// waitForParts returns when the server has stored the parts that do not go missing and swallowed those that do. The latter matters
// too: what is still arriving at the kill would be counted for the run that follows.
func waitForParts(ctx context.Context, server *rig.Server, missing int) error {
	for {
		requests, err := server.Requests(ctx)
		if err != nil {
			return err
		}
		stored, swallowed := map[int]bool{}, map[int]bool{}
		for _, r := range requests {
			switch {
			case r.Op != emulator.OpUploadPart:
			case r.Status == http.StatusOK:
				stored[r.PartNumber] = true
			default:
				swallowed[r.PartNumber] = true
			}
		}
		if len(stored) == parts-missing && len(swallowed) == missing {
			return nil
		}
		select {
		case <-time.After(glance):
		case <-ctx.Done():
			return fmt.Errorf("the server has %d of %d parts and swallowed %d of %d: %w", len(stored), parts-missing, len(swallowed), missing, ctx.Err())
		}
	}
}

// equal reads the object back and compares it with the file.
func equal(ctx context.Context, endpoint, key, path string) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/"+rig.Bucket+"/"+key, http.NoBody)
	if err != nil {
		return false, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return false, fmt.Errorf("get the object back: %s", resp.Status)
	}
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	object, original := sha256.New(), sha256.New()
	if _, err := io.Copy(object, resp.Body); err != nil {
		return false, err
	}
	if _, err := io.Copy(original, file); err != nil {
		return false, err
	}
	return slices.Equal(object.Sum(nil), original.Sum(nil)), nil
}
