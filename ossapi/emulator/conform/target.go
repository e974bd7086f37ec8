package conform

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
)

// Target is the server to test and how to reach it.
type Target struct {
	Name     string // shown in messages, e.g. "emulator"
	Endpoint string // scheme://host[:port] without a bucket
	Region   string // region of the V4 signing scope, e.g. "cn-hangzhou"

	AccessKeyID     string
	AccessKeySecret string // never printed

	// Bucket must exist and be writable; it need not be empty.
	Bucket string

	// PathStyle puts the bucket in the path instead of the host. The SDK does
	// so by itself when the endpoint is an IP address.
	PathStyle bool

	// SignatureV1 signs with the old HMAC-SHA1 scheme. Cases about the V4
	// scheme are skipped then.
	SignatureV1 bool

	// Only names the cases to run; empty means all.
	Only []string

	// Skip names cases the server is known not to pass, with the reason.
	Skip map[string]string

	// NewHTTPClient makes the HTTP client of the run; nil means a client with a
	// connection pool of its own and no proxy. Its idle connections are closed
	// at the end.
	NewHTTPClient func() *http.Client
}

// String names the target; the secret is masked.
func (t Target) String() string {
	return fmt.Sprintf("%s %s bucket %s as %s/****", t.Name, t.Endpoint, t.Bucket, t.AccessKeyID)
}

// GoString is String, so that %#v does not print the secret either.
func (t Target) GoString() string { return t.String() }

// check refuses a target that could not be driven, or whose lists name cases
// that do not exist: such an entry would silently skip or run nothing.
func (t Target) check() error {
	if t.Bucket == "" || t.AccessKeyID == "" || t.AccessKeySecret == "" {
		return errors.New("target needs a bucket, an access key id and a secret")
	}
	if !t.SignatureV1 && t.Region == "" {
		return errors.New("target needs a region: it is part of the V4 signing scope")
	}
	u, err := url.Parse(t.Endpoint)
	if err != nil {
		return fmt.Errorf("target endpoint: %w", err)
	}
	if u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("target endpoint %q: want http(s)://host", t.Endpoint)
	}
	known := Names()
	for _, name := range t.Only {
		if !slices.Contains(known, name) {
			return fmt.Errorf("target runs an unknown case %q", name)
		}
	}
	for name, reason := range t.Skip {
		if !slices.Contains(known, name) {
			return fmt.Errorf("target skips an unknown case %q", name)
		}
		if reason == "" {
			return fmt.Errorf("target skips case %q without a reason", name)
		}
	}
	return nil
}

// selects reports whether c belongs to the run, skipped or not.
func (t Target) selects(c testCase) bool {
	return len(t.Only) == 0 || slices.Contains(t.Only, c.name)
}

// skipReason returns why c is not run, or "".
func (t Target) skipReason(c testCase) string {
	if c.v4 && t.SignatureV1 {
		return "a rule of the V4 signature; this run signs with V1"
	}
	return t.Skip[c.name]
}

// Names returns the names of all cases in the order they run: what Only and
// Skip of a Target may name.
func Names() []string {
	all := cases()
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.name
	}
	return names
}

// Run drives the target through every selected case as subtests of t. A case in
// target.Skip is shown as skipped with its reason. A target that can not be
// driven at all fails t at once.
func Run(t *testing.T, target Target) {
	t.Helper()
	suite, err := newSuite(target)
	if err != nil {
		t.Fatalf("conform: %v", err)
	}
	t.Cleanup(suite.close)
	for _, c := range cases() {
		if !target.selects(c) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			if reason := target.skipReason(c); reason != "" {
				t.Skip(reason)
			}
			c.run(suite.trial(t, c.name))
		})
	}
}
