package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

const demoLong = `Show what partway does, without an account and without touching anything: an OSS server is started in a temporary folder,
with a bucket full of unfinished uploads.

On a terminal the screens open on it, with files being sent slowly enough to be watched: every key does what it does with a
real bucket. Without a terminal, or with --plain, the main job is played through. A file is sent, the program is killed in the
middle, and the upload goes on; an upload of somebody else is adopted, another completed, another aborted. After every step
it is proved that it did what it says.

Exit code 0 means that everything held.`

func (a *app) demoCommand() *cobra.Command {
	screens := &screenFlags{}
	plain := false
	cmd := &cobra.Command{
		Use:     "demo",
		Short:   "See it all work, without an account",
		Long:    demoLong,
		Example: "  partway demo            on a terminal: the screens\n  partway demo --plain    played through and proved, in lines",
		Args:    needArgs(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !plain && a.hasScreen() {
				return a.demoScreens(cmd.Context(), screens)
			}
			return a.demo(cmd.Context())
		},
	}
	screens.add(cmd.Flags())
	cmd.Flags().BoolVar(&plain, "plain", false, "play the main job through in lines instead of opening the screens")
	return cmd
}

func (a *app) demo(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "partway-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	world, err := newDemoWorld(ctx, dir, a.env.Now())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, world.Close()) }()
	p := &play{app: a, world: world}
	for i, step := range demoSteps() {
		if _, err := fmt.Fprintf(a.out, "\n%d. %s\n", i+1, step.title); err != nil {
			return err
		}
		if err := step.do(ctx, p); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("the demo failed at step %d, %q: %w", i+1, step.title, err)
		}
	}
	_, err = fmt.Fprintf(a.out, "\nEverything held. The demo's folder is removed.\n")
	return err
}
