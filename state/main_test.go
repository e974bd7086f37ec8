package state

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"partway/model"
)

// childMode, in the environment, makes the test binary one of the processes of process_test.go.
const childMode = "PARTWAY_STATE_TEST_CHILD"

func TestMain(m *testing.M) {
	if mode := os.Getenv(childMode); mode != "" {
		os.Exit(child(mode, os.Args[1:]))
	}
	goleak.VerifyTestMain(m)
}

var epoch = time.Date(2026, 3, 4, 5, 6, 7, 89, time.UTC)

func open(t testing.TB, dir string, change ...func(*Options)) *Store {
	t.Helper()
	options := Options{Dir: dir, Sync: time.Millisecond}
	for _, c := range change {
		c(&options)
	}
	s, err := Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func withFS(fs FS) func(*Options) { return func(o *Options) { o.FS = fs } }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func intent(key string) model.Record {
	return model.Record{Kind: model.RecordIntent, At: epoch, V: model.JournalVersion, Intent: &model.Intent{
		Place: model.Place{Profile: "p", Endpoint: "oss-cn-hangzhou.aliyuncs.com", Region: "cn-hangzhou", Bucket: "bucket"}, Key: key,
		Source: model.Fingerprint{Path: "/data/a b", Device: 7, Inode: 99, Size: 300 * model.MiB, ModTime: epoch},
		Plan:   model.Plan{Size: 300 * model.MiB, PartSize: model.MiB},
		Write:  model.WriteOptions{Metadata: map[string]string{"a": "<b>&"}},
	}}
}

func initiated(id string) model.Record {
	return model.Record{Kind: model.RecordInitiated, At: epoch, UploadID: id}
}

func kind(k model.RecordKind) model.Record { return model.Record{Kind: k, At: epoch} }

func part(n int) model.Record {
	return model.Record{Kind: model.RecordPart, At: epoch.Add(time.Duration(n) * time.Second), Part: &model.PartRecord{
		Number: n, Offset: int64(n-1) * model.MiB, Size: model.MiB, ETag: fmt.Sprintf("%032X", n*7919), CRC64: uint64(n) * 0x9e3779b97f4a7c15, HasCRC64: true}}
}

// story is the journal of an upload of that many parts.
func story(parts int) []model.Record {
	records := []model.Record{intent("key"), kind(model.RecordInitiating), initiated("0004B9894A22E5B1888A1E29F8236E2D")}
	for n := 1; n <= parts; n++ {
		records = append(records, part(n))
		switch n {
		case parts / 3:
			records = append(records, model.Record{Kind: model.RecordParked, At: epoch, Problem: &model.Problem{Class: model.ProblemTemporary, What: "part 7", Why: "网络 down"}})
		case parts / 2:
			records = append(records, kind(model.RecordResumed))
		}
	}
	return append(records, kind(model.RecordCompleting))
}

func encode(t testing.TB, records ...model.Record) []byte {
	t.Helper()
	var all []byte
	for _, r := range records {
		text, err := encodeLine(r)
		must(t, err)
		all = append(all, text...)
	}
	return all
}

// plant writes a journal as a file.
func plant(t testing.TB, s *Store, id model.JobID, data []byte) {
	t.Helper()
	must(t, os.WriteFile(s.path(id), data, 0o600))
}

func load(t testing.TB, s *Store) (map[model.JobID]model.SavedJob, []model.Damage) {
	t.Helper()
	list, damages, err := s.Load()
	must(t, err)
	jobs := map[model.JobID]model.SavedJob{}
	for _, job := range list {
		jobs[job.ID] = job
	}
	return jobs, damages
}

func replay(t testing.TB, id model.JobID, records ...model.Record) model.SavedJob {
	t.Helper()
	job, err := model.Replay(id, records)
	must(t, err)
	return job
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// files lists the names in the folder of journals.
func files(t testing.TB, s *Store) string {
	t.Helper()
	entries, err := os.ReadDir(s.uploads)
	must(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// eventually waits for a condition that other goroutines or processes bring about.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
		time.Sleep(time.Millisecond)
	}
}

func modes(t testing.TB, dir string) {
	t.Helper()
	must(t, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		want := os.FileMode(0o600)
		if err == nil && info.IsDir() {
			want = 0o700
		}
		if err == nil && info.Mode().Perm() != want {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
		return err
	}))
}
