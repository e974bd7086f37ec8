package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"partway/transfer"
	"partway/tui"
)

// filesAtOnce is how many calls to the disk may be under way. A call into a dead network share cannot be cancelled: it holds its
// goroutine until the kernel gives up, and this is how many of them there can be.
const filesAtOnce = 32

// filesBatch is how many names are read between two looks at the context.
const filesBatch = 512

// diskFiles is the real disk for the screens. Every call returns when its context ends, even if the disk does not answer. It is
// safe for concurrent use.
type diskFiles struct {
	dir, home string
	journals  string // absolute; never sent
	open      func(string) (*os.File, error)
	lstat     func(string) (fs.FileInfo, error)

	slots chan struct{} // one is held by every call under way
}

var _ tui.Files = (*diskFiles)(nil)

// newDiskFiles makes the disk as seen from the folder dir. The folder of the journals is shown and cannot be sent.
func newDiskFiles(dir, home, journals string) *diskFiles {
	return &diskFiles{dir: dir, home: home, journals: journals, open: openFolder, lstat: os.Lstat, slots: make(chan struct{}, filesAtOnce)}
}

// Working is the folder to begin in.
func (d *diskFiles) Working() string { return d.dir }

// Home is the person's own folder, or empty.
func (d *diskFiles) Home() string { return d.home }

// Wait returns when no call is under way any more, or ctx's error when that ends first: a call that hangs in the kernel is not
// worth more waiting than its caller has time for.
func (d *diskFiles) Wait(ctx context.Context) error {
	// Whoever holds all slots knows that nobody else does.
	for held := range filesAtOnce {
		select {
		case d.slots <- struct{}{}:
		case <-ctx.Done():
			for range held {
				<-d.slots
			}
			return ctx.Err()
		}
	}
	for range filesAtOnce {
		<-d.slots
	}
	return nil
}

// ReadDir lists a folder, at most limit entries of it; more tells that there are others. What was read before an error comes with
// the error.
func (d *diskFiles) ReadDir(ctx context.Context, folder string, limit int) ([]tui.FileEntry, bool, error) {
	type listing struct {
		entries []tui.FileEntry
		more    bool
		err     error
	}
	got, err := await(ctx, d, func() listing {
		entries, more, err := d.readDir(ctx, folder, limit)
		return listing{entries, more, err}
	})
	if err != nil {
		return nil, false, fmt.Errorf("read the folder %s: %w", folder, err)
	}
	return got.entries, got.more, got.err
}

// Stat describes one file, following no symbolic link.
func (d *diskFiles) Stat(ctx context.Context, path string) (tui.FileEntry, error) {
	type answer struct {
		entry tui.FileEntry
		err   error
	}
	got, err := await(ctx, d, func() answer {
		info, err := d.lstat(path)
		if err != nil {
			return answer{err: err}
		}
		return answer{entry: d.entry(path, info)}
	})
	if err != nil {
		return tui.FileEntry{}, fmt.Errorf("look at %s: %w", path, err)
	}
	return got.entry, got.err
}

// await makes a call in a goroutine of its own and waits for its answer or the end of ctx. A call that is given up on keeps its slot
// until it returns.
func await[T any](ctx context.Context, d *diskFiles, call func() T) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	select {
	case d.slots <- struct{}{}:
	case <-ctx.Done():
		return none, ctx.Err()
	}
	answer := make(chan T, 1)
	go func() {
		defer func() { <-d.slots }()
		answer <- call()
	}()
	select {
	case got := <-answer:
		return got, nil
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

func (d *diskFiles) readDir(ctx context.Context, folder string, limit int) (entries []tui.FileEntry, more bool, err error) {
	open, err := d.open(folder)
	if err != nil {
		return nil, false, err
	}
	defer open.Close()
	for ctx.Err() == nil {
		batch, err := open.ReadDir(min(filesBatch, limit+1-len(entries)))
		for _, found := range batch {
			if len(entries) == limit {
				return entries, true, nil
			}
			if e, there := d.found(folder, found); there {
				entries = append(entries, e)
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return entries, false, nil
		case err != nil:
			return entries, false, err
		}
	}
	return entries, false, ctx.Err()
}

// found describes an entry. One that was removed since its name was read is not there.
func (d *diskFiles) found(folder string, entry fs.DirEntry) (tui.FileEntry, bool) {
	path := filepath.Join(folder, entry.Name())
	info, err := d.lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return tui.FileEntry{}, false
	case err != nil:
		return tui.FileEntry{Name: entry.Name(), Mode: entry.Type(), Denied: "not accessible"}, true
	}
	return d.entry(path, info), true
}

func (d *diskFiles) entry(path string, info fs.FileInfo) tui.FileEntry {
	e := tui.FileEntry{Name: info.Name(), Mode: info.Mode(), ModTime: info.ModTime()}
	switch {
	case info.Mode().IsRegular():
		e.Size = info.Size()
		if special, is := errors.AsType[*transfer.NotRegularError](transfer.CheckRegular(path, info)); is {
			e.Denied = special.Kind
		} else if info.Mode()&0o004 == 0 && !readable(path, false) {
			e.Denied = "not readable"
		}
	case info.IsDir():
		// Where everybody may read, asking once more would only cost a call for every entry.
		if path == d.journals {
			e.Denied = skipState
		} else if info.Mode()&0o005 != 0o005 && !readable(path, true) {
			e.Denied = "not readable"
		}
	}
	return e
}

// newFiles is the disk for the screens of this run.
func (a *app) newFiles() *diskFiles {
	return newDiskFiles(a.env.Dir, a.env.Home, a.stateDir())
}
