package transfer

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"partway/model"
	"partway/ossapi"
)

// putWhole sends a small file as a simple object, in one request.
func (s *sending) putWhole(ctx context.Context) error {
	take, stopTaking := context.WithCancelCause(ctx)
	defer stopTaking(nil)
	if s.intent.Write.IfExists == model.IfExistsSkip {
		if err := s.meetObject(ctx); err != nil {
			return err
		}
	}
	s.beginSending(stopTaking)
	defer s.endSending()
	// There is no Complete that could be held back if the file changes on the way. So the sum is always sent, it is of the file as it
	// was begun, and the service refuses what differs from it.
	s.intent.Send.NoMD5 = false
	f := &flight{number: 1, at: model.Range{Size: s.intent.Plan.Size}}
	s.j.fly(f)
	defer s.j.land(f)
	if err := s.hash(take, f); err != nil {
		return err
	}
	if err := s.unchanged(); err != nil {
		return err
	}
	begun := s.call.served(s.e.now())
	if saved := s.saved(); !saved.Begun.IsZero() {
		begun = s.call.served(saved.Begun) // an earlier run may have stored it
	}
	answer, err := s.persist(ctx, take, f, s.putObject)
	if exists := (*existsError)(nil); errors.As(err, &exists) {
		// A try whose answer was lost may be what is in the way.
		if proof, proveErr := s.proveWhole(ctx, f, begun); proveErr == nil && proof.ok {
			return s.finish(proof)
		}
	}
	if err != nil {
		return err
	}
	if err := s.unchanged(); err != nil {
		return err
	}
	return s.finish(wholeProof(f, answer))
}

func (s *sending) putObject(ctx context.Context, f *flight, body *partBody) (answered, error) {
	put, err := s.call.store.Put(ctx, ossapi.PutRequest{Object: s.object(), WriteOptions: writeOptionsOf(s.intent.Write),
		Body: body, Size: f.at.Size, ContentMD5: f.md5})
	return answered{etag: put.ETag, crc64: put.CRC64, hasCRC: put.HasCRC64}, err
}

// wholeProof is the proof of an object sent in one piece: check has bound the answer to our bytes already.
func wholeProof(f *flight, answer answered) proof {
	p := proof{ok: true, crc64: answer.crc64, kind: model.ProofMD5}
	if f.md5 == "" {
		p.kind = model.ProofCRC64
	}
	return p
}

// proveWhole asks whether the object that exists is the one sent in a try whose answer was lost.
func (s *sending) proveWhole(ctx context.Context, f *flight, since time.Time) (proof, error) {
	info, err := s.head(ctx)
	if err != nil {
		return proof{}, err
	}
	sum, err := s.sum(ctx, s.file, f.at, true, true)
	if err != nil {
		return proof{}, err
	}
	same := info.Size == f.at.Size && !info.LastModified.Before(since.Add(-clockSlack)) &&
		(info.HasCRC64 && info.CRC64 == sum.crc64 || !info.HasCRC64 && strings.EqualFold(info.ETag, hex.EncodeToString(sum.md5[:])))
	return proof{ok: same, kind: model.ProofMD5, crc64: sum.crc64}, nil
}
