package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"partway/model"
	"partway/model/safe"
	"partway/ossapi/profile"
)

func TestExitCode(t *testing.T) {
	problem := func(class model.ProblemClass) error {
		return fmt.Errorf("wrapped: %w", &model.Problem{Class: class, What: "w"})
	}
	for _, test := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("anything"), 1},
		{usagef("wrong"), 2},
		{fmt.Errorf("wrapped: %w", usagef("wrong")), 2},
		{failf(ExitNothing, "none"), 3},
		{failf(ExitConfirm, "ask"), 7},
		{reported{code: 130}, 130},
		{errInterrupted, 130},
		{fmt.Errorf("x: %w", context.Canceled), 130},
		{&model.OwnedError{}, 6},
		{problem(model.ProblemTemporary), 5},
		{problem(model.ProblemUnproved), 5},
		{problem(model.ProblemCredentials), 4},
		{problem(model.ProblemDenied), 4},
		{problem(model.ProblemConflict), 6},
		{problem(model.ProblemChanged), 6},
		{problem(model.ProblemGone), 6},
		{problem(model.ProblemDamaged), 1},
		{problem(model.ProblemLocal), 1},
		{problem(model.ProblemPlace), 1},
		{problem(model.ProblemRequest), 1},
		{&profile.NotFoundError{}, 4},
		{&profile.ModeError{}, 4},
		{&profile.UnknownProfileError{}, 2},
		{&profile.FileError{}, 2},
		{&profile.MissingRegionError{}, 2},
	} {
		if got := exitCode(test.err); got != test.want {
			t.Errorf("exit code of %v is %d, want %d", test.err, got, test.want)
		}
	}
}

func TestCommonCode(t *testing.T) {
	for want, codes := range map[int][][]int{
		ExitOK:       {nil},
		ExitFailed:   {{5, 6}, {1}, {4, 5, 4}},
		ExitConflict: {{6}, {6, 6}},
	} {
		for _, c := range codes {
			if got := commonCode(c); got != want {
				t.Errorf("%v together give %d, want %d", c, got, want)
			}
		}
	}
}

func TestPrintProblem(t *testing.T) {
	var out bytes.Buffer
	printProblem(&out, "failed  ", &model.Problem{What: "upload part 93 of k", Why: "the key may not write here", Next: []string{"ask the owner"},
		Facts: model.Facts{Code: "AccessDenied", Status: 403, Part: 93, Tries: 4, RequestID: "67419F3C", EC: "0003-1", Host: "h"}})
	want := `failed  upload part 93 of k
  why:  the key may not write here
  next: ask the owner
  facts: AccessDenied, HTTP 403, part 93, tries 4, request 67419F3C, EC 0003-1, host h
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// TestErrorsAreHarmless puts hostile text wherever an error can hold foreign text.
func TestErrorsAreHarmless(t *testing.T) {
	for _, hostile := range safe.HostilePayloads() {
		x := hostile.Text
		var out bytes.Buffer
		printError(&out, errors.New(x))
		printError(&out, failf(2, "%s", x).withNext(x))
		p := &model.Problem{What: x, Why: x, Next: []string{x}, Facts: model.Facts{Code: x, RequestID: x, EC: x, Host: x, Message: x}}
		printError(&out, p)
		out.WriteString(shortFacts(p) + shortFacts(&model.Problem{What: x}))
		for _, r := range out.String() {
			if r != '\n' && (r < 0x20 || r == 0xfffd || invisible(r)) {
				t.Errorf("%s: %U in %q", hostile.Name, r, out.String())
			}
		}
	}
}

func TestCount(t *testing.T) {
	for want, args := range map[string]struct {
		n   int
		one string
	}{"1 file": {1, "file"}, "0 files": {0, "file"}, "2 entries": {2, "entry"}} {
		if got := count(args.n, args.one); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestOneOfNamesTheChoices(t *testing.T) {
	err := oneOf("--acl", "x", "", "private", "default")
	if err == nil || !strings.Contains(err.Error(), `--acl "x" is not known: it is one of private, default`) {
		t.Errorf("got %v", err)
	}
	if err := oneOf("--acl", "", "", "private"); err != nil {
		t.Errorf("an empty choice is refused: %v", err)
	}
}
