package pick

import (
	"path/filepath"
	"strings"
	"time"
)

// File is a local file as the picker found it.
type File struct {
	Path string // absolute
	// Relative is its path from the folder that its mark is in, with slashes: the name for a marked file, and for a file below a
	// marked folder the folder's name and the path inside.
	Relative string
	Size     int64 // bytes
	ModTime  time.Time
	// Why says why it cannot be sent (a link, a device, not readable), or is empty.
	Why string
}

// CountState says how far the files below a marked folder are known.
type CountState uint8

// The states of a count.
const (
	Counted  CountState = iota // all of them
	Counting                   // a walk is under way
	Stopped                    // a walk was stopped; what it found stays
)

// Mark is a file or folder that was marked. Of a folder, Files grows while it is counted.
type Mark struct {
	Path   string // absolute
	Folder bool
	Files  []File
	Bytes  int64 // of Files that can be sent
	State  CountState
	Hidden int      // left out because hidden files are not shown
	Failed []string // folders that could not be read, each with its reason
}

// Selection is what is marked, in the order it was marked. A path is marked once: what lies below a marked folder is marked with
// it. The zero Selection is empty and ready to use.
type Selection struct {
	marks []*Mark
	by    map[string]*Mark
}

// Len is the number of marks.
func (s *Selection) Len() int { return len(s.marks) }

// Marks are the marks, first marked first. The slice belongs to the selection.
func (s *Selection) Marks() []*Mark { return s.marks }

// Get is the mark of exactly this path, or nil.
func (s *Selection) Get(path string) *Mark { return s.by[path] }

// Cover is the mark of the path or of a folder that it lies in, or nil.
func (s *Selection) Cover(path string) *Mark {
	if len(s.marks) == 0 {
		return nil
	}
	for dir := path; ; dir = filepath.Dir(dir) {
		if m := s.by[dir]; m != nil && (m.Folder || dir == path) {
			return m
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// AddFile marks a file. It returns nil if the path is marked already, by itself or with a folder.
func (s *Selection) AddFile(f File) *Mark {
	if s.Cover(f.Path) != nil {
		return nil
	}
	f.Relative = filepath.Base(f.Path)
	m := &Mark{Path: f.Path}
	m.Add(f)
	s.add(m)
	return m
}

// AddFolder marks a folder, to be counted. Marks below it are given up, since it holds them. It returns nil if the path is marked
// already.
func (s *Selection) AddFolder(path string) *Mark {
	if s.Cover(path) != nil {
		return nil
	}
	below := path
	if !strings.HasSuffix(below, string(filepath.Separator)) {
		below += string(filepath.Separator)
	}
	for i := len(s.marks) - 1; i >= 0; i-- {
		if strings.HasPrefix(s.marks[i].Path, below) {
			s.Remove(s.marks[i].Path)
		}
	}
	m := &Mark{Path: path, Folder: true, State: Counting}
	s.add(m)
	return m
}

func (s *Selection) add(m *Mark) {
	if s.by == nil {
		s.by = map[string]*Mark{}
	}
	s.marks = append(s.marks, m)
	s.by[m.Path] = m
}

// Remove unmarks exactly this path and reports whether it was marked.
func (s *Selection) Remove(path string) bool {
	if s.by[path] == nil {
		return false
	}
	delete(s.by, path)
	kept := make([]*Mark, 0, len(s.marks)-1)
	for _, m := range s.marks {
		if m.Path != path {
			kept = append(kept, m)
		}
	}
	s.marks = kept
	return true
}

// RemoveLast takes the newest mark back and returns it, or nil.
func (s *Selection) RemoveLast() *Mark {
	if len(s.marks) == 0 {
		return nil
	}
	last := s.marks[len(s.marks)-1]
	s.Remove(last.Path)
	return last
}

// Clear unmarks all.
func (s *Selection) Clear() { s.marks, s.by = nil, nil }

// Add adds a found file to the mark.
func (m *Mark) Add(f File) {
	m.Files = append(m.Files, f)
	if f.Why == "" {
		m.Bytes += f.Size
	}
}

// Restart empties a folder's count, to begin it again.
func (m *Mark) Restart() {
	m.Files, m.Bytes, m.Hidden, m.Failed, m.State = nil, 0, 0, nil, Counting
}

// Totals sums over all marks. counting reports that a walk is under way, partial that one is or was stopped before its end.
func (s *Selection) Totals() (files int, bytes int64, counting, partial bool) {
	for _, m := range s.marks {
		files += len(m.Files)
		bytes += m.Bytes
		counting = counting || m.State == Counting
		partial = partial || m.State != Counted
	}
	return files, bytes, counting, partial
}

// Slices are the files of all marks, mark by mark. What they hold is not changed any more, they only grow: so they may be read
// elsewhere while a count goes on.
func (s *Selection) Slices() [][]File {
	slices := make([][]File, len(s.marks))
	for i, m := range s.marks {
		slices[i] = m.Files
	}
	return slices
}
