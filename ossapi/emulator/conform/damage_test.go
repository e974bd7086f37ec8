package conform

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// answer is what the emulator was about to say.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// change lets a test damage requests on their way in and answers on their way
// out. Either function may be nil.
func change(in func(*http.Request), out func(*http.Request, *answer)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if in != nil {
				in(r)
			}
			if out == nil {
				next.ServeHTTP(w, r)
				return
			}
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			a := &answer{rec.Code, rec.Header(), rec.Body.Bytes()}
			out(r, a)
			for name, values := range a.header {
				w.Header()[name] = values
			}
			if r.Method != http.MethodHead && a.status != http.StatusNoContent {
				w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
			}
			w.WriteHeader(a.status)
			_, _ = w.Write(a.body)
		})
	}
}

func dropHeader(name string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Del(name) }
}

func setQuery(name string, value func(string) string) func(*http.Request) {
	return func(r *http.Request) {
		query := r.URL.Query()
		if !query.Has(name) {
			return
		}
		if v := value(query.Get(name)); v == "" {
			query.Del(name)
		} else {
			query.Set(name, v)
		}
		r.URL.RawQuery = query.Encode()
	}
}

func gone(string) string { return "" }

func loseHeader(name string) func(*http.Request, *answer) {
	return func(_ *http.Request, a *answer) { a.header.Del(name) }
}

func rewrite(pattern, by string) func(*http.Request, *answer) {
	expr := regexp.MustCompile(pattern)
	return func(_ *http.Request, a *answer) { a.body = expr.ReplaceAll(a.body, []byte(by)) }
}

// swallow answers requests that match with a success that never happened.
func swallow(method, parameter string, status int, body string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == method && r.URL.Query().Has(parameter) {
				_, _ = io.Copy(io.Discard, r.Body) // or the client may see a reset
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// TestDamageIsFound damages a server in one way at a time. The named cases must
// all see it: a suite that passes everything would prove nothing.
func TestDamageIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		wrap  func(http.Handler) http.Handler
		cases []string
	}{
		"ETags in lower case": {
			change(nil, func(_ *http.Request, a *answer) { a.header.Set("ETag", strings.ToLower(a.header.Get("ETag"))) }),
			[]string{"part-etag-is-quoted-upper-case", "object-put-etag-and-crc64"},
		},
		"no CRC in headers": {
			change(nil, loseHeader("x-oss-hash-crc64ecma")),
			[]string{"part-crc64", "complete-crc64", "object-get-crc64", "object-put-etag-and-crc64"},
		},
		"no CRC in lists":          {change(nil, rewrite(`<HashCrc64ecma>\d+</HashCrc64ecma>`, "")), []string{"list-parts-crc64"}},
		"lists leave out one":      {change(nil, rewrite(`(?s)^(.*)<Upload>.*?</Upload>`, "$1")), []string{"list-uploads-pages", "list-uploads-default-page-is-1000", "list-uploads-prefix", "keys-plain-text"}},
		"lists without key marker": {change(nil, rewrite(`<NextKeyMarker>.*?</NextKeyMarker>`, "")), []string{"list-uploads-pages", "keys-as-markers", "list-uploads-delimiter-pages"}},
		"lists never end":          {change(nil, rewrite(`<IsTruncated>false`, "<IsTruncated>true")), []string{"list-uploads-nothing", "list-parts-nothing", "list-uploads-pages", "list-parts-pages"}},
		"lists end at page one":    {change(nil, rewrite(`<IsTruncated>true`, "<IsTruncated>false")), []string{"list-uploads-pages", "list-parts-pages", "list-uploads-default-page-is-1000", "list-parts-default-page-is-1000"}},
		"prefix unheeded":          {change(setQuery("prefix", gone), nil), []string{"list-uploads-prefix"}},
		"delimiter unheeded":       {change(setQuery("delimiter", gone), nil), []string{"list-uploads-delimiter", "list-uploads-delimiter-pages"}},
		"upload id marker unheeded": {
			change(setQuery("upload-id-marker", gone), nil),
			[]string{"list-uploads-pages", "list-uploads-upload-id-marker"},
		},
		"keys not encoded": {change(setQuery("encoding-type", gone), nil), []string{"keys-control-characters"}},
		"part marker includes": {
			change(setQuery("part-number-marker", func(v string) string {
				n, _ := strconv.Atoi(v)
				return strconv.Itoa(n - 1)
			}), nil),
			[]string{"list-parts-marker", "list-parts-pages"},
		},
		"Content-MD5 unheeded": {
			change(dropHeader("Content-MD5"), nil),
			[]string{"part-content-md5-wrong", "part-content-md5-malformed", "part-refused-is-not-stored"},
		},
		"forbid-overwrite unheeded": {
			change(dropHeader("x-oss-forbid-overwrite"), nil),
			[]string{"complete-forbid-overwrite", "overwrite-forbidden-at-initiate", "overwrite-forbidden-at-put"},
		},
		"ranges unheeded":     {change(dropHeader("Range"), nil), []string{"object-ranges"}},
		"copy range unheeded": {change(dropHeader("x-oss-copy-source-range"), nil), []string{"copy-range", "copy-from-multipart-object"}},
		"content type lost":   {change(dropHeader("Content-Type"), nil), []string{"metadata-content-type"}},
		"storage class lost":  {change(dropHeader("x-oss-storage-class"), nil), []string{"metadata-storage-class", "list-parts-storage-class"}},
		"tagging lost":        {change(dropHeader("x-oss-tagging"), nil), []string{"metadata-tagging"}},
		"ACL lost":            {change(dropHeader("x-oss-object-acl"), nil), []string{"metadata-acl-at-complete"}},
		"encryption lost":     {change(dropHeader("x-oss-server-side-encryption"), nil), []string{"metadata-sse-aes256", "metadata-sse-kms-etag-is-no-md5"}},
		"sequential unheeded": {change(setQuery("sequential", gone), nil), []string{"cycle-sequential-mode-refusals"}},
		"errors without EC":   {change(nil, rewrite(`<EC>[^<]*</EC>`, "")), []string{"errors-ec", "errors-body-fields"}},
		"HEAD errors bare":    {change(nil, loseHeader("x-oss-err")), []string{"errors-of-head"}},
		"one request id":      {change(nil, func(_ *http.Request, a *answer) { a.header.Set("x-oss-request-id", "5FC3A4E0B9D7C1F2E3A4B5C6") }), []string{"answers-request-ids-differ", "errors-body-fields"}},
		"no server time":      {change(nil, loseHeader("x-oss-server-time")), []string{"answers-headers"}},
		"404 told as 400": {change(nil, func(_ *http.Request, a *answer) {
			if a.status == 404 {
				a.status = 400
			}
		}), []string{"abort-twice", "complete-twice", "errors-no-such-key", "copy-missing-source"}},
		"bytes damaged":                {change(nil, flipInObjects), []string{"cycle-byte-exact", "cycle-parts-out-of-order", "object-ranges", "presigned-whole-upload"}},
		"abort does nothing":           {swallow("DELETE", "uploadId", 204, ""), []string{"abort", "abort-twice", "abort-then-part", "abort-then-complete", "list-uploads-leaves-out-ended"}},
		"complete only says so":        {swallow("POST", "uploadId", 200, "<Error><Code>InternalError</Code></Error>"), []string{"cycle-byte-exact", "cycle-one-tiny-part", "complete-twice", "abort-after-complete"}},
		"parts only said to be stored": {swallow("PUT", "partNumber", 200, ""), []string{"cycle-byte-exact", "part-number-first-and-last", "part-of-unknown-upload"}},
	} {
		t.Run(name, func(t *testing.T) {
			target := startEmulator(t, false, c.wrap)
			target.Only = c.cases
			wantFailures(t, target, c.cases)
		})
	}
}

// flipInObjects damages the last byte of every object read.
func flipInObjects(r *http.Request, a *answer) {
	if r.Method == http.MethodGet && a.status/100 == 2 && a.header.Get("x-oss-object-type") != "" && len(a.body) > 0 {
		a.body = bytes.Clone(a.body)
		a.body[len(a.body)-1] ^= 1
	}
}

func wantFailures(t *testing.T, target Target, cases []string) {
	t.Helper()
	outcomes, err := Try(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	if len(outcomes) != len(cases) {
		t.Fatalf("%d outcomes for %d cases", len(outcomes), len(cases))
	}
	for _, o := range outcomes {
		if o.Passed() {
			t.Errorf("case %s does not see the damage", o.Case)
		} else {
			t.Logf("%s: %.200s", o.Case, o.Failures[0]) // so that -v shows it is found for the right reason
		}
	}
}

// TestUnverifiedSignaturesAreFound: an emulator without credentials accepts
// every signature, which is the damage.
func TestUnverifiedSignaturesAreFound(t *testing.T) {
	target := startEmulator(t, false, nil)
	target.Only = []string{"signature-wrong-secret", "signature-unknown-key-id", "presigned-tampered", "signature-covers-request", "signature-covers-query"}
	wantFailures(t, target, target.Only)
}

// TestNoCasePassesWithoutServer: no case may hold when every request is
// refused, nor when everything is answered with an empty success, but for the
// few that ask only that a request be accepted or a list be empty.
func TestNoCasePassesWithoutServer(t *testing.T) {
	for status, exempt := range map[int][]string{
		http.StatusInternalServerError: nil,
		http.StatusOK: {
			"list-uploads-nothing", "signature-additional-headers",
			"signature-clock-within-15-minutes", "signature-clock-corrected-from-date",
		},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			// Read first: on a success that comes early the SDK reads the CRC of
			// a body it is still sending, which is a data race of its own.
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(status)
		}))
		defer server.Close()
		target := validTarget()
		target.Endpoint = server.URL
		target.Only = slices.DeleteFunc(Names(), func(name string) bool { return slices.Contains(exempt, name) })
		wantFailures(t, target, target.Only)
	}
}
