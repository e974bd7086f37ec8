package transfer

import (
	"errors"
	"fmt"

	"partway/model"
)

// Why a stream ends before its end.
var (
	errStreamCut   = errors.New("the stream was interrupted")
	errStreamLost  = errors.New("this was a stream, and its bytes cannot be read again")
	errStreamEmpty = errors.New("the stream ended without a byte")
)

// tooLongError is a stream that goes on behind the last part there can be.
type tooLongError struct{ size int64 }

func (e *tooLongError) Error() string {
	return fmt.Sprintf("the stream is longer than %s, and all %d parts are used", model.FormatSize(e.size), model.MaxPartNumber)
}

// streamError is whatever stopped a stream. Unlike a file it cannot be gone on with, and that changes the advice.
type streamError struct {
	cause error
	ref   model.Ref // UploadID empty: nothing is left in the bucket
}

func (e *streamError) Error() string { return e.cause.Error() }
func (e *streamError) Unwrap() error { return e.cause }

// endStream is the error of a stream that is over.
func (e *Engine) endStream(j *job, cause error) error {
	return &streamError{cause: cause, ref: j.ref()}
}

// describe makes the problem: what happened as for a file, and what can honestly be done about it.
func (e *streamError) describe(p *model.Problem) {
	*p = *ProblemOf(e.cause, p.What)
	p.Next = nil
	if long := (*tooLongError)(nil); errors.As(e.cause, &long) {
		p.Next = append(p.Next, "larger parts reach further: say --expected-size, with --spool DIR where they do not fit into memory")
	}
	if exists := (*existsError)(nil); errors.As(e.cause, &exists) {
		p.Next = append(p.Next, "give --if-exists overwrite to replace the object")
	}
	if e.ref.UploadID == "" {
		p.Next = append(p.Next, "nothing is stored: run the whole command again")
		return
	}
	target := e.ref.URL() + " --upload-id " + e.ref.UploadID
	p.Next = append(p.Next,
		"start over: run the whole command again; a stream cannot be rewound, so this upload cannot be gone on with",
		"free its parts: partway abort "+target,
		"or make an object of what arrived: partway complete "+target)
}

// planSaved shows where the parts of a saved job lie. Of a stream there is no plan: what is known are the parts that arrived. The
// caller holds the mutex.
func (j *job) planSaved(saved model.SavedJob) {
	if !saved.Intent.Stream {
		j.showPlan(saved.Intent.Ranges(), saved.Intent.Plan.PartSize)
		return
	}
	highest, end := 0, int64(0)
	for _, p := range saved.Parts {
		highest, end = max(highest, p.Number), max(end, p.Offset+p.Size)
	}
	j.showPlan(make(model.Layout, highest), saved.Intent.Plan.PartSize)
	for _, p := range saved.Parts {
		j.keep(p)
	}
	j.view.Source.Size = end
}

// streamEnded reports whether the job was a stream that stopped: nothing can go on with it. One that waits for its turn has not
// begun. The caller holds the mutex.
func (j *job) streamEnded() bool {
	return j.view.Stream && j.view.Kind == model.JobSend && j.view.Status.NeedsUser()
}

// forgetStream removes the journal of a stream whose upload was completed by hand: nobody else would.
func (e *Engine) forgetStream(ref model.Ref) {
	for _, saved := range e.Saved() {
		if !saved.Intent.Stream || saved.Ref() != ref || saved.ReadOnly {
			continue
		}
		j := e.savedJob(saved)
		if err := e.claim(j); err != nil {
			continue // another process works on it and will see that the upload is gone
		}
		j.view.Status = model.StatusDone
		e.forget(j)
	}
}
