package transfer

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"

	"partway/model"
	"partway/ossapi"
)

// Every kind of failure gets a class, a reason and a way on.
func TestProblemOfEveryKind(t *testing.T) {
	want := map[ossapi.Kind]model.ProblemClass{
		ossapi.KindTemporary: model.ProblemTemporary, ossapi.KindThrottled: model.ProblemTemporary, ossapi.KindOddAnswer: model.ProblemTemporary,
		ossapi.KindCanceled: model.ProblemTemporary, ossapi.KindDamaged: model.ProblemDamaged, ossapi.KindClock: model.ProblemCredentials,
		ossapi.KindCredentials: model.ProblemCredentials, ossapi.KindDenied: model.ProblemDenied, ossapi.KindGone: model.ProblemGone,
		ossapi.KindNotFound: model.ProblemPlace, ossapi.KindConflict: model.ProblemConflict, ossapi.KindPartList: model.ProblemRequest,
		ossapi.KindRequest: model.ProblemRequest, ossapi.KindLocal: model.ProblemLocal,
	}
	for kind := ossapi.KindTemporary; kind.String() != "unknown"; kind++ {
		answer := &ossapi.Error{Op: "upload part", Bucket: "b", Key: "k", UploadID: "U", PartNumber: 7, Kind: kind,
			Code: "SomeCode", Status: 499, RequestID: "R", EC: "E", Host: "h", Message: "m"}
		p := ProblemOf(fmt.Errorf("wrapped: %w", answer), "upload k")
		if p.Class != want[kind] || p.What != "upload k" || p.Why == "" {
			t.Errorf("%v: %+v", kind, p)
		}
		if kind != ossapi.KindRequest && len(p.Next) == 0 {
			t.Errorf("%v: no way on", kind)
		}
		facts := model.Facts{Code: "SomeCode", Status: 499, RequestID: "R", EC: "E", Host: "h", Message: "m", Part: 7}
		if p.Facts != facts {
			t.Errorf("%v: facts %+v", kind, p.Facts)
		}
	}
}

func TestProblemOfOwnJudgements(t *testing.T) {
	temporary := &ossapi.Error{Op: "upload part", Kind: ossapi.KindTemporary, Err: errors.New("reset")}
	gone := &ossapi.Error{Op: "upload part", Kind: ossapi.KindGone, Code: "NoSuchUpload"}
	for _, c := range []struct {
		err   error
		class model.ProblemClass
		says  string
	}{
		{&changedError{path: "/f", difference: "it grew"}, model.ProblemChanged, "it grew"},
		{&goneError{cause: gone}, model.ProblemGone, "aborted or completed elsewhere"},
		{&existsError{info: ossapi.ObjectInfo{Size: 1 << 20, LastModified: time.Unix(1e9, 0).UTC()}}, model.ProblemConflict, "2001-09-09"},
		{&damagedError{what: "part 3 arrived damaged"}, model.ProblemDamaged, "part 3"},
		{&unprovedError{cause: temporary}, model.ProblemUnproved, "reset"},
		{&parkedError{after: 15 * time.Minute, last: temporary}, model.ProblemTemporary, "15m"},
		{&mismatchError{parts: 3}, model.ProblemConflict, "0 of 3 parts"},
		{fmt.Errorf("x: %w", model.ErrLayoutUnknown), model.ProblemConflict, "position"},
		{&model.PlanError{Reason: "too small"}, model.ProblemLocal, "too small"},
		{&fs.PathError{Op: "open", Path: "/f", Err: fs.ErrNotExist}, model.ProblemLocal, "/f"},
		{&fs.PathError{Op: "open", Path: "/f", Err: fs.ErrPermission}, model.ProblemLocal, "/f"},
		{&fs.PathError{Op: "read", Path: "/f", Err: syscall.EIO}, model.ProblemLocal, "input/output"},
		{&NotRegularError{Path: "/f", Kind: "a FIFO"}, model.ProblemLocal, "a FIFO"},
		{errors.New("anything"), model.ProblemLocal, "anything"},
	} {
		p := ProblemOf(fmt.Errorf("outer: %w", c.err), "upload k")
		if p.Class != c.class || !strings.Contains(p.Why, c.says) || len(p.Next) == 0 {
			t.Errorf("%v: %+v", c.err, p)
		}
		if again := ProblemOf(fmt.Errorf("outer: %w", p), "else"); again != p {
			t.Errorf("%v: a problem in the chain was described anew", c.err)
		}
	}
	if p := ProblemOf(conflictOf(&ossapi.Error{Op: "complete upload", Kind: ossapi.KindConflict, Code: "FileAlreadyExists"}), "upload k"); strings.Contains(p.Why, "0001") || p.Class != model.ProblemConflict {
		t.Errorf("an object that was not looked at: %+v", p)
	}
}

// The right that is missing is named as RAM names it, for every call there is.
func TestProblemNamesTheRight(t *testing.T) {
	for op, right := range map[string]string{
		"initiate upload": "oss:PutObject", "upload part": "oss:PutObject", "complete upload": "oss:PutObject", "put object": "oss:PutObject",
		"abort upload": "oss:AbortMultipartUpload", "list parts": "oss:ListParts", "list uploads": "oss:ListMultipartUploads",
		"head object": "oss:GetObject", "list buckets": "oss:ListBuckets",
	} {
		p := ProblemOf(&ossapi.Error{Op: op, Bucket: "b", Key: "k", Kind: ossapi.KindDenied, Status: 403}, "upload k")
		if len(p.Next) == 0 || !strings.Contains(p.Why, right) {
			t.Errorf("%s: %q", op, p.Why)
		}
	}
}

func TestStatusOfAProblem(t *testing.T) {
	for class, want := range map[model.ProblemClass]model.Status{
		model.ProblemChanged: model.StatusChanged, model.ProblemGone: model.StatusGone, model.ProblemTemporary: model.StatusFailed, model.ProblemDenied: model.StatusFailed,
	} {
		if got := statusOf(&model.Problem{Class: class}); got != want {
			t.Errorf("%s: %s, want %s", class, got, want)
		}
	}
}

// Where no trusted connection is made, what can be done about it is said, and it is not tried again.
func TestProblemOfTLS(t *testing.T) {
	for _, c := range []struct {
		cause error
		next  string
	}{
		{x509.UnknownAuthorityError{}, "SSL_CERT_FILE"},
		{x509.CertificateInvalidError{Reason: x509.Expired}, "clock"},
		{x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h"}, "another host's"},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, "does not speak TLS"},
	} {
		answer := &ossapi.Error{Op: "head object", Kind: ossapi.KindLocal, Host: "h", Err: fmt.Errorf("dial: %w", c.cause)}
		p := ProblemOf(answer, "upload k")
		if p.Class != model.ProblemPlace || !strings.Contains(strings.Join(p.Next, " "), c.next) || retryable(answer) {
			t.Errorf("%v: %+v", c.cause, p)
		}
	}
}
