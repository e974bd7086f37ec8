package cli

import (
	"context"
	"errors"
	"fmt"

	"partway/model"
	"partway/ossapi/profile"
)

// The exit codes. Scripts depend on them: they do not change their meaning.
const (
	ExitOK          = 0   // everything asked for was done
	ExitFailed      = 1   // some uploads failed, for different reasons or for one that no other code names
	ExitUsage       = 2   // the command cannot be carried out as typed or configured; nothing was sent
	ExitNothing     = 3   // nothing matched
	ExitIdentity    = 4   // credentials or a right are missing
	ExitTemporary   = 5   // the network or the service; the work is kept, run it again
	ExitConflict    = 6   // something exists, changed, is gone, or belongs to another process
	ExitConfirm     = 7   // a question could not be asked: give --yes
	ExitInterrupted = 130 // interrupted; what was finished is kept
)

// failure is an error that knows its exit code and the way on.
type failure struct {
	code int
	err  error    // one sentence; its text may be foreign
	next []string // what to do, most likely first
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// usagef is a command that cannot be carried out as typed.
func usagef(format string, args ...any) error {
	return &failure{code: ExitUsage, err: fmt.Errorf(format, args...)}
}

// failf is a failure with a code of its own. The ways on are added with withNext.
func failf(code int, format string, args ...any) *failure {
	return &failure{code: code, err: fmt.Errorf(format, args...)}
}

func (f *failure) withNext(next ...string) *failure {
	f.next = append(f.next, next...)
	return f
}

// reported is an exit code whose reason has been printed already.
type reported struct{ code int }

func (r reported) Error() string { return fmt.Sprintf("exit %d", r.code) }

// errInterrupted ends a command that a signal stopped and that has nothing to keep.
var errInterrupted = errors.New("interrupted")

// classCode is the exit code of a problem.
func classCode(class model.ProblemClass) int {
	switch class {
	case model.ProblemCredentials, model.ProblemDenied:
		return ExitIdentity
	case model.ProblemTemporary, model.ProblemUnproved:
		return ExitTemporary
	case model.ProblemConflict, model.ProblemChanged, model.ProblemGone:
		return ExitConflict
	}
	return ExitFailed
}

// exitCode is the code that an error of a command ends the process with.
func exitCode(err error) int {
	if err == nil {
		return ExitOK
	}
	if f, ok := errors.AsType[*failure](err); ok {
		return f.code
	}
	if r, ok := errors.AsType[reported](err); ok {
		return r.code
	}
	if p, ok := errors.AsType[*model.Problem](err); ok {
		return classCode(p.Class)
	}
	if _, ok := errors.AsType[*model.OwnedError](err); ok {
		return ExitConflict
	}
	if errors.Is(err, errInterrupted) || errors.Is(err, context.Canceled) {
		return ExitInterrupted
	}
	if code := profileCode(err); code != 0 {
		return code
	}
	return ExitFailed
}

// profileCode is the code of what package profile refuses, or 0: where no identity was found that is 4, where a file or flag is
// wrong that is 2.
func profileCode(err error) int {
	if _, ok := errors.AsType[*profile.NotFoundError](err); ok {
		return ExitIdentity
	}
	if _, ok := errors.AsType[*profile.ModeError](err); ok {
		return ExitIdentity
	}
	if _, ok := errors.AsType[*profile.UnknownProfileError](err); ok {
		return ExitUsage
	}
	if _, ok := errors.AsType[*profile.FileError](err); ok {
		return ExitUsage
	}
	if _, ok := errors.AsType[*profile.MissingRegionError](err); ok {
		return ExitUsage
	}
	return 0
}

// commonCode is the code of several failures: their own if they agree, else ExitFailed.
func commonCode(codes []int) int {
	if len(codes) == 0 {
		return ExitOK
	}
	for _, code := range codes {
		if code != codes[0] {
			return ExitFailed
		}
	}
	return codes[0]
}
