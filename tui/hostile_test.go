package tui_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"partway/model"
	"partway/model/safe"
	"partway/tui"
	"partway/tui/theme"
	"partway/tui/tuitest"
)

// poisoned is the fixture with a hostile text in every field that comes from outside the program.
func poisoned(evil string) *model.Snapshot {
	s := tuitest.Snapshot()
	poison := func(text *string) { *text += evil }
	problem := func(p *model.Problem) *model.Problem {
		if p == nil {
			return nil
		}
		q := *p
		for _, f := range []*string{&q.What, &q.Why, &q.Facts.Code, &q.Facts.RequestID, &q.Facts.EC, &q.Facts.Host, &q.Facts.Message} {
			poison(f)
		}
		q.Next = nil
		for _, n := range p.Next {
			q.Next = append(q.Next, n+evil)
		}
		return &q
	}
	for i := range s.Jobs {
		j := &s.Jobs[i]
		for _, f := range []*string{&j.Ref.Key, &j.Ref.Bucket, &j.Place.Bucket, &j.Place.Endpoint, &j.Place.Region, &j.Place.Profile, &j.Source.Path,
			&j.Write.StorageClass, &j.Write.ContentType, &j.Write.ACL, &j.Write.SSE} {
			poison(f)
		}
		if j.Ref.UploadID != "" {
			poison(&j.Ref.UploadID)
		}
		j.Problem = problem(j.Problem)
		for n := range j.InFlight {
			j.InFlight[n].Problem = problem(j.InFlight[n].Problem)
		}
	}
	b := &s.Bucket
	for _, f := range []*string{&b.Place.Bucket, &b.Place.Endpoint, &b.Place.Region, &b.Place.Profile, &b.Prefix} {
		poison(f)
	}
	b.Problem = problem(tuitest.Denied())
	for i := range b.Uploads {
		u := &b.Uploads[i]
		for _, f := range []*string{&u.Ref.Key, &u.Ref.Bucket, &u.Ref.UploadID, &u.StorageClass, &u.GapList} {
			poison(f)
		}
		if i%5 == 4 {
			u.Failure = "cannot be read" + evil
		}
	}
	for i := range s.Events {
		poison(&s.Events[i].Key)
		poison(&s.Events[i].Text)
		poison(&s.Events[i].Code)
	}
	s.Unsaved = evil
	return s
}

// leak finds what a terminal would act on, or what is not seen, in a frame: a sequence that is none of our styles, a control or
// format character, or the payload as it came.
func leak(frame, payload string, ours map[string]bool) string {
	if payload != "" && safe.Clean("x"+payload).Escaped() && strings.Contains(frame, payload) {
		return "the payload itself"
	}
	var plain strings.Builder
	for state := byte(0); len(frame) > 0; {
		seq, _, n, next := ansi.DecodeSequence(frame, state, nil)
		state, frame = next, frame[n:]
		if !ours[seq] {
			plain.WriteString(seq)
		}
	}
	for i, r := range plain.String() {
		if r == '\n' {
			continue
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar || r == 0x2028 || r == 0x2029 || r >= 0xFE00 && r <= 0xFE0F {
			return fmt.Sprintf("%U at byte %d", r, i)
		}
	}
	return ""
}

// ourStyles is the set of sequences that the theme writes.
func ourStyles(t *testing.T) map[string]bool {
	th, err := theme.New("dark")
	if err != nil {
		t.Fatal(err)
	}
	ours := map[string]bool{}
	for role := theme.Text; role <= theme.Cursor; role++ {
		before, after, _ := strings.Cut(th.Render(theme.L(role, "x"), 9), "x")
		ours[before], ours[after] = true, true
	}
	delete(ours, "")
	return ours
}

func TestHostileTextIsOnlyShown(t *testing.T) {
	ours := ourStyles(t)
	t.Parallel()
	for n, payload := range safe.HostilePayloads() {
		snap := poisoned(payload.Text) // immutable, as every snapshot
		var lists []model.PartList
		for _, u := range snap.Bucket.Uploads {
			list := tuitest.Parts(u.Ref, u.Highest, model.MiB, 17)
			for i := range list.Parts {
				list.Parts[i].ETag += payload.Text
			}
			lists = append(lists, list)
		}
		for _, size := range [][2]int{{100, 30}} {
			for i, s := range scenes() {
				if testing.Short() && i%8 != n%8 {
					continue
				}
				e := tuitest.NewEngine(snap)
				for _, list := range lists {
					e.SetParts(list)
				}
				e.Refuse(fmt.Errorf("refused%s", payload.Text))
				tuitest.Run(t, e, tui.Options{Currency: payload.Text, PricePerGiB: 1}, size[0], size[1], func(d *tuitest.Driver) {
					s.go_(d)
					d.Press("p", "y", "c") // a refusal, and something to copy
					if bad := leak(d.Raw(), payload.Text, ours); bad != "" {
						t.Errorf("%s in %s at %v: %s", payload.Name, s.name, size, bad)
					}
					v := d.App.View()
					if bad := leak(v.WindowTitle, payload.Text, nil); bad != "" {
						t.Errorf("%s in the window's title: %s", payload.Name, bad)
					}
					if bad := leak(d.App.Outcome().Text, payload.Text, nil); bad != "" {
						t.Errorf("%s in the exit text: %s", payload.Name, bad)
					}
					if n := strings.Count(d.Raw(), "\n"); n >= size[1] {
						t.Errorf("%s in %s at %v: %d lines", payload.Name, s.name, size, n+1)
					}
				})
			}
		}
	}
}

func TestLeakSeesWhatItShould(t *testing.T) {
	ours := ourStyles(t)
	for _, payload := range safe.HostilePayloads() {
		if safe.Clean("x"+payload.Text).Escaped() && leak("a"+payload.Text+"b", payload.Text, ours) == "" {
			t.Errorf("the test does not see %s: %q", payload.Name, payload.Text)
		}
	}
	th, _ := theme.New("dark")
	if got := leak(th.Render(theme.L(theme.Bad, "red").Add(theme.Text, " plain 中文 …"), 40), "", ours); got != "" {
		t.Errorf("our own styles: %s", got)
	}
}
