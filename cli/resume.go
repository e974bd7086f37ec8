package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"partway/model"
	"partway/transfer"
)

// resumeFlags are the flags of resume.
type resumeFlags struct {
	all                 bool
	file, uploadID      string
	ifChanged, ifExists string
	limit               string
	parts, jobs         int
	partSize            string
	compareOnly         bool
	imports, search     []string
}

const resumeLong = `Go on with interrupted uploads. What the service holds is compared with the local file, what is equal stays, and only what
is missing is sent.

--all goes on with every upload that the journals of this machine know and no other process works on. A TARGET is one of
them, named by its key.

With --file an upload that the journals do not know is adopted: begun by another tool, on another machine, or with its
journal lost. Every part is compared with the file; nothing is believed for its number. If no part equals the file, nothing is
sent. --compare-only says what is equal and what would be sent, and changes nothing.

--import goes on with the uploads that ossutil 1 (in .ossutil_checkpoint), ossutil 2 (in its --checkpoint-dir), the Python SDK (in
~/.py-oss-upload) and other programs of the OSS SDK left checkpoints of. Only the upload id and the path in them are believed.

--search finds the file of an upload: files of its name first, then those that are large enough. One is chosen if its bytes equal
a part of the upload; of several that do, you choose.`

const resumeExample = `  partway resume --all
  partway resume oss://my-bucket/backup.tar
  partway resume oss://my-bucket/backup.tar --file /data/backup.tar
  partway resume oss://my-bucket/backup.tar --search /data --search /mnt
  partway resume oss://my-bucket --import ~/jobs
  partway resume oss://my-bucket/backup.tar --if-changed match`

func (a *app) resumeCommand() *cobra.Command {
	f := &resumeFlags{}
	cmd := &cobra.Command{
		Use:     "resume TARGET... | --all | --import DIR",
		Aliases: []string{"go", "adopt"},
		Short:   "Go on with interrupted uploads, or adopt one",
		Long:    resumeLong,
		Example: resumeExample,
		RunE:    func(cmd *cobra.Command, args []string) error { return a.resume(cmd.Context(), args, f) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.all, "all", false, "go on with everything that was interrupted")
	flags.StringVar(&f.file, "file", "", "local `path` of the file; adopts the upload")
	flags.StringArrayVar(&f.search, "search", nil, "`folder` to find the file of the upload in; may be repeated")
	flags.StringArrayVar(&f.imports, "import", nil, "`folder` with checkpoints of other tools; may be repeated")
	flags.BoolVar(&f.compareOnly, "compare-only", false, "with --file: compare, say what would be sent, and send nothing")
	flags.StringVar(&f.uploadID, "upload-id", "", "`id` of the upload, where the key has several")
	flags.StringVar(&f.partSize, "part-size", "", "`size` of the parts of an adopted upload, where the parts there do not tell it")
	flags.StringVar(&f.ifChanged, "if-changed", "stop", "where the file changed since: stop, match (keep equal parts) or restart")
	flags.StringVar(&f.ifExists, "if-exists", "fail", "for an adopted upload, where an object of the key exists: fail, skip or overwrite")
	flags.StringVar(&f.limit, "limit", "", "bandwidth limit in bytes a second, as in 20M")
	flags.IntVar(&f.parts, "parts", 0, "parts at once over all files (found while sending)")
	flags.IntVar(&f.jobs, "jobs", 0, "files at once (3)")
	return cmd
}

func (a *app) resume(ctx context.Context, args []string, f *resumeFlags) error {
	switch {
	case len(f.imports) > 0 && (f.all || f.file != "" || f.uploadID != "" || f.compareOnly || len(f.search) > 0):
		return usagef("--import names its uploads and files itself: leave --all, --file, --upload-id, --compare-only and --search away")
	case len(f.search) > 0 && (f.all || f.file != "" || len(args) != 1):
		return usagef("--search finds the file of one target: name the target, and leave --file and --all away")
	case len(f.imports) > 0: // with a bucket or without
	case f.all && len(args) > 0:
		return usagef("--all goes on with everything: leave the targets away")
	case !f.all && len(args) == 0:
		return failf(ExitUsage, "resume what? name an upload, or give --all").withNext("partway resume --all", "partway resume oss://bucket/key")
	case f.file != "" && len(args) != 1:
		return usagef("--file belongs to one target")
	case f.compareOnly && f.file == "" && len(f.search) == 0:
		return usagef("--compare-only wants to know the file: give --file PATH")
	}
	// The checks of put suit the flags that both have.
	options, err := (&putFlags{limit: f.limit, parts: f.parts, jobs: f.jobs, partSize: f.partSize, ifExists: f.ifExists, ifChanged: f.ifChanged}).resolve()
	if err != nil {
		return err
	}
	switch {
	case f.all:
		return a.resumeAll(ctx, options)
	case len(f.imports) > 0:
		return a.importCheckpoints(ctx, args, f, options)
	}
	targets, err := parseTargets(args, f.uploadID)
	if err != nil {
		return err
	}
	s, err := a.connect(ctx, targets[0].bucket)
	if err != nil {
		return err
	}
	defer s.close()
	options.forAdoption(s, f)
	if err := s.startEngine(options.limits); err != nil {
		return err
	}
	if f.file != "" || len(f.search) > 0 {
		return s.resumeWith(ctx, targets[0], f, options)
	}
	var jobs []model.SavedJob
	for _, t := range targets {
		saved, err := s.savedFor(t)
		if err != nil {
			return err
		}
		jobs = append(jobs, saved)
	}
	return s.goOn(ctx, jobs, options)
}

// forAdoption takes from the profile what was not typed, but for the size of the parts: those of an upload that is there have
// theirs, and another one would only hide where they lie.
func (o *sending) forAdoption(s *session, f *resumeFlags) {
	o.withDefaults(s)
	if f.partSize == "" {
		o.send.PartSize = 0
	}
}

// resumeWith adopts an upload with a file that was named, or is searched for; or only compares them.
func (s *session) resumeWith(ctx context.Context, t target, f *resumeFlags, options *sending) error {
	file := s.app.absolute(f.file)
	if len(f.search) == 0 && !f.compareOnly {
		return s.adopt(ctx, t, file, options)
	}
	found, err := s.resolve(ctx, t)
	if err != nil {
		return err
	}
	if len(f.search) > 0 {
		if file, err = s.searchFile(ctx, found, f.search, options); err != nil {
			return err
		}
		t.uploadID = found.ref.UploadID
	}
	if f.compareOnly {
		return s.compare(ctx, found, file, options, adoptable)
	}
	return s.adopt(ctx, t, file, options)
}

// savedFor finds the saved job that a target means.
func (s *session) savedFor(t target) (model.SavedJob, error) {
	var found []model.SavedJob
	for _, j := range s.engine.Saved() {
		if j.Intent.Place.Bucket == t.bucket && j.Intent.Key == t.key && (t.uploadID == "" || j.UploadID == t.uploadID) {
			found = append(found, j)
		}
	}
	switch len(found) {
	case 1:
		if found[0].Intent.Stream {
			return model.SavedJob{}, failf(ExitConflict, "%s was a stream, and its bytes cannot be read again: it can only be started over", t.ref().URL()).
				withNext(s.app.streamWays(found[0].Ref())...)
		}
		return found[0], nil
	case 0:
		return model.SavedJob{}, failf(ExitNothing, "%s is not among the interrupted uploads of this machine", t.ref().URL()).
			withNext(s.app.again("resume", t.ref().URL(), "--file", "PATH")+" adopts an upload of the bucket",
				s.app.again("ls", "oss://"+t.bucket)+" lists what is in the bucket")
	}
	f := failf(ExitConflict, "%s was begun %d times", t.ref().URL(), len(found))
	for _, j := range found {
		f.withNext(fmt.Sprintf("--upload-id %s  (%s of %s, begun %s)", j.UploadID, count(len(j.Parts), "part"), j.Intent.Source.Path, stamp(j.Begun)))
	}
	return model.SavedJob{}, f
}

// resumeAll goes on with every saved job. It needs no bucket on the command line: the journals know theirs.
func (a *app) resumeAll(ctx context.Context, options *sending) error {
	s := &session{app: a, doors: map[model.Place]door{}}
	defer s.close()
	if err := s.startEngine(options.limits); err != nil {
		return err
	}
	var jobs []model.SavedJob
	for _, j := range s.engine.Saved() {
		switch {
		case j.Owner != nil:
			a.say("left     %s  process %d on %s is working on it", showURL(j.Intent.Place.Bucket, j.Intent.Key), j.Owner.PID, clean(j.Owner.Host))
		case j.ReadOnly:
			a.warn("%s was begun by a newer version of partway, which has to finish it", showURL(j.Intent.Place.Bucket, j.Intent.Key))
		case j.Intent.Stream:
			a.say("left     %s  was a stream and can only be started over", showURL(j.Intent.Place.Bucket, j.Intent.Key))
			for _, way := range a.streamWays(j.Ref()) {
				a.say("         %s", way)
			}
		default:
			jobs = append(jobs, j)
		}
	}
	if len(jobs) == 0 {
		a.say("partway: nothing was interrupted")
		return nil
	}
	return s.goOn(ctx, jobs, options)
}

// goOn puts saved jobs into the queue, a window at a time, and waits for them.
func (s *session) goOn(ctx context.Context, jobs []model.SavedJob, options *sending) error {
	r := s.app.newRun(s.engine)
	r.files, r.forgets = len(jobs), true
	for _, j := range jobs {
		r.bytes += j.Intent.Source.Size
	}
	r.next = func(ctx context.Context) (int, bool, error) {
		if len(jobs) == 0 {
			return 0, false, nil
		}
		j := jobs[0]
		jobs = jobs[1:]
		if err := s.engine.TakeSaved(ctx, j.ID); err != nil {
			return 0, true, &refusedFile{path: j.Intent.Source.Path, size: j.Intent.Source.Size, ref: j.Ref(), place: j.Intent.Place, err: err}
		}
		return 1, true, nil
	}
	r.react = s.meetChange(options.ifChanged)
	return r.drive(ctx)
}

// meetChange tells the engine once for each job what to do with a file that changed.
func (s *session) meetChange(wish model.IfChanged) func(model.Job, time.Time) bool {
	if wish == model.IfChangedStop {
		return nil
	}
	told := map[model.JobID]time.Time{}
	return func(j model.Job, at time.Time) bool {
		if j.Status != model.StatusChanged {
			return false
		}
		when, already := told[j.ID]
		if already {
			return !at.After(when) // the snapshot is from before
		}
		told[j.ID] = s.app.env.Now()
		return s.engine.Do(context.Background(), model.Go{Jobs: []model.JobID{j.ID}, IfChanged: wish}) == nil
	}
}

// warnOfSenders says where somebody else may still be sending to an upload that is to be gone on with.
func (s *session) warnOfSenders(ref model.Ref, list model.PartList) {
	newest := list.Newest()
	if age := s.app.env.Now().Sub(newest); !newest.IsZero() && age < model.DefaultAlive {
		s.app.warn("the newest part of %s arrived %s ago: somebody may be sending to it, and two senders of one upload get in each other's way",
			showURL(ref.Bucket, ref.Key), model.FormatDuration(max(age, 0)))
	}
}

// adopt takes over an upload of the bucket with a local file.
func (s *session) adopt(ctx context.Context, t target, file string, options *sending) error {
	path := s.app.absolute(file)
	source, err := transfer.OpenFile(path)
	if err != nil {
		return failf(ExitUsage, "%w", err).withNext("give the path of the file that the upload is of")
	}
	print, err := source.Fingerprint()
	_ = source.Close() // it was only looked at
	if err != nil {
		return err
	}
	found, err := s.resolve(ctx, t)
	if err != nil {
		return err
	}
	s.warnOfSenders(found.ref, found.list)
	question := fmt.Sprintf("Go on with %s (upload id %s: %s) from %s, %s? Parts that equal the file stay, the others are sent, and the upload is completed.",
		showURL(t.bucket, t.key), clean(found.ref.UploadID), describeParts(found.list), clean(path), model.FormatSize(print.Size))
	if err := s.app.confirm(question, expectedAnswer(1)); err != nil {
		return err
	}
	r := s.app.newRun(s.engine)
	r.files, r.bytes = 1, print.Size
	err = s.engine.Do(ctx, model.Adopt{Place: s.place, Ref: found.ref, Path: path, Send: options.send, IfExists: options.write.IfExists})
	if err != nil {
		r.reject(&refusedFile{path: path, size: print.Size, ref: found.ref, place: s.place, err: err})
	} else {
		r.expected = 1
	}
	r.react = s.meetChange(options.ifChanged)
	return r.drive(ctx)
}
