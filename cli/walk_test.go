package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"partway/state"
)

// testApp is a run with everything from the test: an empty environment and a home of its own.
func testApp(t *testing.T) *app {
	t.Helper()
	return &app{out: &output{to: t.Output()}, stop: newInterrupts(func(error) {}),
		env: Env{Stdout: t.Output(), Stderr: t.Output(), Stdin: strings.NewReader(""), Getenv: func(string) string { return "" },
			Home: t.TempDir(), Dir: t.TempDir(), Now: time.Now}}
}

// tree makes files from "path" or "path -> target" or "path/".
func tree(t *testing.T, dir string, entries ...string) {
	t.Helper()
	for _, entry := range entries {
		name, target, isLink := strings.Cut(entry, " -> ")
		full := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(full), 0o700)
		switch {
		case err != nil:
		case isLink:
			err = os.Symlink(target, full)
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(full, 0o700)
		default:
			err = os.WriteFile(full, []byte(name), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// walked is what a walk gives, sorted: "key", "skip NAME: reason" or "error NAME".
func walked(t *testing.T, a *app, target string, flags *putFlags, paths ...string) []string {
	t.Helper()
	w, err := a.newWalker(paths, "bucket", target, flags)
	if err != nil {
		return []string{"refused: " + err.Error()}
	}
	got := []string{}
	for f := range w.files() {
		name := filepath.Base(f.Path)
		switch {
		case f.Err != nil:
			got = append(got, "error "+name)
		case f.Skip != "":
			got = append(got, "skip "+name+": "+f.Skip)
		default:
			got = append(got, f.Key)
		}
	}
	slices.Sort(got)
	return got
}

func TestWalkKeysAndFilters(t *testing.T) {
	files := []string{"d/a.txt", "d/b.log", "d/sub/c.txt", "d/sub/deep/e.txt", "d/node_modules/x.txt", "one.txt", "two.txt"}
	for name, test := range map[string]struct {
		target string
		flags  putFlags
		paths  []string
		want   []string
	}{
		"a file below a folder":     {target: "p/", paths: []string{"one.txt"}, want: []string{"p/one.txt"}},
		"a file as a key":           {target: "p/k", paths: []string{"one.txt"}, want: []string{"p/k"}},
		"a file in the bucket":      {target: "", paths: []string{"one.txt"}, want: []string{"one.txt"}},
		"a path with dots":          {target: "p/", paths: []string{"d/../one.txt"}, want: []string{"p/one.txt"}},
		"several files":             {target: "p/", paths: []string{"one.txt", "two.txt"}, want: []string{"p/one.txt", "p/two.txt"}},
		"a folder":                  {target: "p/", paths: []string{"d/sub"}, want: []string{"p/c.txt", "p/deep/e.txt"}},
		"a folder with a slash":     {target: "p/", paths: []string{"d/sub/"}, want: []string{"p/c.txt", "p/deep/e.txt"}},
		"include by name":           {target: "", paths: []string{"d"}, flags: putFlags{include: []string{"*.log"}}, want: []string{"b.log"}},
		"include by path":           {target: "", paths: []string{"d"}, flags: putFlags{include: []string{"sub/*"}}, want: []string{"sub/c.txt"}},
		"include below":             {target: "", paths: []string{"d"}, flags: putFlags{include: []string{"sub/**"}}, want: []string{"sub/c.txt", "sub/deep/e.txt"}},
		"exclude a folder":          {target: "", paths: []string{"d"}, flags: putFlags{exclude: []string{"node_modules", "sub"}}, want: []string{"a.txt", "b.log"}},
		"exclude wins":              {target: "", paths: []string{"d"}, flags: putFlags{include: []string{"*.txt"}, exclude: []string{"a*", "node_modules", "deep"}}, want: []string{"sub/c.txt"}},
		"a file that is excluded":   {target: "p/", paths: []string{"one.txt"}, flags: putFlags{exclude: []string{"*.txt"}}, want: []string{}},
		"missing":                   {target: "p/", paths: []string{"nothing"}, want: []string{"error nothing"}},
		"two of one key":            {target: "p/", paths: []string{"one.txt", "./one.txt"}, want: []string{"error one.txt", "p/one.txt"}},
		"a folder and its own file": {target: "", paths: []string{"d/sub", "d/sub/c.txt"}, want: []string{"c.txt", "deep/e.txt", "error c.txt"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := testApp(t)
			tree(t, a.env.Dir, files...)
			if got := walked(t, a, test.target, &test.flags, test.paths...); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestWalkLinks(t *testing.T) {
	a := testApp(t)
	tree(t, a.env.Dir, "d/a", "d/link -> a", "d/up -> ..", "d/broken -> nowhere", "d/out -> ../other", "other/o", "named -> d/a")
	const skip = ": " + skipLink
	want := []string{"a", "skip broken" + skip, "skip link" + skip, "skip out" + skip, "skip up" + skip}
	if got := walked(t, a, "", &putFlags{}, "d"); !slices.Equal(got, want) {
		t.Errorf("not following: got %q, want %q", got, want)
	}
	want = []string{"a", "error broken", "link", "out/o", "skip d: " + skipLoop, "up/named", "up/other/o"}
	if got := walked(t, a, "", &putFlags{followSymlinks: true}, "d"); !slices.Equal(got, want) {
		t.Errorf("following: got %q, want %q", got, want)
	}
	// Whoever names a link means what it points to.
	if got := walked(t, a, "", &putFlags{}, "named"); !slices.Equal(got, []string{"named"}) {
		t.Errorf("a named link: got %q", got)
	}
}

func TestWalkNeverSendsTheJournals(t *testing.T) {
	a := testApp(t)
	dir := a.stateDir()
	store, err := state.Open(state.Options{Dir: dir, Host: "h", PID: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	tree(t, a.env.Home, "mine.txt")
	tree(t, dir, "uploads/x.jsonl")
	if got := walked(t, a, "", &putFlags{}, a.env.Home); !slices.Equal(got, []string{"mine.txt", "skip " + filepath.Base(dir) + ": " + skipState}) {
		t.Errorf("got %q", got)
	}
	if got := walked(t, a, "", &putFlags{}, filepath.Join(dir, "uploads/x.jsonl")); !slices.Equal(got, []string{"skip x.jsonl: " + skipState}) {
		t.Errorf("a journal by name: got %q", got)
	}
}

func TestWalkBadNames(t *testing.T) {
	a := testApp(t)
	long := strings.Repeat("x", 220)
	tree(t, a.env.Dir, "d/good", "d/\xff\xfe", filepath.Join("d", long, long, long, long, long, "f"), "d/back\\slash", "d/new\nline")
	got := walked(t, a, "", &putFlags{}, "d")
	want := []string{"back\\slash", "error f", "error \xff\xfe", "good", "new\nline"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestWalkStops ends a walk over several batches early, and finds each name once when it goes to the end.
func TestWalkStops(t *testing.T) {
	a := testApp(t)
	for i := range 3 * walkBatch {
		tree(t, a.env.Dir, fmt.Sprintf("d/%05d", i))
	}
	w, err := a.newWalker([]string{"d"}, "bucket", "", &putFlags{})
	if err != nil {
		t.Fatal(err)
	}
	n, all := 0, map[string]bool{}
	for range w.files() {
		if n++; n == 10 {
			break
		}
	}
	for f := range w.files() {
		all[f.Key] = true
	}
	if n != 10 || len(all) != 3*walkBatch {
		t.Errorf("stopped after %d, found %d in all", n, len(all))
	}
}
