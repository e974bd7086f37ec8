package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"partway/bench/rig"
	"partway/ossapi/emulator"
)

// TestInterruptionsCanHappen: part numbers ascend within the file, some part arrives, and no more are swallowed than partway sends
// at once by itself less one, so that there is a connection left for the others.
func TestInterruptionsCanHappen(t *testing.T) {
	for _, cut := range interruptions() {
		ascending := slices.IsSorted(cut.missing) && len(slices.Compact(slices.Clone(cut.missing))) == len(cut.missing)
		if !ascending || cut.missing[0] < 1 || cut.missing[len(cut.missing)-1] > parts || len(cut.missing) > 31 {
			t.Errorf("%s: parts %v", cut.text, cut.missing)
		}
	}
}

func TestEvery(t *testing.T) {
	for _, test := range []struct {
		first, last, step int
		want              []int
	}{{2, 7, 2, []int{2, 4, 6}}, {3, 3, 1, []int{3}}, {4, 3, 1, nil}} {
		if got := every(test.first, test.last, test.step); !slices.Equal(got, test.want) {
			t.Errorf("every(%d, %d, %d) = %v, want %v", test.first, test.last, test.step, got, test.want)
		}
	}
}

func TestSentAgainSaysWhatWasThere(t *testing.T) {
	for _, test := range []struct {
		again sentAgain
		want  string
	}{
		{sentAgain{requests: 1, bytes: 256 << 10}, "1 part, 0.25 MiB"},
		{sentAgain{requests: 39, bytes: 39 * 256 << 10, finished: 38}, "39 parts, 9.75 MiB (38 were there)"},
	} {
		if got := test.again.String(); got != test.want {
			t.Errorf("%+v reads %q, want %q", test.again, got, test.want)
		}
	}
}

func TestEqualSeesASingleByte(t *testing.T) {
	server, err := emulator.New(emulator.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(func() { _ = server.Close(); web.Close() })
	content := bytes.Repeat([]byte("x"), 1000)
	if err := server.CreateBucket(rig.Bucket); err != nil {
		t.Fatal(err)
	}
	other := slices.Clone(content)
	other[999]++
	for key, body := range map[string][]byte{"same": content, "other": other, "short": content[:999]} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, web.URL+"/"+rig.Bucket+"/"+key, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]bool{"same": true, "other": false, "short": false} {
		if same, err := equal(t.Context(), web.URL, key, path); err != nil || same != want {
			t.Errorf("%s: %v, %v", key, same, err)
		}
	}
	if _, err := equal(t.Context(), web.URL, "missing", path); err == nil {
		t.Error("an object that is not there was compared")
	}
}
