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
// where its predecessor ends, whatever the sizes. Behind a gap positions are known only if all parts but the last have one
// size. Both the missing parts and the tail behind the last listed part are given that size too.
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
		if layout, err := uniformLayout(parts, fileSize, uniform); err == nil || gaps {
			return layout, err
		}
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
		if len(parts) == 1 && last.Number > 1 {
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

// contiguousLayout puts parts of mixed sizes end to end, which is right only as long as no number is missing.
func contiguousLayout(parts []Part, fileSize int64) (Layout, error) {
	var layout Layout
	var offset int64
	for i, p := range parts {
		if p.Number != i+1 {
			return nil, fmt.Errorf("%w: part %d is missing and the others have different sizes", ErrLayoutUnknown, i+1)
		}
		if p.Size < MinPartSize && offset+p.Size < fileSize {
			if i == len(parts)-1 { // nothing lies behind it: it is sent again, larger
				break
			}
			return nil, &PlanError{Size: fileSize, PartSize: p.Size,
				Reason: fmt.Sprintf("part %d has %s, and OSS completes no upload in which a part but the last has less than %s",
					p.Number, ExactSize(p.Size), ExactSize(MinPartSize))}
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
