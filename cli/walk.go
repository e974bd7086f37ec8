package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"partway/model"
	"partway/transfer"
)

// walkBatch is how many names of a folder are read at a time: a folder of a million files is never in memory.
const walkBatch = 1000

// maxDepth ends a walk that goes down for ever; every level holds one open folder.
const maxDepth = 256

// found is a path that a walk came by: a file to send, or why it is not sent.
type found struct {
	Path string // absolute
	Key  string
	Size int64
	// Skip says why the path is left alone by rule: a device, a symbolic link, the program's own journals.
	Skip string
	// Err says why the path should be sent and cannot be.
	Err error
}

// source is a path of the command line.
type source struct {
	typed  string
	path   string // absolute
	folder bool
	key    string // of a file
}

// walker finds the files to send below the sources. It reads folders only as far as its consumer asks for files, in the order of
// the file system.
type walker struct {
	sources  []source
	prefix   string // of the keys of files below folders; empty or with / at its end
	include  []string
	exclude  []string
	follow   bool        // symbolic links below folders
	stateDir fs.FileInfo // never sent; nil if it does not exist
}

// newWalker looks at every path of the command line and gives it its key below target, the key part of oss://bucket/target. What
// the user typed wrongly is an error; a path that cannot be read is not, it is found with its Err later.
func (a *app) newWalker(paths []string, bucket, target string, flags *putFlags) (*walker, error) {
	w := &walker{prefix: target, include: flags.include, exclude: flags.exclude, follow: flags.followSymlinks}
	for _, pattern := range append(append([]string(nil), flags.include...), flags.exclude...) {
		if !doublestar.ValidatePattern(pattern) {
			return nil, usagef("the pattern %q is not valid: write it as in *.tar, photos/** or {a,b}/*.log", pattern)
		}
	}
	if info, err := os.Stat(a.stateDir()); err == nil {
		w.stateDir = info
	}
	isFolder := target == "" || strings.HasSuffix(target, "/")
	for _, typed := range paths {
		s := source{typed: typed, path: a.absolute(typed)}
		info, err := os.Stat(s.path)
		s.folder = err == nil && info.IsDir()
		if !isFolder && (s.folder || len(paths) > 1) {
			return nil, failf(ExitUsage, "oss://%s/%s is one key, and there is more than one file to send", bucket, target).
				withNext(fmt.Sprintf("end it in / to put them below it: oss://%s/%s/", bucket, target))
		}
		if !s.folder {
			s.key = model.TargetKey(target, filepath.Base(s.path))
			if err := model.CheckKey(s.key); err != nil {
				return nil, &failure{code: ExitUsage, err: fmt.Errorf("%s cannot be sent: %w", typed, err)}
			}
		}
		w.sources = append(w.sources, s)
	}
	return w, nil
}

// files finds every path, source by source. Two sources that give one key are an error on the second.
func (w *walker) files() iter.Seq[found] {
	return func(yield func(found) bool) {
		for i, s := range w.sources {
			check := func(f found) bool {
				if f.Err == nil && f.Skip == "" {
					f.Err = w.collision(i, f)
				}
				return yield(f)
			}
			if !w.source(s, check) {
				return
			}
		}
	}
}

func (w *walker) source(s source, yield func(found) bool) bool {
	info, err := os.Stat(s.path)
	switch {
	case err != nil:
		return yield(found{Path: s.path, Key: s.key, Err: err})
	case info.IsDir():
		return w.folder(s.path, "", []fs.FileInfo{info}, yield)
	case !w.selected(filepath.Base(s.path)):
		return true
	case w.inStateDir(s.path):
		return yield(found{Path: s.path, Skip: skipState})
	}
	return yield(w.file(s.path, s.key, info))
}

const (
	skipState = "partway's own journals"
	skipLink  = "a symbolic link (--follow-symlinks sends what it points to)"
	skipLoop  = "a symbolic link to a folder above it"
)

// folder walks one folder. relative is its path below the source with slashes; above are the folders it is in, itself included.
func (w *walker) folder(dir, relative string, above []fs.FileInfo, yield func(found) bool) bool {
	if w.stateDir != nil && os.SameFile(above[len(above)-1], w.stateDir) {
		return yield(found{Path: dir, Skip: skipState})
	}
	if len(above) > maxDepth {
		return yield(found{Path: dir, Err: fmt.Errorf("%s lies more than %d folders deep", dir, maxDepth)})
	}
	open, err := os.Open(dir)
	if err != nil {
		return yield(found{Path: dir, Err: err})
	}
	defer open.Close()
	for {
		entries, err := open.ReadDir(walkBatch)
		for _, entry := range entries {
			if !w.entry(filepath.Join(dir, entry.Name()), path.Join(relative, entry.Name()), entry, above, yield) {
				return false
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return true
		case err != nil:
			return yield(found{Path: dir, Err: err})
		}
	}
}

func (w *walker) entry(full, relative string, entry fs.DirEntry, above []fs.FileInfo, yield func(found) bool) bool {
	if w.excluded(relative) {
		return true
	}
	info, err := entry.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return true // removed since its name was read: it is not in the folder
	}
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if !w.follow {
			return !w.included(relative) || yield(found{Path: full, Skip: skipLink})
		}
		info, err = os.Stat(full)
	}
	if err != nil {
		return yield(found{Path: full, Err: err})
	}
	if !info.IsDir() {
		return !w.included(relative) || yield(w.file(full, model.JoinKey(w.prefix, relative), info))
	}
	for _, ancestor := range above {
		if os.SameFile(ancestor, info) {
			return yield(found{Path: full, Skip: skipLoop})
		}
	}
	return w.folder(full, relative, append(above[:len(above):len(above)], info), yield)
}

func (w *walker) file(full, key string, info fs.FileInfo) found {
	f := found{Path: full, Key: key, Size: info.Size()}
	if err := transfer.CheckRegular(full, info); err != nil {
		f.Skip = err.Error()
		if special, ok := errors.AsType[*transfer.NotRegularError](err); ok {
			f.Skip = special.Kind
		}
		return f
	}
	f.Err = model.CheckKey(key)
	return f
}

// selected applies both lists of patterns to a path relative to its source.
func (w *walker) selected(relative string) bool { return !w.excluded(relative) && w.included(relative) }

func (w *walker) excluded(relative string) bool { return matchAny(w.exclude, relative) }

func (w *walker) included(relative string) bool {
	return len(w.include) == 0 || matchAny(w.include, relative)
}

// matchAny matches a pattern with a slash against the whole relative path, one without against the last name alone, as people
// know it from .gitignore.
func matchAny(patterns []string, relative string) bool {
	for _, pattern := range patterns {
		name := relative
		if !strings.Contains(pattern, "/") {
			name = path.Base(relative)
		}
		if doublestar.MatchUnvalidated(pattern, name) {
			return true
		}
	}
	return false
}

// inStateDir reports whether a file lies in or below the state folder, by whatever path it was named.
func (w *walker) inStateDir(file string) bool {
	if w.stateDir == nil {
		return false
	}
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return false
	}
	for dir := filepath.Dir(real); ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && os.SameFile(info, w.stateDir) {
			return true
		}
		if dir == filepath.Dir(dir) {
			return false
		}
	}
}

// collisionError is two files that want one key. Sending both would leave the one that came last.
type collisionError struct {
	key, first, second string
}

func (e *collisionError) Error() string {
	return fmt.Sprintf("%s and %s would both become the key %s: put them below different prefixes", e.first, e.second, e.key)
}

// collision looks whether an earlier source gives the key of f as well. Within one folder keys cannot meet; so instead of
// remembering every key, the other folders are asked for a file of that name.
func (w *walker) collision(index int, f found) error {
	for _, other := range w.sources[:index] {
		if !other.folder {
			if other.key == f.Key && w.selected(filepath.Base(other.path)) {
				return &collisionError{key: f.Key, first: other.path, second: f.Path}
			}
			continue
		}
		relative, ok := strings.CutPrefix(f.Key, w.prefix)
		if !ok {
			continue
		}
		twin := filepath.Join(other.path, filepath.FromSlash(relative))
		stat := os.Lstat
		if w.follow {
			stat = os.Stat
		}
		if info, err := stat(twin); err == nil && info.Mode().IsRegular() && w.selected(relative) {
			return &collisionError{key: f.Key, first: twin, second: f.Path}
		}
	}
	return nil
}
