package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"partway/model"
)

func TestAppendLoadClaim(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "state")
	s := open(t, dir)
	records := story(30)
	for _, r := range records {
		must(t, s.Append("job", r))
	}
	want := replay(t, "job", records...)
	jobs, damages := load(t, s)
	same(t, "own job", jobs["job"], want)
	same(t, "damages", len(damages), 0)
	modes(t, dir)

	other := open(t, dir, func(o *Options) { o.PID, o.Host = os.Getppid(), "elsewhere" })
	jobs, damages = load(t, other)
	owned := want
	owned.Owner = &model.Owner{PID: os.Getpid(), Host: s.self.Host}
	same(t, "foreign job", jobs["job"], owned)
	same(t, "damages", len(damages), 0)
	for name, claim := range map[string]*Store{"another process": other, "the same": s} {
		_, err := claim.Claim("job")
		var refused *model.OwnedError
		if !errors.As(err, &refused) || refused.Owner != *owned.Owner || refused.Job != "job" {
			t.Fatalf("%s: %v", name, err)
		}
	}
	must(t, s.Release("job"))
	job, err := other.Claim("job")
	must(t, err)
	same(t, "claimed", job, want)
	must(t, other.Append("job", kind(model.RecordPaused)))
	must(t, other.Close())
	same(t, "files", files(t, s), "job.jsonl")
	jobs, _ = load(t, s)
	same(t, "after close", jobs["job"], replay(t, "job", append(records, kind(model.RecordPaused))...))
}

func TestAppendRefuses(t *testing.T) {
	s := open(t, t.TempDir())
	must(t, s.Append("there", intent("key")))
	must(t, s.Append("let-go", intent("key")))
	must(t, s.Release("let-go"))
	odd := intent("key")
	odd.Intent.Write.Metadata = map[string]string{"title": "\xd6\xd0"}
	next := intent("key")
	next.V = model.JournalVersion + 1
	for name, c := range map[string]struct {
		id   model.JobID
		r    model.Record
		want error
		text string
	}{
		"not claimed":      {"nobody", part(1), ErrNotClaimed, ""},
		"journal exists":   {"let-go", intent("key"), fs.ErrExist, ""},
		"id climbs":        {"../x", intent("key"), nil, "cannot be the id"},
		"id is empty":      {"", intent("key"), nil, "cannot be the id"},
		"unknown kind":     {"there", kind("perhaps"), nil, "unknown kind"},
		"impossible part":  {"there", part(0), nil, "cannot be"},
		"no upload id":     {"there", initiated(""), nil, "without an upload id"},
		"not UTF-8":        {"odd", odd, errLossy, ""},
		"newer version":    {"newer", next, nil, "version 2"},
		"intent in nobody": {"none", model.Record{Kind: model.RecordIntent}, nil, "intent"},
	} {
		err := s.Append(c.id, c.r)
		if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	same(t, "files", files(t, s), "let-go.jsonl there.jsonl there.owner")
	if _, err := s.Claim("nobody"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	for _, err := range []error{s.Release("nobody"), s.Forget("nobody", model.Finished{})} {
		if !errors.Is(err, ErrNotClaimed) {
			t.Error(err)
		}
	}
	must(t, s.Saving())
	must(t, s.Close())
	must(t, s.Close())
	if err := s.Append("there", part(1)); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	base := t.TempDir()
	at := func(name string) string { return filepath.Join(base, name) }
	must(t, os.Mkdir(at("real"), 0o700))
	must(t, os.Symlink(at("real"), at("link")))
	must(t, os.WriteFile(at("file"), nil, 0o600))
	must(t, os.Mkdir(at("open"), 0o700))
	must(t, os.Chmod(at("open"), 0o770))
	must(t, os.Mkdir(at("half"), 0o700))
	must(t, os.Symlink(at("real"), at("half/uploads")))
	cases := map[string]string{"": "no folder", at("link"): "symlink", at("file"): "state folder", at("open"): "chmod 700", at("half"): "symlink"}
	if os.Geteuid() == 0 {
		must(t, os.Mkdir(at("foreign"), 0o700))
		must(t, os.Chown(at("foreign"), 4321, 4321))
		cases[at("foreign")] = "belongs to user 4321"
	}
	for dir, want := range cases {
		if _, err := Open(Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", dir, err)
		}
	}
}

func TestDefaultDir(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"/own":                         {"PARTWAY_STATE": "/own", "XDG_STATE_HOME": "/xdg"},
		"/xdg/partway":                 {"XDG_STATE_HOME": "/xdg"},
		"/home/u/.local/state/partway": {"XDG_STATE_HOME": "relative"},
	} {
		same(t, "dir", DefaultDir(func(name string) string { return env[name] }, "/home/u"), want)
	}
}

// A key is foreign: what stands in the journal must not drive the terminal of whoever reads it, and must be read back as it was.
func TestLineIsPlain(t *testing.T) {
	keys := []string{"a\x1b]52;c;x\a", "a\u009b2J", "a\u202eb", "a\u200bb", "\U000e0041", "a\x7f", "\ufffd", `\ufffd`, `\\ufffd`, "a\nb", "<&>", "\u2028", "钥匙", "deadbeef {"}
	for _, key := range keys {
		line, err := encodeLine(intent(key))
		must(t, err)
		if i := strings.IndexFunc(string(line[:len(line)-1]), func(r rune) bool {
			return r < ' ' || r >= 0x7f && r <= 0x9f || r == 0x202e || r == 0x200b || r == 0x2028 || r >= 0xe0000
		}); i >= 0 {
			t.Errorf("%q: %q", key, line)
		}
		r := read("job", line)
		if len(r.records) != 1 || r.records[0].Intent.Key != key || r.damaged() {
			t.Errorf("%q read as %+v", key, r)
		}
	}
	for _, key := range []string{"\xff", `\` + "\xff", "a\xed\xa0\x80"} {
		if _, err := encodeLine(intent(key)); !errors.Is(err, errLossy) {
			t.Errorf("%q: %v", key, err)
		}
	}
}

// countFS counts syncs.
type countFS struct {
	Disk
	mu    sync.Mutex
	syncs int
	gate  chan struct{} // if not nil, a sync waits for it
}

func (c *countFS) Sync(f *os.File) error {
	c.mu.Lock()
	c.syncs++
	c.mu.Unlock()
	if c.gate != nil {
		<-c.gate
	}
	return c.Disk.Sync(f)
}

func (c *countFS) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.syncs
}

func TestGroupCommit(t *testing.T) {
	disk := &countFS{}
	s := open(t, t.TempDir(), withFS(disk), func(o *Options) { o.Sync = time.Hour })
	must(t, s.Append("job", intent("key")))
	must(t, s.Append("job", kind(model.RecordInitiating)))
	same(t, "syncs of the first durable record: the file, then its folder", disk.count(), 2)
	disk.gate = make(chan struct{})
	const writers = 16
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			if err := s.Append("job", kind(model.RecordPaused)); err != nil {
				t.Error(err)
			}
		})
	}
	j, err := s.held("job")
	must(t, err)
	eventually(t, "all have written", func() bool {
		j.mu.Lock()
		defer j.mu.Unlock()
		return j.seq == writers+2
	})
	close(disk.gate)
	group.Wait()
	if n := disk.count() - 2; n > 2 {
		t.Errorf("%d durable records of %d writers took %d syncs", writers, writers, n)
	}
}

func TestPartsReachTheDiskInTime(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		disk := &countFS{}
		s, err := Open(Options{Dir: dir, FS: disk})
		must(t, err)
		defer s.Close()
		must(t, s.Append("job", intent("key")))
		must(t, s.Append("job", initiated("id")))
		time.Sleep(10 * DefaultSync)
		for round := range 3 {
			before := disk.count()
			for n := range 50 {
				must(t, s.Append("job", part(n+1)))
			}
			same(t, "syncs at once", disk.count(), before)
			time.Sleep(DefaultSync)
			synctest.Wait()
			same(t, fmt.Sprintf("syncs within %v, round %d", DefaultSync, round), disk.count(), before+1)
			time.Sleep(DefaultSync * 3 / 2)
		}
		before := disk.count()
		time.Sleep(time.Hour)
		same(t, "syncs with nothing to do", disk.count(), before)
	})
}
