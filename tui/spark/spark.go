// Package spark draws a series of rates as one line of glyphs. It is pure, knows nothing of uploads and may be imported by
// package tui.
package spark

import "strings"

// Line draws the newest values of a series as at most width cells, oldest first, scaled from 0 to top; levels are the glyphs
// from lowest to highest. A series longer than the width is squeezed: a cell is the mean of its values, so that one fast second
// does not pass for a fast minute. It is padded on the left, so that "now" is always at the right end.
func Line(values []float32, width int, top float64, levels []string) string {
	if width <= 0 || len(levels) == 0 {
		return ""
	}
	cells := Squeeze(values, width)
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", width-len(cells)))
	for _, v := range cells {
		b.WriteString(levels[level(v, top, len(levels))])
	}
	return b.String()
}

// level is the index of the glyph for v. Any rate above 0 looks different from none where there is a choice.
func level(v, top float64, n int) int {
	if top <= 0 || v <= 0 || n == 1 {
		return 0
	}
	i := int(v / top * float64(n))
	return min(max(i, 1), n-1)
}

// Squeeze makes at most n values of a series by taking the mean of neighbours. What remains when the series does not divide
// evenly is taken from the oldest end, so that the newest cell always stands for as many values as the others.
func Squeeze(values []float32, n int) []float64 {
	if n <= 0 || len(values) == 0 {
		return nil
	}
	per := (len(values) + n - 1) / n
	out := make([]float64, 0, n)
	first := len(values) % per
	if first > 0 {
		out = append(out, mean(values[:first]))
	}
	for i := first; i < len(values); i += per {
		out = append(out, mean(values[i:i+per]))
	}
	return out
}

// Top is a round upper end for the scale of a graph: the smallest of 1, 2, 4, 5 times a power of ten in binary units that is not
// below the best value; 1 for nothing.
func Top(values []float32) float64 {
	best := 0.0
	for _, v := range values {
		best = max(best, float64(v))
	}
	if best <= 0 {
		return 1
	}
	unit := 1.0
	for best >= unit*1024 {
		unit *= 1024
	}
	for power := unit; ; power *= 10 {
		for _, step := range []float64{1, 2, 4, 5} {
			if step*power >= best {
				return step * power
			}
		}
	}
}

func mean(values []float32) float64 {
	sum := 0.0
	for _, v := range values {
		sum += float64(v)
	}
	return sum / float64(len(values))
}
