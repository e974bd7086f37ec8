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
