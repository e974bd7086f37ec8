package rig

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"
)

// Contender is one way of doing the work.
type Contender struct {
	Name string
	// Command makes the process that does the work once. run is 0 for the warm-up and then counts up; it serves to give every
	// run an object, and where needed journals, of its own.
	Command func(ctx context.Context, run int) (*exec.Cmd, error)
	// Faults are set on the server for this contender, in the form of emulator.ParseScript.
	Faults string
	// Bytes are what must reach the server at least, or the run was not what it seems.
	Bytes int64
}

// Sample is one run.
type Sample struct {
	Usage
	Requests int   // of parts and objects, failed ones included
	Received int64 // bytes of their bodies that the server read
}

// Result is all runs of a contender but the warm-up.
type Result struct {
	Name    string
	Samples []Sample
}

// Race lets the contenders do their work in turns, A B C A B C and so on, so that a busy spell of the machine hits all of them;
// each once to warm up, and then runs times. Its progress goes to standard error.
func Race(ctx context.Context, server *Server, runs int, contenders []Contender) ([]Result, error) {
	results := make([]Result, len(contenders))
	for run := 0; run <= runs; run++ {
		for i, c := range contenders {
			sample, err := c.once(ctx, server, run)
			if err != nil {
				return nil, fmt.Errorf("%s, run %d: %w", c.Name, run, err)
			}
			fmt.Fprintf(os.Stderr, "  %d/%d  %-52s %7.3f s  CPU %7.3f s  %4d MiB\n", run, runs, c.Name, sample.Wall.Seconds(), sample.CPU.Seconds(), sample.RSS>>20)
			results[i].Name = c.Name
			if run > 0 {
				results[i].Samples = append(results[i].Samples, sample)
			}
		}
	}
	return results, nil
}

func (c Contender) once(ctx context.Context, server *Server, run int) (Sample, error) {
	if err := server.SetFaults(ctx, c.Faults); err != nil {
		return Sample{}, err
	}
	if err := server.Reset(ctx); err != nil {
		return Sample{}, err
	}
	cmd, err := c.Command(ctx, run)
	if err != nil {
		return Sample{}, err
	}
	usage, err := Run(cmd)
	if err != nil {
		return Sample{}, err
	}
	requests, err := server.Requests(ctx)
	if err != nil {
		return Sample{}, err
	}
	s := Sample{Usage: usage}
	s.Requests, s.Received = Sent(requests)
	if s.Received < c.Bytes {
		return Sample{}, fmt.Errorf("only %d of %d bytes reached the server", s.Received, c.Bytes)
	}
	return s, nil
}

// Floor is the peak memory that a process which does nothing is counted with, in bytes: no figure below it means anything.
func (r *Rig) Floor(ctx context.Context) (int64, error) {
	usage, err := Run(exec.CommandContext(ctx, r.Partway, "version"))
	return usage.RSS, err
}

// Wall is the median time from start to end.
func (r Result) Wall() time.Duration {
	return median(r.Samples, func(s Sample) time.Duration { return s.Usage.Wall })
}

// WallRange is the shortest and the longest.
func (r Result) WallRange() (least, most time.Duration) {
	walls := sorted(r.Samples, func(s Sample) time.Duration { return s.Usage.Wall })
	return walls[0], walls[len(walls)-1]
}

// CPU is the median CPU time.
func (r Result) CPU() time.Duration {
	return median(r.Samples, func(s Sample) time.Duration { return s.Usage.CPU })
}

// RSS is the largest peak memory of all runs, in bytes: a limit is not kept by keeping it half the time.
func (r Result) RSS() int64 {
	rss := sorted(r.Samples, func(s Sample) int64 { return s.Usage.RSS })
	return rss[len(rss)-1]
}

// Received is the median of the bytes that reached the server.
func (r Result) Received() int64 {
	return median(r.Samples, func(s Sample) int64 { return s.Received })
}

func sorted[T cmp.Ordered](samples []Sample, of func(Sample) T) []T {
	values := make([]T, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values
}

// median is the middle one, of an even number the lower of the two.
func median[T cmp.Ordered](samples []Sample, of func(Sample) T) T {
	values := sorted(samples, of)
	return values[(len(values)-1)/2]
}
