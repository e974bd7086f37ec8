package emulator

import (
	"net/http"
	"time"
)

// ResetBody resets the connection (RST, not a tidy close) when After bytes of the request's body were read, or at the body's end
// when it is shorter. Nothing happens in the store. After 0 resets before the first byte.
type ResetBody struct{ After int64 }

// Answer is sent instead of doing the operation. The body of the request is read first, so that the client is sure to see the
// answer; Early answers at once, as an overloaded front end does, while the client may still be sending.
type Answer struct {
	Status  int // 0 = 500
	Code    string
	Message string
	EC      string
	Header  map[string]string // further headers, e.g. Retry-After
	Early   bool
}

// AnswerAfter does the operation and then sends this answer instead of the real one.
type AnswerAfter struct {
	Status  int // 0 = 500
	Code    string
	Message string
	EC      string
	Header  map[string]string
}

// LoseAnswer does the operation and closes the connection without a byte of answer.
type LoseAnswer struct{}

// Delay waits Before doing the operation, or After it before the real answer is sent. A wait ends early when the server is
// closed, or when the client goes; the connection is then dropped. During Before the body is still unread, and net/http notices
// that a client went only once it was read (a request without a body counts as read).
type Delay struct{ Before, After time.Duration }

// ErrorBody answers HTTP 200 with a body that is an <Error> document, which OSS can send for a long-running Complete. With Effect
// the operation is done, without it is not.
type ErrorBody struct {
	Code, Message string
	Effect        bool
}

// FlipByte makes the server see the body with the byte at offset At (from 0) inverted, as if damaged on the way, before any
// Content-MD5 is verified. An offset past the end does nothing.
type FlipByte struct{ At int64 }

// SlowBody reads the body no faster than this.
type SlowBody struct{ BytesPerSecond int }

// BlackHole reads the body, does nothing and never answers, until the client leaves or the server is closed.
type BlackHole struct{}

// ExpiredToken refuses with 403 SecurityTokenExpired.
type ExpiredToken struct{}

// SkewedClock runs the request on a server clock that is off by By: the Date header says so, and beyond 15 minutes the request
// is refused with RequestTimeTooSkewed, also where no credentials are configured.
type SkewedClock struct{ By time.Duration }

// OmitCRC leaves x-oss-hash-crc64ecma (and HashCrc64ecma in lists) out of the answer of an operation that took effect.
type OmitCRC struct{}

// WrongCRC falsifies the CRC in the answer of an operation that took effect.
type WrongCRC struct{}

// RepeatMarker makes a list answer claim IsTruncated with a next marker equal to the marker of the request.
type RepeatMarker struct{}

// Hook calls Func before the operation, which lets a test race something against it. Func must leave the body alone.
type Hook struct{ Func func(*http.Request) }

// answer is a made-up reply.
type answer struct {
	status int
	err    apiError
	header map[string]string
}

func newAnswer(status int, code, message, ec string, header map[string]string) *answer {
	if status == 0 {
		status = http.StatusInternalServerError
	}
	if code == "" {
		code = defaultCode(status)
	}
	if message == "" {
		message = "This answer was arranged by a fault of the emulator."
	}
	return &answer{status: status, header: header, err: apiError{Status: status, Code: code, Message: message, EC: ec}}
}

func defaultCode(status int) string {
	switch {
	case status == http.StatusServiceUnavailable:
		return "ServiceUnavailable"
	case status == http.StatusForbidden:
		return "AccessDenied"
	case status >= http.StatusInternalServerError:
		return "InternalError"
	}
	return "BadRequest"
}

func (e ResetBody) arrange(p *plan) { p.resets, p.resetAfter = true, e.After }

func (e Answer) arrange(p *plan) {
	p.instead, p.early = newAnswer(e.Status, e.Code, e.Message, e.EC, e.Header), e.Early
}

func (e AnswerAfter) arrange(p *plan) {
	p.afterwards = newAnswer(e.Status, e.Code, e.Message, e.EC, e.Header)
}

func (LoseAnswer) arrange(p *plan) { p.closeSilently = true }

func (e Delay) arrange(p *plan) {
	p.before += e.Before
	p.after += e.After
}

func (e ErrorBody) arrange(p *plan) {
	code := e.Code
	if code == "" {
		code = "InternalError"
	}
	made := newAnswer(http.StatusOK, code, e.Message, "", nil)
	if e.Effect {
		p.afterwards = made
	} else {
		p.instead = made
	}
}

func (e FlipByte) arrange(p *plan)    { p.flips = append(p.flips, e.At) }
func (e SlowBody) arrange(p *plan)    { p.bytesPerSecond = e.BytesPerSecond }
func (BlackHole) arrange(p *plan)     { p.blackHole = true }
func (OmitCRC) arrange(p *plan)       { p.omitCRC = true }
func (WrongCRC) arrange(p *plan)      { p.wrongCRC = true }
func (RepeatMarker) arrange(p *plan)  { p.repeatMarker = true }
func (e SkewedClock) arrange(p *plan) { p.skewed, p.skew = true, e.By }

func (ExpiredToken) arrange(p *plan) {
	p.instead = newAnswer(http.StatusForbidden, "SecurityTokenExpired",
		"The security token you provided has expired.", "0002-00000007", nil)
}

func (e Hook) arrange(p *plan) {
	if e.Func != nil {
		p.hooks = append(p.hooks, e.Func)
	}
}
