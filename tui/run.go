package tui

import (
	"context"
	"errors"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"

	"partway/model"
)

// Run shows the screens on a terminal until the person leaves or ctx ends, and says how it ended. The terminal is as it was when
// Run returns, whatever happened. The engine is not stopped: it is its owner's.
func Run(ctx context.Context, o Options, in io.Reader, out io.Writer) (Outcome, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the wait for the bell
	app, err := New(ctx, o)
	if err != nil {
		return Outcome{}, err
	}
	_, err = tea.NewProgram(app, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler()).Run()
	outcome := app.Outcome()
	switch {
	case errors.Is(err, tea.ErrInterrupted):
		outcome.Code = 130
		return outcome, nil
	case err != nil && ctx.Err() != nil:
		return outcome, nil // the owner ended it
	case err != nil:
		return outcome, fmt.Errorf("the screen: %w", err)
	}
	return outcome, nil
}

// Farewell is what is left to say of a queue when the screens are closed: what was done, what needs somebody, and the commands that
// go on. It is Outcome.Text made from a newer snapshot, for an owner that let parts in flight finish after the screens were left.
func Farewell(snap *model.Snapshot, program string) string { return exitText(snap, program) }
