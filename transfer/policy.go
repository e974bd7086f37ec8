package transfer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"partway/ossapi"
)

// Policy says how the core meets failure. The zero value of a field takes the default named there.
type Policy struct {
	Base time.Duration // of the back-off: 200 ms
	Cap  time.Duration // of one wait: 30 s
	// ParkAfter is how long a job goes on trying while no byte of it is acknowledged: 15 min. There is no limit to the number of
	// tries: at 30 % failing requests three tries a part lose four uploads of five at 60 parts and every one at 10 000.
	ParkAfter time.Duration
	// ReturnAfter is the pause before a parked job is tried again by itself, where Options.ReturnParked asks for that: 1 min. It is
	// 2, 5 and 10 times as long from one parking to the next without progress, and stays there.
	ReturnAfter time.Duration
	// RetryAfterCap bounds what a server may ask for: 60 s.
	RetryAfterCap time.Duration
	// AbortRounds is how often an abort is repeated until the upload is gone: 5. AbortWait is the wait after the first round; it
	// doubles up to 8 s: 1 s.
	AbortRounds int
	AbortWait   time.Duration
	// CompleteTries is how often Complete is called while the server answers with what is neither success nor refusal: 8.
	CompleteTries int
}

func (p Policy) withDefaults() Policy {
	setDuration := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	setInt := func(n *int, value int) {
		if *n == 0 {
			*n = value
		}
	}
	setDuration(&p.Base, 200*time.Millisecond)
	setDuration(&p.Cap, 30*time.Second)
	setDuration(&p.ParkAfter, 15*time.Minute)
	setDuration(&p.ReturnAfter, time.Minute)
	setDuration(&p.RetryAfterCap, time.Minute)
	setDuration(&p.AbortWait, time.Second)
	setInt(&p.AbortRounds, 5)
	setInt(&p.CompleteTries, 8)
	return p
}

// wait is how long to wait after the n-th failure in a row (1-based): full jitter, so that many clients do not come back
// together, and never less than the server asked for.
func (p Policy) wait(n int, random float64, retryAfter time.Duration) time.Duration {
	ceiling := p.Cap
	if shift := n - 1; shift < 20 {
		ceiling = min(p.Cap, p.Base<<shift)
	}
	return max(time.Duration(random*float64(ceiling)), min(retryAfter, p.RetryAfterCap))
}

// pause is how long a job rests that was parked for the n-th time in a row (1-based).
func (p Policy) pause(n int) time.Duration {
	factors := []time.Duration{1, 2, 5, 10}
	return factors[min(n, len(factors))-1] * p.ReturnAfter
}

// parkedError is returned when nothing was acknowledged for too long. The work is kept; trying again later helps.
type parkedError struct {
	after time.Duration
	last  error
}

func (e *parkedError) Error() string {
	return fmt.Sprintf("nothing went through for %v: %v", e.after.Round(time.Second), e.last)
}
func (e *parkedError) Unwrap() error { return e.last }

// retryable reports whether the same call may succeed if it is made again later.
func retryable(err error) bool {
	switch ossapi.KindOf(err) {
	case ossapi.KindTemporary, ossapi.KindThrottled, ossapi.KindOddAnswer:
		return true
	}
	return false
}

// wantedWait is what the server asked for with Retry-After.
func wantedWait(err error) time.Duration {
	var e *ossapi.Error
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}

// sleep waits for d or until the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
