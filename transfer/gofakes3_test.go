package transfer_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"io"
	"net/http/httptest"
	"os"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"partway/model"
	"partway/ossapi"
	"partway/transfer"
)

// elsewhere is a server by other authors that speaks S3: the same engine against somebody else's idea of the protocol.
//
// What is weaker there than on OSS, and what the engine makes of it: it gives no CRC-64, so an object is proved by its parts' MD5
// and its size only (model.ProofParts); it does not refuse parts that are too small, nor to overwrite an object, so those rules
// hold only as far as they are asked about before.
type elsewhere struct {
	*world
	backend gofakes3.Backend
}

func newElsewhere(t *testing.T) *elsewhere {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket(bucket); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(gofakes3.New(backend, gofakes3.WithoutVersioning()).Server())
	client, err := ossapi.New(ossapi.Options{Region: "cn-hangzhou", Endpoint: web.URL, AllowHTTP: true, Credentials: ossapi.StaticCredentials("id", "secret", "")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		web.Close()
	})
	return &elsewhere{backend: backend, world: &world{t: t, client: client, stateDir: t.TempDir(), policy: quick(),
		place: model.Place{Endpoint: web.URL, Region: "cn-hangzhou", Bucket: bucket}}}
}

func (w *elsewhere) wantObject(key, path string) {
	w.t.Helper()
	object, err := w.backend.GetObject(bucket, key, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	defer object.Contents.Close()
	stored, err := io.ReadAll(object.Contents)
	if err != nil {
		w.t.Fatal(err)
	}
	local, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(stored, local) {
		w.t.Errorf("object %s has %d bytes that are not the file's %d: %v", key, len(stored), len(local), err)
	}
}

// begin leaves an upload with the given parts of data.
func (w *elsewhere) begin(key string, data []byte, numbers ...int) (uploadID string) {
	w.t.Helper()
	ctx := w.t.Context()
	id, err := w.client.Initiate(ctx, ossapi.InitiateRequest{Object: ossapi.Object{Bucket: bucket, Key: key}})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, n := range numbers {
		part := data[(n-1)*kib100 : min(n*kib100, len(data))]
		sum := md5.Sum(part)
		_, err := w.client.UploadPart(ctx, ossapi.UploadPartRequest{Upload: ossapi.Upload{Bucket: bucket, Key: key, UploadID: id}, PartNumber: n,
			Body: bytes.NewReader(part), Size: int64(len(part)), ContentMD5: base64.StdEncoding.EncodeToString(sum[:])})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return id
}

func (w *elsewhere) uploads() int {
	w.t.Helper()
	n := 0
	for page, err := range w.client.ListUploads(w.t.Context(), ossapi.ListUploadsRequest{Bucket: bucket}) {
		if ossapi.KindOf(err) == ossapi.KindGone { // its way to say that there are none
			return n
		}
		if err != nil {
			w.t.Fatal(err)
		}
		n += len(page.Uploads)
	}
	return n
}

func TestElsewherePut(t *testing.T) {
	for _, size := range []int{1, kib100, kib100 + 1, 9*kib100 + 77} {
		w := newElsewhere(t)
		path := w.file("data", size, 3)
		e, jobs := w.uploaded(path, "dir/key with space")
		j := wantStatus(t, jobs, model.StatusDone)
		w.wantObject("dir/key with space", path)
		if want := model.ProofParts; size > kib100 && j.Proof != want || w.uploads() != 0 {
			t.Errorf("%d bytes: proved by %s, %d uploads are left", size, j.Proof, w.uploads())
		}
		e.close()
	}
}

func TestElsewhereResumeWithAGap(t *testing.T) {
	w := newElsewhere(t)
	path := w.file("data", 9*kib100, 3)
	counted := newCounting(w.client, 4)
	w.store = func(transfer.Store) transfer.Store { return counted }
	e, jobs := w.uploaded(path, "k")
	wantStatus(t, jobs, model.StatusFailed)
	done := jobs[0].Done
	e.close()
	counted = newCounting(w.client, 0)
	e = w.engine()
	e.do(w.put(path, "k", parts(4)))
	wantStatus(t, e.settled(), model.StatusDone)
	w.wantObject("k", path)
	for number := range counted.sent {
		if done.Has(number) {
			t.Errorf("part %d was sent again", number)
		}
	}
	if counted.sent[4] != 1 || w.uploads() != 0 {
		t.Errorf("sent %v, %d uploads are left", counted.sent, w.uploads())
	}
}

func TestElsewhereAdopt(t *testing.T) {
	w := newElsewhere(t)
	data := content(6*kib100+5, 3)
	path := w.file("data", len(data), 3)
	id := w.begin("k", data, 1, 2, 4, 7)
	counted := newCounting(w.client, 0)
	w.store = func(transfer.Store) transfer.Store { return counted }
	e := w.engine()
	adopt := w.adopt("k", id, path)
	adopt.Send.PartSize = model.MinPartSize
	e.do(adopt)
	wantStatus(t, e.settled(), model.StatusDone)
	w.wantObject("k", path)
	if len(counted.sent) != 3 || counted.sent[3]+counted.sent[5]+counted.sent[6] != 3 {
		t.Errorf("sent %v, want 3, 5 and 6", counted.sent)
	}
}

func TestElsewhereCompleteAndAbort(t *testing.T) {
	w := newElsewhere(t)
	data := content(3*kib100, 3)
	path := w.file("data", len(data), 3)
	whole, left := w.begin("whole", data, 1, 2, 3), w.begin("left", data, 2)
	e := w.engine()
	ref := model.Ref{Bucket: bucket, Key: "whole", UploadID: whole}
	list, err := e.Parts(t.Context(), w.place, ref)
	if err != nil {
		t.Fatal(err)
	}
	e.do(model.CompleteUpload{Place: w.place, Ref: ref, Seen: list.Parts})
	if j := wantStatus(t, e.settled(), model.StatusDone); j.Proof != model.ProofParts {
		t.Errorf("proved by %s", j.Proof)
	}
	w.wantObject("whole", path)
	e.do(model.Abort{Place: w.place, Refs: []model.Ref{{Bucket: bucket, Key: "left", UploadID: left}}})
	wantStatus(t, e.settled(), model.StatusAborted)
	if n := w.uploads(); n != 0 {
		t.Errorf("%d uploads are left", n)
	}
	// It gives the object an MD5 of its bytes for an ETag, where OSS gives a CRC-64.
	e.do(model.Verify{Place: w.place, Key: "whole", Path: path})
	if j := wantStatus(t, e.settled(), model.StatusDone); j.Proof != model.ProofMD5 {
		t.Errorf("proved by %s", j.Proof)
	}
	e.do(model.Verify{Place: w.place, Key: "whole", Path: w.file("other", len(data), 4)})
	wantStatus(t, e.settled(), model.StatusFailed)
}

// counting counts the parts that are sent and refuses one of them.
type counting struct {
	transfer.Store
	mu     sync.Mutex
	refuse int
	sent   map[int]int
}

func newCounting(store transfer.Store, refuse int) *counting {
	return &counting{Store: store, refuse: refuse, sent: map[int]int{}}
}

func (c *counting) UploadPart(ctx context.Context, r ossapi.UploadPartRequest) (ossapi.UploadedPart, error) {
	if r.PartNumber == c.refuse {
		return ossapi.UploadedPart{}, refusal(ossapi.KindDenied, 403, "AccessDenied")
	}
	c.mu.Lock()
	c.sent[r.PartNumber]++
	c.mu.Unlock()
	return c.Store.UploadPart(ctx, r)
}
