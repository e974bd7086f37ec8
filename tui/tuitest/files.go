package tuitest

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"

	"partway/tui"
)

// Files is a disk in memory. It is safe for concurrent use. Called from inside Update or View of a driven App it panics: a folder of
// a dead network share must not hold up the screen.
type Files struct {
	engine *Engine
	work   string

	mu      sync.Mutex
	folders map[string][]tui.FileEntry
	hangs   map[string]chan struct{}
	reads   int
}

// NewFiles makes a disk that has the folder work, to begin in.
func NewFiles(engine *Engine, work string) *Files {
	f := &Files{engine: engine, work: work, folders: map[string][]tui.FileEntry{}, hangs: map[string]chan struct{}{}}
	f.folder(work)
	return f
}

// folder makes a folder and those above it.
func (f *Files) folder(at string) {
	if _, there := f.folders[at]; there {
		return
	}
	f.folders[at] = nil
	if parent := path.Dir(at); parent != at {
		f.folder(parent)
		f.folders[parent] = append(f.folders[parent], tui.FileEntry{Name: path.Base(at), Mode: fs.ModeDir | 0o755, ModTime: before(time.Hour)})
	}
}

// Add puts entries into a folder, which is made where it is missing.
func (f *Files) Add(folder string, entries ...tui.FileEntry) *Files {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.folder(folder)
	for _, e := range entries {
		if e.Mode.IsDir() {
			f.folder(path.Join(folder, e.Name))
			continue
		}
		f.folders[folder] = append(f.folders[folder], e)
	}
	return f
}

// Hang makes reads of a folder hang until the returned function is called or the asker gives up.
func (f *Files) Hang(folder string) (release func()) {
	gate := make(chan struct{})
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hangs[folder] = gate
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.hangs, folder)
		close(gate)
	}
}

// Reads counts the folders that were read.
func (f *Files) Reads() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reads
}

func (f *Files) wait(ctx context.Context, folder string) error {
	f.engine.guard("ReadDir")
	f.mu.Lock()
	f.reads++
	gate := f.hangs[folder]
	f.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// ReadDir lists a folder.
func (f *Files) ReadDir(ctx context.Context, folder string, limit int) ([]tui.FileEntry, bool, error) {
	if err := f.wait(ctx, folder); err != nil {
		return nil, false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	entries, there := f.folders[folder]
	if !there {
		return nil, false, fmt.Errorf("open %s: no such file or directory", folder)
	}
	more := len(entries) > limit
	return append([]tui.FileEntry{}, entries[:min(len(entries), limit)]...), more, nil
}

// Stat describes one file or folder.
func (f *Files) Stat(ctx context.Context, name string) (tui.FileEntry, error) {
	if err := f.wait(ctx, ""); err != nil {
		return tui.FileEntry{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, there := f.folders[name]; there {
		return tui.FileEntry{Name: path.Base(name), Mode: fs.ModeDir | 0o755, ModTime: before(time.Hour)}, nil
	}
	for _, e := range f.folders[path.Dir(name)] {
		if e.Name == path.Base(name) {
			return e, nil
		}
	}
	return tui.FileEntry{}, fmt.Errorf("stat %s: no such file or directory", name)
}

// Working is the folder to begin in.
func (f *Files) Working() string { return f.work }

// Home is the person's own folder.
func (f *Files) Home() string { return "/home/ops" }

// RegularFile describes an ordinary file that was changed some time before Now.
func RegularFile(name string, size int64, changed time.Duration) tui.FileEntry {
	return tui.FileEntry{Name: name, Size: size, Mode: 0o644, ModTime: before(changed)}
}

// Tree is a believable disk: films, folders in folders, a link, a socket, what may not be read, hidden files.
func Tree(engine *Engine) *Files {
	const gib, mib = int64(1) << 30, int64(1) << 20
	f := NewFiles(engine, "/data/video/raw")
	f.Add("/data/video/raw/c-cam", RegularFile("01.mov", 31*gib, 2*day), RegularFile("02.mov", 22*gib, 2*day), RegularFile(".thumbs", 40<<10, 2*day))
	f.Add("/data/video/raw/c-cam/audio", RegularFile("boom.wav", 800*mib, 2*day), RegularFile("lav.wav", 750*mib, 2*day))
	f.Add("/data/video/raw/proxies", RegularFile("p1.mp4", 90*mib, day))
	f.Add("/home/ops", RegularFile("notes.txt", 2150, 3*day))
	f.Add("/data/pg", RegularFile("base.tar", 112*gib, 3*day), RegularFile("small.tar", gib, 3*day))
	return f.Add("/data/video/raw",
		RegularFile("景区宣传片-4K-final.mov", 38*gib+200*mib, 46*time.Minute),
		RegularFile("a-cam-01.mov", 31*gib, 2*day), RegularFile("a-cam-02.mov", 29*gib+400*mib, 2*day),
		RegularFile("b-roll-07.mov", 22*gib, day), RegularFile("b-roll-08.mov", 20*gib+700*mib, day),
		RegularFile("notes.txt", 2150, day), RegularFile("poster.psd", 812*mib, 3*day), RegularFile("script-v9.docx", 1468006, 4*day),
		RegularFile("slate.jpg", 3*mib, 4*day), RegularFile("empty.dat", 0, 400*day), RegularFile("growing.log", 5*mib, 3*time.Second),
		RegularFile(".DS_Store", 6148, day),
		tui.FileEntry{Name: "latest.mov", Mode: fs.ModeSymlink | 0o777, ModTime: before(day)},
		tui.FileEntry{Name: "mpv.sock", Mode: fs.ModeSocket | 0o755, ModTime: before(day)},
		tui.FileEntry{Name: "secret.key", Size: 1679, Mode: 0, ModTime: before(day), Denied: "not readable"},
	)
}

// Path is the absolute path of a name in the folder that Tree begins in.
func Path(name string) string { return strings.TrimSuffix("/data/video/raw/"+name, "/") }
