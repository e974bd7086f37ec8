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
	size  int64
	parts model.PartList
}

// importCheckpoints goes on with the uploads that other tools left checkpoints of in the folders.
func (a *app) importCheckpoints(ctx context.Context, args []string, f *resumeFlags, options *sending) error {
	bucket := ""
	if len(args) > 1 {
		return usagef("--import takes one bucket at most, as in resume oss://bucket --import DIR")
	}
	if len(args) == 1 {
		name, key, err := model.ParseURL(args[0])
		if err == nil && key != "" {
			err = fmt.Errorf("%q names an object, and --import takes the bucket alone", args[0])
		}
		if err != nil {
			return &failure{code: ExitUsage, err: err}
		}
		bucket = name
	}
	s, err := a.connect(ctx, bucket)
	if _, none := errors.AsType[*noBucketError](err); err != nil && !none { // most checkpoints name their bucket
		return err
	}
	defer s.close()
	options.forAdoption(s, f)
	if err := s.startEngine(options.limits); err != nil {
		return err
	}
	found, err := s.findImports(ctx, f.imports)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return failf(ExitNothing, "no checkpoint of an unfinished upload was found that could be gone on with").
			withNext("ossutil keeps its own in .ossutil_checkpoint, in the folder it was started in; the SDKs where the program says")
	}
	question := fmt.Sprintf("Go on with %s? Parts that equal the file stay, the others are sent, and the uploads are completed.", count(len(found), "upload"))
	if err := a.confirm(question, expectedAnswer(len(found))); err != nil {
		return err
	}
	return s.driveImports(ctx, found, options)
}

func (s *session) driveImports(ctx context.Context, found []imported, options *sending) error {
	r := s.app.newRun(s.engine)
	r.files = len(found)
	for _, i := range found {
		r.bytes += i.size
	}
	r.next = func(ctx context.Context) (int, bool, error) {
		if len(found) == 0 {
			return 0, false, nil
		}
		i := found[0]
		found = found[1:]
		err := s.engine.Do(ctx, model.Adopt{Place: i.place, Ref: i.ref, Path: i.path, Send: options.send, IfExists: options.write.IfExists})
		if err != nil {
			return 0, true, &refusedFile{path: i.path, size: i.size, ref: i.ref, place: i.place, err: err}
		}
		return 1, true, nil
	}
	r.react = s.meetChange(options.ifChanged)
	return r.drive(ctx)
}

// findImports reads the checkpoints of the folders and tells of each what it is good for.
func (s *session) findImports(ctx context.Context, dirs []string) ([]imported, error) {
	var found []imported
	seen := map[model.Ref]bool{}
	for _, dir := range dirs {
		names, err := checkpointNames(s.app.absolute(dir))
		if err != nil {
			return nil, &failure{code: ExitUsage, err: err}
		}
		for _, name := range names {
			i, err := s.importOne(ctx, name)
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			switch {
			case err != nil:
				s.app.say("left     %s  %s", clean(name), sentence(err.Error()))
			case !seen[i.ref]:
				seen[i.ref] = true
				s.app.say("found    %s  %s, from %s, of %s", showURL(i.ref.Bucket, i.ref.Key), describeParts(i.parts), clean(i.path), i.tool)
				found = append(found, i)
			}
		}
	}
	return found, nil
}

// checkpointNames lists the checkpoints in a folder and in the one that ossutil makes in it.
func checkpointNames(dir string) ([]string, error) {
	var names []string
	for _, folder := range []string{dir, filepath.Join(dir, ".ossutil_checkpoint")} {
		entries, err := os.ReadDir(folder)
		if err != nil && folder == dir {
			return nil, err
		}
		for _, e := range entries {
			if ext := filepath.Ext(e.Name()); ext == ".cp" || ext == ".ucp" {
				names = append(names, filepath.Join(folder, e.Name()))
			}
		}
	}
	return names, nil
}

// importOne proves what a checkpoint claims as far as that costs nothing: that its upload exists, and its file. What the parts hold
// is compared when the upload goes on. The error is the reason to leave it.
func (s *session) importOne(ctx context.Context, name string) (imported, error) {
	file, err := transfer.OpenFile(name)
	if err != nil {
		return imported{}, err
	}
	content, err := io.ReadAll(io.LimitReader(io.NewSectionReader(file, 0, maxCheckpoint+1), maxCheckpoint+1))
	_ = file.Close() // it was only read
	switch {
	case err != nil:
		return imported{}, err
	case len(content) > maxCheckpoint:
		return imported{}, errors.New("it is too large for a checkpoint")
	}
	// ossutil wrote relative paths as they were typed, in the folder that holds its own.
	dir := strings.TrimSuffix(filepath.Dir(name), string(filepath.Separator)+".ossutil_checkpoint")
	c, err := parseCheckpoint(filepath.Base(name), content, dir)
	if err != nil {
		return imported{}, err
	}
	if c.bucket == "" {
		if s.place.Bucket == "" || !c.bucketIs(s.place.Bucket) {
			return imported{}, fmt.Errorf("it is of another bucket: name it, as in resume oss://BUCKET --import DIR")
		}
		c.bucket = s.place.Bucket
	}
	source, err := transfer.OpenFile(c.path)
	if err != nil {
		return imported{}, err
	}
	print, err := source.Fingerprint()
	_ = source.Close() // it was only looked at
	if err != nil {
		return imported{}, err
	}
	i := imported{checkpoint: c, ref: model.Ref{Bucket: c.bucket, Key: c.key, UploadID: c.uploadID}, place: placeOf(s.profile, c.bucket), size: print.Size}
	i.parts, err = s.listImported(ctx, i)
	return i, err
}

func (s *session) listImported(ctx context.Context, i imported) (model.PartList, error) {
	store, err := s.open(ctx, i.place)
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
