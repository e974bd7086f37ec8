package contender

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"partway/bench/rig"
	"partway/ossapi/emulator"
)

func newServer(t *testing.T) (*emulator.Server, string) {
	t.Helper()
	server, err := emulator.New(emulator.Options{Dir: t.TempDir(), Region: rig.Region})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(func() { _ = server.Close(); web.Close() })
	if err := server.CreateBucket(rig.Bucket); err != nil {
		t.Fatal(err)
	}
	return server, web.URL
}

func stored(t *testing.T, server *emulator.Server, key string) []byte {
	t.Helper()
	reader, _, err := server.OpenObject(rig.Bucket, key)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	data, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func playOnce(t *testing.T, role string, args any) error {
	t.Helper()
	document, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	return Roles()[role](t.Context(), document)
}

// TestWholeFile has every contender that sends a file send one whose last part is short, and compares what arrived.
func TestWholeFile(t *testing.T) {
	server, endpoint := newServer(t)
	const partSize = 128 << 10
	content := bytes.Repeat([]byte("0123456789abcde"), 25_000) // 375 000 bytes: three parts
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		role, key string
		args      any
		md5       bool
	}{
		{RoleBare, "bare", Bare{Endpoint: endpoint, Key: "bare", Path: path, PartSize: partSize, Connections: 2}, false},
		{RoleBare, "bare md5", Bare{Endpoint: endpoint, Key: "bare md5", Path: path, PartSize: partSize, Connections: 4, MD5: true}, true},
		{RoleUploader, "sdk", Uploader{Endpoint: endpoint, Key: "sdk", Path: path, PartSize: partSize, Parallel: 2}, false},
		{RoleUploader, "sdk cp", Uploader{Endpoint: endpoint, Key: "sdk cp", Path: path, PartSize: partSize, Parallel: 2, Checkpoint: t.TempDir()}, false},
	} {
		t.Run(test.key, func(t *testing.T) {
			if err := playOnce(t, test.role, test.args); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(stored(t, server, test.key), content) {
				t.Error("the object differs from the file")
			}
			if test.role != RoleBare {
				return // the SDK compares CRC-64 sums, and tries again after a pause
			}
			// A damaged part is noticed only where Content-MD5 is sent.
			server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, Effect: emulator.FlipByte{At: 5}})
			defer server.SetFaults(1)
			err := playOnce(t, test.role, test.args)
			if refused := err != nil && strings.Contains(err.Error(), "InvalidDigest"); refused != test.md5 {
				t.Errorf("a damaged part gives %v", err)
			}
		})
	}
}

func TestBareFailsWhenAPartIsRefused(t *testing.T) {
	server, endpoint := newServer(t)
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, make([]byte, 500<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	server.SetFaults(1, emulator.Fault{Op: emulator.OpUploadPart, PartNumber: 2, Effect: emulator.Answer{Status: 503}})
	err := playOnce(t, RoleBare, Bare{Endpoint: endpoint, Key: "k", Path: path, PartSize: 100 << 10, Connections: 2})
	if err == nil || !strings.Contains(err.Error(), "part 2") {
		t.Errorf("error %v, want one that names part 2", err)
	}
}

func TestPutFolder(t *testing.T) {
	server, endpoint := newServer(t)
	dir := t.TempDir()
	for i := range 20 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint("f", i)), []byte{byte(i)}, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := playOnce(t, RolePutFolder, PutFolder{Endpoint: endpoint, Prefix: "p/", Dir: dir, AtOnce: 8}); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if got := stored(t, server, fmt.Sprint("p/f", i)); !bytes.Equal(got, []byte{byte(i)}) {
			t.Errorf("object %d holds %v", i, got)
		}
	}
}

func TestListings(t *testing.T) {
	server, endpoint := newServer(t)
	var id string
	for i := range 1010 {
		seed := emulator.Seed{Bucket: rig.Bucket, Key: fmt.Sprint("k", i)}
		if i == 0 {
			for number := 1; number <= 1005; number++ {
				sum := md5.Sum([]byte{byte(number)})
				seed.Parts = append(seed.Parts, emulator.SeedPart{Number: number, Size: 100 << 10, ETag: hex.EncodeToString(sum[:])})
			}
		}
		got, err := server.SeedUpload(seed)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			id = got
		}
	}
	for _, test := range []struct {
		args Listings
		ok   bool
	}{
		{Listings{Endpoint: endpoint, Want: 1010}, true},
		{Listings{Endpoint: endpoint, Want: 1011}, false},
		{Listings{Endpoint: endpoint, Key: "k0", UploadID: id, Want: 1005}, true},
		{Listings{Endpoint: endpoint, Key: "k0", UploadID: id, Want: 1000}, false},
	} {
		if err := playOnce(t, RoleListings, test.args); (err == nil) != test.ok {
			t.Errorf("%+v gives %v", test.args, err)
		}
	}
}
