package transfer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"golang.org/x/sync/errgroup"

	"partway/model"
)

// Stream is bytes whose length nobody knows before they end, on their way to a key.
type Stream struct {
	// Reader gives the bytes; io.EOF ends them and has the upload completed. It is closed when the job ends, and that must end a
	// Read under way.
	Reader   io.ReadCloser
	Place    model.Place
	Key      string
	Write    model.WriteOptions
	Send     model.SendOptions // Parts counts the parts held, the one that is being read included; 0: five
	Expected int64             // bytes, to choose the size of the parts by; 0: they grow as model.Schedule says
	// SpoolDir is where parts are held until the server has them, in files without a name; empty: in memory, SpoolBudget at most.
	SpoolDir    string
	FailOnEmpty bool // a stream without a byte is a failure, not an empty object
}

// streamParts is how many parts of a stream are held at once by default: one that is being read and four on their way. Each costs
// memory.
const streamParts = 5

// SendStream puts a stream into the queue, or refuses it with the reason; the reader is closed then. What comes of it shows in the
// snapshots. A stream cannot be rewound: what stops it ends it, and leaves the upload with its parts to be completed or aborted by
// hand.
func (e *Engine) SendStream(_ context.Context, stream Stream) error {
	err := e.takeStream(stream)
	if err != nil {
		stream.Reader.Close()
	}
	e.schedule()
	e.publish()
	return err
}

func (e *Engine) takeStream(stream Stream) error {
	if e.ctx.Err() != nil {
		return errClosed
	}
	if err := model.CheckKey(stream.Key); err != nil {
		return err
	}
	if err := e.alone(stream.Place, stream.Key); err != nil {
		return err
	}
	largest := SpoolBudget
	if stream.SpoolDir != "" {
		largest = model.MaxPartSize
	}
	schedule, err := model.NewSchedule(stream.Expected, stream.Send.PartSize, largest)
	if err != nil {
		return err
	}
	if stream.Send.Parts == 0 {
		stream.Send.Parts = e.partsAsked()
	}
	if stream.Send.Parts == 0 {
		stream.Send.Parts = streamParts
	}
	j := e.newSend(newJobID(), model.Intent{Place: stream.Place, Key: stream.Key, Source: model.Fingerprint{Path: "-"}, Stream: true,
		Plan: model.Plan{PartSize: schedule.Next(0)}, Write: stream.Write, Send: stream.Send})
	begun := false
	j.work = func(ctx context.Context, j *job) error {
		if begun {
			return e.endStream(j, errStreamLost)
		}
		begun = true
		defer stream.Reader.Close()
		return e.sendStream(ctx, j, stream, schedule)
	}
	e.add(j)
	return nil
}

// streaming is a run of a stream: the sending of a file that is not there yet.
type streaming struct {
	*sending
	spool    *spool
	from     *bufio.Reader
	schedule model.Schedule
	fails    bool // without a byte
	read     int64
	slots    *gate
	take     context.Context // ends when nothing more is to be read
	stop     context.CancelCauseFunc
}

func (e *Engine) sendStream(ctx context.Context, j *job, stream Stream, schedule model.Schedule) (err error) {
	call, err := e.callerFor(ctx, j.place)
	if err != nil {
		return err
	}
	s := &streaming{sending: &sending{e: e, j: j, call: call, intent: j.intent}, schedule: schedule, fails: stream.FailOnEmpty,
		spool: newSpool(stream.SpoolDir, j.intent.Source), from: bufio.NewReader(stream.Reader)}
	s.file = s.spool
	defer func() {
		if freeErr := s.spool.Close(); freeErr != nil {
			s.tell(model.LevelWarn, "the spool was not cleared: %v", freeErr)
		}
	}()
	s.take, s.stop = context.WithCancelCause(ctx)
	defer s.stop(nil)
	// What ends the run ends a Read that waits for a producer which may have nothing to say for hours.
	defer context.AfterFunc(s.take, func() { stream.Reader.Close() })()
	s.slots = s.beginSending(s.stop)
	defer s.endSending()
	return s.judge(ctx, s.run(ctx))
}

// run reads the first part, and decides by it: what ends within it goes up as a simple object, everything else in parts.
func (s *streaming) run(ctx context.Context) error {
	if err := s.slots.acquire(s.take); err != nil {
		return err
	}
	first, ended, err := s.next()
	if err == nil && !ended && first.at.Size <= maxInOnePiece {
		// The part is full: one byte more decides.
		if _, err = s.from.Peek(1); err == io.EOF {
			ended, err = true, nil
		}
	}
	switch {
	case s.take.Err() != nil:
		return context.Cause(s.take)
	case err != nil:
		return err
	case ended && s.read == 0 && s.fails:
		return errStreamEmpty
	case ended && s.read <= maxInOnePiece:
		return s.inOnePiece(ctx)
	}
	intent := s.intent
	s.record(model.Record{V: model.JournalVersion, Kind: model.RecordIntent, Intent: &intent})
	if err := s.initiate(ctx); err != nil {
		return err
	}
	if err := s.sendAll(ctx, first, ended); err != nil {
		return err
	}
	s.settleSize()
	refused, err := s.settleParts(ctx)
	if err != nil {
		return err
	}
	if len(refused) == 0 {
		err = s.complete(ctx)
	}
	if len(refused) > 0 || errors.Is(err, errPartsRefused) {
		return &damagedError{what: "the server lists parts that differ from what was sent, and the stream cannot be read again: somebody else may be sending to this upload"}
	}
	return err
}

// next reads the part that follows.
func (s *streaming) next() (p *spooledPart, ended bool, err error) {
	p, ended, err = s.spool.fill(s.take, s.from, s.read, s.schedule.Next(s.read))
	if err != nil {
		if spooled := (*spoolError)(nil); !errors.As(err, &spooled) && s.take.Err() == nil {
			err = fmt.Errorf("read the stream behind %s: %w", model.ExactSize(s.read+p.at.Size), err)
		}
		return p, false, err
	}
	s.read += p.at.Size
	return p, ended, nil
}

// inOnePiece sends a short stream as a simple object.
func (s *streaming) inOnePiece(ctx context.Context) error {
	s.settleSize()
	s.intent.Plan.Size = s.read
	s.layout = model.Layout{{Size: s.read}}
	s.j.mu.Lock()
	s.j.showPlan(s.layout, s.intent.Plan.PartSize)
	s.j.mu.Unlock()
	return s.putWhole(ctx)
}

// settleSize makes what was read the size of the source, once the stream has ended and nothing more changes it.
func (s *streaming) settleSize() {
	s.intent.Source = s.spool.measured(s.read)
	s.j.update(s.e, func(v *model.Job) { v.Source.Size = s.read })
}

// sendAll sends the parts as they come in: the next one is read as soon as there is a slot for it and room to hold it, and no
// sooner. The caller holds the slot of the first. When reading fails or is stopped, what was read is still sent, so that what arrived
// has no gap.
func (s *streaming) sendAll(ctx context.Context, part *spooledPart, ended bool) error {
	group, ctx := errgroup.WithContext(ctx)
	defer func() { _ = group.Wait() }() // also behind a panic: nothing may read the spool when it is freed
	var failed error
	for number := 1; part.at.Size > 0; number++ {
		s.begin(ctx, group, number, part)
		if ended {
			break
		}
		if failed = s.slots.acquire(s.take); failed != nil {
			break
		}
		if number == model.MaxPartNumber {
			failed = s.wantEnd()
			break
		}
		if part, ended, failed = s.next(); failed != nil {
			break
		}
	}
	err := group.Wait()
	switch {
	case err != nil:
		return err
	case s.take.Err() != nil: // which also fails a read, and holds Complete back
		return context.Cause(s.take)
	}
	return failed
}

// wantEnd says that the stream is longer than its parts can be, unless it ends where they do.
func (s *streaming) wantEnd() error {
	if _, err := s.from.Peek(1); err != nil {
		if err == io.EOF {
			return nil
		}
		return fmt.Errorf("read the stream behind %s: %w", model.ExactSize(s.read), err)
	}
	return &tooLongError{size: s.read}
}

// begin shows a part and sends it in a goroutine of the group, which frees its slot.
func (s *streaming) begin(ctx context.Context, group *errgroup.Group, number int, part *spooledPart) {
	s.layout = append(s.layout, part.at)
	s.j.update(s.e, func(v *model.Job) {
		v.Parts, v.PartSize, v.Source.Size = number, part.at.Size, s.read
		if len(v.Done)*8 < number { // snapshots share the old one
			v.Done = append(slices.Clone(v.Done), 0)
		}
	})
	group.Go(func() error {
		defer s.slots.release()
		f := &flight{number: number, at: part.at}
		err := guarded(func() error {
			if err := s.hash(ctx, f); err != nil {
				return err
			}
			return s.sendPart(ctx, ctx, f)
		})()
		if err = errors.Join(err, s.spool.drop(part)); err != nil {
			s.stop(err)
		}
		return err
	})
}

// judge gives what ended a stream its meaning. An end that leaves nothing behind is told as for a file.
func (s *streaming) judge(ctx context.Context, err error) error {
	exists := (*existsError)(nil)
	switch {
	case err == nil, errors.Is(err, errAborted), errors.Is(err, errClosed):
		return err
	case errors.Is(err, errPaused):
		err = errStreamCut
	case errors.As(err, &exists):
		if s.intent.Write.IfExists == model.IfExistsSkip {
			if _, abortErr := s.e.abortUntilGone(ctx, s.call, s.j); abortErr != nil {
				return abortErr
			}
			return &skippedError{why: "an object of this key exists"}
		}
		if s.j.ref().UploadID == "" {
			return err
		}
	}
	return s.e.endStream(s.j, err)
}
