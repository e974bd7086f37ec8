package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"partway/model"
	"partway/ossapi"
	"partway/transfer"
)

const pruneLong = `Abort the unfinished uploads that nobody has sent to for a long time, and free their parts.

What counts is the age of the newest part, never the start of the upload alone: a slow upload can be weeks old and alive.
The age is looked at once more for every upload at the moment of its abort. Uploads that another process of this machine is
working on are left alone.`

const pruneExample = `  partway prune oss://my-bucket --older-than 30d --dry-run     say what would go
  partway prune oss://my-bucket/backups/ --older-than 7d
  partway prune oss://my-bucket --older-than 30d --yes          for cron`

func (a *app) pruneCommand() *cobra.Command {
	var olderThan string
	var dryRun bool
	cmd := &cobra.Command{
		Use:     "prune oss://BUCKET[/PREFIX] --older-than AGE",
		Short:   "Abort unfinished uploads that nobody sends to any more",
		Long:    pruneLong,
		Example: pruneExample,
		Args:    needArgs(1, 1, "one bucket or prefix, as in prune oss://bucket --older-than 30d"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.prune(cmd.Context(), args[0], olderThan, dryRun)
		},
	}
	cmd.Flags().StringVar(&olderThan, "older-than", "", "`age` of the newest part, as in 7d, 2w or 36h (needed)")
	cmd.Flags().BoolVarP(&dryRun, "dry-run", "n", false, "list what would be aborted, and abort nothing")
	return cmd
}

// pruner is one run of prune.
type pruner struct {
	app  *app
	s    *session
	age  time.Duration
	here map[string]bool
}

func (a *app) prune(ctx context.Context, url, olderThan string, dryRun bool) error {
	bucket, prefix, err := model.ParseURL(url)
	if err != nil {
		return &failure{code: ExitUsage, err: err}
	}
	if olderThan == "" {
		return failf(ExitUsage, "prune needs an age: how long must nobody have sent to an upload for it to go?").withNext("--older-than 30d")
	}
	age, err := model.ParseAge(olderThan)
	if err != nil {
		return usagef("--older-than: %w", err)
	}
	s, err := a.connect(ctx, bucket)
	if err != nil {
		return err
	}
	defer s.close()
	p := &pruner{app: a, s: s, age: age}
	if p.here, err = s.knownUploads(); err != nil {
		return err
	}
	old, err := p.find(ctx, prefix)
	if err != nil {
		return err
	}
	if err := p.show(old); err != nil {
		return err
	}
	if len(old) == 0 {
		a.say("partway: no unfinished upload in %s is without a new part for %s", showURL(bucket, prefix), model.FormatDuration(age))
		return nil
	}
	held := int64(0)
	for _, u := range old {
		held += u.Held
	}
	if dryRun {
		a.say("partway: %s would be aborted, %s freed", count(len(old), "upload"), model.FormatSize(held))
		return nil
	}
	question := fmt.Sprintf("Abort %s in %s? %s are freed and cannot be brought back.", count(len(old), "unfinished upload"), showURL(bucket, prefix), model.FormatSize(held))
	if err := a.confirm(question, expectedAnswer(len(old))); err != nil {
		return err
	}
	return p.abort(ctx, old)
}

// find lists the uploads that are old enough. One that was begun later than that cannot have an older part, so its parts need not
// be listed.
func (p *pruner) find(ctx context.Context, prefix string) ([]model.Leftover, error) {
	var old []model.Leftover
	request := ossapi.ListUploadsRequest{Bucket: p.s.place.Bucket, Prefix: prefix}
	for page, err := range transfer.ListUploads(ctx, p.s.client, request, listPolicy()) {
		if err != nil {
			return nil, problemOf(err, "list the unfinished uploads of oss://"+p.s.place.Bucket)
		}
		now := p.app.env.Now()
		var candidates []model.Leftover
		for _, u := range page.Uploads {
			// A start that the server does not tell is not taken for an old one.
			if !u.Initiated.IsZero() && now.Sub(u.Initiated) >= p.age {
				candidates = append(candidates, model.Leftover{Ref: model.Ref{Bucket: request.Bucket, Key: u.Key, UploadID: u.UploadID},
					Initiated: u.Initiated, StorageClass: u.StorageClass})
			}
		}
		if err := p.s.measure(ctx, candidates, now); err != nil {
			return nil, err
		}
		for _, u := range candidates {
			if u.Failure != "" {
				p.app.warn("%s is left alone: its parts could not be listed: %s", showURL(u.Ref.Bucket, u.Ref.Key), sentence(u.Failure))
			}
		}
		old = append(old, slices.DeleteFunc(candidates, func(u model.Leftover) bool { return !p.isOld(u, now) })...)
	}
	return old, nil
}

// isOld is the rule: measured, there, and without a new part for the age.
func (p *pruner) isOld(u model.Leftover, now time.Time) bool {
	return u.Measured && !u.Vanished && now.Sub(u.LastActivity()) >= p.age
}

// show writes the uploads that would go.
func (p *pruner) show(old []model.Leftover) error {
	now := p.app.env.Now()
	t := newTable(p.app.out, "KEY", "UPLOAD ID", "STARTED", "LAST PART", "IDLE", "PARTS", "HELD")
	twins := countTwins(old)
	for _, u := range old {
		if p.app.events != nil {
			verdicts := model.Judge(u, now, twins[u.Ref.Key], model.JudgeOptions{})
			if err := p.app.events.write(p.app.uploadEvent("candidate", u, p.here[u.Ref.UploadID], verdicts)); err != nil {
				return err
			}
			continue
		}
		t.add(clean(u.Ref.Key), clean(u.Ref.UploadID), stamp(u.Initiated), stamp(u.LastPart), model.FormatDuration(now.Sub(u.LastActivity())),
			fmt.Sprint(u.Parts), model.FormatSize(u.Held))
	}
	return t.flush()
}

// abort aborts the uploads one by one, each looked at again right before.
func (p *pruner) abort(ctx context.Context, old []model.Leftover) error {
	if err := p.s.startEngine(model.Limits{}); err != nil {
		return err
	}
	r := p.app.newRun(p.s.engine)
	r.files = len(old)
	r.next = func(ctx context.Context) (int, bool, error) {
		if len(old) == 0 {
			return 0, false, nil
		}
		u := old[0]
		old = old[1:]
		if why := p.stillOld(ctx, u); why != nil {
			if errors.Is(why, errLeave) {
				r.files--
				p.app.say("left     %s  %s", showURL(u.Ref.Bucket, u.Ref.Key), sentence(why.Error()))
				return 0, true, nil
			}
			return 0, true, &refusedFile{path: u.Ref.URL(), ref: u.Ref, place: p.s.place, err: why}
		}
		return p.s.abortOne(ctx, u.Ref)
	}
	return r.drive(ctx)
}

// errLeave is the reason to leave an upload alone that was to be aborted.
var errLeave = errors.New("left alone")

// stillOld looks at an upload again: between the question and the abort hours may have passed.
func (p *pruner) stillOld(ctx context.Context, u model.Leftover) error {
	if saved := p.s.journalOf(u.Ref); saved != nil && saved.Owner != nil {
		return fmt.Errorf("%w: process %d on %s is working on it", errLeave, saved.Owner.PID, saved.Owner.Host)
	}
	now := p.app.env.Now()
	again := u
	if err := p.s.measureOne(ctx, &again, now); err != nil {
		return err
	}
	switch {
	case again.Vanished:
		return fmt.Errorf("%w: it is gone already", errLeave)
	case again.Failure != "":
		return errors.New(again.Failure)
	case !p.isOld(again, now):
		return fmt.Errorf("%w: a part arrived %s ago", errLeave, model.FormatDuration(now.Sub(again.LastActivity())))
	}
	return nil
}
