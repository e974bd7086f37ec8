package ossapi

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// answering starts a server and gives a client of it.
func answering(t testing.TB, h http.HandlerFunc, change ...func(*Options)) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return clientOf(t, server.URL, change...)
}

func clientOf(t testing.TB, endpoint string, change ...func(*Options)) *Client {
	t.Helper()
	o := Options{
		Endpoint: endpoint, AllowHTTP: true, Region: "cn-hangzhou",
		Credentials: StaticCredentials("test-id", "test-secret", "test-token"),
	}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// saying answers every request with a status, headers ("Name: value") and a body.
func saying(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

var (
	testUpload = Upload{Bucket: "bucket", Key: "dir/key", UploadID: "id1"}
	testObject = Object{Bucket: "bucket", Key: "dir/key"}
)

func onePart(body string) UploadPartRequest {
	return UploadPartRequest{Upload: testUpload, PartNumber: 7, Body: strings.NewReader(body), Size: int64(len(body))}
}

// wantKind fails unless err is an *Error of the kind, and gives it.
func wantKind(t testing.TB, err error, kind Kind) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %T %v, want an *Error", err, err)
	}
	if e.Kind != kind {
		t.Fatalf("kind = %v, want %v: %v", e.Kind, kind, err)
	}
	if strings.ContainsFunc(e.Error(), unsafeRune) {
		t.Errorf("the text has unsafe characters: %q", e.Error())
	}
	return e
}

// everyCall gives one of each call, as a function that runs it to its end.
func everyCall(t testing.TB, c *Client) map[string]func() error {
	ctx := t.Context()
	return map[string]func() error{
		"initiate": func() error { _, err := c.Initiate(ctx, InitiateRequest{Object: testObject}); return err },
		"part":     func() error { _, err := c.UploadPart(ctx, onePart("body")); return err },
		"put": func() error {
			_, err := c.Put(ctx, PutRequest{Object: testObject, Body: strings.NewReader("body"), Size: 4})
			return err
		},
		"complete": func() error {
			_, err := c.Complete(ctx, CompleteRequest{Upload: testUpload, Parts: []CompletePart{{1, "A"}}})
			return err
		},
		"abort": func() error { return c.Abort(ctx, testUpload) },
		"head":  func() error { _, err := c.Head(ctx, testObject); return err },
		"list parts": func() error {
			for _, err := range c.ListParts(ctx, ListPartsRequest{Upload: testUpload}) {
				if err != nil {
					return err
				}
			}
			return nil
		},
		"list uploads": func() error {
			for _, err := range c.ListUploads(ctx, ListUploadsRequest{Bucket: "bucket"}) {
				if err != nil {
					return err
				}
			}
			return nil
		},
		"list buckets": func() error {
			for _, err := range c.ListBuckets(ctx, ListBucketsRequest{}) {
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}
