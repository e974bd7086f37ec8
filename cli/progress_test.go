package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"

	"partway/model"
	"partway/model/safe"
)

var noon = time.Date(2026, 11, 23, 8, 44, 10, 0, time.UTC)

// sampleView is three files in flight and one that waits.
func sampleView() view {
	job := func(key string, status model.Status, sent, size int64, rate float64, flights int) model.Job {
		j := model.Job{Ref: model.Ref{Bucket: "b", Key: key}, Status: status, Source: model.Fingerprint{Size: size}, BytesSent: sent, Rate: rate,
			ETA: time.Duration(float64(size-sent) / max(rate, 1) * float64(time.Second))}
		for n := range flights {
			j.InFlight = append(j.InFlight, model.PartProgress{Number: n + 1})
		}
		return j
	}
	waiting := job("db/orders.dump", model.StatusRetrying, 3*model.GiB, 9*model.GiB, 0, 0)
	waiting.InFlight = []model.PartProgress{{Number: 9, RetryAt: noon.Add(4 * time.Second), Problem: &model.Problem{Facts: model.Facts{Code: "ServiceUnavailable"}}}}
	matching := job("影像/2026春节/全家福.mov", model.StatusMatching, 0, 2*model.GiB, 0, 0)
	matching.ComparedBytes, matching.ToCompareBytes, matching.CompareRate, matching.ETA = 400*model.MiB, 2*model.GiB, 1.8e9, time.Second
	return view{at: noon, files: 15, done: 3, failed: 1, retrying: 1, bytes: 212 * model.GiB, sent: 89 * model.GiB, rate: 31.4 * 1024 * 1024,
		jobs: []model.Job{job("video/raw/2026/b-roll-07.mov", model.StatusUploading, 4*model.GiB, 12*model.GiB, 31.4*1024*1024, 4),
			waiting, matching, job("later", model.StatusQueued, 0, 5, 0, 0)}}
}

func TestPlainLine(t *testing.T) {
	local := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = local })
	want := "08:44:10 partway 41% 89.0 GiB/212 GiB 31.4 MiB/s eta 1h06 files 3/15 failed 1 retry 1"
	want = strings.Replace(want, "89.0 GiB/212", "89.0/212", 1)
	if got := plainLine(sampleView()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	stream := sampleView()
	stream.open, stream.retrying = true, 0
	if got, want := plainLine(stream), "08:44:10 partway 89.0 GiB 31.4 MiB/s eta ? files 3/15 failed 1"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	empty := plainLine(view{at: noon})
	if want := "08:44:10 partway 100% 0/0 B 0 B/s eta ? files 0/0"; empty != want {
		t.Errorf("got  %s\nwant %s", empty, want)
	}
}

func TestPlainProgressEveryTenSeconds(t *testing.T) {
	var out bytes.Buffer
	now := noon
	p := &plainProgress{to: &out, now: func() time.Time { return now }, begun: now}
	v := sampleView()
	for range 25 { // 25 seconds
		now = now.Add(time.Second)
		v.at = now
		p.update(v)
	}
	if n := strings.Count(out.String(), "\n"); n != 2 || strings.Contains(out.String(), "\r") || strings.Contains(out.String(), "\x1b") {
		t.Errorf("%d lines in 25 s: %q", n, out.String())
	}
}

func TestLiveLines(t *testing.T) {
	for name, test := range map[string]struct {
		columns, rows int
		look          look
		want          string
	}{
		"100 wide": {100, 10, look{}, `
uploading  video/raw/2026/b-roll-07.mov                 █████░░░░░░░░░░░  33%  31.4 MiB/s    4m   ×4
retrying   db/orders.dump                               █████░░░░░░░░░░░ try in 4s: ServiceUnavaila…
matching   影像/2026春节/全家福.mov                     ███░░░░░░░░░░░░░  19%   1.7 GiB/s    1s
total       41%  89.0/212 GiB  31.4 MiB/s  eta 1h06  files 3/15  failed 1  retry 1`},
		"60 wide, ascii": {60, 10, look{ascii: true}, `
uploading  video/raw/~oll-07.mov  33%  31.4 MiB/s    4m   x4
retrying   db/orders.dump        try in 4s: ServiceUnavaila~
matching   影像/2026~全家福.mov   19%   1.7 GiB/s    1s
total       41%  89.0/212 GiB  31.4 MiB/s  eta 1h06  retry 1`},
		"30 wide": {30, 10, look{}, `
uploading  video/r…07.mov  33%
retrying   db/orders.dump  33%
matching   影像/20…福.mov  19%
total       41%  89.0/212 GiB`},
		"three rows": {60, 3, look{}, `
uploading  video/raw/…oll-07.mov  33%  31.4 MiB/s    4m   ×4
and 2 more
total       41%  89.0/212 GiB  31.4 MiB/s  eta 1h06  retry 1`},
	} {
		t.Run(name, func(t *testing.T) {
			lines := liveLines(sampleView(), test.columns, test.rows, test.look)
			for i, line := range lines {
				if w := ansi.StringWidth(line); w > test.columns {
					t.Errorf("line %d is %d cells wide", i, w)
				}
				lines[i] = strings.TrimRight(line, " ")
			}
			if got := "\n" + strings.Join(lines, "\n"); got != test.want {
				t.Errorf("got%s\nwant%s", got, test.want)
			}
		})
	}
}

func TestLiveLinesColourIsNeverAlone(t *testing.T) {
	plain := liveLines(sampleView(), 100, 10, look{})
	colored := liveLines(sampleView(), 100, 10, look{color: true})
	for i := range plain {
		if ansi.Strip(colored[i]) != plain[i] {
			t.Errorf("without colour %q, with %q", plain[i], colored[i])
		}
	}
	if !strings.Contains(colored[1], "\x1b[33mretrying") {
		t.Errorf("no colour in %q", colored[1])
	}
}

// TestLiveProgressOnATerminal draws frames of different heights on a terminal and finds nothing left of the old ones.
func TestLiveProgressOnATerminal(t *testing.T) {
	screen := vt.NewEmulator(80, 12)
	columns := 80
	now := noon
	p := newLiveProgress(screen, func() (int, int) { return columns, 12 }, look{color: true}, func() time.Time { return now })
	show := func(jobs int) {
		v := sampleView()
		v.jobs = v.jobs[:jobs]
		now = now.Add(time.Second)
		v.at = now
		p.update(v)
	}
	p.line("before")
	show(3)
	show(1)
	p.line("done     oss://b/k")
	show(2)
	rows := strings.Split(strings.TrimRight(screen.String(), " \n"), "\n")
	want := []string{"before", "done     oss://b/k", "uploading", "retrying", "total"}
	if len(rows) != len(want) {
		t.Fatalf("%d rows: %q", len(rows), rows)
	}
	for i := range want {
		if !strings.HasPrefix(rows[i], want[i]) {
			t.Errorf("row %d is %q, want %q", i, rows[i], want[i])
		}
	}
	p.close()
	if got := strings.TrimRight(screen.String(), " \n"); got != "before\ndone     oss://b/k" {
		t.Errorf("after the end the screen holds %q", got)
	}
}

func TestLiveProgressAtMostFourFramesASecond(t *testing.T) {
	var out bytes.Buffer
	now := noon
	p := newLiveProgress(&out, func() (int, int) { return 80, 24 }, look{}, func() time.Time { return now })
	frames := 0
	for range 100 { // a second
		now = now.Add(10 * time.Millisecond)
		v := sampleView()
		v.at = now
		before := out.Len()
		p.update(v)
		if out.Len() > before {
			frames++
		}
	}
	if frames < 3 || frames > 5 {
		t.Errorf("%d frames in a second", frames)
	}
}

// TestProgressIsHarmless gives every hostile text as a key and as a code of the server.
func TestProgressIsHarmless(t *testing.T) {
	for _, hostile := range safe.HostilePayloads() {
		v := sampleView()
		for i := range v.jobs {
			v.jobs[i].Ref.Key = hostile.Text
		}
		v.jobs[1].InFlight[0].Problem.Facts.Code = hostile.Text
		for _, columns := range []int{20, 60, 120} {
			for _, line := range liveLines(v, columns, 10, look{}) {
				for _, r := range line {
					if r < 0x20 || r == 0xfffd || invisible(r) {
						t.Errorf("%s: %U in %q", hostile.Name, r, line)
					}
				}
				if w := ansi.StringWidth(line); w > columns {
					t.Errorf("%s: %d cells of %d", hostile.Name, w, columns)
				}
			}
		}
	}
}

func TestChooseProgress(t *testing.T) {
	for _, test := range []struct {
		flag      string
		tty, json bool
		quiet     bool
		term      string
		want      string
	}{
		{"auto", true, false, false, "xterm", "*cli.liveProgress"},
		{"auto", true, false, false, "dumb", "*cli.plainProgress"},
		{"auto", false, false, false, "", "*cli.plainProgress"},
		{"auto", true, true, false, "xterm", "*cli.noProgress"},
		{"auto", true, false, true, "xterm", "*cli.noProgress"},
		{"plain", true, false, false, "xterm", "*cli.plainProgress"},
		{"tty", false, false, false, "", "*cli.liveProgress"},
		{"none", true, false, false, "xterm", "*cli.noProgress"},
	} {
		a := testApp(t)
		a.global.progress, a.global.color, a.global.json, a.global.quiet = test.flag, "auto", test.json, test.quiet
		a.env.StderrTTY = test.tty
		a.env.Getenv = func(name string) string { return map[string]string{"TERM": test.term}[name] }
		if got := fmt.Sprintf("%T", a.newProgress()); got != test.want {
			t.Errorf("%+v gives %s", test, got)
		}
	}
}

func TestFraction(t *testing.T) {
	for _, test := range []struct {
		n, total int64
		want     int
	}{{0, 0, 100}, {0, 10, 0}, {9_999, 10_000, 99}, {10, 10, 100}, {11, 10, 100}, {1 << 60, 1 << 62, 25}} {
		if got := fraction(test.n, test.total); got != test.want {
			t.Errorf("%d of %d is %d%%, want %d%%", test.n, test.total, got, test.want)
		}
	}
}

// TestLiveStream shows what came so far, and no share of a whole that nobody knows.
func TestLiveStream(t *testing.T) {
	v := view{at: noon, open: true, files: 1, sent: 89 * model.MiB, bytes: 96 * model.MiB, rate: 31.4 * 1024 * 1024, jobs: []model.Job{{
		Ref: model.Ref{Key: "db.dump"}, Status: model.StatusUploading, Stream: true, Source: model.Fingerprint{Size: 96 * model.MiB}, BytesSent: 89 * model.MiB,
		Rate: 31.4 * 1024 * 1024, ETA: -1, InFlight: make([]model.PartProgress, 4)}}}
	for columns := 20; columns <= 120; columns++ {
		lines := liveLines(v, columns, 10, look{})
		for _, line := range lines {
			if strings.Contains(line, "%") || strings.Contains(line, "█") || ansi.StringWidth(line) > columns {
				t.Errorf("%d columns: %q", columns, line)
			}
		}
		if columns == 80 {
			if want := "uploading  db.dump                                89.0 MiB  31.4 MiB/s     ?   ×4"; strings.Join(strings.Fields(lines[0]), " ") != strings.Join(strings.Fields(want), " ") {
				t.Errorf("got  %q\nwant %q", lines[0], want)
			}
			if want := "total       89.0 MiB  31.4 MiB/s  eta ?  files 0/1"; lines[1] != want {
				t.Errorf("got  %q\nwant %q", lines[1], want)
			}
		}
	}
}
