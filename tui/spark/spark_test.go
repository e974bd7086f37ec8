package spark

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	levels := []string{"_", ".", "-", "=", "#"}
	for _, c := range []struct {
		name   string
		values []float32
		width  int
		top    float64
		want   string
	}{
		{"nothing", nil, 4, 10, "    "},
		{"now is at the right", []float32{10}, 4, 10, "   #"},
		{"none and a little differ", []float32{0, 0.1, 10}, 3, 10, "_.#"},
		{"over the top", []float32{99}, 1, 10, "#"},
		{"no top", []float32{5}, 1, 0, "_"},
		{"squeezed by means", []float32{0, 10, 10, 10}, 2, 10, "-#"},
		{"no width", []float32{1}, 0, 1, ""},
	} {
		if got := Line(c.values, c.width, c.top, levels); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := Line([]float32{1}, 3, 1, nil); got != "" {
		t.Errorf("no levels: %q", got)
	}
}

func TestLineAlwaysHasItsWidth(t *testing.T) {
	values := make([]float32, 0, 400)
	for i := range 400 {
		for _, width := range []int{1, 7, 40, 300} {
			got := Line(values, width, 10, []string{"a", "b"})
			if n := utf8.RuneCountInString(got); n != width {
				t.Fatalf("%d values in %d cells: %d cells", len(values), width, n)
			}
		}
		values = append(values, float32(i%11))
	}
}

func TestTop(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		best float32
		want float64
	}{{0, 1}, {3, 4}, {31.4 * mib, 40 * mib}, {44.9 * mib, 50 * mib}, {100 * mib, 100 * mib}, {101 * mib, 200 * mib}} {
		if got := Top([]float32{0, c.best}); got != c.want {
			t.Errorf("best %v: %v, want %v", c.best, got, c.want)
		}
	}
}

func TestSqueezeKeepsTheNewestWhole(t *testing.T) {
	got := Squeeze([]float32{1, 5, 5, 9, 9}, 3)
	if len(got) != 3 || got[0] != 1 || got[1] != 5 || got[2] != 9 {
		t.Errorf("%v, want [1 5 9]: %s", got, strings.Repeat("-", 3))
	}
}
