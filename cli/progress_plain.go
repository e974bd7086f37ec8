package cli

import (
	"fmt"
	"io"
	"time"

	"partway/model"
)

// plainEvery is the time between two lines of progress where there is no terminal.
const plainEvery = 10 * time.Second

// plainProgress writes whole lines, for logs: one every ten seconds, and one for every file that is over. Nothing is ever
// overwritten.
type plainProgress struct {
	to    io.Writer
	now   func() time.Time
	begun time.Time // of the current ten seconds
}

func (p *plainProgress) update(v view) {
	if v.at.Sub(p.begun) < plainEvery {
		return
	}
	p.begun = v.at
	fmt.Fprintln(p.to, plainLine(v))
}

func (p *plainProgress) line(text string) {
	fmt.Fprintf(p.to, "%s %s\n", p.now().Local().Format(time.TimeOnly), text)
}

func (p *plainProgress) close() {}

// plainLine is one line of progress:
//
//	08:44:10 partway 42% 89.0/212 GiB 31.4 MiB/s eta 1h07 files 3/15 failed 1 retry 1
func plainLine(v view) string {
	line := fmt.Sprintf("%s partway %s %s eta %s files %d/%d", v.at.Local().Format(time.TimeOnly),
		v.amount(), model.FormatRate(v.rate), model.FormatDuration(v.eta()), v.done, v.files)
	if v.failed > 0 {
		line += fmt.Sprintf(" failed %d", v.failed)
	}
	if v.retrying > 0 {
		line += fmt.Sprintf(" retry %d", v.retrying)
	}
	if v.draining {
		line += " stopping"
	}
	return line
}
