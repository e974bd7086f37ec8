package conform

import (
	"context"
	"fmt"
	"runtime"
	"sync"
)

// Outcome is what Try saw of one case.
type Outcome struct {
	Case     string   // name of the case
	Failures []string // messages, in the order they were reported; empty: passed
}

// Passed reports whether the server obeyed the rule of the case.
func (o Outcome) Passed() bool { return len(o.Failures) == 0 }

// Try drives the target through the selected cases outside of a Go test and
// returns one outcome for each, in the order of Names. Unlike Run it also runs
// the cases in target.Skip, which tells whether their reasons still hold. The
// error is about the target or ctx, never about a case.
func Try(ctx context.Context, target Target) ([]Outcome, error) {
	suite, err := newSuite(target)
	if err != nil {
		return nil, fmt.Errorf("conform: %w", err)
	}
	defer suite.close()
	var outcomes []Outcome
	for _, c := range cases() {
		if !target.selects(c) || c.v4 && target.SignatureV1 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return outcomes, fmt.Errorf("conform: before case %s: %w", c.name, err)
		}
		rec := &recorder{ctx: ctx}
		rec.drive(func() { c.run(suite.trial(rec, c.name)) })
		outcomes = append(outcomes, Outcome{Case: c.name, Failures: rec.failures})
	}
	return outcomes, nil
}

// tb is the part of testing.TB that cases use. *testing.T has it, and so has
// recorder, which is why a case can be run without failing a test.
type tb interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
	Context() context.Context
}

// recorder is a tb that notes failures instead of failing a test.
type recorder struct {
	ctx context.Context

	mu       sync.Mutex
	failures []string
	cleanups []func()
}

// drive runs one case to its end, a fatal failure or a panic, then its
// cleanups, newest first. The case has a goroutine of its own because Fatalf
// ends the goroutine that calls it.
func (r *recorder) drive(run func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer r.cleanUp()
		defer func() {
			if p := recover(); p != nil {
				r.Errorf("panic: %v", p)
			}
		}()
		run()
	}()
	<-done
}

func (r *recorder) cleanUp() {
	for {
		r.mu.Lock()
		last := len(r.cleanups) - 1
		if last < 0 {
			r.mu.Unlock()
			return
		}
		f := r.cleanups[last]
		r.cleanups = r.cleanups[:last]
		r.mu.Unlock()
		f()
	}
}

func (r *recorder) Helper()                  {}
func (r *recorder) Logf(string, ...any)      {}
func (r *recorder) Context() context.Context { return r.ctx }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}
