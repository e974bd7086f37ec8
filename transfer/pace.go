package transfer

import (
	"sync"
	"time"
)

// pace finds how many parts should be sent at once. It is arithmetic alone: the engine feeds it what happened and asks for the
// limit.
//
// It climbs while climbing pays: from a few connections on it doubles as long as the throughput grows with them, since one
// connection of a long line carries a fraction of what the line can. It halves when the service asks to slow down, and then adds
// one for every twenty parts that went through.
type pace struct {
	mu        sync.Mutex
	limit     int
	ceiling   int
	climbing  bool
	before    float64 // throughput when the limit was last raised
	looked    time.Time
	bytes     int64
	successes int
	halved    time.Time
}

const (
	paceStart    = 8
	paceInterval = 250 * time.Millisecond // between two looks while climbing
	paceGain     = 1.15                   // the least growth that a doubling must bring to be kept
	paceRecovery = 20                     // parts that go through for one more after a halving
	paceCooldown = time.Second            // one halving for all refusals of the same moment
)

func newPace() *pace { return &pace{limit: paceStart, ceiling: maxParts, climbing: true} }

// ask makes n the limit that is kept to unless the service asks to slow down; 0 has it found again.
func (p *pace) ask(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.halved, p.successes, p.before = time.Time{}, 0, 0
	if n <= 0 {
		p.ceiling, p.climbing = maxParts, true
		p.limit = min(p.limit, maxParts)
		return
	}
	p.limit, p.ceiling, p.climbing = n, n, false
}

// look is told the number of bytes that were sent so far and returns the limit.
func (p *pace) look(now time.Time, bytes int64) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.climbing {
		return p.limit
	}
	if p.looked.IsZero() || bytes == p.bytes {
		p.looked, p.bytes = now, bytes // nothing moves: nothing is learned
		return p.limit
	}
	elapsed := now.Sub(p.looked)
	if elapsed < paceInterval {
		return p.limit
	}
	rate := float64(bytes-p.bytes) / elapsed.Seconds()
	p.looked, p.bytes = now, bytes
	switch {
	case rate < p.before*paceGain: // the last doubling brought nothing
		p.limit, p.climbing = max(p.limit/2, paceStart), false
	case p.limit >= p.ceiling:
		p.climbing = false
	default:
		p.before = rate
		p.limit = min(p.limit*2, p.ceiling)
	}
	return p.limit
}

// succeeded counts a part that went through.
func (p *pace) succeeded() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.halved.IsZero() || p.limit >= p.ceiling {
		return
	}
	if p.successes++; p.successes >= paceRecovery {
		p.successes = 0
		p.limit++
	}
}

// throttled halves the limit, once for all refusals of a moment.
func (p *pace) throttled(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.climbing, p.successes = false, 0
	if now.Sub(p.halved) < paceCooldown {
		return
	}
	p.halved = now
	p.limit = max(p.limit/2, 1)
}

func (p *pace) current() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.limit
}
