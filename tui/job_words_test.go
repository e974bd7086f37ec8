package tui_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"partway/model"
	"partway/tui"
	"partway/tui/tuitest"
)

func TestAStreamThatWasCutSaysWhatItIs(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		turned(d, func(s *model.Snapshot) { s.Jobs = []model.Job{cut(s.Jobs[0])} })
		d.Row("stream cut, 14 parts in OSS").Has("224 MiB", "standard input", "partway abort oss://backup-prod/pipe/").HasNot("to go", " 0 parts", " 0%")
		d.Press("r").Has("cannot be read again").Press("c").Has("did not end").Press("V").Has("no")
		d.Press("p").Has("it stands still").Press("enter").Has("start over: run the whole command again", "X abort").HasNot("r go on", "to go")
		d.Press("esc", "+").Has("it sends no part")
		if n := len(d.Engine.Commands()); n != 0 {
			t.Errorf("sent %+v", d.Engine.Commands())
		}
		d.Press("esc", "X").Has("whoever made them has to make them anew").HasNot("the local file", "pause").Press("y")
		if got := sent[model.Abort](d); len(got) != 1 || len(got[0].Jobs) != 1 {
			t.Errorf("sent %+v", d.Engine.Commands())
		}
		if text := d.App.Outcome().Text; !strings.Contains(text, "partway abort oss://backup-prod/pipe/db/2026-11-23/orders.dump.zst --upload-id 0004B989") {
			t.Errorf("printed at the end: %s", text)
		}
	})
}

func TestARunningStreamHasNoShare(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		turned(d, func(s *model.Snapshot) { s.Jobs = []model.Job{running(s.Jobs[0])} })
		d.Row("stream, 244 MiB so far, 31.4 MiB/s").HasNot("%", "to go").Press("p").Has("a stream cannot wait")
		d.Press("enter").Has("▸ uploading  31.4 MiB/s", "14 in  3 moving  of a stream").Press("esc")
		d.Press("q").Has("a stream that is stopped cannot go on").HasNot("every upload can be resumed")
		turned(d, func(s *model.Snapshot) {
			j := s.Jobs[0]
			j.Status, j.InFlight, j.Parts, j.PartsDone, j.Proof = model.StatusDone, nil, 17, 17, model.ProofCRC64
			s.Jobs = []model.Job{j}
		})
		d.Press("esc", "5").Row("272 MiB").Has("crc64 equal")
	})
}

// TestWorkThatSendsNothing: no screen speaks of parts, shares or sizes that such a job does not have.
func TestWorkThatSendsNothing(t *testing.T) {
	nothing := regexp.MustCompile(`0 of 0|\b0 B of\b|part 0 B|\b0%|\(measure\)|uploading`)
	for _, size := range sizes() {
		tuitest.Run(t, engineWithParts(), tui.Options{}, size[0], size[1], func(d *tuitest.Driver) {
			var jobs []model.Job
			turned(d, func(s *model.Snapshot) {
				s.Jobs = works(s.Jobs)
				s.Bucket.Uploads = slices.DeleteFunc(slices.Clone(s.Bucket.Uploads), func(l model.Leftover) bool { return !l.Measured })
				jobs = s.Jobs
			})
			d.Press("2")
			for _, j := range jobs {
				d.Press("/", "ctrl+u").Type(j.Ref.Key).Press("enter").After(time.Second)
				for _, key := range []string{"enter", "esc", "x", "esc", "esc"} {
					if found := nothing.FindString(d.Screen()); found != "" {
						t.Errorf("%s of %s, %s, at %v shows %q:\n%s", j.Kind, j.Ref.Key, j.Status, size, found, d.Screen())
					}
					d.Press(key)
				}
			}
		})
	}
}

func TestWorkIsWordedByItsKind(t *testing.T) {
	on(t, func(d *tuitest.Driver) {
		turned(d, func(s *model.Snapshot) { s.Jobs = works(s.Jobs) })
		d.Press("2").Has("lists the parts", "makes the object of 705 parts", "about to free the parts", "pass 2 of 5", "reads the file and the object's sum", "waits to verify",
			"completed, crc64 equal", "verified, crc64 equal", "paused before it could abort", "verify: AccessDenied", "complete: AccessDenied")
		d.Press("/").Type("11-21").Press("enter").Row("verify: ").Press("X").Has("it reads only").Press(":").Type("clear").Press("enter")
		if got := sent[model.ClearFinished](d); len(got) != 1 || len(sent[model.Abort](d)) != 0 {
			t.Errorf("sent %+v", d.Engine.Commands())
		}
	})
}
