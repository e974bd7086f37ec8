package emulator

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Fault says which requests go wrong and how. Zero fields match anything.
type Fault struct {
	Op          Op
	Bucket, Key string
	PartNumber  int
	Skip        int     // this many matching requests pass first
	Times       int     // then this many are hit: 0 = one, -1 = for ever
	Probability float64 // of a hit, once Skip is used up: 0 = certain; drawn from the seeded generator of SetFaults
	Effect      Effect
}

// Effect is what a Fault does to a request: one of the effect types of this package.
type Effect interface {
	arrange(*plan)
}

// plan gathers the effects of all faults that hit one request.
type plan struct {
	hooks          []func(*http.Request)
	before, after  time.Duration
	skewed         bool
	skew           time.Duration
	instead        *answer // answered without doing the operation
	afterwards     *answer // answered although the operation was done
	early          bool    // instead is answered before the body is read
	closeSilently  bool
	blackHole      bool
	resets         bool
	resetAfter     int64
	flips          []int64
	bytesPerSecond int
	omitCRC        bool
	wrongCRC       bool
	repeatMarker   bool
}

// faultSet matches requests against faults and counts the hits.
type faultSet struct {
	mu     sync.Mutex
	random *rand.Rand
	rules  []*faultRule
}

type faultRule struct {
	Fault
	seen, hits int
}

// SetFaults replaces all faults; without faults the server behaves again. seed fixes the draws of Fault.Probability, in the order
// in which matching requests arrive. When several faults hit one request, all their effects apply; of two that set the same
// thing (two answers, say) the later wins.
func (s *Server) SetFaults(seed int64, faults ...Fault) {
	s.faults.set(seed, faults)
}

func (f *faultSet) set(seed int64, faults []Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.random = rand.New(rand.NewPCG(uint64(seed), 0))
	f.rules = nil
	for _, fault := range faults {
		f.rules = append(f.rules, &faultRule{Fault: fault})
	}
}

func (f *faultSet) planFor(rt route) plan {
	f.mu.Lock()
	defer f.mu.Unlock()
	var p plan
	for _, rule := range f.rules {
		if rule.matches(rt) && rule.fires(f.random) && rule.Effect != nil {
			rule.Effect.arrange(&p)
		}
	}
	return p
}

func (r *faultRule) matches(rt route) bool {
	return (r.Op == "" || r.Op == rt.op) &&
		(r.Bucket == "" || r.Bucket == rt.bucket) &&
		(r.Key == "" || r.Key == rt.key) &&
		(r.PartNumber == 0 || r.PartNumber == rt.partNumber)
}

func (r *faultRule) fires(random *rand.Rand) bool {
	r.seen++
	if r.seen <= r.Skip {
		return false
	}
	if r.Times >= 0 && r.hits >= max(r.Times, 1) {
		return false
	}
	if r.Probability > 0 && random.Float64() >= r.Probability {
		return false
	}
	r.hits++
	return true
}
