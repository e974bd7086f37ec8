package model

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

func TestPartListGapsAndSmall(t *testing.T) {
	for _, test := range []struct {
		name   string
		parts  []Part
		gaps   Gaps
		text   string
		count  int
		small  []int
		amount int64
	}{
		{name: "no part"},
		{name: "whole", parts: listed(MiB, MiB, 5), amount: 2*MiB + 5},
		{name: "one missing", parts: listed(MiB, 0, MiB), gaps: Gaps{{2, 2}}, text: "2", count: 1, amount: 2 * MiB},
		{name: "first missing", parts: listed(0, 0, MiB), gaps: Gaps{{1, 2}}, text: "1-2", count: 2, amount: MiB},
		{name: "several runs", parts: listed(MiB, 0, MiB, 0, 0, MiB), gaps: Gaps{{2, 2}, {4, 5}}, text: "2, 4-5", count: 3, amount: 3 * MiB},
		{name: "only the last number", parts: []Part{{Number: MaxPartNumber, Size: MiB}}, gaps: Gaps{{1, 9_999}}, text: "1-9999", count: 9_999, amount: MiB},
		{name: "small last one is legal", parts: listed(MinPartSize, 1), amount: MinPartSize + 1},
		{name: "small only one is legal", parts: listed(1), amount: 1},
		{name: "small ones", parts: listed(MinPartSize-1, MinPartSize, 7, 1), small: []int{1, 3}, amount: 2*MinPartSize + 7},
		{name: "numbers, not places, are told", parts: []Part{{Number: 7, Size: 1}, {Number: 9, Size: 1}}, gaps: Gaps{{1, 6}, {8, 8}}, text: "1-6, 8", count: 7, small: []int{7}, amount: 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			list := PartList{Parts: test.parts}
			gaps := list.Gaps()
			if !slices.Equal(gaps, test.gaps) || gaps.String() != test.text || gaps.Count() != test.count {
				t.Errorf("gaps %v, %q, %d; want %v, %q, %d", gaps, gaps, gaps.Count(), test.gaps, test.text, test.count)
			}
			if small := list.Small(); !slices.Equal(small, test.small) {
				t.Errorf("small %v, want %v", small, test.small)
			}
			if list.Bytes() != test.amount {
				t.Errorf("%d bytes, want %d", list.Bytes(), test.amount)
			}
		})
	}
}

func TestPartListNewest(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	list := PartList{Parts: []Part{{Number: 1, Modified: noon}, {Number: 2, Modified: noon.Add(time.Hour)}, {Number: 3, Modified: noon.Add(time.Minute)}}}
	if got := list.Newest(); !got.Equal(noon.Add(time.Hour)) {
		t.Errorf("newest part of %v", got)
	}
	if got := (PartList{}).Newest(); !got.IsZero() {
		t.Errorf("newest part of no parts: %v", got)
	}
}

func TestBitmap(t *testing.T) {
	for _, n := range []int{1, 7, 8, 9, MaxPartNumber} {
		bits := NewBitmap(n)
		want := map[int]bool{}
		for _, part := range []int{1, n/2 + 1, n} {
			bits.Set(part)
			want[part] = true
		}
		for part := -9; part <= n+17; part++ {
			if bits.Has(part) != want[part] {
				t.Errorf("of %d parts, part %d: %v", n, part, bits.Has(part))
			}
		}
	}
	if (Bitmap)(nil).Has(1) {
		t.Error("no bitmap has a part")
	}
}

func TestFingerprint(t *testing.T) {
	base := Fingerprint{Path: "/data/a", Device: 1, Inode: 2, Size: 10, ModTime: time.Date(2026, 11, 23, 12, 0, 0, 5, time.UTC)}
	for _, test := range []struct {
		name   string
		change func(*Fingerprint)
		want   string
	}{
		{"nothing", func(*Fingerprint) {}, ""},
		{"renamed", func(f *Fingerprint) { f.Path = "/data/b" }, ""},
		{"its permissions", func(f *Fingerprint) { f.Changed = f.ModTime.Add(time.Hour) }, ""},
		{"another zone", func(f *Fingerprint) { f.ModTime = f.ModTime.In(time.FixedZone("", 8*3600)) }, ""},
		{"grown", func(f *Fingerprint) { f.Size++ }, "it grew from 10 B to 11 B"},
		{"shrunk", func(f *Fingerprint) { f.Size = 0 }, "it shrank from 10 B to 0 B"},
		{"another inode", func(f *Fingerprint) { f.Inode++ }, "it was replaced by another file"},
		{"another device", func(f *Fingerprint) { f.Device++ }, "it was replaced by another file"},
		{"a nanosecond later", func(f *Fingerprint) { f.ModTime = f.ModTime.Add(1) }, "it was modified at 2026-11-23 12:00:00"},
		{"set back", func(f *Fingerprint) { f.ModTime = f.ModTime.Add(-time.Hour) }, "it was modified at 2026-11-23 11:00:00"},
		{"grown and replaced", func(f *Fingerprint) { f.Size, f.Inode = 4096, 9 }, "it grew from 10 B to 4 KiB"},
	} {
		now := base
		test.change(&now)
		if got := base.Difference(now); got != test.want {
			t.Errorf("%s: difference %q, want %q", test.name, got, test.want)
		}
		if base.Same(now) != (test.want == "") {
			t.Errorf("%s: Same is %v", test.name, base.Same(now))
		}
	}
	touched := base
	touched.Changed = base.ModTime
	later := touched
	later.Changed = base.ModTime.Add(1)
	same := touched
	same.Changed = touched.Changed.In(time.FixedZone("", 8*3600))
	if !touched.Touched(later) || touched.Touched(same) || touched.Touched(base) || base.Touched(touched) {
		t.Error("Touched compares the times of change where both are known, and says nothing else")
	}
	// Whatever is added to a fingerprint must be compared, or be the path.
	if n := reflect.TypeFor[Fingerprint]().NumField(); n != 6 {
		t.Errorf("Fingerprint has %d fields: look at Same, Touched, Difference and this test", n)
	}
}

func TestStatusPredicates(t *testing.T) {
	want := map[Status]string{
		StatusQueued: "", StatusMatching: "active", StatusUploading: "active", StatusPaused: "", StatusStalled: "active", StatusRetrying: "active",
		StatusFailed: "user", StatusChanged: "user", StatusReady: "user", StatusCompleting: "active", StatusVerifying: "active",
		StatusDone: "final", StatusSkipped: "final", StatusAborting: "active", StatusAborted: "final", StatusGone: "user",
		StatusUnknown: "", StatusStale: "", "": "", "nonsense": "",
	}
	for status, group := range want {
		got := map[bool]string{true: "active"}[status.Active()] + map[bool]string{true: "final"}[status.Final()] + map[bool]string{true: "user"}[status.NeedsUser()]
		if got != group {
			t.Errorf("%q is %q, want %q", status, got, group)
		}
	}
	for _, status := range filterStates {
		if _, told := want[status]; !told {
			t.Errorf("%q is not in the table", status)
		}
	}
	if len(want)-2 != len(filterStates) {
		t.Errorf("%d states can be filtered for, %d are known", len(filterStates), len(want)-2)
	}
}
