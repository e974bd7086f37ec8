package cli

import (
	"context"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// How long parts in flight may take to finish after a signal. A terminal that hangs up and a system that shuts down wait less
// than a person does.
const (
	graceOfPerson = 20 * time.Second
	graceOfSystem = 10 * time.Second
)

// interrupts turns signals into two steps: the first asks the command to end in order, the second cuts it.
type interrupts struct {
	// asked is closed by the first signal.
	asked chan struct{}
	cut   context.CancelCauseFunc
	// drains is set by a command that ends in order by itself; the others are cut at once.
	drains atomic.Bool
	first  atomic.Pointer[os.Signal]
}

func newInterrupts(cut context.CancelCauseFunc) *interrupts {
	return &interrupts{asked: make(chan struct{}), cut: cut}
}

// watch reads signals until the context ends. The channel it returns is closed when it has stopped.
func (i *interrupts) watch(ctx context.Context, signals <-chan os.Signal) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case s := <-signals:
				i.signal(s)
			case <-ctx.Done():
				return
			}
		}
	}()
	return ended
}

func (i *interrupts) signal(s os.Signal) {
	first := i.first.CompareAndSwap(nil, &s)
	if first {
		close(i.asked)
	}
	if !first || !i.drains.Load() {
		i.cut(errInterrupted)
	}
}

func (i *interrupts) happened() bool { return i.first.Load() != nil }

// grace is how long the orderly end may take.
func (i *interrupts) grace() time.Duration {
	if s := i.first.Load(); s != nil && *s != os.Interrupt {
		return graceOfSystem
	}
	return graceOfPerson
}

// name is the signal in words.
func (i *interrupts) name() string {
	if s := i.first.Load(); s != nil {
		switch *s {
		case syscall.SIGTERM:
			return "SIGTERM"
		case syscall.SIGHUP:
			return "SIGHUP"
		}
	}
	return "Ctrl-C"
}
