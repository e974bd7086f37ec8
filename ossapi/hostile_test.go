package ossapi

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

// TestStrangeAnswersOfSuccess: whatever an answer with a 2xx status holds, only
// the right one is a success.
func TestStrangeAnswersOfSuccess(t *testing.T) {
	errorDoc := `<?xml version="1.0"?><Error><Code>InternalError</Code><Message>at last</Message><RequestId>R</RequestId></Error>`
	for name, body := range map[string]string{
		"empty":          "",
		"blank":          " \n ",
		"error document": errorDoc,
		"html":           "<html><body>log in</body></html>",
		"unclosed":       "<CompleteMultipartUploadResult><ETag>",
		"text":           "OK",
		"entities":       `<!DOCTYPE x [<!ENTITY a "&b;&b;"><!ENTITY b "xxxx">]><ListPartsResult><StorageClass>&a;</StorageClass></ListPartsResult>`,
		"nul":            "<ListPartsResult>\x00</ListPartsResult>",
		"charset":        `<?xml version="1.0" encoding="utf-16"?><ListPartsResult/>`,
		"not UTF-8":      "<ListPartsResult><StorageClass>\xff</StorageClass></ListPartsResult>",
		"nested":         strings.Repeat("<ListPartsResult>", 100000),
		"two documents":  "<CompleteMultipartUploadResult/><Error/>",
		"error root":     "<Error>",
		"control":        "<\x1b]0;x\a/>",
	} {
		for _, status := range []int{200, 203} {
			c := answering(t, saying(status, body))
			for call, do := range everyCall(t, c) {
				t.Run(fmt.Sprint(name, status, call), func(t *testing.T) {
					e := wantKind(t, do(), KindOddAnswer)
					if e.Status != status {
						t.Errorf("status %d", e.Status)
					}
					hasBody := call != "head" && call != "part" && call != "put" && call != "abort"
					if name == "error document" && hasBody && (e.Code != "InternalError" || e.RequestID != "R") {
						t.Errorf("the document's code is lost: %+v", e)
					}
				})
			}
		}
	}
}

func TestEndlessAnswers(t *testing.T) {
	for _, status := range []int{200, 500} {
		c := answering(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<ListPartsResult><StorageClass>")
			block := strings.Repeat("x", 1<<20)
			for range 50 {
				if _, err := io.WriteString(w, block); err != nil {
					return
				}
			}
		})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := everyCall(t, c)["list parts"]()
		runtime.ReadMemStats(&after)
		if status == 200 {
			if e := wantKind(t, err, KindOddAnswer); !strings.Contains(e.Error(), "longer than 8 MiB") {
				t.Error(e)
			}
		} else {
			wantKind(t, err, KindTemporary)
		}
		if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 80 {
			t.Errorf("status %d: %d MiB allocated", status, used)
		}
	}
}

func TestMillionEmptyEntries(t *testing.T) {
	c := answering(t, saying(200, "<ListMultipartUploadsResult>"+strings.Repeat("<Upload/>", 900000)+"</ListMultipartUploadsResult>"))
	e := wantKind(t, everyCall(t, c)["list uploads"](), KindOddAnswer)
	if !strings.Contains(e.Error(), "more than 10000 Upload elements") {
		t.Error(e)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the redirect was followed")
	}))
	t.Cleanup(thief.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := answering(t, saying(status, "", "Location: "+thief.URL))
		for name, do := range everyCall(t, c) {
			if e := wantKind(t, do(), KindRequest); e.Status != status {
				t.Errorf("%s: %v", name, e)
			}
		}
	}
}

func TestCutAnswers(t *testing.T) {
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Length", "1000")
		w.Header().Set("ETag", `"E"`)
		_, _ = io.WriteString(w, "<ListPartsResult>")
		panic(http.ErrAbortHandler)
	})
	for name, do := range everyCall(t, c) {
		if name == "head" { // has no body that could be cut
			continue
		}
		wantKind(t, do(), KindTemporary)
	}
}

func TestLostConnections(t *testing.T) {
	c := answering(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for _, do := range everyCall(t, c) {
		wantKind(t, do(), KindTemporary)
	}
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for _, do := range everyCall(t, clientOf(t, closed.URL)) {
		if e := wantKind(t, do(), KindTemporary); !strings.Contains(e.Error(), "(host 127.0.0.1:") {
			t.Error(e)
		}
	}
}

func TestUntrustedCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	wantKind(t, clientOf(t, server.URL).Abort(t.Context(), testUpload), KindLocal)
	trusted := clientOf(t, server.URL, func(o *Options) {
		o.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	})
	wantKind(t, trusted.Abort(t.Context(), testUpload), KindRequest)
}

func TestBadNumbers(t *testing.T) {
	part := func(number, size, crc string) string {
		return "<ListPartsResult><Part><PartNumber>" + number + "</PartNumber><Size>" + size + "</Size><HashCrc64ecma>" + crc + "</HashCrc64ecma></Part></ListPartsResult>"
	}
	for _, body := range []string{
		part("0", "1", ""), part("-1", "1", ""), part("10001", "1", ""), part("1", "-1", ""), part("x", "1", ""),
		part("1", "99999999999999999999", ""), part("1", "1", "-1"), part("1", "1", "18446744073709551616"), part("1", "1", "abc"),
		"<ListPartsResult><IsTruncated>perhaps</IsTruncated></ListPartsResult>",
	} {
		wantKind(t, everyCall(t, answering(t, saying(200, body)))["list parts"](), KindOddAnswer)
	}
	c := answering(t, saying(200, "", `ETag: "E"`, "X-Oss-Hash-Crc64ecma: -1"))
	for _, name := range []string{"part", "put", "head"} {
		wantKind(t, everyCall(t, c)[name](), KindOddAnswer)
	}
}
