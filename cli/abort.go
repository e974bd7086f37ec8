package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"partway/model"
)

const abortLong = `Free the parts of unfinished uploads. They cannot be brought back. The objects that exist are not touched.

An upload that somebody is sending to is aborted as well, so look at the time of its newest part first. The abort is repeated
until the service lists nothing any more, because parts that are on the way when an upload is aborted survive it.`

const abortExample = `  partway abort oss://my-bucket/backup.tar
  partway abort oss://my-bucket/backup.tar --upload-id 0004B9895DBBB6EC98E36 --yes
  partway prune oss://my-bucket --older-than 30d --dry-run      by age instead`

func (a *app) abortCommand() *cobra.Command {
	var uploadID string
	cmd := &cobra.Command{
		Use:     "abort TARGET...",
		Short:   "Free the parts of unfinished uploads",
		Long:    abortLong,
		Example: abortExample,
		Args:    needArgs(1, -1, "one or more targets, as in abort oss://bucket/key"),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.abort(cmd.Context(), args, uploadID) },
	}
	cmd.Flags().StringVar(&uploadID, "upload-id", "", "`id` of the upload, where the key has several")
	return cmd
}

func (a *app) abort(ctx context.Context, args []string, uploadID string) error {
	targets, err := parseTargets(args, uploadID)
	if err != nil {
		return err
	}
	s, err := a.connect(ctx, targets[0].bucket)
	if err != nil {
		return err
	}
	defer s.close()
	var all []resolved
	for _, t := range targets {
		found, err := s.resolve(ctx, t)
		if err != nil {
			return err
		}
		all = append(all, found)
	}
	if err := s.startEngine(model.Limits{}); err != nil {
		return err
	}
	if err := a.confirm(a.abortQuestion(all), expectedAnswer(len(all))); err != nil {
		return err
	}
	r := a.newRun(s.engine)
	r.files = len(all)
	r.next = func(ctx context.Context) (int, bool, error) {
		if len(all) == 0 {
			return 0, false, nil
		}
		found := all[0]
		all = all[1:]
		return s.abortOne(ctx, found.ref)
	}
	return r.drive(ctx)
}

// abortOne hands one upload to the engine to be aborted.
func (s *session) abortOne(ctx context.Context, ref model.Ref) (jobs int, more bool, err error) {
	if err := s.engine.Do(ctx, model.Abort{Place: s.place, Refs: []model.Ref{ref}}); err != nil {
		return 0, true, &refusedFile{path: ref.URL(), ref: ref, place: s.place, err: err}
	}
	return 1, true, nil
}

// abortQuestion says what would be lost, and whether somebody seems to be sending.
func (a *app) abortQuestion(all []resolved) string {
	var b strings.Builder
	var held int64
	now := a.env.Now()
	for i, r := range all {
		held += r.list.Bytes()
		if i == longLists {
			fmt.Fprintf(&b, "and %d more\n", len(all)-i)
		}
		if i >= longLists {
			continue
		}
		fmt.Fprintf(&b, "%s  upload id %s  %s\n", showURL(r.ref.Bucket, r.ref.Key), clean(r.ref.UploadID), describeParts(r.list))
		if newest := r.list.Newest(); !newest.IsZero() && now.Sub(newest) < model.DefaultAlive {
			fmt.Fprintf(&b, "  its newest part arrived %s ago: somebody may be sending to it\n", model.FormatDuration(max(now.Sub(newest), 0)))
		}
	}
	fmt.Fprintf(&b, "Abort %s? %s are freed and cannot be brought back.", count(len(all), "upload"), model.FormatSize(held))
	return b.String()
}
