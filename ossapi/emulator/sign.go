package emulator

import (
	"crypto/hmac"
	"encoding/hex"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
)

// authenticate verifies who is asking. Without configured credentials everybody may do everything.
func (ex *exchange) authenticate() error {
	if len(ex.server.credentials) == 0 {
		return ex.checkSkewFault()
	}
	authorization := ex.r.Header.Get("Authorization")
	switch {
	case strings.HasPrefix(authorization, algorithmV4+" "):
		return ex.verifyV4Header(authorization)
	case strings.HasPrefix(authorization, "OSS "):
		return ex.verifyV1Header(authorization)
	case authorization != "":
		return errInvalidAuthorization("Authorization", authorization)
	case ex.query.Has("x-oss-signature"):
		return ex.verifyV4Query()
	case ex.query.Has("Signature"):
		return ex.verifyV1Query()
	}
	return errAccessDenied("You have no right to access this object because of bucket acl.", "0003-00000001")
}

func errInvalidAuthorization(name, value string) *apiError {
	e := errInvalidArgument("Authorization header is invalid.", name, value)
	e.EC = "0002-00000062"
	return e
}

// checkSkewFault lets the fault SkewedClock bite where signatures are not verified.
func (ex *exchange) checkSkewFault() error {
	if !ex.plan.skewed {
		return nil
	}
	at, ok := ex.requestTime()
	if !ok {
		at = ex.server.clock()
	}
	return ex.checkSkew(at)
}

// requestTime is when the client says it made the request.
func (ex *exchange) requestTime() (time.Time, bool) {
	if text := ex.r.Header.Get("X-Oss-Date"); text != "" {
		if t, err := time.Parse(iso8601Basic, text); err == nil {
			return t, true
		}
		t, err := http.ParseTime(text)
		return t, err == nil
	}
	t, err := http.ParseTime(ex.r.Header.Get("Date"))
	return t, err == nil
}

// checkSkew refuses a request whose clock is more than 15 minutes off.
func (ex *exchange) checkSkew(at time.Time) error {
	if off := ex.now.Sub(at); off > maxSkew || off < -maxSkew {
		return errSkewed(at, ex.now)
	}
	return nil
}

// secretOf finds the secret of an access key id.
func (ex *exchange) secretOf(id string) (string, error) {
	secret, known := ex.server.credentials[id]
	if !known {
		return "", errInvalidAccessKeyID(id)
	}
	return secret, nil
}

// checkSignature compares in constant time and, when the two differ, tells what was signed here, as OSS does: it is what one
// debugs a signer with.
func checkSignature(id, given, want, stringToSign, canonicalRequest string) error {
	if hmac.Equal([]byte(given), []byte(want)) {
		return nil
	}
	ec := "0002-00000040"
	if canonicalRequest != "" { // V4
		ec = "0002-00000201"
	}
	e := &apiError{Status: http.StatusForbidden, Code: "SignatureDoesNotMatch", EC: ec,
		Message: "The request signature we calculated does not match the signature you provided. Check your key and signing method."}
	e.with("OSSAccessKeyId", id).with("SignatureProvided", given).with("StringToSign", stringToSign).
		with("StringToSignBytes", spacedHex(stringToSign))
	if canonicalRequest != "" {
		e.with("CanonicalRequest", canonicalRequest)
	}
	return e
}

func spacedHex(text string) string {
	digits := strings.ToUpper(hex.EncodeToString([]byte(text)))
	var b strings.Builder
	for i := 0; i < len(digits); i += 2 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(digits[i : i+2])
	}
	return b.String()
}

// resource is the thing a signature names: always with the bucket, whatever style the address had.
func (ex *exchange) resource() string {
	if ex.bucket == "" {
		return "/"
	}
	return "/" + ex.bucket + "/" + ex.key
}

// signedHeader joins the values of a header as they are signed.
func signedHeader(values []string) string {
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = strings.TrimSpace(v)
	}
	return strings.Join(trimmed, ",")
}

// sortedNames returns the keys of m that keep accepts, lower-cased, in order.
func sortedNames(m map[string][]string, keep func(lower string) bool) []string {
	var names []string
	for name := range m {
		if lower := strings.ToLower(name); keep(lower) {
			names = append(names, lower)
		}
	}
	sort.Strings(names)
	return names
}

// checkExpiry refuses a presigned request after its time.
func (ex *exchange) checkExpiry(until time.Time) error {
	if ex.now.After(until) {
		e := errAccessDenied("Request has expired.", "")
		return e.with("Expires", formatTime(until)).with("ServerTime", formatTime(ex.now))
	}
	return nil
}

// percentEncode escapes everything but RFC 3986's unreserved characters and, on request, the slash.
func percentEncode(text string, keepSlash bool) string {
	escaped := strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
	if keepSlash {
		escaped = strings.ReplaceAll(escaped, "%2F", "/")
	}
	return escaped
}

func parseUnix(text string) (time.Time, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return time.Unix(n, 0), err == nil
}
