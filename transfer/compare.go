package transfer

import (
	"context"

	"partway/model"
)

// compareOnly is the work of a job that finds out what a file and an upload have in common, and changes nothing.
func (e *Engine) compareOnly(partSize int64) func(context.Context, *job) error {
	return func(ctx context.Context, j *job) error {
		call, err := e.callerFor(ctx, j.place)
		if err != nil {
			return err
		}
		s := &sending{e: e, j: j, call: call}
		if err := s.openSource(); err != nil {
			return err
		}
		defer s.file.Close()
		if err := s.meetFile(ctx); err != nil {
			return err
		}
		list, err := call.listParts(ctx, j.ref(), s.waiting)
		if err != nil {
			return err
		}
		if s.layout, err = model.DeriveLayout(list.Parts, s.intent.Source.Size, partSize); err != nil {
			return err
		}
		result, err := s.compareAll(ctx, list)
		if err != nil {
			return err
		}
		if err := s.unchanged(); err != nil {
			return err
		}
		j.update(e, func(v *model.Job) {
			v.Status, v.Comparison, v.Finished, v.Problem = model.StatusCompared, &result, e.now(), nil
		})
		s.tell(model.LevelInfo, "%d of %d parts equal the file, %d differ, %d are missing; %s to send", result.Equal, len(list.Parts),
			result.Differ+result.Silent, result.Missing, model.FormatSize(result.ToSend))
		return nil
	}
}

// compareAll compares every listed part with its range of the file.
func (s *sending) compareAll(ctx context.Context, list model.PartList) (model.Comparison, error) {
	s.j.mu.Lock()
	s.j.showPlan(s.layout, s.layout[0].Size)
	s.j.mu.Unlock()
	var result model.Comparison
	var clear []model.Part
	listed := map[int]bool{}
	for _, p := range list.Parts {
		listed[p.Number] = true
		switch {
		case p.Number > len(s.layout) || s.layout[p.Number-1].Size != p.Size:
			result.Differ++
		case !hasSum(p):
			result.Silent++
		default:
			clear = append(clear, p)
		}
	}
	equal, err := s.compare(ctx, clear)
	if err != nil {
		return result, err
	}
	result.Equal = equal
	result.Differ += len(clear) - equal
	s.j.mu.Lock()
	defer s.j.mu.Unlock()
	for i, at := range s.layout {
		if _, same := s.j.parts[i+1]; !same {
			result.ToSend += at.Size
		}
		if at.Size > 0 && !listed[i+1] {
			result.Missing++
		}
	}
	return result, nil
}
