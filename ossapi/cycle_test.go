package ossapi_test

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"partway/ossapi"
	"partway/ossapi/emulator"
)

func crcOf(b []byte) uint64 { return crc64.Checksum(b, crc64.MakeTable(crc64.ECMA)) }

func client(t *testing.T, endpoint string, change ...func(*ossapi.Options)) *ossapi.Client {
	t.Helper()
	o := ossapi.Options{
		Endpoint: endpoint, AllowHTTP: true, Region: "cn-hangzhou",
		Credentials: ossapi.StaticCredentials("id", "secret", ""),
	}
	for _, f := range change {
		f(&o)
	}
	c, err := ossapi.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func emulated(t *testing.T) (*emulator.Server, string) {
	t.Helper()
	server, err := emulator.New(emulator.Options{Dir: t.TempDir(), Credentials: map[string]string{"id": "secret"}})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(func() { _ = server.Close(); web.Close() })
	if err := server.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	return server, web.URL
}

// cycle takes an object from initiate to head, its parts in any order.
func cycle(t *testing.T, c *ossapi.Client, key string, crc bool) {
	t.Helper()
	ctx := t.Context()
	object := ossapi.Object{Bucket: "bucket", Key: key}
	id, err := c.Initiate(ctx, ossapi.InitiateRequest{Object: object})
	if err != nil {
		t.Fatal(err)
	}
	u := ossapi.Upload{Bucket: "bucket", Key: key, UploadID: id}
	data := bytes.Repeat([]byte("0123456789abcdef"), 20<<10)
	var done []ossapi.CompletePart
	for _, n := range []int{3, 1, 2} {
		body := data[(n-1)*128<<10 : min(n*128<<10, len(data))]
		sum := md5.Sum(body)
		got, err := c.UploadPart(ctx, ossapi.UploadPartRequest{
			Upload: u, PartNumber: n, Body: bytes.NewReader(body), Size: int64(len(body)), ContentMD5: base64.StdEncoding.EncodeToString(sum[:]),
		})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.EqualFold(got.ETag, fmt.Sprintf("%x", sum)) || got.HasCRC64 != crc || crc && got.CRC64 != crcOf(body) {
			t.Errorf("got %+v", got)
		}
		done = append(done, ossapi.CompletePart{Number: n, ETag: got.ETag})
	}
	pageSize := 2
	if !crc {
		pageSize = 0 // gofakes3 v1.2.0 numbers the parts of a second page from 0
	}
	var numbers []int
	for page, err := range c.ListParts(ctx, ossapi.ListPartsRequest{Upload: u, PageSize: pageSize}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.Parts {
			numbers = append(numbers, p.Number)
		}
	}
	if !slices.Equal(numbers, []int{1, 2, 3}) {
		t.Errorf("parts %v", numbers)
	}
	found := false
	for page, err := range c.ListUploads(ctx, ossapi.ListUploadsRequest{Bucket: "bucket"}) {
		if err != nil {
			t.Fatal(err)
		}
		found = found || slices.ContainsFunc(page.Uploads, func(l ossapi.ListedUpload) bool { return l.Key == key && l.UploadID == id })
	}
	if !found {
		t.Error("the upload is not listed")
	}
	made, err := c.Complete(ctx, ossapi.CompleteRequest{Upload: u, Parts: done})
	if err != nil {
		t.Fatal(err)
	}
	if made.HasCRC64 != crc || crc && made.CRC64 != crcOf(data) {
		t.Errorf("got %+v", made)
	}
	head, err := c.Head(ctx, object)
	if err != nil || head.Size != int64(len(data)) || crc && (head.CRC64 != crcOf(data) || head.Type != "Multipart") {
		t.Errorf("got %+v, %v", head, err)
	}
	if err := c.Abort(ctx, u); ossapi.KindOf(err) != ossapi.KindGone {
		t.Errorf("abort after complete: %v", err)
	}
}

func TestCycle(t *testing.T) {
	keys := []string{"plain", "dir/a b+c%d&e=f?#", "世界/é", "ctrl\x01\n\t", "a//b/../c/.", "end/"}
	_, url := emulated(t)
	for name, change := range map[string]func(*ossapi.Options){
		"V4":        func(*ossapi.Options) {},
		"V1":        func(o *ossapi.Options) { o.SignatureV1 = true },
		"localhost": func(o *ossapi.Options) { o.Endpoint = strings.Replace(url, "127.0.0.1", "localhost", 1) },
	} {
		for _, key := range keys {
			t.Run(name+key, func(t *testing.T) { cycle(t, client(t, url, change), key, true) })
		}
	}
}

// TestCycleElsewhere: a server by other authors, of another protocol's family.
func TestCycleElsewhere(t *testing.T) {
	backend := s3mem.New()
	if err := backend.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(gofakes3.New(backend, gofakes3.WithoutVersioning()).Server())
	t.Cleanup(web.Close)
	cycle(t, client(t, web.URL), "dir/key", false)
}

func TestPutHeadAndBuckets(t *testing.T) {
	_, url := emulated(t)
	c := client(t, url)
	object := ossapi.Object{Bucket: "bucket", Key: "k.txt"}
	put := func(forbid bool) (ossapi.PutResult, error) {
		return c.Put(t.Context(), ossapi.PutRequest{
			Object: object, Body: strings.NewReader("hello"), Size: 5,
			WriteOptions: ossapi.WriteOptions{StorageClass: "IA", Metadata: map[string]string{"Who": "me"}, ForbidOverwrite: forbid},
		})
	}
	if got, err := put(false); err != nil || got.CRC64 != crcOf([]byte("hello")) || got.RequestID == "" {
		t.Fatalf("got %+v, %v", got, err)
	}
	if _, err := put(true); ossapi.KindOf(err) != ossapi.KindConflict {
		t.Errorf("overwriting: %v", err)
	}
	head, err := c.Head(t.Context(), object)
	if err != nil || head.ContentType != "text/plain" || head.StorageClass != "IA" || head.Metadata["who"] != "me" {
		t.Errorf("got %+v, %v", head, err)
	}
	_, err = c.Head(t.Context(), ossapi.Object{Bucket: "bucket", Key: "none"})
	var e *ossapi.Error
	if !errors.As(err, &e) || e.Kind != ossapi.KindNotFound || e.Code != "NoSuchKey" || e.EC == "" {
		t.Errorf("got %v", err)
	}
	for page, err := range c.ListBuckets(t.Context(), ossapi.ListBucketsRequest{}) {
		if err != nil || len(page) != 1 || page[0].Name != "bucket" || page[0].Region != "cn-hangzhou" {
			t.Errorf("got %+v, %v", page, err)
		}
	}
}

func TestListUploadsOfFolders(t *testing.T) {
	server, url := emulated(t)
	for _, key := range []string{"a", "d e/1", "d e/2", "f+/x", "z", "z"} {
		if _, err := server.SeedUpload(emulator.Seed{Bucket: "bucket", Key: key, StorageClass: "IA", Initiated: time.Unix(1e9, 0)}); err != nil {
			t.Fatal(err)
		}
	}
	c := client(t, url)
	for size := range 4 {
		var got []string
		for page, err := range c.ListUploads(t.Context(), ossapi.ListUploadsRequest{Bucket: "bucket", Delimiter: "/", PageSize: size}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, page.CommonPrefixes...)
			for _, u := range page.Uploads {
				got = append(got, u.Key)
				if u.StorageClass != "IA" || u.Initiated.Unix() != 1e9 {
					t.Errorf("got %+v", u)
				}
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, []string{"a", "d e/", "f+/", "z", "z"}) {
			t.Errorf("pages of %d: %q", size, got)
		}
	}
	server.SetFaults(1, emulator.Fault{Times: -1, Effect: emulator.RepeatMarker{}})
	var last error
	for _, err := range c.ListUploads(t.Context(), ossapi.ListUploadsRequest{Bucket: "bucket", PageSize: 2}) {
		last = err
	}
	if ossapi.KindOf(last) != ossapi.KindOddAnswer {
		t.Errorf("a list that repeats itself: %v", last)
	}
}

func TestFaults(t *testing.T) {
	server, url := emulated(t)
	seeded, err := server.SeedUpload(emulator.Seed{Bucket: "bucket", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	patient := client(t, url)
	hasty := client(t, url, func(o *ossapi.Options) { o.IdleTimeout = 50 * time.Millisecond })
	u := ossapi.Upload{Bucket: "bucket", Key: "k", UploadID: seeded}
	body := bytes.Repeat([]byte("x"), 1<<20)
	sum := md5.Sum(body)
	for _, test := range []struct {
		effect emulator.Effect
		want   ossapi.Kind
	}{
		{emulator.ResetBody{After: 300_000}, ossapi.KindTemporary},
		{emulator.LoseAnswer{}, ossapi.KindTemporary},
		{emulator.BlackHole{}, ossapi.KindTemporary},
		{emulator.ExpiredToken{}, ossapi.KindCredentials},
		{emulator.SkewedClock{By: time.Hour}, ossapi.KindClock},
		{emulator.FlipByte{At: 5}, ossapi.KindDamaged},
		{emulator.Answer{Status: 503, Code: "ServiceUnavailable", Header: map[string]string{"Retry-After": "2"}}, ossapi.KindThrottled},
		{emulator.ErrorBody{Code: "InternalError"}, ossapi.KindOddAnswer},
	} {
		server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, Times: -1, Effect: test.effect})
		c := patient
		if _, never := test.effect.(emulator.BlackHole); never {
			c = hasty
		}
		_, err := c.UploadPart(t.Context(), ossapi.UploadPartRequest{
			Upload: u, PartNumber: 1, Body: bytes.NewReader(body), Size: int64(len(body)), ContentMD5: base64.StdEncoding.EncodeToString(sum[:]),
		})
		if ossapi.KindOf(err) != test.want {
			t.Errorf("%T: %v, want %v", test.effect, err, test.want)
		}
		var e *ossapi.Error
		if test.want == ossapi.KindThrottled && (!errors.As(err, &e) || e.RetryAfter != 2*time.Second) {
			t.Errorf("got %+v", e)
		}
		if test.want == ossapi.KindClock && (!errors.As(err, &e) || time.Until(e.ServerTime) < 50*time.Minute) {
			t.Errorf("got %+v", e)
		}
	}
}

// TestManyAtOnceWhileTheClockIsWrong is for the race detector.
func TestManyAtOnceWhileTheClockIsWrong(t *testing.T) {
	server, url := emulated(t)
	seeded, err := server.SeedUpload(emulator.Seed{Bucket: "bucket", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	c := client(t, url, func(o *ossapi.Options) { o.Clock = func() time.Time { return time.Now().Add(-3 * time.Hour) } })
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() {
			for {
				_, err := c.UploadPart(t.Context(), ossapi.UploadPartRequest{
					Upload: ossapi.Upload{Bucket: "bucket", Key: "k", UploadID: seeded}, PartNumber: n + 1, Body: strings.NewReader("x"), Size: 1,
				})
				if ossapi.KindOf(err) != ossapi.KindClock {
					if err != nil {
						t.Error(err)
					}
					return
				}
				c.SetClockOffset(3 * time.Hour)
			}
		})
	}
	all.Wait()
}

// TestNoSecretIsToldAnybody sends every kind of failure through the error
// texts and looks for the secrets.
func TestNoSecretIsToldAnybody(t *testing.T) {
	const canary = "canary-2718281828"
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if strings.Contains(fmt.Sprint(r.Header), canary+"-secret") {
			t.Error("the secret was sent")
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(echo.Close)
	c := client(t, echo.URL, func(o *ossapi.Options) {
		o.Credentials = ossapi.StaticCredentials("id", canary+"-secret", canary+"-token")
	})
	err := c.Abort(t.Context(), ossapi.Upload{Bucket: "bucket", Key: "k", UploadID: "u"})
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Error("x", "err", err)
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", err, err), log.String()} {
		if strings.Contains(text, canary) {
			t.Errorf("told: %s", text)
		}
	}
}
