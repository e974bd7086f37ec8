//go:build unix

package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"partway/ossapi/emulator"
)

// The uploads in this file are begun by programs that share no line with this one. The built program finishes them: it sends what is
// missing and nothing else, and the object is the file.

// endpoint is where the server of the product listens.
func (p *product) endpoint() string {
	for _, line := range p.env {
		if at, is := strings.CutPrefix(line, "OSS_ENDPOINT="); is {
			return at
		}
	}
	return ""
}

// sentParts lists the part numbers that were sent for a key since the requests were last reset, ascending.
func (p *product) sentParts(key string) (numbers []int) {
	for _, r := range p.server.Requests() {
		if r.Op == emulator.OpUploadPart && r.Key == key {
			numbers = append(numbers, r.PartNumber)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// storedParts lists the part numbers that the server acknowledged for a key, each once.
func (p *product) storedParts(key string) (numbers []int) {
	for _, r := range p.server.Requests() {
		if r.Op == emulator.OpUploadPart && r.Key == key && r.Status == http.StatusOK {
			numbers = append(numbers, r.PartNumber)
		}
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// others are the part numbers 1 to count that are not in there.
func others(there []int, count int) (numbers []int) {
	for n := 1; n <= count; n++ {
		if !slices.Contains(there, n) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// finish runs the command that finishes an upload and compares what it sent with what was missing.
func (p *product) finish(key string, sum [sha256.Size]byte, missing []int, args ...string) {
	p.t.Helper()
	p.server.ResetRequests()
	_, said, _ := p.run(append([]string{"resume"}, args...)...)
	p.wantObject(key, sum)
	if sent := p.sentParts(key); !slices.Equal(sent, missing) {
		p.t.Errorf("%s: parts %v were sent, and %v were missing\n%s", key, sent, missing, said)
	}
	if n := p.server.UploadCount(bucket); n != 0 {
		p.t.Errorf("%d uploads are left", n)
	}
}

// The SDK's own Uploader is stopped in the middle, with the checkpoint that it keeps left behind.
func TestFinishesWhatTheSDKsUploaderBegan(t *testing.T) {
	const parts, partSize = 23, 150*kib + 1
	p := newProduct(t)
	clientOf := func(endpoint string) *oss.Client {
		return oss.NewClient(oss.LoadDefaultConfig().WithRegion("cn-hangzhou").WithEndpoint(endpoint).WithUsePathStyle(true).
			WithCredentialsProvider(credentials.NewStaticCredentialsProvider("id", "secret")))
	}
	for _, way := range []string{"by upload id", "by its checkpoint"} {
		t.Run(way, func(t *testing.T) {
			p := *p
			p.t = t
			key := "sdk/" + strings.ReplaceAll(way, " ", "-")
			path, sum := p.file("begun by the SDK", parts*partSize-77)
			checkpoints := t.TempDir()
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			p.server.ResetRequests()
			p.server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, PartNumber: 9, Effect: emulator.Hook{Func: func(*http.Request) { interrupt() }}})
			// A door of its own, so that it can be closed: then nothing of the Uploader's is on its way any more.
			door := httptest.NewServer(p.server)
			uploader := oss.NewUploader(clientOf(door.URL), func(o *oss.UploaderOptions) {
				o.PartSize, o.ParallelNum = partSize, 3
				// The SDK takes the parent of what it is given unless that ends in a separator.
				o.EnableCheckpoint, o.CheckpointDir = true, checkpoints+string(filepath.Separator)
			})
			_, err := uploader.UploadFile(ctx, &oss.PutObjectRequest{Bucket: oss.Ptr(bucket), Key: oss.Ptr(key)}, path)
			door.Close()
			left, globErr := filepath.Glob(filepath.Join(checkpoints, "*.ucp"))
			if err == nil || globErr != nil || len(left) != 1 {
				t.Fatalf("the Uploader ended with %v and left %v, %v", err, left, globErr)
			}
			p.server.SetFaults(1)
			there := p.storedParts(key)
			if len(there) == 0 || len(there) == parts {
				t.Fatalf("the Uploader was not interrupted in the middle: it stored %v", there)
			}
			args := []string{"oss://" + bucket, "--import", checkpoints, "--yes"}
			if way == "by upload id" {
				list, err := clientOf(p.endpoint()).ListMultipartUploads(t.Context(), &oss.ListMultipartUploadsRequest{Bucket: oss.Ptr(bucket)})
				if err != nil || len(list.Uploads) != 1 {
					t.Fatalf("%+v, %v", list, err)
				}
				args = []string{"oss://" + bucket + "/" + key, "--upload-id", oss.ToString(list.Uploads[0].UploadId), "--file", path, "--yes"}
			}
			p.finish(key, sum, others(there, parts), args...)
			t.Logf("%s: the Uploader stored %d of %d parts of %d bytes, partway sent the other %d", way, len(there), parts, partSize, parts-len(there))
		})
	}
}

// raw speaks the protocol with net/http alone: requests put together by hand and signed with OSS's first signature.
type raw struct {
	t        *testing.T
	endpoint string
	secret   string // empty: nothing is signed
}

// do sends a request. query is in the order in which the signature wants it.
func (r raw) do(method, key, query string, body []byte) []byte {
	r.t.Helper()
	resource := "/" + bucket + "/" + key + "?" + query
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.endpoint+(&url.URL{Path: "/" + bucket + "/" + key}).EscapedPath()+"?"+query, bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if r.secret != "" {
		date := time.Now().UTC().Format(http.TimeFormat)
		mac := hmac.New(sha1.New, []byte(r.secret))
		fmt.Fprintf(mac, "%s\n\n\n%s\n%s", method, date, resource)
		req.Header.Set("Date", date)
		req.Header.Set("Authorization", "OSS id:"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		r.t.Fatalf("%s %s: %s %v\n%s", method, resource, resp.Status, err, answer)
	}
	return answer
}

// begin initiates an upload.
func (r raw) begin(key string) (uploadID string) {
	r.t.Helper()
	var result struct {
		UploadID string `xml:"UploadId"`
	}
	if err := xml.Unmarshal(r.do(http.MethodPost, key, "uploads", nil), &result); err != nil || result.UploadID == "" {
		r.t.Fatalf("no upload id: %v", err)
	}
	return result.UploadID
}

func (r raw) part(key, uploadID string, number int, body []byte) {
	r.t.Helper()
	r.do(http.MethodPut, key, fmt.Sprintf("partNumber=%d&uploadId=%s", number, uploadID), body)
}

// Raw requests with part sizes that no tool would choose: one odd size with parts left out anywhere, or each part of a size of its
// own with the end missing or with a hole of several parts in the middle.
func TestFinishesWhatRawRequestsBegan(t *testing.T) {
	p := newProduct(t)
	random := rand.New(rand.NewPCG(4, 2))
	for i := range 18 {
		kind := []string{"one part size", "part sizes and no end", "part sizes and a hole"}[i%3]
		key := fmt.Sprintf("raw/%d %s.bin", i, kind)
		path, sum := p.file("raw", int64(1_500_000+random.IntN(1_000_000)))
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		web := raw{t: t, endpoint: p.endpoint(), secret: "secret"}
		id := web.begin(key)
		var missing []int
		p.server.ResetRequests()
		switch i % 3 {
		case 0:
			missing = web.withGaps(key, id, data, 102_400+1+random.IntN(102_400), random)
		case 1:
			missing = web.withoutEnd(key, id, data, random)
		case 2:
			missing = web.withHole(key, id, data, random)
		}
		p.finish(key, sum, missing, "oss://"+bucket+"/"+key, "--upload-id", id, "--file", path, "--yes")
	}
	t.Logf("18 uploads were finished: 6 in parts of one odd size with gaps, 12 in parts that each had a size of their own, from 102 400 bytes up, half of them with a hole in the middle")
}

// withGaps sends parts of one size but for some in the middle, and returns the numbers of those. The first and the last are sent, so
// that where the parts lie is certain.
func (r raw) withGaps(key, id string, data []byte, partSize int, random *rand.Rand) (missing []int) {
	count := (len(data) + partSize - 1) / partSize
	for n := 1; n <= count; n++ {
		if n > 1 && n < count && random.IntN(2) == 0 {
			missing = append(missing, n)
			continue
		}
		r.part(key, id, n, data[(n-1)*partSize:min(n*partSize, len(data))])
	}
	return missing
}

// withHole sends parts that each have a size of their own, but for one to three in the middle.
func (r raw) withHole(key, id string, data []byte, random *rand.Rand) (missing []int) {
	from, gone := 3+random.IntN(3), 1+random.IntN(3)
	for n, offset := 1, 0; offset < len(data); n++ {
		end := min(offset+102_400+random.IntN(102_400), len(data))
		if n >= from && n < from+gone {
			missing = append(missing, n)
		} else {
			r.part(key, id, n, data[offset:end])
		}
		offset = end
	}
	return missing
}

// withoutEnd sends parts that each have a size of their own. What follows them is sent in parts of a size that the program chooses:
// the returned numbers are those that the rest takes in parts as large as the first.
func (r raw) withoutEnd(key, id string, data []byte, random *rand.Rand) (missing []int) {
	first, offset, n := 0, 0, 1
	for ; n <= 5; n++ {
		size := 102_400 + random.IntN(102_400)
		if n == 1 {
			first = size
		}
		r.part(key, id, n, data[offset:offset+size])
		offset += size
	}
	for ; offset < len(data); offset += first {
		missing = append(missing, n)
		n++
	}
	return missing
}

// A server by other authors, which speaks S3, holds what was sent to it by plain requests; the program goes on against that server.
func TestFinishesAgainstAServerOfOthers(t *testing.T) {
	const parts, partSize = 17, 102_400 + 4321
	p := newProduct(t)
	backend := s3mem.New()
	if err := backend.CreateBucket(bucket); err != nil {
		t.Fatal(err)
	}
	server := gofakes3.New(backend, gofakes3.WithoutVersioning()).Server()
	var mu sync.Mutex
	var sent []string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := r.URL.Query().Get("partNumber"); n != "" {
			mu.Lock()
			sent = append(sent, fmt.Sprintf("%02s", n))
			mu.Unlock()
		}
		server.ServeHTTP(w, r)
	}))
	t.Cleanup(web.Close)
	path, sum := p.file("elsewhere", parts*partSize-1000)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin := raw{t: t, endpoint: web.URL} // it looks at no signature
	id := begin.begin("dir/elsewhere.bin")
	missing := begin.withGaps("dir/elsewhere.bin", id, data, partSize, rand.New(rand.NewPCG(7, 7)))
	sent = nil
	p.env = append(slices.Clone(p.env), "OSS_ENDPOINT="+web.URL)
	p.run("resume", "oss://"+bucket+"/dir/elsewhere.bin", "--upload-id", id, "--file", path, "--yes")
	var want []string
	for _, n := range missing {
		want = append(want, fmt.Sprintf("%02d", n))
	}
	if slices.Sort(sent); !slices.Equal(sent, want) {
		t.Errorf("parts %v were sent, and %v were missing", sent, want)
	}
	object, err := backend.GetObject(bucket, "dir/elsewhere.bin", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer object.Contents.Close()
	stored, err := io.ReadAll(object.Contents)
	if err != nil || sha256.Sum256(stored) != sum {
		t.Errorf("the object has %d bytes that are not the file's %d: %v", len(stored), len(data), err)
	}
	t.Logf("gofakes3: %d of %d parts were there, %d were sent", parts-len(missing), parts, len(missing))
}
