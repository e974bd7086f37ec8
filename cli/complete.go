package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"partway/model"
	"partway/ossapi"
)

const completeLong = `Make an object of the parts that an unfinished upload holds, without a local file. It then is proved by the CRC-64 of the
parts.

Nothing tells whether parts are missing behind the last one: complete what you know to be whole. For an upload of this machine
resume is better: it compares with the file, and completes when all is there. Missing part numbers need --allow-gaps: the
object then consists of the parts that are there, put together. An object that exists needs --overwrite.`

const completeExample = `  partway parts oss://my-bucket/backup.tar           look first
  partway complete oss://my-bucket/backup.tar`

func (a *app) completeCommand() *cobra.Command {
	var uploadID string
	var allowGaps, overwrite bool
	cmd := &cobra.Command{
		Use:     "complete TARGET",
		Short:   "Make an object of the parts that are there",
		Long:    completeLong,
		Example: completeExample,
		Args:    needArgs(1, 1, "one target, as in complete oss://bucket/key"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.complete(cmd.Context(), args[0], model.CompleteUpload{Ref: model.Ref{UploadID: uploadID}, AllowGaps: allowGaps, Overwrite: overwrite})
		},
	}
	cmd.Flags().StringVar(&uploadID, "upload-id", "", "`id` of the upload, where the key has several")
	cmd.Flags().BoolVar(&allowGaps, "allow-gaps", false, "complete although part numbers are missing")
	cmd.Flags().BoolVar(&overwrite, "overwrite", false, "replace an object of the key")
	return cmd
}

// complete takes the flags as a command that lacks what the server has to tell.
func (a *app) complete(ctx context.Context, arg string, command model.CompleteUpload) error {
	t, err := parseTarget(arg, command.Ref.UploadID)
	if err != nil {
		return err
	}
	s, err := a.connect(ctx, t.bucket)
	if err != nil {
		return err
	}
	defer s.close()
	found, err := s.resolve(ctx, t)
	if err != nil {
		return err
	}
	if err := s.refuseIncomplete(found, command.AllowGaps); err != nil {
		return err
	}
	if err := s.startEngine(model.Limits{}); err != nil {
		return err
	}
	saved := s.journalOf(found.ref)
	if saved != nil && saved.Owner != nil {
		return fmt.Errorf("%s: %w", found.ref.URL(), &model.OwnedError{Job: saved.ID, Owner: *saved.Owner})
	}
	if err := s.refuseExisting(ctx, found.ref, command.Overwrite); err != nil {
		return err
	}
	question := fmt.Sprintf("Complete %s (upload id %s) from what is there: %s?", showURL(t.bucket, t.key), clean(found.ref.UploadID), describeParts(found.list))
	if saved != nil && len(found.list.Parts) < len(saved.Intent.Ranges()) {
		question += fmt.Sprintf("\nThe journal of this machine says that the file has %s, and %d are there. %s sends the others.",
			count(len(saved.Intent.Ranges()), "part"), len(found.list.Parts), a.again("resume", found.ref.URL()))
	}
	if err := a.confirm(question, expectedAnswer(1)); err != nil {
		return err
	}
	command.Place, command.Ref, command.Seen = s.place, found.ref, found.list.Parts
	r := a.newRun(s.engine)
	r.files, r.expected, r.bytes = 1, 1, found.list.Bytes()
	if err := s.engine.Do(ctx, command); err != nil {
		return problemOf(err, "complete "+found.ref.URL())
	}
	return r.drive(ctx)
}

// refuseIncomplete says why the parts that are there cannot or should not become an object.
func (s *session) refuseIncomplete(found resolved, allowGaps bool) error {
	list, url := found.list, found.ref.URL()
	switch gaps, small := list.Gaps(), list.Small(); {
	case len(list.Parts) == 0:
		return failf(ExitConflict, "%s holds no part: there is nothing to make an object of", url).withNext(s.app.again("abort", url) + " removes the upload")
	case len(small) > 0:
		return failf(ExitConflict, "part %d of %s has less than %s, and only the last part may: the service would refuse it", small[0], url, model.ExactSize(model.MinPartSize)).
			withNext(s.app.again("resume", url, "--file", "PATH") + " sends such parts again")
	case len(gaps) > 0 && !allowGaps:
		return failf(ExitConflict, "%s is not whole: missing below part %d: %s", url, list.Parts[len(list.Parts)-1].Number, gaps).
			withNext(s.app.again("resume", url, "--file", "PATH")+" sends what is missing", "--allow-gaps completes it without them, if that is meant")
	}
	return nil
}

// refuseExisting looks for an object that the upload would replace.
func (s *session) refuseExisting(ctx context.Context, ref model.Ref, overwrite bool) error {
	if overwrite {
		return nil
	}
	info, err := s.client.Head(ctx, ossapi.Object{Bucket: ref.Bucket, Key: ref.Key})
	if err != nil {
		return nil // the engine asks again and decides, and the service itself refuses to overwrite
	}
	return failf(ExitConflict, "an object %s exists: %s, stored %s", ref.URL(), model.FormatSize(info.Size), stamp(info.LastModified)).
		withNext("--overwrite replaces it")
}

// journalOf is the saved job of an upload, or nil.
func (s *session) journalOf(ref model.Ref) *model.SavedJob {
	for _, j := range s.engine.Saved() {
		if j.Ref() == ref {
			return &j
		}
	}
	return nil
}
