package emulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"partway/ossapi/emulator"
)

// A server with one unfinished upload that throttles the next request and then behaves.
func Example() {
	dir, err := os.MkdirTemp("", "oss-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	srv, err := emulator.New(emulator.Options{Dir: dir}) // no credentials: everybody may do everything
	if err != nil {
		panic(err)
	}
	web := httptest.NewServer(srv)
	defer web.Close()
	defer srv.Close()

	if err := srv.CreateBucket("bucket"); err != nil {
		panic(err)
	}
	seed := emulator.Seed{Bucket: "bucket", Key: "film.mp4", Parts: []emulator.SeedPart{{Number: 1, Size: 8 << 20}}}
	if _, err := srv.SeedUpload(seed); err != nil {
		panic(err)
	}
	faults, err := emulator.ParseScript(strings.NewReader(
		`{"op":"ListMultipartUploads","effect":"Answer","status":503,"header":{"Retry-After":"2"}}`))
	if err != nil {
		panic(err)
	}
	srv.SetFaults(1, faults...)

	for range 2 {
		res, err := http.Get(web.URL + "/bucket/?uploads")
		if err != nil {
			panic(err)
		}
		res.Body.Close()
		fmt.Printf("%d Retry-After=%q\n", res.StatusCode, res.Header.Get("Retry-After"))
	}
	for _, rq := range srv.Requests() {
		fmt.Println(rq.Op, rq.Status)
	}
	// Output:
	// 503 Retry-After="2"
	// 200 Retry-After=""
	// ListMultipartUploads 503
	// ListMultipartUploads 200
}
