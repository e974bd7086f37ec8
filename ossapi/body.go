package ossapi

import (
	"errors"
	"fmt"
	"io"
	"sync"
)

// errReleased is what the transport reads after the call has returned.
var errReleased = errors.New("the call has returned")

// exactBody is a request's body that gives exactly size bytes or fails. Without
// it a reader that goes on too long would be read to its end by net/http, and
// only after the server has stored the part.
type exactBody struct {
	size int64

	mu       sync.Mutex // held while src is read, so that release can wait
	src      io.Reader
	conn     *watchedConn // that the body is sent over; nil: not watched
	read     int64
	err      error
	released bool
}

func newExactBody(src io.Reader, size int64) *exactBody {
	return &exactBody{src: src, size: size}
}

// Read implements io.Reader.
func (b *exactBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conn != nil {
		// A rate limit or a slow disk is not the connection's silence.
		b.conn.hold()
		defer b.conn.unhold()
	}
	switch {
	case b.released:
		return 0, errReleased
	case b.err != nil:
		return 0, b.err
	case b.read == b.size:
		return 0, io.EOF
	case len(p) == 0:
		return 0, nil
	}
	if left := b.size - b.read; int64(len(p)) > left {
		p = p[:left]
	}
	n, err := b.src.Read(p)
	b.read += int64(n)
	if b.read == b.size {
		// The last bytes are held back until the end is seen: without them
		// the server cannot store a part that is cut off.
		if err == nil {
			err = b.expectEnd()
		}
		if err == io.EOF {
			return n, nil
		}
	}
	if err == io.EOF {
		err = &lengthError{said: b.size, got: b.read}
	}
	if err != nil {
		b.err = err
		return 0, err
	}
	return n, nil
}

// maxEmptyReads is how often in a row a reader may give nothing and no error,
// which io.Reader discourages; as in package bufio.
const maxEmptyReads = 100

// expectEnd gives io.EOF when src is at its end.
func (b *exactBody) expectEnd() error {
	var one [1]byte
	for range maxEmptyReads {
		n, err := b.src.Read(one[:])
		if n > 0 {
			return &lengthError{said: b.size, got: b.size + 1, more: true}
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// Close implements io.Closer; the reader is the caller's and stays open.
func (b *exactBody) Close() error { return nil }

// release returns when the reader is no longer being read and never will be.
func (b *exactBody) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.released = true
	b.src = nil
}

// sendOver tells which connection is to wait for the reader.
func (b *exactBody) sendOver(conn *watchedConn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.conn = conn
}

// checkEmpty fails when a body of no bytes has some. The transport does not
// read such a body at all.
func (b *exactBody) checkEmpty() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.expectEnd(); err != io.EOF {
		return err
	}
	return nil
}

// failure gives the error of the reader itself, if it had one.
func (b *exactBody) failure() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// lengthError says that a body has another length than the caller said.
type lengthError struct {
	said, got int64
	more      bool // got is only the least it has
}

func (e *lengthError) Error() string {
	if e.more {
		return fmt.Sprintf("the body has %d bytes or more, %d were announced", e.got, e.said)
	}
	return fmt.Sprintf("the body ended after %d bytes, %d were announced", e.got, e.said)
}
