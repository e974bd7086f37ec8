package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"partway/model"
	"partway/transfer"
)

// streamFlags are the flags of put that belong to a stream.
type streamFlags struct {
	expectedSize string
	spool        string
	failOnEmpty  bool
}

// given names one of them that was typed, or is empty.
func (f streamFlags) given() string {
	switch {
	case f.expectedSize != "":
		return "--expected-size"
	case f.spool != "":
		return "--spool"
	case f.failOnEmpty:
		return "--fail-on-empty"
	}
	return ""
}

// putStream sends standard input to one key.
func (a *app) putStream(ctx context.Context, bucket, key string, flags *putFlags, options *sending) error {
	stream := transfer.Stream{Key: key, FailOnEmpty: flags.stream.failOnEmpty}
	if err := a.checkStream(&stream, flags); err != nil {
		return err
	}
	s, err := a.connect(ctx, bucket)
	if err != nil {
		return err
	}
	defer s.close()
	options.withDefaults(s)
	if flags.partSize == "" {
		options.send.PartSize = 0 // the profile's suits files: a stream that outgrows 10 000 parts of one size cannot begin anew
	}
	if err := s.startEngine(options.limits); err != nil {
		return err
	}
	r := a.newRun(s.engine)
	r.files, r.expected, r.bytes, r.forgets = 1, 1, stream.Expected, true
	stream.Reader, stream.Place, stream.Write, stream.Send = newPump(a.env.Stdin), s.place, options.write, options.send
	if err := s.engine.SendStream(ctx, stream); err != nil {
		return &failure{code: ExitUsage, err: fmt.Errorf("standard input: %w", err), next: spoolAdvice(stream)}
	}
	return r.drive(ctx)
}

// spoolAdvice is the way on where a part is larger than memory should hold.
func spoolAdvice(stream transfer.Stream) []string {
	if stream.SpoolDir != "" {
		return nil
	}
	return []string{"--spool DIR holds parts on the disk, where they may have up to " + model.ExactSize(model.MaxPartSize)}
}

// checkStream refuses what has no meaning for a stream, before anything of it is read: it could not be read again.
func (a *app) checkStream(stream *transfer.Stream, flags *putFlags) error {
	switch {
	case a.env.StdinTTY:
		return failf(ExitUsage, "standard input is a terminal: - sends what another program writes").withNext("pg_dump db | partway put - oss://bucket/db.dump")
	case stream.Key == "" || strings.HasSuffix(stream.Key, "/"):
		return failf(ExitUsage, "a stream has no name: the target must be the key of the object").withNext("partway put - oss://bucket/prefix/name")
	case len(flags.include)+len(flags.exclude) > 0 || flags.followSymlinks || flags.dryRun || flags.ifChanged != "stop":
		return usagef("--include, --exclude, --follow-symlinks, --if-changed and --dry-run are about files: a stream has none")
	}
	if err := model.CheckKey(stream.Key); err != nil {
		return &failure{code: ExitUsage, err: err}
	}
	if text := flags.stream.expectedSize; text != "" {
		size, err := model.ParseSize(text)
		if err == nil && size == 0 {
			err = fmt.Errorf("a stream of 0 bytes needs no size")
		}
		if err != nil {
			return usagef("--expected-size: %w", err)
		}
		stream.Expected = size
	}
	if dir := flags.stream.spool; dir != "" {
		stream.SpoolDir = a.absolute(dir)
		if info, err := os.Stat(stream.SpoolDir); err != nil || !info.IsDir() {
			return usagef("--spool %s is no folder that could be used", dir)
		}
	}
	return nil
}

// pump is standard input with a Close that ends a Read under way. The operating system has no such thing for a pipe that was
// inherited, so one goroutine reads, on demand, and is left alone with its last call when the pump is closed: it ends when the
// producer writes or ends, and at the latest with the process.
type pump struct {
	wanted chan int // how much to read
	got    chan pumped
	closed chan struct{}
	once   sync.Once
	rest   []byte
	failed error
}

type pumped struct {
	data []byte
	err  error
}

// pumpSize is how much is read at once at most: what a pipe of Linux holds.
const pumpSize = 64 << 10

func newPump(from io.Reader) *pump {
	p := &pump{wanted: make(chan int), got: make(chan pumped), closed: make(chan struct{})}
	go func() {
		buffer := make([]byte, pumpSize)
		for {
			var result pumped
			select {
			case n := <-p.wanted:
				n, err := from.Read(buffer[:n])
				result = pumped{buffer[:n], err}
			case <-p.closed:
				return
			}
			select {
			case p.got <- result:
			case <-p.closed:
				return
			}
		}
	}()
	return p
}

// Read is for one goroutine.
func (p *pump) Read(to []byte) (int, error) {
	if len(p.rest) == 0 && p.failed == nil && len(to) > 0 {
		select {
		case p.wanted <- min(len(to), pumpSize):
		case <-p.closed:
			return 0, os.ErrClosed
		}
		select {
		case result := <-p.got:
			p.rest, p.failed = result.data, result.err
		case <-p.closed:
			return 0, os.ErrClosed
		}
	}
	n := copy(to, p.rest)
	if p.rest = p.rest[n:]; len(p.rest) == 0 {
		return n, p.failed
	}
	return n, nil
}

// Close may be called more than once, and while a Read is under way.
func (p *pump) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// streamWays are the two ways on with the upload that a stream left.
func (a *app) streamWays(ref model.Ref) []string {
	if ref.UploadID == "" { // cut off before its answer was read: there is nothing to complete
		return []string{a.again("abort", ref.URL()) + "  removes it"}
	}
	return []string{
		a.again("abort", ref.URL(), "--upload-id", ref.UploadID) + "  frees its parts",
		a.again("complete", ref.URL(), "--upload-id", ref.UploadID) + "  makes an object of what arrived",
	}
}
