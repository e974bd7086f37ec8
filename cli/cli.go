package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/term"
)

// Env is everything a run takes from the process and the machine, so that a test can decide it.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// StdinTTY, StdoutTTY and StderrTTY say which of them is a terminal.
	StdinTTY, StdoutTTY, StderrTTY bool
	// TerminalSize is the size of the terminal that Stderr is, in cells; 0, 0 where it is not known.
	TerminalSize func() (columns, rows int)

	Getenv func(string) string
	Home   string // home folder, may be empty
	Dir    string // working folder; relative paths begin there

	// Signals brings interruptions: the first of them asks the run to end in order, the second ends it. May be nil.
	Signals <-chan os.Signal
	// Now tells the time.
	Now func() time.Time
	// Executable is the program itself, to run it again in the demo.
	Executable func() (string, error)
	// Host and PID identify this process to others that work on the same journals.
	Host string
	PID  int
}

// Main runs the process's own command line and returns its exit code.
func Main() int {
	// What a crash prints stays short and free of other goroutines' data, and no core file can hold a secret.
	debug.SetTraceback("single")
	forbidCoreFiles()

	// A signal that the parent had ignored (nohup, a background job of a script) stays ignored.
	signals := make(chan os.Signal, 4)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	// Being notified of SIGPIPE turns it into an error of the write: a reader that leaves ends the run in order.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)

	home, _ := os.UserHomeDir()
	dir, _ := os.Getwd()
	host, _ := os.Hostname()
	return Run(context.Background(), os.Args[1:], Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		StdinTTY: isTerminal(os.Stdin), StdoutTTY: isTerminal(os.Stdout), StderrTTY: isTerminal(os.Stderr),
		TerminalSize: func() (int, int) {
			columns, rows, err := term.GetSize(int(os.Stderr.Fd()))
			if err != nil {
				return 0, 0
			}
			return columns, rows
		},
		Getenv: os.Getenv, Home: home, Dir: dir,
		Signals: signals, Now: time.Now, Executable: os.Executable, Host: host, PID: os.Getpid(),
	})
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// Run carries out one command line, without the program's name, and returns its exit code.
func Run(ctx context.Context, args []string, env Env) int {
	if env.TerminalSize == nil {
		env.TerminalSize = func() (int, int) { return 0, 0 }
	}
	if env.Now == nil {
		env.Now = time.Now
	}
	ctx, cut := context.WithCancelCause(ctx)
	defer cut(nil)
	a := &app{env: env, out: &output{to: env.Stdout}, stop: newInterrupts(cut)}
	watching := a.stop.watch(ctx, env.Signals)
	root := a.rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	cut(nil)
	<-watching

	switch {
	case a.out.gone:
		// Whoever read the data has gone, as head does: there is nobody to tell.
		return exitCodeOfPipe(err)
	case err == nil:
		return ExitOK
	}
	if a.stop.happened() && exitCode(err) == ExitInterrupted {
		printInterrupted(env.Stderr, err)
		return ExitInterrupted
	}
	printError(env.Stderr, err)
	if a.global.json {
		a.writeErrorEvent(err)
	}
	return exitCode(err)
}
