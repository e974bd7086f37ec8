package tui

import (
	"strings"
	"testing"
	"time"

	"partway/model"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text string
		w    int
		want string
	}{
		{"one two three", 7, "one two|three"}, {"one", 1, "o|n|e"}, {"a  b", 9, "a  b"}, {"", 5, ""}, {"景区宣传片", 4, "景区|宣传|片"}, {"景", 1, ""},
	} {
		if got := strings.Join(wrap(c.text, c.w), "|"); got != c.want {
			t.Errorf("%q in %d: %q, want %q", c.text, c.w, got, c.want)
		}
	}
}

func TestPercentNeverClaimsTooMuch(t *testing.T) {
	for share, want := range map[float64]string{0: "0%", 0.4199: "41%", 0.9999: "99%", 1: "100%"} {
		if got := percent(share); got != want {
			t.Errorf("%v: %s, want %s", share, got, want)
		}
	}
}

func TestEveryStatusHasASectionAGlyphAndAFooter(t *testing.T) {
	k, err := newLook(Options{})
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, act := range registry() {
		known[act.name] = true
	}
	for _, s := range []model.Status{model.StatusQueued, model.StatusMatching, model.StatusUploading, model.StatusPaused, model.StatusStalled,
		model.StatusRetrying, model.StatusFailed, model.StatusChanged, model.StatusReady, model.StatusCompleting, model.StatusVerifying, model.StatusDone,
		model.StatusSkipped, model.StatusAborting, model.StatusAborted, model.StatusGone, model.StatusUnknown, model.StatusStale} {
		if k.glyphs.State(string(s)) == " " {
			t.Errorf("%s has no glyph", s)
		}
		for _, in := range []scope{inMain, inDetail} {
			for _, name := range footNames(in, s) {
				if !known[name] {
					t.Errorf("the footer of %s names %q, which is no action", s, name)
				}
			}
		}
	}
}

func TestCapsFillTheScreenAndLoseNobody(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for height := 8; height < 60; height++ {
		for _, jobs := range []int{0, 1, 3, 40} {
			s := crowd(30)
			for i := range jobs {
				status := []model.Status{model.StatusUploading, model.StatusFailed, model.StatusQueued, model.StatusDone}[i%4]
				s.Jobs = append(s.Jobs, model.Job{ID: model.JobID(rune('a' + i)), Status: status, Ref: model.Ref{Bucket: "backup-prod", Key: "k"}})
			}
			l := newListing(model.JudgeOptions{})
			l.shape = shape{titles: true, height: height}
			l.refresh(s, now, false)
			shown, more := map[section]int{}, map[section]int{}
			for i, e := range l.entries {
				switch {
				case e.kind == entryRow:
					shown[e.section]++
				case e.kind == entryMore:
					more[e.section] = e.more
				case l.closed(i):
					more[e.section] = l.counts.rows[e.section]
				}
			}
			for sec := range sections {
				if shown[sec]+more[sec] != l.counts.rows[sec] {
					t.Errorf("height %d, %d jobs: %s shows %d and %d more of %d", height, jobs, sec.title(), shown[sec], more[sec], l.counts.rows[sec])
				}
			}
			if len(l.entries) > max(height, 5) {
				t.Errorf("height %d, %d jobs: %d entries", height, jobs, len(l.entries))
			}
		}
	}
}

func TestAJobAndItsUploadAreOneRow(t *testing.T) {
	s := crowd(5)
	mine := s.Bucket.Uploads[2].Ref
	l := newListing(model.JudgeOptions{})
	l.shape = shape{titles: true, height: 40}
	l.refresh(s, s.At, false)
	l.cursor.Seek(entryID{row: rowID{ref: mine}})
	l.marks[rowID{ref: mine}] = struct{}{}
	next := *s
	next.Jobs = []model.Job{{ID: "j", Ref: mine, Status: model.StatusMatching, Place: s.Bucket.Place}}
	l.refresh(&next, s.At, false)
	if l.counts.left != 4 || l.counts.jobs != 1 {
		t.Fatalf("%d leftovers and %d jobs, want 4 and 1", l.counts.left, l.counts.jobs)
	}
	if _, marked := l.marks[rowID{job: "j"}]; !marked || len(l.marks) != 1 {
		t.Errorf("the mark did not pass on to the job: %v", l.marks)
	}
	if r := l.lookup(rowID{ref: mine}); r == nil || r.job == nil {
		t.Error("the upload is not found by the identity it had")
	}
	if r := l.under(); r == nil || r.id.job != "j" {
		t.Errorf("the cursor left the upload: %+v", r)
	}
	rows := 0
	for _, e := range l.entries {
		if e.kind == entryRow {
			rows++
		}
	}
	if rows != 5 {
		t.Errorf("%d rows are shown, want 5", rows)
	}
}
