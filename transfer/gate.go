package transfer

import (
	"context"
	"sync"
)

// gate lets at most limit holders through at once; the limit can change while they run. Waiters are served in the order they
// came, so no file starves behind another. golang.org/x/sync/semaphore cannot change its size.
type gate struct {
	mu      sync.Mutex
	limit   int
	held    int
	waiting []chan struct{}
}

func newGate(limit int) *gate { return &gate{limit: max(limit, 1)} }

// acquire takes a place or fails with the context's error.
func (g *gate) acquire(ctx context.Context) error {
	g.mu.Lock()
	if ctx.Err() == nil && len(g.waiting) == 0 && g.held < g.limit {
		g.held++
		g.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	g.waiting = append(g.waiting, turn)
	g.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		g.leave(turn)
		return context.Cause(ctx)
	}
}

// leave takes a waiter out of the line; one that was called in the same moment gives its place back.
func (g *gate) leave(turn chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.waiting {
		if other == turn {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			return
		}
	}
	g.held--
	g.callNext()
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
	for len(g.waiting) > 0 && g.held < g.limit {
		close(g.waiting[0])
		g.waiting = g.waiting[1:]
		g.held++
	}
}

func (g *gate) size() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.limit
}
