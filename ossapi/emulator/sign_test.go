package emulator

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestPublishedSignatures verifies requests whose signatures were published with official SDKs and documents: an answer about
// anything but the signature means that it was accepted.
func TestPublishedSignatures(t *testing.T) {
	vector := map[string]string{"x-oss-head1": "value", "abc": "value", "ZAbc": "value", "XYZ": "value", "Content-Type": "text/plain",
		"x-oss-content-sha256": "UNSIGNED-PAYLOAD"}
	query := "%2Bparam1=value3&%2Bparam2=&param1=value1&param2=&%7Cparam1=value4&%7Cparam2="
	for _, tc := range []struct {
		name, method, target, date string
		header                     map[string]string
		authorization              string
	}{
		{"V4", "PUT", "/bucket/1234%2B-/123/1.txt?" + query, "20231216T162057Z", vector,
			"OSS4-HMAC-SHA256 Credential=ak/20231216/cn-hangzhou/oss/aliyun_v4_request,Signature=e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe"},
		{"V4 with additional headers", "PUT", "/bucket/1234%2B-/123/1.txt?" + query, "20231216T172512Z", vector,
			"OSS4-HMAC-SHA256 Credential=ak/20231216/cn-hangzhou/oss/aliyun_v4_request,AdditionalHeaders=abc;zabc,Signature=4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f"},
		{"V1", "PUT", "/examplebucket/nelson", "Wed, 28 Dec 2022 10:27:41 GMT",
			map[string]string{"Content-MD5": "eB5eJF1ptWaXm4bijSPyxw==", "Content-Type": "text/html", "x-oss-meta-author": "alice",
				"x-oss-meta-magic": "abracadabra", "Date": "Wed, 28 Dec 2022 10:27:41 GMT"},
			"OSS ak:kSHKmLxlyEAKtZPkJhG9bZb5k7M="},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ex := offlineExchange(t, tc.method, tc.target, tc.date, tc.header)
			ex.r.Header.Set("Authorization", tc.authorization)
			if err := ex.authenticate(); err != nil {
				t.Fatalf("refused: %v\n%v", err, details(err))
			}
			ex.r.Header.Set("x-oss-head1", "other")
			if err := ex.authenticate(); codeOf(err) != "SignatureDoesNotMatch" {
				t.Fatalf("a changed header was accepted: %v", err)
			}
		})
	}
	ex := offlineExchange(t, "GET", "/bucket/key?Expires=1699807420&OSSAccessKeyId=ak&Signature=dcLTea%2BYh9ApirQ8o8dOPqtvJXQ%3D&versionId=versionId",
		"", nil)
	ex.now = time.Unix(1699807420, 0)
	if err := ex.authenticate(); err != nil {
		t.Fatalf("V1 presigned refused: %v\n%v", err, details(err))
	}
	ex.now = ex.now.Add(time.Second)
	if err := ex.authenticate(); codeOf(err) != "AccessDenied" {
		t.Fatalf("expired, yet %v", err)
	}
}

// offlineExchange is a request that needs no connection, made at date.
func offlineExchange(t *testing.T, method, target, date string, header map[string]string) *exchange {
	t.Helper()
	s, err := New(Options{Dir: t.TempDir(), Credentials: map[string]string{"ak": "sk"}})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, target, nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	ex := s.newExchange(httptest.NewRecorder(), r)
	if date != "" {
		r.Header.Set("x-oss-date", date)
		at, ok := ex.requestTime()
		if !ok {
			t.Fatalf("date %q is not read", date)
		}
		ex.now = at
	}
	return ex
}

func codeOf(err error) string {
	var refused *apiError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

func details(err error) []detail {
	var refused *apiError
	errors.As(err, &refused)
	return refused.Details
}

func TestSignatureRefusals(t *testing.T) {
	object := request{method: "GET", bucket: testBucket, key: "k"}
	for _, tc := range []struct {
		name   string
		change func(*client)
		status int
		code   string
		ec     string
	}{
		{"wrong secret V4", func(c *client) { c.secret = "guess" }, 403, "SignatureDoesNotMatch", "0002-00000201"},
		{"wrong secret V1", func(c *client) { c.secret, c.sign = "guess", signV1 }, 403, "SignatureDoesNotMatch", "0002-00000040"},
		{"wrong secret presigned V4", func(c *client) { c.secret, c.sign = "guess", presignV4 }, 403, "SignatureDoesNotMatch", "0002-00000201"},
		{"unknown id", func(c *client) { c.id = "nobody" }, 403, "InvalidAccessKeyId", "0002-00000902"},
		{"unknown id V1", func(c *client) { c.id, c.sign = "nobody", signV1 }, 403, "InvalidAccessKeyId", "0002-00000902"},
		{"wrong region", func(c *client) { c.region = "cn-beijing" }, 400, "InvalidArgument", "0002-00000226"},
		{"no signature", func(c *client) { c.sign = unsigned }, 403, "AccessDenied", "0003-00000001"},
		{"clock behind", func(c *client) { c.now = ago(16 * time.Minute) }, 403, "RequestTimeTooSkewed", "0002-00000504"},
		{"clock ahead V1", func(c *client) { c.now, c.sign = ago(-16*time.Minute), signV1 }, 403, "RequestTimeTooSkewed", "0002-00000504"},
		{"clock ahead presigned", func(c *client) { c.now, c.sign = ago(-16*time.Minute), presignV4 }, 403, "RequestTimeTooSkewed", "0002-00000504"},
		{"expired presigned V4", func(c *client) { c.now, c.sign = ago(2*time.Hour), presignV4 }, 403, "AccessDenied", ""},
		{"expired presigned V1", func(c *client) { c.now, c.sign = ago(2*time.Hour), presignV1 }, 403, "AccessDenied", ""},
		{"valid for too long", func(c *client) { c.expires, c.sign = 8*24*time.Hour, presignV4 }, 400, "InvalidArgument", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newClient(t, Options{})
			c.put("k", []byte("x"))
			tc.change(c)
			res := c.refused(tc.status, tc.code, tc.ec, object)
			if tc.code == "SignatureDoesNotMatch" && !strings.Contains(string(res.body), "<StringToSign>") {
				t.Errorf("the answer does not say what was signed: %s", res.body)
			}
		})
	}
}

func ago(d time.Duration) func() time.Time { return func() time.Time { return time.Now().Add(-d) } }

func TestSignatureWithinLimits(t *testing.T) {
	for _, d := range []time.Duration{14 * time.Minute, -14 * time.Minute} {
		c := newClient(t, Options{})
		c.now = ago(d)
		c.put("k", nil)
	}
	c := newClient(t, Options{})
	c.additional = []string{"host", "range"}
	c.put("k", []byte("0123"))
	if res := c.get("k", "Range", "bytes=1-2"); string(res.body) != "12" {
		t.Errorf("additional headers: %s %q", res.Status, res.body)
	}
	c.additional = nil
	c.put("k", nil, "x-oss-security-token", "token") // signed as any x-oss header
}

func TestEverythingIsAcceptedWithoutCredentials(t *testing.T) {
	c := newClient(t, Options{Credentials: map[string]string{}})
	for _, sign := range []signing{unsigned, signV4, signV1, presignV4, presignV1} {
		c.sign, c.secret, c.now = sign, "whatever", ago(48*time.Hour)
		c.put("k", nil)
	}
}

func TestVirtualHostStyle(t *testing.T) {
	c := newClient(t, Options{Domain: "oss.local"})
	c.put("dir/k", []byte("x"))
	for _, host := range []string{testBucket + ".oss.local", testBucket + ".localhost:1234", "BUCKET.OSS.LOCAL:80"} {
		hr := c.build(request{method: "GET", bucket: testBucket, key: "dir/k"})
		hr.Host, hr.URL.Path = host, "/dir/k"
		res, err := c.http.Do(hr)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", host, res.Status)
		}
	}
}

func TestCanonicalQueryIsTheSameHoweverEscaped(t *testing.T) {
	want := "a=1&b&c=x%20y%2Fz~%2B"
	for _, raw := range []string{"c=x+y/z~%2b&a=1&b=", "b&a=1&c=x%20y%2Fz%7E%2B&x-oss-signature=1", "a=%31&c=x%20y%2fz~%2B&b"} {
		if got := canonicalQueryV4(raw); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
	if q, _ := url.ParseQuery("x=%zz"); recode("%zz") != "%zz" || q.Has("x") {
		t.Error("what cannot be decoded must stay as it is")
	}
}
