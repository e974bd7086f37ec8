package transfer

import (
	"context"

	"partway/model"
)

// A local file may change at any moment of its upload. What is in this file sees to it that no object is ever made of two states of
// one, and that whoever owns the file has a way on.

// meetChange compares the open file with the one the job was begun with. Before anything was sent a change only makes a new
// plan; afterwards a person decides.
func (s *sending) meetChange(ctx context.Context, now model.Fingerprint, begun bool) error {
	was := s.intent.Source
	if was.Same(now) {
		return nil
	}
	s.j.mu.Lock()
	wish := s.j.ifChanged
	s.j.mu.Unlock()
	intent := s.intent
	intent.Source, intent.Layout = now, nil
	switch {
	case !begun:
		plan, err := model.NewPlan(now.Size, s.intent.Send.PartSize)
		if err != nil {
			return err
		}
		intent.Plan = plan
	case wish == model.IfChangedMatch:
		plan, err := model.NewPlan(now.Size, s.intent.Plan.PartSize)
		if err != nil {
			return err
		}
		intent.Plan, intent.Adopted, s.agreed = plan, s.j.ref().UploadID, true
		s.tell(model.LevelWarn, "the file changed (%s): its parts are compared with it, equal ones stay", was.Difference(now))
	case wish == model.IfChangedRestart:
		s.tell(model.LevelWarn, "the file changed (%s): starting over", was.Difference(now))
		if _, err := s.e.abortUntilGone(ctx, s.call, s.j); err != nil {
			return err
		}
		plan, err := model.NewPlan(now.Size, s.intent.Send.PartSize)
		if err != nil {
			return err
		}
		intent.Plan, intent.Adopted = plan, ""
	default:
		return &changedError{path: was.Path, difference: was.Difference(now)}
	}
	return s.beginAnew(intent)
}

// unchanged compares the open file with the fingerprint: before Complete and after every part, so that two states of a file
// never become one object.
func (s *sending) unchanged() error {
	now, err := s.file.Fingerprint()
	if err != nil {
		return err
	}
	if !s.intent.Source.Same(now) {
		return &changedError{path: s.intent.Source.Path, difference: s.intent.Source.Difference(now)}
	}
	return nil
}
