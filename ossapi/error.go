package ossapi

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Error is the failure of one call. Every error a Client's methods return is
// one; use errors.As, or [KindOf] for the kind alone.
//
// Code, Message, RequestID and EC are the server's words as they came, cut to
// a sane length: they may hold any character, control characters too. Error()
// escapes them; whoever shows the fields must do the same.
type Error struct {
	Op                    string // what was being done: "upload part"
	Bucket, Key, UploadID string // of the call, as far as it has them
	PartNumber            int    // 0: none

	Code      string // OSS's error code, "NoSuchUpload"; empty: none came
	Message   string // OSS's message
	RequestID string // what OSS's support asks for
	EC        string // OSS's detailed error code, "0042-00000203"
	Host      string // the host the request went to, or would have gone to
	Status    int    // HTTP status; 0: no answer

	RetryAfter time.Duration // the wait the server asked for; 0: none, at most 24 h
	ServerTime time.Time     // the answer's Date, to the second; zero: none
	Kind       Kind
	Err        error // the cause, when that is not a refusal of the server
}

// Error describes the failure in one line, without control characters:
//
//	upload part 7 of oss://b/k: 503 ServiceUnavailable: try later (request id ..., EC ...)
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.PartNumber > 0 {
		b.WriteByte(' ')
		b.WriteString(strconv.Itoa(e.PartNumber))
	}
	if e.Bucket != "" {
		b.WriteString(" of oss://" + e.Bucket)
		if e.Key != "" {
			b.WriteString("/" + e.Key)
		}
	}
	if e.Status != 0 {
		b.WriteString(": " + strconv.Itoa(e.Status))
		if what := e.Code; what != "" {
			b.WriteString(" " + what)
		} else if what = http.StatusText(e.Status); what != "" {
			b.WriteString(" " + what)
		}
		if e.Message != "" {
			b.WriteString(": " + e.Message)
		}
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	var notes []string
	if e.Status == 0 && e.Kind == KindTemporary && e.Host != "" {
		notes = append(notes, "host "+e.Host)
	}
	if e.RequestID != "" {
		notes = append(notes, "request id "+e.RequestID)
	}
	if e.EC != "" {
		notes = append(notes, "EC "+e.EC)
	}
	if len(notes) > 0 {
		b.WriteString(" (" + strings.Join(notes, ", ") + ")")
	}
	return escape(b.String())
}

// Unwrap gives the cause, for instance context.Canceled; nil when the server
// refused the call.
func (e *Error) Unwrap() error { return e.Err }

// Temporary reports whether the same call may succeed when it is repeated
// later, with nothing changed: KindTemporary and KindThrottled.
func (e *Error) Temporary() bool {
	return e.Kind == KindTemporary || e.Kind == KindThrottled
}

// KindOf gives the kind of the first [*Error] in err's chain; KindNone for a
// nil error and KindLocal when there is none in the chain.
func KindOf(err error) Kind {
	if err == nil {
		return KindNone
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return KindLocal
}

// escape makes text safe to print on one line: control characters and bytes
// that are no UTF-8 become \xNN; characters that reorder or hide text become
// \u{...}. A server or a foreign key could otherwise drive the terminal.
func escape(s string) string {
	if !strings.ContainsFunc(s, unsafeRune) {
		return s
	}
	const hex = "0123456789abcdef"
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case !unsafeRune(r) || r == utf8.RuneError && size > 1:
			b.WriteString(s[i : i+size])
		case r < 0x100:
			b.WriteString(`\x`)
			b.WriteByte(hex[r>>4])
			b.WriteByte(hex[r&0xf])
		case r == utf8.RuneError:
			b.WriteString(`\x`)
			b.WriteByte(hex[s[i]>>4])
			b.WriteByte(hex[s[i]&0xf])
		default:
			b.WriteString(`\u{` + strings.ToUpper(strconv.FormatInt(int64(r), 16)) + `}`)
		}
		i += size
	}
	return b.String()
}

// unsafeRune reports whether r must be escaped: C0, DEL, C1, invalid UTF-8,
// line separators, and what is invisible or changes the direction of text.
func unsafeRune(r rune) bool {
	switch {
	case r < 0x20, 0x7f <= r && r < 0xa0, r == utf8.RuneError:
	case r == 0xad, r == 0x61c, 0x200b <= r && r <= 0x200f, 0x2028 <= r && r <= 0x202e:
	case 0x2060 <= r && r <= 0x206f, r == 0xfeff, 0xfff9 <= r && r <= 0xfffb, 0xe0000 <= r && r <= 0xe007f:
	default:
		return false
	}
	return true
}
