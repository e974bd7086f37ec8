package cli

import (
	"context"
	"fmt"
	"strings"

	"partway/model"
)

// compare says what a local file and the parts of an unfinished upload have in common, and changes nothing. judge is the exit code
// of what was found.
func (s *session) compare(ctx context.Context, found resolved, path string, options *sending, judge func(model.Comparison) int) error {
	url := found.ref.URL()
	if len(found.list.Parts) == 0 {
		return failf(ExitNothing, "%s (upload id %s) holds no part: there is nothing to compare", url, found.ref.UploadID)
	}
	r := s.app.newRun(s.engine)
	r.files, r.expected, r.judge = 1, 1, judge
	if err := s.engine.Do(ctx, model.Compare{Place: s.place, Ref: found.ref, Path: path, Send: options.send}); err != nil {
		return problemOf(err, "compare "+url)
	}
	return r.drive(ctx)
}

// wholeAndEqual is 0 only for an upload that holds every byte of the file: the exit code of verify.
func wholeAndEqual(c model.Comparison) int {
	if c.Equal > 0 && c.ToSend == 0 && c.Differ == 0 && c.Silent == 0 {
		return ExitOK
	}
	return ExitFailed
}

// adoptable is 0 where resume would go on with the upload: the exit code of a comparison before it.
func adoptable(c model.Comparison) int {
	if c.Equal > 0 {
		return ExitOK
	}
	return ExitConflict
}

// comparisonFacts is "37 parts equal the file, 2 differ, 1 is missing, 4.0 MiB to send".
func comparisonFacts(c *model.Comparison) string {
	if c == nil {
		return ""
	}
	facts := []string{fmt.Sprintf("%s the file", verb(c.Equal, "part equals", "parts equal"))}
	if c.Differ > 0 {
		facts = append(facts, verb(c.Differ, "differs", "differ"))
	}
	if c.Silent > 0 {
		facts = append(facts, verb(c.Silent, "has no sum to compare by", "have no sum to compare by"))
	}
	if c.Missing > 0 {
		facts = append(facts, verb(c.Missing, "is missing", "are missing"))
	}
	if c.ToSend > 0 {
		facts = append(facts, model.FormatSize(c.ToSend)+" to send")
	} else if c.Equal > 0 && c.Differ+c.Silent == 0 {
		facts = append(facts, "nothing to send: the upload holds the whole file")
	}
	return strings.Join(facts, ", ")
}

func verb(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
