package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"partway/model"
	"partway/ossapi"
	"partway/transfer"
)

// imported is a checkpoint whose upload and file both exist.
type imported struct {
	checkpoint
	ref   model.Ref
	place model.Place
	file  model.Fingerprint
	parts model.PartList
}

// errOtherBucket is why a checkpoint is left that names its bucket in no clear words, and is not of the bucket that was asked about.
var errOtherBucket = errors.New("it is of another bucket")

// importer proves what checkpoints claim as far as that costs nothing. It prints nothing and is used by one goroutine.
type importer struct {
	bucket string // may be empty
	place  func(ctx context.Context, bucket string) (model.Place, error)
	open   func(context.Context, model.Place) (transfer.Store, error)
	seen   map[model.Ref]string // the checkpoint that an upload was taken from
}

// newImporter makes an importer. The bucket is that of checkpoints that do not name theirs; place says how a bucket is reached, and
// open reaches it.
func newImporter(bucket string, place func(context.Context, string) (model.Place, error), open func(context.Context, model.Place) (transfer.Store, error)) *importer {
	return &importer{bucket: bucket, place: place, open: open, seen: map[model.Ref]string{}}
}

// Where tools keep checkpoints if they are not told: ossutil 1 in the folder that it was started in, the SDK for Python in the person's
// own.
const (
	ossutilFolder = ".ossutil_checkpoint"
	pythonFolder  = ".py-oss-upload"
)

// checkpointNames lists the checkpoints in a folder and in those that tools make in it.
func checkpointNames(dir string) ([]string, error) {
	var names []string
	for _, folder := range []string{dir, filepath.Join(dir, ossutilFolder), filepath.Join(dir, pythonFolder)} {
		entries, err := os.ReadDir(folder)
		if err != nil && folder == dir {
			return nil, err
		}
		for _, e := range entries {
			if namesCheckpoint(e.Name()) {
				names = append(names, filepath.Join(folder, e.Name()))
			}
		}
	}
	return names, nil
}

// readCheckpoint reads a checkpoint. The error is the reason to leave it.
func readCheckpoint(name string) (checkpoint, error) {
	file, err := transfer.OpenFile(name)
	if err != nil {
		return checkpoint{}, err
	}
	content, err := io.ReadAll(io.LimitReader(io.NewSectionReader(file, 0, maxCheckpoint+1), maxCheckpoint+1))
	_ = file.Close() // it was only read
	switch {
	case err != nil:
		return checkpoint{}, err
	case len(content) > maxCheckpoint:
		return checkpoint{}, errors.New("it is too large for a checkpoint")
	}
	// ossutil wrote relative paths as they were typed, in the folder that holds its own.
	dir := strings.TrimSuffix(filepath.Dir(name), string(filepath.Separator)+ossutilFolder)
	return parseCheckpoint(filepath.Base(name), content, dir)
}

// one proves a checkpoint: that its upload exists, and its file. What the parts hold is compared when the upload goes on. The error
// is the reason to leave it; of several of one upload the first that holds is taken.
func (r *importer) one(ctx context.Context, name string) (imported, error) {
	c, err := readCheckpoint(name)
	if err != nil {
		return imported{}, err
	}
	if c.bucket == "" {
		if r.bucket == "" || !c.bucketIs(r.bucket) {
			return imported{}, errOtherBucket
		}
		c.bucket = r.bucket
	}
	i := imported{checkpoint: c, ref: model.Ref{Bucket: c.bucket, Key: c.key, UploadID: c.uploadID}}
	if twin, seen := r.seen[i.ref]; seen {
		return imported{}, fmt.Errorf("it is of the same upload as %s", twin)
	}
	if i.file, err = lookAt(c.path); err != nil {
		return imported{}, err
	}
	if i.place, err = r.place(ctx, c.bucket); err != nil {
		return imported{}, err
	}
	if i.parts, err = r.list(ctx, i); err != nil {
		return imported{}, err
	}
	r.seen[i.ref] = name
	return i, nil
}

// lookAt opens a file that could be sent, and says what it is.
func lookAt(path string) (model.Fingerprint, error) {
	source, err := transfer.OpenFile(path)
	if err != nil {
		return model.Fingerprint{}, err
	}
	print, err := source.Fingerprint()
	_ = source.Close() // it was only looked at
	return print, err
}

func (r *importer) list(ctx context.Context, i imported) (model.PartList, error) {
	store, err := r.open(ctx, i.place)
	if err != nil {
		return model.PartList{}, err
	}
	list, err := transfer.ListParts(ctx, store, i.ref, listPolicy())
	switch ossapi.KindOf(err) {
	case ossapi.KindNone:
		return list, nil
	case ossapi.KindGone:
		return list, fmt.Errorf("its upload of %s does not exist any more: it was completed or aborted", i.ref.URL())
	}
	return list, fmt.Errorf("list the parts of %s: %w", i.ref.URL(), err)
}
