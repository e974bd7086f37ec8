package transfer

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"partway/model"
	"partway/ossapi"
)

// errPartsRefused says that Complete named a part it does not hold as we say: the list has to be read again.
var errPartsRefused = errors.New("the service refused the list of parts")

// clockSlack is how far the service's clock may be from ours: it refuses requests that are further off.
const clockSlack = 15 * time.Minute

// proof is what is known of an object after looking at it.
type proof struct {
	ok    bool
	kind  model.Proof
	crc64 uint64
	// silent is set for an object of the right size and age that the server gives no sum of: nothing speaks against it.
	silent bool
}

// settleParts is step 4: the file must be unchanged, and what the server lists must be what was acknowledged. Parts that are
// listed otherwise are counted as missing again and returned.
func (s *sending) settleParts(ctx context.Context) (refused []int, err error) {
	if err := s.unchanged(); err != nil {
		return nil, err
	}
	list, err := s.call.listParts(ctx, s.j.ref(), s.waiting)
	switch ossapi.KindOf(err) {
	case ossapi.KindNone:
	case ossapi.KindDenied:
		s.tell(model.LevelWarn, "this key may not list parts: the acknowledgements are trusted")
		return nil, nil
	case ossapi.KindGone:
		return nil, &goneError{cause: err}
	default:
		return nil, err
	}
	listed := make(map[int]model.Part, len(list.Parts))
	for _, p := range list.Parts {
		listed[p.Number] = p
	}
	s.j.mu.Lock()
	defer s.j.mu.Unlock()
	for number, held := range s.j.parts {
		p, there := listed[number]
		if there && p.Size == held.Size && strings.EqualFold(p.ETag, held.ETag) && !(p.HasCRC64 && held.HasCRC64 && p.CRC64 != held.CRC64) {
			if p.HasCRC64 && !held.HasCRC64 {
				held.CRC64, held.HasCRC64 = p.CRC64, true
				s.j.parts[number] = held
			}
			continue
		}
		refused = append(refused, number)
	}
	for _, number := range refused {
		s.j.drop(number)
	}
	return refused, nil
}

// complete is step 5. One call is not enough: its effect and its answer part ways too often. So the journal says first that
// Complete is being called; any answer but a clear success is met with a look at the object; and "done" is said only of an object
// that was proved.
func (s *sending) complete(ctx context.Context) error {
	begun := s.call.served(s.e.now())
	s.record(model.Record{Kind: model.RecordCompleting, At: begun})
	s.j.update(s.e, func(v *model.Job) { v.Status, s.j.saved.CompletingAt = model.StatusCompleting, begun })
	request := ossapi.CompleteRequest{Upload: uploadOf(s.j.ref()), ACL: s.intent.Write.ACL,
		ForbidOverwrite: s.intent.Write.IfExists != model.IfExistsOverwrite}
	parts := s.heldParts()
	for _, p := range parts {
		request.Parts = append(request.Parts, ossapi.CompletePart{Number: p.Number, ETag: p.ETag})
	}
	mended := 0
	for try := 1; ; try++ {
		asked := s.e.now()
		result, err := s.call.store.Complete(ctx, request)
		if err == nil {
			return s.verify(ctx, result, begun)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if s.call.mend(ctx, err, asked, &mended) {
			continue
		}
		again, err := s.resolve(ctx, err, begun, try)
		if !again {
			return err
		}
	}
}

func (s *sending) heldParts() []model.PartRecord {
	s.j.mu.Lock()
	defer s.j.mu.Unlock()
	parts := make([]model.PartRecord, 0, len(s.layout))
	for number := range s.layout {
		if p, held := s.j.parts[number+1]; held {
			parts = append(parts, p)
		}
	}
	return parts
}

// verify proves an object that Complete says it stored.
func (s *sending) verify(ctx context.Context, result ossapi.CompleteResult, begun time.Time) error {
	s.j.setStatus(s.e, model.StatusVerifying)
	if whole, known := s.wholeCRC(); known && result.HasCRC64 {
		if whole != result.CRC64 {
			return s.differs(whole, result.CRC64)
		}
		return s.finish(proof{ok: true, kind: model.ProofCRC64, crc64: whole})
	}
	found, err := s.prove(ctx, begun)
	if err != nil {
		return &unprovedError{cause: err}
	}
	if found.silent {
		// Every part was bound to our bytes, the list was compared, and Complete said yes.
		return s.finish(proof{ok: true, kind: model.ProofParts})
	}
	if !found.ok {
		return &damagedError{what: "the stored object is not the file: its size, CRC-64 or time differ"}
	}
	return s.finish(found)
}

func (s *sending) differs(ours, theirs uint64) error {
	return &damagedError{what: fmt.Sprintf("the stored object's CRC-64 is %d and the file's is %d: the object is not the file", theirs, ours)}
}

// resolve decides after a Complete that did not clearly succeed: look whether the object is there all the same, and if not,
// whether calling again can help.
func (s *sending) resolve(ctx context.Context, failure error, begun time.Time, try int) (again bool, err error) {
	kind := ossapi.KindOf(failure)
	found, proveErr := s.prove(ctx, begun)
	if proveErr == nil && found.ok {
		s.tell(model.LevelWarn, "Complete answered %q, and the object is there and equals the file", brief(failure))
		return false, s.finish(found)
	}
	switch {
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case kind == ossapi.KindGone:
		return false, &goneError{cause: failure}
	case kind == ossapi.KindPartList && !tooSmall(failure):
		s.tell(model.LevelWarn, "%s: the parts are listed again", brief(failure))
		return false, errPartsRefused
	case kind == ossapi.KindDamaged || !retryable(failure):
		return false, conflictOf(failure)
	case try >= s.e.policy.CompleteTries:
		if proveErr != nil {
			return false, &unprovedError{cause: failure}
		}
		return false, failure
	}
	wait := s.e.policy.wait(try, s.e.random(), wantedWait(failure))
	s.waiting(failure, try, s.e.now().Add(wait))
	if err := sleep(ctx, wait); err != nil {
		return false, err
	}
	s.j.setStatus(s.e, model.StatusCompleting)
	return true, nil
}

// tooSmall is the one refusal of a part list that sending parts again cannot mend.
func tooSmall(err error) bool {
	var answer *ossapi.Error
	return errors.As(err, &answer) && answer.Code == "EntityTooSmall"
}

// wholeCRC is the CRC-64 of the file from those of its parts; known is false if the server left one out, or if not all parts are
// known here: a journal that lost a line knows fewer than the object was made of.
func (s *sending) wholeCRC() (sum uint64, known bool) {
	var combiner model.CRC64Combiner
	covered := int64(0)
	for _, p := range s.heldParts() {
		if !p.HasCRC64 {
			return 0, false
		}
		combiner.Append(p.CRC64, p.Size)
		covered += p.Size
	}
	return combiner.Sum(), covered > 0 && covered == s.layout.Size()
}

// prove looks at the object and compares it with the parts: size, then CRC-64, or where the server has none the ETag that S3 and
// its likes make of the parts' MD5. An object from before since is not the one this job made, whatever it holds; since may be
// zero, then the job's start counts.
func (s *sending) prove(ctx context.Context, since time.Time) (proof, error) {
	info, err := s.head(ctx)
	if ossapi.KindOf(err) == ossapi.KindNotFound {
		return proof{}, nil
	}
	if err != nil {
		return proof{}, err
	}
	if since.IsZero() {
		s.j.mu.Lock()
		since = s.j.view.Started
		if begun := s.j.saved.Begun; !begun.IsZero() {
			since = begun
		}
		s.j.mu.Unlock()
		since = s.call.served(since)
	}
	if info.Size != s.layout.Size() || info.LastModified.Before(since.Add(-clockSlack)) {
		return proof{}, nil
	}
	whole, known := s.wholeCRC()
	switch {
	case info.HasCRC64 && known:
		return proof{ok: whole == info.CRC64, kind: model.ProofCRC64, crc64: whole}, nil
	case info.HasCRC64:
		sum, err := s.wholeFile(ctx, info.Size, false)
		return proof{ok: err == nil && sum.crc64 == info.CRC64, kind: model.ProofCRC64, crc64: sum.crc64}, err
	}
	same := strings.EqualFold(info.ETag, multipartETag(s.heldParts()))
	return proof{ok: same, kind: model.ProofParts, silent: !same}, nil
}

// multipartETag is the ETag that S3 gives an object of parts: the MD5 of the parts' MD5 sums, and their number.
func multipartETag(parts []model.PartRecord) string {
	all := md5.New()
	for _, p := range parts {
		sum, err := hex.DecodeString(p.ETag)
		if err != nil {
			return ""
		}
		all.Write(sum)
	}
	return fmt.Sprintf("%x-%d", all.Sum(nil), len(parts))
}

// finish says done, in the journal and on the screen.
func (s *sending) finish(p proof) error {
	s.j.mu.Lock()
	v := &s.j.view
	v.Status, v.Proof, v.CRC64, v.Problem = model.StatusDone, p.kind, p.crc64, nil
	v.PartsDone, v.BytesDone, v.Finished = v.Parts, v.Source.Size, s.e.now()
	s.j.mu.Unlock()
	s.e.forget(s.j)
	if s.intent.Adopted != "" {
		s.e.forgetStream(s.j.ref()) // a file took the place of the stream that had begun the upload
	}
	s.tell(model.LevelInfo, "done: %s, proved by %s", model.FormatSize(s.intent.Source.Size), p.kind)
	return nil
}
