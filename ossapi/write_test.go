package ossapi

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCompleteSendsPartsAscending(t *testing.T) {
	var body string
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		all, _ := io.ReadAll(r.Body)
		body = string(all)
		if r.Header.Get("Content-MD5") == "" || r.Header.Get("X-Oss-Object-Acl") != "private" || r.Header.Get("X-Oss-Forbid-Overwrite") != "true" {
			t.Errorf("headers %v", r.Header)
		}
		w.Header().Set("X-Oss-Hash-Crc64ecma", "42")
		w.Header().Set("X-Oss-Version-Id", "V")
		_, _ = io.WriteString(w, " \n<?xml version=\"1.0\"?>\n<CompleteMultipartUploadResult><ETag>&quot;F-3&quot;</ETag></CompleteMultipartUploadResult>\n")
	})
	parts := []CompletePart{{10, "C"}, {2, `"B"`}, {1, "A"}}
	before := slices.Clone(parts)
	got, err := c.Complete(t.Context(), CompleteRequest{Upload: testUpload, Parts: parts, ACL: "private", ForbidOverwrite: true})
	if err != nil {
		t.Fatal(err)
	}
	if got.ETag != "F-3" || got.CRC64 != 42 || !got.HasCRC64 || got.VersionID != "V" || got.ServerTime.IsZero() {
		t.Errorf("got %+v", got)
	}
	if !slices.Equal(parts, before) {
		t.Error("the caller's slice was changed")
	}
	const want = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&#34;A&#34;</ETag></Part><Part><PartNumber>2</PartNumber><ETag>&#34;B&#34;</ETag></Part><Part><PartNumber>10</PartNumber><ETag>&#34;C&#34;</ETag></Part></CompleteMultipartUpload>`
	if body != want {
		t.Errorf("sent %s", body)
	}
}

func TestCallbackFailed(t *testing.T) {
	c := answering(t, saying(203, "<Error><Code>CallbackFailed</Code></Error>"))
	_, err := c.Complete(t.Context(), CompleteRequest{Upload: testUpload, Parts: []CompletePart{{1, "A"}}})
	if e := wantKind(t, err, KindOddAnswer); e.Code != "CallbackFailed" || e.Status != 203 {
		t.Errorf("got %+v", e)
	}
}

func TestInitiateHeaders(t *testing.T) {
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		for name, want := range map[string]string{
			"Content-Type": "image/png", "Cache-Control": "no-cache", "Content-Disposition": "inline", "Content-Encoding": "gzip",
			"Expires": "never", "X-Oss-Storage-Class": "IA", "X-Oss-Server-Side-Encryption": "KMS", "X-Oss-Server-Side-Encryption-Key-Id": "K",
			"X-Oss-Meta-Who": "me", "X-Oss-Tagging": "a=b%2Bc&d%20e=%26", "X-Oss-Forbid-Overwrite": "true", "X-Oss-Object-Acl": "",
			"X-Oss-Security-Token": "test-token",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if q := r.URL.Query(); !q.Has("uploads") || !q.Has("sequential") {
			t.Errorf("query %v", q)
		}
		if r.ContentLength != 0 || len(r.TransferEncoding) > 0 {
			t.Errorf("length %d, %v", r.ContentLength, r.TransferEncoding)
		}
		if !strings.HasPrefix(r.Header.Get("Authorization"), "OSS4-HMAC-SHA256 Credential=test-id/") {
			t.Errorf("signed %q", r.Header.Get("Authorization"))
		}
		_, _ = io.WriteString(w, "<InitiateMultipartUploadResult><UploadId>U</UploadId></InitiateMultipartUploadResult>")
	})
	id, err := c.Initiate(t.Context(), InitiateRequest{Object: Object{"bucket", "a/b.PNG"}, Sequential: true, WriteOptions: WriteOptions{
		CacheControl: "no-cache", ContentDisposition: "inline", ContentEncoding: "gzip", Expires: "never", StorageClass: "IA", SSE: "KMS", SSEKeyID: "K",
		ACL: "private", Metadata: map[string]string{"who": "me"}, Tags: map[string]string{"d e": "&", "a": "b+c"}, ForbidOverwrite: true,
	}})
	if err != nil || id != "U" {
		t.Errorf("got %q, %v", id, err)
	}
}

func TestUnusableUploadIDs(t *testing.T) {
	for _, id := range []string{"", "a b", "a&#10;b", "&#x202e;", strings.Repeat("x", maxUploadID+1)} {
		c := answering(t, saying(200, "<InitiateMultipartUploadResult><UploadId>"+id+"</UploadId></InitiateMultipartUploadResult>"))
		_, err := c.Initiate(t.Context(), InitiateRequest{Object: testObject})
		wantKind(t, err, KindOddAnswer)
	}
}

func TestPartHeadersAndAnswer(t *testing.T) {
	for _, crc := range []string{"", "18446744073709551615"} {
		c := answering(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Oss-Traffic-Limit") != "819200" || r.Header.Get("Content-MD5") != "bWQ1" || r.URL.Query().Get("partNumber") != "7" {
				t.Errorf("%v %v", r.URL, r.Header)
			}
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("ETag", `"E"`)
			w.Header().Set("X-Oss-Request-Id", "R")
			w.Header().Set("X-Oss-Hash-Crc64ecma", crc)
		})
		r := onePart("body")
		r.ContentMD5, r.TrafficLimit = "bWQ1", 819200
		got, err := c.UploadPart(t.Context(), r)
		want := UploadedPart{PartNumber: 7, ETag: "E", RequestID: "R"}
		if crc != "" {
			want.CRC64, want.HasCRC64 = 1<<64-1, true
		}
		if err != nil || got != want {
			t.Errorf("got %+v, %v", got, err)
		}
	}
}

func TestHead(t *testing.T) {
	c := answering(t, saying(200, "", "Content-Length: 12345", `ETag: "F-2"`, "X-Oss-Hash-Crc64ecma: 7", "X-Oss-Object-Type: Multipart",
		"Last-Modified: Fri, 24 Feb 2012 06:07:48 GMT", "X-Oss-Meta-Who: me", "X-Oss-Storage-Class: IA", "Content-Type: text/plain"))
	got, err := c.Head(t.Context(), testObject)
	if err != nil {
		t.Fatal(err)
	}
	if got.Size != 12345 || got.ETag != "F-2" || got.CRC64 != 7 || !got.HasCRC64 || got.Type != "Multipart" || got.StorageClass != "IA" ||
		!got.LastModified.Equal(time.Unix(1330063668, 0)) || got.Metadata["who"] != "me" || got.ContentType != "text/plain" || got.ServerTime.IsZero() {
		t.Errorf("got %+v", got)
	}
}

func TestContentTypes(t *testing.T) {
	for key, want := range map[string]string{
		"a.txt": "text/plain", "a/b.JPG": "image/jpeg", "x.tar.gz": "application/gzip", "noext": defaultContentType, "a.": defaultContentType,
		"a.unheard": defaultContentType, ".": defaultContentType, "a.txt text": defaultContentType, "a.txt\n.gz": defaultContentType + "|application/gzip", "a.zip/b": defaultContentType,
	} {
		if got := ContentTypeOf(key); !slices.Contains(strings.Split(want, "|"), got) {
			t.Errorf("%q: %s", key, got)
		}
	}
}
