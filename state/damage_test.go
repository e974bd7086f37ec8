package state

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"partway/model"
)

// A journal cut anywhere: every whole line is read, nothing else, and an ordinary crash is no damage.
func TestTruncatedAnywhere(t *testing.T) {
	records := story(300)
	data := encode(t, records...)
	s := open(t, t.TempDir(), withFS(&faultyFS{}))
	lines, start := 0, 0
	for at := range data {
		if at > 0 && data[at-1] == lineEnd {
			lines, start = lines+1, at
		}
		if !thorough && at%7 != 0 {
			continue
		}
		want := lines
		if data[at] == lineEnd { // whole but for its line feed
			want++
		}
		got := 0
		for _, e := range cut(data[:at]).entries {
			if e.payload != nil {
				got++
			}
		}
		if got != want {
			t.Fatalf("cut at %d: %d lines, want %d", at, got, want)
		}
		if at%389 != 0 && at-start > 1 && data[at] != lineEnd && lines > 2 && lines < 299 {
			continue // the rest goes through the disk
		}
		id := model.JobID(fmt.Sprintf("job%d", at))
		plant(t, s, id, data[:at])
		job, damage := s.look(id)
		if want == 0 {
			if job != nil || damage == nil || damage.Saved == "" {
				t.Fatalf("cut at %d: %+v, %+v", at, job, damage)
			}
			continue
		}
		same(t, fmt.Sprintf("cut at %d", at), *job, replay(t, id, records[:want]...))
		durable := want <= lines && records[lines].Durable() && legibleKind.Match(data[start:at])
		if (damage != nil) != durable {
			t.Fatalf("cut at %d, in %q: %+v", at, data[start:at], damage)
		}
		must(t, os.Remove(s.path(id)))
	}
}

// Every bit of a journal flipped: it is noticed, at most the record it is in is lost, and none has a wrong value.
func TestFlippedAnywhere(t *testing.T) {
	records := append(story(6), kind(model.RecordInitiating), initiated("another"), part(1))
	data := encode(t, records...)
	var whole []string
	for _, line := range bytes.SplitAfter(data, []byte{lineEnd}) {
		whole = append(whole, string(bytes.TrimSuffix(line, []byte{lineEnd})))
	}
	whole = whole[:len(whole)-1]
	for at := range data {
		for bit := range 8 {
			if !thorough && bit != at%8 {
				continue
			}
			data[at] ^= 1 << bit
			r := read("job", data)
			data[at] ^= 1 << bit
			line := bytes.Count(data[:at], []byte{lineEnd})
			lost := data[at] != lineEnd
			want := len(whole)
			if lost {
				want--
			}
			leftOut := 0
			if lost && line == len(whole)-2 { // the second upload id: whose parts follow cannot be told any more
				leftOut, want = 1, want-1
			}
			if !r.damaged() || len(r.raw) != want || (r.lost == 1) != lost || r.leftOut != leftOut {
				t.Fatalf("bit %d of byte %d: %d lines are left, %d lost, %d left out; damaged: %v", bit, at, len(r.raw), r.lost, r.leftOut, r.damaged())
			}
			for i, raw := range r.raw {
				if lost && i >= line {
					i++
				}
				if string(raw) != whole[i] {
					t.Fatalf("bit %d of byte %d: line %d is %q", bit, at, i, raw)
				}
			}
			if lost && !strings.Contains(r.text(), fmt.Sprintf("1 of the %d lines", len(whole))) {
				t.Fatal(r.text())
			}
		}
	}
}

func TestFlippedOnDisk(t *testing.T) {
	records := story(300)
	data := encode(t, records...)
	s := open(t, t.TempDir(), withFS(&faultyFS{}))
	for at := len(encode(t, records[0])); at < len(data); at += 211 {
		id := model.JobID(fmt.Sprintf("job%d", at))
		data[at] ^= 0x10
		plant(t, s, id, data)
		broken := bytes.Clone(data)
		data[at] ^= 0x10
		job, damage := s.look(id)
		line := bytes.Count(data[:at], []byte{lineEnd})
		left := append(append([]model.Record{}, records[:line]...), records[line+1:]...)
		if data[at] == lineEnd {
			left = records
		}
		same(t, fmt.Sprintf("byte %d", at), *job, replay(t, id, left...))
		saved, err := os.ReadFile(damage.Saved)
		must(t, err)
		if !bytes.Equal(saved, broken) {
			t.Fatalf("byte %d: the original was not kept", at)
		}
		clean, err := os.ReadFile(s.path(id))
		must(t, err)
		if !bytes.Equal(clean, encode(t, left...)) {
			t.Fatalf("byte %d: not mended", at)
		}
		if _, again := s.look(id); again != nil {
			t.Fatalf("byte %d: told twice", at)
		}
		must(t, os.Remove(s.path(id)))
		must(t, os.Remove(damage.Saved))
	}
}

// Parts of a second upload must not be taken for parts of the first when the line between them is lost.
func TestLostUploadID(t *testing.T) {
	records := []model.Record{intent("key"), kind(model.RecordInitiating), initiated("first"), part(1), part(2),
		kind(model.RecordInitiating), initiated("second"), part(1), kind(model.RecordPaused), kind(model.RecordCompleting)}
	spoil := func(lines ...int) *reading {
		list := bytes.SplitAfter(encode(t, records...), []byte{lineEnd})
		for _, n := range lines {
			for i := 12; i < 20; i++ { // in the kind
				list[n][i] = '~'
			}
		}
		return read("job", bytes.Join(list, nil))
	}
	for _, c := range []struct {
		lines   []int
		id      string
		parts   int
		leftOut int
	}{
		{nil, "second", 1, 0},
		{[]int{2}, "second", 1, 0},
		{[]int{4}, "second", 1, 0},
		{[]int{6}, "", 0, 2}, // what was being initiated is unknown, and the parts before are not in it
		{[]int{5, 6}, "first", 2, 2},
		{[]int{2, 6}, "", 0, 2},
		{[]int{7}, "second", 0, 0},
	} {
		r := spoil(c.lines...)
		job := replay(t, "job", r.records...)
		if job.UploadID != c.id || len(job.Parts) != c.parts || r.leftOut != c.leftOut || !job.Paused {
			t.Errorf("lines %v: upload %q, %d parts, %d left out; %s", c.lines, job.UploadID, len(job.Parts), r.leftOut, r.text())
		}
	}
	sector := bytes.Clone(encode(t, records...))
	from := bytes.Index(sector, []byte(`"off":1048576`))
	clear(sector[from : from+450]) // takes initiating and initiated of the second upload with it
	if job := replay(t, "job", read("job", sector).records...); job.UploadID != "first" || len(job.Parts) != 1 {
		t.Errorf("a lost sector: %+v", job)
	}
}

func TestHeadless(t *testing.T) {
	s := open(t, t.TempDir())
	data := encode(t, story(3)...)
	data[100] ^= 1
	plant(t, s, "job", data)
	jobs, damages := load(t, s)
	same(t, "jobs", len(jobs), 0)
	same(t, "damages", len(damages), 1)
	for _, want := range []string{"0004B9894A22E5B1888A1E29F8236E2D", `"key"`, "first line"} {
		if !strings.Contains(damages[0].Text, want) {
			t.Errorf("%q lacks %q", damages[0].Text, want)
		}
	}
	saved, err := os.ReadFile(damages[0].Saved)
	must(t, err)
	if !bytes.Equal(saved, data) {
		t.Error("the original was not kept")
	}
	same(t, "files", files(t, s), filepath.Base(damages[0].Saved))
	plant(t, s, "job", data)
	if _, err := s.Claim("job"); err == nil {
		t.Error("claimed")
	}
	_, damages = load(t, s)
	same(t, "damages found by Claim", len(damages), 1)
	if !strings.Contains(files(t, s), ".bad-") || strings.Contains(files(t, s), "job.jsonl ") {
		t.Error(files(t, s))
	}
}

func TestOddFiles(t *testing.T) {
	s := open(t, t.TempDir())
	plant(t, s, "good", encode(t, story(3)...))
	plant(t, s, "empty", nil)
	plant(t, s, "zeros", make([]byte, 5000))
	must(t, os.WriteFile(filepath.Join(s.uploads, "notes.txt"), []byte("hello"), 0o600))
	must(t, os.WriteFile(filepath.Join(s.uploads, "not an id.jsonl"), []byte("hello"), 0o600))
	must(t, os.Mkdir(s.path("directory"), 0o700))
	must(t, os.Symlink(s.path("good"), s.path("symlink")))
	plant(t, s, "unreadable", encode(t, story(3)...))
	must(t, os.Chmod(s.path("unreadable"), 0))
	large, err := os.Create(s.path("large"))
	must(t, err)
	must(t, large.Truncate(1<<40))
	must(t, large.Close())
	for round := range 2 {
		jobs, damages := load(t, s)
		if _, ok := jobs["good"]; !ok {
			t.Fatal("the good one is not loaded")
		}
		about := map[string]model.Damage{}
		for _, d := range damages {
			about[strings.TrimSuffix(filepath.Base(d.Path), journalSuffix)] = d
		}
		wants := map[string]string{"directory": "a directory", "symlink": "a symlink", "large": "more than 256 MiB"}
		if round == 0 {
			wants["empty"], wants["zeros"] = "is empty", "first line"
		}
		if os.Geteuid() != 0 {
			wants["unreadable"] = "permission denied"
		}
		same(t, "number of damages", len(about), len(wants))
		for name, want := range wants {
			if !strings.Contains(about[name].Text, want) {
				t.Errorf("%s: %q", name, about[name].Text)
			}
			if _, err := os.Lstat(s.path(model.JobID(name))); err != nil && about[name].Saved == "" {
				t.Errorf("%s is gone", name)
			}
		}
		for _, name := range []model.JobID{"directory", "symlink", "large"} {
			if _, err := s.Claim(name); err == nil {
				t.Errorf("%s was claimed", name)
			}
		}
	}
}

func TestNewerVersion(t *testing.T) {
	s := open(t, t.TempDir())
	newer := intent("key")
	newer.V = model.JournalVersion + 1
	data := encode(t, newer, initiated("id"), kind("from-the-future"), part(1))
	spoiled := bytes.Clone(data)
	spoiled[len(spoiled)-30] ^= 1
	strange, err := encodeLine(struct {
		V int    `json:"v"`
		K string `json:"k"`
		I string `json:"intent"`
	}{2, "intent", "in other words"})
	must(t, err)
	headless := bytes.Clone(data)
	headless[200] ^= 1
	for name, c := range map[model.JobID]struct {
		data    []byte
		job     bool
		damages int
	}{"whole": {data, true, 0}, "spoiled": {spoiled, true, 1}, "strange": {strange, false, 1}, "headless": {headless, false, 1}} {
		plant(t, s, name, c.data)
		jobs, damages := load(t, s)
		job, ok := jobs[name]
		if ok != c.job || ok && (!job.ReadOnly || job.UploadID != "id") || len(damages) != c.damages {
			t.Errorf("%s: %+v, %+v", name, job, damages)
		}
		if _, err := s.Claim(name); err == nil {
			t.Errorf("%s was claimed", name)
		}
		after, err := os.ReadFile(s.path(name))
		must(t, err)
		if !bytes.Equal(after, c.data) || files(t, s) != string(name)+journalSuffix {
			t.Errorf("%s was touched: %s", name, files(t, s))
		}
		must(t, os.Remove(s.path(name)))
	}
}

// A torn line must not be merged with the next one.
func TestAppendBehindTornLine(t *testing.T) {
	records := story(3)
	data := encode(t, records...)
	last := bytes.LastIndexByte(data[:len(data)-1], lineEnd) + 1
	for end := last; end < len(data); end++ {
		s := open(t, t.TempDir(), withFS(&faultyFS{}))
		plant(t, s, "job", data[:end])
		want := records[: len(records)-1 : len(records)-1]
		if end == len(data)-1 { // only the line feed is missing
			want = records
		}
		job, err := s.Claim("job")
		must(t, err)
		same(t, "claimed", job, replay(t, "job", want...))
		must(t, s.Append("job", kind(model.RecordPaused)))
		must(t, s.Release("job"))
		after, err := os.ReadFile(s.path("job"))
		must(t, err)
		if string(after) != string(encode(t, append(want[:len(want):len(want)], kind(model.RecordPaused))...)) {
			t.Fatalf("cut at %d:\n%s", end, after)
		}
	}
}

func TestOwnedIsNotMended(t *testing.T) {
	dir := t.TempDir()
	owner, other := open(t, dir), open(t, dir)
	must(t, owner.Append("job", intent("key")))
	must(t, owner.Append("job", initiated("id")))
	f, err := os.OpenFile(owner.path("job"), os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	_, err = f.WriteString("rubbish\n")
	must(t, err)
	must(t, f.Close())
	jobs, damages := load(t, other)
	if jobs["job"].Owner == nil || len(damages) != 1 || damages[0].Saved != "" || !strings.Contains(damages[0].Text, "another process") {
		t.Errorf("%+v, %+v", jobs, damages)
	}
	same(t, "files", files(t, owner), "job.jsonl job.owner")
	must(t, owner.Release("job"))
	_, damages = load(t, other)
	if len(damages) != 1 || damages[0].Saved == "" {
		t.Errorf("%+v", damages)
	}
}

// The journal that takes the place of a damaged one is owned from its first moment.
func TestMendedStaysOwned(t *testing.T) {
	dir := t.TempDir()
	s, other := open(t, dir), open(t, dir)
	data := encode(t, story(5)...)
	data[len(data)-200] ^= 1
	plant(t, s, "job", data)
	_, err := s.Claim("job")
	must(t, err)
	var refused *model.OwnedError
	if _, err := other.Claim("job"); !errors.As(err, &refused) {
		t.Error(err)
	}
	_, damages := load(t, s)
	same(t, "damages found by Claim, told by Load", len(damages), 1)
	_, damages = load(t, s)
	same(t, "damages told again", len(damages), 0)
}

// Without hard links the original is copied.
func TestMendWithoutLinks(t *testing.T) {
	s := open(t, t.TempDir(), withFS(noLinks{}))
	data := encode(t, story(5)...)
	data[len(data)-200] ^= 1
	plant(t, s, "job", data)
	_, damages := load(t, s)
	saved, err := os.ReadFile(damages[0].Saved)
	must(t, err)
	if !bytes.Equal(saved, data) || strings.Count(files(t, s), "job") != 2 {
		t.Error(files(t, s))
	}
	modes(t, s.uploads)
}

type noLinks struct{ Disk }

func (noLinks) Link(string, string) error { return syscall.EPERM }
