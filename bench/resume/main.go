package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"

	"partway/bench/contender"
	"partway/bench/rig"
)

const (
	mib      = 1 << 20
	parts    = 40
	partSize = 256 << 10
)

// interruption is a way in which an upload was cut short.
type interruption struct {
	text    string
	missing []int // part numbers that did not arrive
}

func interruptions() []interruption {
	return []interruption{
		{"part 2", []int{2}},
		{"5 here and there", []int{3, 11, 19, 27, 35}},
		{"every second", every(2, parts, 2)},
		{"all but the last 10", every(1, parts-10, 1)},
		{"the last 20, as if sent one by one", every(parts/2+1, parts, 1)},
	}
}

// every lists the numbers from first to last in steps.
func every(first, last, step int) []int {
	var numbers []int
	for n := first; n <= last; n += step {
		numbers = append(numbers, n)
	}
	return numbers
}

// sender is one way of sending the file; the command must be the same before and after the interruption.
type sender struct {
	name    string
	command func(ctx context.Context, key string) (*exec.Cmd, error)
}

func main() { rig.Main(contender.Roles(), run) }

func run(ctx context.Context) (err error) {
	flag.Parse()
	if flag.NArg() > 0 {
		return errors.New("there are no arguments")
	}
	r, err := rig.New(ctx, "", parts*partSize)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	path, err := r.WriteFile("resume", parts*partSize)
	if err != nil {
		return err
	}
	server, err := r.Serve(ctx, rig.ServerOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	senders, err := bothSenders(r, server.Endpoint, path)
	if err != nil {
		return err
	}
	if _, err := fmt.Printf("%s\n\n%d parts of %d KiB. What the run after the interruption sent again, and whether the object then equals the file:\n\n",
		rig.Machine(), parts, partSize>>10); err != nil {
		return err
	}
	var rows [][]string
	for i, cut := range interruptions() {
		row := []string{fmt.Sprint(len(cut.missing)), cut.text}
		for _, s := range senders {
			fmt.Fprintf(os.Stderr, "%s: %s\n", cut.text, s.name)
			key := fmt.Sprintf("%d-%s", i, s.name)
			again, err := interrupt(ctx, server, cut, func(ctx context.Context) (*exec.Cmd, error) { return s.command(ctx, key) })
			if err != nil {
				return fmt.Errorf("%s, %s missing: %w", s.name, cut.text, err)
			}
			same, err := equal(ctx, server.Endpoint, key, path)
			if err != nil {
				return fmt.Errorf("%s, %s missing: %w", s.name, cut.text, err)
			}
			row = append(row, again.String(), yesNo(same))
		}
		rows = append(rows, row)
	}
	return rig.Table(os.Stdout, []string{"parts missing", "which", "partway sent", "equal", "SDK Uploader with checkpoint sent", "equal"}, rows)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "**NO**"
}

// bothSenders are partway and the SDK's Uploader, each with so many parts at once that only those the server swallows are missing.
func bothSenders(r *rig.Rig, endpoint, path string) ([]sender, error) {
	state, err := r.Fresh("state")
	if err != nil {
		return nil, err
	}
	checkpoints, err := r.Fresh("checkpoints")
	if err != nil {
		return nil, err
	}
	return []sender{
		{"partway", func(ctx context.Context, key string) (*exec.Cmd, error) {
			return r.PartwayAt(ctx, endpoint, state, "put", path, "oss://"+rig.Bucket+"/"+key, "--progress", "none",
				"--part-size", fmt.Sprintf("%dKiB", partSize>>10), "--parts", fmt.Sprint(parts)), nil
		}},
		{"sdk", func(ctx context.Context, key string) (*exec.Cmd, error) {
			return r.Self(ctx, contender.RoleUploader, contender.Uploader{Endpoint: endpoint, Key: key, Path: path, PartSize: partSize,
				Parallel: parts, Checkpoint: checkpoints})
		}},
	}, nil
}
