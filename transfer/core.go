package transfer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"partway/model"
	"partway/ossapi"
)

// sending is one run of a job that sends a file: what the five steps share. A job that is paused and goes on gets a new one.
type sending struct {
	e      *Engine
	j      *job
	call   *caller
	file   Source
	intent model.Intent
	layout model.Layout
	agreed bool // somebody has said that parts which differ from the file are to be sent again
	etags  etagLore
}

// send is the life of an upload.
//
//  1. Look at the file and plan its parts.
//  2. Attach to the upload: initiate a new one, or find out what an old one holds.
//  3. Send the parts that are missing.
//  4. Compare what the server lists with what was sent.
//  5. Complete, and prove the object.
//
// Everything it learns goes to the journal before it is relied upon, so that it can begin again at any point.
func (e *Engine) send(ctx context.Context, j *job) error {
	call, err := e.callerFor(ctx, j.place)
	if err != nil {
		return err
	}
	s := &sending{e: e, j: j, call: call}
	if err := s.openSource(); err != nil {
		return err
	}
	defer s.file.Close()
	return s.describeChange(ctx, s.sendFile(ctx))
}

// sendFile sends the file that is open.
func (s *sending) sendFile(ctx context.Context) error {
	if err := s.meetFile(ctx); err != nil {
		return err
	}
	if s.inOnePiece() {
		return s.meetConflict(ctx, s.putWhole(ctx))
	}
	err := s.inParts(ctx)
	if gone := (*goneError)(nil); errors.As(err, &gone) {
		return s.meetGone(ctx, err)
	}
	return s.meetConflict(ctx, err)
}

// meetConflict applies the rule to an object that is in the way. One that equals the file is no conflict: whoever puts a folder
// again, after a run that was interrupted, wants the rest of it.
func (s *sending) meetConflict(ctx context.Context, err error) error {
	if exists := (*existsError)(nil); !errors.As(err, &exists) {
		return err
	}
	skipped := &skippedError{why: "an object of this key exists"}
	if s.intent.Write.IfExists != model.IfExistsSkip {
		if same, lookErr := s.equalsObject(ctx); lookErr != nil || !same {
			return err
		}
		skipped.why = "an object of this key exists and equals the file"
	}
	if s.intent.Adopted == "" {
		// The object may have come while parts were sent. The job is over, and nobody would know of them.
		if _, abortErr := s.e.abortUntilGone(ctx, s.call, s.j); abortErr != nil {
			return abortErr
		}
	}
	return skipped
}

// equalsObject compares the object that exists with the file: its size, and the best sum that the server gives.
func (s *sending) equalsObject(ctx context.Context) (bool, error) {
	info, err := s.head(ctx)
	if err != nil || info.Size != s.intent.Source.Size {
		return false, err
	}
	sum, err := s.wholeFile(ctx, info.Size, !info.HasCRC64)
	if err != nil {
		return false, err
	}
	if info.HasCRC64 {
		return info.CRC64 == sum.crc64, s.unchanged()
	}
	return strings.EqualFold(info.ETag, hex.EncodeToString(sum.md5[:])), s.unchanged()
}

// inParts is steps 2 to 5.
func (s *sending) inParts(ctx context.Context) error {
	if err := s.attach(ctx); err != nil {
		return err
	}
	if _, err := s.compareTouched(ctx); err != nil {
		return err
	}
	for round := 1; ; round++ {
		if err := s.sendMissing(ctx); err != nil {
			return err
		}
		refused, err := s.settleParts(ctx)
		if err != nil {
			return err
		}
		if len(refused) == 0 {
			again, err := s.compareTouched(ctx)
			if err == nil && again {
				continue // bounded: once for each time the file is touched
			}
			if err == nil {
				err = s.complete(ctx)
			}
			if !errors.Is(err, errPartsRefused) {
				return err
			}
		}
		if round == maxRounds {
			return &damagedError{what: fmt.Sprintf("the server lists parts that differ from what was sent, %d times in a row: somebody else may be sending to this upload", round)}
		}
	}
}

// maxRounds is how often parts that the server holds differently are sent again before a person is asked.
const maxRounds = 3

// maxInOnePiece is the largest file that is sent as a simple object. Above it a lost connection would cost too much.
const maxInOnePiece = model.DefaultPartSize

// inOnePiece reports whether the file is sent as a simple object: it is small enough to be one part and no upload of it has
// begun. An empty file can only be sent so.
func (s *sending) inOnePiece() bool {
	return s.intent.Adopted == "" && s.j.ref().UploadID == "" &&
		s.intent.Plan.Size <= min(s.intent.Plan.PartSize, maxInOnePiece)
}

// openSource opens the file of the job. Whoever calls it closes s.file.
func (s *sending) openSource() (err error) {
	s.j.mu.Lock()
	s.intent = s.j.intent
	s.j.mu.Unlock()
	s.file, err = s.e.options.OpenFile(s.intent.Source.Path)
	return err
}

// meetFile is step 1: the file is compared with what the journal says of it, and planned.
func (s *sending) meetFile(ctx context.Context) error {
	now, err := s.file.Fingerprint()
	if err != nil {
		return err
	}
	if err := s.meetChange(ctx, now, s.j.ref().UploadID != ""); err != nil {
		return err
	}
	if s.intent.Source.Changed.IsZero() || len(s.known(s.saved())) == 0 {
		s.believe(now) // nothing was sent of it as it was before, or nobody knows
	}
	s.layout = s.intent.Ranges()
	return nil
}

// beginAnew replaces what the job is going to do.
func (s *sending) beginAnew(intent model.Intent) error {
	s.intent, s.layout = intent, intent.Ranges()
	j := s.j
	j.mu.Lock()
	j.intent, j.ifChanged = intent, model.IfChangedStop
	j.view.Ref.UploadID, j.view.Source = intent.Adopted, intent.Source
	j.view.Kept = 0
	j.saved = model.SavedJob{}
	j.showPlan(s.layout, intent.Plan.PartSize)
	j.mu.Unlock()
	s.record(model.Record{V: model.JournalVersion, Kind: model.RecordIntent, Intent: &intent})
	return nil
}

// initiate is step 2 for a new upload. The journal says that an upload may exist before the server is asked for one.
func (s *sending) initiate(ctx context.Context) error {
	if err := s.meetObject(ctx); err != nil {
		return err
	}
	s.setPhase(model.PhaseInitiating)
	s.record(model.Record{Kind: model.RecordInitiating})
	var uploadID string
	lost := false // an answer: the upload may exist all the same
	err := s.call.do(ctx, s.waiting, func(ctx context.Context) (err error) {
		if lost {
			if uploadID, err = s.findOrphan(ctx, s.saved()); uploadID != "" || err != nil {
				return err
			}
		}
		uploadID, err = s.call.store.Initiate(ctx, ossapi.InitiateRequest{Object: s.object(), WriteOptions: writeOptionsOf(s.intent.Write)})
		lost = retryable(err)
		return err
	})
	if err != nil {
		return conflictOf(err)
	}
	s.setPhase(model.PhaseInitiated)
	if s.j.ref().UploadID == uploadID { // found, and written down there
		return nil
	}
	s.attachTo(uploadID)
	s.record(model.Record{Kind: model.RecordInitiated, UploadID: uploadID})
	if s.intent.Stream {
		s.tell(model.LevelInfo, "upload initiated for a stream")
	} else {
		s.tell(model.LevelInfo, "upload initiated: %d parts of %s", len(s.layout), model.ExactSize(s.intent.Plan.PartSize))
	}
	return nil
}

// meetObject applies the rule for an object that exists. The service applies it too, from a header, and is the one that decides;
// asking first only saves sending the bytes. A key that may not ask goes on.
func (s *sending) meetObject(ctx context.Context) error {
	if s.intent.Write.IfExists == model.IfExistsOverwrite {
		return nil
	}
	info, err := s.head(ctx)
	switch ossapi.KindOf(err) {
	case ossapi.KindNone:
		return &existsError{info: info}
	case ossapi.KindNotFound, ossapi.KindDenied:
		return nil
	}
	return err
}

// conflictOf turns the service's own refusal to overwrite into the same error that asking first gives.
func conflictOf(err error) error {
	var answer *ossapi.Error
	if errors.As(err, &answer) && answer.Code == "FileAlreadyExists" {
		return fmt.Errorf("%w: %w", &existsError{}, err)
	}
	return err
}

func (s *sending) head(ctx context.Context) (info ossapi.ObjectInfo, err error) {
	err = s.call.do(ctx, s.waiting, func(ctx context.Context) (err error) {
		info, err = s.call.store.Head(ctx, s.object())
		return err
	})
	return info, err
}

func (s *sending) attachTo(uploadID string) {
	s.j.update(s.e, func(v *model.Job) { v.Ref.UploadID = uploadID })
}

func (s *sending) object() ossapi.Object {
	return ossapi.Object{Bucket: s.intent.Place.Bucket, Key: s.intent.Key}
}

// waiting shows that a call will be made again, and why not now.
func (s *sending) waiting(err error, try int, until time.Time) {
	s.j.update(s.e, func(v *model.Job) { v.Status = model.StatusRetrying })
	s.e.event(s.j, model.LevelWarn, 0, try+1, err, "%s, try %d %s", briefCall(err), try+1, when(until.Sub(s.e.now())))
}

// setPhase keeps in mind what the journal is told, for another run of the job in this process.
func (s *sending) setPhase(phase model.Phase) {
	s.j.mu.Lock()
	defer s.j.mu.Unlock()
	s.j.saved.Phase = phase
	if phase == model.PhaseInitiating {
		s.j.saved.Begun = s.e.now()
	}
}

// saved is what the journal said of the job, and how far this process has come since.
func (s *sending) saved() model.SavedJob {
	s.j.mu.Lock()
	defer s.j.mu.Unlock()
	return s.j.saved
}

func (s *sending) tell(level model.Level, format string, args ...any) {
	s.e.event(s.j, level, 0, 0, nil, format, args...)
}

func (s *sending) record(r model.Record) { s.e.record(s.j, r) }
