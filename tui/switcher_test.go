package tui_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/model/safe"
	"partway/tui"
	"partway/tui/tuitest"
)

// fakePlaces answers from lists and records what it was asked to open.
type fakePlaces struct {
	known, buckets []tui.PlaceInfo
	err            error

	mu     sync.Mutex
	asked  []string
	opened []tui.PlaceInfo
}

func (f *fakePlaces) Known(context.Context) ([]tui.PlaceInfo, error) { return f.known, f.err }

func (f *fakePlaces) Buckets(_ context.Context, profile string) ([]tui.PlaceInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, profile)
	return f.buckets, f.err
}

func (f *fakePlaces) Open(_ context.Context, p tui.PlaceInfo) (tui.PlaceInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opened = append(f.opened, p)
	p.Place.Endpoint = "https://opened"
	return p, f.err
}

func at(profile, bucket string) model.Place {
	return model.Place{Profile: profile, Bucket: bucket, Region: "cn-hangzhou"}
}

func somePlaces() *fakePlaces {
	here := tuitest.Snapshot().Bucket.Place
	return &fakePlaces{known: []tui.PlaceInfo{
		{Place: at("ops", "media-prod")},
		{Place: here},
		{Place: at("lab", "scratch"), ReadOnly: true},
		{Place: at("prod", "money"), Protect: true},
		{Place: at("ops", "media-prod")},
		{Place: model.Place{Profile: "fresh"}},
		{Place: model.Place{Profile: "broken"}, Problem: "no access key in it"},
	}, buckets: []tui.PlaceInfo{{Place: at("fresh", "one")}, {Place: at("fresh", "two")}}}
}

// looked are the places that the engine was asked to put on view.
func looked(e *tuitest.Engine) (list []model.Look) {
	for _, c := range e.Commands() {
		if look, is := c.(model.Look); is {
			list = append(list, look)
		}
	}
	return list
}

func switching(t *testing.T, places *fakePlaces, o tui.Options, story func(*tuitest.Driver)) {
	t.Helper()
	o.Places = places
	tuitest.Run(t, tuitest.NewEngine(tuitest.Snapshot()), o, 120, 40, story)
}

func TestSwitcherGoesToTheChosenBucket(t *testing.T) {
	places := somePlaces()
	switching(t, places, tui.Options{}, func(d *tuitest.Driver) {
		here := tuitest.Snapshot().Bucket.Place.Bucket
		d.Press("b").Has("GO TO", "media-prod", "scratch RO", "money protected", "no access key in it", "enter lists its buckets")
		if n := strings.Count(d.Screen(), "media-prod"); n != 1 {
			t.Errorf("a bucket that two sources name is listed %d times:\n%s", n, d.Screen())
		}
		if !strings.Contains(d.Screen(), " > ") || !strings.Contains(cursorLine(d), here) {
			t.Errorf("the bucket on view is not first:\n%s", d.Screen())
		}
		d.Press("down", "enter").HasNot("GO TO").Has("at oss://media-prod")
		want := model.Look{Place: model.Place{Profile: "ops", Bucket: "media-prod", Region: "cn-hangzhou", Endpoint: "https://opened"}}
		if got := looked(d.Engine); len(got) != 1 || got[0] != want {
			t.Errorf("looked at %+v, want %+v", got, want)
		}
	})
}

func cursorLine(d *tuitest.Driver) string {
	for line := range strings.Lines(d.Screen()) {
		if strings.HasPrefix(line, " > ") {
			return line
		}
	}
	return ""
}

func TestSwitcherFilterAddressAndProfile(t *testing.T) {
	for _, test := range []struct {
		name string
		keys func(*tuitest.Driver)
		want model.Look // without endpoint
		has  string
	}{
		{"words filter", func(d *tuitest.Driver) { d.Type("LAB scr").Press("enter") }, model.Look{Place: at("lab", "scratch")}, ""},
		{"an address takes the profile of the bucket on view", func(d *tuitest.Driver) { d.Type("oss://new-one/in/").Press("enter") },
			model.Look{Place: model.Place{Profile: tuitest.Snapshot().Bucket.Place.Profile, Bucket: "new-one"}, Prefix: "in/"}, ""},
		{"a wrong address is explained", func(d *tuitest.Driver) { d.Type("oss://").Press("enter") }, model.Look{}, "GO TO"},
		{"nothing matches", func(d *tuitest.Driver) { d.Type("zzz").Press("enter") }, model.Look{}, "an address begins with oss://"},
		{"a broken profile says why", func(d *tuitest.Driver) { d.Type("broken").Press("enter") }, model.Look{}, "no access key in it"},
		{"a profile alone lists its buckets", func(d *tuitest.Driver) { d.Type("fresh").Press("enter").Has("one", "two").Press("down", "enter") },
			model.Look{Place: at("fresh", "two")}, ""},
		{"the bucket on view is no change", func(d *tuitest.Driver) { d.Press("enter").HasNot("GO TO") }, model.Look{}, ""},
		{"esc goes back", func(d *tuitest.Driver) { d.Press("esc").HasNot("GO TO") }, model.Look{}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			switching(t, somePlaces(), tui.Options{}, func(d *tuitest.Driver) {
				test.keys(d.Press("b"))
				got := looked(d.Engine)
				if test.want.Place.Bucket == "" {
					if len(got) != 0 {
						t.Errorf("looked at %+v", got)
					}
					d.Has(test.has)
					return
				}
				test.want.Place.Endpoint = "https://opened"
				if len(got) != 1 || got[0] != test.want {
					t.Errorf("looked at %+v, want %+v", got, test.want)
				}
			})
		})
	}
}

func TestSwitcherAsksAServiceOnce(t *testing.T) {
	places := somePlaces()
	places.err = errors.New("AccessDenied\nand more")
	switching(t, places, tui.Options{}, func(d *tuitest.Driver) {
		d.Press("b").Has("AccessDenied").Type("fresh").Press("tab").Has("one", "AccessDenied").HasNot("and more").Press("tab").Has("listed already")
		if len(places.asked) != 1 || places.asked[0] != "fresh" {
			t.Errorf("asked %q", places.asked)
		}
		d.Press("enter").Has("GO TO") // a place that cannot be opened is not gone to
		if got := looked(d.Engine); len(got) != 0 {
			t.Errorf("looked at %+v", got)
		}
	})
}

func TestSwitcherTakesRulesOfThePlace(t *testing.T) {
	switching(t, somePlaces(), tui.Options{}, func(d *tuitest.Driver) {
		d.Press("b").Type("scratch").Press("enter").Has("RO").Press("P").Has("read-only session")
		// One can leave a read-only place.
		d.Press("b").Type("money").Press("enter").HasNot("RO ")
		if got := looked(d.Engine); len(got) != 2 {
			t.Errorf("looked at %+v", got)
		}
	})
}

func TestSwitcherOpensWhereNoBucketIsOnView(t *testing.T) {
	snap := tuitest.Snapshot()
	snap.Bucket = model.BucketView{}
	tuitest.Run(t, tuitest.NewEngine(snap), tui.Options{Places: somePlaces()}, 80, 24, func(d *tuitest.Driver) {
		d.Has("GO TO", "media-prod").Press("esc").HasNot("GO TO")
	})
	tuitest.Run(t, tuitest.NewEngine(tuitest.Snapshot()), tui.Options{}, 80, 24, func(d *tuitest.Driver) {
		d.Press("b").Has("no other place is known here")
	})
}

func TestSwitcherLetsNoControlByteThrough(t *testing.T) {
	for _, hostile := range safe.HostilePayloads() {
		payload := hostile.Text
		places := &fakePlaces{err: errors.New(payload), known: []tui.PlaceInfo{
			{Place: model.Place{Profile: payload, Bucket: payload, Region: payload, Endpoint: payload}, Prefix: payload},
			{Place: model.Place{Profile: "p"}, Problem: payload},
			{Place: model.Place{Bucket: "b", Endpoint: payload}},
		}}
		switching(t, places, tui.Options{Theme: "mono"}, func(d *tuitest.Driver) {
			d.Press("b")
			for _, key := range []string{"down", "down", "enter", "tab"} {
				d.Press(key)
				for _, r := range tuitest.Plain(d.Raw()) {
					if r != '\n' && (r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e) {
						t.Fatalf("%q put %U on the screen", payload, r)
					}
				}
			}
		})
	}
}

func TestSwitcherFitsEveryScreen(t *testing.T) {
	places := somePlaces()
	for i := range 200 {
		places.known = append(places.known, tui.PlaceInfo{Place: at("ops", fmt.Sprintf("bucket-with-a-long-name-%03d-%s", i, strings.Repeat("x", i%40)))})
	}
	for _, size := range [][2]int{{40, 8}, {60, 15}, {80, 24}, {120, 40}} {
		switching(t, places, tui.Options{}, func(d *tuitest.Driver) {
			d.Press("b")
			d.Send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			d.Press("down", "pgdown").Has("GO TO", "esc")
			lines := strings.Split(strings.TrimSuffix(d.Screen(), "\n"), "\n")
			if len(lines) > size[1] {
				t.Errorf("%v: %d lines", size, len(lines))
			}
		})
	}
}
