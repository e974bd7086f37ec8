package model

import (
	"errors"
	"fmt"
	"math"
)

// Plan says how a file of a known size is cut into parts: parts 1 … Count, each PartSize bytes long but the last, which is
// LastSize. The zero Plan describes nothing. A Plan is fixed when the upload is initiated and kept in the journal, because a
// different cut would put the right bytes under the wrong part numbers.
type Plan struct {
	Size     int64 `json:"size"`      // bytes of the whole file
	PartSize int64 `json:"part_size"` // bytes of every part but the last
}

// Range is a stretch of a file: Size bytes from Offset on.
type Range struct {
	Offset int64 `json:"offset"`
	Size   int64 `json:"size"`
}

// End is the offset of the first byte behind the range.
func (r Range) End() int64 { return r.Offset + r.Size }

// PlanError is a part size or file size that no legal plan exists for. Nearest, if not 0, is the legal part size in bytes
// closest to the one asked for.
type PlanError struct {
	Size     int64 // of the file
	PartSize int64 // asked for
	Nearest  int64
	Reason   string
}

func (e *PlanError) Error() string {
	text := e.Reason
	if e.Nearest != 0 {
		text += fmt.Sprintf("; the nearest legal part size is %s", ExactSize(e.Nearest))
	}
	return text
}

// NewPlan cuts size bytes into parts. A partSize of 0 chooses one: DefaultPartSize, or more where 10 000 of those would not
// suffice, rounded up to a whole MiB. A partSize that is given is kept to the byte or refused with a *PlanError that names the
// nearest legal one. A file of 0 bytes has a plan of no parts: it is sent as a simple object.
func NewPlan(size, partSize int64) (Plan, error) {
	switch {
	case size < 0:
		return Plan{}, fmt.Errorf("plan a file of %d bytes: the size is negative", size)
	case size > MaxObjectSize:
		return Plan{}, &PlanError{Size: size, PartSize: partSize,
			Reason: fmt.Sprintf("the file has %s and OSS takes objects of at most %s (%d parts of %s)",
				FormatSize(size), FormatSize(MaxObjectSize), MaxPartNumber, FormatSize(MaxPartSize))}
	}
	if partSize == 0 {
		return Plan{Size: size, PartSize: autoPartSize(size)}, nil
	}
	smallest := max(MinPartSize, ceilDiv(size, MaxPartNumber))
	switch {
	case partSize < MinPartSize:
		return Plan{}, &PlanError{Size: size, PartSize: partSize, Nearest: smallest,
			Reason: fmt.Sprintf("a part size of %s is too small: OSS wants at least %s for every part but the last",
				ExactSize(partSize), ExactSize(MinPartSize))}
	case partSize > MaxPartSize:
		return Plan{}, &PlanError{Size: size, PartSize: partSize, Nearest: MaxPartSize,
			Reason: fmt.Sprintf("a part size of %s is too large: OSS takes parts of at most %s", ExactSize(partSize), ExactSize(MaxPartSize))}
	case partSize < smallest:
		return Plan{}, &PlanError{Size: size, PartSize: partSize, Nearest: smallest,
			Reason: fmt.Sprintf("a part size of %s cuts %s into %d parts, and OSS takes at most %d",
				ExactSize(partSize), FormatSize(size), ceilDiv(size, partSize), MaxPartNumber)}
	}
	return Plan{Size: size, PartSize: partSize}, nil
}

// autoPartSize leaves 5 % of the part numbers free, so that a file that is found a little larger when it is opened again still
// fits its plan's part size.
func autoPartSize(size int64) int64 {
	const comfortable = MaxPartNumber * 95 / 100
	if size <= DefaultPartSize*comfortable {
		return DefaultPartSize
	}
	wanted := ceilDiv(size, comfortable)
	return min(ceilDiv(wanted, MiB)*MiB, MaxPartSize)
}

// Count is the number of parts.
func (p Plan) Count() int {
	if p.PartSize <= 0 {
		return 0
	}
	return int(ceilDiv(p.Size, p.PartSize))
}

// Part is the range of part number n, which must be in 1 … Count.
func (p Plan) Part(n int) Range {
	offset := int64(n-1) * p.PartSize
	return Range{Offset: offset, Size: min(p.PartSize, p.Size-offset)}
}

// Valid reports whether the plan could have come from NewPlan. A plan read from a journal is checked with it before use.
func (p Plan) Valid() error {
	if p.PartSize == 0 {
		return errors.New("the plan has no part size")
	}
	_, err := NewPlan(p.Size, p.PartSize)
	return err
}

// Layout is where each part of an upload lies in the file. Unlike a Plan it can describe what any tool began: sizes may differ
// from part to part. The range of part n is at index n-1; a Size of 0 is a part number that the layout does not use.
type Layout []Range

// Layout lists the ranges of all parts of the plan.
func (p Plan) Layout() Layout {
	layout := make(Layout, p.Count())
	for i := range layout {
		layout[i] = p.Part(i + 1)
	}
	return layout
}

// Size is the number of bytes that all parts of the layout cover together.
func (l Layout) Size() int64 {
	var sum int64
	for _, r := range l {
		sum += r.Size
	}
	return sum
}

func ceilDiv(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return a/b + 1
	}
	return (a + b - 1) / b
}
