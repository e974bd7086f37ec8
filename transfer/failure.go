package transfer

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"runtime/debug"
	"syscall"
	"time"

	"partway/model"
	"partway/ossapi"
)

// The failures that are the core's own judgement, not a server's answer.
type (
	// goneError is an upload that the server does not know any more.
	goneError struct{ cause error }
	// skippedError is a job that is over because of an object that exists: no failure.
	skippedError struct{ why string }
	// existsError is an object that is in the way.
	existsError struct{ info ossapi.ObjectInfo }
	// damagedError is bytes that arrived different again and again, or an object that differs from the file.
	damagedError struct{ what string }
	// unprovedError is a Complete whose outcome could not be found out.
	unprovedError struct{ cause error }
	// panicError is a defect of this program that one job met. The others go on, and their state is saved.
	panicError struct {
		value any
		stack []byte
	}
	// mismatchError is a local file that no part of an upload equals.
	mismatchError struct {
		parts  int
		silent bool // the server gives no sum of any part, so nothing could be compared
	}
)

func (e *goneError) Error() string     { return "the upload does not exist any more" }
func (e *goneError) Unwrap() error     { return e.cause }
func (e *skippedError) Error() string  { return "skipped: " + e.why }
func (e *existsError) Error() string   { return "an object of this key exists" }
func (e *damagedError) Error() string  { return e.what }
func (e *unprovedError) Error() string { return "whether the object is stored could not be proved" }
func (e *unprovedError) Unwrap() error { return e.cause }
func (e *panicError) Error() string    { return fmt.Sprintf("the program failed: %v", e.value) }
func (e *mismatchError) Error() string {
	if e.silent {
		return fmt.Sprintf("the server gives no sum of the %d parts that could be compared with the file", e.parts)
	}
	return fmt.Sprintf("none of the %d parts equals the file", e.parts)
}

// guarded turns a panic into an error of the one job that met it. A panic in a goroutine would end the process with the terminal in
// disorder and the other uploads unsaved.
func guarded(work func() error) func() error {
	return func() (err error) {
		defer func() {
			if value := recover(); value != nil {
				err = &panicError{value: value, stack: debug.Stack()}
			}
		}()
		return work()
	}
}

// ProblemOf makes an error ready for a person. what says which piece of work failed, as in "upload db/orders.dump". A Problem in
// the chain is returned as it is.
func ProblemOf(err error, what string) *model.Problem {
	var ready *model.Problem
	if errors.As(err, &ready) {
		return ready
	}
	p := &model.Problem{What: what, Why: err.Error()}
	var answer *ossapi.Error
	if errors.As(err, &answer) {
		p.Facts = model.Facts{Code: answer.Code, Status: answer.Status, RequestID: answer.RequestID, EC: answer.EC,
			Host: answer.Host, Message: answer.Message, Part: answer.PartNumber}
	}
	if describeOwn(p, err) {
		return p
	}
	if answer == nil {
		describeLocal(p, err)
		return p
	}
	describeAnswer(p, answer)
	return p
}

// describeOwn handles the judgements of the core; they wrap answers and so come first.
func describeOwn(p *model.Problem, err error) bool {
	var (
		changed  *changedError
		gone     *goneError
		exists   *existsError
		damaged  *damagedError
		unproved *unprovedError
		parked   *parkedError
		mismatch *mismatchError
		broken   *panicError
		stream   *streamError
	)
	switch {
	case errors.As(err, &broken):
		p.Class, p.Why = model.ProblemUnproved, fmt.Sprintf("%v\n%s", broken.Error(), broken.stack)
		p.Next = []string{"resume: finished parts are kept", "report this with the text above: it is a defect of partway"}
	case errors.As(err, &stream):
		stream.describe(p)
	case errors.As(err, &changed):
		changed.describe(p)
	case errors.As(err, &gone):
		p.Class, p.Why = model.ProblemGone, "the upload was aborted or completed elsewhere, and the object that is there is not this file"
		p.Next = []string{"put the file again: a new upload starts from its beginning"}
	case errors.As(err, &exists):
		p.Class = model.ProblemConflict
		p.Why = exists.Error()
		if !exists.info.LastModified.IsZero() {
			p.Why += fmt.Sprintf(": %s, stored %s", model.FormatSize(exists.info.Size), exists.info.LastModified.Format("2006-01-02 15:04:05 MST"))
		}
		p.Next = []string{"replace it: --if-exists overwrite", "leave it: --if-exists skip", "choose another key"}
	case errors.As(err, &damaged):
		p.Class, p.Why = model.ProblemDamaged, damaged.what
		p.Next = []string{"check this machine's memory and disk and any proxy on the way, then resume"}
	case errors.As(err, &unproved):
		p.Class, p.Why = model.ProblemUnproved, "Complete was sent, its answer says nothing clear, and the object could not be compared: "+unproved.cause.Error()
		p.Next = []string{"resume looks again; nothing is sent twice"}
	case errors.As(err, &mismatch):
		p.Class, p.Why = model.ProblemConflict, mismatch.Error()
		if !mismatch.silent {
			p.Why = fmt.Sprintf("0 of %d parts in the bucket equal this file: it is not the file this upload was begun with", mismatch.parts)
		}
		p.Next = []string{"choose another file", "put this file as a new upload", "abort frees the parts"}
	case errors.As(err, &parked):
		p.Class, p.Why = model.ProblemTemporary, parked.Error()
		p.Next = []string{"resume when the network or the service is back: finished parts are kept"}
	case errors.Is(err, model.ErrLayoutUnknown):
		p.Class, p.Why = model.ProblemConflict, err.Error()
		p.Next = []string{"put the file as a new upload", "complete the parts as they are", "abort frees the parts"}
	default:
		return false
	}
	return true
}

func describeLocal(p *model.Problem, err error) {
	p.Class = model.ProblemLocal
	var plan *model.PlanError
	var special *NotRegularError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.Next = []string{"bring the file back to its place, then resume"}
	case errors.Is(err, fs.ErrPermission):
		p.Next = []string{"make the file readable for this user, then resume"}
	case errors.As(err, &plan):
		p.Next = []string{"choose another part size"}
	case errors.As(err, &special):
		p.Next = []string{"choose a regular file"}
	default:
		p.Next = []string{"mend it, then resume: finished parts are kept"}
	}
}

// describeAnswer puts a refusal of the service into words. The codes are those of OSS's error table.
func describeAnswer(p *model.Problem, answer *ossapi.Error) {
	resume := "then resume: finished parts are kept"
	p.Why = briefCall(answer)
	if answer.PartNumber > 0 {
		p.Why = fmt.Sprintf("part %d: %s", answer.PartNumber, brief(answer))
	}
	if answer.Message != "" {
		p.Why += ": " + answer.Message
	}
	switch answer.Kind {
	case ossapi.KindTemporary, ossapi.KindThrottled, ossapi.KindOddAnswer, ossapi.KindCanceled:
		p.Class, p.Next = model.ProblemTemporary, []string{"resume later: finished parts are kept"}
	case ossapi.KindDamaged:
		p.Class, p.Next = model.ProblemDamaged, []string{"check this machine's memory and disk and any proxy on the way, " + resume}
	case ossapi.KindClock:
		p.Class, p.Next = model.ProblemCredentials, []string{"set this machine's clock: OSS refuses requests that are more than 15 minutes off, " + resume}
	case ossapi.KindCredentials:
		p.Class, p.Next = model.ProblemCredentials, []string{credentialsAdvice(answer.Code) + ", " + resume}
	case ossapi.KindDenied:
		p.Class, p.Why = model.ProblemDenied, deniedWhy(answer)+" ("+p.Why+")"
		p.Next = []string{"ask the owner of the bucket for that right, " + resume}
	case ossapi.KindGone:
		p.Class, p.Next = model.ProblemGone, []string{"put the file again: a new upload starts from its beginning"}
	case ossapi.KindNotFound:
		p.Class, p.Next = model.ProblemPlace, []string{fmt.Sprintf("check the bucket's name and region: the request went to %s", answer.Host)}
	case ossapi.KindConflict:
		p.Class, p.Next = model.ProblemConflict, []string{"replace what is there: --if-exists overwrite", "leave it: --if-exists skip"}
	case ossapi.KindPartList:
		p.Class, p.Next = model.ProblemRequest, []string{"look at the parts: partway parts " + model.Ref{Bucket: answer.Bucket, Key: answer.Key}.URL() + " --upload-id " + answer.UploadID}
	case ossapi.KindLocal:
		p.Class, p.Next = model.ProblemLocal, []string{"mend it, " + resume}
		if advice := tlsAdvice(answer); advice != "" {
			p.Class, p.Next = model.ProblemPlace, []string{advice + ", " + resume}
		}
	default:
		p.Class = model.ProblemRequest
	}
}

// tlsAdvice says what can be done where no trusted connection is made, or "".
func tlsAdvice(err error) string {
	var (
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
		name    x509.HostnameError
		plain   tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &unknown):
		return "if this network has certificates of its own, name the file that holds them in the environment: SSL_CERT_FILE"
	case errors.As(err, &invalid):
		return "check this machine's clock, and whose certificate it is: a proxy on the way may have one of its own"
	case errors.As(err, &name):
		return "check the endpoint: the certificate is another host's"
	case errors.As(err, &plain):
		return "check the endpoint: what answers there does not speak TLS"
	}
	return ""
}

func credentialsAdvice(code string) string {
	switch code {
	case "InvalidAccessKeyId":
		return "check the access key id: the service does not know it"
	case "SignatureDoesNotMatch":
		return "check the access key secret and the region: the signature does not fit"
	case "SecurityTokenExpired", "InvalidSecurityToken":
		return "renew the security token"
	case "UserDisable":
		return "the account is disabled: look at its bills"
	}
	return "check the access key and its secret"
}

// deniedWhy names the RAM action that the call needs, as OSS documents it for each.
func deniedWhy(answer *ossapi.Error) string {
	action := map[string]string{
		"initiate upload": "oss:PutObject", "upload part": "oss:PutObject", "complete upload": "oss:PutObject",
		"put object": "oss:PutObject", "abort upload": "oss:AbortMultipartUpload", "list parts": "oss:ListParts",
		"list uploads": "oss:ListMultipartUploads", "head object": "oss:GetObject", "list buckets": "oss:ListBuckets",
	}[answer.Op]
	if action == "" {
		return "this access key lacks a right"
	}
	resource := answer.Bucket
	if answer.Key != "" {
		resource += "/" + answer.Key
	}
	return fmt.Sprintf("this access key may not %s on %s", action, resource)
}

// brief says in a few words what went wrong with a call, for a line that names the call and the part itself: the service's code, or
// what broke the connection.
func brief(err error) string {
	var answer *ossapi.Error
	if !errors.As(err, &answer) {
		return err.Error()
	}
	switch {
	case answer.Code != "":
		return fmt.Sprintf("%d %s", answer.Status, answer.Code)
	case answer.Status != 0:
		return fmt.Sprintf("HTTP %d", answer.Status)
	case answer.Err == nil:
		return answer.Error()
	}
	cause := answer.Err
	for next := errors.Unwrap(cause); next != nil; next = errors.Unwrap(next) {
		cause = next
	}
	switch {
	case errors.Is(cause, net.ErrClosed), errors.Is(cause, syscall.EPIPE):
		return "the connection was lost"
	case errors.Is(cause, io.EOF), errors.Is(cause, io.ErrUnexpectedEOF):
		return "the connection was closed without an answer"
	}
	return cause.Error()
}

// when says how soon something comes that is waited for.
func when(wait time.Duration) string {
	if wait < time.Second {
		return "at once"
	}
	return "in " + model.FormatDuration(wait)
}

// briefCall is brief, with the name of the call.
func briefCall(err error) string {
	var answer *ossapi.Error
	if errors.As(err, &answer) && answer.Op != "" {
		return answer.Op + ": " + brief(err)
	}
	return brief(err)
}
