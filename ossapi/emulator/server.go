package emulator

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// The limits OSS documents.
const (
	maxPartNumber      = 10000
	defaultMinPartSize = 100 << 10 // every part but the last, checked at Complete only
	maxPartSize        = 5 << 30   // also of a simple PutObject
	maxObjectSize      = 48_800_000_000_000
	maxSkew            = 15 * time.Minute
	maxPage            = 1000
)

const (
	defaultRegion     = "cn-hangzhou"
	defaultRequestLog = 100_000
	bodyBufferSize    = 256 << 10
)

// Options configure a Server.
type Options struct {
	// Dir holds buckets, objects and parts; required, created with mode 0700. Only one Server may use it at a time. An upload is
	// a directory with a file and each part another file: with tens of thousands of them, a directory in memory (tmpfs) is some
	// twenty times faster than one on a disk.
	Dir string
	// Credentials maps access key ids to secrets. When empty, every request is accepted, signed or not.
	Credentials map[string]string
	// Region is expected in the scope of a V4 signature; "" means cn-hangzhou.
	Region string
	// Clock tells the server's time; nil means time.Now. It dates what is stored and judges the age of requests.
	Clock func() time.Time
	// Sink discards the bytes of parts and objects unhashed, for benchmarks of a client: an ETag is what Content-MD5 claims (random
	// without it), there are no CRC headers, and reading an object back answers 501.
	Sink bool
	// Domain is the host suffix of virtual-host style addresses, e.g. "oss.local" for bucket.oss.local. The suffix "localhost"
	// and path style always work.
	Domain string
	// Log receives one record for each request at debug level; nil is silent.
	Log *slog.Logger
	// RequestLog bounds the log that Requests returns; 0 means 100 000.
	RequestLog int
	// MinPartSize is the smallest size in bytes of a part that is not the last; 0 means the 102 400 of OSS. Smaller values let a
	// test have many parts cheaply.
	MinPartSize int64
}

// Server is an OSS server. It is an http.Handler; the caller brings the http.Server or httptest.Server around it. All methods are
// safe for concurrent use.
type Server struct {
	credentials map[string]string
	region      string
	domain      string
	clock       func() time.Time
	sink        bool
	slog        *slog.Logger
	minPartSize int64

	store   *store
	faults  faultSet
	log     requestLog
	buffers sync.Pool // of *[]byte, bodyBufferSize each
	serial  atomic.Uint64
	closed  chan struct{}
	close   sync.Once
}

// New opens the server on Options.Dir and takes over the buckets, objects and uploads found there.
func New(opt Options) (*Server, error) {
	if opt.Dir == "" {
		return nil, errors.New("emulator: Options.Dir is empty")
	}
	s := &Server{
		credentials: opt.Credentials,
		region:      opt.Region,
		domain:      opt.Domain,
		clock:       opt.Clock,
		sink:        opt.Sink,
		slog:        opt.Log,
		minPartSize: opt.MinPartSize,
		log:         requestLog{limit: opt.RequestLog},
		closed:      make(chan struct{}),
	}
	if s.region == "" {
		s.region = defaultRegion
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.slog == nil {
		s.slog = slog.New(slog.DiscardHandler)
	}
	if s.minPartSize == 0 {
		s.minPartSize = defaultMinPartSize
	}
	if s.log.limit <= 0 {
		s.log.limit = defaultRequestLog
	}
	s.buffers.New = func() any { b := make([]byte, bodyBufferSize); return &b }
	st, err := openStore(opt.Dir)
	if err != nil {
		return nil, fmt.Errorf("emulator: open %s: %w", opt.Dir, err)
	}
	s.store = st
	return s, nil
}

// Close ends every wait that a fault arranged and refuses new requests. Close it before the http.Server around it, which waits
// for its handlers. What is stored stays in Options.Dir. Close may be called more than once.
func (s *Server) Close() error {
	s.close.Do(func() { close(s.closed) })
	return nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ex := s.newExchange(w, r)
	rep, end := ex.run()
	switch end {
	case endReset:
		ex.record(0)
		ex.hangUp(true)
	case endClose:
		ex.record(0)
		ex.hangUp(false)
	default:
		ex.record(rep.status)
		ex.send(rep)
	}
}
