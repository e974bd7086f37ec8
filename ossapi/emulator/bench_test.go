package emulator

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// zeroReader is a request body that costs nothing to make.
type zeroReader struct{ left int64 }

func (z *zeroReader) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.left)
	z.left -= n
	return int(n), nil
}

func BenchmarkUploadPart(b *testing.B) {
	const size = 16 << 20
	for _, sink := range []bool{true, false} {
		b.Run(fmt.Sprintf("sink=%v", sink), func(b *testing.B) {
			s := benchServer(b, Options{Sink: sink})
			web := httptest.NewServer(s)
			defer web.Close()
			id, err := s.SeedUpload(Seed{Bucket: testBucket, Key: "k"})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				rq, err := http.NewRequest("PUT", web.URL+"/bucket/k?partNumber=1&uploadId="+id, &zeroReader{left: size})
				if err != nil {
					b.Fatal(err)
				}
				rq.ContentLength = size
				res, err := web.Client().Do(rq)
				if err != nil || res.StatusCode != http.StatusOK {
					b.Fatal(err, res)
				}
				res.Body.Close()
			}
		})
	}
}

func benchServer(b *testing.B, opt Options) *Server {
	b.Helper()
	opt.Dir = b.TempDir()
	s, err := New(opt)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.CreateBucket(testBucket); err != nil {
		b.Fatal(err)
	}
	return s
}

// serve does a request without a network.
func serve(b *testing.B, s *Server, method, target, body string) string {
	b.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body)))
	if w.Code >= 300 {
		b.Fatal(w.Code, w.Body)
	}
	return w.Body.String()
}

func BenchmarkListAPageOf20000Uploads(b *testing.B) {
	s := benchServer(b, Options{})
	for i := range 20_000 {
		if _, err := s.SeedUpload(Seed{Bucket: testBucket, Key: fmt.Sprintf("dir%d/k%d", i%100, i)}); err != nil {
			b.Fatal(err)
		}
	}
	for name, query := range map[string]string{"flat": "uploads&key-marker=dir50/", "delimiter": "uploads&delimiter=/"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				serve(b, s, "GET", "/bucket/?"+query, "")
			}
		})
	}
}

func BenchmarkInitiateAndAbort(b *testing.B) {
	s := benchServer(b, Options{})
	for b.Loop() {
		answer := serve(b, s, "POST", "/bucket/k?uploads", "")
		_, id, _ := strings.Cut(answer, "<UploadId>")
		serve(b, s, "DELETE", "/bucket/k?uploadId="+id[:32], "")
	}
}

func BenchmarkCompleteOf10000Parts(b *testing.B) {
	s := benchServer(b, Options{Sink: true})
	var parts []SeedPart
	for n := 1; n <= 10_000; n++ {
		parts = append(parts, SeedPart{Number: n, Size: 5 << 20})
	}
	for b.Loop() {
		b.StopTimer()
		id, err := s.SeedUpload(Seed{Bucket: testBucket, Key: "k", Parts: parts})
		if err != nil {
			b.Fatal(err)
		}
		u, err := s.store.upload(testBucket, "k", id, OpComplete)
		if err != nil {
			b.Fatal(err)
		}
		var list []any
		for _, p := range u.parts.items {
			list = append(list, p.number, p.etag)
		}
		b.StartTimer()
		serve(b, s, "POST", "/bucket/k?uploadId="+id, string(partList(list...)))
	}
}
