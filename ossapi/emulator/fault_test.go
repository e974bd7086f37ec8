package emulator

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

// faulty starts a server with one upload in it.
func faulty(t *testing.T, opt Options) (c *client, id string) {
	t.Helper()
	c = newClient(t, opt)
	id = c.initiate("k")
	c.server.ResetRequests()
	return c, id
}

func TestFaultSelection(t *testing.T) {
	c, id := faulty(t, Options{})
	fail := Answer{Status: 500}
	c.server.SetFaults(1, Fault{Op: OpUploadPart, Skip: 1, Times: 2, Effect: fail})
	for i, want := range []int{200, 500, 500, 200} {
		if res := c.do(partRequest("k", id, 1, []byte("x"))); res.StatusCode != want {
			t.Errorf("request %d: %s, want %d", i, res.Status, want)
		}
	}
	for name, f := range map[string]Fault{
		"op": {Op: OpAbort}, "bucket": {Bucket: "other"}, "key": {Key: "other"}, "part": {PartNumber: 2},
	} {
		f.Effect = fail
		c.server.SetFaults(1, f)
		if res := c.do(partRequest("k", id, 1, []byte("x"))); res.StatusCode != 200 {
			t.Errorf("fault of another %s hit", name)
		}
	}
	c.server.SetFaults(1, Fault{Times: -1, Effect: fail})
	for range 3 {
		if res := c.get("k"); res.StatusCode != 500 {
			t.Errorf("for ever: %s", res.Status)
		}
	}
	c.server.SetFaults(1)
	c.part("k", id, 1, []byte("x"))
}

func TestFaultProbabilityIsSeeded(t *testing.T) {
	c := newClient(t, Options{})
	draw := func(seed int64) (hits int, pattern string) {
		c.server.SetFaults(seed, Fault{Times: -1, Probability: 0.3, Effect: OmitCRC{}})
		for range 1000 {
			if c.server.faults.planFor(route{}).omitCRC {
				hits++
				pattern += "x"
			} else {
				pattern += "."
			}
		}
		return hits, pattern
	}
	hits, first := draw(7)
	if hits < 200 || hits > 400 {
		t.Errorf("%d of 1000 at 0.3", hits)
	}
	if _, again := draw(7); again != first {
		t.Error("one seed gave two sequences")
	}
	if _, other := draw(8); other == first {
		t.Error("two seeds gave one sequence")
	}
}

func TestAnswersInsteadOfAndAfterTheOperation(t *testing.T) {
	retry := map[string]string{"Retry-After": "2", "x-oss-qos-delay-time": "7"}
	for _, tc := range []struct {
		name    string
		effect  Effect
		status  int
		code    string
		ec      string
		done    bool
		checked string // a header of the answer
	}{
		{"answer", Answer{503, "ServiceUnavailable", "busy", "0004-00000302", retry, false}, 503, "ServiceUnavailable", "0004-00000302", false, "Retry-After"},
		{"answer of status only", Answer{Status: 503}, 503, "ServiceUnavailable", "", false, ""},
		{"zero answer", Answer{}, 500, "InternalError", "", false, ""},
		{"early answer", Answer{Status: 503, Header: retry, Early: true}, 503, "ServiceUnavailable", "", false, "Retry-After"},
		{"answer after", AnswerAfter{Status: 500, Code: "InternalError", Header: retry}, 500, "InternalError", "", true, "Retry-After"},
		{"error body", ErrorBody{Code: "InternalError"}, 200, "InternalError", "", false, ""},
		{"error body with effect", ErrorBody{Code: "InternalError", Effect: true}, 200, "InternalError", "", true, ""},
		{"expired token", ExpiredToken{}, 403, "SecurityTokenExpired", "0002-00000007", false, ""},
		{"skewed clock", SkewedClock{20 * time.Minute}, 403, "RequestTimeTooSkewed", "0002-00000504", false, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, id := faulty(t, Options{})
			e := c.part("k", id, 1, []byte("x"))
			c.server.SetFaults(1, Fault{Op: OpComplete, Effect: tc.effect})
			res := c.refused(tc.status, tc.code, tc.ec, completeRequest("k", id, partList(1, e)))
			if tc.checked != "" && res.Header.Get(tc.checked) == "" {
				t.Errorf("header %s is missing: %v", tc.checked, res.Header)
			}
			if done := c.get("k").StatusCode == 200; done != tc.done {
				t.Errorf("object exists: %v, want %v", done, tc.done)
			}
		})
	}
}

func TestSkewedClockShowsInDate(t *testing.T) {
	for _, credentials := range []map[string]string{nil, {}} {
		c, _ := faulty(t, Options{Credentials: credentials})
		c.server.SetFaults(1, Fault{Effect: SkewedClock{-time.Hour}})
		res := c.refused(403, "RequestTimeTooSkewed", "0002-00000504", request{method: "GET", bucket: testBucket, key: "k"})
		at, err := http.ParseTime(res.Header.Get("Date"))
		if off := time.Since(at); err != nil || off < 59*time.Minute || off > 61*time.Minute {
			t.Errorf("Date %q", res.Header.Get("Date"))
		}
	}
	c, id := faulty(t, Options{})
	c.server.SetFaults(1, Fault{Effect: SkewedClock{10 * time.Minute}})
	c.part("k", id, 1, nil) // within the limit
}

func TestResetBody(t *testing.T) {
	body := pattern(1, 1<<20)
	for _, after := range []int64{0, 1, 100_000, 1 << 20, 1 << 30} {
		c, id := faulty(t, Options{})
		c.server.SetFaults(1, Fault{Op: OpUploadPart, Effect: ResetBody{after}})
		if _, err := c.try(partRequest("k", id, 1, body)); err == nil {
			t.Errorf("after %d: answered", after)
		}
		last := lastRequest(t, c.server)
		if want := min(after, int64(len(body))); last.BodyBytes != want || last.Status != 0 {
			t.Errorf("after %d: log says %+v", after, last)
		}
		c.must(200, request{method: "GET", bucket: testBucket, key: "k", query: "uploadId=" + id})
		c.refused(400, "InvalidPart", "", completeRequest("k", id, partList(1, etagOf(body))))
	}
	// A client that has sent everything and waits for the answer sees the reset for what it is.
	c, id := faulty(t, Options{})
	c.server.SetFaults(1, Fault{Effect: ResetBody{10}})
	if _, err := c.try(partRequest("k", id, 1, body[:10])); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("not a reset: %v", err)
	}
	// An operation without a body of its own is not done either.
	c, id = faulty(t, Options{})
	c.server.SetFaults(1, Fault{Op: OpAbort, Times: -1, Effect: ResetBody{}})
	if _, err := c.try(request{method: "DELETE", bucket: testBucket, key: "k", query: "uploadId=" + id}); err == nil {
		t.Error("abort was answered")
	}
	if c.server.UploadCount(testBucket) != 1 {
		t.Error("abort took effect")
	}
}

func lastRequest(t *testing.T, s *Server) Request {
	t.Helper()
	all := s.Requests()
	if len(all) == 0 {
		t.Fatal("nothing was logged")
	}
	return all[len(all)-1]
}

func TestLoseAnswer(t *testing.T) {
	c, id := faulty(t, Options{})
	e := c.part("k", id, 1, []byte("x"))
	c.server.SetFaults(1, Fault{Op: OpComplete, Effect: LoseAnswer{}})
	if _, err := c.try(completeRequest("k", id, partList(1, e))); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("got %v", err)
	}
	if got := string(c.get("k").body); got != "x" {
		t.Errorf("object %q", got)
	}
}

func TestDelay(t *testing.T) {
	c, id := faulty(t, Options{})
	c.server.SetFaults(1, Fault{Op: OpUploadPart, Effect: Delay{Before: time.Millisecond, After: time.Millisecond}})
	c.part("k", id, 1, []byte("x"))

	// Close ends a wait, and the operation before an After is done.
	c.server.SetFaults(1, Fault{Op: OpUploadPart, Effect: Delay{After: time.Hour}})
	failed := make(chan error, 1)
	go func() { _, err := c.try(partRequest("k", id, 2, []byte("y"))); failed <- err }()
	eventually(t, func() bool { return c.server.partCount(testBucket, id) == 2 })
	c.server.Close()
	if err := <-failed; err == nil {
		t.Error("the delayed request was answered although the server closed")
	}
	if res := c.get("k"); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("closed server: %s", res.Status)
	}
}

// eventually waits for a condition that nothing announces.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the condition did not come true")
		}
	}
}

// partCount tells how many parts an upload has.
func (s *Server) partCount(bucket, id string) int {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	return len(s.store.buckets[bucket].uploadBy[id].parts.items)
}

func TestBlackHole(t *testing.T) {
	c, id := faulty(t, Options{})
	c.server.SetFaults(1, Fault{Op: OpUploadPart, Effect: BlackHole{}})
	failed := make(chan error, 1)
	go func() { _, err := c.try(partRequest("k", id, 1, []byte("xyz"))); failed <- err }()
	eventually(t, func() bool { return len(c.server.Requests()) > 0 })
	if last := lastRequest(t, c.server); last.BodyBytes != 3 || last.Status != 0 {
		t.Errorf("log says %+v", last)
	}
	select {
	case err := <-failed:
		t.Fatalf("answered: %v", err)
	default:
	}
	c.server.Close()
	if err := <-failed; err == nil {
		t.Error("answered")
	}
	if n := c.server.partCount(testBucket, id); n != 0 {
		t.Errorf("%d parts", n)
	}
}

func TestFlipByte(t *testing.T) {
	body := pattern(1, 300*kib)
	for _, at := range []int64{0, 256 * kib, int64(len(body)) - 1} {
		c, id := faulty(t, Options{})
		rq := partRequest("k", id, 1, body)
		rq.header = map[string]string{"Content-MD5": md5Of(body)}
		c.server.SetFaults(1, Fault{Op: OpUploadPart, Times: 2, Effect: FlipByte{at}})
		c.refused(400, "InvalidDigest", "", rq)
		rq.header = nil
		damaged := bytes.Clone(body)
		damaged[at] ^= 0xff
		if got := c.must(200, rq).Header.Get("ETag"); got != etagOf(damaged) {
			t.Errorf("at %d: ETag %s is not of the damaged body", at, got)
		}
		if got := c.part("k", id, 1, body); got != etagOf(body) {
			t.Error("the fault outlived its times")
		}
	}
}

func TestSlowBody(t *testing.T) {
	for _, rate := range []int{1, 7, 1000, 50_000} {
		var waited time.Duration
		body := newBodyReader(bytes.NewReader(make([]byte, 5000)), &plan{bytesPerSecond: rate}, func(d time.Duration) bool {
			waited += d
			return true
		})
		if n, err := io.Copy(io.Discard, struct{ io.Reader }{body}); n != 5000 || err != nil {
			t.Fatalf("%d bytes, %v", n, err)
		}
		want := 5000 * time.Second / time.Duration(rate)
		if slack := want/10 + time.Second/5; waited < want-slack || waited > want+slack {
			t.Errorf("5000 bytes at %d/s waited %v, want %v", rate, waited, want)
		}
	}
	// A server that closes does not finish the crawl.
	c, id := faulty(t, Options{})
	c.server.SetFaults(1, Fault{Op: OpUploadPart, Effect: SlowBody{BytesPerSecond: 1}})
	failed := make(chan error, 1)
	began := make(chan struct{})
	rq := partRequest("k", id, 1, nil)
	rq.reader = &hookedReader{source: bytes.NewReader(make([]byte, 5000)), before: func() { close(began) }}
	go func() { _, err := c.try(rq); failed <- err }()
	<-began
	c.server.Close()
	if err := <-failed; err == nil && c.server.partCount(testBucket, id) != 0 {
		t.Error("the crawl went on")
	}
}

func TestCRCFaults(t *testing.T) {
	c, id := faulty(t, Options{})
	body := []byte("body")
	for _, tc := range []struct {
		effect Effect
		ok     func(string) bool
	}{
		{OmitCRC{}, func(got string) bool { return got == "" }},
		{WrongCRC{}, func(got string) bool { return got != "" && got != crcOf(body) }},
		{Hook{}, func(got string) bool { return got == crcOf(body) }},
	} {
		c.server.SetFaults(1, Fault{Times: -1, Effect: tc.effect})
		got := c.must(200, partRequest("k", id, 1, body)).Header.Get("x-oss-hash-crc64ecma")
		var doc partsDocument
		decode(t, c.must(200, request{method: "GET", bucket: testBucket, key: "k", query: "uploadId=" + id}).body, &doc)
		if !tc.ok(got) || len(doc.Part) != 1 || !tc.ok(doc.Part[0].HashCrc64ecma) {
			t.Errorf("%T: header %q, list %+v", tc.effect, got, doc.Part)
		}
	}
}

func TestRepeatMarker(t *testing.T) {
	c, id := faulty(t, Options{})
	c.part("k", id, 1, nil)
	c.server.SetFaults(1, Fault{Times: -1, Effect: RepeatMarker{}})
	var uploads uploadsDocument
	decode(t, c.must(200, request{method: "GET", bucket: testBucket, query: "key-marker=a&upload-id-marker=b&uploads"}).body, &uploads)
	if !uploads.IsTruncated || uploads.NextKeyMarker != "a" || uploads.NextUploadIdMarker != "b" {
		t.Errorf("uploads: %+v", uploads)
	}
	var parts partsDocument
	decode(t, c.must(200, request{method: "GET", bucket: testBucket, key: "k", query: "part-number-marker=0&uploadId=" + id}).body, &parts)
	if !parts.IsTruncated || parts.NextPartNumberMarker != 0 || len(parts.Part) != 1 {
		t.Errorf("parts: %+v", parts)
	}
	var objects objectsDocument
	decode(t, c.must(200, request{method: "GET", bucket: testBucket, query: "marker=m"}).body, &objects)
	if !objects.IsTruncated || objects.NextMarker != "m" {
		t.Errorf("objects: %+v", objects)
	}
}

func TestHookRacesAnAbort(t *testing.T) {
	c, id := faulty(t, Options{})
	c.server.SetFaults(1, Fault{Op: OpUploadPart, Effect: Hook{func(*http.Request) {
		c.must(204, request{method: "DELETE", bucket: testBucket, key: "k", query: "uploadId=" + id})
	}}})
	c.refused(404, "NoSuchUpload", "0042-00000104", partRequest("k", id, 1, []byte("x")))
}

func TestSeveralFaultsOnOneRequest(t *testing.T) {
	c, id := faulty(t, Options{})
	called := false
	c.server.SetFaults(1, Fault{Effect: Hook{func(*http.Request) { called = true }}}, Fault{Effect: OmitCRC{}}, Fault{Effect: FlipByte{0}})
	res := c.must(200, partRequest("k", id, 1, []byte{0}))
	if !called || res.Header.Get("ETag") != etagOf([]byte{0xff}) || res.Header.Get("x-oss-hash-crc64ecma") != "" {
		t.Errorf("called %v, %v", called, res.Header)
	}
}

func TestDroppingAConnectionThatCannotBeHijacked(t *testing.T) {
	s := newClient(t, Options{Credentials: map[string]string{}}).server
	s.SetFaults(1, Fault{Effect: LoseAnswer{}})
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("recovered %v", got)
		}
	}()
	s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/bucket/k", strings.NewReader("")))
}
