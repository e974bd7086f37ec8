package emulator

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const kib = 1 << 10

func TestMultipartCycleWithEverySignature(t *testing.T) {
	for name, sign := range map[string]signing{"V4 header": signV4, "V1 header": signV1, "V4 presigned": presignV4, "V1 presigned": presignV1} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, Options{})
			c.sign = sign
			key := "dir/a b+c%2F中\u00e9.bin"
			one, two, three := pattern(1, 100*kib), pattern(2, 150*kib), pattern(3, 1)
			id := c.initiate(key, "x-oss-meta-Colour", "red", "Content-Type", "video/mp4")
			// Out of order, with gaps, and one of them sent twice.
			e3 := c.part(key, id, 9000, three)
			c.part(key, id, 2, three)
			e1 := c.part(key, id, 1, one)
			res := c.must(200, partRequest(key, id, 2, two))
			e2 := res.Header.Get("ETag")
			if e2 != etagOf(two) || res.Header.Get("x-oss-hash-crc64ecma") != crcOf(two) || res.Header.Get("Content-MD5") != md5Of(two) {
				t.Fatalf("part headers: %v", res.Header)
			}
			if res.Header.Get("Server") != "AliyunOSS" || res.Header.Get("x-oss-server-time") == "" || len(res.Header.Get("x-oss-request-id")) != 24 {
				t.Fatalf("common headers: %v", res.Header)
			}
			whole := bytes.Join([][]byte{one, two, three}, nil)
			res = c.must(200, completeRequest(key, id, partList(1, e1, 2, e2, 9000, e3)))
			if got := res.Header.Get("x-oss-hash-crc64ecma"); got != crcOf(whole) {
				t.Fatalf("crc of the object is %s, want %s", got, crcOf(whole))
			}
			var doc struct{ Location, Bucket, Key, ETag string }
			decode(t, res.body, &doc)
			if doc.Key != key || doc.Bucket != testBucket || !strings.HasSuffix(doc.ETag, `-3"`) || len(doc.ETag) != 36 {
				t.Fatalf("complete answered %+v", doc)
			}
			res = c.get(key)
			if !bytes.Equal(res.body, whole) {
				t.Fatal("the object differs from its parts")
			}
			for name, want := range map[string]string{"ETag": doc.ETag, "x-oss-object-type": "Multipart", "x-oss-meta-colour": "red",
				"Content-Type": "video/mp4", "x-oss-hash-crc64ecma": crcOf(whole), "x-oss-storage-class": "Standard"} {
				if got := res.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			c.refused(404, "NoSuchUpload", "0042-00000203", completeRequest(key, id, partList(1, e1)))
			if n := c.server.UploadCount(testBucket); n != 0 {
				t.Errorf("%d uploads are left", n)
			}
		})
	}
}

func TestRangesAcrossParts(t *testing.T) {
	c := newClient(t, Options{MinPartSize: 1})
	var whole []byte
	var list []any
	id := c.initiate("k")
	for i := 1; i <= 7; i++ {
		body := pattern(byte(i), 10*i)
		whole = append(whole, body...)
		list = append(list, i, c.part("k", id, i, body))
	}
	c.must(200, completeRequest("k", id, partList(list...)))
	for from := 0; from < len(whole); from += 7 {
		for _, length := range []int{1, 10, 11, 95, len(whole) - from} {
			to := min(from+length, len(whole)) - 1
			res := c.get("k", "Range", fmt.Sprintf("bytes=%d-%d", from, to))
			if res.StatusCode != http.StatusPartialContent || !bytes.Equal(res.body, whole[from:to+1]) {
				t.Fatalf("range %d-%d: %s, %d bytes", from, to, res.Status, len(res.body))
			}
			if want := fmt.Sprintf("bytes %d-%d/%d", from, to, len(whole)); res.Header.Get("Content-Range") != want {
				t.Fatalf("Content-Range %q, want %q", res.Header.Get("Content-Range"), want)
			}
		}
	}
	for _, tc := range []struct {
		text   string
		status int
		want   []byte
	}{
		{"bytes=-5", 206, whole[len(whole)-5:]},
		{"bytes=275-", 206, whole[275:]},
		{"bytes=0-99999", 206, whole},
		{"bytes=280-", 200, whole}, // an invalid range is ignored
		{"bytes=5-2", 200, whole},
		{"bytes=x", 200, whole},
		{"lines=1-2", 200, whole},
	} {
		if res := c.get("k", "Range", tc.text); res.StatusCode != tc.status || !bytes.Equal(res.body, tc.want) {
			t.Errorf("%s: %s, %d bytes", tc.text, res.Status, len(res.body))
		}
	}
	if res := c.get("k", "Range", "bytes=280-", "x-oss-range-behavior", "standard"); res.StatusCode != 416 {
		t.Errorf("standard behaviour: %s", res.Status)
	}
}

func TestUploadsOfOneKeyAreIndependent(t *testing.T) {
	c := newClient(t, Options{})
	first, second := c.initiate("k"), c.initiate("k")
	e := c.part("k", first, 1, []byte("first"))
	c.part("k", second, 1, []byte("second"))
	c.must(200, completeRequest("k", first, partList(1, e)))
	if got := string(c.get("k").body); got != "first" {
		t.Fatalf("object is %q", got)
	}
	res := c.must(200, request{method: "GET", bucket: testBucket, key: "k", query: "uploadId=" + second})
	if !bytes.Contains(res.body, []byte("<PartNumber>1</PartNumber>")) {
		t.Fatalf("the other upload lost its part: %s", res.body)
	}
}

func TestAbort(t *testing.T) {
	c := newClient(t, Options{})
	id := c.initiate("k")
	e := c.part("k", id, 1, []byte("x"))
	abort := request{method: "DELETE", bucket: testBucket, key: "k", query: "uploadId=" + id}
	c.must(204, abort)
	c.refused(404, "NoSuchUpload", "0017-00000244", abort)
	c.refused(404, "NoSuchUpload", "0042-00000104", partRequest("k", id, 1, []byte("x")))
	c.refused(404, "NoSuchUpload", "0042-00000203", completeRequest("k", id, partList(1, e)))
	c.refused(404, "NoSuchUpload", "0017-00000244", request{method: "GET", bucket: testBucket, key: "k", query: "uploadId=" + id})
}

func TestPartInFlightSurvivesAbort(t *testing.T) {
	c := newClient(t, Options{})
	id := c.initiate("k")
	c.part("k", id, 1, []byte("early"))
	abort := request{method: "DELETE", bucket: testBucket, key: "k", query: "uploadId=" + id}
	// The server asks for the body when it has found the upload; only then is the body read here, and the upload aborted.
	c.http.Transport.(*http.Transport).ExpectContinueTimeout = time.Minute
	rq := partRequest("k", id, 2, nil)
	rq.header = map[string]string{"Expect": "100-continue"}
	rq.reader = &hookedReader{source: strings.NewReader("late"), before: func() { c.must(204, abort) }}
	c.must(200, rq)
	var doc partsDocument
	decode(t, c.must(200, request{method: "GET", bucket: testBucket, key: "k", query: "uploadId=" + id}).body, &doc)
	if len(doc.Part) != 1 || doc.Part[0].PartNumber != 2 {
		t.Fatalf("parts after the abort: %+v", doc.Part)
	}
	if n := c.server.UploadCount(testBucket); n != 1 {
		t.Fatalf("%d uploads", n)
	}
	c.must(204, abort)
	c.refused(404, "NoSuchUpload", "0017-00000244", abort)
}

// hookedReader calls before ahead of the first byte.
type hookedReader struct {
	source io.Reader
	before func()
}

func (r *hookedReader) Read(p []byte) (int, error) {
	if r.before != nil {
		r.before()
		r.before = nil
	}
	return r.source.Read(p)
}

func TestCompleteAll(t *testing.T) {
	c := newClient(t, Options{})
	id := c.initiate("k")
	c.refused(400, "InvalidPart", "", completeRequest("k", id, nil, "x-oss-complete-all", "yes"))
	c.part("k", id, 7, []byte("tail"))
	c.part("k", id, 3, pattern(1, 100*kib))
	c.refused(400, "InvalidArgument", "0042-00000216", completeRequest("k", id, partList(3, "x"), "x-oss-complete-all", "yes"))
	c.must(200, completeRequest("k", id, nil, "x-oss-complete-all", "yes"))
	if got := c.get("k").body; !bytes.Equal(got, append(pattern(1, 100*kib), "tail"...)) {
		t.Fatalf("object of %d bytes differs", len(got))
	}
}

func TestCompleteDropsPartsNotListed(t *testing.T) {
	c := newClient(t, Options{})
	id := c.initiate("k")
	e := c.part("k", id, 1, []byte("one"))
	c.part("k", id, 2, []byte("two"))
	c.must(200, completeRequest("k", id, partList(1, e)))
	if got := string(c.get("k").body); got != "one" {
		t.Fatalf("object is %q", got)
	}
}

func TestSequentialMode(t *testing.T) {
	c := newClient(t, Options{MinPartSize: 1})
	res := c.must(200, request{method: "POST", bucket: testBucket, key: "k", query: "sequential&uploads"})
	var doc struct{ UploadId string }
	decode(t, res.body, &doc)
	id := doc.UploadId
	c.refused(409, "PartNotSequential", "", partRequest("k", id, 2, []byte("two")))
	e1 := c.part("k", id, 1, []byte("one"))
	res = c.refused(409, "PartAlreadyExist", "0042-00000108", partRequest("k", id, 1, []byte("uno")))
	var doc2 errorDocument
	decode(t, res.body, &doc2)
	if doc2.PartEtag != e1 || doc2.PartNumber != "1" {
		t.Fatalf("answer does not tell the part there: %+v", doc2)
	}
	e2 := c.part("k", id, 2, []byte("two"))
	c.must(200, completeRequest("k", id, partList(1, e1, 2, e2)))
	if got := c.get("k").Header.Get("ETag"); got != etagOf([]byte("onetwo")) {
		t.Fatalf("ETag %s is not the plain MD5", got)
	}
}
