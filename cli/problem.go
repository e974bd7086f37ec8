package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"partway/model"
	"partway/transfer"
)

// problemOf turns what a call returned into a problem for people. what says in a few words what was being done. Errors that
// carry their own exit code, or that are about this machine and not a call, are passed through.
func problemOf(err error, what string) error {
	if err == nil || exitCode(err) != ExitFailed {
		return err
	}
	return transfer.ProblemOf(err, what)
}

// printError writes why a command ended, in lines WHAT, WHY, NEXT. It writes nothing for what has been printed already.
func printError(w io.Writer, err error) {
	if _, done := errors.AsType[reported](err); done || err == nil {
		return
	}
	if p, ok := errors.AsType[*model.Problem](err); ok {
		printProblem(w, "partway: ", p)
		return
	}
	lines := strings.Split(strings.TrimRight(paragraph(err.Error()), "\n"), "\n")
	fmt.Fprintf(w, "partway: %s\n", strings.Join(lines, "\n"))
	if f, ok := errors.AsType[*failure](err); ok {
		for _, next := range f.next {
			fmt.Fprintf(w, "  next: %s\n", sentence(next))
		}
	}
}

// printProblem writes a problem: what happened behind the label, and below it why, the ways on and the facts that the service's
// support asks for.
func printProblem(w io.Writer, label string, p *model.Problem) {
	fmt.Fprintf(w, "%s%s\n", label, sentence(p.What))
	if p.Why != "" {
		fmt.Fprintf(w, "  why:  %s\n", sentence(p.Why))
	}
	for _, next := range p.Next {
		fmt.Fprintf(w, "  next: %s\n", sentence(next))
	}
	if facts := factsOf(p); facts != "" {
		fmt.Fprintf(w, "  facts: %s\n", facts)
	}
}

// factsOf is "AccessDenied, HTTP 403, part 93, request 67419F3C…, EC 0003-00000001, host …", as far as known.
func factsOf(p *model.Problem) string {
	var facts []string
	add := func(label, value string) {
		if value != "" && value != "0" {
			facts = append(facts, label+sentence(value))
		}
	}
	add("", p.Facts.Code)
	add("HTTP ", fmt.Sprint(p.Facts.Status))
	add("part ", fmt.Sprint(p.Facts.Part))
	if p.Facts.Tries > 1 {
		add("tries ", fmt.Sprint(p.Facts.Tries))
	}
	add("request ", p.Facts.RequestID)
	add("EC ", p.Facts.EC)
	add("host ", p.Facts.Host)
	return strings.Join(facts, ", ")
}

// shortFacts is what the closing lines say of a failure: "AccessDenied, part 93, request 67419F3C…", or why in words.
func shortFacts(p *model.Problem) string {
	if p == nil {
		return ""
	}
	var facts []string
	if p.Facts.Code != "" {
		facts = append(facts, sentence(p.Facts.Code))
	}
	if p.Facts.Part > 0 {
		facts = append(facts, fmt.Sprintf("part %d", p.Facts.Part))
	}
	if p.Facts.RequestID != "" {
		facts = append(facts, "request "+sentence(p.Facts.RequestID))
	}
	if len(facts) == 0 {
		facts = append(facts, sentence(p.Error()))
	}
	return strings.Join(facts, ", ")
}

// asProblem is any error as a problem, for lists of failures.
func asProblem(err error, what string) *model.Problem {
	return transfer.ProblemOf(err, what)
}
