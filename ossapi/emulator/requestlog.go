package emulator

import (
	"sync"
	"time"
)

// Request is one line of the request log.
type Request struct {
	Op          Op
	Bucket, Key string
	UploadID    string // as sent; for InitiateMultipartUpload the new one
	PartNumber  int    // 0 when there is none
	BodyBytes   int64  // of the request's body, as far as it was read
	Status      int    // of the answer; 0 when none was sent
	At          time.Time
	RequestID   string
}

// requestLog keeps the newest requests in a ring.
type requestLog struct {
	mu    sync.Mutex
	ring  []Request
	limit int
	next  int // the place of the oldest once the ring is full
}

func (l *requestLog) add(r Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ring) < l.limit {
		l.ring = append(l.ring, r)
		return
	}
	l.ring[l.next] = r
	l.next = (l.next + 1) % l.limit
}

func (l *requestLog) all() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Request, 0, len(l.ring))
	return append(append(out, l.ring[l.next:]...), l.ring[:l.next]...)
}

func (l *requestLog) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ring, l.next = nil, 0
}

// Requests returns the requests answered or given up so far, oldest first; at most Options.RequestLog of them, the newest. A
// request is logged before its answer leaves, so a client that has the answer finds it here.
func (s *Server) Requests() []Request { return s.log.all() }

// ResetRequests empties the request log.
func (s *Server) ResetRequests() { s.log.reset() }
