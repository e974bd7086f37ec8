package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"partway/model"
	"partway/ossapi"
	"partway/transfer"
)

const verifyLong = `Prove that a stored object equals a local file, without fetching it: the file is read, and its size and CRC-64 are compared
with what the service says of the object.

Where there is no object yet but an unfinished upload of the key, or with --upload-id, every part of the upload is compared with
its range of the file. Exit code 0 says that the upload holds the whole file. Nothing is sent or changed.`

const verifyExample = `  partway verify oss://my-bucket/backup.tar /data/backup.tar
  partway verify oss://my-bucket/backup.tar /data/backup.tar --upload-id 0004B9894A22E5B1888A1E29F823`

func (a *app) verifyCommand() *cobra.Command {
	var uploadID string
	cmd := &cobra.Command{
		Use:     "verify oss://BUCKET/KEY PATH",
		Short:   "Prove that an object, or what there is of it, equals a local file",
		Long:    verifyLong,
		Example: verifyExample,
		Args:    needArgs(2, 2, "an object and a path, as in verify oss://bucket/key FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.verify(cmd.Context(), args[0], args[1], uploadID)
		},
	}
	cmd.Flags().StringVar(&uploadID, "upload-id", "", "`id` of the unfinished upload to compare, instead of the object")
	return cmd
}

func (a *app) verify(ctx context.Context, url, file, uploadID string) error {
	t, err := parseTarget(url, uploadID)
	if err != nil {
		return err
	}
	path := a.absolute(file)
	source, err := transfer.OpenFile(path)
	if err != nil {
		return &failure{code: ExitUsage, err: err}
	}
	_ = source.Close() // it was only looked at
	s, err := a.connect(ctx, t.bucket)
	if err != nil {
		return err
	}
	defer s.close()
	unfinished, err := s.unfinishedInstead(ctx, t)
	if err != nil {
		return err
	}
	if err := s.startEngine(model.Limits{}); err != nil {
		return err
	}
	if unfinished != nil {
		return s.compare(ctx, *unfinished, path, &sending{}, wholeAndEqual)
	}
	r := a.newRun(s.engine)
	r.files, r.expected = 1, 1
	if err := s.engine.Do(ctx, model.Verify{Place: s.place, Key: t.key, Path: path}); err != nil {
		return problemOf(err, "verify "+t.ref().URL())
	}
	return r.drive(ctx)
}

// unfinishedInstead is the upload to compare where there is no object to verify, or where one was named; nil: verify the object.
func (s *session) unfinishedInstead(ctx context.Context, t target) (*resolved, error) {
	if t.uploadID == "" {
		_, err := s.client.Head(ctx, ossapi.Object{Bucket: t.bucket, Key: t.key})
		if ossapi.KindOf(err) != ossapi.KindNotFound {
			return nil, nil // the engine asks again, and says what is wrong
		}
		if transfer.ProblemOf(err, "").Facts.Code == "NoSuchBucket" {
			return nil, problemOf(err, "verify "+t.ref().URL())
		}
	}
	found, err := s.resolve(ctx, t)
	if f, ok := errors.AsType[*failure](err); ok && f.code == ExitNothing && t.uploadID == "" {
		return nil, failf(ExitNothing, "there is no object %s, and no unfinished upload of it", t.ref().URL())
	}
	if err != nil {
		return nil, err
	}
	return &found, nil
}
