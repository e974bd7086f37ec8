package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"

	"partway/model"
	"partway/transfer"
)

// candidate is a file that could be what an upload is of.
type candidate struct {
	path  string
	size  int64
	named bool // like the key
}

// maxCandidates bounds how many files of other names are read: each costs as much as a part has.
const maxCandidates = 1000

// searchFile finds the local file of an upload. Files named like the key are tried first; only if none of them is it, all others
// that are large enough, the smallest first: it has the least behind its parts. What decides is a part's bytes.
func (s *session) searchFile(ctx context.Context, found resolved, dirs []string, options *sending) (string, error) {
	url, parts, partSize := found.ref.URL(), found.list.Parts, options.send.PartSize
	if len(parts) == 0 {
		return "", failf(ExitNothing, "%s holds no part that a file could be known by", url).
			withNext(s.app.again("put", "FILE", url) + " sends the file as a new upload")
	}
	candidates, looked, err := s.candidates(ctx, dirs, found.ref.Key, parts, partSize)
	if err != nil {
		return "", err
	}
	var proved []candidate
	for _, named := range []bool{true, false} {
		tried := 0
		for _, c := range candidates {
			if c.named != named {
				continue
			}
			if tried++; tried > maxCandidates && !named {
				s.app.warn("only the first %d files were compared: name a smaller folder", maxCandidates)
				break
			}
			same, err := transfer.MatchesFirst(ctx, c.path, parts, partSize)
			switch {
			case ctx.Err() != nil:
				return "", context.Cause(ctx)
			case errors.Is(err, transfer.ErrNoSum):
				return "", failf(ExitConflict, "%s: %w", url, err).withNext("name the file with --file")
			case err != nil:
				s.app.warn("%s", sentence(err.Error()))
			case same:
				proved = append(proved, c)
			}
		}
		if len(proved) > 0 {
			break
		}
	}
	return s.oneOf(found, proved, looked, len(candidates))
}

// oneOf is the one file that was proved; several are listed, since only a person knows which is meant.
func (s *session) oneOf(found resolved, proved []candidate, looked, large int) (string, error) {
	url := found.ref.URL()
	switch len(proved) {
	case 0:
		return "", failf(ExitNothing, "no file begins like %s: %s looked at, %d of them could hold its %s, and none has its bytes",
			url, count(looked, "file"), large, count(len(found.list.Parts), "part"))
	case 1:
		s.app.say("found    %s  %s, its bytes equal a part", clean(proved[0].path), model.FormatSize(proved[0].size))
		return proved[0].path, nil
	}
	f := failf(ExitConflict, "%d files have the bytes of a part of %s: choose one", len(proved), url)
	for i, c := range proved {
		if i == longLists {
			f.withNext(fmt.Sprintf("and %d more", len(proved)-i))
			break
		}
		f.withNext(s.app.again("resume", url, "--upload-id", found.ref.UploadID, "--file", c.path) + "  (" + model.FormatSize(c.size) + ")")
	}
	return "", f
}

// candidates walks the folders. Links are not followed, and a folder that cannot be read is told and left out.
func (s *session) candidates(ctx context.Context, dirs []string, key string, parts []model.Part, partSize int64) (found []candidate, looked int, err error) {
	possible := map[int64]bool{} // by size: many files have the same
	for _, dir := range dirs {
		root := s.app.absolute(dir)
		err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err != nil {
				if name == root {
					return &failure{code: ExitUsage, err: err}
				}
				s.app.warn("%s", sentence(err.Error()))
				return nil
			}
			info, err := entry.Info()
			if err != nil || !info.Mode().IsRegular() || transfer.CheckRegular(name, info) != nil {
				return nil // removed meanwhile, or nothing that has bytes of its own
			}
			looked++
			could, known := possible[info.Size()]
			if !known {
				could = transfer.CouldHold(parts, info.Size(), partSize)
				possible[info.Size()] = could
			}
			if could {
				found = append(found, candidate{path: name, size: info.Size(), named: filepath.Base(name) == path.Base(key)})
			}
			return nil
		})
		if err != nil {
			return nil, looked, err
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.size, b.size), cmp.Compare(a.path, b.path))
	})
	return slices.CompactFunc(found, func(a, b candidate) bool { return a.path == b.path }), looked, nil
}
