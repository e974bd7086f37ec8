package profile

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"partway/ossapi"
)

const (
	// refreshAt is the share of their life after which credentials are fetched anew: late enough to be rare, early
	// enough that a failed fetch is repeated many times before the old ones end.
	refreshAt = 0.8
	// retryAfter is how long still valid credentials are used on after a failed refresh before the next is tried.
	retryAfter = 30 * time.Second
	// invalidateGap is how long after a fetch Invalidate is taken for an echo: a hundred parts sent with one expired
	// token fail together, and each of them says so.
	invalidateGap = 2 * time.Second
)

// Provider gives credentials that may change while the program runs, and caches them. Those with an end are fetched
// again at 80 % of their life, by one caller while the others wait; those without an end are kept until Invalidate.
// It is safe for concurrent use, starts no goroutine, and prints without its secrets.
type Provider struct {
	origin string
	fetch  func(context.Context) (ossapi.Credentials, error)
	clock  func() time.Time
	turn   chan struct{} // capacity 1: held by the one who fetches; a mutex could not be waited for with a context

	mu      sync.Mutex
	creds   ossapi.Credentials
	have    bool
	fetched time.Time // when creds were fetched
	renew   time.Time // when to fetch again; zero: never
	stale   bool      // Invalidate was called
	fixed   bool      // nobody makes new ones: what is fetched was written down somewhere
	rounds  int       // fetches that ended, but for those that their caller gave up
	lastErr error     // of the last of them
}

func newProvider(origin string, clock func() time.Time, fetch func(context.Context) (ossapi.Credentials, error)) *Provider {
	return &Provider{origin: origin, fetch: fetch, clock: clock, turn: make(chan struct{}, 1)}
}

// Credentials returns valid credentials, fetching them when needed. A failed refresh is no error as long as the old
// ones are valid and were not refused by the server.
func (p *Provider) Credentials(ctx context.Context) (ossapi.Credentials, error) {
	if c, ok := p.cached(); ok {
		return c, nil
	}
	return p.wait(ctx)
}

// Refresh fetches anew whatever is cached. When it fails the old credentials stay.
func (p *Provider) Refresh(ctx context.Context) error {
	p.mu.Lock()
	p.stale = true
	p.mu.Unlock()
	_, err := p.wait(ctx)
	return err
}

// Invalidate says that the server refused the credentials as expired or unknown: the next call of Credentials fetches
// anew, which for a file means reading it again. It does nothing within 2 s after a fetch.
func (p *Provider) Invalidate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.have && p.clock().Sub(p.fetched) >= invalidateGap {
		p.stale = true
	}
}

// Expires returns when the cached credentials end, zero where they do not or none are cached: for a warning.
func (p *Provider) Expires() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.creds.Expires
}

// Ends returns when the credentials end for want of new ones: their end where nobody makes new ones, as for a token in a file, or
// where the last try to fetch some failed. It is zero while they are renewed in time, where they have no end, and before they were
// fetched. It asks nobody and does not wait for a fetch.
func (p *Provider) Ends() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fixed || p.lastErr != nil {
		return p.creds.Expires
	}
	return time.Time{}
}

// String names the place the credentials come from, never what they are.
func (p *Provider) String() string { return "credentials from " + p.origin }

// Format keeps every verb, %#v included, from walking into the cached secrets.
func (p *Provider) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// MarshalText keeps encoders out, too.
func (p *Provider) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

func (p *Provider) cached() (ossapi.Credentials, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fresh := p.have && !p.stale && (p.renew.IsZero() || p.clock().Before(p.renew))
	return p.creds, fresh
}

// wait takes the turn and fetches, unless somebody else did so while it waited.
func (p *Provider) wait(ctx context.Context) (ossapi.Credentials, error) {
	p.mu.Lock()
	before := p.rounds
	p.mu.Unlock()
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return ossapi.Credentials{}, fmt.Errorf("%s: %w", p, ctx.Err())
	}
	if c, ok := p.cached(); ok {
		return c, nil
	}
	p.mu.Lock()
	rounds, lastErr := p.rounds, p.lastErr
	p.mu.Unlock()
	if rounds > before && lastErr != nil { // the one ahead failed a moment ago: do not queue up for the same failure
		return ossapi.Credentials{}, lastErr
	}
	c, err := p.fetch(ctx)
	if err == nil {
		err = p.check(c)
	}
	return p.store(ctx, c, err)
}

func (p *Provider) check(c ossapi.Credentials) error {
	if !c.Expires.IsZero() && !p.clock().Before(c.Expires) {
		return fmt.Errorf("they ended at %s", c.Expires.UTC().Format(time.RFC3339))
	}
	return nil
}

func (p *Provider) store(ctx context.Context, c ossapi.Credentials, err error) (ossapi.Credentials, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	if err != nil {
		err = fmt.Errorf("%s: %w", p, err)
		if ctx.Err() == nil {
			p.rounds, p.lastErr = p.rounds+1, err
		}
		if p.have && !p.stale && now.Before(p.creds.Expires) {
			p.renew = now.Add(retryAfter)
			return p.creds, nil
		}
		return ossapi.Credentials{}, err
	}
	p.rounds, p.lastErr = p.rounds+1, nil
	p.creds, p.have, p.stale, p.fetched, p.renew = c, true, false, now, time.Time{}
	if !c.Expires.IsZero() {
		life := c.Expires.Sub(now)
		p.renew = now.Add(time.Duration(refreshAt * float64(life)))
	}
	return c, nil
}
