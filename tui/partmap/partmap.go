// Package partmap folds the states of up to 10 000 parts into the cells of a map that fits one screen. It is pure, draws
// nothing and knows no glyph: the caller turns the kinds of cells into glyphs. It may be imported by package tui.
package partmap

// State is where one part stands. The order is the order of weight: a cell that stands for several parts shows the heaviest.
type State uint8

// The states of a part.
const (
	Beyond  State = iota // behind what is known of the upload: nothing can be said
	Missing              // not sent
	Done                 // the server has it
	Moving               // being sent
	Differs              // the server has other bytes than the file
	Bad                  // failed, waits to be sent again, or is a gap
)

// Kind is what a cell shows.
type Kind uint8

// The kinds of cells.
const (
	KindBlank Kind = iota
	KindNone       // no part of the cell is in
	KindSome       // less than half
	KindMost       // half or more
	KindFull       // all
	KindMoving
	KindDiffers
	KindBad
)

// PerCell is how many parts a cell must stand for so that the map of all parts fits cols by rows cells; at least 1.
func PerCell(parts, cols, rows int) int {
	cells := max(cols*rows, 1)
	per := max((parts+cells-1)/cells, 1)
	// Rows are filled whole, so the last row's rest may cost one row too many.
	for (Count(parts, per)+cols-1)/max(cols, 1) > max(rows, 1) {
		per++
	}
	return per
}

// Count is the number of cells for parts at per parts a cell.
func Count(parts, per int) int {
	if per < 1 {
		return 0
	}
	return (parts + per - 1) / per
}

// Cells folds states (index n-1 is part n) into cells of per parts each.
func Cells(states []State, per int) []Kind {
	if per < 1 {
		return nil
	}
	cells := make([]Kind, 0, Count(len(states), per))
	for from := 0; from < len(states); from += per {
		cells = append(cells, fold(states[from:min(from+per, len(states))]))
	}
	return cells
}

func fold(states []State) Kind {
	worst, done, known := Beyond, 0, 0
	for _, s := range states {
		worst = max(worst, s)
		if s != Beyond {
			known++
		}
		if s == Done {
			done++
		}
	}
	switch worst {
	case Bad:
		return KindBad
	case Differs:
		return KindDiffers
	case Moving:
		return KindMoving
	}
	switch {
	case known == 0:
		return KindBlank
	case done == known:
		return KindFull
	case done == 0:
		return KindNone
	case done*2 >= known:
		return KindMost
	}
	return KindSome
}

// Dots draws eight parts, or fewer at the end, as one braille cell with a dot for each part that is done: the left column from
// top to bottom, then the right one.
func Dots(states []State) rune {
	bits := [8]rune{0x01, 0x02, 0x04, 0x40, 0x08, 0x10, 0x20, 0x80}
	glyph := rune(0x2800)
	for i, s := range states[:min(len(states), 8)] {
		if s == Done {
			glyph |= bits[i]
		}
	}
	return glyph
}

// Next is the first part behind number from (or before it, if step is -1) that is Bad or Differs, going round once; 0 if there is
// none. Part numbers begin at 1.
func Next(states []State, from, step int) int {
	n := len(states)
	for i := 1; i <= n; i++ {
		at := ((from-1+i*step)%n + n) % n
		if states[at] == Bad || states[at] == Differs {
			return at + 1
		}
	}
	return 0
}

// Tally counts the parts by state.
func Tally(states []State) (counts [Bad + 1]int) {
	for _, s := range states {
		counts[s]++
	}
	return counts
}
