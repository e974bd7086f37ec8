package cli

import (
	"context"
	"errors"
	"fmt"

	"partway/model"
)

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
			withNext("ossutil 1 keeps its own in .ossutil_checkpoint, in the folder it was started in; the Python SDK in ~/.py-oss-upload; ossutil 2 and other SDKs where they are told")
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
		r.bytes += i.file.Size
	}
	r.next = func(ctx context.Context) (int, bool, error) {
		if len(found) == 0 {
			return 0, false, nil
		}
		i := found[0]
		found = found[1:]
		err := s.engine.Do(ctx, model.Adopt{Place: i.place, Ref: i.ref, Path: i.path, Send: options.send, IfExists: options.write.IfExists})
		if err != nil {
			return 0, true, &refusedFile{path: i.path, size: i.file.Size, ref: i.ref, place: i.place, err: err}
		}
		return 1, true, nil
	}
	r.react = s.meetChange(options.ifChanged)
	return r.drive(ctx)
}

// findImports reads the checkpoints of the folders and tells of each what it is good for.
func (s *session) findImports(ctx context.Context, dirs []string) ([]imported, error) {
	read := newImporter(s.place.Bucket, func(_ context.Context, bucket string) (model.Place, error) { return placeOf(s.profile, bucket), nil }, s.open)
	var found []imported
	for _, dir := range dirs {
		names, err := checkpointNames(s.app.absolute(dir))
		if err != nil {
			return nil, &failure{code: ExitUsage, err: err}
		}
		for _, name := range names {
			i, err := read.one(ctx, name)
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if errors.Is(err, errOtherBucket) {
				err = fmt.Errorf("%w: name it, as in resume oss://BUCKET --import DIR", err)
			}
			if err != nil {
				s.app.say("left     %s  %s", clean(name), sentence(err.Error()))
				continue
			}
			s.app.say("found    %s  %s, from %s, of %s", showURL(i.ref.Bucket, i.ref.Key), describeParts(i.parts), clean(i.path), i.tool)
			s.warnOfSenders(i.ref, i.parts)
			found = append(found, i)
		}
	}
	return found, nil
}
