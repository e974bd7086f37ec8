package emulator

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

type partsDocument struct {
	Bucket, Key, UploadId, StorageClass, EncodingType string
	PartNumberMarker, NextPartNumberMarker, MaxParts  int
	IsTruncated                                       bool
	Part                                              []struct {
		PartNumber                        int
		LastModified, ETag, HashCrc64ecma string
		Size                              int64
	}
}

type uploadsDocument struct {
	Bucket, EncodingType, KeyMarker, UploadIdMarker, NextKeyMarker, NextUploadIdMarker, Delimiter, Prefix string
	MaxUploads                                                                                            int
	IsTruncated                                                                                           bool
	Upload                                                                                                []struct{ Key, UploadId, StorageClass, Initiated string }
	CommonPrefixes                                                                                        []struct{ Prefix string }
}

type objectsDocument struct {
	Name, NextMarker, NextContinuationToken, EncodingType string
	IsTruncated                                           bool
	KeyCount                                              int
	Contents                                              []struct {
		Key, ETag, Type, StorageClass string
		Size                          int64
		Owner                         *ownerXML
	}
	CommonPrefixes []struct{ Prefix string }
}

func (c *client) uploads(query url.Values) uploadsDocument {
	c.t.Helper()
	query.Set("uploads", "")
	var doc uploadsDocument
	decode(c.t, c.must(200, request{method: "GET", bucket: testBucket, query: canonicalOrder(query)}).body, &doc)
	return doc
}

// canonicalOrder writes a query as a client does that escapes spaces as %20.
func canonicalOrder(query url.Values) string { return strings.ReplaceAll(query.Encode(), "+", "%20") }

// allUploads follows the markers and writes "key" or "prefix*" for each line.
func (c *client) allUploads(query url.Values) (lines []string, pages int) {
	c.t.Helper()
	for {
		doc := c.uploads(query)
		pages++
		for _, u := range doc.Upload {
			lines = append(lines, unescape(doc.EncodingType, u.Key))
		}
		for _, p := range doc.CommonPrefixes {
			lines = append(lines, unescape(doc.EncodingType, p.Prefix)+"*")
		}
		if !doc.IsTruncated {
			slices.Sort(lines)
			return lines, pages
		}
		query.Set("key-marker", unescape(doc.EncodingType, doc.NextKeyMarker))
		query.Set("upload-id-marker", doc.NextUploadIdMarker)
	}
}

func unescape(encoding, text string) string {
	if encoding == "url" {
		text, _ = url.PathUnescape(text) // a plus must not come for a space
	}
	return text
}

func TestListUploadsPagesFindEachOnce(t *testing.T) {
	c := newClient(t, Options{})
	keys := []string{"a", "a", "a", "dir/1", "dir/1", "dir/2", "dir/sub/3", "dirt", "e/1", "z\x01\t", "中 文+%"}
	for _, key := range keys {
		c.initiate(key)
	}
	for _, tc := range []struct {
		prefix, delimiter string
		want              []string
	}{
		{"", "", keys},
		{"dir", "", []string{"dir/1", "dir/1", "dir/2", "dir/sub/3", "dirt"}},
		{"", "/", []string{"a", "a", "a", "dir/*", "dirt", "e/*", "z\x01\t", "中 文+%"}},
		{"dir/", "/", []string{"dir/1", "dir/1", "dir/2", "dir/sub/*"}},
		{"di", "r", []string{"dir*"}},
		{"nothing", "/", nil},
	} {
		want := slices.Sorted(slices.Values(tc.want))
		for size := 1; size <= len(keys)+1; size++ {
			got, pages := c.allUploads(url.Values{"prefix": {tc.prefix}, "delimiter": {tc.delimiter}, "encoding-type": {"url"},
				"max-uploads": {strconv.Itoa(size)}})
			if !slices.Equal(got, want) {
				t.Errorf("prefix %q delimiter %q by %d: %q, want %q", tc.prefix, tc.delimiter, size, got, want)
			}
			if most := max(1, (len(want)+size-1)/size); pages != most {
				t.Errorf("prefix %q delimiter %q by %d: %d pages, want %d", tc.prefix, tc.delimiter, size, pages, most)
			}
		}
	}
}

func TestListUploadsMarkers(t *testing.T) {
	c := newClient(t, Options{})
	ids := []string{c.initiate("b"), c.initiate("b"), c.initiate("b")}
	slices.Sort(ids)
	c.initiate("a")
	c.initiate("c")
	count := func(query url.Values) int { return len(c.uploads(query).Upload) }
	if n := count(url.Values{"key-marker": {"b"}}); n != 1 {
		t.Errorf("key-marker alone: %d uploads, want those of greater keys only", n)
	}
	if n := count(url.Values{"key-marker": {"b"}, "upload-id-marker": {ids[0]}}); n != 3 {
		t.Errorf("with an id marker: %d uploads, want 2 of b and 1 of c", n)
	}
	if n := count(url.Values{"upload-id-marker": {ids[2]}}); n != 5 {
		t.Errorf("id marker alone: %d uploads, want all", n)
	}
	if doc := c.uploads(url.Values{"max-uploads": {"0"}}); len(doc.Upload) != 0 || doc.IsTruncated {
		t.Errorf("max-uploads=0: %+v", doc)
	}
}

func TestListUploadsPageLimit(t *testing.T) {
	c := newClient(t, Options{})
	for i := range 1001 {
		if _, err := c.server.SeedUpload(Seed{Bucket: testBucket, Key: fmt.Sprintf("k%04d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	doc := c.uploads(url.Values{})
	if len(doc.Upload) != 1000 || doc.MaxUploads != 1000 || !doc.IsTruncated || doc.NextKeyMarker != "k0999" {
		t.Fatalf("%d uploads, max %d, truncated %v, next %q", len(doc.Upload), doc.MaxUploads, doc.IsTruncated, doc.NextKeyMarker)
	}
	c.refused(400, "InvalidArgument", "", request{method: "GET", bucket: testBucket, query: "max-uploads=1001&uploads"})
	c.refused(400, "InvalidArgument", "", request{method: "GET", bucket: testBucket, query: "max-uploads=x&uploads"})
}

func TestListParts(t *testing.T) {
	c := newClient(t, Options{})
	id := c.initiate("k", "x-oss-storage-class", "IA")
	var numbers []int
	for n := 10; n > 0; n -= 3 {
		c.part("k", id, n, pattern(byte(n), n))
		numbers = append([]int{n}, numbers...)
	}
	for size := 1; size <= 5; size++ {
		var got []int
		marker, truncated := 0, true
		for truncated {
			var doc partsDocument
			decode(t, c.must(200, request{method: "GET", bucket: testBucket, key: "k",
				query: fmt.Sprintf("max-parts=%d&part-number-marker=%d&uploadId=%s", size, marker, id)}).body, &doc)
			if doc.StorageClass != "IA" || doc.MaxParts != size || doc.PartNumberMarker != marker || len(doc.Part) > size {
				t.Fatalf("page: %+v", doc)
			}
			for _, p := range doc.Part {
				body := pattern(byte(p.PartNumber), p.PartNumber)
				if p.Size != int64(len(body)) || p.ETag != etagOf(body) || p.HashCrc64ecma != crcOf(body) || !strings.HasSuffix(p.LastModified, "Z") {
					t.Fatalf("part: %+v", p)
				}
				got = append(got, p.PartNumber)
			}
			marker, truncated = doc.NextPartNumberMarker, doc.IsTruncated
		}
		if !slices.Equal(got, numbers) {
			t.Errorf("by %d: %v, want %v", size, got, numbers)
		}
	}
	c.refused(400, "InvalidArgument", "", request{method: "GET", bucket: testBucket, key: "k", query: "max-parts=-1&uploadId=" + id})
	c.refused(400, "InvalidArgument", "", request{method: "GET", bucket: testBucket, key: "k", query: "part-number-marker=x&uploadId=" + id})
}

func TestListObjects(t *testing.T) {
	c := newClient(t, Options{})
	keys := []string{"a", "b/1", "b/2", "b/c/3", "d", "e\x02", "中 文+"}
	for _, key := range keys {
		c.put(key, []byte(key))
	}
	walk := func(version int, query url.Values) (lines []string) {
		for {
			q := url.Values{"encoding-type": {"url"}}
			for k, v := range query {
				q[k] = v
			}
			if version == 2 {
				q.Set("list-type", "2")
			}
			var doc objectsDocument
			decode(t, c.must(200, request{method: "GET", bucket: testBucket, query: canonicalOrder(q)}).body, &doc)
			if n := len(doc.Contents) + len(doc.CommonPrefixes); version == 2 && doc.KeyCount != n {
				t.Errorf("KeyCount %d of %d", doc.KeyCount, n)
			}
			for _, o := range doc.Contents {
				key := unescape("url", o.Key)
				if o.ETag != etagOf([]byte(key)) || o.Size != int64(len(key)) || o.Type != "Normal" || (o.Owner == nil) != (version == 2) {
					t.Errorf("line: %+v", o)
				}
				lines = append(lines, key)
			}
			for _, p := range doc.CommonPrefixes {
				lines = append(lines, unescape("url", p.Prefix)+"*")
			}
			if !doc.IsTruncated {
				return slices.Sorted(slices.Values(lines))
			}
			query.Set("marker", unescape("url", doc.NextMarker))
			query.Set("continuation-token", doc.NextContinuationToken)
		}
	}
	for _, version := range []int{1, 2} {
		for _, size := range []string{"1", "2", "3", "100"} {
			if got := walk(version, url.Values{"max-keys": {size}}); !slices.Equal(got, keys) {
				t.Errorf("v%d by %s: %q", version, size, got)
			}
			want := []string{"a", "b/*", "d", "e\x02", "中 文+"}
			if got := walk(version, url.Values{"max-keys": {size}, "delimiter": {"/"}}); !slices.Equal(got, want) {
				t.Errorf("v%d by %s, delimiter: %q", version, size, got)
			}
		}
	}
	if got := walk(2, url.Values{"start-after": {"b/2"}, "prefix": {"b/"}}); !slices.Equal(got, []string{"b/c/3"}) {
		t.Errorf("start-after: %q", got)
	}
}

func TestBuckets(t *testing.T) {
	c := newClient(t, Options{})
	c.must(200, request{method: "PUT", bucket: "another"})
	c.refused(409, "BucketAlreadyExists", "0015-00000104", request{method: "PUT", bucket: "another"})
	c.refused(400, "InvalidBucketName", "", request{method: "PUT", bucket: "No-Good"})
	res := c.must(200, request{method: "GET"})
	if !bytes.Contains(res.body, []byte("<Name>another</Name>")) || !bytes.Contains(res.body, []byte("<Name>bucket</Name>")) {
		t.Errorf("buckets: %s", res.body)
	}
	res = c.must(200, request{method: "GET", bucket: "another", query: "bucketInfo"})
	if !bytes.Contains(res.body, []byte("<Location>oss-cn-hangzhou</Location>")) || !bytes.Contains(res.body, []byte("<Bucket><Name>another</Name>")) {
		t.Errorf("bucket info: %s", res.body)
	}
	res = c.must(200, request{method: "GET", bucket: "another", query: "location"})
	if !bytes.Contains(res.body, []byte(">oss-cn-hangzhou</LocationConstraint>")) {
		t.Errorf("location: %s", res.body)
	}
	c.must(204, request{method: "DELETE", bucket: "another"})
	c.refused(404, "NoSuchBucket", "0015-00000101", request{method: "DELETE", bucket: "another"})
	id := c.initiate("k")
	c.refused(409, "BucketNotEmpty", "0015-00000301", request{method: "DELETE", bucket: testBucket})
	c.must(204, request{method: "DELETE", bucket: testBucket, key: "k", query: "uploadId=" + id})
	c.put("k", nil)
	c.refused(409, "BucketNotEmpty", "0015-00000301", request{method: "DELETE", bucket: testBucket})
	c.must(204, request{method: "DELETE", bucket: testBucket, key: "k"})
	c.must(204, request{method: "DELETE", bucket: testBucket})
}
