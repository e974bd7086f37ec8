package model

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// listed makes the list a server would give of parts 1, 2, … of these sizes; 0 is a gap.
func listed(sizes ...int64) []Part {
	var parts []Part
	for i, size := range sizes {
		if size != 0 {
			parts = append(parts, Part{Number: i + 1, Size: size})
		}
	}
	return parts
}

func TestDeriveLayout(t *testing.T) {
	for _, test := range []struct {
		name       string
		parts      []Part
		file, hint int64
		want       []int64 // sizes of the parts; nil: refused
		unknown    bool    // refused with ErrLayoutUnknown
	}{
		{name: "no parts", file: 40 * MiB, want: []int64{16 * MiB, 16 * MiB, 8 * MiB}},
		{name: "no parts, hint", file: 3 * MiB, hint: MiB, want: []int64{MiB, MiB, MiB}},
		{name: "no parts, illegal hint", file: 3 * MiB, hint: 1},
		{name: "uniform, whole", parts: listed(MiB, MiB, 5), file: 2*MiB + 5, want: []int64{MiB, MiB, 5}},
		{name: "uniform, tail missing", parts: listed(MiB, MiB), file: 3*MiB + 5, want: []int64{MiB, MiB, MiB, 5}},
		{name: "uniform, gap", parts: listed(MiB, 0, MiB), file: 3*MiB + 5, want: []int64{MiB, MiB, MiB, 5}},
		{name: "uniform, first missing", parts: listed(0, MiB, MiB), file: 3 * MiB, want: []int64{MiB, MiB, MiB}},
		{name: "uniform, gap before the short tail", parts: listed(MiB, 0, 5), file: 2*MiB + 5, want: []int64{MiB, MiB, 5}},
		{name: "last one is short and not the tail: it is sent again", parts: listed(MiB, 7), file: 3 * MiB, want: []int64{MiB, MiB, MiB}},
		{name: "mixed, end to end", parts: listed(MiB, 2*MiB, MiB), file: 4 * MiB, want: []int64{MiB, 2 * MiB, MiB}},
		{name: "mixed, tail missing", parts: listed(MiB, 2*MiB, MiB), file: 5*MiB + 7, want: []int64{MiB, 2 * MiB, MiB, MiB, 7}},
		{name: "mixed, gap: the end lies at the end", parts: listed(MiB, 2*MiB, 0, MiB), file: 9 * MiB, want: []int64{MiB, 2 * MiB, 5 * MiB, MiB}},
		{name: "mixed, long gap", parts: listed(MiB, 2*MiB, 0, 0, MiB, 7), file: 6*MiB + 8, want: []int64{MiB, 2 * MiB, MiB + 1, MiB, MiB, 7}},
		{name: "mixed, two gaps: what lies between them is sent again", parts: listed(MiB, 0, 2*MiB, 0, 3*MiB), file: 10 * MiB, want: []int64{MiB, 2 * MiB, 2 * MiB, 2 * MiB, 3 * MiB}},
		{name: "mixed, numbers that were never used", parts: listed(MiB, 0, 0, 2*MiB), file: 3 * MiB, want: []int64{MiB, 0, 0, 2 * MiB}},
		{name: "mixed, gap of fewer parts than numbers", parts: listed(MiB, 0, 0, 2*MiB), file: 3*MiB + 150*KiB, want: []int64{MiB, 150 * KiB, 0, 2 * MiB}},
		{name: "mixed, gap that is too small for a part", parts: listed(MiB, 0, 2*MiB), file: 3*MiB + 50*KiB, unknown: true},
		{name: "mixed, gap that is too large for its numbers", parts: listed(MiB, 0, 2*MiB), file: 6 * GiB, unknown: true},
		{name: "mixed, small one before a gap", parts: listed(2*MiB, MiB, 10*KiB, 0, MiB), file: 9 * MiB},
		{name: "mixed, first missing", parts: listed(0, MiB, 2*MiB), file: 9 * MiB, want: []int64{6 * MiB, MiB, 2 * MiB}},
		{name: "last larger, gap", parts: listed(MiB, 0, 2*MiB), file: 4 * MiB, want: []int64{MiB, MiB, 2 * MiB}},
		{name: "one part", parts: listed(MiB), file: 3 * MiB, want: []int64{MiB, MiB, MiB}},
		{name: "one part that is the file", parts: listed(MiB), file: MiB, want: []int64{MiB}},
		{name: "one small part that is the file", parts: listed(50 * KiB), file: 50 * KiB, want: []int64{50 * KiB}},
		{name: "one small part of a larger file is sent again", parts: listed(50 * KiB), file: MiB, want: []int64{MiB}},
		{name: "one part, not the first", parts: listed(0, MiB), file: 3 * MiB, want: []int64{MiB, MiB, MiB}},
		{name: "one part, not the first and small: the end", parts: listed(0, 0, 7), file: 2*MiB + 7, want: []int64{MiB, MiB, 7}},
		{name: "one part, not the first, hint", parts: listed(0, MiB), file: 3 * MiB, hint: MiB, want: []int64{MiB, MiB, MiB}},
		{name: "hint is right", parts: listed(MiB, 0, MiB), file: 3 * MiB, hint: MiB, want: []int64{MiB, MiB, MiB}},
		{name: "hint is wrong, no gap: the parts are believed", parts: listed(2*MiB, 2*MiB), file: 5 * MiB, hint: MiB, want: []int64{2 * MiB, 2 * MiB, MiB}},
		{name: "hint is wrong, gap", parts: listed(2*MiB, 0, 2*MiB), file: 6 * MiB, hint: MiB, want: []int64{2 * MiB, 2 * MiB, 2 * MiB}},
		{name: "longer than the file", parts: listed(MiB, MiB, MiB), file: MiB, unknown: true},
		{name: "mixed, longer than the file", parts: listed(MiB, 2*MiB), file: 2 * MiB, unknown: true},
		{name: "gap, longer than the file", parts: listed(MiB, 0, 0, MiB), file: MiB, unknown: true},
		{name: "uniform, numbers that were never used", parts: listed(MiB, 0, 0, MiB), file: 2 * MiB, want: []int64{MiB, 0, 0, MiB}},
		{name: "last one is longer than the file's tail: it is sent again", parts: listed(MiB, MiB), file: MiB + 5, want: []int64{MiB, 5}},
		{name: "uniform and too small to be completed", parts: listed(10*KiB, 10*KiB, 10*KiB), file: MiB},
		{name: "uniform and too small, gap: the size is the reason, not the gap", parts: listed(10*KiB, 0, 10*KiB), file: MiB},
		{name: "mixed, a small one in the middle", parts: listed(MiB, 10*KiB, MiB), file: 4 * MiB},
		{name: "mixed, small one at the end of the list is sent again", parts: listed(MiB, 2*MiB, 10*KiB), file: 4 * MiB, want: []int64{MiB, 2 * MiB, MiB}},
		{name: "mixed, small one at the end of the file", parts: listed(MiB, 2*MiB, 10*KiB), file: 3*MiB + 10*KiB, want: []int64{MiB, 2 * MiB, 10 * KiB}},
		{name: "not ascending", parts: []Part{{Number: 2, Size: MiB}, {Number: 1, Size: MiB}}, file: 2 * MiB, unknown: true},
		{name: "twice", parts: []Part{{Number: 1, Size: MiB}, {Number: 1, Size: MiB}}, file: 2 * MiB, unknown: true},
		{name: "part 0", parts: []Part{{Number: 0, Size: MiB}}, file: 2 * MiB, unknown: true},
		{name: "part 10 001", parts: []Part{{Number: 10_001, Size: MiB}}, file: 2 * MiB, unknown: true},
		{name: "negative size", parts: listed(MiB, -MiB), file: 2 * MiB, unknown: true},
		{name: "sizes that overflow", parts: listed(1, math.MaxInt64), file: 2 * MiB, unknown: true},
		{name: "negative file", parts: listed(MiB), file: -1, unknown: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			layout, err := DeriveLayout(test.parts, test.file, test.hint)
			if errors.Is(err, ErrLayoutUnknown) != test.unknown {
				t.Errorf("error %v, want ErrLayoutUnknown: %v", err, test.unknown)
			}
			if (err == nil) != (test.want != nil) {
				t.Fatalf("got %v, %v; want sizes %v", layout, err, test.want)
			}
			var sizes []int64
			for _, r := range layout {
				sizes = append(sizes, r.Size)
			}
			if !slices.Equal(sizes, test.want) {
				t.Errorf("sizes %v, want %v", sizes, test.want)
			}
			if err == nil {
				checkCover(t, layout, test.file)
			}
		})
	}
}

func TestDeriveLayoutGrowsTheTailWherePartNumbersRunOut(t *testing.T) {
	parts := listed(slices.Repeat([]int64{MinPartSize}, 9_000)...)
	file := 9_000*MinPartSize + 10*GiB
	layout, err := DeriveLayout(parts, file, 0)
	if err != nil {
		t.Fatal(err)
	}
	checkCover(t, layout, file)
	if len(layout) > MaxPartNumber || layout[8_999].Size != MinPartSize || layout[9_000].Size <= MinPartSize {
		t.Errorf("%d parts, part 9001 has %d bytes", len(layout), layout[9_000].Size)
	}

	all := listed(slices.Repeat([]int64{MinPartSize}, MaxPartNumber)...)
	if _, err := DeriveLayout(all, MaxPartNumber*MinPartSize+1, 0); !errors.Is(err, ErrLayoutUnknown) {
		t.Errorf("no number is left for the last byte, error %v", err)
	}
}

// FuzzDeriveLayout proves that whatever a server lists, a layout that comes out covers the file once, in legal parts, and leaves
// every listed part where its predecessors put it or plans to send it again.
func FuzzDeriveLayout(f *testing.F) {
	f.Add([]byte{1, 16, 1, 16, 2, 16}, int64(40*MiB), int64(0), int64(MiB))
	f.Add([]byte{1, 1, 1, 2, 1, 1}, int64(5*MiB), int64(MiB), int64(MiB))
	f.Add([]byte{0, 1, 1, 255}, int64(1), int64(-1), int64(math.MaxInt64/2))
	f.Fuzz(func(t *testing.T, list []byte, file, hint, unit int64) {
		var parts []Part
		number := 0
		for i := 0; i+1 < len(list); i += 2 { // number as a step, size as a multiple
			number += int(list[i])
			parts = append(parts, Part{Number: number, Size: int64(list[i+1]) * unit})
		}
		layout, err := DeriveLayout(parts, file, hint)
		if err != nil {
			return
		}
		checkCover(t, layout, file)
		if len(layout) > MaxPartNumber {
			t.Errorf("%d parts", len(layout))
		}
		for i, r := range layout {
			if r.Size > MaxPartSize || r.Size > 0 && r.Size < MinPartSize && r.End() < file {
				t.Errorf("part %d of %d has %d bytes", i+1, len(layout), r.Size)
			}
		}
		for _, p := range parts {
			if p.Number > len(layout) && p.Size > 0 {
				t.Errorf("part %d is listed and has no place", p.Number)
			}
		}
	})
}
