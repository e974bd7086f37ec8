package tui_test

import (
	"slices"
	"testing"
	"time"

	"partway/model"
	"partway/tui/tuitest"
)

// live is the key of an upload that somebody else is sending.
const live = "etl/part-00017.parquet"

// leftover shows a snapshot in which an upload from elsewhere is another one; how returns false to take it off the list.
func leftover(d *tuitest.Driver, key string, how func(*model.Leftover) bool) {
	s := *d.Engine.Snapshot()
	s.Bucket.Version++
	s.Bucket.Uploads = slices.Clone(s.Bucket.Uploads)
	s.Bucket.Uploads = slices.DeleteFunc(s.Bucket.Uploads, func(l model.Leftover) bool { return l.Ref.Key == key && !how(&l) })
	for i := range s.Bucket.Uploads {
		if l := &s.Bucket.Uploads[i]; l.Ref.Key == key {
			how(l)
		}
	}
	d.Engine.Show(&s)
	d.After(time.Second)
}

func TestWatch(t *testing.T) {
	on(t, func(d *tuitest.Driver) { // reads at once and every 30 s, and stops with W
		foreign(d, live)
		d.Press("W").Has("watching 1")
		if n := len(sent[model.Measure](d)); n != 1 {
			t.Fatalf("%d requests at the beginning", n)
		}
		d.After(65 * time.Second)
		if n := len(sent[model.Measure](d)); n != 3 {
			t.Errorf("%d requests after 65 s", n)
		}
		d.Press("W").Has("no longer watching").HasNot("watching 1")
		d.After(time.Minute)
		idle := d.Updates
		d.After(5 * time.Minute)
		if n := len(sent[model.Measure](d)); n != 3 || d.Updates != idle {
			t.Errorf("%d requests after it ended, %d messages", n, d.Updates-idle)
		}
	})
	on(t, func(d *tuitest.Driver) { // ended and begun anew: the first timer does not run beside the second
		foreign(d, live)
		d.Press("W", "W", "W").After(65 * time.Second)
		if n := len(sent[model.Measure](d)); n != 4 {
			t.Errorf("%d requests, want 2 at the beginnings and 2 later", n)
		}
	})
	on(t, func(d *tuitest.Driver) { // a second one does not put off the first
		foreign(d, live)
		d.Press("W").After(20*time.Second).Press("/", "ctrl+u").Type("base.tar").Press("enter", "g", "W").After(15 * time.Second).Has("watching 2")
		got := sent[model.Measure](d)
		if n := len(got); n != 3 || len(got[2].Refs) != 2 {
			t.Errorf("asked %+v, want both read 30 s after the first", got)
		}
	})
	on(t, func(d *tuitest.Driver) { // grows, then stops
		foreign(d, live)
		d.Press("W")
		leftover(d, live, func(l *model.Leftover) bool { l.MeasuredAt = tuitest.Now(); return true })
		leftover(d, live, func(l *model.Leftover) bool {
			l.Parts, l.Held, l.MeasuredAt, l.LastPart = l.Parts+2, l.Held+64*model.MiB, tuitest.Now().Add(time.Second), tuitest.Now().Add(time.Second)
			return true
		})
		d.Press("esc").Has("2 parts, 64.0 MiB came since")
		d.HasNot("has stopped").After(11 * time.Minute)
		leftover(d, live, func(l *model.Leftover) bool { l.MeasuredAt = tuitest.Now().Add(11 * time.Minute); return true })
		d.Has("has stopped: no part for")
	})
	for name, gone := range map[string]func(*model.Leftover) bool{"vanished": func(l *model.Leftover) bool { l.Vanished = true; return true },
		"off the list": func(*model.Leftover) bool { return false }} {
		t.Run(name, func(t *testing.T) {
			on(t, func(d *tuitest.Driver) {
				foreign(d, live)
				d.Press("W")
				leftover(d, live, gone)
				d.Has("not unfinished any more").HasNot("watching 1")
			})
		})
	}
	on(t, func(d *tuitest.Driver) { // offered in place of an abort
		foreign(d, live)
		d.Press("X", "tab").HasNot("ABORT").Has("watching 1")
		harmless(t, d, "tab")
	})
}
