package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"partway/model"
	"partway/model/safe"
)

// copyActions put text on the clipboard with OSC 52. What is copied is shown as well, since a multiplexer may drop the sequence.
func copyActions() []action {
	one := func(name, keys, text string, can func(row) string, what func(*App, row) string) action {
		return action{name: name, group: groupCopy, scope: inViews, binding: help(bind("y "+keys), "y"+keys, text),
			row: func(_ *App, r row) string { return can(r) },
			run: func(a *App, t target) tea.Cmd {
				var texts []string
				for _, r := range t.rows {
					texts = append(texts, what(a, r))
				}
				return a.copyText(text, strings.Join(texts, "\n"))
			}}
	}
	always := func(row) string { return "" }
	return []action{
		one("copy-key", "k", "key", always, func(_ *App, r row) string { return r.ref().Key }),
		one("copy-id", "i", "upload id", func(r row) string {
			if r.ref().UploadID == "" {
				return "it has no upload id"
			}
			return ""
		}, func(_ *App, r row) string { return r.ref().UploadID }),
		one("copy-cli", "c", "command line", always, func(a *App, r row) string { return a.cli(r) }),
		one("copy-request", "r", "request id of the failure", hasProblem, func(_ *App, r row) string { return r.job.Problem.Facts.RequestID }),
		one("copy-report", "e", "report of the failure", hasProblem, func(a *App, r row) string { return report(r) }),
	}
}

func hasProblem(r row) string {
	if r.job == nil || r.job.Problem == nil {
		return "nothing failed"
	}
	return ""
}

func (a *App) copyText(what, text string) tea.Cmd {
	if text == "" {
		a.say(warnNote, "there is no "+what)
		return nil
	}
	a.say(plainNote, "copied "+what+": "+a.look.cut(strings.TrimRight(text, "\n"), max(a.w-20, 20)))
	return tea.SetClipboard(text)
}

// cli is the command line that does for a row what its state asks for, quoted for a shell.
func (a *App) cli(r row) string {
	verb := "parts"
	if r.job != nil {
		verb = jobVerb(r)
	}
	text := a.o.Program + " " + verb + " " + safe.Quote(r.ref().URL())
	if id := r.ref().UploadID; id != "" && !r.status.Final() && verb != "verify" {
		text += " --upload-id " + safe.Quote(id)
	}
	if r.job != nil && r.job.AtOnce > 0 && verb == "resume" {
		text += fmt.Sprintf(" --parts %d", r.job.AtOnce)
	}
	return text
}

// cliText is cli as a screen shows it.
func (a *App) cliText(r row) string { return a.look.cut(a.cli(r), max(a.w-8, 20)) }

// report is a failure as text for whoever is asked for help. A Problem holds no secret, by its making.
func report(r row) string {
	p := r.job.Problem
	var b strings.Builder
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%-9s %s\n", name, clean(text))
		}
	}
	line("object", r.ref().URL())
	line("upload", r.ref().UploadID)
	line("what", p.What)
	line("why", p.Why)
	for _, n := range p.Next {
		line("next", n)
	}
	for _, f := range factLines(p.Facts) {
		line(f[0], f[1])
	}
	return b.String()
}

// factLines are the raw facts of a failure with their names; what is not known is left out. The texts are foreign.
func factLines(f model.Facts) (lines [][2]string) {
	add := func(name, text string) {
		if text != "" && text != "0" {
			lines = append(lines, [2]string{name, text})
		}
	}
	add("request", f.RequestID)
	add("EC", f.EC)
	add("code", f.Code)
	add("HTTP", fmt.Sprint(f.Status))
	add("host", f.Host)
	add("message", f.Message)
	add("part", fmt.Sprint(f.Part))
	add("tries", fmt.Sprint(f.Tries))
	if !f.At.IsZero() {
		add("at", f.At.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	return lines
}
