package cli

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"partway/model"
)

// putFlags are the flags of put as they were typed.
type putFlags struct {
	include, exclude []string
	partSize, limit  string
	parts, jobs      int
	write            model.WriteOptions
	meta, tags       []string
	ifExists         string
	ifChanged        string
	followSymlinks   bool
	noMD5, dryRun    bool
	stream           streamFlags
}

const putLong = `Send files and folders to a bucket, in parts.

A target that ends in / (or is the bucket alone) is a folder: a file keeps its name below it, and of a folder the files
inside are put below it, with their paths relative to that folder. Any other target is the key of a single file.

The command may be run again at any time, after an interruption of any kind: a file that was begun goes on with the parts
that are missing. What is stored is proved by its CRC-64 before it is called done. An object that exists is not touched
unless --if-exists says so.

Symbolic links inside folders are not followed (--follow-symlinks does), and FIFOs, devices and the like are left out with
the reason. Patterns are globs: one without a slash is compared with the name alone (*.tmp), one with a slash with the path
relative to the folder (logs/**/*.gz). --exclude wins over --include.

The path - is standard input: a stream of any length up to 46 TiB. Parts begin at 16 MiB and grow with what was sent, five are held
at once (--parts), in memory, at most 512 MiB of it; --spool DIR holds them on the disk and is needed beyond 4.5 TiB, and
--expected-size chooses their size better. The object is completed when the stream ends, so a producer that dies must not look like
an end: use "set -o pipefail" and --fail-on-empty, and check the exit code. A stream cannot be rewound: one that is interrupted has
to be started over, and its upload is left with its parts to be aborted or completed by hand.`

const putExample = `  partway put backup.tar oss://my-bucket/2026/                     becomes 2026/backup.tar
  partway put backup.tar oss://my-bucket/2026/latest.tar           becomes 2026/latest.tar
  partway put photos/ oss://my-bucket/photos/ --exclude '*.tmp'    all files inside photos
  partway put db.dump oss://my-bucket/ --limit 20M --storage-class IA
  partway put photos/ oss://my-bucket/photos/ --dry-run            say what would be sent
  set -o pipefail; pg_dump db | partway put - oss://my-bucket/db.dump --fail-on-empty`

func (a *app) putCommand() *cobra.Command {
	f := &putFlags{}
	cmd := &cobra.Command{
		Use:     "put PATH... oss://BUCKET/[PREFIX/ | KEY]",
		Short:   "Send files and folders",
		Long:    putLong,
		Example: putExample,
		Args:    needArgs(2, -1, "one or more paths and the target, as in put FILE oss://bucket/prefix/"),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.put(cmd.Context(), args, f) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.include, "include", nil, "send only files that match the `glob`; may be repeated")
	flags.StringArrayVar(&f.exclude, "exclude", nil, "leave out files and folders that match the `glob`; may be repeated")
	flags.StringVar(&f.partSize, "part-size", "", "`size` of a part, 100K to 5G (chosen to fit, 16M and more)")
	flags.IntVar(&f.parts, "parts", 0, "parts at once over all files (found while sending)")
	flags.IntVar(&f.jobs, "jobs", 0, "files at once (3)")
	flags.StringVar(&f.limit, "limit", "", "bandwidth limit in bytes a second, as in 20M")
	flags.StringVar(&f.write.StorageClass, "storage-class", "", "Standard, IA, Archive, ColdArchive or DeepColdArchive")
	flags.StringArrayVar(&f.meta, "meta", nil, "metadata of the objects, `name=value`; may be repeated")
	flags.StringArrayVar(&f.tags, "tag", nil, "tag of the objects, `name=value`; at most ten")
	flags.StringVar(&f.write.ACL, "acl", "", "default, private, public-read or public-read-write")
	flags.StringVar(&f.write.SSE, "sse", "", "server-side encryption: AES256, KMS or SM4")
	flags.StringVar(&f.write.SSEKeyID, "sse-key-id", "", "`id` of the KMS key")
	flags.StringVar(&f.write.ContentType, "content-type", "", "content type (by the extension of the key)")
	flags.StringVar(&f.write.CacheControl, "cache-control", "", "the header Cache-Control of the objects")
	flags.StringVar(&f.ifExists, "if-exists", "fail", "where an object of the key exists: fail, skip or overwrite")
	flags.StringVar(&f.ifChanged, "if-changed", "stop", "where a file changed since it was begun: stop, match (keep equal parts) or restart")
	flags.BoolVar(&f.followSymlinks, "follow-symlinks", false, "follow symbolic links inside folders")
	flags.BoolVar(&f.noMD5, "no-md5", false, "prove parts by CRC-64 instead of Content-MD5")
	flags.BoolVarP(&f.dryRun, "dry-run", "n", false, "say what would be sent, and send nothing")
	flags.StringVar(&f.stream.expectedSize, "expected-size", "", "for a stream: about how many `bytes` will come, as in 2T")
	flags.StringVar(&f.stream.spool, "spool", "", "for a stream: `folder` to hold its parts in, instead of memory")
	flags.BoolVar(&f.stream.failOnEmpty, "fail-on-empty", false, "for a stream: fail if not a byte comes")
	return cmd
}

// sending is what the flags of put come to.
type sending struct {
	write     model.WriteOptions
	send      model.SendOptions
	limits    model.Limits
	ifChanged model.IfChanged
}

func (a *app) put(ctx context.Context, args []string, flags *putFlags) error {
	paths, url := args[:len(args)-1], args[len(args)-1]
	bucket, prefix, err := model.ParseURL(url)
	if err != nil {
		return (&failure{code: ExitUsage, err: err}).withNext("the target comes last: partway put FILE oss://bucket/prefix/")
	}
	for _, path := range paths {
		if strings.HasPrefix(path, "oss://") {
			return usagef("%q is no local path: put sends local files, and its last argument is the target", path)
		}
	}
	options, err := flags.resolve()
	if err != nil {
		return err
	}
	if slices.Contains(paths, "-") {
		if len(paths) > 1 {
			return usagef("- is standard input and cannot be sent together with files: the path of a file of that name is ./-")
		}
		return a.putStream(ctx, bucket, prefix, flags, options)
	}
	if flag := flags.stream.given(); flag != "" {
		return usagef("%s is for a stream: give - as the path", flag)
	}
	walk, err := a.newWalker(paths, bucket, prefix, flags)
	if err != nil {
		return err
	}
	var s *session
	if !flags.dryRun {
		if s, err = a.connect(ctx, bucket); err != nil {
			return err
		}
		defer s.close()
		options.withDefaults(s)
	}
	// The whole tree is looked at before anything is sent: what is wrong with it shows now, and the totals are known.
	plan, err := a.survey(walk, bucket, options, flags.dryRun)
	if err != nil {
		return err
	}
	if flags.dryRun {
		return a.endDryRun(plan)
	}
	if plan.files == 0 && len(plan.failed) == 0 {
		return failf(ExitNothing, "nothing to send: %s", plan.emptiness())
	}
	if err := s.startEngine(options.limits); err != nil {
		return err
	}
	r := a.newRun(s.engine)
	r.files, r.bytes = plan.files+len(plan.failed), plan.bytes
	next, stop := s.queueFiles(walk, options)
	defer stop()
	r.next, r.forgets = next, true
	for _, f := range plan.failed {
		r.reject(s.refused(f))
	}
	return r.drive(ctx)
}

// resolve reads the flags that are more than text.
func (f *putFlags) resolve() (*sending, error) {
	o := &sending{write: f.write, send: model.SendOptions{NoMD5: f.noMD5}}
	var err error
	if f.partSize != "" {
		if o.send.PartSize, err = model.ParseSize(f.partSize); err == nil {
			// Against an empty file only the limits of a part's size count; each file is planned when it is found.
			_, err = model.NewPlan(0, max(o.send.PartSize, 1))
		}
		if err != nil {
			return nil, usagef("--part-size: %w", err)
		}
	}
	if f.limit != "" {
		if o.limits.BytesPerSecond, err = model.ParseSize(strings.TrimSuffix(f.limit, "/s")); err != nil {
			return nil, usagef("--limit: %w", err)
		}
	}
	for _, n := range []struct {
		flag  string
		value int
	}{{"--parts", f.parts}, {"--jobs", f.jobs}} {
		if n.value < 0 || n.value > 1024 {
			return nil, usagef("%s %d is not possible: it is at least 1 and at most 1024", n.flag, n.value)
		}
	}
	o.limits.Parts, o.limits.Files = f.parts, f.jobs
	if o.write.Metadata, err = pairs("--meta", f.meta); err != nil {
		return nil, err
	}
	if o.write.Tags, err = pairs("--tag", f.tags); err != nil {
		return nil, err
	}
	if len(o.write.Tags) > 10 {
		return nil, usagef("%d tags are given, and OSS takes at most 10", len(o.write.Tags))
	}
	return o, f.choices(o)
}

// choices checks the flags that are a choice. OSS would refuse a wrong word only after the first upload was initiated.
func (f *putFlags) choices(o *sending) error {
	for _, c := range []struct {
		flag, value string
		legal       []string
	}{
		{"--if-exists", f.ifExists, []string{"fail", "skip", "overwrite"}},
		{"--if-changed", f.ifChanged, []string{"stop", "match", "restart"}},
		{"--storage-class", o.write.StorageClass, []string{"", "Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"}},
		{"--acl", o.write.ACL, []string{"", "default", "private", "public-read", "public-read-write"}},
		{"--sse", o.write.SSE, []string{"", "AES256", "KMS", "SM4"}},
	} {
		if err := oneOf(c.flag, c.value, c.legal...); err != nil {
			return err
		}
	}
	if o.write.SSEKeyID != "" && o.write.SSE != "KMS" {
		return usagef("--sse-key-id names a key of KMS: give --sse KMS as well")
	}
	if f.ifExists != "fail" {
		o.write.IfExists = model.IfExists(f.ifExists)
	}
	o.ifChanged = ifChangedOf(f.ifChanged)
	return nil
}

func ifChangedOf(word string) model.IfChanged {
	if word == "stop" {
		return model.IfChangedStop
	}
	return model.IfChanged(word)
}

// withDefaults takes from the profile what was not typed.
func (o *sending) withDefaults(s *session) {
	settings := s.profile.Settings
	if o.send.PartSize == 0 {
		o.send.PartSize = settings.PartSize
	}
	if o.limits.Parts == 0 {
		o.limits.Parts = settings.Parts
	}
	if o.limits.Files == 0 {
		o.limits.Files = settings.Files
	}
	if o.limits.BytesPerSecond == 0 {
		o.limits.BytesPerSecond = settings.Limit
	}
	if o.write.StorageClass == "" {
		o.write.StorageClass = settings.StorageClass
	}
}

// pairs reads name=value texts.
func pairs(flag string, texts []string) (map[string]string, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	m := map[string]string{}
	for _, text := range texts {
		name, value, found := strings.Cut(text, "=")
		if !found || name == "" {
			return nil, usagef("%s %q is not of the form name=value", flag, text)
		}
		if strings.ContainsAny(text, "\r\n\x00") {
			return nil, usagef("%s %q holds a line break, which no header can carry", flag, text)
		}
		m[name] = value
	}
	return m, nil
}

// queueFiles walks again and hands files to the engine, one at a time as the run asks for them.
func (s *session) queueFiles(walk *walker, options *sending) (next func(context.Context) (int, bool, error), stop func()) {
	pull, stop := iter.Pull(walk.files())
	return func(ctx context.Context) (int, bool, error) {
		f, more := pull()
		// What cannot be sent was counted by the survey.
		if !more || f.Err != nil || f.Skip != "" {
			return 0, more, nil
		}
		err := s.engine.Do(ctx, model.Enqueue{Files: []model.EnqueueFile{{
			Path: f.Path, Place: s.place, Key: f.Key, Write: options.write, Send: options.send, IfChanged: options.ifChanged,
		}}})
		if err != nil {
			f.Err = err
			return 0, true, s.refused(f)
		}
		return 1, true, nil
	}, stop
}

func (s *session) refused(f found) *refusedFile {
	return &refusedFile{path: f.Path, size: f.Size, ref: model.Ref{Bucket: s.place.Bucket, Key: f.Key}, place: s.place, err: f.Err}
}

func (a *app) endDryRun(plan *survey) error {
	a.say("partway: %s, %s would be sent", count(plan.files, "file"), model.FormatSize(plan.bytes))
	for _, f := range plan.failed {
		fmt.Fprintf(a.env.Stderr, "cannot be sent: %s: %s\n", clean(f.Path), sentence(f.Err.Error()))
	}
	switch {
	case len(plan.failed) > 0:
		return reported{code: ExitFailed}
	case plan.files == 0:
		return failf(ExitNothing, "nothing to send: %s", plan.emptiness())
	}
	return nil
}
