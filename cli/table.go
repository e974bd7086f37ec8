package cli

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// table writes rows in aligned columns. It collects rows until flush, so a long listing is aligned page by page and never kept
// whole. The cells must be free of foreign text that is not escaped.
type table struct {
	to      io.Writer
	columns []string
	rows    [][]string
	titled  bool
}

func newTable(to io.Writer, columns ...string) *table { return &table{to: to, columns: columns} }

func (t *table) add(row ...string) { t.rows = append(t.rows, row) }

// flush writes the rows collected, behind the titles the first time.
func (t *table) flush() error {
	if len(t.rows) == 0 {
		return nil
	}
	rows := t.rows
	if !t.titled {
		rows = append([][]string{t.columns}, rows...)
	}
	t.titled, t.rows = true, nil
	widths := make([]int, len(t.columns))
	for i, title := range t.columns {
		widths[i] = len(title)
	}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], cells(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		for i, cell := range row {
			b.WriteString(cell)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-cells(cell)+2))
			}
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(t.to, b.String())
	return err
}

// cells is the width of a cell's text. Nearly all of a long listing is ASCII, where it is the length.
func cells(text string) int {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return ansi.StringWidth(text)
		}
	}
	return len(text)
}
