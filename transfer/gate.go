package transfer

import (
	"context"
	"slices"
	"sync"
)

// gate lets at most limit holders through at once; the limit can change while they run. Whoever waits is served in turn: the lines of
// different files take turns, so that a file with many parts in line does not keep another one waiting, and within a line the
// first comes first. golang.org/x/sync/semaphore can do neither.
type gate struct {
	mu    sync.Mutex
	limit int
	held  int
	lines map[any][]chan struct{} // those who wait, by line
	turns []any                   // the lines somebody waits in, the next to be served first
}

func newGate(limit int) *gate { return &gate{limit: max(limit, 1), lines: map[any][]chan struct{}{}} }

// acquire takes a place, in a line that all callers of acquire share, or fails with the context's cause.
func (g *gate) acquire(ctx context.Context) error { return g.acquireIn(ctx, nil) }

// acquireIn takes a place in a line of its own.
func (g *gate) acquireIn(ctx context.Context, line any) error {
	g.mu.Lock()
	if ctx.Err() == nil && len(g.turns) == 0 && g.held < g.limit {
		g.held++
		g.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	if len(g.lines[line]) == 0 {
		g.turns = append(g.turns, line)
	}
	g.lines[line] = append(g.lines[line], turn)
	g.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		g.leave(line, turn)
		return context.Cause(ctx)
	}
}

// leave takes a waiter out of its line; one that was called in the same moment gives its place back.
func (g *gate) leave(line any, turn chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := slices.Index(g.lines[line], turn)
	if at < 0 {
		g.held--
		g.callNext()
		return
	}
	g.lines[line] = slices.Delete(g.lines[line], at, at+1)
	if len(g.lines[line]) == 0 {
		delete(g.lines, line)
		g.turns = slices.DeleteFunc(g.turns, func(other any) bool { return other == line })
	}
}

func (g *gate) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held--
	g.callNext()
}

// resize changes the limit. Holders above it keep their places until they release.
func (g *gate) resize(limit int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.limit = max(limit, 1)
	g.callNext()
}

func (g *gate) callNext() {
	for len(g.turns) > 0 && g.held < g.limit {
		line := g.turns[0]
		g.turns = g.turns[1:]
		waiting := g.lines[line]
		if len(waiting) > 1 {
			g.lines[line] = waiting[1:]
			g.turns = append(g.turns, line)
		} else {
			delete(g.lines, line)
		}
		close(waiting[0])
		g.held++
	}
}

func (g *gate) size() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.limit
}
