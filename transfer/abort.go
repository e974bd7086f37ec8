package transfer

import (
	"context"
	"fmt"
	"time"

	"partway/model"
	"partway/ossapi"
)

// survivedError is an upload that is still listed after every round of an abort.
type survivedError struct{ rounds, parts int }

func (e *survivedError) Error() string {
	return fmt.Sprintf("the upload is still listed with %d parts after %d rounds: somebody keeps sending to it", e.parts, e.rounds)
}

// abortUntilGone is step 6. Parts that are in flight when an upload is aborted survive it, so the service's own advice is to
// abort again until nothing is listed. It returns how many bytes were listed before the first round. The journal is told first.
func (e *Engine) abortUntilGone(ctx context.Context, call *caller, j *job) (freed int64, err error) {
	ref := j.ref()
	if ref.UploadID == "" {
		return 0, nil
	}
	e.record(j, model.Record{Kind: model.RecordAborting})
	note := func(err error, try int, until time.Time) {
		e.event(j, model.LevelWarn, 0, try+1, err, "%s, try %d %s", briefCall(err), try+1, when(until.Sub(e.now())))
	}
	if list, err := call.listParts(ctx, ref, note); err == nil {
		freed = list.Bytes()
	}
	wait, left := e.policy.AbortWait, 0
	for round := 1; round <= e.policy.AbortRounds; round++ {
		j.update(e, func(v *model.Job) { v.Status, v.AbortPass = model.StatusAborting, round })
		err := call.do(ctx, note, func(ctx context.Context) error { return call.store.Abort(ctx, uploadOf(ref)) })
		if err != nil && ossapi.KindOf(err) != ossapi.KindGone {
			return freed, err
		}
		list, err := call.listParts(ctx, ref, note)
		switch ossapi.KindOf(err) {
		case ossapi.KindGone:
			if !j.lateParts() {
				return freed, nil
			}
		case ossapi.KindNone:
			left = len(list.Parts)
		case ossapi.KindDenied:
			e.event(j, model.LevelWarn, 0, 0, err, "this key may not list parts: whether some survived the abort was not looked at")
			return freed, nil
		default:
			return freed, err
		}
		if round == e.policy.AbortRounds {
			break
		}
		if left > 0 {
			e.event(j, model.LevelWarn, 0, 0, nil, "%d parts came back after the abort, round %d of %d", left, round, e.policy.AbortRounds)
		}
		if err := sleep(ctx, wait); err != nil {
			return freed, err
		}
		wait = min(2*wait, 8*time.Second)
	}
	return freed, &survivedError{rounds: e.policy.AbortRounds, parts: left}
}

// lateParts reports, once, that parts of this process were cut in flight: an upload that is gone may come back with them.
func (j *job) lateParts() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	cut := j.cut
	j.cut = false
	return cut
}

// abort is the work of a job that frees the parts of an upload, whoever began it.
func (e *Engine) abort(ctx context.Context, j *job) error {
	call, err := e.callerFor(ctx, j.place)
	if err != nil {
		return err
	}
	j.mu.Lock()
	s := &sending{e: e, j: j, call: call, intent: j.intent, layout: j.intent.Ranges()}
	j.mu.Unlock()
	if saved := s.saved(); j.ref().UploadID == "" && saved.Phase == model.PhaseInitiating {
		// Initiate was cut off before its answer: there may be an upload all the same.
		if _, err := s.findOrphan(ctx, saved); err != nil {
			return err
		}
	}
	freed, err := e.abortUntilGone(ctx, call, j)
	if err != nil {
		return err
	}
	if completing := s.saved().CompletingAt; !completing.IsZero() {
		// Complete was on its way when the abort was asked for, and may have been faster.
		if found, err := s.prove(ctx, completing); err == nil && found.ok {
			s.tell(model.LevelWarn, "the upload was completed before it could be aborted: the object is there")
			return s.finish(found)
		}
	}
	j.update(e, func(v *model.Job) {
		v.Status, v.Problem, v.Finished = model.StatusAborted, nil, e.now()
		v.PartsDone, v.BytesDone, v.Done = 0, 0, nil
	})
	e.forget(j)
	e.event(j, model.LevelInfo, 0, 0, nil, "aborted: %s freed, nothing is listed any more", model.FormatSize(freed))
	return nil
}
