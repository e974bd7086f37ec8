package tui_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"partway/tui"
	"partway/tui/tuitest"
)

func TestRunLeavesNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t)
	var out bytes.Buffer
	outcome, err := tui.Run(context.Background(), tui.Options{Engine: tuitest.NewEngine(tuitest.Many(3))}, strings.NewReader("q"), &out)
	if err != nil || outcome.Code != 0 {
		t.Errorf("%+v, %v", outcome, err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	defer goleak.VerifyNone(t)
	ctx, cancel := context.WithCancel(context.Background())
	in, keys := io.Pipe()
	defer keys.Close()
	cancel()
	if _, err := tui.Run(ctx, tui.Options{Engine: tuitest.NewEngine(tuitest.Many(3))}, in, io.Discard); err != nil {
		t.Errorf("%v", err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	e := tuitest.NewEngine(tuitest.Many(1))
	for _, o := range []tui.Options{{}, {Engine: e, Theme: "pink"}, {Engine: e, Glyphs: "emoji"}} {
		if _, err := tui.New(t.Context(), o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}
