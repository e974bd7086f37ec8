package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"partway/model"
	"partway/model/safe"
	"partway/ossapi"
	"partway/ossapi/profile"
	"partway/transfer"
	"partway/tui"
)

// screenFlags are the flags of what opens the screens.
type screenFlags struct {
	readOnly bool
	glyphs   string
	theme    string
	noMouse  bool
}

func (f *screenFlags) add(flags *pflag.FlagSet) {
	flags.BoolVar(&f.readOnly, "read-only", false, "look only: nothing is sent, completed or aborted")
	flags.StringVar(&f.glyphs, "glyphs", "auto", "glyphs of the screens: auto, unicode, safe (for wide East Asian fonts) or ascii")
	flags.StringVar(&f.theme, "theme", "auto", "colours of the screens: auto, dark, light, contrast, deuter, tritan or mono")
	flags.BoolVar(&f.noMouse, "no-mouse", false, "leave the mouse to the terminal (% changes that)")
}

// historyShown is how many outcomes of earlier runs the screens list.
const historyShown = 1000

// relistEvery is how often the bucket on view is listed again.
const relistEvery = time.Minute

// openScreens is what partway does without a command. On a terminal it opens the screens; without one it lists the unfinished
// uploads of the bucket, or shows the help where no bucket is known.
func (a *app) openScreens(cmd *cobra.Command, args []string, f *screenFlags) error {
	if !a.hasScreen() {
		return a.listInstead(cmd, args)
	}
	var bucket, prefix string
	var paths []string
	if len(args) > 0 {
		var err error
		if bucket, prefix, err = model.ParseURL(args[0]); err != nil {
			return &failure{code: ExitUsage, err: err}
		}
		paths = args[1:]
	}
	look, err := a.lookOf(f, nil)
	if err != nil {
		return err
	}
	s, err := a.connect(cmd.Context(), bucket)
	if missing, is := errors.AsType[*profile.NotFoundError](err); is {
		choice, err := a.firstRun(cmd.Context(), look, missing)
		switch {
		case err != nil || choice == tui.FirstQuit:
			return err
		case choice == tui.FirstDemo:
			return a.demoScreens(cmd.Context(), f)
		}
		return a.openScreens(cmd, args, f)
	}
	if _, unknown := errors.AsType[*noBucketError](err); err != nil && !unknown {
		return err
	}
	return s.show(cmd.Context(), f, screening{view: transfer.View{Place: s.place, Prefix: prefix, Every: relistEvery}, paths: paths})
}

// hasScreen reports whether the screens can be shown: both ends are a terminal that can move its cursor, and nobody asked for data.
func (a *app) hasScreen() bool {
	return a.env.StdinTTY && a.env.StdoutTTY && a.env.Getenv("TERM") != "dumb" && !a.global.json && !a.global.quiet
}

// listInstead is what partway does where no screen can be shown.
func (a *app) listInstead(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return failf(ExitUsage, "the screens need a terminal, and there is none").withNext("partway put PATH... " + safe.Quote(args[0]) + " sends without one")
	}
	err := a.list(cmd.Context(), args, listFlags{sort: "key"})
	if _, unknown := errors.AsType[*noBucketError](err); unknown && len(args) == 0 {
		return cmd.Help()
	}
	if len(args) == 0 && profileCode(err) != 0 {
		return cmd.Help()
	}
	return err
}

// screening is what the screens open with.
type screening struct {
	view  transfer.View
	paths []string            // as typed: marked in the file picker
	queue []model.EnqueueFile // sent from the start
}

// show runs the screens on a session until they are left, and ends the session in order.
func (s *session) show(ctx context.Context, f *screenFlags, with screening) (err error) {
	defer func() { err = errors.Join(err, s.close()) }()
	options, err := s.app.lookOf(f, s.profile.Settings.UI)
	if err != nil {
		return err
	}
	s.ownProfiles = true
	settings := s.profile.Settings
	if err := s.startScreenEngine(with.view); err != nil {
		return err
	}
	if len(with.queue) > 0 {
		if err := s.engine.Do(ctx, model.Enqueue{Files: with.queue}); err != nil {
			return err
		}
	}
	options.Engine = s.engine
	files := s.app.newFiles()
	options.Files = files
	for _, path := range with.paths {
		options.Paths = append(options.Paths, s.app.absolute(path))
	}
	places := &places{session: s, readOnly: f.readOnly}
	options.Places, options.Finder = places, &finder{disk: files, places: places}
	options.ContentType = ossapi.ContentTypeOf
	options.ReadOnly = f.readOnly || settings.ReadOnly
	options.Protect = settings.Protect
	options.PricePerGiB = settings.PriceGiBMonth
	return s.app.runScreens(ctx, s.engine, options)
}

// startScreenEngine starts an engine that lists the jobs of earlier runs and watches the bucket on view.
func (s *session) startScreenEngine(view transfer.View) error {
	if err := s.openJournals(); err != nil {
		return err
	}
	settings := s.profile.Settings
	history, err := s.store.History(historyShown)
	if err != nil { // the past is worth a word, not the screens
		s.app.warn("%s", sentence(err.Error()))
	}
	engine, err := transfer.New(transfer.Options{
		Open: s.open, Refresh: s.refresh, Journal: s.store, Now: s.app.env.Now, View: view, ShowSaved: true, ReturnParked: true,
		History: history, CredentialsEnd: s.credentialsEnd,
		Limits: model.Limits{Files: settings.Files, Parts: settings.Parts, BytesPerSecond: settings.Limit},
	})
	if err != nil {
		return fmt.Errorf("start the engine: %w", err)
	}
	s.engine = engine
	return nil
}

// runScreens shows the screens, lets the parts in flight finish when they were left, and prints what stays to be said.
func (a *app) runScreens(ctx context.Context, engine *transfer.Engine, options tui.Options) error {
	// The first signal ends the screens in order and the second cuts the wait for parts.
	a.stop.drains.Store(true)
	shown, leave := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-a.stop.asked:
			leave()
		case <-shown.Done():
		}
	}()
	outcome, err := tui.Run(shown, options, a.env.Stdin, a.env.Stdout)
	leave()
	<-watched
	if !outcome.NowAsked {
		a.drainAfter(ctx, engine)
	}
	if text := tui.Farewell(engine.Snapshot(), options.Program); text != "" {
		fmt.Fprint(a.out, text)
	}
	switch {
	case err != nil:
		return failf(ExitFailed, "%w; uploads are paused and nothing that was sent is lost", err).withNext(a.again("resume", "--all"))
	case a.stop.happened():
		return reported{code: ExitInterrupted}
	case outcome.Code != 0:
		return reported{code: outcome.Code}
	}
	return nil
}

// drainAfter lets the parts in flight finish after the screens were left.
func (a *app) drainAfter(ctx context.Context, engine *transfer.Engine) {
	grace := graceOfScreens(a.stop)
	if moving(engine.Snapshot()) {
		a.say("partway: finishing the parts in flight, at most %s; Ctrl-C stops at once", model.FormatDuration(grace))
	}
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	_ = engine.Drain(ctx) // an end by time is as good: what is not finished is sent again
	patience := time.NewTimer(restPatience)
	defer patience.Stop()
	for moving(engine.Snapshot()) {
		select {
		case <-engine.Changed():
		case <-patience.C:
			return
		}
	}
}

func moving(s *model.Snapshot) bool {
	for i := range s.Jobs {
		if s.Jobs[i].Status.Active() {
			return true
		}
	}
	return false
}

// graceOfScreens is how long parts in flight may take to finish. A connection that was lost is no hurry, unlike a system that shuts
// down.
func graceOfScreens(i *interrupts) time.Duration {
	if s := i.first.Load(); s != nil && *s == syscall.SIGTERM {
		return graceOfSystem
	}
	return graceOfPerson
}

// leastRights are the rights that partway cannot do without, as RAM policies name them.
func leastRights() []string {
	return []string{"oss:ListMultipartUploads", "oss:ListParts", "oss:PutObject", "oss:GetObject", "oss:AbortMultipartUpload"}
}

// leastPolicy is a RAM policy that grants the least rights for a bucket whose name is to be filled in.
func leastPolicy() string {
	return `{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["` + strings.Join(leastRights(), `", "`) + `"],
      "Resource": ["acs:oss:*:*:BUCKET", "acs:oss:*:*:BUCKET/*"]
    }
  ]
}
`
}

// firstRun shows the screen for somebody who has no credentials yet.
func (a *app) firstRun(ctx context.Context, look tui.Options, missing *profile.NotFoundError) (tui.FirstChoice, error) {
	looked := func(err *profile.NotFoundError) (list []tui.LookedAt) {
		for _, p := range err.Looked {
			list = append(list, tui.LookedAt{Place: p.Name, Result: p.Result})
		}
		return list
	}
	return tui.RunFirst(ctx, tui.FirstRun{
		Looked: looked(missing), Rights: leastRights(), Policy: leastPolicy(),
		Glyphs: look.Glyphs, Theme: look.Theme, NoColor: look.NoColor, Program: look.Program,
		Again: func(ctx context.Context) ([]tui.LookedAt, bool, error) {
			_, err := profile.Resolve(ctx, a.sources())
			if still, is := errors.AsType[*profile.NotFoundError](err); is {
				return looked(still), false, nil
			}
			return nil, err == nil, err
		},
	}, a.env.Stdin, a.env.Stdout)
}
