package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"partway/model"
	"partway/tui"
)

// finder looks for the files of uploads for the screens, with the code that resume --search and --import use. It implements
// tui.Finder and is safe for concurrent use. A call into a disk that does not answer is given up on when its context ends.
type finder struct {
	disk   *diskFiles
	places *places
}

var _ tui.Finder = (*finder)(nil)

// Search walks a folder for the file of an upload.
func (f *finder) Search(ctx context.Context, what tui.Search, progress func(tui.Searched)) (tui.Searched, error) {
	type outcome struct {
		end tui.Searched
		err error
	}
	got, err := await(ctx, f.disk, func() outcome {
		seen := seenSearch{disk: f.disk}
		search := fileSearch{roots: []string{what.Folder}, key: what.Key, parts: what.Parts, leave: seen.fail,
			step: func(now searched) { progress(seen.shown(now)) }}
		err := search.run(ctx)
		return outcome{seen.shown(search.now), err}
	})
	if err != nil {
		return tui.Searched{}, fmt.Errorf("search %s: %w", what.Folder, err)
	}
	return got.end, got.err
}

// seenSearch is a search in the words of the screens. Of the errors only the first is kept: a disk may hold a million folders that
// cannot be read.
type seenSearch struct {
	disk   *diskFiles
	found  []tui.FoundFile
	failed int
	first  string
}

func (s *seenSearch) fail(err error) {
	if s.failed++; s.first == "" {
		s.first = err.Error()
	}
}

func (s *seenSearch) shown(now searched) tui.Searched {
	for _, c := range now.proved[len(s.found):] {
		s.found = append(s.found, tui.FoundFile{Path: c.path, File: s.disk.entry(c.path, c.info)})
	}
	return tui.Searched{At: now.at, Looked: now.looked, Large: now.large, Read: now.read, Unread: now.unread, Failed: s.failed, Failure: s.first, Found: s.found}
}

// Named looks into the checkpoints of some folders for the file of an upload.
func (f *finder) Named(ctx context.Context, ref model.Ref, folders []string) (tui.NamedFile, error) {
	named, err := await(ctx, f.disk, func() tui.NamedFile { return namedFile(ctx, ref, folders) })
	if err != nil {
		return tui.NamedFile{}, fmt.Errorf("look for the checkpoint of %s: %w", ref.URL(), err)
	}
	return named, nil
}

// namedFile is the first file there is that a checkpoint names; where none of them is there, the first that is not.
func namedFile(ctx context.Context, ref model.Ref, folders []string) (missing tui.NamedFile) {
	for _, folder := range folders {
		names, _ := checkpointNames(folder) // one that cannot be read names nothing
		for _, name := range names {
			if ctx.Err() != nil {
				return missing
			}
			c, err := readCheckpoint(name)
			if err != nil || c.uploadID != ref.UploadID || c.key != ref.Key || !c.bucketIs(ref.Bucket) {
				continue
			}
			// A link is shown where it leads: a list of files cannot tell what a link is of.
			path, err := filepath.EvalSymlinks(c.path)
			if err == nil {
				if _, err = lookAt(path); err == nil {
					return tui.NamedFile{Tool: c.tool, Path: path}
				}
			}
			if missing.Path == "" {
				missing = tui.NamedFile{Tool: c.tool, Path: c.path, Missing: err.Error()}
			}
		}
	}
	return missing
}

// Checkpoints reads the checkpoints of some folders. A folder that cannot be read is an error where it is the only one.
func (f *finder) Checkpoints(ctx context.Context, place model.Place, folders []string) (tui.Checkpoints, error) {
	type outcome struct {
		found tui.Checkpoints
		err   error
	}
	got, err := await(ctx, f.disk, func() outcome {
		found, err := f.checkpoints(ctx, place, folders)
		return outcome{found, err}
	})
	if err != nil {
		return tui.Checkpoints{}, fmt.Errorf("read the checkpoints: %w", err)
	}
	return got.found, got.err
}

func (f *finder) checkpoints(ctx context.Context, place model.Place, folders []string) (found tui.Checkpoints, err error) {
	read := newImporter(place.Bucket, f.reach(place), f.places.session.open)
	for _, folder := range folders {
		names, err := checkpointNames(folder)
		if err != nil {
			if len(folders) == 1 {
				return found, err
			}
			found.Left = append(found.Left, tui.LeftCheckpoint{Path: folder, Why: err.Error()})
		}
		for _, name := range names {
			i, err := read.one(ctx, name)
			switch {
			case ctx.Err() != nil:
				return found, context.Cause(ctx)
			case errors.Is(err, errOtherBucket):
				found.Left = append(found.Left, tui.LeftCheckpoint{Path: name, Why: fmt.Sprintf("%v than oss://%s", err, place.Bucket)})
			case err != nil:
				found.Left = append(found.Left, tui.LeftCheckpoint{Path: name, Why: err.Error()})
			default:
				found.Offered = append(found.Offered, tui.Checkpoint{Tool: i.tool, Place: i.place, Parts: i.parts, Path: i.path,
					File: tui.FileEntry{Name: filepath.Base(i.path), Size: i.file.Size, Mode: fs.FileMode(0o600), ModTime: i.file.ModTime}})
			}
		}
	}
	return found, nil
}

// reach says how another bucket of the same profile is reached.
func (f *finder) reach(place model.Place) func(context.Context, string) (model.Place, error) {
	return func(ctx context.Context, bucket string) (model.Place, error) {
		if bucket == place.Bucket {
			return place, nil
		}
		other := place
		other.Bucket = bucket
		opened, err := f.places.Open(ctx, tui.PlaceInfo{Place: other})
		return opened.Place, err
	}
}
