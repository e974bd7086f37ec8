package transfer

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"partway/model"
	"partway/ossapi"
)

// sendMissing is step 3. Sums are computed ahead of sending, several parts at once, and handed to the senders through a short
// queue; then each part is streamed from the file once more, which the page cache makes cheap, with nothing hashed on the way.
//
// Two contexts: take is cancelled by a pause and lets nothing new begin; ctx is cancelled by a failure and cuts everything. So
// what take ends is not reported as a failure, or one part that waits would cut the others that are on their way.
func (s *sending) sendMissing(ctx context.Context) error {
	missing := s.missing()
	if len(missing) == 0 {
		return nil
	}
	group, ctx := errgroup.WithContext(ctx)
	take, stopTaking := context.WithCancelCause(ctx)
	defer stopTaking(nil)
	slots := s.beginSending(stopTaking)
	defer s.endSending()

	ready := s.hashAhead(take, group, missing)
	group.Go(func() error {
		for f := range ready {
			if slots.acquire(take) != nil {
				return nil
			}
			group.Go(guarded(func() error {
				defer slots.release()
				return unlessStopped(take, s.sendPart(ctx, take, f))
			}))
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return err
	}
	if len(s.missing()) > 0 || errors.Is(context.Cause(take), errPaused) { // a pause holds Complete back too
		return errPaused
	}
	return nil
}

// unlessStopped drops an error that says no more than that take has ended.
func unlessStopped(take context.Context, err error) error {
	if err != nil && take.Err() != nil && errors.Is(err, context.Cause(take)) {
		return nil
	}
	return err
}

// missing lists the part numbers that are not in, ascending.
func (s *sending) missing() []int {
	s.j.mu.Lock()
	defer s.j.mu.Unlock()
	var numbers []int
	for i, at := range s.layout {
		if _, in := s.j.parts[i+1]; !in && at.Size > 0 {
			numbers = append(numbers, i+1)
		}
	}
	return numbers
}

func (s *sending) beginSending(drain context.CancelCauseFunc) *gate {
	j, asked := s.j, s.e.partsAsked()
	j.mu.Lock()
	j.slots = newGate(j.slotsWanted(asked))
	j.drain = drain
	j.lastAck = s.e.now()
	j.meter = meter{history: j.meter.history, best: j.meter.best}
	j.view.Status = model.StatusUploading
	if j.stopping != nil { // a pause came before there was anything to drain
		drain(j.stopping)
	}
	slots := j.slots
	j.mu.Unlock()
	s.e.nudge()
	return slots
}

func (s *sending) endSending() {
	j := s.j
	j.mu.Lock()
	j.slots, j.drain, j.flights = nil, nil, map[int]*flight{}
	j.mu.Unlock()
}

// slotsWanted is how many parts of this job may be under way, those included that wait for a retry: as many as were asked for, else
// as the queue could send at once. The caller holds the mutex.
func (j *job) slotsWanted(asked int) int {
	if j.view.AtOnce > 0 {
		return j.view.AtOnce
	}
	return max(asked, maxParts)
}

// lookAhead is how many bytes are hashed before they are sent: half of them in the lanes, half in the queue. It is what the page cache
// of a small server holds, so that sending does not read the disk again.
const lookAhead = model.GiB

// hashAhead computes the MD5 of the parts in their order, several at once, and no further ahead than the queue it returns is long. The
// queue is closed when all are in or take has ended.
func (s *sending) hashAhead(take context.Context, group *errgroup.Group, numbers []int) <-chan *flight {
	atOnce := max(int(lookAhead/2/max(s.intent.Plan.PartSize, model.MinPartSize)), 2)
	workers := min(atOnce, s.e.hasher.atOnce(), len(numbers))
	ready := make(chan *flight, workers)
	var next, running atomic.Int64
	running.Store(int64(workers))
	for range workers {
		group.Go(guarded(func() error {
			defer func() {
				if running.Add(-1) == 0 {
					close(ready)
				}
			}()
			for {
				i := int(next.Add(1)) - 1
				if i >= len(numbers) || take.Err() != nil {
					return nil
				}
				f := &flight{number: numbers[i], at: s.layout[numbers[i]-1]}
				if err := unlessStopped(take, s.hash(take, f)); err != nil {
					return err
				}
				select {
				case ready <- f:
				case <-take.Done():
					return nil
				}
			}
		}))
	}
	return ready
}

// hash computes what travels as Content-MD5.
func (s *sending) hash(ctx context.Context, f *flight) error {
	if s.intent.Send.NoMD5 {
		return nil
	}
	got, err := s.sum(ctx, s.file, f.at, true, false)
	if err != nil {
		return err
	}
	s.j.mu.Lock()
	f.md5 = base64.StdEncoding.EncodeToString(got.md5[:])
	s.j.mu.Unlock()
	return nil
}

// answered is what the server said of a part or of an object sent in one piece.
type answered struct {
	etag   string
	crc64  uint64
	hasCRC bool
	ownCRC uint64 // of the bytes as they were handed over; only without MD5
}

// sendPart sends one part until the server has it, proved, or there is no use in going on.
func (s *sending) sendPart(ctx, take context.Context, f *flight) error {
	s.j.fly(f)
	defer s.j.land(f)
	answer, err := s.persist(ctx, take, f, s.uploadPart)
	if err != nil {
		return err
	}
	record := model.PartRecord{Number: f.number, Offset: f.at.Offset, Size: f.at.Size, ETag: answer.etag, CRC64: answer.crc64, HasCRC64: answer.hasCRC}
	if err := s.unchanged(); err != nil {
		if changed := (*changedError)(nil); errors.As(err, &changed) {
			changed.sent = &record
		}
		return err
	}
	s.record(model.Record{Kind: model.RecordPart, Part: &record})
	s.j.acknowledge(record, s.e.now())
	s.e.pace.succeeded()
	s.e.nudge()
	return nil
}

// attempt is one try of sending a range.
type attempt func(context.Context, *flight, *partBody) (answered, error)

func (s *sending) uploadPart(ctx context.Context, f *flight, body *partBody) (answered, error) {
	up, err := s.call.store.UploadPart(ctx, ossapi.UploadPartRequest{
		Upload: uploadOf(s.j.ref()), PartNumber: f.number, Body: body, Size: f.at.Size, ContentMD5: f.md5})
	return answered{etag: up.ETag, crc64: up.CRC64, hasCRC: up.HasCRC64}, err
}

// persist tries until the server has acknowledged the bytes. Between tries it holds no place among the parts at once, so that a
// part that waits does not keep others from being sent.
func (s *sending) persist(ctx, take context.Context, f *flight, once attempt) (answered, error) {
	damaged, mended := 0, 0
	var failing time.Time // since when
	for try := 1; ; try++ {
		asked := s.e.now()
		answer, err := s.tryOnce(ctx, take, f, try, once)
		if ctx.Err() == nil && take.Err() == nil {
			s.call.link.met(err, asked, s.e.now(), time.Time{})
		}
		if err == nil {
			return answer, nil
		}
		if ctx.Err() != nil {
			return answered{}, context.Cause(ctx)
		}
		if take.Err() != nil {
			return answered{}, context.Cause(take)
		}
		switch {
		case ossapi.KindOf(err) == ossapi.KindDamaged:
			if damaged++; damaged == maxDamaged {
				return answered{}, &damagedError{what: fmt.Sprintf("part %d arrived damaged %d times in a row", f.number, damaged)}
			}
			if err := s.rehash(take, f, err); err != nil {
				return answered{}, err
			}
		case s.call.mend(ctx, err, asked, &mended):
		case !retryable(err):
			if answer, there := s.alreadyThere(ctx, f, err); there {
				return answer, nil
			}
			return answered{}, s.final(err)
		default:
			if failing.IsZero() {
				failing = s.e.now()
			}
			if err := s.backOff(take, f, err, retry{try: try, asked: asked, failing: failing}); err != nil {
				return answered{}, err
			}
		}
	}
}

// maxDamaged is how often a part may arrive damaged before memory, disk or a proxy is suspected.
const maxDamaged = 3

func (s *sending) tryOnce(ctx, take context.Context, f *flight, try int, once attempt) (answered, error) {
	if err := s.e.parts.acquireIn(take, s.j); err != nil {
		return answered{}, err
	}
	defer s.e.parts.release()
	s.j.beginTry(f, try)
	body := &partBody{ctx: ctx, file: io.NewSectionReader(s.file, f.at.Offset, f.at.Size), job: s.j, flight: f,
		bandwidth: s.e.bandwidth, withCRC: s.intent.Send.NoMD5}
	answer, err := once(ctx, f, body)
	if err != nil {
		if ctx.Err() != nil {
			s.j.noteCut() // by the failure of another part, as much as by a pause
		}
		return answered{}, err
	}
	answer.ownCRC = body.crc64
	return answer, s.check(f, answer)
}

// check binds the server's answer to our bytes. With Content-MD5 the service itself refused what differs. Without, its CRC-64 must
// equal the one of the bytes that were handed over; never neither.
func (s *sending) check(f *flight, answer answered) error {
	if !s.intent.Send.NoMD5 {
		return nil
	}
	if !answer.hasCRC {
		return errors.New("the server gives no CRC-64, so without MD5 nothing can be proved: leave --no-md5 away")
	}
	if answer.crc64 != answer.ownCRC {
		return &ossapi.Error{Op: "upload part", PartNumber: f.number, Kind: ossapi.KindDamaged, Message: "the server's CRC-64 differs from ours"}
	}
	return nil
}

// rehash reads a part again that arrived damaged: if its sum is another one now, the file changed and not the wire.
func (s *sending) rehash(ctx context.Context, f *flight, cause error) error {
	if err := s.unchanged(); err != nil {
		return err
	}
	s.e.event(s.j, model.LevelWarn, f.number, 0, cause, "part %d arrived damaged, it is read and sent again", f.number)
	return s.hash(ctx, f)
}

// alreadyThere looks at a part that the service refuses because it has one of that number, as it does for an upload begun in
// sequential mode: an earlier try stored it if the ETag is the MD5 of our bytes.
func (s *sending) alreadyThere(ctx context.Context, f *flight, refused error) (answered, bool) {
	var refusal *ossapi.Error
	if !errors.As(refused, &refusal) || refusal.Code != "PartAlreadyExist" {
		return answered{}, false
	}
	list, err := s.call.listParts(ctx, s.j.ref(), s.waiting)
	if err != nil {
		return answered{}, false
	}
	for _, p := range list.Parts {
		if p.Number == f.number && p.Size == f.at.Size {
			same, err := s.sameBytes(ctx, s.file, p, f.at)
			return answered{etag: p.ETag, crc64: p.CRC64, hasCRC: p.HasCRC64}, same && err == nil
		}
	}
	return answered{}, false
}

// final gives a failure that no repetition helps its meaning.
func (s *sending) final(err error) error {
	if changed := s.unchanged(); changed != nil {
		return changed
	}
	if ossapi.KindOf(err) == ossapi.KindGone {
		return &goneError{cause: err}
	}
	return conflictOf(err)
}

// retry is the try of a part that failed.
type retry struct {
	try     int       // 1-based
	asked   time.Time // when it began
	failing time.Time // when the first in this row failed
}

// backOff waits before the next try of a part, or parks the job when none of its bytes were acknowledged for too long. On a slow
// line one try of one part can take longer than that, so the time counts from the part's first failure.
func (s *sending) backOff(take context.Context, f *flight, cause error, r retry) error {
	if ossapi.KindOf(cause) == ossapi.KindThrottled {
		s.e.throttled()
	}
	now := s.e.now()
	if idle := min(s.j.idle(now), now.Sub(r.failing)); idle >= s.e.policy.ParkAfter {
		return &parkedError{after: idle, last: cause}
	}
	wait := s.e.policy.wait(r.try, s.e.random(), wantedWait(cause))
	if r.try == 1 && silent(cause) && s.j.idle(now) < now.Sub(r.asked) {
		wait = 0 // a connection was lost and others got through meanwhile: that is no sign of a service in trouble
	}
	s.call.link.met(cause, r.asked, now, now.Add(wait))
	s.j.waitUntil(f, now.Add(wait), ProblemOf(cause, fmt.Sprintf("part %d", f.number)))
	s.e.event(s.j, model.LevelWarn, f.number, r.try+1, cause, "part %d: %s, try %d %s", f.number, brief(cause), r.try+1, when(wait))
	return sleep(take, wait)
}
