package transfer

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// bandwidth is the limit that all bodies of the queue share. It can be changed while they wait: a rate.Limiter computes a wait
// once, so bodies that wait behind a low limit would keep to it for minutes after it was lifted.
type bandwidth struct {
	limited atomic.Bool // read for every piece of a body: no limit must cost nothing

	mu      sync.Mutex
	perSec  int64
	limiter *rate.Limiter // nil: no limit
	changed chan struct{} // closed when the limit changes
}

// limitedRead is the most that is read at once under a limit, so that a slow limit still gives a smooth stream; it is also the
// burst, so that a limit lowered in the middle takes hold at once.
const limitedRead = 16 << 10

func newBandwidth() *bandwidth { return &bandwidth{changed: make(chan struct{})} }

// set changes the limit to bytes a second; 0: none.
func (b *bandwidth) set(perSecond int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.perSec == perSecond {
		return
	}
	close(b.changed)
	b.perSec, b.changed, b.limiter = perSecond, make(chan struct{}), nil
	if perSecond > 0 {
		b.limiter = rate.NewLimiter(rate.Limit(perSecond), limitedRead)
	}
	b.limited.Store(perSecond > 0)
}

// wait takes the right to send n bytes, at most limitedRead, or fails with the context's cause.
func (b *bandwidth) wait(ctx context.Context, n int) error {
	for {
		b.mu.Lock()
		limiter, changed := b.limiter, b.changed
		b.mu.Unlock()
		if limiter == nil {
			return nil
		}
		now := time.Now()
		right := limiter.ReserveN(now, n)
		timer := time.NewTimer(right.DelayFrom(now))
		select {
		case <-timer.C:
			return nil
		case <-changed: // the old right is void; ask the new limit
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			right.Cancel()
			return context.Cause(ctx)
		}
	}
}
