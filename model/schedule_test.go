package model

import (
	"errors"
	"testing"
)

// cutStream cuts a stream of size bytes as the schedule says and returns the number of parts, or 0 if they do not suffice.
func cutStream(t *testing.T, s Schedule, size int64) int {
	t.Helper()
	sent, before := int64(0), int64(0)
	for n := 1; n <= MaxPartNumber; n++ {
		part := s.Next(sent)
		if part < MinPartSize || part > MaxPartSize || part < before {
			t.Fatalf("part %d has %d bytes behind one of %d", n, part, before)
		}
		if sent += part; sent >= size {
			return n
		}
		before = part
	}
	return 0
}

// TestScheduleReaches goes from one byte to the largest object.
func TestScheduleReaches(t *testing.T) {
	grows := Schedule{}
	for _, test := range []struct {
		size  int64
		parts int
	}{
		{1, 1}, {16 * MiB, 1}, {16*MiB + 1, 2}, {1600 * MiB, 100}, {1600*MiB + 1, 101}, {GiB, 64}, {5 * GiB, 215}, {100 * GiB, 515},
		{TiB, 782}, {10 * TiB, 2625}, {46 * TiB, 9998},
	} {
		if got := cutStream(t, grows, test.size); got != test.parts {
			t.Errorf("%s make %d parts, want %d", FormatSize(test.size), got, test.parts)
		}
	}
	if limit := grows.Limit(); limit < 46*TiB || limit > 47*TiB || cutStream(t, grows, limit) != MaxPartNumber || cutStream(t, grows, limit+1) != 0 {
		t.Errorf("the schedule ends at %d bytes (%s)", limit, FormatSize(limit))
	}
	held, err := NewSchedule(0, 0, 512*MiB)
	if limit := held.Limit(); err != nil || limit < 9*TiB/2 || limit > 5*TiB {
		t.Errorf("with parts of at most 512 MiB it ends at %s, %v", FormatSize(limit), err)
	}
	// Who says what comes gets up to the service's limit.
	for _, expected := range []int64{1, 16 * MiB, 160 * GiB, 10 * TiB, 46 * TiB, MaxObjectSize} {
		s, err := NewSchedule(expected, 0, 0)
		if err != nil || cutStream(t, s, expected) == 0 {
			t.Errorf("%s expected: %+v, %v", FormatSize(expected), s, err)
		}
	}
}

func TestNewScheduleRefuses(t *testing.T) {
	for name, test := range map[string]struct{ expected, partSize, largest int64 }{
		"longer than any object":    {expected: MaxObjectSize + 1},
		"negative":                  {expected: -1},
		"part too small":            {partSize: MinPartSize - 1},
		"part too large":            {partSize: MaxPartSize + 1},
		"too many parts":            {expected: TiB, partSize: MiB},
		"part larger than the room": {partSize: GiB, largest: 512 * MiB},
		"stream larger than room":   {expected: 40 * TiB, largest: 512 * MiB},
	} {
		s, err := NewSchedule(test.expected, test.partSize, test.largest)
		if err == nil || s != (Schedule{}) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
		if plan, ok := errors.AsType[*PlanError](err); test.largest > 0 && (!ok || plan.Nearest != test.largest) {
			t.Errorf("%s: %v does not name the room", name, err)
		}
	}
}

// FuzzSchedule proves that no schedule makes a part that the service refuses, that parts never shrink, and that one for an expected
// size reaches it.
func FuzzSchedule(f *testing.F) {
	for _, n := range []int64{0, 1, MinPartSize, 16 * MiB, TiB, MaxObjectSize} {
		f.Add(n, int64(0), int64(0), n)
		f.Add(n, n, 512*MiB, n)
	}
	f.Fuzz(func(t *testing.T, expected, partSize, largest, sent int64) {
		if largest < 0 || largest > 0 && largest < DefaultPartSize || largest > MaxPartSize || sent < 0 || sent > MaxObjectSize {
			return
		}
		s, err := NewSchedule(expected, partSize, largest)
		if err != nil {
			return
		}
		a, b := s.Next(sent), s.Next(sent+1)
		if a < MinPartSize || a > MaxPartSize || largest > 0 && a > largest || b < a {
			t.Errorf("%+v: behind %d bytes comes a part of %d, behind one more %d", s, sent, a, b)
		}
		if (expected > 0 || partSize > 0) && s.Limit() < expected {
			t.Errorf("%+v ends at %d before the %d expected", s, s.Limit(), expected)
		}
	})
}
