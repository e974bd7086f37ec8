package model

import (
	"math"
	"slices"
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	const day = 24 * time.Hour
	old := Leftover{Initiated: ago(30 * day)}
	measured := func(change func(*Leftover)) Leftover {
		l := Leftover{Initiated: ago(30 * day), Measured: true, Parts: 5, Highest: 5, LastPart: ago(2 * time.Hour)}
		change(&l)
		return l
	}
	for _, test := range []struct {
		name    string
		of      Leftover
		twins   int
		options JudgeOptions
		want    []Verdict
	}{
		{name: "not measured", of: Leftover{Initiated: ago(time.Hour)}, want: []Verdict{VerdictUnknown}},
		{name: "not measured and old: a slow upload can be alive", of: old, want: []Verdict{VerdictUnknown}},
		{name: "not measured, object newer than its start", of: Leftover{Initiated: ago(day), Object: &ObjectFact{Modified: ago(time.Hour)}}, want: []Verdict{VerdictUnknown}},
		{name: "not measured, a twin", of: old, twins: 2, want: []Verdict{VerdictUnknown, VerdictTwin}},
		{name: "vanished says all", of: Leftover{Initiated: ago(30 * day), Vanished: true, Measured: true}, twins: 2, want: []Verdict{VerdictVanished}},
		{name: "whole", of: measured(func(*Leftover) {}), twins: 1, want: []Verdict{VerdictWhole}},
		{name: "old, but a part came just now", of: measured(func(l *Leftover) { l.LastPart = ago(time.Minute) }), want: []Verdict{VerdictAlive}},
		{name: "the hour is over", of: measured(func(l *Leftover) { l.LastPart = ago(time.Hour) }), want: []Verdict{VerdictWhole}},
		{name: "a nanosecond before", of: measured(func(l *Leftover) { l.LastPart = ago(time.Hour - 1) }), want: []Verdict{VerdictAlive}},
		{name: "clock behind the server's", of: measured(func(l *Leftover) { l.LastPart = ago(-time.Minute) }), want: []Verdict{VerdictAlive}},
		{name: "just begun, no part", of: Leftover{Initiated: ago(time.Minute), Measured: true}, want: []Verdict{VerdictAlive, VerdictEmpty}},
		{name: "empty for long", of: Leftover{Initiated: ago(30 * day), Measured: true}, want: []Verdict{VerdictEmpty, VerdictAbandoned}},
		{name: "gaps", of: measured(func(l *Leftover) { l.Gaps = 1 }), want: []Verdict{VerdictGaps}},
		{name: "alive with gaps", of: measured(func(l *Leftover) { l.Gaps, l.LastPart = 1, ago(0) }), want: []Verdict{VerdictAlive, VerdictGaps}},
		{name: "too small", of: measured(func(l *Leftover) { l.TooSmall = 2 }), want: []Verdict{VerdictSmall}},
		{name: "abandoned to the second", of: measured(func(l *Leftover) { l.LastPart = ago(7 * day) }), want: []Verdict{VerdictWhole, VerdictAbandoned}},
		{name: "a nanosecond less", of: measured(func(l *Leftover) { l.LastPart = ago(7*day - 1) }), want: []Verdict{VerdictWhole}},
		{name: "object stored after the last part", of: measured(func(l *Leftover) { l.Object = &ObjectFact{Modified: ago(time.Hour)} }), want: []Verdict{VerdictWhole, VerdictOverdue}},
		{name: "object from before", of: measured(func(l *Leftover) { l.Object = &ObjectFact{Modified: ago(3 * time.Hour)} }), want: []Verdict{VerdictWhole}},
		{name: "all of it", of: measured(func(l *Leftover) {
			l.Gaps, l.TooSmall, l.LastPart, l.Object = 1, 1, ago(8*day), &ObjectFact{Modified: ago(day)}
		}), twins: 3, want: []Verdict{VerdictGaps, VerdictSmall, VerdictOverdue, VerdictAbandoned, VerdictTwin}},
		{name: "other ages", of: measured(func(*Leftover) {}), options: JudgeOptions{Alive: 3 * time.Hour, Abandoned: 4 * time.Hour}, want: []Verdict{VerdictAlive}},
		{name: "other ages, abandoned", of: measured(func(*Leftover) {}), options: JudgeOptions{Alive: time.Minute, Abandoned: time.Hour}, want: []Verdict{VerdictWhole, VerdictAbandoned}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Judge(test.of, now, test.twins, test.options); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", JoinVerdicts(got), JoinVerdicts(test.want))
			}
		})
	}
}

func TestLastActivity(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct{ last, want time.Time }{{time.Time{}, noon}, {noon.Add(-time.Hour), noon}, {noon.Add(time.Hour), noon.Add(time.Hour)}} {
		if got := (Leftover{Initiated: noon, LastPart: test.last}).LastActivity(); !got.Equal(test.want) {
			t.Errorf("last part %v: activity %v, want %v", test.last, got, test.want)
		}
	}
}

func TestMonthlyCost(t *testing.T) {
	if got := MonthlyCost(5*GiB/2, 0.12); math.Abs(got-0.3) > 1e-9 {
		t.Errorf("2.5 GiB cost %v, want 0.3", got)
	}
}
