package cli

import (
	"context"

	"github.com/spf13/cobra"

	"partway/model"
	"partway/ossapi"
	"partway/transfer"
)

const verifyLong = `Prove that a stored object equals a local file, without fetching it: the file is read, and its size and CRC-64 are compared
with what the service says of the object.`

const verifyExample = `  partway verify oss://my-bucket/backup.tar /data/backup.tar`

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "verify oss://BUCKET/KEY PATH",
		Short:   "Prove that an object equals a local file",
		Long:    verifyLong,
		Example: verifyExample,
		Args:    needArgs(2, 2, "an object and a path, as in verify oss://bucket/key FILE"),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.verify(cmd.Context(), args[0], args[1]) },
	}
}

func (a *app) verify(ctx context.Context, url, file string) error {
	t, err := parseTarget(url, "")
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
	if _, err := s.client.Head(ctx, ossapi.Object{Bucket: t.bucket, Key: t.key}); ossapi.KindOf(err) == ossapi.KindNotFound {
		f := failf(ExitNothing, "there is no object %s", t.ref().URL())
		if answer := transfer.ProblemOf(err, ""); answer.Facts.Code == "NoSuchBucket" {
			return problemOf(err, "verify "+t.ref().URL())
		}
		return f
	}
	if err := s.startEngine(model.Limits{}); err != nil {
		return err
	}
	r := a.newRun(s.engine)
	r.files, r.expected = 1, 1
	if err := s.engine.Do(ctx, model.Verify{Place: s.place, Key: t.key, Path: path}); err != nil {
		return problemOf(err, "verify "+t.ref().URL())
	}
	return r.drive(ctx)
}
