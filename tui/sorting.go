package tui

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// sortBy is an order of rows within a section.
type sortBy uint8

const (
	sortQueue    sortBy = iota // jobs as they stand in the queue, leftovers by what they hold
	sortAge                    // oldest first
	sortSize                   // largest first
	sortName                   // by key
	sortProgress               // nearest to done first
	sortSpeed                  // fastest first
	sortIdle                   // longest without a part first
)

// sortOrders are the orders with the letter that chooses each in the sort menu.
func sortOrders() []struct {
	by     sortBy
	letter string
	name   string
} {
	return []struct {
		by     sortBy
		letter string
		name   string
	}{
		{sortQueue, "q", "queue"}, {sortAge, "a", "age"}, {sortSize, "s", "size"}, {sortName, "n", "name"},
		{sortProgress, "p", "progress"}, {sortSpeed, "v", "speed"}, {sortIdle, "i", "idle"},
	}
}

func (s sortBy) String() string { return sortOrders()[s].name }

// order sorts indexes into rows. Equal rows stay in their old order, so that a list does not shuffle itself.
func order(rows []row, index []int32, by sortBy, reverse bool, now time.Time) {
	if by == sortQueue && len(index) > 0 && rows[index[0]].ours() {
		if reverse {
			slices.Reverse(index)
		}
		return
	}
	slices.SortStableFunc(index, func(a, b int32) int {
		c := compare(&rows[a], &rows[b], by, now)
		if reverse {
			return -c
		}
		return c
	})
}

func compare(a, b *row, by sortBy, now time.Time) int {
	switch by {
	case sortAge:
		return a.began().Compare(b.began())
	case sortName:
		return strings.Compare(a.ref().Key, b.ref().Key)
	case sortProgress:
		x, _ := a.done()
		y, _ := b.done()
		return cmp.Compare(y, x)
	case sortSpeed:
		return cmp.Compare(b.rate(), a.rate())
	case sortIdle:
		x, _ := a.active()
		y, _ := b.active()
		return x.Compare(y)
	default:
		return cmp.Compare(b.bytes(), a.bytes())
	}
}

func (r *row) rate() float64 {
	if r.job == nil {
		return 0
	}
	return r.job.Rate
}

// bytes is the size to sort by: the final one, or else what is held.
func (r *row) bytes() int64 {
	if size, known := r.size(); known {
		return size
	}
	held, _ := r.held()
	return held
}
