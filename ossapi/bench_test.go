package ossapi

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
)

// discard is a server that costs the client as little as a server can: it
// reads each body with large reads into one buffer and answers at once.
func discard(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	var conns errgroup.Group
	conns.Go(func() error {
		for {
			conn, err := l.Accept()
			if err != nil {
				return nil
			}
			conns.Go(func() error { discardConn(conn); return nil })
		}
	})
	tb.Cleanup(func() { _ = l.Close(); _ = conns.Wait() })
	return "http://" + l.Addr().String()
}

func discardConn(conn net.Conn) {
	defer conn.Close()
	buf := make([]byte, 256<<10)
	kept := 0
	for {
		head := -1
		for head < 0 {
			n, err := conn.Read(buf[kept:])
			if err != nil {
				return
			}
			kept += n
			head = strings.Index(string(buf[:min(kept, 8<<10)]), "\r\n\r\n")
		}
		size := 0
		for line := range strings.SplitSeq(string(buf[:head]), "\r\n") {
			if value, ok := strings.CutPrefix(line, "Content-Length: "); ok {
				size, _ = strconv.Atoi(value)
			}
		}
		left := int64(size - (kept - head - 4))
		kept = 0
		for left > 0 {
			n, err := conn.Read(buf[:min(int64(len(buf)), left)])
			if err != nil {
				return
			}
			left -= int64(n)
		}
		if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nETag: \"X\"\r\nContent-Length: 0\r\n\r\n"); err != nil {
			return
		}
	}
}

// benchFile makes a sparse file to send parts of.
func benchFile(b *testing.B, size int64) *os.File {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "body"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	if err := f.Truncate(size); err != nil {
		b.Fatal(err)
	}
	return f
}

// BenchmarkUploadPart compares the client with a bare net/http PUT of the same
// bytes: 16 MiB parts, 4 at once.
func BenchmarkUploadPart(b *testing.B) {
	const parts = 4
	for _, size := range []int64{1 << 20, 16 << 20} {
		file := benchFile(b, size)
		run := func(b *testing.B, send func() error) {
			b.SetBytes(size * parts)
			b.ReportAllocs()
			for b.Loop() {
				var all errgroup.Group
				for range parts {
					all.Go(send)
				}
				if err := all.Wait(); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.Run(fmt.Sprintf("bare/%dMiB", size>>20), func(b *testing.B) {
			url := discard(b)
			transport := &http.Transport{MaxIdleConnsPerHost: parts}
			defer transport.CloseIdleConnections()
			run(b, func() error {
				req, err := http.NewRequestWithContext(b.Context(), http.MethodPut, url, io.NewSectionReader(file, 0, size))
				if err != nil {
					return err
				}
				req.ContentLength = size
				resp, err := transport.RoundTrip(req)
				if err != nil {
					return err
				}
				return resp.Body.Close()
			})
		})
		b.Run(fmt.Sprintf("client/%dMiB", size>>20), func(b *testing.B) {
			c, err := New(Options{Endpoint: discard(b), AllowHTTP: true, Region: "cn-hangzhou", Credentials: StaticCredentials("id", "secret", "")})
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			run(b, func() error {
				_, err := c.UploadPart(b.Context(), UploadPartRequest{
					Upload: Upload{Bucket: "bucket", Key: "key", UploadID: "id"}, PartNumber: 1,
					Body: io.NewSectionReader(file, 0, size), Size: size,
				})
				return err
			})
		})
	}
}
