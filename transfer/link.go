package transfer

import (
	"errors"
	"net"
	"sync"
	"time"

	"partway/model"
	"partway/ossapi"
)

// link keeps what the requests of all jobs say about how the service can be reached.
type link struct {
	mu    sync.Mutex
	state model.Link
	// suspected is when a connection was lost that had been there; zero: none since a request got through.
	suspected time.Time
	back      chan struct{} // rings when a request is answered after none was; nil: nobody listens
}

// met notes how a request that began at asked ended, and when it will be made again; zero: not known. No connection means that the
// service cannot be reached; a connection that is lost, only if a request that began afterwards gets no answer either: others may be
// getting through all the while.
func (l *link) met(err error, asked, now, next time.Time) {
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
		l.suspected = time.Time{}
		return
	case !l.state.OfflineSince.IsZero():
	case unconnected(err):
		l.state.OfflineSince = now
	case l.suspected.IsZero():
		l.suspected = now
		return
	case asked.Before(l.suspected): // lost at the same time
		return
	default:
		l.state.OfflineSince = l.suspected
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

// unconnected reports whether not even a connection was made.
func unconnected(err error) bool {
	var dial *net.OpError
	var name *net.DNSError
	return errors.As(err, &name) || errors.As(err, &dial) && dial.Op == "dial"
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
