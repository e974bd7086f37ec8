package partmap

import (
	"slices"
	"testing"
)

func TestPerCellAlwaysFits(t *testing.T) {
	for _, parts := range []int{0, 1, 7, 8, 9, 70, 71, 840, 9_999, 10_000} {
		for cols := 1; cols <= 200; cols += 13 {
			for rows := 1; rows <= 20; rows++ {
				per := PerCell(parts, cols, rows)
				if used := (Count(parts, per) + cols - 1) / cols; used > rows {
					t.Fatalf("%d parts in %dx%d: %d a cell need %d rows", parts, cols, rows, per, used)
				}
				if per > 1 && Count(parts, per-1) <= cols*rows-cols {
					t.Fatalf("%d parts in %dx%d: %d a cell is more than needed", parts, cols, rows, per)
				}
			}
		}
	}
}

func TestPerCellOfTheTwoGreatScreens(t *testing.T) {
	if got := PerCell(10_000, 105, 12); got != 8 {
		t.Errorf("105x12: %d parts a cell, want 8", got)
	}
	if got := PerCell(10_000, 70, 8); got != 18 {
		t.Errorf("70x8: %d parts a cell, want 18", got)
	}
}

func TestFold(t *testing.T) {
	for _, c := range []struct {
		name   string
		states []State
		want   Kind
	}{
		{"nothing known", []State{Beyond, Beyond}, KindBlank},
		{"none", []State{Missing, Missing}, KindNone},
		{"all", []State{Done, Done}, KindFull},
		{"all that is known", []State{Done, Beyond}, KindFull},
		{"some", []State{Done, Missing, Missing}, KindSome},
		{"half", []State{Done, Missing}, KindMost},
		{"moving wins over fill", []State{Done, Moving, Missing}, KindMoving},
		{"differs wins over moving", []State{Moving, Differs, Done}, KindDiffers},
		{"bad wins over all", []State{Bad, Differs, Moving, Done, Missing}, KindBad},
	} {
		if got := Cells(c.states, len(c.states)); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %v, want [%v]", c.name, got, c.want)
		}
	}
}

func TestOneBadPartIsNeverLost(t *testing.T) {
	for _, per := range []int{1, 2, 7, 8, 18, 100} {
		for at := range 1000 {
			states := slices.Repeat([]State{Done}, 1000)
			states[at] = Bad
			cells := Cells(states, per)
			if cells[at/per] != KindBad {
				t.Fatalf("%d a cell: the bad part %d is not in cell %d", per, at+1, at/per)
			}
		}
	}
}

func TestDots(t *testing.T) {
	for _, c := range []struct {
		states []State
		want   rune
	}{
		{nil, '⠀'}, {[]State{Done}, '⠁'}, {slices.Repeat([]State{Done}, 8), '⣿'}, {slices.Repeat([]State{Done}, 9), '⣿'},
		{[]State{Missing, Missing, Missing, Done}, '⡀'}, {[]State{Moving, Missing, Missing, Missing, Done}, '⠈'},
	} {
		if got := Dots(c.states); got != c.want {
			t.Errorf("%v: %c, want %c", c.states, got, c.want)
		}
	}
}

func TestNext(t *testing.T) {
	states := []State{Done, Bad, Done, Differs, Done}
	for _, c := range []struct{ from, step, want int }{{1, 1, 2}, {2, 1, 4}, {4, 1, 2}, {4, -1, 2}, {1, -1, 4}} {
		if got := Next(states, c.from, c.step); got != c.want {
			t.Errorf("from %d step %d: %d, want %d", c.from, c.step, got, c.want)
		}
	}
	if got := Next([]State{Done, Moving}, 1, 1); got != 0 {
		t.Errorf("no problem: %d, want 0", got)
	}
	if got := Next(nil, 1, 1); got != 0 {
		t.Errorf("no part: %d, want 0", got)
	}
}

func BenchmarkCells10000(b *testing.B) {
	states := slices.Repeat([]State{Done, Done, Moving, Missing, Missing}, 2000)
	for b.Loop() {
		Cells(states, PerCell(len(states), 70, 8))
	}
}
