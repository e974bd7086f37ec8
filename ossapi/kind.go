package ossapi

// Kind classifies a failure by what a caller can do about it.
type Kind int

const (
	// KindNone is the kind of no error.
	KindNone Kind = iota
	// KindTemporary may go away by itself: 5xx, 408, a lost or silent connection.
	KindTemporary
	// KindThrottled asks to slow down: 429, 503, a rate limit. See Error.RetryAfter.
	KindThrottled
	// KindDamaged means the body that arrived did not match its Content-MD5.
	KindDamaged
	// KindClock means the request's time is too far from the server's. See Error.ServerTime.
	KindClock
	// KindCredentials means an expired, unknown, disabled or wrong key or token,
	// or that the provider had none to give.
	KindCredentials
	// KindDenied means the key is good but not allowed to do this.
	KindDenied
	// KindGone means the upload does not exist: completed or aborted, perhaps elsewhere.
	KindGone
	// KindNotFound means the bucket or object does not exist.
	KindNotFound
	// KindConflict means something is in the way: the object or the part exists
	// and may not be overwritten.
	KindConflict
	// KindPartList means Complete's list of parts was refused: a part is
	// unknown, differs, is out of order or too small.
	KindPartList
	// KindRequest means the request is wrong in another way; repeating it is useless.
	KindRequest
	// KindOddAnswer means the answer cannot be trusted or understood: success
	// with an error document, an unexpected document, none, or one too long.
	// Whether the call took effect is unknown.
	KindOddAnswer
	// KindCanceled means the caller's context ended the call.
	KindCanceled
	// KindLocal means the cause is on this machine: a body that could not be
	// read or has another length than said, or a certificate that is not trusted.
	KindLocal
)

// String gives a short name for logs and tests, such as "throttled".
func (k Kind) String() string {
	names := [...]string{
		KindNone: "none", KindTemporary: "temporary", KindThrottled: "throttled",
		KindDamaged: "damaged", KindClock: "clock", KindCredentials: "credentials",
		KindDenied: "denied", KindGone: "gone", KindNotFound: "not found",
		KindConflict: "conflict", KindPartList: "part list", KindRequest: "request",
		KindOddAnswer: "odd answer", KindCanceled: "canceled", KindLocal: "local",
	}
	if k < 0 || int(k) >= len(names) {
		return "unknown"
	}
	return names[k]
}
