package ossapi

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptrace"
	"os"
	"sync"
	"time"
)

// copySize is the piece in which a body goes to the socket: larger than the
// 32 KiB net/http would use, so that a part costs fewer system calls, and
// small enough to stay in a core's cache.
const copySize = 256 << 10

// creditSize is how many bytes of an answer earn another silence period. It
// makes a server that drips its answer byte by byte run into the limit.
const creditSize = 16 << 10

// silenceError ends a call whose connection moved no byte for too long.
type silenceError struct{ after time.Duration }

func (e *silenceError) Error() string { return fmt.Sprintf("no byte moved for %v", e.after) }

// Timeout and Temporary make it a net.Error.
func (*silenceError) Timeout() bool   { return true }
func (*silenceError) Temporary() bool { return true }

// connWatch ties one request to the connection it is given.
type connWatch struct {
	silence time.Duration
	body    *exactBody
	conn    *watchedConn
	use     uint64
}

func (w *connWatch) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			w.conn = unwrapWatched(info.Conn)
			if w.conn == nil {
				return
			}
			w.use = w.conn.begin(w.silence)
			if w.body != nil {
				w.body.sendOver(w.conn)
			}
		},
		PutIdleConn: func(error) {
			if w.conn != nil {
				w.conn.end(w.use)
			}
		},
	}
}

// unwrapWatched finds the watchedConn below TLS, also TLS within TLS as an
// https proxy makes it.
func unwrapWatched(conn net.Conn) *watchedConn {
	for conn != nil {
		if w, ok := conn.(*watchedConn); ok {
			return w
		}
		below, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return nil
		}
		conn = below.NetConn()
	}
	return nil
}

// watchedConn is a connection that fails when, during a request, no byte moves
// in either direction for the time that request allows. Between requests it
// has no deadline: how long it may idle in the pool is the transport's affair.
//
// The socket's deadline is moved only when it fires and turns out to be
// outdated, so that a busy connection pays no system call or timer for it.
type watchedConn struct {
	net.Conn
	buffers *sync.Pool // of *[]byte, copySize long

	mu       sync.Mutex
	use      uint64        // counts the requests, so that end ends its own
	silence  time.Duration // allowed; 0: no request is under way
	deadline time.Time     // when the silence will have lasted too long
	held     int           // reasons for which silence is not the peer's, now
	credit   int           // bytes received that have not yet moved the deadline
}

// begin starts the watch for a request.
func (c *watchedConn) begin(silence time.Duration) (use uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.use++
	c.silence = silence
	c.credit = 0
	c.moved()
	_ = c.SetDeadline(c.deadline) // fails on a closed connection only, as the next write will
	return c.use
}

// end ends the watch of a request, unless another has begun meanwhile: the
// transport reports that a connection is idle after it has become so.
func (c *watchedConn) end(use uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.use != use {
		return
	}
	c.silence = 0
	_ = c.SetDeadline(time.Time{})
}

// hold says that silence is not the peer's fault until unhold.
func (c *watchedConn) hold() {
	c.mu.Lock()
	c.held++
	c.mu.Unlock()
}

func (c *watchedConn) unhold() {
	c.mu.Lock()
	c.held--
	c.moved()
	c.mu.Unlock()
}

// moved notes activity; mu is held.
func (c *watchedConn) moved() { c.deadline = time.Now().Add(c.silence) }

// Read implements net.Conn.
func (c *watchedConn) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		if n > 0 {
			c.received(n)
			return n, err
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
		if err := c.extendRead(); err != nil {
			return 0, err
		}
	}
}

func (c *watchedConn) received(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.credit += n; c.credit >= creditSize {
		c.credit = 0
		c.moved()
	}
}

// Write implements net.Conn.
func (c *watchedConn) Write(p []byte) (int, error) {
	// While a write is under way it alone judges the silence: it may have
	// handed over some bytes that the reading side does not know of.
	c.hold()
	defer c.unhold()
	total := 0
	for {
		n, err := c.Conn.Write(p)
		total += n
		p = p[n:]
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
			return total, err
		}
		if err := c.extendWrite(n > 0); err != nil {
			return total, err
		}
	}
}

// extendRead is called when the read deadline has passed: it sets it anew when
// it was outdated, and fails when the silence has truly lasted too long.
func (c *watchedConn) extendRead() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch now := time.Now(); {
	case c.silence == 0:
		return c.SetReadDeadline(time.Time{})
	case c.held > 0:
		return c.SetReadDeadline(now.Add(c.silence))
	case now.Before(c.deadline):
		return c.SetReadDeadline(c.deadline)
	}
	return &silenceError{after: c.silence}
}

// extendWrite is extendRead for the write deadline; progress says that some
// bytes were handed over before it passed.
func (c *watchedConn) extendWrite(progress bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if progress {
		c.moved()
	}
	switch {
	case c.silence == 0:
		return c.SetWriteDeadline(time.Time{})
	case time.Now().Before(c.deadline):
		return c.SetWriteDeadline(c.deadline)
	}
	return &silenceError{after: c.silence}
}

// ReadFrom implements io.ReaderFrom, through which net/http sends a body.
func (c *watchedConn) ReadFrom(r io.Reader) (int64, error) {
	buf := c.buffers.Get().(*[]byte)
	defer c.buffers.Put(buf)
	var total int64
	for {
		n, err := r.Read(*buf)
		if n > 0 {
			w, err := c.Write((*buf)[:n])
			total += int64(w)
			if err != nil {
				return total, err
			}
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}
