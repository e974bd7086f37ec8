package ossapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
)

const (
	headerRequestID = "X-Oss-Request-Id"
	headerEC        = "X-Oss-Ec"
	headerErr       = "X-Oss-Err"
	headerCRC64     = "X-Oss-Hash-Crc64ecma"
	headerQosDelay  = "X-Oss-Qos-Delay-Time" // milliseconds

	maxRetryAfter = 24 * time.Hour
	maxCode       = 128
	maxMessage    = 1024
)

// newError gives the part of an Error that every failure of the call has.
func (c *Client) newError(k call, kind Kind) *Error {
	return &Error{
		Op: k.op, Bucket: k.bucket, Key: k.key, UploadID: k.uploadID, PartNumber: k.partNumber,
		Host: c.Host(k.bucket), Kind: kind,
	}
}

// localError is a failure whose cause is on this side.
func (c *Client) localError(k call, kind Kind, cause error) *Error {
	e := c.newError(k, kind)
	e.Err = cause
	return e
}

// oddError is a failure to understand an answer of success.
func (c *Client) oddError(k call, got answer, reason string) *Error {
	return c.callError(context.Background(), k, &oddAnswerError{status: got.status, header: got.header, reason: reason})
}

// oddAnswerError says why an answer with a 2xx status is not taken as one.
type oddAnswerError struct {
	status   int
	header   http.Header
	document *errorDocument // nil: the answer is not an error document
	reason   string
}

func (e *oddAnswerError) Error() string { return e.reason }

// errorDocument is OSS's description of an error.
type errorDocument struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string   `xml:"Code"`
	Message   string   `xml:"Message"`
	RequestID string   `xml:"RequestId"`
	EC        string   `xml:"EC"`
}

// callError turns what the SDK or the transport returned into an Error.
func (c *Client) callError(ctx context.Context, k call, cause error) *Error {
	e := c.newError(k, KindTemporary)
	// The SDK's wrapper only repeats the operation's name.
	if wrapped, ok := errors.AsType[*oss.OperationError](cause); ok {
		cause = wrapped.Unwrap()
	}
	e.Err = cause
	if ctxErr := ctx.Err(); ctxErr != nil {
		e.Kind = KindCanceled
		e.Err = ctxErr
		if reason := context.Cause(ctx); reason != ctxErr {
			e.Err = fmt.Errorf("%w: %w", ctxErr, reason)
		}
		return e
	}
	if odd, ok := errors.AsType[*oddAnswerError](cause); ok {
		e.Kind = KindOddAnswer
		e.Err = odd
		e.fromHeader(odd.status, odd.header, c.clock())
		if odd.document != nil {
			e.fromDocument(*odd.document)
		}
		return e
	}
	switch {
	case isType[*credentialsError](cause):
		e.Kind = KindCredentials
	case isType[oss.InvalidParamError](cause):
		e.Kind = KindRequest
	case isType[*tls.CertificateVerificationError](cause), isType[x509.UnknownAuthorityError](cause),
		isType[x509.HostnameError](cause), isType[x509.CertificateInvalidError](cause),
		isType[tls.RecordHeaderError](cause):
		e.Kind = KindLocal
	}
	return e
}

func isType[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// refusedError turns an answer with another status than 2xx into an Error.
func (c *Client) refusedError(k call, got answer) *Error {
	e := c.newError(k, KindNone)
	e.fromHeader(got.status, got.header, c.clock())
	body := got.body
	if len(body) == 0 {
		// An answer to HEAD has no body: OSS puts the document in a header.
		body, _ = base64.StdEncoding.DecodeString(got.header.Get(headerErr))
	}
	var doc errorDocument
	if xml.Unmarshal(body, &doc) == nil {
		e.fromDocument(doc)
	}
	e.Kind = kindOfAnswer(e.Status, e.Code, k.name)
	return e
}

func (e *Error) fromHeader(status int, h http.Header, now time.Time) {
	e.Status = status
	e.RequestID = cut(h.Get(headerRequestID), maxCode)
	e.EC = cut(h.Get(headerEC), maxCode)
	e.ServerTime = serverTime(h)
	e.RetryAfter = retryAfter(h, now)
}

func (e *Error) fromDocument(d errorDocument) {
	e.Code = cut(d.Code, maxCode)
	e.Message = cut(d.Message, maxMessage)
	if d.RequestID != "" {
		e.RequestID = cut(d.RequestID, maxCode)
	}
	if d.EC != "" {
		e.EC = cut(d.EC, maxCode)
	}
}

// cut shortens s to at most n bytes, between characters.
func cut(s string, n int) string {
	s = strings.TrimSpace(s)
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}

// serverTime gives the Date of an answer, or zero.
func serverTime(h http.Header) time.Time {
	t, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return t
}

// retryAfter gives how long the server asks to wait: Retry-After in seconds or
// as a date (RFC 9110 section 10.2.3), and OSS's own header in milliseconds
// that comes with throttled answers. The longer one counts.
func retryAfter(h http.Header, now time.Time) time.Duration {
	var wait time.Duration
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		wait = scaled(seconds, time.Second)
	} else if at, err := http.ParseTime(text); err == nil {
		// Both dates are the server's, so that a wrong clock here does not matter.
		if server := serverTime(h); !server.IsZero() {
			now = server
		}
		wait = at.Sub(now)
	}
	if ms, err := strconv.ParseInt(strings.TrimSpace(h.Get(headerQosDelay)), 10, 64); err == nil {
		wait = max(wait, scaled(ms, time.Millisecond))
	}
	return min(max(wait, 0), maxRetryAfter)
}

// scaled is n units, without overflow.
func scaled(n int64, unit time.Duration) time.Duration {
	if n > int64(maxRetryAfter/unit) {
		return maxRetryAfter
	}
	return time.Duration(max(n, 0)) * unit
}
