package transfer_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"partway/model"
	"partway/ossapi"
	"partway/ossapi/emulator"
	"partway/state"
	"partway/transfer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const bucket = "tests"

// world is an OSS on a socket, a client of it and a place for journals.
type world struct {
	t        *testing.T
	server   *emulator.Server
	client   *ossapi.Client
	place    model.Place
	stateDir string
	policy   transfer.Policy
	limits   model.Limits
	view     transfer.View
	shows    bool // the engine lists the jobs of earlier runs from the start, as screens want it
	refresh  func(context.Context, model.Place) error
	now      func() time.Time
	// store and keep, if set, stand between the engine and the client and its journals.
	store func(transfer.Store) transfer.Store
	keep  func(transfer.Journal) transfer.Journal
	// openFile, if set, takes the place of the disk.
	openFile func(string) (transfer.Source, error)
	busy     *atomic.Int64 // requests that the server is at work on; nil: it is not ours
}

// quiet waits until the server is at work on nothing: a request that was cut is over for the client at once, and not for the server.
func (w *world) quiet() {
	w.t.Helper()
	end, tick := time.After(60*time.Second), time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for w.busy != nil && w.busy.Load() > 0 {
		select {
		case <-tick.C:
		case <-end:
			w.t.Fatal("the server is at work for ever")
		}
	}
}

// quick keeps waits short where a test goes through many; virtual time is used where the waits themselves are tested.
func quick() transfer.Policy {
	return transfer.Policy{Base: time.Millisecond, Cap: 20 * time.Millisecond, AbortWait: time.Millisecond, RetryAfterCap: 20 * time.Millisecond}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldWith(t, func(*ossapi.Options) {})
}

// newWorldWith lets a test change the client.
func newWorldWith(t *testing.T, change func(*ossapi.Options)) *world {
	t.Helper()
	server, err := emulator.New(emulator.Options{Dir: t.TempDir(), Credentials: map[string]string{"id": "secret"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.CreateBucket(bucket); err != nil {
		t.Fatal(err)
	}
	busy := &atomic.Int64{}
	listener := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		busy.Add(1)
		defer busy.Add(-1)
		server.ServeHTTP(rw, r)
	}))
	options := ossapi.Options{Region: "cn-hangzhou", Endpoint: listener.URL, AllowHTTP: true,
		Credentials: ossapi.StaticCredentials("id", "secret", ""), CompleteTimeout: 20 * time.Second}
	change(&options)
	client, err := ossapi.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		server.Close()
		listener.Close()
	})
	return &world{t: t, server: server, client: client, place: model.Place{Endpoint: listener.URL, Region: "cn-hangzhou", Bucket: bucket},
		stateDir: t.TempDir(), policy: quick(), busy: busy}
}

// engine starts an engine on the world's journals; it is closed with the test or by the caller before.
func (w *world) engine() *running {
	w.t.Helper()
	journal, err := state.Open(state.Options{Dir: w.stateDir, FS: unsynced{}})
	if err != nil {
		w.t.Fatal(err)
	}
	var store transfer.Store = w.client
	if w.store != nil {
		store = w.store(store)
	}
	var kept transfer.Journal = journal
	if w.keep != nil {
		kept = w.keep(journal)
	}
	engine, err := transfer.New(transfer.Options{
		Open:    func(context.Context, model.Place) (transfer.Store, error) { return store, nil },
		Refresh: w.refresh, Journal: kept, Policy: w.policy, Limits: w.limits, View: w.view, Now: w.now, OpenFile: w.openFile, ShowSaved: w.shows})
	if err != nil {
		w.t.Fatal(err)
	}
	r := &running{Engine: engine, t: w.t, journal: journal}
	w.t.Cleanup(r.close)
	return r
}

// unsynced is the disk without waiting for it: no test here is about a power failure.
type unsynced struct{ state.Disk }

func (unsynced) Sync(*os.File) error { return nil }

type running struct {
	*transfer.Engine
	t        *testing.T
	journal  *state.Store // nil: none is kept
	patience time.Duration
	closed   bool
}

func (r *running) close() {
	if r.closed {
		return
	}
	r.closed = true
	if err := r.Close(); err != nil {
		r.t.Errorf("close the engine: %v", err)
	}
	if r.journal == nil {
		return
	}
	if err := r.journal.Close(); err != nil {
		r.t.Errorf("close the journal: %v", err)
	}
}

func (r *running) do(command model.Command) {
	r.t.Helper()
	if err := r.Do(context.Background(), command); err != nil {
		r.t.Fatalf("%T: %v", command, err)
	}
}

// until waits for a snapshot that pleases; it fails the test if none comes for a long time.
func (r *running) until(what string, pleases func(*model.Snapshot) bool) *model.Snapshot {
	r.t.Helper()
	patience := r.patience
	if patience == 0 {
		patience = 60 * time.Second
	}
	deadline := time.After(patience)
	for {
		if s := r.Snapshot(); pleases(s) {
			return s
		}
		select {
		case <-r.Changed():
		case <-deadline:
			s := r.Snapshot()
			r.t.Fatalf("waited in vain for %s; jobs %+v; events %+v", what, s.Jobs, s.Events)
		}
	}
}

// settled waits until no job moves or waits any more.
func (r *running) settled() []model.Job {
	r.t.Helper()
	return r.until("all jobs to settle", func(s *model.Snapshot) bool {
		for _, j := range s.Jobs {
			if j.Status.Active() || j.Status == model.StatusQueued {
				return false
			}
		}
		return len(s.Jobs) > 0
	}).Jobs
}

// file writes size bytes that depend on seed alone.
func (w *world) file(name string, size int, seed uint64) string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), name)
	if err := os.WriteFile(path, content(size, seed), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

func content(size int, seed uint64) []byte {
	random := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)})
	data := make([]byte, size)
	random.Read(data)
	return data
}

func (w *world) put(path, key string, send model.SendOptions) model.Enqueue {
	return model.Enqueue{Files: []model.EnqueueFile{{Path: path, Place: w.place, Key: key, Send: send}}}
}

// wantObject compares the object with the file by SHA-256.
func (w *world) wantObject(key, path string) {
	w.t.Helper()
	local, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	w.wantBytes(key, local)
}

func (w *world) wantBytes(key string, local []byte) {
	w.t.Helper()
	object, _, err := w.server.OpenObject(bucket, key)
	if err != nil {
		w.t.Fatalf("object %s: %v", key, err)
	}
	defer object.Close()
	stored, err := io.ReadAll(object)
	if err != nil {
		w.t.Fatal(err)
	}
	if a, b := sha256.Sum256(stored), sha256.Sum256(local); !bytes.Equal(a[:], b[:]) {
		w.t.Fatalf("object %s has %d bytes that are not the file's %d", key, len(stored), len(local))
	}
}

func (w *world) wantNoObject(key string) {
	w.t.Helper()
	if object, _, err := w.server.OpenObject(bucket, key); err == nil {
		object.Close()
		w.t.Fatalf("there is an object %s", key)
	}
}

// sentParts lists the part numbers that reached the server, with how often.
func (w *world) sentParts() map[int]int {
	sent := map[int]int{}
	for _, r := range w.server.Requests() {
		if r.Op == emulator.OpUploadPart {
			sent[r.PartNumber]++
		}
	}
	return sent
}

func (w *world) count(op emulator.Op) int {
	n := 0
	for _, r := range w.server.Requests() {
		if r.Op == op {
			n++
		}
	}
	return n
}

// wantClean fails if an upload was left behind in the bucket or a journal on the disk.
func (w *world) wantClean(r *running) {
	w.t.Helper()
	if n := w.server.UploadCount(bucket); n != 0 {
		w.t.Errorf("%d uploads are left behind", n)
	}
	r.close()
	journal, err := state.Open(state.Options{Dir: w.stateDir, FS: unsynced{}})
	if err != nil {
		w.t.Fatal(err)
	}
	defer journal.Close()
	saved, damages, err := journal.Load()
	if err != nil || len(saved) != 0 || len(damages) != 0 {
		w.t.Errorf("journals are left: %+v, %+v, %v", saved, damages, err)
	}
}

// answered lists the part numbers that the server acknowledged, with how often.
func (w *world) answered() map[int]int {
	parts := map[int]int{}
	for _, r := range w.server.Requests() {
		if r.Op == emulator.OpUploadPart && r.Status == 200 {
			parts[r.PartNumber]++
		}
	}
	return parts
}

// parts is the options of a file that is sent in parts of the smallest legal size.
func parts(atOnce int) model.SendOptions {
	return model.SendOptions{PartSize: model.MinPartSize, Parts: atOnce}
}

// overwriting makes a put that replaces an object.
func overwriting(put model.Enqueue) model.Enqueue {
	put.Files[0].Write.IfExists = model.IfExistsOverwrite
	return put
}

// uploaded puts a file in parts and waits until the queue rests.
func (w *world) uploaded(path, key string) (*running, []model.Job) {
	w.t.Helper()
	e := w.engine()
	e.do(w.put(path, key, parts(4)))
	jobs := e.settled()
	w.quiet() // parts that were cut with a failing one would outlive an abort that waits as little as those here
	return e, jobs
}

func wantStatus(t *testing.T, jobs []model.Job, want model.Status) model.Job {
	t.Helper()
	j := jobs[len(jobs)-1]
	if j.Status != want {
		t.Fatalf("status %s, want %s; problem: %v", j.Status, want, j.Problem)
	}
	return j
}

// hold makes a request wait until release is closed.
func hold(release <-chan struct{}, calls *int) func(*http.Request) {
	return func(*http.Request) {
		*calls++
		<-release
	}
}
