package transfer

import (
	"errors"
	"sync"
	"time"

	"partway/model"
	"partway/ossapi"
)

// link keeps what the requests of all jobs say about how the service can be reached.
type link struct {
	mu    sync.Mutex
	state model.Link
	back  chan struct{} // rings when a request is answered after none was; nil: nobody listens
}

// met notes how a request ended, and when it will be made again; zero: not known.
func (l *link) met(err error, now, next time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !silent(err):
		if !l.state.OfflineSince.IsZero() {
			select {
			case l.back <- struct{}{}:
			default:
			}
		}
		l.state.OfflineSince, l.state.OfflineWhy, l.state.NextTry = time.Time{}, "", time.Time{}
		return
	case l.state.OfflineSince.IsZero():
		l.state.OfflineSince = now
	}
	l.state.OfflineWhy = err.Error()
	if l.state.NextTry.Before(now) || next.Before(l.state.NextTry) {
		l.state.NextTry = next
	}
}

// silent reports whether a request got no answer at all.
func silent(err error) bool {
	var answer *ossapi.Error
	return errors.As(err, &answer) && answer.Kind == ossapi.KindTemporary && answer.Status == 0
}

func (l *link) corrected(offset time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.ClockOffset = offset
}

func (l *link) snapshot() model.Link {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}
