package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"partway/bench/contender"
	"partway/bench/rig"
	"partway/model"
)

// mib is the unit of the sizes here, and of the tables.
const mib = 1 << 20

// partSize is the size of the parts wherever it can be said: the one partway chooses by itself for all files here.
const partSize = 16 * mib

// bench is one run of this program.
type bench struct {
	*rig.Rig
	runs int
	size int64 // of the file of scenario a; c and d send a quarter of it
	out  io.Writer
}

// scenario is one thing to measure.
type scenario struct {
	name, title string
	run         func(*bench, context.Context) ([]rig.Goal, error)
}

var errScenario = errors.New("-scenario is one or several of a, b, c, d, e, f and crc, with commas, or all")

func scenarios() []scenario {
	return []scenario{
		{"a", "one large file, with Content-MD5", (*bench).largeFile},
		{"b", "1000 files of 1 MiB", (*bench).manyFiles},
		{"c", "a long line: 50 ms for every request, 20 MB/s for each connection", (*bench).longLine},
		{"d", "every 20th part is cut off by a reset half-way", (*bench).resets},
		{"e", "20 000 uploads and 10 000 parts listed", (*bench).listings},
		{"f", "a file compared with an upload that has all its parts", (*bench).compare},
		{"crc", "10 000 CRC-64 sums of parts combined", (*bench).combine},
	}
}

func main() { rig.Main(contender.Roles(), run) }

func run(ctx context.Context) (err error) {
	names := flag.String("scenario", "all", "what to measure: `a,b,c,d,e,f,crc` or all")
	runs := flag.Int("runs", 5, "how often every contender runs, after one run to warm up")
	size := flag.String("size", "4GiB", "`size` of the file of scenarios a and f; those of c and d are a quarter of it")
	dir := flag.String("dir", "", "`folder` for the files to be sent (memory-backed storage with room, else the temporary folder)")
	flag.Parse()
	chosen, err := choose(*names)
	if err != nil {
		return err
	}
	b := &bench{runs: *runs, out: os.Stdout}
	if b.runs < 1 || flag.NArg() > 0 {
		return errors.New("-runs is at least 1, and there are no arguments")
	}
	if b.size, err = model.ParseSize(*size); err != nil {
		return fmt.Errorf("-size: %w", err)
	}
	if b.size < 8*partSize {
		return fmt.Errorf("-size %s is too small to show anything: it is at least 128MiB", *size)
	}
	if b.Rig, err = rig.New(ctx, *dir, max(b.size, smallFiles*mib)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	if err := b.introduce(ctx); err != nil {
		return err
	}
	for _, s := range chosen {
		fmt.Fprintf(os.Stderr, "(%s) %s\n", s.name, s.title)
		fmt.Fprintf(b.out, "### (%s) %s\n\n", s.name, s.title)
		goals, err := s.run(b, ctx)
		if err != nil {
			return fmt.Errorf("scenario %s: %w", s.name, err)
		}
		if err := rig.GoalTable(b.out, goals); err != nil {
			return err
		}
	}
	return nil
}

// choose finds the scenarios of a list of names.
func choose(names string) ([]scenario, error) {
	if names == "all" {
		return scenarios(), nil
	}
	var chosen []scenario
	for name := range strings.SplitSeq(names, ",") {
		known := false
		for _, s := range scenarios() {
			if s.name == name {
				chosen, known = append(chosen, s), true
			}
		}
		if !known {
			return nil, fmt.Errorf("%q is no scenario: %w", name, errScenario)
		}
	}
	return chosen, nil
}

// introduce prints on what was measured and how to read it.
func (b *bench) introduce(ctx context.Context) error {
	floor, err := b.Floor(ctx)
	if err != nil {
		return err
	}
	storage := "a disk"
	if b.InMemory() {
		storage = "memory-backed storage"
	}
	fmt.Fprintf(os.Stderr, "files to be sent: %s\n", b.Data)
	_, err = fmt.Fprintf(b.out, "%s\n\nFiles on %s, client and server on the same cores; median of %d (min-max); peak RSS is the largest of all runs,\n"+
		"and `partway version`, which does nothing, is counted with %d MiB.\n\n", rig.Machine(), storage, b.runs, floor>>20)
	return err
}

// put is partway put of a path to a key or prefix, with defaults but for further flags. Every run has journals of its own.
func (b *bench) put(name, endpoint, path, key string, flags ...string) rig.Contender {
	return rig.Contender{Name: name, Command: func(ctx context.Context, run int) (*exec.Cmd, error) {
		state, err := b.Fresh("state")
		if err != nil {
			return nil, err
		}
		args := append([]string{"put", path, fmt.Sprintf("oss://%s/run-%d-%s", rig.Bucket, run, key), "--progress", "none"}, flags...)
		return b.PartwayAt(ctx, endpoint, state, args...), nil
	}}
}

// remove deletes a file or folder that was sent, so that the next scenario has the room.
// fileAndServer makes what most scenarios work with: a file of size bytes and a server that discards what it gets. done ends both and
// joins what went wrong with that.
func (b *bench) fileAndServer(ctx context.Context, name string, size int64) (path string, server *rig.Server, done func(*error), err error) {
	if path, err = b.WriteFile(name, size); err != nil {
		return "", nil, nil, err
	}
	if server, err = b.Serve(ctx, rig.ServerOptions{Sink: true}); err != nil {
		remove(path, &err)
		return "", nil, nil, err
	}
	return path, server, func(err *error) {
		closing(server, err)
		remove(path, err)
	}, nil
}

func remove(path string, err *error) { *err = errors.Join(*err, os.RemoveAll(path)) }
