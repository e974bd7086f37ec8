package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"partway/model"
	"partway/ossapi/emulator"
)

// demoBucket is the bucket of the demo, and the others are what is done with what.
const (
	demoBucket   = "demo-bucket"
	demoKey      = "vm/disk-image.raw"    // is sent, killed and resumed
	demoAdopt    = "papers/thesis.tar"    // lacks parts; the file is here
	demoComplete = "photos/2019.zip"      // has all its parts
	demoAbort    = "iso/debian-live.iso"  // nobody wants it any more
	demoPart     = 1 * model.MiB          // size of the parts that have bytes
	demoFileSize = 40*model.MiB + 123_456 // of the file that is sent: its last part is an odd one
)

// demoUpload is an unfinished upload to be found in the bucket. Its parts are zeros that take no room.
type demoUpload struct {
	key      string
	age      time.Duration // since its start
	idle     time.Duration // since its newest part
	parts    int
	partSize int64
	missing  []int
	class    string
}

// demoUploads are what lies around in a bucket after a year: other people's, other machines', forgotten ones.
func demoUploads() []demoUpload {
	const day = 24 * time.Hour
	return []demoUpload{
		{key: "backup/2025-12/mysql-full.xbstream", age: 40 * day, idle: 39 * day, parts: 240, partSize: 128 * model.MiB},
		{key: "video/raw/b-roll-07.mov", age: 3 * day, idle: 2 * day, parts: 180, partSize: 16 * model.MiB, missing: []int{17, 93, 94}},
		{key: "影像/2026春节/全家福.mov", age: 12 * day, idle: 12 * day, parts: 75, partSize: 32 * model.MiB},
		{key: "数据库/订单-2026-11.dump", age: 2 * day, idle: 20 * time.Minute, parts: 120, partSize: 64 * model.MiB, missing: []int{3}},
		{key: "vm/web-2211.qcow2", age: 5 * time.Hour, idle: 3 * time.Minute, parts: 60, partSize: 64 * model.MiB},
		{key: "logs/2026/11/app.log.gz", age: 9 * day, idle: 9 * day},
		{key: demoAbort, age: 214 * day, idle: 214 * day, parts: 30, partSize: 128 * model.MiB},
		{key: "releases/partway-1.2.tar.gz", age: 33 * day, idle: 33 * day, parts: 4, partSize: 8 * model.MiB},
		{key: "releases/partway-1.2.tar.gz", age: 32 * day, idle: 32 * day, parts: 7, partSize: 8 * model.MiB},
		{key: "tmp/too-small.bin", age: 60 * day, idle: 60 * day, parts: 5, partSize: 64 * model.KiB},
		{key: "ml/checkpoints/epoch-40.pt", age: 36 * time.Hour, idle: 30 * time.Hour, parts: 90, partSize: 128 * model.MiB, class: "IA"},
	}
}

// demoWorld is an OSS server with a believable bucket, local files that belong to some of its uploads, and the environment of a
// user of it. Whatever shows the program to somebody can be run in it.
type demoWorld struct {
	dir      string // of everything
	files    string // local files: the working folder
	home     string
	endpoint string
	server   *emulator.Server

	environment map[string]string
	web         *http.Server
	ended       chan error
}

// newDemoWorld builds the world in an empty folder and starts its server. Close it.
func newDemoWorld(ctx context.Context, dir string, now time.Time) (*demoWorld, error) {
	w := &demoWorld{dir: dir, files: filepath.Join(dir, "files"), home: filepath.Join(dir, "home"), ended: make(chan error, 1)}
	for _, folder := range []string{w.files, w.home} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
	}
	// Made up for this run; the server is gone with it.
	secret := hex.EncodeToString(fmt.Appendf(nil, "%016x", rand.Uint64()))
	var err error
	w.server, err = emulator.New(emulator.Options{Dir: filepath.Join(dir, "server"), Credentials: map[string]string{"demo": secret}})
	if err != nil {
		return nil, fmt.Errorf("start the demo's server: %w", err)
	}
	if err := w.seed(now); err != nil {
		return nil, errors.Join(err, w.server.Close())
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, w.server.Close())
	}
	w.endpoint = "http://" + listener.Addr().String()
	w.environment = map[string]string{"OSS_ENDPOINT": w.endpoint, "OSS_REGION": "cn-hangzhou", "OSS_ACCESS_KEY_ID": "demo",
		"OSS_ACCESS_KEY_SECRET": secret, "PARTWAY_STATE": filepath.Join(dir, "state"), "HOME": w.home, "LANG": "C.UTF-8"}
	w.web = &http.Server{Handler: w.server, ReadHeaderTimeout: 30 * time.Second}
	go func() { w.ended <- w.web.Serve(listener) }()
	return w, nil
}

// Close ends the server. The folder stays for whoever made it.
func (w *demoWorld) Close() error {
	err := errors.Join(w.server.Close(), w.web.Close())
	<-w.ended
	return err
}

func (w *demoWorld) getenv(name string) string { return w.environment[name] }

func (w *demoWorld) seed(now time.Time) error {
	if err := w.server.CreateBucket(demoBucket); err != nil {
		return err
	}
	for _, u := range demoUploads() {
		if _, err := w.server.SeedUpload(u.at(now)); err != nil {
			return fmt.Errorf("seed %s: %w", u.key, err)
		}
	}
	if _, err := w.file("disk-image.raw", demoFileSize); err != nil {
		return err
	}
	thesis, err := w.file("thesis.tar", 12*demoPart-5_000)
	if err != nil {
		return err
	}
	photos, err := w.file("2019.zip", 6*demoPart)
	if err != nil {
		return err
	}
	if err := w.seedFromFile(demoAdopt, thesis, now.Add(-50*time.Hour), 6, 7, 10, 11, 12); err != nil {
		return err
	}
	return w.seedFromFile(demoComplete, photos, now.Add(-26*time.Hour))
}

// at is the upload as the server is given it, at a time.
func (u demoUpload) at(now time.Time) emulator.Seed {
	seed := emulator.Seed{Bucket: demoBucket, Key: u.key, Initiated: now.Add(-u.age), StorageClass: u.class}
	gone := map[int]bool{}
	for _, n := range u.missing {
		gone[n] = true
	}
	for n := 1; n <= u.parts; n++ {
		if gone[n] {
			continue
		}
		// Spread from the start to the newest.
		modified := now.Add(-u.age + (u.age-u.idle)*time.Duration(n)/time.Duration(u.parts))
		seed.Parts = append(seed.Parts, emulator.SeedPart{Number: n, Size: u.partSize, Modified: modified})
	}
	return seed
}

// seedFromFile puts an upload of real bytes into the bucket, without the parts that are named as missing.
func (w *demoWorld) seedFromFile(key string, content []byte, at time.Time, missing ...int) error {
	seed := emulator.Seed{Bucket: demoBucket, Key: key, Initiated: at}
	gone := map[int]bool{}
	for _, n := range missing {
		gone[n] = true
	}
	for n := 1; int64(n-1)*demoPart < int64(len(content)); n++ {
		part := content[int64(n-1)*demoPart : min(int64(n)*demoPart, int64(len(content)))]
		if !gone[n] {
			seed.Parts = append(seed.Parts, emulator.SeedPart{Number: n, Body: bytes.NewReader(part), Modified: at})
		}
	}
	_, err := w.server.SeedUpload(seed)
	return err
}

// file writes a local file of noise that is the same in every run.
func (w *demoWorld) file(name string, size int64) ([]byte, error) {
	content := make([]byte, size)
	var seed [32]byte
	copy(seed[:], name)
	_, _ = rand.NewChaCha8(seed).Read(content) // never fails
	return content, os.WriteFile(filepath.Join(w.files, name), content, 0o600)
}

// equal compares an object with a local file byte for byte, by SHA-256.
func (w *demoWorld) equal(key, name string) error {
	object, _, err := w.server.OpenObject(demoBucket, key)
	if err != nil {
		return err
	}
	defer object.Close()
	file, err := os.Open(filepath.Join(w.files, name))
	if err != nil {
		return err
	}
	defer file.Close()
	stored, err := sumOf(object)
	if err != nil {
		return err
	}
	local, err := sumOf(file)
	if err != nil {
		return err
	}
	if stored != local {
		return fmt.Errorf("the object %s has the SHA-256 %x and the file %s has %x", key, stored, name, local)
	}
	return nil
}

func sumOf(r io.Reader) (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// parts are the part numbers of a key that the server accepted in requests after the first skip.
func (w *demoWorld) parts(key string, skip int) map[int]int {
	accepted := map[int]int{}
	for i, r := range w.server.Requests() {
		if i >= skip && r.Op == emulator.OpUploadPart && r.Key == key && r.Status == http.StatusOK {
			accepted[r.PartNumber]++
		}
	}
	return accepted
}
