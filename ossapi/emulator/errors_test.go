package emulator

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestRefusals(t *testing.T) {
	c := newClient(t, Options{})
	key := "k"
	id := c.initiate(key)
	big, small := pattern(1, 100*kib), pattern(2, 100*kib-1)
	e1, e2, e3 := c.part(key, id, 1, big), c.part(key, id, 2, small), c.part(key, id, 3, small)
	c.put("there", []byte("old"))
	gone := c.initiate("there")
	eGone := c.part("there", gone, 1, big)
	part := func(query string, body []byte, header ...string) request {
		return request{method: "PUT", bucket: testBucket, key: key, query: query, body: body, header: pairs(header)}
	}
	upload := "&uploadId=" + id
	for _, tc := range []struct {
		name     string
		status   int
		code, ec string
		rq       request
	}{
		{"part 0", 400, "InvalidArgument", "0017-00000220", part("partNumber=0"+upload, big)},
		{"part 10001", 400, "InvalidArgument", "0017-00000220", part("partNumber=10001"+upload, big)},
		{"part -1", 400, "InvalidArgument", "0017-00000220", part("partNumber=-1"+upload, big)},
		{"part x", 400, "InvalidArgument", "0017-00000220", part("partNumber=x"+upload, big)},
		{"no part number", 400, "InvalidArgument", "0017-00000220", part("uploadId="+id, big)},
		{"part of nothing", 404, "NoSuchUpload", "0042-00000104", part("partNumber=1&uploadId=0123", big)},
		{"upload of another key", 404, "NoSuchUpload", "0042-00000104", part("partNumber=1&uploadId="+gone, big)},
		{"MD5 not base64", 400, "InvalidDigest", "", part("partNumber=5"+upload, big, "Content-MD5", "###")},
		{"MD5 too short", 400, "InvalidDigest", "", part("partNumber=5"+upload, big, "Content-MD5", "aGVsbG8=")},
		{"MD5 of other bytes", 400, "InvalidDigest", "", part("partNumber=5"+upload, big, "Content-MD5", md5Of(small))},
		{"MD5 of another list", 400, "InvalidDigest", "", completeRequest(key, id, partList(1, e1), "Content-MD5", md5Of(small))},
		{"put with a wrong MD5", 400, "InvalidDigest", "", part("", big, "Content-MD5", md5Of(small))},
		{"small part in the middle", 400, "EntityTooSmall", "0042-00000213", completeRequest(key, id, partList(1, e1, 2, e2, 3, e3))},
		{"unknown part", 400, "InvalidPart", "", completeRequest(key, id, partList(1, e1, 4, e1))},
		{"ETag of another part", 400, "InvalidPart", "", completeRequest(key, id, partList(1, e2))},
		{"descending", 400, "InvalidPartOrder", "0042-00000209", completeRequest(key, id, partList(2, e2, 1, e1))},
		{"twice", 400, "InvalidPartOrder", "0042-00000209", completeRequest(key, id, partList(1, e1, 1, e1))},
		{"part 10001 listed", 400, "InvalidArgument", "0017-00000220", completeRequest(key, id, partList(10001, e1))},
		{"no parts", 400, "MalformedXML", "0042-00000205", completeRequest(key, id, partList())},
		{"no body", 400, "MalformedXML", "0042-00000205", completeRequest(key, id, nil)},
		{"not XML", 400, "MalformedXML", "0042-00000205", completeRequest(key, id, []byte("{}"))},
		{"another document", 400, "MalformedXML", "0042-00000205", completeRequest(key, id, []byte("<Delete></Delete>"))},
		{"cut short", 400, "MalformedXML", "0042-00000205", completeRequest(key, id, partList(1, e1)[:60])},
		{"something behind", 400, "MalformedXML", "0042-00000205", completeRequest(key, id, append(partList(1, e1), "<x/>"...))},
		{"entities", 400, "MalformedXML", "0042-00000205", completeRequest(key, id, []byte(`<!DOCTYPE x [<!ENTITY a "b">]><CompleteMultipartUpload>&a;</CompleteMultipartUpload>`))},
		{"no overwriting at initiate", 409, "FileAlreadyExists", "", request{method: "POST", bucket: testBucket, key: "there", query: "uploads", header: pairs([]string{"x-oss-forbid-overwrite", "true"})}},
		{"no overwriting at complete", 409, "FileAlreadyExists", "0042-00000214", completeRequest("there", gone, partList(1, eGone), "x-oss-forbid-overwrite", "true")},
		{"no overwriting by put", 409, "FileAlreadyExists", "", request{method: "PUT", bucket: testBucket, key: "there", header: pairs([]string{"x-oss-forbid-overwrite", "true"})}},
		{"no bucket", 404, "NoSuchBucket", "0015-00000101", request{method: "POST", bucket: "nowhere", key: key, query: "uploads"}},
		{"no bucket to put into", 404, "NoSuchBucket", "0015-00000101", request{method: "PUT", bucket: "nowhere", key: key, body: big}},
		{"no bucket to list", 404, "NoSuchBucket", "0015-00000101", request{method: "GET", bucket: "nowhere", query: "uploads"}},
		{"bad bucket name", 400, "InvalidBucketName", "", request{method: "GET", bucket: "a_b"}},
		{"no key", 404, "NoSuchKey", "0026-00000001", request{method: "GET", bucket: testBucket, key: "none"}},
		{"no key for HEAD", 404, "NoSuchKey", "0026-00000001", request{method: "HEAD", bucket: testBucket, key: "none"}},
		{"key begins with /", 400, "InvalidObjectName", "", request{method: "PUT", bucket: testBucket, key: "/k"}},
		{`key begins with \`, 400, "InvalidObjectName", "", request{method: "PUT", bucket: testBucket, key: `\k`}},
		{"key of 1024 bytes", 400, "InvalidObjectName", "", request{method: "PUT", bucket: testBucket, key: strings.Repeat("k", 1024)}},
		{"key no UTF-8", 400, "InvalidObjectName", "", request{method: "PUT", bucket: testBucket, key: "a\xff"}},
		{"storage class", 400, "InvalidArgument", "", part("", nil, "x-oss-storage-class", "Tape")},
		{"ACL", 400, "InvalidArgument", "", completeRequest(key, id, partList(1, e1), "x-oss-object-acl", "everybody")},
		{"encryption", 400, "InvalidEncryptionAlgorithmError", "", part("", nil, "x-oss-server-side-encryption", "ROT13")},
		{"eleven tags", 400, "InvalidTag", "", part("", nil, "x-oss-tagging", "a=&b=&c=&d=&e=&f=&g=&h=&i=&j=&k=")},
		{"metadata of 9 KiB", 400, "MetadataTooLarge", "", part("", nil, "x-oss-meta-a", strings.Repeat("x", 9*kib))},
		{"copy of nothing", 404, "NoSuchKey", "0026-00000001", part("", nil, "x-oss-copy-source", "/"+testBucket+"/none")},
		{"copy source without key", 400, "InvalidArgument", "", part("", nil, "x-oss-copy-source", testBucket)},
		{"copied range outside", 400, "InvalidRange", "", part("partNumber=1"+upload, nil, "x-oss-copy-source", "/"+testBucket+"/there", "x-oss-copy-source-range", "bytes=3-")},
		{"unknown sub-resource", 501, "NotImplemented", "", request{method: "GET", bucket: testBucket, query: "lifecycle"}},
		{"unknown method", 501, "NotImplemented", "", request{method: "PATCH", bucket: testBucket, key: key}},
		{"deletion of nothing", 400, "MalformedXML", "", request{method: "POST", bucket: testBucket, query: "delete", body: []byte("<Delete/>")}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sub := *c
			sub.t = t
			sub.refused(tc.status, tc.code, tc.ec, tc.rq)
		})
	}
	// None of it left a trace.
	c.must(200, completeRequest(key, id, partList(1, e1, 3, e3)))
	if got := c.get("there"); string(got.body) != "old" {
		t.Errorf("object was overwritten: %q", got.body)
	}
}

func TestPartTooLargeIsRefusedUnread(t *testing.T) {
	c := newClient(t, Options{})
	id := c.initiate("k")
	hr := c.build(partRequest("k", id, 1, []byte("x")))
	hr.ContentLength = maxPartSize + 1
	rec := &http.Request{Method: hr.Method, URL: hr.URL, Host: hr.Host, Header: hr.Header, ContentLength: hr.ContentLength, Body: hr.Body}
	ex := c.server.newExchange(nil, rec)
	if _, err := ex.perform(); codeOf(err) != "EntityTooLarge" {
		t.Fatalf("got %v", err)
	}
	if _, err := c.server.receive(bytes.NewReader(make([]byte, 11)), 10, nil); codeOf(err) != "EntityTooLarge" {
		t.Fatalf("a body of unknown length: %v", err)
	}
}

func TestAttributesComeBack(t *testing.T) {
	c := newClient(t, Options{})
	sent := map[string]string{
		"Content-Type": "video/mp4", "Cache-Control": "no-cache", "Content-Disposition": `attachment; filename="x"`,
		"Content-Encoding": "gzip", "Content-Language": "zh", "Expires": "Wed, 08 Jul 2026 16:57:01 GMT",
		"x-oss-meta-a": "1", "x-oss-meta-long-name": "two words", "x-oss-storage-class": "Archive",
		"x-oss-server-side-encryption": "AES256",
	}
	header := []string{"x-oss-tagging", "k1=v1&k2=a%20b"}
	for name, value := range sent {
		header = append(header, name, value)
	}
	c.http.Transport.(*http.Transport).DisableCompression = true
	id := c.initiate("multi", header...)
	e := c.part("multi", id, 1, []byte("x"))
	c.must(200, completeRequest("multi", id, partList(1, e), "x-oss-object-acl", "public-read"))
	c.put("single", []byte("x"), append(header, "x-oss-object-acl", "public-read")...)
	for _, key := range []string{"multi", "single"} {
		for _, method := range []string{"HEAD", "GET"} {
			res := c.must(200, request{method: method, bucket: testBucket, key: key})
			for name, want := range sent {
				if got := res.Header.Get(name); got != want {
					t.Errorf("%s %s: %s is %q, want %q", method, key, name, got, want)
				}
			}
			if got := res.Header.Get("x-oss-tagging-count"); got != "2" || res.ContentLength != 1 {
				t.Errorf("%s %s: tagging count %q, length %d", method, key, got, res.ContentLength)
			}
		}
		acl := c.must(200, request{method: "GET", bucket: testBucket, key: key, query: "acl"})
		tags := c.must(200, request{method: "GET", bucket: testBucket, key: key, query: "tagging"})
		if !strings.Contains(string(acl.body), "<Grant>public-read</Grant>") || !strings.Contains(string(tags.body), "<Tag><Key>k2</Key><Value>a b</Value></Tag>") {
			t.Errorf("%s: %s %s", key, acl.body, tags.body)
		}
	}
	if got := c.get("single").Header.Get("Content-MD5"); got != md5Of([]byte("x")) {
		t.Errorf("Content-MD5 %q", got)
	}
}

func TestKMSETagsAreNoMD5(t *testing.T) {
	c := newClient(t, Options{})
	id := c.initiate("k", "x-oss-server-side-encryption", "KMS")
	body := []byte("x")
	e := c.part("k", id, 1, body)
	if e == etagOf(body) || len(e) != 34 {
		t.Fatalf("ETag %s", e)
	}
	c.must(200, completeRequest("k", id, partList(1, e)))
	if got := c.put("k2", body, "x-oss-server-side-encryption", "KMS").Header.Get("ETag"); got == etagOf(body) {
		t.Errorf("put: ETag %s", got)
	}
}

func TestConditionsAndOverrides(t *testing.T) {
	c := newClient(t, Options{})
	etag := c.put("k", []byte("x")).Header.Get("ETag")
	for i, tc := range []struct {
		name, value string
		status      int
	}{
		{"If-Match", etag, 200}, {"If-Match", `"other"`, 412}, {"If-None-Match", etag, 304}, {"If-None-Match", `"other"`, 200},
		{"If-Modified-Since", "Mon, 01 Jan 2120 00:00:00 GMT", 304}, {"If-Modified-Since", "Mon, 01 Jan 2001 00:00:00 GMT", 200},
		{"If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT", 412}, {"If-Unmodified-Since", "Mon, 01 Jan 2120 00:00:00 GMT", 200},
	} {
		if res := c.get("k", tc.name, tc.value); res.StatusCode != tc.status {
			t.Errorf("%d %s %s: %s", i, tc.name, tc.value, res.Status)
		}
	}
	res := c.must(200, request{method: "GET", bucket: testBucket, key: "k", query: "response-content-type=" + "text%2Fx"})
	if res.Header.Get("Content-Type") != "text/x" {
		t.Errorf("override: %q", res.Header.Get("Content-Type"))
	}
}

func TestCopies(t *testing.T) {
	c := newClient(t, Options{})
	body := pattern(1, 1000)
	c.put("源 +1", body, "x-oss-meta-a", "1")
	source := "/" + testBucket + "/" + percentEncode("源 +1", true)
	c.must(200, request{method: "PUT", bucket: testBucket, key: "copy", header: pairs([]string{"x-oss-copy-source", source})})
	c.must(204, request{method: "DELETE", bucket: testBucket, key: "源 +1"})
	if res := c.get("copy"); !bytes.Equal(res.body, body) || res.Header.Get("x-oss-meta-a") != "1" {
		t.Fatalf("copy: %d bytes, %v", len(res.body), res.Header)
	}
	source = "/" + testBucket + "/copy"
	c.must(200, request{method: "PUT", bucket: testBucket, key: "copy", header: pairs([]string{"x-oss-copy-source", source,
		"x-oss-metadata-directive", "REPLACE", "x-oss-meta-b", "2"})})
	if res := c.get("copy"); !bytes.Equal(res.body, body) || res.Header.Get("x-oss-meta-a") != "" || res.Header.Get("x-oss-meta-b") != "2" {
		t.Fatalf("copy onto itself: %d bytes, %v", len(res.body), res.Header)
	}
	id := c.initiate("parts")
	res := c.must(200, request{method: "PUT", bucket: testBucket, key: "parts", query: "partNumber=1&uploadId=" + id,
		header: pairs([]string{"x-oss-copy-source", source, "x-oss-copy-source-range", "bytes=100-199"})})
	var doc struct{ ETag, LastModified string }
	decode(t, res.body, &doc)
	if doc.ETag != etagOf(body[100:200]) || res.Header.Get("x-oss-hash-crc64ecma") != "" {
		t.Fatalf("part copy: %+v %v", doc, res.Header)
	}
	c.must(200, completeRequest("parts", id, partList(1, doc.ETag)))
	if got := c.get("parts").body; !bytes.Equal(got, body[100:200]) {
		t.Fatal("copied part differs")
	}
}

func TestDeleteMultiple(t *testing.T) {
	c := newClient(t, Options{})
	for i := range 3 {
		c.put(fmt.Sprint("k", i), nil)
	}
	body := []byte("<Delete><Quiet>false</Quiet><Object><Key>k0</Key></Object><Object><Key>k2</Key></Object><Object><Key>none</Key></Object></Delete>")
	res := c.must(200, request{method: "POST", bucket: testBucket, query: "delete", body: body})
	if n := strings.Count(string(res.body), "<Deleted>"); n != 3 {
		t.Errorf("answer: %s", res.body)
	}
	for i, want := range []int{404, 200, 404} {
		if res := c.get(fmt.Sprint("k", i)); res.StatusCode != want {
			t.Errorf("k%d: %s, want %d", i, res.Status, want)
		}
	}
}
