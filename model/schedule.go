package model

import "fmt"

// Schedule says how a stream is cut, whose length nobody knows before it ends. The zero Schedule is the published one:
//
//	each part is a hundredth of what was sent before it, rounded up to a MiB, at least 16 MiB and at most 5 GiB
//
// So little is lost of a short stream when a part has to be sent again, the first 1.6 GiB go in parts of 16 MiB, and 10 000 parts
// still reach 46 TiB (see Limit). A Schedule with a PartSize cuts parts of that size alone.
type Schedule struct {
	PartSize int64 `json:"part_size,omitempty"` // bytes of every part but the last; 0: they grow
	// Largest bounds the parts that grow, in bytes, for whoever has to hold a whole part; 0: MaxPartSize.
	Largest int64 `json:"largest,omitempty"`
}

// growth is the part of what was sent that the next part has: a hundredth.
const growth = 100

// NewSchedule chooses how to cut a stream. A partSize that is given counts; else an expected size, in bytes, chooses the one size
// that a file of it would get; 0 for both lets the parts grow. largest is the largest part that can be held, 0 for no bound but
// the service's. The error is a *PlanError.
func NewSchedule(expected, partSize, largest int64) (Schedule, error) {
	if largest == 0 {
		largest = MaxPartSize
	}
	if expected == 0 && partSize == 0 {
		return Schedule{Largest: largest}, nil
	}
	plan, err := NewPlan(expected, partSize)
	if err != nil {
		return Schedule{}, err
	}
	if plan.PartSize > largest {
		return Schedule{}, &PlanError{Size: expected, PartSize: plan.PartSize, Nearest: largest,
			Reason: fmt.Sprintf("%s in parts of %s do not fit: a part is held whole, and there is room for %s", FormatSize(expected), ExactSize(plan.PartSize), ExactSize(largest))}
	}
	return Schedule{PartSize: plan.PartSize}, nil
}

// Next is the size in bytes of the part that follows after sent bytes.
func (s Schedule) Next(sent int64) int64 {
	if s.PartSize > 0 {
		return s.PartSize
	}
	largest := s.Largest
	if largest == 0 {
		largest = MaxPartSize
	}
	return min(max(ceilDiv(ceilDiv(sent, growth), MiB)*MiB, DefaultPartSize), largest)
}

// Limit is the longest stream in bytes that the schedule reaches with MaxPartNumber parts.
func (s Schedule) Limit() int64 {
	var sent int64
	for range MaxPartNumber {
		sent += s.Next(sent)
	}
	return sent
}
