package transfer

import (
	"context"
	"errors"
	"fmt"

	"partway/model"
)

// A local file may change at any moment of its upload. What is in this file sees to it that no object is ever made of two states of
// one, and that whoever owns the file has a way on.
//
// Size and modification time are looked at after every part and before Complete: any difference stops the job. Both can be put back,
// as touch -r, rsync or an editor that keeps times does. So before Complete the time of the inode's change is looked at too. It
// moves for much that leaves the bytes alone (chmod, a hard link, a rename), so all it does is to have the parts compared with the
// file once more, and their bytes decide.

// changedError is a local file that is not the one the upload was begun with.
type changedError struct {
	path, difference string
	sent             *model.PartRecord // a part that was acknowledged when the change was noticed, and not counted for it; may be nil
	growing          bool              // see model.Problem
}

func (e *changedError) Error() string {
	return fmt.Sprintf("the file %s changed: %s", e.path, e.difference)
}

// describe says what can be done. A file that is only appended to is worth going on with; any other may be another file altogether.
func (e *changedError) describe(p *model.Problem) {
	p.Class, p.Growing = model.ProblemChanged, e.growing
	restart := "start over with the file as it is now: --if-changed restart"
	giveUp := "give up: abort frees the parts"
	if !e.growing {
		p.Why = "the local file is not the one this upload was begun with: " + e.difference
		p.Next = []string{restart, "keep the parts that still equal the file and send the others: --if-changed match", giveUp}
		return
	}
	p.Why = "the local file is being appended to, as a log is: " + e.difference + ", and what was sent is still its beginning"
	p.Next = []string{"keep the parts that match, so that only the tail is sent: --if-changed match", restart,
		"if it grows faster than it is sent, wait until it is rotated, or send what is there now as a stream: partway put - with the file as its input",
		giveUp}
}

// describeChange adds to the failure that a file changed what sort of change it is. It reads two parts of the file at most: the first
// and the last that were acknowledged. That is enough for advice; whoever follows it has every part compared.
func (s *sending) describeChange(ctx context.Context, err error) error {
	var changed *changedError
	if !errors.As(err, &changed) {
		return err
	}
	was := s.intent.Source
	now, lookErr := s.file.Fingerprint()
	if lookErr != nil || now.Size <= was.Size || now.Inode != was.Inode || now.Device != was.Device {
		return err
	}
	parts := s.known(s.saved())
	if changed.sent != nil {
		parts[changed.sent.Number] = *changed.sent
	}
	var first, last model.PartRecord
	for number, p := range parts {
		if first.Number == 0 || number < first.Number {
			first = p
		}
		if number > last.Number {
			last = p
		}
	}
	if len(parts) == 0 { // nothing to tell by
		return err
	}
	for _, p := range []model.PartRecord{first, last} {
		same, readErr := s.sameBytes(ctx, s.file, partOfRecord(p), model.Range{Offset: p.Offset, Size: p.Size})
		if readErr != nil || !same {
			return err
		}
	}
	changed.growing = true
	return err
}

func partOfRecord(p model.PartRecord) model.Part {
	return model.Part{Number: p.Number, Size: p.Size, ETag: p.ETag, CRC64: p.CRC64, HasCRC64: p.HasCRC64}
}

// meetChange compares the open file with the one the job was begun with. Before anything was sent a change only makes a new
// plan; afterwards a person decides.
func (s *sending) meetChange(ctx context.Context, now model.Fingerprint, begun bool) error {
	was := s.intent.Source
	if was.Same(now) {
		return nil
	}
	if !begun {
		return s.planAnew(s.intent, now, s.intent.Send.PartSize)
	}
	switch s.wish() {
	case model.IfChangedMatch:
		s.agreed = true
		s.tell(model.LevelWarn, "the file changed (%s): its parts are compared with it, equal ones stay", was.Difference(now))
		intent := s.intent
		intent.Adopted = s.j.ref().UploadID
		return s.planAnew(intent, now, intent.Plan.PartSize)
	case model.IfChangedRestart:
		return s.restart(ctx, now, was.Difference(now))
	}
	return &changedError{path: was.Path, difference: was.Difference(now)}
}

// wish is what the user said to do with a file that changed.
func (s *sending) wish() model.IfChanged {
	s.j.mu.Lock()
	defer s.j.mu.Unlock()
	return s.j.ifChanged
}

// restart frees what was sent and begins anew with the file as it is now.
func (s *sending) restart(ctx context.Context, now model.Fingerprint, difference string) error {
	s.tell(model.LevelWarn, "the file changed (%s): starting over", difference)
	if _, err := s.e.abortUntilGone(ctx, s.call, s.j); err != nil {
		return err
	}
	intent := s.intent
	intent.Adopted = ""
	return s.planAnew(intent, now, intent.Send.PartSize)
}

// planAnew makes the file as it is now what the job sends.
func (s *sending) planAnew(intent model.Intent, now model.Fingerprint, partSize int64) error {
	plan, err := model.NewPlan(now.Size, partSize)
	if err != nil {
		return err
	}
	intent.Source, intent.Plan, intent.Layout = now, plan, nil
	return s.beginAnew(intent)
}

// unchanged compares the open file with the fingerprint: before Complete and after every part, so that two states of a file
// never become one object.
func (s *sending) unchanged() error {
	now, err := s.file.Fingerprint()
	if err != nil {
		return err
	}
	return s.same(now)
}

func (s *sending) same(now model.Fingerprint) error {
	if !s.intent.Source.Same(now) {
		return &changedError{path: s.intent.Source.Path, difference: s.intent.Source.Difference(now)}
	}
	return nil
}

// maxTouches is how often in a row a file may be touched while it is compared before that is taken for the way of its file system:
// some make the time of change up at every look.
const maxTouches = 3

// compareTouched compares everything that was sent with the file once more if the file's inode was touched since it was sent. It is
// called when an upload goes on, and before Complete: there it is the last thing that is looked at. More says that parts are to be
// sent (again).
func (s *sending) compareTouched(ctx context.Context) (more bool, err error) {
	for round := 1; ; round++ {
		now, err := s.file.Fingerprint()
		if err != nil {
			return false, err
		}
		if err := s.same(now); err != nil {
			return false, err
		}
		if !s.intent.Source.Touched(now) {
			return more, nil
		}
		if round > maxTouches {
			s.tell(model.LevelWarn, "the file is touched again and again; %d times all parts equalled it", maxTouches)
			return more, nil
		}
		held := s.heldParts()
		s.tell(model.LevelInfo, "the file was touched (its permissions, links or name, or its bytes with the modification time put back): the %d parts that were sent are compared with it again", len(held))
		differ, silent, err := s.compareHeld(ctx, held)
		if err != nil {
			return false, err
		}
		more = more || silent > 0
		if differ == 0 {
			s.believe(now)
			continue
		}
		if more, err = s.meetHidden(ctx, now, differ); more || err != nil {
			return more, err
		}
	}
}

// meetHidden meets a file whose bytes changed and whose size and modification time say otherwise.
func (s *sending) meetHidden(ctx context.Context, now model.Fingerprint, differ int) (more bool, err error) {
	difference := fmt.Sprintf("%d parts of it hold other bytes, though its size and modification time are as before", differ)
	if differ == 1 {
		difference = "1 part of it holds other bytes, though its size and modification time are as before"
	}
	wish := s.wish()
	s.j.mu.Lock()
	s.j.ifChanged = model.IfChangedStop
	s.j.mu.Unlock()
	switch wish {
	case model.IfChangedMatch:
		s.tell(model.LevelWarn, "the file changed (%s): those are sent again", difference)
		s.believe(now)
		return true, nil
	case model.IfChangedRestart:
		if err := s.restart(ctx, now, difference); err != nil {
			return false, err
		}
		return true, s.attach(ctx)
	}
	return false, &changedError{path: s.intent.Source.Path, difference: difference}
}

// compareHeld reads the file where the parts come from. Those that differ, and those that the server gave no sum of, count as
// missing again.
func (s *sending) compareHeld(ctx context.Context, held []model.PartRecord) (differ, silent int, err error) {
	parts := make([]model.Part, 0, len(held))
	for _, p := range held {
		parts = append(parts, partOfRecord(p))
		if !hasSum(parts[len(parts)-1]) {
			silent++
		}
	}
	s.j.mu.Lock()
	s.j.showPlan(s.layout, s.intent.Plan.PartSize)
	s.j.mu.Unlock()
	equal, err := s.compare(ctx, parts)
	return len(held) - equal - silent, silent, err
}

// believe takes the file as it is now for the one whose parts were sent.
func (s *sending) believe(now model.Fingerprint) {
	if s.intent.Source.Changed.Equal(now.Changed) {
		return
	}
	s.intent.Source.Changed = now.Changed
	source := s.intent.Source
	s.j.mu.Lock()
	s.j.intent.Source = source
	s.j.view.Source = source
	s.j.mu.Unlock()
	s.record(model.Record{Kind: model.RecordResumed, Source: &source})
}
