package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"partway/model"
)

// progress is how a run shows itself while it lasts, on standard error.
type progress interface {
	// update shows a new state; it may choose not to.
	update(view)
	// line writes something that stays: a file that is done, a warning. It must be free of foreign text that is not escaped.
	line(text string)
	// close ends the display and leaves nothing of it behind but the lines.
	close()
}

// view is what there is to show of a run at a moment.
type view struct {
	at       time.Time
	jobs     []model.Job // queue order; those that are over may be among them
	files    int         // that the run is about
	done     int         // files that are over and well: stored, skipped, aborted
	failed   int
	bytes    int64 // of all files
	sent     int64 // of those, in the bucket or on the way
	open     bool  // a stream is among them, and nobody knows how much comes
	rate     float64
	retrying int  // parts and files that wait for another try
	draining bool // the run was interrupted and finishes what is in flight
}

// eta is how long the rest takes at the present rate; negative if unknown.
func (v view) eta() time.Duration {
	rest := v.bytes - v.sent
	if v.open || v.rate < 1 || rest < 0 {
		return -1
	}
	return min(time.Duration(float64(rest)/v.rate*float64(time.Second)), 1000*24*time.Hour)
}

// amount is "42% 89.0/212 GiB", or "89.0 GiB" where there is no whole to be a part of.
func (v view) amount() string {
	if v.open {
		return model.FormatSize(v.sent)
	}
	return fmt.Sprintf("%d%% %s", fraction(v.sent, v.bytes), sizes(v.sent, v.bytes))
}

// moving are the jobs that a display has a line for.
func (v view) moving() []model.Job {
	var moving []model.Job
	for _, j := range v.jobs {
		if j.Status.Active() {
			moving = append(moving, j)
		}
	}
	return moving
}

// newProgress makes the display that was asked for, or that suits where standard error goes.
func (a *app) newProgress() progress {
	kind := a.global.progress
	if kind == "auto" {
		switch {
		case a.global.json || a.global.quiet:
			kind = "none"
		case a.env.StderrTTY && a.env.Getenv("TERM") != "dumb":
			kind = "tty"
		default:
			kind = "plain"
		}
	}
	switch kind {
	case "tty":
		return newLiveProgress(a.env.Stderr, a.env.TerminalSize, a.look(), a.env.Now)
	case "plain":
		return &plainProgress{to: a.env.Stderr, now: a.env.Now, begun: a.env.Now()}
	}
	return &noProgress{to: a.env.Stderr, silent: kind != "none" || a.global.quiet || a.global.json}
}

// look says how the live display may look on this terminal.
func (a *app) look() look {
	l := look{color: a.global.color == "always"}
	if a.global.color == "auto" {
		// NO_COLOR as on https://no-color.org: any value that is not empty.
		l.color = a.env.StderrTTY && a.env.Getenv("NO_COLOR") == "" && a.env.Getenv("TERM") != "dumb"
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := strings.ToLower(a.env.Getenv(name)); value != "" {
			l.ascii = !strings.Contains(value, "utf-8") && !strings.Contains(value, "utf8")
			return l
		}
	}
	l.ascii = true
	return l
}

// noProgress shows nothing but, unless silent, the lines.
type noProgress struct {
	to     io.Writer
	silent bool
}

func (p *noProgress) update(view) {}
func (p *noProgress) close()      {}
func (p *noProgress) line(text string) {
	if !p.silent {
		_, _ = io.WriteString(p.to, text+"\n")
	}
}
