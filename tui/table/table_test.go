package table

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// filled makes a list of names; those beginning with # are headings.
func filled(l *List[string], names ...string) {
	l.Set(len(names), func(i int) string { return names[i] }, func(i int) bool { return !strings.HasPrefix(names[i], "#") })
}

func under(l *List[string]) string {
	if l.Cursor() < 0 {
		return ""
	}
	return l.id(l.Cursor())
}

func TestCursorFollowsIdentity(t *testing.T) {
	var l List[string]
	filled(&l, "#x", "a", "b", "c")
	if under(&l) != "a" {
		t.Fatalf("starts on %q, want the first row", under(&l))
	}
	l.Move(1)
	filled(&l, "#x", "z", "c", "y", "b", "a")
	if under(&l) != "b" {
		t.Errorf("after a new order: on %q, want b", under(&l))
	}
	filled(&l, "#x", "z", "c", "y", "a")
	if under(&l) != "a" {
		t.Errorf("after b went: on %q, want its line's new owner a", under(&l))
	}
	filled(&l)
	if l.Cursor() != -1 {
		t.Errorf("empty: cursor %d", l.Cursor())
	}
	filled(&l, "q", "a")
	if under(&l) != "a" {
		t.Errorf("after being empty: on %q, want a again", under(&l))
	}
}

func TestMoveSkipsHeadingsAndStopsAtEnds(t *testing.T) {
	var l List[string]
	filled(&l, "#1", "a", "#2", "#3", "b", "c", "#4")
	for _, step := range []struct {
		move int
		want string
	}{{1, "b"}, {1, "c"}, {1, "c"}, {-1, "b"}, {-1, "a"}, {-5, "a"}, {99, "c"}} {
		l.Move(step.move)
		if under(&l) != step.want {
			t.Fatalf("move %d: on %q, want %q", step.move, under(&l), step.want)
		}
	}
	l.To(2)
	if under(&l) != "b" {
		t.Errorf("to a heading: on %q, want the row below it", under(&l))
	}
	l.To(99)
	if under(&l) != "c" {
		t.Errorf("to the end: on %q, want c", under(&l))
	}
}

func TestWindowAlwaysShowsTheCursor(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var l List[string]
	for range 3000 {
		n := random.IntN(60)
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprint(i)
			if random.IntN(5) == 0 {
				names[i] = "#" + names[i]
			}
		}
		filled(&l, names...)
		l.Move(random.IntN(21) - 10)
		height := 1 + random.IntN(30)
		l.Settle(height)
		from, to := l.Window(height)
		if to-from > height || to-from < min(height, n) {
			t.Fatalf("%d entries, height %d: window %d-%d", n, height, from, to)
		}
		if at := l.Cursor(); at >= 0 && (at < from || at >= to) {
			t.Fatalf("cursor %d is outside %d-%d", at, from, to)
		}
	}
}

func TestHeadingComesIntoViewWithTheFirstRow(t *testing.T) {
	var l List[string]
	filled(&l, "#1", "a", "b", "c", "d")
	l.To(4)
	l.Settle(3)
	l.Move(-9)
	l.Settle(3)
	if from, _ := l.Window(3); from != 0 {
		t.Errorf("window begins at %d, want 0 with its heading", from)
	}
}
