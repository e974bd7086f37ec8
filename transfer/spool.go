package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"golang.org/x/sync/semaphore"

	"partway/model"
)

// SpoolBudget is how many bytes of a stream are held in memory at most, and so the largest part of one that has no SpoolDir.
const SpoolBudget = 512 * model.MiB

// spoolBlock is how memory is taken: a part holds only the blocks that its bytes fill, and the next part takes the same ones again,
// whatever its size.
const spoolBlock = int(model.MiB)

// spool holds each part of a stream from the time it is read until the server has it: what cannot be read twice can be sent twice
// all the same. It is the job's Source. A range that was dropped cannot be read any more.
type spool struct {
	dir  string              // empty: memory
	room *semaphore.Weighted // bytes of memory that are free

	mu    sync.RWMutex
	print model.Fingerprint
	parts []*spooledPart
	rest  [][]byte // blocks at rest
}

// spooledPart is one part: in blocks, or in a file that has no name any more.
type spooledPart struct {
	at       model.Range
	reserved int64
	blocks   [][]byte
	file     *os.File
}

func newSpool(dir string, print model.Fingerprint) *spool {
	return &spool{dir: dir, room: semaphore.NewWeighted(SpoolBudget), print: print}
}

// Fingerprint is always the same: nobody can change what was read.
func (s *spool) Fingerprint() (model.Fingerprint, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.print, nil
}

// measured tells the spool how long the stream turned out to be.
func (s *spool) measured(size int64) model.Fingerprint {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.print.Size = size
	return s.print
}

// Close frees everything. No part may be read any more.
func (s *spool) Close() error {
	s.mu.Lock()
	parts := s.parts
	s.mu.Unlock()
	var failures []error
	for _, p := range parts {
		failures = append(failures, s.drop(p))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, block := range s.rest {
		failures = append(failures, freeBlock(block))
	}
	s.rest = nil
	return errors.Join(failures...)
}

// fill reads the part of at most size bytes that begins at offset. It is shorter where the stream ends in it; ended says that it
// does. It waits for room before it takes the first byte: that is what holds the producer back.
func (s *spool) fill(ctx context.Context, from io.Reader, offset, size int64) (p *spooledPart, ended bool, err error) {
	p = &spooledPart{at: model.Range{Offset: offset}}
	if s.dir == "" {
		if err := s.room.Acquire(ctx, size); err != nil {
			return nil, false, context.Cause(ctx)
		}
		p.reserved = size
	}
	s.mu.Lock()
	s.parts = append(slices.Clone(s.parts), p) // Close drops it, whatever happens
	s.mu.Unlock()
	if s.dir != "" {
		err = s.fillFile(p, from, size)
	} else {
		err = s.fillBlocks(p, from, size)
	}
	if err == io.EOF {
		return p, true, nil
	}
	return p, false, err
}

func (s *spool) fillBlocks(p *spooledPart, from io.Reader, size int64) error {
	for p.at.Size < size {
		block, err := s.takeBlock()
		if err != nil {
			return err
		}
		p.blocks = append(p.blocks, block)
		block = block[:min(int64(len(block)), size-p.at.Size)]
		// Not io.ReadFull: it cannot tell the end from a stream that itself says it was cut off.
		for len(block) > 0 {
			n, err := from.Read(block)
			block = block[n:]
			p.at.Size += int64(n)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// spoolError is a disk that does not take what was read; it is no failure of the stream.
type spoolError struct {
	dir string
	err error
}

func (e *spoolError) Error() string { return fmt.Sprintf("spool in %s: %v", e.dir, e.err) }
func (e *spoolError) Unwrap() error { return e.err }

// spoolWriter tells a failure to write from one to read. It hides what else a file can do, or io.Copy would go around it.
type spoolWriter struct {
	file *os.File
	dir  string
}

func (w spoolWriter) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	if err != nil {
		err = &spoolError{dir: w.dir, err: err}
	}
	return n, err
}

func (s *spool) fillFile(p *spooledPart, from io.Reader, size int64) error {
	file, err := os.CreateTemp(s.dir, ".partway-spool-*") // with mode 0600
	if err != nil {
		return &spoolError{dir: s.dir, err: err}
	}
	p.file = file
	unlink(file.Name())
	n, err := io.Copy(spoolWriter{file: file, dir: s.dir}, io.LimitReader(from, size))
	p.at.Size = n
	if err == nil && n < size {
		return io.EOF
	}
	return err
}

// unlink takes the name of an open file away, so that nothing is left of it whatever becomes of the process. Where an open file
// keeps its name, drop removes it.
func unlink(name string) { _ = os.Remove(name) }

func (s *spool) takeBlock() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.rest); n > 0 {
		block := s.rest[n-1]
		s.rest = s.rest[:n-1]
		return block, nil
	}
	block, err := newBlock(spoolBlock)
	if err != nil {
		return nil, fmt.Errorf("take memory for a part: %w", err)
	}
	return block, nil
}

// drop gives the room of a part back. It may be called twice.
func (s *spool) drop(p *spooledPart) error {
	s.mu.Lock()
	at := slices.Index(s.parts, p)
	if at < 0 {
		s.mu.Unlock()
		return nil
	}
	s.parts = slices.Concat(s.parts[:at], s.parts[at+1:])
	s.rest = append(s.rest, p.blocks...)
	p.blocks = nil
	s.mu.Unlock()
	if p.reserved > 0 {
		s.room.Release(p.reserved)
	}
	if p.file == nil {
		return nil
	}
	err := p.file.Close()
	unlink(p.file.Name())
	return err
}

// ReadAt reads from the part that holds the offset, and not beyond it.
func (s *spool) ReadAt(to []byte, offset int64) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, p := range s.parts {
		if offset < p.at.Offset || offset >= p.at.End() {
			continue
		}
		within := offset - p.at.Offset
		wanted := to[:min(int64(len(to)), p.at.Size-within)]
		if p.file != nil {
			return fully(to)(p.file.ReadAt(wanted, within))
		}
		n := 0
		for n < len(wanted) {
			position := within + int64(n)
			n += copy(wanted[n:], p.blocks[position/int64(spoolBlock)][position%int64(spoolBlock):])
		}
		return fully(to)(n, nil)
	}
	return 0, fmt.Errorf("byte %d of the stream is not at hand any more", offset)
}

// fully says EOF where less was read than asked for, as io.ReaderAt wants it.
func fully(to []byte) func(int, error) (int, error) {
	return func(n int, err error) (int, error) {
		if err == nil && n < len(to) {
			err = io.EOF
		}
		return n, err
	}
}
