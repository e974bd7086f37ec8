package model

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestNewPlan(t *testing.T) {
	for _, test := range []struct {
		name           string
		size, partSize int64
		count          int   // of a legal plan
		chosen         int64 // part size of a legal plan
		nearest        int64 // of an illegal one that has a way on
		refused        string
	}{
		{name: "empty file", size: 0, count: 0, chosen: DefaultPartSize},
		{name: "one byte", size: 1, count: 1, chosen: DefaultPartSize},
		{name: "one default part", size: DefaultPartSize, count: 1, chosen: DefaultPartSize},
		{name: "a byte more", size: DefaultPartSize + 1, count: 2, chosen: DefaultPartSize},
		{name: "smallest legal part", size: MiB, partSize: MinPartSize, count: 11, chosen: MinPartSize},
		{name: "file smaller than its part", size: 5, partSize: MinPartSize, count: 1, chosen: MinPartSize},
		{name: "odd part size is kept", size: MiB, partSize: 102_401, count: 11, chosen: 102_401},
		{name: "10 000 parts", size: 10_000 * MinPartSize, partSize: MinPartSize, count: 10_000, chosen: MinPartSize},
		{name: "largest part", size: 6 * GiB, partSize: MaxPartSize, count: 2, chosen: MaxPartSize},
		{name: "48.8 TB", size: MaxObjectSize, count: 10_000, chosen: MaxPartSize},
		{name: "48.8 TB, told", size: MaxObjectSize, partSize: MaxPartSize, count: 10_000, chosen: MaxPartSize},
		{name: "all the default parts that are comfortable", size: 9_500 * DefaultPartSize, count: 9_500, chosen: DefaultPartSize},
		{name: "a byte more than comfortable", size: 9_500*DefaultPartSize + 1, count: 8_942, chosen: 17 * MiB},

		{name: "99 999 B parts", size: GiB, partSize: 99_999, nearest: 107_375, refused: "too small"},
		{name: "99 999 B parts of a small file", size: MiB, partSize: 99_999, nearest: MinPartSize, refused: "too small"},
		{name: "a byte too small", size: MiB, partSize: MinPartSize - 1, nearest: MinPartSize, refused: "too small"},
		{name: "one byte parts of an empty file", size: 0, partSize: 1, nearest: MinPartSize, refused: "too small"},
		{name: "negative part size", size: MiB, partSize: -1, nearest: MinPartSize, refused: "too small"},
		{name: "5 GiB and a byte", size: MiB, partSize: MaxPartSize + 1, nearest: MaxPartSize, refused: "too large"},
		{name: "10 001 parts", size: 10_000*MinPartSize + 1, partSize: MinPartSize, nearest: MinPartSize + 1, refused: "10001 parts"},
		{name: "48.8 TB in 16 MiB parts", size: MaxObjectSize, partSize: 16 * MiB, nearest: MaxPartSize, refused: "3200000 parts"},
		{name: "too large a file", size: MaxObjectSize + 1, refused: "at most"},
		{name: "negative file", size: -1, refused: "negative"},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan, err := NewPlan(test.size, test.partSize)
			if test.refused == "" {
				if err != nil || plan.Count() != test.count || plan.PartSize != test.chosen || plan.Size != test.size {
					t.Fatalf("got %+v with %d parts, %v; want %d parts of %d", plan, plan.Count(), err, test.count, test.chosen)
				}
				if err := plan.Valid(); err != nil {
					t.Errorf("the plan it made is not valid: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.refused) {
				t.Fatalf("got %+v, %v; want an error with %q", plan, err, test.refused)
			}
			wrong, _ := errors.AsType[*PlanError](err)
			if test.nearest == 0 {
				if wrong != nil && wrong.Nearest != 0 {
					t.Errorf("offers %d where nothing helps", wrong.Nearest)
				}
				return
			}
			if wrong == nil || wrong.Nearest != test.nearest {
				t.Fatalf("got %+v; want the nearest legal size %d", wrong, test.nearest)
			}
			if !strings.Contains(err.Error(), ExactSize(test.nearest)) {
				t.Errorf("%q does not name the nearest legal size", err)
			}
		})
	}
}

func TestPlanValidRefusesWhatAJournalMustNotSay(t *testing.T) {
	for _, plan := range []Plan{{}, {Size: 5}, {Size: -1, PartSize: MiB}, {Size: 5, PartSize: -1}, {Size: 5, PartSize: 1}, {Size: MaxObjectSize, PartSize: MiB}} {
		if plan.Valid() == nil {
			t.Errorf("%+v is valid", plan)
		}
	}
	if n := (Plan{Size: 5}).Count(); n != 0 {
		t.Errorf("a plan without a part size has %d parts", n)
	}
}

// FuzzPlan proves that every plan covers every byte once and keeps the limits, and that an offered part size is legal and nearest.
func FuzzPlan(f *testing.F) {
	for _, size := range []int64{0, 1, MinPartSize, 10_000 * MinPartSize, 10_000*MinPartSize + 1, MaxObjectSize, MaxObjectSize + 1, -1} {
		for _, partSize := range []int64{0, 1, 99_999, MinPartSize, DefaultPartSize, MaxPartSize, MaxPartSize + 1, -1} {
			f.Add(size, partSize)
		}
	}
	f.Fuzz(func(t *testing.T, size, partSize int64) {
		plan, err := NewPlan(size, partSize)
		if err != nil {
			if plan != (Plan{}) {
				t.Errorf("a plan beside the error: %+v", plan)
			}
			if wrong, ok := errors.AsType[*PlanError](err); ok && wrong.Nearest != 0 {
				checkNearest(t, size, partSize, wrong.Nearest)
			}
			return
		}
		checkPlan(t, plan, size, partSize)
	})
}

func checkPlan(t *testing.T, plan Plan, size, partSize int64) {
	t.Helper()
	if plan.Size != size || partSize != 0 && plan.PartSize != partSize {
		t.Errorf("asked for %d in parts of %d, got %+v", size, partSize, plan)
	}
	if plan.PartSize < MinPartSize || plan.PartSize > MaxPartSize || plan.Count() > MaxPartNumber {
		t.Errorf("%+v with %d parts breaks a limit", plan, plan.Count())
	}
	checkCover(t, plan.Layout(), size)
	for i, r := range plan.Layout() {
		if last := i == plan.Count()-1; !last && r.Size != plan.PartSize || r.Size <= 0 || r.Size > plan.PartSize {
			t.Errorf("part %d has %d bytes", i+1, r.Size)
		}
	}
}

// checkCover checks that the ranges follow one another from 0 to size, so that every byte is in one part and in one only.
func checkCover(t *testing.T, layout Layout, size int64) {
	t.Helper()
	var at int64
	for i, r := range layout {
		if r.Offset != at {
			t.Fatalf("part %d begins at %d, its predecessor ends at %d", i+1, r.Offset, at)
		}
		at = r.End()
	}
	if at != size || layout.Size() != size {
		t.Errorf("the parts cover %d bytes, the sum of their sizes is %d, the file has %d", at, layout.Size(), size)
	}
}

// checkNearest checks that the offered size is legal and that no legal size lies between it and the one asked for.
func checkNearest(t *testing.T, size, asked, offered int64) {
	t.Helper()
	if _, err := NewPlan(size, offered); err != nil {
		t.Errorf("%d is offered for %d and refused: %v", offered, size, err)
	}
	between := offered - 1
	if asked > offered {
		between = offered + 1
	}
	if _, err := NewPlan(size, between); err == nil {
		t.Errorf("%d is offered for %d of a file of %d, and %d is legal as well", offered, asked, size, between)
	}
}

func ExampleNewPlan() {
	plan, _ := NewPlan(40*MiB, 0)
	fmt.Println(plan.Count(), plan.Part(3))
	_, err := NewPlan(2*TiB, 16*MiB)
	fmt.Println(err)
	// Output:
	// 3 {33554432 8388608}
	// a part size of 16 MiB cuts 2.0 TiB into 131072 parts, and OSS takes at most 10000; the nearest legal part size is 219902326 B
}
