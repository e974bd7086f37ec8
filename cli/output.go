package cli

import (
	"errors"
	"fmt"
	"io"
	"syscall"
)

// output is standard output. It remembers that its reader has gone, so that a command stops instead of working for nobody.
type output struct {
	to   io.Writer
	gone bool
}

// errReaderGone is what a write to a closed pipe ends a command with.
var errReaderGone = errors.New("the reader of standard output has gone")

func (o *output) Write(p []byte) (int, error) {
	if o.gone {
		return 0, errReaderGone
	}
	n, err := o.to.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		o.gone = true
		return n, errReaderGone
	}
	return n, err
}

// exitCodeOfPipe is the code of a run whose reader has gone: that is an orderly end, unless work was left undone for it.
func exitCodeOfPipe(err error) int {
	if err == nil || errors.Is(err, errReaderGone) {
		return ExitOK
	}
	return exitCode(err)
}

func printInterrupted(w io.Writer, err error) {
	if _, done := errors.AsType[reported](err); !done {
		fmt.Fprintln(w, "partway: interrupted")
	}
}
