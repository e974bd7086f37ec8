package emulator

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// snapshot is what a client can see of the test bucket, in one text.
func snapshot(c *client) string {
	c.t.Helper()
	var b strings.Builder
	var objects objectsDocument
	decode(c.t, c.must(200, request{method: "GET", bucket: testBucket}).body, &objects)
	for _, o := range objects.Contents {
		res := c.get(o.Key)
		fmt.Fprintf(&b, "%s %s %d %x %v %v\n", o.Key, res.Header.Get("ETag"), len(res.body), crcOf(res.body), res.Header["X-Oss-Meta-A"], res.Header["X-Oss-Hash-Crc64ecma"])
	}
	var uploads uploadsDocument
	decode(c.t, c.must(200, request{method: "GET", bucket: testBucket, query: "uploads"}).body, &uploads)
	for _, u := range uploads.Upload {
		res := c.must(200, request{method: "GET", bucket: testBucket, key: u.Key, query: "uploadId=" + u.UploadId})
		fmt.Fprintf(&b, "%s %s %s\n%s\n", u.Key, u.UploadId, u.Initiated, res.body)
	}
	return b.String()
}

// reopen starts a second server on the directory of the first.
func (c *client) reopen(opt Options) *client {
	c.t.Helper()
	c.server.Close()
	opt.Dir = c.server.store.root
	return newClient(c.t, opt)
}

func TestRestartFindsEverything(t *testing.T) {
	c := newClient(t, Options{MinPartSize: 1})
	c.put("single", pattern(1, 1000), "x-oss-meta-a", "1")
	c.put("deleted", nil)
	c.must(204, request{method: "DELETE", bucket: testBucket, key: "deleted"})
	done := c.initiate("multi", "x-oss-meta-a", "2")
	c.must(200, completeRequest("multi", done, partList(1, c.part("multi", done, 1, []byte("one")), 5, c.part("multi", done, 5, []byte("five")))))
	open := c.initiate("open", "x-oss-storage-class", "IA")
	c.part("open", open, 3, []byte("old"))
	c.part("open", open, 3, []byte("new"))
	if _, err := c.server.SeedUpload(Seed{Bucket: testBucket, Key: "seeded", Parts: []SeedPart{
		{Number: 1, Size: 5000}, {Number: 2, Size: 7, ETag: "odd/ETag.x-1", NoCRC: true}}}); err != nil {
		t.Fatal(err)
	}
	aborted := c.initiate("aborted")
	c.must(204, request{method: "DELETE", bucket: testBucket, key: "aborted", query: "uploadId=" + aborted})
	before := snapshot(c)

	c = c.reopen(Options{MinPartSize: 1})
	if after := snapshot(c); after != before {
		t.Fatalf("after the restart:\n%s\nbefore:\n%s", after, before)
	}
	// And what was open goes on.
	e := c.part("open", open, 4, []byte("+more"))
	c.must(200, completeRequest("open", open, partList(3, etagOf([]byte("new")), 4, e)))
	if got := string(c.get("open").body); got != "new+more" {
		t.Errorf("object %q", got)
	}
}

func TestRestartSweepsWhatACrashLeft(t *testing.T) {
	c := newClient(t, Options{MinPartSize: 1})
	id := c.initiate("k")
	c.part("k", id, 1, []byte("old"))
	c.put("o", []byte("old"))
	root := c.server.store.root
	u := c.server.store.buckets[testBucket].uploadBy[id]
	old := u.parts.items[0]
	o := c.server.store.buckets[testBucket].object("o")

	// The part was sent again: the new one is in place, the old one not yet removed. (And the other way round.)
	newer := *old
	newer.seq, newer.etag = old.seq+100, "NEWER"
	older := *old
	older.seq, older.etag = 0, "OLDER"
	for _, p := range []*part{&newer, &older} {
		write(t, u.partPath(p), "xyz")
	}
	// A Complete that wrote its manifest but did not get to the rename.
	write(t, filepath.Join(u.dir, objectFile), "{")
	// An object was replaced, and the old one not yet removed.
	stale := o.dir + "STALE"
	if err := os.CopyFS(stale, os.DirFS(o.dir)); err != nil {
		t.Fatal(err)
	}
	rec := o.objectRecord
	rec.Seq, rec.ETag = 0, "STALE"
	if err := writeJSON(filepath.Join(stale, objectFile), rec); err != nil {
		t.Fatal(err)
	}
	// An object was deleted while somebody read it; a body was being received; strangers lie about.
	half := filepath.Join(root, bucketsDir, testBucket, objectsDir, "HALF")
	write(t, filepath.Join(half, dataFile), "x")
	write(t, filepath.Join(root, tempDir, "HALF"), "x")
	write(t, filepath.Join(root, bucketsDir, "stranger", "x"), "x")
	write(t, filepath.Join(root, bucketsDir, "Not A Bucket", "x"), "x")
	write(t, filepath.Join(u.dir, "1.2.3"), "x")

	c = c.reopen(Options{MinPartSize: 1})
	var doc partsDocument
	decode(t, c.must(200, request{method: "GET", bucket: testBucket, key: "k", query: "uploadId=" + id}).body, &doc)
	if len(doc.Part) != 1 || doc.Part[0].ETag != `"NEWER"` {
		t.Errorf("parts: %+v", doc.Part)
	}
	if got := c.get("o").Header.Get("ETag"); got != etagOf([]byte("old")) {
		t.Errorf("object has ETag %s", got)
	}
	for _, path := range []string{stale, half, filepath.Join(root, tempDir, "HALF"), u.partPath(&older), u.partPath(old)} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is still there", path)
		}
	}
	c.must(200, completeRequest("k", id, partList(1, "NEWER")))
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestNothingIsReadableByOthersOrLeftInTmp(t *testing.T) {
	c := newClient(t, Options{Dir: filepath.Join(t.TempDir(), "new"), MinPartSize: 1})
	c.put("o", []byte("x"))
	c.put("o", []byte("y"))
	id := c.initiate("k")
	c.part("k", id, 1, []byte("x"))
	c.part("k", id, 1, []byte("y"))
	c.part("k", id, 2, []byte("unused"))
	rq := partRequest("k", id, 3, []byte("x"))
	rq.header = map[string]string{"Content-MD5": md5Of(nil)}
	c.refused(400, "InvalidDigest", "", rq)
	c.must(200, completeRequest("k", id, partList(1, etagOf([]byte("y")))))
	id = c.initiate("k")
	c.must(204, request{method: "DELETE", bucket: testBucket, key: "k", query: "uploadId=" + id})
	files := 0
	err := filepath.WalkDir(c.server.store.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		if strings.HasPrefix(path, filepath.Join(c.server.store.root, tempDir)+"/") {
			t.Errorf("%s was left", path)
		}
		if !d.IsDir() {
			files++
		}
		return nil
	})
	// bucket.json, and for each object its JSON and its bytes
	if err != nil || files != 5 {
		t.Errorf("%d files, want 5 (%v)", files, err)
	}
}

func TestReaderOutlivesItsObject(t *testing.T) {
	c := newClient(t, Options{MinPartSize: 1})
	id := c.initiate("k")
	c.must(200, completeRequest("k", id, partList(1, c.part("k", id, 1, []byte("one,")), 2, c.part("k", id, 2, []byte("two")))))
	reader, info, err := c.server.OpenObject(testBucket, "k")
	if err != nil {
		t.Fatal(err)
	}
	if info.Size != 7 || info.Files != 2 || info.Type != "Multipart" || !info.HasCRC64 || formatCRC(info.CRC64) != crcOf([]byte("one,two")) {
		t.Errorf("info: %+v", info)
	}
	first := make([]byte, 2)
	io.ReadFull(reader, first)
	c.put("k", []byte("three"))
	rest, err := io.ReadAll(reader)
	if err != nil || string(first)+string(rest) != "one,two" {
		t.Errorf("read %q %q, %v", first, rest, err)
	}
	dirs := func() int {
		list, err := os.ReadDir(filepath.Join(c.server.store.root, bucketsDir, testBucket, objectsDir))
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if n := dirs(); n != 2 {
		t.Errorf("%d objects on disk while one is read", n)
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	if n := dirs(); n != 1 {
		t.Errorf("%d objects on disk after the reader closed", n)
	}
	if _, _, err := c.server.OpenObject(testBucket, "none"); err == nil || !strings.Contains(err.Error(), "oss://bucket/none") {
		t.Errorf("error %v", err)
	}
}

func TestSeeds(t *testing.T) {
	c := newClient(t, Options{})
	day := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var parts []SeedPart
	for n := 1; n <= 3000; n++ {
		parts = append(parts, SeedPart{Number: n, Size: 16 << 20})
	}
	parts = append(parts, SeedPart{Number: 10000, Body: strings.NewReader("tail"), Modified: day.Add(time.Hour)})
	id, err := c.server.SeedUpload(Seed{Bucket: testBucket, Key: "big", Initiated: day, StorageClass: "IA", Parts: parts})
	if err != nil {
		t.Fatal(err)
	}
	doc := c.uploads(url.Values{})
	if len(doc.Upload) != 1 || doc.Upload[0].Initiated != "2026-03-01T12:00:00.000Z" || doc.Upload[0].StorageClass != "IA" {
		t.Fatalf("uploads: %+v", doc.Upload)
	}
	c.must(200, completeRequest("big", id, nil, "x-oss-complete-all", "yes"))
	// 48 GiB that take no room: completed at once, read in the middle and at the end.
	size := int64(3000*(16<<20) + 4)
	res := c.get("big", "Range", fmt.Sprintf("bytes=%d-%d", size-8, size-1))
	if string(res.body) != "\x00\x00\x00\x00tail" {
		t.Errorf("end reads %q", res.body)
	}
	if res = c.get("big", "Range", "bytes=30000000000-30000000999"); !bytes.Equal(res.body, make([]byte, 1000)) {
		t.Errorf("middle reads %d bytes", len(res.body))
	}
	if err := c.server.SeedObject(testBucket, "o", strings.NewReader("object"), day); err != nil {
		t.Fatal(err)
	}
	if res := c.get("o"); string(res.body) != "object" || res.Header.Get("Last-Modified") != "Sun, 01 Mar 2026 12:00:00 GMT" {
		t.Errorf("object %q %v", res.body, res.Header)
	}
	for name, err := range map[string]error{
		"bucket": c.server.SeedObject("none", "k", strings.NewReader(""), day),
		"key":    c.server.SeedObject(testBucket, "/k", strings.NewReader(""), day),
		"number": seedError(c, Seed{Bucket: testBucket, Key: "k", Parts: []SeedPart{{Number: 0}}}),
		"size":   seedError(c, Seed{Bucket: testBucket, Key: "k", Parts: []SeedPart{{Number: 1, Size: -1}}}),
		"etag":   seedError(c, Seed{Bucket: testBucket, Key: "k", Parts: []SeedPart{{Number: 1, ETag: strings.Repeat("x", 65)}}}),
		"upload": seedError(c, Seed{Bucket: "none", Key: "k"}),
	} {
		if err == nil {
			t.Errorf("a bad %s was accepted", name)
		}
	}
}

func seedError(c *client, seed Seed) error {
	_, err := c.server.SeedUpload(seed)
	return err
}

func TestSink(t *testing.T) {
	c := newClient(t, Options{Sink: true})
	id := c.initiate("k")
	body := pattern(1, 1<<20)
	rq := partRequest("k", id, 1, body)
	rq.header = map[string]string{"Content-MD5": md5Of(body)}
	res := c.must(200, rq)
	if res.Header.Get("ETag") != etagOf(body) || res.Header.Get("x-oss-hash-crc64ecma") != "" {
		t.Errorf("part: %v", res.Header)
	}
	e2 := c.part("k", id, 2, body)
	res = c.must(200, completeRequest("k", id, partList(1, etagOf(body), 2, e2)))
	if res.Header.Get("x-oss-hash-crc64ecma") != "" {
		t.Errorf("complete: %v", res.Header)
	}
	c.put("o", body)
	c = c.reopen(Options{Sink: true})
	for key, size := range map[string]int64{"k": 2 << 20, "o": 1 << 20} {
		if res := c.must(200, request{method: "HEAD", bucket: testBucket, key: key}); res.ContentLength != size {
			t.Errorf("%s: %d bytes, want %d", key, res.ContentLength, size)
		}
		c.refused(501, "NotImplemented", "", request{method: "GET", bucket: testBucket, key: key})
	}
}

func TestRequestLogKeepsTheNewest(t *testing.T) {
	c := newClient(t, Options{RequestLog: 3})
	for i := range 5 {
		c.put(fmt.Sprint("k", i), make([]byte, i))
	}
	got := c.server.Requests()
	if len(got) != 3 || got[0].Key != "k2" || got[2].Key != "k4" || got[2].BodyBytes != 4 || got[2].Status != 200 || got[2].Op != OpPutObject || got[2].RequestID == "" {
		t.Errorf("log: %+v", got)
	}
	c.server.ResetRequests()
	if n := len(c.server.Requests()); n != 0 {
		t.Errorf("%d requests after the reset", n)
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	c := newClient(t, Options{MinPartSize: 1})
	const clients, parts = 8, 25
	var wg sync.WaitGroup
	for n := range clients {
		wg.Go(func() {
			key := fmt.Sprint("k", n%3) // some share a key
			id := c.initiate(key)
			var list []any
			var whole []byte
			for p := 1; p <= parts; p++ {
				body := pattern(byte(n*parts+p), 100+p)
				list = append(list, p, c.part(key, id, p, body))
				whole = append(whole, body...)
				c.uploads(url.Values{})
			}
			if n%2 == 0 {
				c.must(204, request{method: "DELETE", bucket: testBucket, key: key, query: "uploadId=" + id})
				return
			}
			res := c.must(200, completeRequest(key, id, partList(list...)))
			if got := res.Header.Get("x-oss-hash-crc64ecma"); got != crcOf(whole) {
				t.Errorf("client %d: CRC %s, want %s", n, got, crcOf(whole))
			}
			if res := c.get(key); crcOf(res.body) != res.Header.Get("x-oss-hash-crc64ecma") {
				t.Errorf("client %d read an object that is not whole", n)
			}
		})
	}
	wg.Wait()
	if n := c.server.UploadCount(testBucket); n != 0 {
		t.Errorf("%d uploads are left", n)
	}
}
