package tuitest

import (
	"context"
	"sync"

	"partway/model"
	"partway/tui"
)

// Finder gives the answers that were set and records what it is asked. It is safe for concurrent use. Called from inside Update or
// View of a driven App it panics: it stands for disks and the service, which must not hold up the screen.
type Finder struct {
	engine *Engine

	mu          sync.Mutex
	ends, steps map[string]tui.Searched // by folder
	named       map[model.Ref]tui.NamedFile
	checkpoints map[string]tui.Checkpoints // by the first folder
	hangs       map[string]chan struct{}   // by folder; nil: for ever
	err         error

	searches []tui.Search
	folders  [][]string
	given    int // calls that ended with their context
}

// NewFinder makes a finder that finds nothing.
func NewFinder(engine *Engine) *Finder {
	return &Finder{engine: engine, ends: map[string]tui.Searched{}, steps: map[string]tui.Searched{}, named: map[model.Ref]tui.NamedFile{},
		checkpoints: map[string]tui.Checkpoints{}, hangs: map[string]chan struct{}{}}
}

// Finds sets how a search in a folder ends, and what it tells on its way.
func (f *Finder) Finds(folder string, on, end tui.Searched) *Finder {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.steps[folder], f.ends[folder] = on, end
	return f
}

// Names sets which file the checkpoint of an upload names.
func (f *Finder) Names(ref model.Ref, file tui.NamedFile) *Finder {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.named[ref] = file
	return f
}

// Holds sets the checkpoints of a folder.
func (f *Finder) Holds(folder string, c tui.Checkpoints) *Finder {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.checkpoints[folder] = c
	return f
}

// Fails makes every call fail from now on, with what it would have answered.
func (f *Finder) Fails(err error) *Finder {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
	return f
}

// Hang makes calls about a folder hang until the returned function is called or the asker gives up.
func (f *Finder) Hang(folder string) (release func()) {
	gate := make(chan struct{})
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hangs[folder] = gate
	return func() { close(gate) }
}

// HangForEver makes calls about a folder hang until the asker gives up. Unlike Hang it may be called outside a story: a channel would
// have to be of its bubble.
func (f *Finder) HangForEver(folder string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hangs[folder] = nil
}

// Searches is what was searched for so far.
func (f *Finder) Searches() []tui.Search {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]tui.Search{}, f.searches...)
}

// Folders are the folders whose checkpoints were asked for, call by call.
func (f *Finder) Folders() [][]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([][]string{}, f.folders...)
}

// GivenUp counts the calls whose asker gave up on them.
func (f *Finder) GivenUp() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.given
}

// wait is the time that a call takes.
func (f *Finder) wait(ctx context.Context, folders ...string) error {
	f.mu.Lock()
	var gates []chan struct{}
	for _, folder := range folders {
		if gate, hangs := f.hangs[folder]; hangs {
			gates = append(gates, gate)
		}
	}
	f.mu.Unlock()
	for _, gate := range gates {
		select {
		case <-gate:
		case <-ctx.Done():
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		f.given++
		return ctx.Err()
	}
	return f.err
}

// Search tells a step and ends as it was set.
func (f *Finder) Search(ctx context.Context, what tui.Search, progress func(tui.Searched)) (tui.Searched, error) {
	f.engine.guard("Search")
	f.mu.Lock()
	f.searches = append(f.searches, what)
	on, end := f.steps[what.Folder], f.ends[what.Folder]
	f.mu.Unlock()
	progress(on)
	return end, f.wait(ctx, what.Folder)
}

// Named is the file that was set.
func (f *Finder) Named(ctx context.Context, ref model.Ref, folders []string) (tui.NamedFile, error) {
	f.engine.guard("Named")
	f.mu.Lock()
	f.folders = append(f.folders, folders)
	named := f.named[ref]
	f.mu.Unlock()
	return named, f.wait(ctx, folders...)
}

// Checkpoints are those that were set.
func (f *Finder) Checkpoints(ctx context.Context, _ model.Place, folders []string) (tui.Checkpoints, error) {
	f.engine.guard("Checkpoints")
	f.mu.Lock()
	f.folders = append(f.folders, folders)
	found := f.checkpoints[folders[0]]
	f.mu.Unlock()
	return found, f.wait(ctx, folders...)
}

// Hints is a believable finder over the disk of Tree and the uploads of Leftovers: base.tar is found in /data/pg, a search in
// /data/video does not end, ossutil's checkpoint names the file of old/win2016.vhdx, and some checkpoints lie in /data/pg.
func Hints(engine *Engine) *Finder {
	const gib = model.GiB
	uploads := map[string]model.Ref{}
	for _, l := range Leftovers() {
		uploads[l.Ref.Key] = l.Ref
	}
	base, copied := RegularFile("base.tar", 112*gib, 3*day), RegularFile("base-of-monday.tar", 112*gib, 5*day)
	found := []tui.FoundFile{{Path: "/data/pg/base.tar", File: base}, {Path: "/data/pg/older/weekly/base.tar", File: copied}}
	f := NewFinder(engine)
	f.Finds("/data/pg", tui.Searched{At: "/data/pg/older"}, tui.Searched{At: "/data/pg/older/weekly/base.tar", Looked: 1204, Large: 31, Read: 2, Found: found})
	f.Finds("/data/video", tui.Searched{At: "/data/video/raw/proxies/p1.mp4", Looked: 12_345, Large: 14, Read: 3, Found: []tui.FoundFile{{Path: "/data/video/archive/base.tar", File: copied}}}, tui.Searched{})
	f.HangForEver("/data/video")
	f.Finds("/data/video/raw", tui.Searched{}, tui.Searched{Looked: 15, Large: 4, Read: 4, Unread: 12, Failed: 2, Failure: "open /data/video/raw/lost+found: permission denied"})
	f.Names(uploads["old/win2016.vhdx"], tui.NamedFile{Tool: "ossutil", Path: "/data/pg/small.tar"})
	f.Names(uploads["old/exchange.edb"], tui.NamedFile{Tool: "the OSS SDK", Path: "/mnt/exchange.edb", Missing: "open /mnt/exchange.edb: no such file or directory"})
	offer := func(tool, key, path string, e tui.FileEntry) tui.Checkpoint {
		return tui.Checkpoint{Tool: tool, Place: Place(), Path: path, File: e, Parts: Parts(uploads[key], 705, 128*model.MiB, 17, 204)}
	}
	elsewhere := offer("the OSS SDK", "backup/pg/base.tar", "/data/pg/small.tar", RegularFile("small.tar", 900*gib, day))
	elsewhere.Place.Bucket, elsewhere.Parts.Ref = "scratch", model.Ref{Bucket: "scratch", Key: "pg/small.tar", UploadID: "K1"}
	tooSmall := offer("ossutil", "old/win2019.vhdx", "/data/pg/small.tar", RegularFile("small.tar", gib, 3*day))
	return f.Holds("/data/pg", tui.Checkpoints{Offered: []tui.Checkpoint{offer("ossutil", "backup/pg/base.tar", "/data/pg/base.tar", base), elsewhere, tooSmall},
		Left: []tui.LeftCheckpoint{{Path: "/data/pg/.ossutil_checkpoint/5f1d.cp", Why: "it is damaged: unexpected end of JSON input"},
			{Path: "/data/pg/9c.ucp", Why: "its upload of oss://backup-prod/pg/gone.tar does not exist any more: it was completed or aborted"}}})
}
