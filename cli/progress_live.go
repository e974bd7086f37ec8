package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"partway/model"
	"partway/model/safe"
)

// liveEvery is the shortest time between two frames: four a second are enough to see a bar move and cost little over SSH.
const liveEvery = 250 * time.Millisecond

// The size assumed where a terminal does not tell its own.
const (
	defaultColumns = 80
	defaultRows    = 24
)

// look is what a terminal can show.
type look struct{ color, ascii bool }

func (l look) ellipsis() safe.Ellipsis {
	if l.ascii {
		return safe.EllipsisASCII
	}
	return safe.EllipsisUnicode
}

// paint colours a text by its role: 31 red, 33 yellow, 36 cyan, 2 faint. The word itself always says the same.
func (l look) paint(role int, text string) string {
	if !l.color || role == 0 {
		return text
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", role, text)
}

// liveProgress redraws a block of lines at the end of what the terminal shows: one for every file in flight and one for the whole.
// It writes each frame at once and never more than the screen holds, so nothing scrolls away and nothing stays behind.
type liveProgress struct {
	to    io.Writer
	size  func() (columns, rows int)
	look  look
	now   func() time.Time
	drawn []string // the lines on the screen now
	last  time.Time
}

func newLiveProgress(to io.Writer, size func() (int, int), look look, now func() time.Time) *liveProgress {
	return &liveProgress{to: to, size: size, look: look, now: now}
}

func (p *liveProgress) update(v view) {
	if v.at.Sub(p.last) < liveEvery {
		return
	}
	p.last = v.at
	columns, rows := p.screen()
	p.draw(liveLines(v, columns-1, rows-1, p.look), columns)
}

func (p *liveProgress) line(text string) {
	columns, _ := p.screen()
	lines := p.drawn
	erase := p.erase(columns)
	p.drawn = nil
	_, _ = io.WriteString(p.to, erase+text+"\r\n")
	p.draw(lines, columns)
}

func (p *liveProgress) close() {
	columns, _ := p.screen()
	_, _ = io.WriteString(p.to, p.erase(columns))
	p.drawn = nil
}

func (p *liveProgress) screen() (columns, rows int) {
	columns, rows = p.size()
	if columns <= 0 || rows <= 0 {
		return defaultColumns, defaultRows
	}
	return columns, rows
}

// home moves from the end of the last line drawn to the start of the first. When the terminal became narrower, lines that were
// drawn for the old width take several rows now.
func (p *liveProgress) home(columns int) string {
	rows := 0
	for _, line := range p.drawn {
		rows += max(1, (ansi.StringWidth(line)+columns-1)/columns)
	}
	if rows > 1 {
		return fmt.Sprintf("\r\x1b[%dA", rows-1)
	}
	return "\r"
}

func (p *liveProgress) erase(columns int) string {
	if len(p.drawn) == 0 {
		return ""
	}
	return p.home(columns) + "\x1b[J"
}

func (p *liveProgress) draw(lines []string, columns int) {
	if len(lines) == 0 {
		return
	}
	var b strings.Builder
	if len(p.drawn) > 0 {
		b.WriteString(p.home(columns))
	}
	for i, line := range lines {
		if i > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString(line + "\x1b[K")
	}
	b.WriteString("\x1b[J")
	_, _ = io.WriteString(p.to, b.String())
	p.drawn = append(p.drawn[:0:0], lines...)
}

// liveLines is the block for a screen of so many cells and rows: the files in flight, then the whole.
func liveLines(v view, columns, rows int, look look) []string {
	moving := v.moving()
	room := max(rows-1, 0)
	hidden := 0
	if len(moving) > room {
		hidden = len(moving) - max(room-1, 0)
		moving = moving[:len(moving)-hidden]
	}
	var lines []string
	for _, j := range moving {
		lines = append(lines, jobLine(j, v.at, columns, look))
	}
	if hidden > 0 && room > 0 {
		lines = append(lines, ansi.Truncate(fmt.Sprintf("and %d more", hidden), columns, ""))
	}
	return append(lines, totalLine(v, columns, look))
}

// The cells of a job's line that do not depend on the width.
const (
	wordCells = 10 // the longest state, "completing"
	tailCells = 4 + 1 + 11 + 1 + 5 + 1 + 4
	barCells  = 16
	leastKey  = 12
)

// jobLine is one file in flight:
//
//	uploading  video/raw/…-roll-07.mov  ███████░░░░░░░░░  33%  31.4 MiB/s  1h07   ×4
//
// While a file is matched, the same of what is compared. A narrow screen loses the bar first, then rate and time.
func jobLine(j model.Job, now time.Time, columns int, look look) string {
	word := string(j.Status)
	sent, whole, rate, eta := j.BytesSent, j.Source.Size, j.Rate, j.ETA
	if j.Status == model.StatusMatching {
		sent, whole, rate = j.ComparedBytes, j.ToCompareBytes, j.CompareRate
	}
	percent := fmt.Sprintf("%3d%%", fraction(sent, whole))
	if eta < 0 { // the engine waits for a steady rate; here the whole has one from its first second, and so do its files
		eta = view{bytes: whole, sent: sent, rate: rate}.eta()
	}
	if j.Stream { // what was read so far is no whole to measure by
		percent, eta = model.FormatSize(j.BytesSent), -1
	}
	tail := fmt.Sprintf("%s %11s %5s %4s", percent, model.FormatRate(rate), model.FormatDuration(eta), inFlight(j, look))
	switch j.Status {
	case model.StatusRetrying, model.StatusStalled:
		if why := waitingFor(j, now); why != "" {
			tail = safe.Clean(why).Cut(tailCells, look.ellipsis()).Pad(tailCells).String()
		}
	case model.StatusAborting:
		tail = fmt.Sprintf("%-*s", tailCells, fmt.Sprintf("pass %d", j.AbortPass))
	}
	rest := columns - wordCells - 1
	bar := ""
	switch {
	case j.Stream && rest >= leastKey+1+ansi.StringWidth(tail):
	case rest >= leastKey+1+barCells+1+tailCells:
		bar = drawBar(sent, whole, barCells, look) + " "
	case rest < leastKey+1+tailCells:
		tail = percent
	}
	keyCells := max(rest-1-ansi.StringWidth(bar)-ansi.StringWidth(tail), 1)
	key := safe.Clean(j.Ref.Key).CutMiddle(keyCells, 0, look.ellipsis()).Pad(keyCells).String()
	line := look.paint(roleOf(j.Status), fmt.Sprintf("%-*s", wordCells, word)) + " " + key + " " + bar + tail
	return ansi.Truncate(line, columns, "")
}

// totalLine is the whole: "total  42% 89.0/212 GiB  31.4 MiB/s  eta 1h07  files 3/15  failed 1".
func totalLine(v view, columns int, look look) string {
	word := "total"
	if v.draining {
		word = "stopping"
	}
	size, percent := sizes(v.sent, v.bytes), fmt.Sprintf(" %3d%%", fraction(v.sent, v.bytes))
	if v.open {
		size, percent = model.FormatSize(v.sent), ""
	}
	fields := []string{size, model.FormatRate(v.rate), "eta " + model.FormatDuration(v.eta()), fmt.Sprintf("files %d/%d", v.done, v.files)}
	if v.failed > 0 {
		fields = append(fields, look.paint(31, fmt.Sprintf("failed %d", v.failed)))
	}
	if v.retrying > 0 {
		fields = append(fields, look.paint(33, fmt.Sprintf("retry %d", v.retrying)))
	}
	line := fmt.Sprintf("%-*s", wordCells, word) + percent
	for _, field := range fields {
		// A field is shown whole or not at all: half a number is a wrong one.
		if ansi.StringWidth(line)+2+ansi.StringWidth(field) <= columns {
			line += "  " + field
		}
	}
	return ansi.Truncate(line, columns, "")
}

// inFlight is how many parts are on their way; a file that is matched sends none.
func inFlight(j model.Job, look look) string {
	if j.Status == model.StatusMatching {
		return ""
	}
	moving := 0
	for _, p := range j.InFlight {
		if p.RetryAt.IsZero() {
			moving++
		}
	}
	if look.ascii {
		return fmt.Sprintf("x%d", moving)
	}
	return fmt.Sprintf("×%d", moving)
}

// waitingFor is what a job that does not move waits for: the next try and the reason, in few words.
func waitingFor(j model.Job, now time.Time) string {
	for _, p := range j.InFlight {
		if p.RetryAt.After(now) {
			text := "try in " + model.FormatDuration(p.RetryAt.Sub(now).Round(time.Second))
			if p.Problem != nil && p.Problem.Facts.Code != "" {
				text += ": " + p.Problem.Facts.Code
			}
			return text
		}
	}
	return ""
}

func roleOf(status model.Status) int {
	switch status {
	case model.StatusUploading, model.StatusMatching, model.StatusCompleting, model.StatusVerifying:
		return 36
	case model.StatusRetrying, model.StatusStalled, model.StatusAborting:
		return 33
	case model.StatusFailed, model.StatusChanged, model.StatusGone:
		return 31
	}
	return 0
}

func drawBar(n, total int64, cells int, look look) string {
	full, empty := "█", "░"
	if look.ascii {
		full, empty = "#", "-"
	}
	filled := fraction(n, total) * cells / 100
	return strings.Repeat(full, filled) + strings.Repeat(empty, cells-filled)
}
