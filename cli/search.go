package cli

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"partway/model"
	"partway/transfer"
)

// candidate is a file that could be what an upload is of.
type candidate struct {
	path string // absolute
	info fs.FileInfo
}

// maxCandidates bounds how many files of other names are read: each costs as much as a part has.
const maxCandidates = 1000

// fileSearch finds the local file of an upload. Files named like the key are tried first; only if none of them is it, all others
// that are large enough, the smallest first: it has the least behind its parts. What decides is a part's bytes. It prints nothing and
// is run once, by one goroutine.
type fileSearch struct {
	roots    []string     // absolute: folders to walk, links in them are not followed
	key      string       // of the upload
	parts    []model.Part // of the upload, as listed; at least one
	partSize int64        // as for model.DeriveLayout

	leave func(error)    // hears of what could not be read and is left out
	step  func(searched) // hears how far the search is, often; nil: nobody wants to know

	now           searched
	possible      map[int64]bool // by size: many files have the same
	named, others []candidate
}

// searched is how far a search is. The slice only grows behind what it holds, so it may be read while the search goes on.
type searched struct {
	at     string // the path that is looked at
	looked int    // files seen
	large  int    // of them: those that could hold the parts
	read   int    // of these: those that a part was compared with
	unread int    // candidates of other names beyond maxCandidates
	proved []candidate
}

// run searches until all is read or ctx ends. It fails with transfer.ErrNoSum where no part has a sum, with ctx's error, or where a
// folder of roots cannot be read.
func (s *fileSearch) run(ctx context.Context) error {
	s.possible = map[int64]bool{}
	for _, root := range s.roots {
		if err := s.walk(ctx, throughLink(root)); err != nil {
			return err
		}
	}
	s.named, s.others = inOrder(s.named), inOrder(s.others)
	s.cutOthers(maxCandidates)
	s.now.large = len(s.named) + len(s.others) + s.now.unread
	if err := s.prove(ctx, s.named); err != nil || len(s.now.proved) > 0 {
		return err
	}
	return s.prove(ctx, s.others)
}

// throughLink is a folder in words that lead through a link: whoever names one means what it points to.
func throughLink(root string) string {
	if info, err := os.Stat(root); err == nil && info.IsDir() {
		return strings.TrimRight(root, string(filepath.Separator)) + string(filepath.Separator)
	}
	return root
}

// walk collects the candidates below a folder. Links are not followed, and a folder below that cannot be read is left out.
func (s *fileSearch) walk(ctx context.Context, root string) error {
	return filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			if name == root {
				return err
			}
			s.leave(err)
			return nil
		}
		s.tell(name)
		info, err := entry.Info()
		if err != nil || !info.Mode().IsRegular() || transfer.CheckRegular(name, info) != nil {
			return nil // removed meanwhile, or nothing that has bytes of its own
		}
		s.now.looked++
		could, known := s.possible[info.Size()]
		if !known {
			could = transfer.CouldHold(s.parts, info.Size(), s.partSize)
			s.possible[info.Size()] = could
		}
		if could {
			s.take(candidate{path: name, info: info})
		}
		return nil
	})
}

func (s *fileSearch) take(c candidate) {
	s.now.large++
	if filepath.Base(c.path) == path.Base(s.key) {
		s.named = append(s.named, c)
		return
	}
	// A walk over a whole disk must not keep a name of every file.
	if s.others = append(s.others, c); len(s.others) >= 4*maxCandidates {
		s.others = inOrder(s.others)
		s.cutOthers(maxCandidates)
	}
}

func (s *fileSearch) cutOthers(most int) {
	if left := len(s.others) - most; left > 0 {
		s.now.unread += left
		s.others = s.others[:most]
	}
}

// inOrder sorts candidates by size, and a file that was met in two folders is one.
func inOrder(list []candidate) []candidate {
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.info.Size(), b.info.Size()), cmp.Compare(a.path, b.path))
	})
	return slices.CompactFunc(list, func(a, b candidate) bool { return a.path == b.path })
}

func (s *fileSearch) prove(ctx context.Context, list []candidate) error {
	for _, c := range list {
		s.tell(c.path)
		same, err := transfer.MatchesFirst(ctx, c.path, s.parts, s.partSize)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, transfer.ErrNoSum):
			return err
		case err != nil:
			s.leave(err)
		case same:
			s.now.proved = append(s.now.proved, c)
		}
		s.now.read++
	}
	return nil
}

func (s *fileSearch) tell(at string) {
	if s.now.at = at; s.step != nil {
		s.step(s.now)
	}
}
