package ossapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestErrorText(t *testing.T) {
	for want, e := range map[string]*Error{
		"upload part 7 of oss://b/k: 503 ServiceUnavailable: busy (request id R, EC 0004)": {
			Op: "upload part", Bucket: "b", Key: "k", PartNumber: 7, Status: 503, Code: "ServiceUnavailable", Message: "busy", RequestID: "R", EC: "0004"},
		"list buckets: 403 Forbidden":                                          {Op: "list buckets", Status: 403},
		"list uploads of oss://b: context canceled":                            {Op: "list uploads", Bucket: "b", Err: context.Canceled, Kind: KindCanceled},
		"abort upload of oss://b/k: reset (host h)":                            {Op: "abort upload", Bucket: "b", Key: "k", Err: errors.New("reset"), Kind: KindTemporary, Host: "h"},
		`head object of oss://b/a\x1b]52\x07\x0a\x80\xff\u{202E}é世: 404 X\x00`: {Op: "head object", Bucket: "b", Key: "a\x1b]52\a\n\u0080\xff\u202eé世", Status: 404, Code: "X\x00"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestKindOf(t *testing.T) {
	wrapped := fmt.Errorf("outer: %w", &Error{Kind: KindGone})
	for _, test := range []struct {
		err  error
		want Kind
	}{{nil, KindNone}, {errors.New("x"), KindLocal}, {wrapped, KindGone}} {
		if got := KindOf(test.err); got != test.want {
			t.Errorf("%v: got %v, want %v", test.err, got, test.want)
		}
	}
	for k := KindNone; k <= KindLocal; k++ {
		if k.String() == "" || k.String() == "unknown" {
			t.Errorf("kind %d has no name", k)
		}
	}
}

func TestKindsOfRefusals(t *testing.T) {
	for _, test := range []struct {
		status int
		code   string
		want   Kind
	}{
		{400, "InvalidDigest", KindDamaged}, {400, "BadDigest", KindDamaged},
		{403, "RequestTimeTooSkewed", KindClock},
		{403, "InvalidAccessKeyId", KindCredentials}, {403, "SignatureDoesNotMatch", KindCredentials},
		{403, "SecurityTokenExpired", KindCredentials}, {403, "InvalidSecurityToken", KindCredentials}, {401, "", KindCredentials},
		{403, "AccessDenied", KindDenied}, {403, "PublicEndpointForbidden", KindDenied}, {403, "", KindDenied},
		{404, "NoSuchUpload", KindGone}, {404, "NoSuchBucket", KindNotFound}, {404, "NoSuchKey", KindNotFound}, {404, "", KindRequest},
		{409, "FileAlreadyExists", KindConflict}, {409, "PartAlreadyExist", KindConflict}, {409, "Unheard", KindConflict},
		{400, "InvalidPart", KindPartList}, {400, "InvalidPartOrder", KindPartList}, {400, "EntityTooSmall", KindPartList},
		{400, "InvalidArgument", KindRequest}, {400, "", KindRequest}, {302, "", KindRequest}, {501, "NotImplemented", KindRequest},
		{400, "RequestTimeout", KindTemporary}, {500, "InternalError", KindTemporary}, {502, "", KindTemporary}, {408, "", KindTemporary},
		{503, "ServiceUnavailable", KindThrottled}, {503, "", KindThrottled}, {429, "", KindThrottled},
		{503, "UploadTrafficRateLimitExceeded", KindThrottled}, {403, "TotalQpsLimitExceeded", KindThrottled},
	} {
		t.Run(fmt.Sprint(test.status, test.code), func(t *testing.T) {
			body := ""
			if test.code != "" {
				body = "<Error><Code>" + test.code + "</Code><Message>why</Message><RequestId>R</RequestId><EC>1-2</EC><StatusCode>200</StatusCode></Error>"
			}
			c := answering(t, saying(test.status, body, "Location: https://example.com/"))
			_, err := c.UploadPart(t.Context(), onePart("body"))
			e := wantKind(t, err, test.want)
			if e.Status != test.status || e.Code != test.code || e.PartNumber != 7 || e.Key != "dir/key" || e.UploadID != "id1" {
				t.Errorf("got %+v", e)
			}
			if test.code != "" && (e.Message != "why" || e.RequestID != "R" || e.EC != "1-2") {
				t.Errorf("got %+v", e)
			}
			if e.Temporary() != (test.want == KindTemporary || test.want == KindThrottled) {
				t.Errorf("Temporary() = %v", e.Temporary())
			}
		})
	}
}

func TestHeadRefusalIsInAHeader(t *testing.T) {
	// base64 of <Error><Code>NoSuchKey</Code><EC>0026-00000001</EC></Error>
	const doc = "PEVycm9yPjxDb2RlPk5vU3VjaEtleTwvQ29kZT48RUM+MDAyNi0wMDAwMDAwMTwvRUM+PC9FcnJvcj4="
	c := answering(t, saying(404, "", "X-Oss-Err: "+doc, "X-Oss-Request-Id: R1"))
	_, err := c.Head(t.Context(), testObject)
	if e := wantKind(t, err, KindNotFound); e.Code != "NoSuchKey" || e.EC != "0026-00000001" || e.RequestID != "R1" {
		t.Errorf("got %+v", e)
	}
	c = answering(t, saying(404, "", "X-Oss-Err: %%%"))
	_, err = c.Head(t.Context(), testObject)
	wantKind(t, err, KindNotFound)
}

func TestRetryAfter(t *testing.T) {
	date := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) string { return date.Add(d).Format(http.TimeFormat) }
	for _, test := range []struct {
		after, qos string
		want       time.Duration
	}{
		{"", "", 0}, {"2", "", 2 * time.Second}, {"-5", "", 0}, {"x", "y", 0}, {"", "250", 250 * time.Millisecond},
		{"1", "1500", 1500 * time.Millisecond}, {"3", "1500", 3 * time.Second},
		{at(90 * time.Second), "", 90 * time.Second}, {at(-time.Hour), "", 0},
		{"9223372036854775807", "9223372036854775807", maxRetryAfter}, {"99999999999999999999", "", 0},
		{at(1e6 * time.Hour), "", maxRetryAfter},
	} {
		h := http.Header{}
		h.Set("Retry-After", test.after)
		h.Set(headerQosDelay, test.qos)
		h.Set("Date", date.Format(http.TimeFormat))
		// The clock here is far off: the dates must be compared with each other.
		if got := retryAfter(h, date.Add(1000*time.Hour)); got != test.want {
			t.Errorf("%q, %q: got %v, want %v", test.after, test.qos, got, test.want)
		}
	}
}

func TestCanceled(t *testing.T) {
	started := make(chan struct{})
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the server notices a lost client only after the body
		close(started)
		<-r.Context().Done()
	})
	reason := errors.New("paused by the user")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() { <-started; cancel(reason) }()
	_, err := c.Complete(ctx, CompleteRequest{Upload: testUpload, Parts: []CompletePart{{1, "A"}}})
	wantKind(t, err, KindCanceled)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, reason) {
		t.Errorf("the cause is lost: %v", err)
	}
}

type failingProvider struct{ err error }

func (p failingProvider) Credentials(context.Context) (Credentials, error) {
	return Credentials{}, p.err
}

func TestCredentialsThatCannotBeHad(t *testing.T) {
	cause := errors.New("metadata server silent")
	for _, provider := range []CredentialsProvider{failingProvider{cause}, StaticCredentials("", "", "")} {
		c := answering(t, func(http.ResponseWriter, *http.Request) { t.Error("a request went out") },
			func(o *Options) { o.Credentials = provider })
		for name, do := range everyCall(t, c) {
			err := do()
			wantKind(t, err, KindCredentials)
			if provider == (failingProvider{cause}) && !errors.Is(err, cause) {
				t.Errorf("%s: the cause is lost: %v", name, err)
			}
		}
	}
}

func TestAnonymousIsUnsigned(t *testing.T) {
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		if a := r.Header.Get("Authorization"); a != "" {
			t.Errorf("signed: %s", a)
		}
		w.WriteHeader(http.StatusNoContent)
	}, func(o *Options) { o.Credentials = Anonymous() })
	if err := c.Abort(t.Context(), testUpload); err != nil {
		t.Error(err)
	}
}

func TestClockOffset(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	var got string
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("X-Oss-Date")
		w.WriteHeader(http.StatusNoContent)
	}, func(o *Options) { o.Clock = func() time.Time { return now } })
	for offset, want := range map[time.Duration]string{0: "20260501T120000Z", -2 * time.Hour: "20260501T100000Z"} {
		c.SetClockOffset(offset)
		if err := c.Abort(t.Context(), testUpload); err != nil || got != want {
			t.Errorf("signed at %s, want %s (%v)", got, want, err)
		}
	}
}

func TestLocalChecks(t *testing.T) {
	c := answering(t, func(http.ResponseWriter, *http.Request) { t.Error("a request went out") })
	ctx := t.Context()
	part := func(change func(*UploadPartRequest)) error {
		r := onePart("body")
		change(&r)
		_, err := c.UploadPart(ctx, r)
		return err
	}
	initiate := func(r InitiateRequest) error {
		r.Object = testObject
		_, err := c.Initiate(ctx, r)
		return err
	}
	for want, err := range map[string]error{
		"part number is 0":     part(func(r *UploadPartRequest) { r.PartNumber = 0 }),
		"part number is 10001": part(func(r *UploadPartRequest) { r.PartNumber = 10001 }),
		"no body":              part(func(r *UploadPartRequest) { r.Body = nil }),
		"size is negative":     part(func(r *UploadPartRequest) { r.Size = -1 }),
		"bucket name":          part(func(r *UploadPartRequest) { r.Bucket = "a/b" }),
		"key is empty":         part(func(r *UploadPartRequest) { r.Key = "" }),
		"key has 1024":         part(func(r *UploadPartRequest) { r.Key = strings.Repeat("k", 1024) }),
		"upload id is empty":   part(func(r *UploadPartRequest) { r.UploadID = "" }),
		"control character":    initiate(InitiateRequest{WriteOptions: WriteOptions{CacheControl: "a\r\nX-Evil: 1"}}),
		"name of a header":     initiate(InitiateRequest{WriteOptions: WriteOptions{Metadata: map[string]string{"a: b": "c"}}}),
	} {
		e := wantKind(t, err, KindRequest)
		if !strings.Contains(e.Error(), want) {
			t.Errorf("got %v, want %q", e, want)
		}
	}
	for _, parts := range [][]CompletePart{nil, {{1, "A"}, {1, "B"}}, {{0, "A"}}, {{1, ""}}, {{1, "a\x00"}}} {
		_, err := c.Complete(ctx, CompleteRequest{Upload: testUpload, Parts: parts})
		wantKind(t, err, KindPartList)
	}
}
