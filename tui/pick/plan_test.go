package pick

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"partway/model"
)

var now = time.Date(2026, 11, 23, 8, 44, 6, 0, time.UTC)

func at(path string, size int64) File {
	return File{Path: path, Relative: path[strings.LastIndexByte(path, '/')+1:], Size: size, ModTime: now.Add(-time.Hour)}
}

func place() model.Place { return model.Place{Endpoint: "e", Bucket: "b"} }

func left(key, id string, held int64, age time.Duration) model.Leftover {
	return model.Leftover{Ref: model.Ref{Bucket: "b", Key: key, UploadID: id}, Initiated: now.Add(-age), LastPart: now.Add(-age), Measured: true, Parts: 1, Held: held}
}

func world() World {
	exists := left("p/exists", "U4", 0, time.Hour*24)
	exists.Vanished, exists.Object = true, &model.ObjectFact{Size: 9, Modified: now.Add(-time.Hour)}
	return World{Place: place(), Now: now,
		Jobs: []model.Job{
			{ID: "ours", Place: place(), Ref: model.Ref{Bucket: "b", Key: "p/ours"}, Status: model.StatusPaused, Source: model.Fingerprint{Path: "/d/ours"}},
			{ID: "moving", Place: place(), Ref: model.Ref{Bucket: "b", Key: "p/moving"}, Status: model.StatusUploading, Source: model.Fingerprint{Path: "/d/moving"}},
			{ID: "other", Place: place(), Ref: model.Ref{Bucket: "b", Key: "p/taken"}, Status: model.StatusQueued, Source: model.Fingerprint{Path: "/elsewhere/taken"}},
			{ID: "over", Place: place(), Ref: model.Ref{Bucket: "b", Key: "p/done"}, Status: model.StatusDone, Source: model.Fingerprint{Path: "/d/done", Size: 3}, Finished: now},
			{ID: "gone", Place: place(), Ref: model.Ref{Bucket: "b", Key: "p/aborted"}, Status: model.StatusAborted, Source: model.Fingerprint{Path: "/d/aborted"}},
			{ID: "far", Place: model.Place{Endpoint: "e2", Bucket: "b"}, Ref: model.Ref{Bucket: "b", Key: "p/far"}, Status: model.StatusUploading, Source: model.Fingerprint{Path: "/d/far"}},
		},
		Uploads: []model.Leftover{exists, left("p/left", "U1", 10, 48*time.Hour), left("p/left", "U2", 100, 48*time.Hour), left("p/warm", "U3", 10, time.Minute)},
	}
}

func TestMakeClasses(t *testing.T) {
	o := Options{Prefix: "p/"}
	growing := at("/d/growing", 1)
	growing.ModTime = now.Add(-9 * time.Second)
	settled := at("/d/settled", 1)
	settled.ModTime = now.Add(-10 * time.Second)
	refused := at("/d/socket", 0)
	refused.Why = "socket"
	for _, c := range []struct {
		name  string
		file  File
		class Class
	}{
		{"nothing in the way", at("/d/new", 100), ClassNone},
		{"empty file", at("/d/zero", 0), ClassNone},
		{"largest", at("/d/max", model.MaxObjectSize), ClassNone},
		{"too large", at("/d/large", model.MaxObjectSize+1), ClassSize},
		{"special", refused, ClassRefused},
		{"bad UTF-8", at("/d/\xff", 1), ClassKey},
		{"long key", at("/d/"+strings.Repeat("x", 1022), 1), ClassKey},
		{"longest key", at("/d/"+strings.Repeat("x", 1021), 1), ClassNone},
		{"ours, paused", at("/d/ours", 1), ClassOurs},
		{"ours, moving", at("/d/moving", 1), ClassOurs},
		{"same key, other file", at("/d/taken", 1), ClassTaken},
		{"done from here", at("/d/done", 1), ClassExists},
		{"aborted is over", at("/d/aborted", 1), ClassNone},
		{"job of another server", at("/d/far", 1), ClassNone},
		{"unfinished upload", at("/d/left", 1000), ClassForeign},
		{"object", at("/d/exists", 1), ClassExists},
		{"growing", growing, ClassGrowing},
		{"ten seconds old", settled, ClassNone},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Make([]File{c.file}, o, world())
			if got := p.Items[0].Class; got != c.class {
				t.Fatalf("class %q, want %q (%s)", got, c.class, p.Items[0].Why)
			}
			if c.class != ClassNone && (len(p.Group(c.class)) != 1 || len(p.Asks()) != 1) {
				t.Error("the item is in no group")
			}
		})
	}
	if it := Make([]File{at("/d/left", 1000)}, o, world()).Items[0]; it.Left.Ref.UploadID != "U2" {
		t.Errorf("of two uploads the one that holds most is meant, not %s", it.Left.Ref.UploadID)
	}
}

func TestMakeTotalsAndTwins(t *testing.T) {
	files := []File{at("/d/a", 40*model.MiB), at("/e/a", model.MiB), {Path: "/d/f/b", Relative: "f/b", Size: model.MiB, ModTime: now.Add(-time.Hour)}}
	p := Make(files, Options{}, World{Place: place(), Now: now})
	if p.Items[1].Class != ClassTwin || p.Items[1].Why != "/d/a" || p.Items[0].Class != ClassNone {
		t.Errorf("twins: %+v", p.Items)
	}
	if p.Items[2].Key != "f/b" || p.Files != 3 || p.Bytes != 42*model.MiB || p.Parts != 3+1+1 {
		t.Errorf("key %q, %d files, %d bytes, %d parts", p.Items[2].Key, p.Files, p.Bytes, p.Parts)
	}
	flat := Make(files, Options{Flat: true, Prefix: "x-", Send: model.SendOptions{PartSize: 10 * model.MiB}}, World{Place: place(), Now: now})
	if flat.Items[2].Key != "x-b" || flat.Items[0].Plan.Count() != 4 {
		t.Errorf("flat: %q, %d parts", flat.Items[2].Key, flat.Items[0].Plan.Count())
	}
}

// TestKeyCannotClimb: names come from a disk that somebody else may write to.
func TestKeyCannotClimb(t *testing.T) {
	for _, relative := range []string{"../../etc/passwd", "/abs", "a/../../b", "..", "."} {
		if key := Key(File{Relative: relative}, Options{Prefix: "safe/"}); !strings.HasPrefix(key, "safe/") || strings.Contains(key, "..") {
			t.Errorf("%q becomes %q", relative, key)
		}
	}
}

func TestCommands(t *testing.T) {
	growing := at("/d/growing", 1)
	growing.ModTime = now
	files := []File{at("/d/new", 5), at("/d/ours", 5), at("/d/moving", 5), at("/d/taken", 5), at("/d/left", 500), at("/d/exists", 5), growing, at("/e/new", 5), at("/d/\xff", 1)}
	o := Options{Prefix: "p/", Write: model.WriteOptions{StorageClass: "IA", ACL: "private"}, Send: model.SendOptions{Parts: 3, PartSize: model.MiB}}
	p := Make(files, o, world())
	rules := p.Proposed(world())
	commands, n := p.Commands(rules, o, place())
	if got := describe(commands); got != "adopt U2 /d/left; enqueue /d/new; go ours" || n != 3 {
		t.Errorf("proposed: %d files, %s", n, got)
	}
	if a := commands[0].(model.Adopt); a.Send.Parts != 3 || a.Send.PartSize != 0 || a.ACL != "private" {
		t.Errorf("adopt %+v: the parts that are there say their size", a)
	}
	rules[ClassForeign], rules[ClassExists], rules[ClassGrowing], rules[ClassOurs] = Send, Overwrite, Send, LeaveOut
	limit := int64(7)
	o.Limit = &limit
	commands, n = p.Commands(rules, o, place())
	if got := describe(commands); got != "limit 7; enqueue /d/new /d/left /d/exists! /d/growing" || n != 4 {
		t.Errorf("changed: %d files, %s", n, got)
	}
	for _, f := range commands[1].(model.Enqueue).Files {
		if f.Place != place() || f.Write.StorageClass != "IA" || f.Send.PartSize != model.MiB {
			t.Errorf("%+v", f)
		}
	}
}

func describe(commands []model.Command) string {
	var all []string
	for _, c := range commands {
		switch c := c.(type) {
		case model.Enqueue:
			text := "enqueue"
			for _, f := range c.Files {
				text += " " + f.Path
				if f.Write.IfExists == model.IfExistsOverwrite {
					text += "!"
				}
			}
			all = append(all, text)
		case model.Adopt:
			all = append(all, "adopt "+c.Ref.UploadID+" "+c.Path)
		case model.Go:
			all = append(all, fmt.Sprintf("go %s", c.Jobs[0]))
		case model.SetLimits:
			all = append(all, fmt.Sprintf("limit %d", *c.BytesPerSecond))
		}
	}
	return strings.Join(all, "; ")
}

func TestProposedLeavesLiveUploadsAlone(t *testing.T) {
	for _, c := range []struct {
		key  string
		want Way
	}{{"left", Adopt}, {"warm", LeaveOut}} {
		w := world()
		if got := Make([]File{at("/d/"+c.key, 1000)}, Options{Prefix: "p/"}, w).Proposed(w)[ClassForeign]; got != c.want {
			t.Errorf("%s: %s", c.key, got)
		}
	}
	w := world()
	for i := range w.Uploads {
		w.Uploads[i].Measured = false
	}
	if got := Make([]File{at("/d/left", 1000)}, Options{Prefix: "p/"}, w).Proposed(w)[ClassForeign]; got != LeaveOut {
		t.Errorf("not measured: %s; nobody knows whether somebody sends", got)
	}
}

func TestAdoptNeedsALargerFile(t *testing.T) {
	w := world()
	p := Make([]File{at("/d/left", 99)}, Options{Prefix: "p/"}, w) // the upload holds 100 bytes
	rules := p.Proposed(w)
	if commands, n := p.Commands(rules, Options{}, place()); rules[ClassForeign] != Adopt || n != 0 || len(commands) != 0 {
		t.Errorf("%d files: %s", n, describe(commands))
	}
}

func TestCommandsInBatches(t *testing.T) {
	var files []File
	for i := range 2*enqueueBatch + 1 {
		files = append(files, at(fmt.Sprintf("/d/%d", i), 1))
	}
	p := Make(files, Options{}, World{Place: place(), Now: now})
	commands, n := p.Commands(Rules{}, Options{}, place())
	if len(commands) != 3 || n != len(files) || len(commands[2].(model.Enqueue).Files) != 1 {
		t.Errorf("%d commands for %d files", len(commands), n)
	}
}

func TestRate(t *testing.T) {
	for _, c := range []struct {
		name string
		snap model.Snapshot
		want float64
	}{
		{"now", model.Snapshot{Totals: model.Totals{Rate: 5, Rates: []float32{1}}}, 5},
		{"last minute, pauses left out", model.Snapshot{Totals: model.Totals{Rates: []float32{0, 2, 4, 0}}}, 3},
		{"jobs before", model.Snapshot{Jobs: []model.Job{{Average: 10}, {}, {Average: 20}}}, 15},
		{"nothing yet", model.Snapshot{}, 0},
	} {
		if got := Rate(&c.snap); got != c.want {
			t.Errorf("%s: %g, want %g", c.name, got, c.want)
		}
	}
}

func BenchmarkMake(b *testing.B) {
	files := make([]File, 50_000)
	for i := range files {
		files[i] = at(fmt.Sprintf("/d/file-%d", i), int64(i)*model.MiB)
	}
	w := World{Place: place(), Now: now}
	for i := range 20_000 {
		w.Uploads = append(w.Uploads, left(fmt.Sprintf("p/%08d", i), "U", 1, time.Hour))
	}
	for b.Loop() {
		Make(files, Options{Prefix: "p/"}, w)
	}
}
