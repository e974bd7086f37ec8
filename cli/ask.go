package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// confirm asks before something that cannot be undone. The person types expect: "y" for one thing, the count for several, so
// that a habit cannot answer. Without a terminal nobody can be asked: then --yes must have been given, or the command ends with
// ExitConfirm and nothing was done. The question must be free of foreign text that is not escaped.
func (a *app) confirm(question, expect string) error {
	if a.global.yes {
		return nil
	}
	if !a.env.StdinTTY || !a.env.StderrTTY {
		return failf(ExitConfirm, "this needs a yes, and there is no terminal to ask on: %s", question).
			withNext("give --yes if that is what you want")
	}
	fmt.Fprintf(a.env.Stderr, "%s\nType %s and enter to go on, anything else to leave it: ", question, expect)
	answer, err := a.readLine()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if errors.Is(err, io.EOF) {
		fmt.Fprintln(a.env.Stderr)
	}
	if strings.TrimSpace(answer) != expect {
		return failf(ExitConfirm, "nothing was done")
	}
	return nil
}

// readLine reads one line of the answer. The read cannot be interrupted, so it is left behind when a signal comes: the process
// ends then.
func (a *app) readLine() (string, error) {
	type line struct {
		text string
		err  error
	}
	answered := make(chan line, 1)
	go func() {
		text, err := bufio.NewReader(a.env.Stdin).ReadString('\n')
		answered <- line{text, err}
	}()
	select {
	case l := <-answered:
		return l.text, l.err
	case <-a.stop.asked:
		fmt.Fprintln(a.env.Stderr)
		return "", errInterrupted
	}
}

// expectedAnswer is what must be typed for n things.
func expectedAnswer(n int) string {
	if n == 1 {
		return "y"
	}
	return fmt.Sprint(n)
}
