package emulator

import (
	"slices"
	"sort"
	"strings"
)

// index keeps items in the order lists are answered in. A plain sorted slice: an insertion moves pointers (some microseconds
// among 100 000) and a page is a binary search and a walk, so neither ever needs a sort.
type index[T any] struct {
	items   []T
	compare func(a, b T) int
}

func (x *index[T]) insert(item T) {
	// Items mostly arrive at the end: part numbers grow, and a reload brings them sorted.
	if n := len(x.items); n == 0 || x.compare(x.items[n-1], item) < 0 {
		x.items = append(x.items, item)
		return
	}
	at, _ := slices.BinarySearchFunc(x.items, item, x.compare)
	x.items = slices.Insert(x.items, at, item)
}

func (x *index[T]) remove(item T) {
	if at, found := slices.BinarySearchFunc(x.items, item, x.compare); found {
		x.items = slices.Delete(x.items, at, at+1)
	}
}

// bulk takes many items at once, for a start from disk.
func (x *index[T]) bulk(items []T) {
	x.items = append(x.items, items...)
	slices.SortFunc(x.items, x.compare)
}

// entry is one line of a page: an item by its place in the index, or a common prefix.
type entry struct {
	item   int // -1 for a prefix
	prefix string
}

// page is what one list call answers.
type page struct {
	entries   []entry
	truncated bool
}

// pageQuery selects a page. start is the first place past the marker; marker is needed beside it, since a page that ended in a
// common prefix is continued by naming this prefix, whose keys lie behind it.
type pageQuery struct {
	start             int
	marker            string
	prefix, delimiter string
	max               int
}

// paginate walks n keys in byte order. A group of keys under one common prefix is passed over by binary search, so that a page
// costs the same whether a folder holds ten keys or a million.
func paginate(n int, keyAt func(int) string, q pageQuery) page {
	var out page
	if q.max == 0 {
		return out
	}
	i := max(q.start, sort.Search(n, func(i int) bool { return keyAt(i) >= q.prefix }))
	for i < n {
		key := keyAt(i)
		if !strings.HasPrefix(key, q.prefix) {
			break
		}
		group, grouped := commonPrefix(key, q.prefix, q.delimiter)
		next := i + 1
		if grouped {
			next = i + sort.Search(n-i, func(d int) bool { return !strings.HasPrefix(keyAt(i+d), group) })
			if group == q.marker {
				i = next
				continue
			}
		}
		if len(out.entries) == q.max {
			out.truncated = true
			break
		}
		if grouped {
			out.entries = append(out.entries, entry{item: -1, prefix: group})
		} else {
			out.entries = append(out.entries, entry{item: i})
		}
		i = next
	}
	return out
}

func commonPrefix(key, prefix, delimiter string) (string, bool) {
	if delimiter == "" {
		return "", false
	}
	at := strings.Index(key[len(prefix):], delimiter)
	if at < 0 {
		return "", false
	}
	return key[:len(prefix)+at+len(delimiter)], true
}
