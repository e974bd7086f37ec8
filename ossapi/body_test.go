package ossapi

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
)

func TestBodyLength(t *testing.T) {
	broken := errors.New("disk on fire")
	big := strings.Repeat("x", 1<<20)
	for name, test := range map[string]struct {
		body io.Reader
		size int64
		fail string
	}{
		"right":           {strings.NewReader(big), 1 << 20, ""},
		"byte by byte":    {iotest.OneByteReader(strings.NewReader("abcdef")), 6, ""},
		"data with EOF":   {iotest.DataErrReader(strings.NewReader(big)), 1 << 20, ""},
		"empty":           {strings.NewReader(""), 0, ""},
		"short":           {strings.NewReader(big), 1<<20 + 1, "ended after 1048576 bytes, 1048577 were announced"},
		"no bytes":        {strings.NewReader(""), 5, "ended after 0 bytes, 5"},
		"long":            {strings.NewReader(big), 1<<20 - 1, "1048576 bytes or more, 1048575 were announced"},
		"long when empty": {strings.NewReader("x"), 0, "1 bytes or more, 0"},
		"error":           {io.MultiReader(strings.NewReader(big), iotest.ErrReader(broken)), 2 << 20, "disk on fire"},
		"error at end":    {io.MultiReader(strings.NewReader(big), iotest.ErrReader(broken)), 1 << 20, "disk on fire"},
		"never ending":    {io.MultiReader(strings.NewReader("abc"), stuckReader{}), 3, io.ErrNoProgress.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			var whole atomic.Int64
			c := answering(t, func(w http.ResponseWriter, r *http.Request) {
				n, err := io.Copy(io.Discard, r.Body)
				if err == nil {
					whole.Add(1)
				}
				if r.ContentLength != test.size || len(r.TransferEncoding) > 0 || err == nil && n != test.size {
					t.Errorf("got Content-Length %d, %v, %d bytes, want %d", r.ContentLength, r.TransferEncoding, n, test.size)
				}
				w.Header().Set("ETag", `"E"`)
			})
			_, err := c.UploadPart(t.Context(), UploadPartRequest{Upload: testUpload, PartNumber: 1, Body: test.body, Size: test.size})
			if test.fail == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			e := wantKind(t, err, KindLocal)
			if !strings.Contains(e.Error(), test.fail) {
				t.Errorf("got %v, want %q", e, test.fail)
			}
			if whole.Load() != 0 {
				t.Error("the server got a whole body, so it has stored it")
			}
			if test.fail == broken.Error() && !errors.Is(err, broken) {
				t.Error("the cause is lost")
			}
		})
	}
}

type stuckReader struct{}

func (stuckReader) Read([]byte) (int, error) { return 0, nil }

// guarded fails when it is read after the call has returned.
type guarded struct {
	t        *testing.T
	returned atomic.Bool
	io.Reader
}

func (g *guarded) Read(p []byte) (int, error) {
	if g.returned.Load() {
		g.t.Error("the body is read after the call returned")
	}
	n, err := g.Reader.Read(p)
	if g.returned.Load() {
		g.t.Error("the call returned while the body was being read")
	}
	return n, err
}

func TestBodyIsLetGoWhenTheAnswerComesEarly(t *testing.T) {
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable) // without reading the body
	})
	for range 50 {
		const size = 8 << 20
		body := &guarded{t: t, Reader: io.LimitReader(zeros{}, size)}
		_, err := c.UploadPart(t.Context(), UploadPartRequest{Upload: testUpload, PartNumber: 1, Body: body, Size: size})
		body.returned.Store(true)
		// The answer or the connection's reset wins, depending on who is faster.
		if k := KindOf(err); k != KindThrottled && k != KindTemporary {
			t.Fatal(err)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// seekable must not be seeked: a rate limit or progress count may be below.
type seekable struct {
	t *testing.T
	io.Reader
}

func (s seekable) Seek(int64, int) (int64, error) {
	s.t.Error("the body was seeked")
	return 0, errors.ErrUnsupported
}

func TestBodyIsNotSeeked(t *testing.T) {
	c := answering(t, saying(200, "", `ETag: "E"`))
	r := onePart("abc")
	r.Body = seekable{t, strings.NewReader("abc")}
	if _, err := c.UploadPart(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}
