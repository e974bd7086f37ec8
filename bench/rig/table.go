package rig

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"
)

// Machine says in one line on what was measured.
func Machine() string {
	processor := strings.TrimSpace(cpuid.CPU.BrandName)
	if processor == "" {
		processor = "unknown " + runtime.GOARCH + " processor"
	}
	cores := "cores"
	if runtime.NumCPU() == 1 {
		cores = "core"
	}
	return fmt.Sprintf("%s, %d %s, %s, %s/%s", processor, runtime.NumCPU(), cores, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// Table prints a Markdown table.
func Table(w io.Writer, head []string, rows [][]string) error {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(head)
	rule := make([]string, len(head))
	for i := range rule {
		rule[i] = "---"
	}
	line(rule)
	for _, row := range rows {
		line(row)
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// ResultHead is the head of a table of ResultRow rows.
func ResultHead() []string {
	return []string{"contender", "wall s (min-max)", "CPU s", "peak RSS MiB", "put / it"}
}

// ResultRow is a contender's row; first is whom the ratio of wall times compares it with, as first divided by it.
func ResultRow(r, first Result) []string {
	least, most := r.WallRange()
	return []string{
		r.Name,
		fmt.Sprintf("%s (%s-%s)", seconds(r.Wall()), seconds(least), seconds(most)),
		seconds(r.CPU()),
		fmt.Sprintf("%.0f", float64(r.RSS())/(1<<20)),
		fmt.Sprintf("%.2f", Ratio(first.Wall(), r.Wall())),
	}
}

// Ratio is a divided by b.
func Ratio(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }

func seconds(d time.Duration) string { return fmt.Sprintf("%.3g", d.Seconds()) }

// Goal is what was wanted and what came out.
type Goal struct {
	Text  string  // with the limit in it
	Value float64 // as measured
	Limit float64
	Least bool // the limit is a lower one
	Unit  string
}

// Met reports whether the goal was reached.
func (g Goal) Met() bool {
	if g.Least {
		return g.Value >= g.Limit
	}
	return g.Value <= g.Limit
}

// GoalTable prints goals, what was measured, and met or not met.
func GoalTable(w io.Writer, goals []Goal) error {
	var rows [][]string
	for _, g := range goals {
		verdict := "**not met**"
		if g.Met() {
			verdict = "met"
		}
		rows = append(rows, []string{g.Text, strings.TrimSpace(fmt.Sprintf("%.3g %s", g.Value, g.Unit)), verdict})
	}
	return Table(w, []string{"goal", "measured", ""}, rows)
}
