package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"partway/model"
	"partway/ossapi/emulator"
	"partway/transfer"
	"partway/tui"
)

// aSearch is a machine with a bucket, a folder, and the finder of its screens.
type aSearch struct {
	t      *testing.T
	s      *session
	server *emulator.Server
	find   *finder
	dir    string
}

func newSearch(t *testing.T) *aSearch {
	s, server := aMachine(t)
	dir := t.TempDir()
	s.app.env.Dir = dir
	return &aSearch{t: t, s: s, server: server, find: &finder{disk: s.app.newFiles(), places: &places{session: s}}, dir: dir}
}

// noise makes a file of bytes that hang on the seed alone.
func (a *aSearch) noise(name string, seed uint64, size int) string {
	a.t.Helper()
	var key [32]byte
	key[0] = byte(seed)
	content := make([]byte, size)
	_, _ = rand.NewChaCha8(key).Read(content)
	path := filepath.Join(a.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, content, 0o600)); err != nil {
		a.t.Fatal(err)
	}
	return path
}

// upload begins an upload of a file without its second part, as another tool would.
func (a *aSearch) upload(bucket, key, path string) model.Ref {
	a.t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		a.t.Fatal(err)
	}
	const size = 100 << 10
	seed := emulator.Seed{Bucket: bucket, Key: key}
	for n := 1; (n-1)*size < len(content); n++ {
		if n != 2 {
			seed.Parts = append(seed.Parts, emulator.SeedPart{Number: n, Body: bytes.NewReader(content[(n-1)*size : min(n*size, len(content))])})
		}
	}
	id, err := a.server.SeedUpload(seed)
	if err != nil {
		a.t.Fatal(err)
	}
	return model.Ref{Bucket: bucket, Key: key, UploadID: id}
}

func (a *aSearch) parts(ref model.Ref) []model.Part {
	a.t.Helper()
	place := a.s.place
	place.Bucket = ref.Bucket
	store, err := a.s.open(a.t.Context(), place)
	if err != nil {
		a.t.Fatal(err)
	}
	list, err := transfer.ListParts(a.t.Context(), store, ref, transfer.Policy{})
	if err != nil {
		a.t.Fatal(err)
	}
	return list.Parts
}

// checkpoint writes what a tool keeps of an upload into a folder.
func (a *aSearch) checkpoint(tool, folder, path string, ref model.Ref) string {
	a.t.Helper()
	name, content := hexMD5(path)+"-"+hexMD5("oss://"+ref.Bucket+"/"+ref.Key)+".cp", fmt.Sprintf(ossutilCheckpoint, path, ref.Key, ref.UploadID)
	if tool != "ossutil" {
		name, content = hexMD5(path)+hexMD5(ref.UploadID)+".ucp", fmt.Sprintf(sdkCheckpoint, path, "oss://"+ref.Bucket+"/"+ref.Key, ref.UploadID)
	}
	name = filepath.Join(folder, name)
	if err := errors.Join(os.MkdirAll(folder, 0o700), os.WriteFile(name, []byte(content), 0o600)); err != nil {
		a.t.Fatal(err)
	}
	return name
}

func TestFinderSearches(t *testing.T) {
	a := newSearch(t)
	path := a.noise("deep/er/renamed.bin", 1, 500_000)
	a.noise("other.bin", 2, 500_000)
	a.noise("small.bin", 3, 9)
	a.noise("named/f.bin", 4, 500_000)
	ref := a.upload("first", "dir/f.bin", path)
	search := tui.Search{Folder: a.dir, Key: ref.Key, Parts: a.parts(ref)}
	var steps []tui.Searched
	end, err := a.find.Search(t.Context(), search, func(now tui.Searched) { steps = append(steps, now) })
	if err != nil || len(end.Found) != 1 || end.Found[0].Path != path || end.Found[0].File.Size != 500_000 || end.Found[0].File.Name != "renamed.bin" {
		t.Fatalf("%v, found %+v", err, end)
	}
	if end.Looked != 4 || end.Large != 3 || end.Read != 3 || end.Unread != 0 || end.Failed != 0 {
		t.Errorf("%+v", end)
	}
	if len(steps) < 7 { // four files, and three that were read
		t.Errorf("only %d steps are told", len(steps))
	}
	// Files of the key's name come first, and where one of them is it no other is read.
	a.noise("copy/f.bin", 1, 500_000)
	end, err = a.find.Search(t.Context(), search, func(tui.Searched) {})
	if err != nil || len(end.Found) != 1 || end.Found[0].Path != filepath.Join(a.dir, "copy", "f.bin") || end.Read != 2 {
		t.Errorf("%v, found %+v", err, end)
	}
	none, err := a.find.Search(t.Context(), tui.Search{Folder: filepath.Join(a.dir, "named"), Key: ref.Key, Parts: search.Parts}, func(tui.Searched) {})
	if err != nil || len(none.Found) != 0 || none.Looked != 1 || none.Large != 1 || none.Read != 1 {
		t.Errorf("%v, %+v", err, none)
	}
	if _, err := a.find.Search(t.Context(), tui.Search{Folder: filepath.Join(a.dir, "nowhere"), Key: "k", Parts: search.Parts}, func(tui.Searched) {}); err == nil {
		t.Error("a folder that is not there is searched")
	}
	silent := []model.Part{{Number: 1, Size: 100 << 10, ETag: "no sum"}}
	if _, err := a.find.Search(t.Context(), tui.Search{Folder: a.dir, Key: "k", Parts: silent}, func(tui.Searched) {}); !errors.Is(err, transfer.ErrNoSum) {
		t.Errorf("parts without a sum: %v", err)
	}
}

func TestFinderSearchStops(t *testing.T) {
	a := newSearch(t)
	for i := range 50 {
		a.noise(fmt.Sprintf("%02d/f.bin", i), uint64(i), 200<<10)
	}
	parts := a.parts(a.upload("first", "f.bin", filepath.Join(a.dir, "49", "f.bin")))
	ctx, cancel := context.WithCancel(t.Context())
	told := 0
	_, err := a.find.Search(ctx, tui.Search{Folder: a.dir, Key: "f.bin", Parts: parts}, func(tui.Searched) {
		if told++; told == 10 {
			cancel()
		}
	})
	if waited := a.find.disk.Wait(t.Context()); !errors.Is(err, context.Canceled) || waited != nil || told > 11 {
		t.Errorf("%v, %v, %d steps", err, waited, told)
	}
}

func TestFinderKeepsTheSmallestOfMany(t *testing.T) {
	a := newSearch(t)
	for i := range 5 * maxCandidates {
		path := filepath.Join(a.dir, fmt.Sprintf("%04d", i))
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, int64(1<<20-i))); err != nil {
			t.Fatal(err)
		}
	}
	list := []model.Part{{Number: 1, Size: 100 << 10, ETag: strings.Repeat("0", 32)}}
	end, err := a.find.Search(t.Context(), tui.Search{Folder: a.dir, Key: "k", Parts: list}, func(tui.Searched) {})
	if err != nil || end.Large != 5*maxCandidates || end.Read != maxCandidates || end.Unread != 4*maxCandidates {
		t.Errorf("%v, %d could be it, %d were read, %d not", err, end.Large, end.Read, end.Unread)
	}
}

func TestFinderNamesTheFileOfACheckpoint(t *testing.T) {
	a := newSearch(t)
	work, home := filepath.Join(a.dir, "work"), filepath.Join(a.dir, "home")
	path := a.noise("data/f.bin", 1, 300_000)
	ref := a.upload("first", "f.bin", path)
	twin := a.upload("first", "f.bin", path)
	folders := []string{work, home, filepath.Join(a.dir, "nowhere")}
	named := func(ref model.Ref) tui.NamedFile {
		t.Helper()
		n, err := a.find.Named(t.Context(), ref, folders)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	a.checkpoint("ossutil", work, filepath.Join(a.dir, "data/other"), model.Ref{Bucket: "second", Key: "f.bin", UploadID: ref.UploadID})
	a.checkpoint("sdk", work, filepath.Join(a.dir, "data/other"), model.Ref{Bucket: "first", Key: "g.bin", UploadID: ref.UploadID})
	a.checkpoint("ossutil", filepath.Join(home, ossutilFolder), path, twin)
	if n := named(ref); n != (tui.NamedFile{}) {
		t.Errorf("a checkpoint of another upload names %+v", n)
	}
	a.checkpoint("sdk", work, filepath.Join(a.dir, "data/gone"), ref)
	if n := named(ref); n.Tool != toolSDK || n.Path != filepath.Join(a.dir, "data/gone") || n.Missing == "" {
		t.Errorf("a file that is not there: %+v", n)
	}
	if err := os.Symlink(path, filepath.Join(a.dir, "data", "link")); err != nil {
		t.Fatal(err)
	}
	a.checkpoint("sdk", home, filepath.Join(a.dir, "data", "link"), ref) // one whose file is there is preferred
	for r, tool := range map[model.Ref]string{ref: toolSDK, twin: toolOssutil1} {
		if n := named(r); n != (tui.NamedFile{Tool: tool, Path: path}) {
			t.Errorf("%s: %+v", tool, n)
		}
	}
}

func TestFinderReadsCheckpoints(t *testing.T) {
	a := newSearch(t)
	work := filepath.Join(a.dir, "work")
	path := a.noise("f.bin", 1, 300_000)
	mine, other := a.upload("first", "a/f.bin", path), a.upload("third", "b/f.bin", path)
	a.checkpoint("ossutil", filepath.Join(work, ossutilFolder), path, mine)
	a.checkpoint("sdk", work, path, other)
	left := map[string]string{
		a.checkpoint("sdk", work, filepath.Join(a.dir, "gone"), a.upload("first", "c", path)):          "no such file",
		a.checkpoint("sdk", work, path, model.Ref{Bucket: "first", Key: "a/f.bin", UploadID: "0"}):     "does not exist any more",
		a.checkpoint("ossutil", work, path, model.Ref{Bucket: "second", Key: "x", UploadID: "1"}):      "it is of another bucket than oss://first",
		a.checkpoint("sdk", filepath.Join(work, ossutilFolder), path, other):                           "it is of the same upload as " + work,
		a.checkpoint("sdk", work, path, model.Ref{Bucket: "not-there", Key: "a/f.bin", UploadID: "2"}): "not-there",
		filepath.Join(work, "broken.ucp"): "it is damaged",
	}
	if err := os.WriteFile(filepath.Join(work, "broken.ucp"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := a.find.Checkpoints(t.Context(), a.s.place, []string{work})
	if err != nil || len(got.Offered) != 2 {
		t.Fatalf("%v, offered %+v\nleft %+v", err, got.Offered, got.Left)
	}
	for _, c := range got.Offered {
		want := map[string]model.Ref{toolOssutil1: mine, toolSDK: other}[c.Tool]
		if c.Parts.Ref != want || c.Path != path || c.File.Size != 300_000 || c.Place.Bucket != want.Bucket || len(c.Parts.Parts) != 2 {
			t.Errorf("offered %+v", c)
		}
	}
	for _, l := range got.Left {
		if want, known := left[l.Path]; !known || !strings.Contains(l.Why, want) {
			t.Errorf("left %s: %s, want %q", l.Path, l.Why, want)
		}
	}
	if len(got.Left) != len(left) {
		t.Errorf("left %+v", got.Left)
	}
	if got, err := a.find.Checkpoints(t.Context(), a.s.place, []string{a.dir, filepath.Join(a.dir, "nowhere")}); err != nil || len(got.Left) != 1 {
		t.Errorf("%v, %+v", err, got)
	}
	if _, err := a.find.Checkpoints(t.Context(), a.s.place, []string{filepath.Join(a.dir, "nowhere")}); err == nil {
		t.Error("a folder that is not there holds no checkpoint")
	}
}
