package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"partway/model"
	"partway/ossapi"
	"partway/transfer"
)

// measuresAtOnce is how many uploads are measured at the same time: enough to hide the way to the service, too few to be throttled.
const measuresAtOnce = 8

// listFlags are the flags of ls.
type listFlags struct {
	measure bool
	sort    string
	limit   int
}

const listLong = `List the unfinished uploads of a bucket: what was begun and neither completed nor aborted, by anybody. Their parts are
stored and paid for, and they keep a bucket from being deleted, but no list of objects shows them.

What an upload holds is only known after its parts were listed, one request for every thousand: --measure does that and adds
parts, bytes, gaps, the time of the newest part and a verdict.

FILTER words must all match: a word is part of the key, then age>7d, idle>1h, held>1G, parts>5, gaps>0, class:IA,
from:here (known to this machine) or from:?, id:PREFIX, key~REGEXP; ! negates and | is or. Those about parts need --measure
and switch it on.

With --quiet only oss://BUCKET/KEY, a tab and the upload id are written, for other programs.`

const listExample = `  partway ls oss://my-bucket
  partway ls oss://my-bucket/backups/ --measure --sort held
  partway ls oss://my-bucket 'idle>30d held>1G'
  partway ls oss://my-bucket --json | jq -r .upload_id`

func (a *app) listCommand() *cobra.Command {
	f := listFlags{}
	cmd := &cobra.Command{
		Use:     "ls [oss://BUCKET[/PREFIX]] [FILTER...]",
		Aliases: []string{"list"},
		Short:   "List unfinished uploads",
		Long:    listLong,
		Example: listExample,
		RunE:    func(cmd *cobra.Command, args []string) error { return a.list(cmd.Context(), args, f) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.measure, "measure", false, "list the parts of every upload as well")
	flags.StringVar(&f.sort, "sort", "key", "order: key, age, held, parts, gaps or idle; a leading - reverses it")
	flags.IntVar(&f.limit, "limit-count", 0, "write at most so many uploads")
	return cmd
}

// lister is one run of ls.
type lister struct {
	app    *app
	s      *session
	flags  listFlags
	filter model.Filter
	here   map[string]bool // upload ids that a journal knows
	now    time.Time

	listed, written int
	held            int64
	measured        int
	failed          int
	table           *table
}

func (a *app) list(ctx context.Context, args []string, flags listFlags) error {
	bucket, prefix, words := "", "", args
	if len(args) > 0 && strings.HasPrefix(args[0], "oss://") {
		var err error
		if bucket, prefix, err = model.ParseURL(args[0]); err != nil {
			return &failure{code: ExitUsage, err: err}
		}
		words = args[1:]
	}
	filter, err := model.ParseFilter(strings.Join(words, " "))
	if err != nil {
		return &failure{code: ExitUsage, err: err, next: []string{"partway ls --help explains filters"}}
	}
	if err := oneOf("--sort", strings.TrimPrefix(flags.sort, "-"), "key", "age", "held", "parts", "gaps", "idle"); err != nil {
		return err
	}
	if needsParts(filter) || slices.Contains([]string{"held", "parts", "gaps", "idle"}, strings.TrimPrefix(flags.sort, "-")) {
		flags.measure = true
	}
	s, err := a.connect(ctx, bucket)
	if err != nil {
		if s != nil {
			_ = s.close()
			return (&failure{code: ExitUsage, err: err}).withNext("partway ls oss://my-bucket")
		}
		return err
	}
	defer s.close()
	here, err := s.knownUploads()
	if err != nil {
		return err
	}
	l := &lister{app: a, s: s, flags: flags, filter: filter, here: here, now: a.env.Now()}
	return l.run(ctx, prefix)
}

// needsParts reports whether a filter asks for what only a listing of the parts tells.
func needsParts(f model.Filter) bool {
	text := f.String()
	for _, word := range []string{"idle", "held", "parts", "gaps"} {
		for _, sign := range []string{">", "<", "=", ":"} {
			if strings.Contains(text, word+sign) {
				return true
			}
		}
	}
	return false
}

// knownUploads are the ids of the uploads that the journals of this user hold.
func (s *session) knownUploads() (map[string]bool, error) {
	jobs, err := s.savedJobs()
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, j := range jobs {
		if j.UploadID != "" {
			known[j.UploadID] = true
		}
	}
	return known, nil
}

func (l *lister) run(ctx context.Context, prefix string) error {
	l.table = l.newTable()
	var all []model.Leftover
	// In the order of the service nothing needs to be kept: pages are written as they come.
	streams := l.flags.sort == "key"
	request := ossapi.ListUploadsRequest{Bucket: l.s.place.Bucket, Prefix: prefix}
	for page, err := range transfer.ListUploads(ctx, l.s.client, request, listPolicy()) {
		if err != nil {
			return problemOf(err, "list the unfinished uploads of oss://"+l.s.place.Bucket)
		}
		found, err := l.page(ctx, page)
		if err != nil {
			return err
		}
		if !streams {
			all = append(all, found...)
			continue
		}
		if done, err := l.write(found); done || err != nil {
			return l.finish(err, prefix)
		}
	}
	l.sort(all)
	_, err := l.write(all)
	return l.finish(err, prefix)
}

// page measures the uploads of a page, if that is wanted, and applies the filter.
func (l *lister) page(ctx context.Context, page ossapi.UploadsPage) ([]model.Leftover, error) {
	found := make([]model.Leftover, 0, len(page.Uploads))
	for _, u := range page.Uploads {
		found = append(found, model.Leftover{Ref: model.Ref{Bucket: l.s.place.Bucket, Key: u.Key, UploadID: u.UploadID},
			Initiated: u.Initiated, StorageClass: u.StorageClass})
	}
	l.listed += len(found)
	if l.flags.measure {
		if err := l.s.measure(ctx, found, l.now); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(found, func(u model.Leftover) bool { return u.Vanished || !l.filter.Match(l.subject(u)) }), nil
}

func (l *lister) subject(u model.Leftover) model.FilterSubject {
	from := "?"
	if l.here[u.Ref.UploadID] {
		from = "here"
	}
	status := model.StatusUnknown
	if u.Measured && l.now.Sub(u.LastActivity()) >= 7*24*time.Hour {
		status = model.StatusStale
	}
	return model.FilterSubject{Key: u.Ref.Key, UploadID: u.Ref.UploadID, From: from, Class: u.StorageClass, Status: status,
		Age: l.now.Sub(u.Initiated), Idle: l.now.Sub(u.LastActivity()), IdleKnown: u.Measured,
		Size: -1, Held: u.Held, HeldKnown: u.Measured, Parts: u.Parts, Gaps: u.Gaps}
}

// measure lists the parts of uploads, several at a time. An upload that cannot be measured says why and is no error; one whose
// listing no right exists for ends it, since every other would answer the same.
func (s *session) measure(ctx context.Context, uploads []model.Leftover, now time.Time) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(measuresAtOnce)
	for i := range uploads {
		group.Go(func() error { return s.measureOne(inner, &uploads[i], now) })
	}
	return group.Wait()
}

func (s *session) measureOne(ctx context.Context, u *model.Leftover, now time.Time) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	list, err := transfer.ListParts(ctx, s.client, u.Ref, listPolicy())
	switch ossapi.KindOf(err) {
	case ossapi.KindNone:
	case ossapi.KindGone:
		u.Vanished = true
		return nil
	case ossapi.KindDenied, ossapi.KindCredentials, ossapi.KindClock, ossapi.KindCanceled:
		return problemOf(err, "list the parts of "+u.Ref.URL())
	default:
		u.Failure = err.Error()
		return nil
	}
	gaps := list.Gaps()
	u.Measured, u.MeasuredAt = true, now
	u.Parts, u.Held, u.LastPart = len(list.Parts), list.Bytes(), list.Newest()
	u.Gaps, u.GapList, u.TooSmall = gaps.Count(), gaps.String(), len(list.Small())
	if len(list.Parts) > 0 {
		u.Highest = list.Parts[len(list.Parts)-1].Number
	}
	return nil
}

func (l *lister) sort(uploads []model.Leftover) {
	name, reverse := strings.CutPrefix(l.flags.sort, "-")
	slices.SortStableFunc(uploads, func(a, b model.Leftover) int {
		order := 0
		switch name {
		case "age":
			order = a.Initiated.Compare(b.Initiated) // the oldest first
		case "idle":
			order = a.LastActivity().Compare(b.LastActivity())
		case "held":
			order = cmp.Compare(b.Held, a.Held) // the largest first
		case "parts":
			order = cmp.Compare(b.Parts, a.Parts)
		case "gaps":
			order = cmp.Compare(b.Gaps, a.Gaps)
		}
		if order == 0 {
			order = cmp.Compare(a.Ref.Key, b.Ref.Key)
		}
		if reverse {
			return -order
		}
		return order
	})
}

// write writes uploads until the limit is reached, which it reports.
func (l *lister) write(uploads []model.Leftover) (done bool, err error) {
	twins := countTwins(uploads)
	for _, u := range uploads {
		if l.flags.limit > 0 && l.written == l.flags.limit {
			return true, l.table.flush()
		}
		l.written++
		if u.Measured {
			l.measured++
			l.held += u.Held
		}
		if u.Failure != "" {
			l.failed++
		}
		if err := l.writeOne(u, twins[u.Ref.Key]); err != nil {
			return true, err
		}
	}
	return false, l.table.flush()
}

// countTwins counts the uploads of each key. Uploads of one key stand together in a listing, so that a page is enough but for its
// edge.
func countTwins(uploads []model.Leftover) map[string]int {
	twins := make(map[string]int, len(uploads))
	for _, u := range uploads {
		twins[u.Ref.Key]++
	}
	return twins
}

func (l *lister) writeOne(u model.Leftover, twins int) error {
	verdicts := model.Judge(u, l.now, twins, model.JudgeOptions{})
	switch {
	case l.app.events != nil:
		return l.app.events.write(l.app.uploadEvent("upload", u, l.here[u.Ref.UploadID], verdicts))
	case l.app.global.quiet:
		_, err := fmt.Fprintf(l.app.out, "oss://%s/%s\t%s\n", clean(u.Ref.Bucket), clean(u.Ref.Key), clean(u.Ref.UploadID))
		return err
	}
	row := []string{clean(u.Ref.Key), clean(u.Ref.UploadID), stamp(u.Initiated), model.FormatDuration(l.now.Sub(u.Initiated))}
	switch {
	case !l.flags.measure:
	case u.Failure != "":
		row = append(row, "?", "?", "?", "?", sentence(u.Failure))
	default:
		row = append(row, fmt.Sprint(u.Parts), model.FormatSize(u.Held), fmt.Sprint(u.Gaps), stamp(u.LastPart), model.JoinVerdicts(verdicts))
	}
	l.table.add(row...)
	return nil
}

// uploadEvent is an unfinished upload as an event.
func (a *app) uploadEvent(name string, u model.Leftover, here bool, verdicts []model.Verdict) uploadEvent {
	e := uploadEvent{header: a.events.header(name), Ref: u.Ref, Initiated: u.Initiated.UTC(), StorageClass: u.StorageClass, Here: here,
		Measured: u.Measured, GapList: u.GapList, Failure: u.Failure}
	if u.Measured {
		e.Parts, e.Held, e.Gaps = &u.Parts, &u.Held, &u.Gaps
		if !u.LastPart.IsZero() {
			last := u.LastPart.UTC()
			e.LastPart = &last
		}
		for _, v := range verdicts {
			e.Verdicts = append(e.Verdicts, string(v))
		}
	}
	return e
}

func (l *lister) newTable() *table {
	columns := []string{"KEY", "UPLOAD ID", "STARTED", "AGE"}
	if l.flags.measure {
		columns = append(columns, "PARTS", "HELD", "GAPS", "LAST PART", "VERDICT")
	}
	return newTable(l.app.out, columns...)
}

// finish says what was listed.
func (l *lister) finish(err error, prefix string) error {
	if err != nil {
		return err
	}
	where := showURL(l.s.place.Bucket, prefix)
	switch {
	case l.written > 0:
		text := count(l.written, "unfinished upload")
		if l.flags.measure {
			text += fmt.Sprintf(", %s in %d measured", model.FormatSize(l.held), l.measured)
		} else {
			text += " (--measure says what they hold)"
		}
		if l.flags.limit > 0 && l.written == l.flags.limit {
			text += ", more may be there"
		}
		l.app.say("partway: %s", text)
	case l.listed > 0 || !l.filter.Empty():
		return failf(ExitNothing, "none of %s of %s matches the filter", count(l.listed, "unfinished upload"), where)
	default:
		l.app.say("partway: no unfinished upload in %s", where)
	}
	if l.failed > 0 {
		l.app.warn("%s could not be measured", count(l.failed, "upload"))
		return reported{code: ExitFailed}
	}
	return nil
}
