package model

import (
	"errors"
	"fmt"
)

// ErrLayoutUnknown is returned, wrapped, by DeriveLayout when the parts on the server do not tell where they lie in the file.
var ErrLayoutUnknown = errors.New("the position of the parts in the file cannot be derived")

// DeriveLayout finds where each part of an upload lies in a file of fileSize bytes, from nothing but the parts the server lists
// (ascending by number) and partSize, the size that a journal or checkpoint names (0: unknown).
//
// Part numbers say the order, not the position; a gap hides a part of unknown size. So: without a gap before it, a part begins
// where its predecessor ends, whatever the sizes. Behind a gap positions are known if all parts but the last have one size; both the
// missing parts and the tail behind the last listed part are given that size too. Behind a gap among mixed sizes the parts are taken to
// end where the file ends, which is right if nothing is missing behind them.
//
// A layout is a proposal: it is for whoever compares the parts with the file to find out that they lie elsewhere.
func DeriveLayout(parts []Part, fileSize, partSize int64) (Layout, error) {
	if len(parts) == 0 {
		plan, err := NewPlan(fileSize, partSize)
		if err != nil {
			return nil, err
		}
		return plan.Layout(), nil
	}
	if err := checkListed(parts); err != nil {
		return nil, err
	}
	gaps := parts[len(parts)-1].Number > len(parts)
	if uniform := uniformPartSize(parts, partSize); uniform > 0 {
		// Where no plan has this size, parts without a gap can still lie end to end: a small one that is the whole file, or ones of
		// which 10 000 would not suffice, with larger ones to follow.
		layout, err := uniformLayout(parts, fileSize, uniform)
		if err != nil && gaps {
			if anchored, other := anchoredLayout(parts, fileSize); other == nil {
				return anchored, nil
			}
		}
		if err == nil || gaps {
			return layout, err
		}
	}
	if gaps {
		return anchoredLayout(parts, fileSize)
	}
	return contiguousLayout(parts, fileSize)
}

// checkListed refuses a list that no upload can have. It comes from a server; sizes that overflow would put parts anywhere.
func checkListed(parts []Part) error {
	before := 0
	for _, p := range parts {
		if p.Number <= before || p.Number > MaxPartNumber || p.Size < 0 || p.Size > MaxPartSize {
			return fmt.Errorf("%w: the list of parts has a part %d of %d bytes behind part %d", ErrLayoutUnknown, p.Number, p.Size, before)
		}
		before = p.Number
	}
	return nil
}

// uniformPartSize is the one size that all parts but the highest-numbered have, or 0. The highest may be shorter: it may be the
// file's tail.
func uniformPartSize(parts []Part, hint int64) int64 {
	last := parts[len(parts)-1]
	size := hint
	if size == 0 {
		size = parts[0].Size
		if len(parts) == 1 && last.Number > 1 && size < MinPartSize { // it can only be the end of the file
			return 0
		}
	}
	for _, p := range parts[:len(parts)-1] {
		if p.Size != size {
			return 0
		}
	}
	if last.Size > size {
		return 0
	}
	return size
}

func uniformLayout(parts []Part, fileSize, size int64) (Layout, error) {
	plan, err := NewPlan(fileSize, size)
	if err != nil {
		return nil, fmt.Errorf("parts of %s: %w", ExactSize(size), err)
	}
	last := parts[len(parts)-1]
	if last.Number > plan.Count() {
		return nil, fmt.Errorf("%w: part %d of %s lies behind the end of a file of %s", ErrLayoutUnknown, last.Number, ExactSize(size), ExactSize(fileSize))
	}
	return plan.Layout(), nil
}

// anchoredLayout is for parts of mixed sizes with gaps: those before the first gap begin where the file begins, those behind the last
// gap end where it ends, and what lies between them is cut anew for the numbers between them. Parts between two gaps are sent again.
func anchoredLayout(parts []Part, fileSize int64) (Layout, error) {
	head := 0
	for head < len(parts) && parts[head].Number == head+1 {
		head++
	}
	tail := len(parts) - 1
	for tail > 0 && parts[tail-1].Number == parts[tail].Number-1 {
		tail--
	}
	var before, behind int64
	for i, p := range parts {
		if (i < head || i >= tail) && p.Size < MinPartSize && i < len(parts)-1 {
			return nil, tooSmall(fileSize, p)
		}
		if i < head {
			before += p.Size
		} else if i >= tail {
			behind += p.Size
		}
	}
	rest, numbers := fileSize-before-behind, int64(parts[tail].Number-1-head)
	switch {
	case rest < 0:
		return nil, fmt.Errorf("%w: the parts at both ends hold %s, more than the file's %s", ErrLayoutUnknown, ExactSize(before+behind), ExactSize(fileSize))
	case rest > 0 && rest < MinPartSize, rest > numbers*MaxPartSize:
		return nil, fmt.Errorf("%w: part %d is missing, the others have different sizes, and %s for %d numbers make no legal parts", ErrLayoutUnknown, head+1, ExactSize(rest), numbers)
	}
	layout := make(Layout, 0, parts[len(parts)-1].Number)
	add := func(size int64) {
		offset := int64(0)
		if len(layout) > 0 {
			offset = layout[len(layout)-1].End()
		}
		layout = append(layout, Range{Offset: offset, Size: size})
	}
	for _, p := range parts[:head] {
		add(p.Size)
	}
	used := min(numbers, rest/MinPartSize)
	for i := range numbers {
		if i < used {
			add(rest/used + min(max(rest%used-i, 0), 1)) // the first ones a byte larger, so that all of it is covered
		} else {
			add(0)
		}
	}
	for _, p := range parts[tail:] {
		add(p.Size)
	}
	return layout, nil
}

func tooSmall(fileSize int64, p Part) error {
	return &PlanError{Size: fileSize, PartSize: p.Size,
		Reason: fmt.Sprintf("part %d has %s, and OSS completes no upload in which a part but the last has less than %s",
			p.Number, ExactSize(p.Size), ExactSize(MinPartSize))}
}

// contiguousLayout puts parts of mixed sizes end to end. No number is missing.
func contiguousLayout(parts []Part, fileSize int64) (Layout, error) {
	var layout Layout
	var offset int64
	for i, p := range parts {
		if p.Size < MinPartSize && offset+p.Size < fileSize {
			if i == len(parts)-1 { // nothing lies behind it: it is sent again, larger
				break
			}
			return nil, tooSmall(fileSize, p)
		}
		layout = append(layout, Range{Offset: offset, Size: p.Size})
		offset += p.Size
	}
	if len(layout) == 0 {
		return DeriveLayout(nil, fileSize, 0)
	}
	if offset > fileSize {
		return nil, fmt.Errorf("%w: the parts hold %s, more than the file's %s", ErrLayoutUnknown, ExactSize(offset), ExactSize(fileSize))
	}
	return appendTail(layout, offset, fileSize)
}

// appendTail cuts what follows the listed parts into parts of the size of the first one, or larger where the numbers left
// would not suffice.
func appendTail(layout Layout, offset, fileSize int64) (Layout, error) {
	rest := fileSize - offset
	if rest == 0 {
		return layout, nil
	}
	free := int64(MaxPartNumber - len(layout))
	if free == 0 {
		return nil, fmt.Errorf("%w: all %d part numbers are used and %s are left", ErrLayoutUnknown, MaxPartNumber, ExactSize(rest))
	}
	size := max(layout[0].Size, MinPartSize, ceilDiv(rest, free))
	if size > MaxPartSize {
		return nil, fmt.Errorf("%w: %d part numbers are left for %s", ErrLayoutUnknown, free, ExactSize(rest))
	}
	for offset < fileSize {
		r := Range{Offset: offset, Size: min(size, fileSize-offset)}
		layout = append(layout, r)
		offset = r.End()
	}
	return layout, nil
}
