package cli

import (
	"errors"
	"fmt"
	"strings"

	"partway/model"
)

// survey is what a look at all sources found, before anything is sent.
type survey struct {
	files   int
	bytes   int64
	skipped int
	failed  []found // cannot be sent; the others can
}

// namedSkips is how many paths that are left out are named; --verbose names all.
const namedSkips = 10

// survey walks the sources once. Names that cannot be keys and files that cannot be read are kept for the end; two files that
// want one key, and a part size that is not possible for a file, are errors at once, because they are mistakes in the command.
func (a *app) survey(walk *walker, bucket string, options *sending, dryRun bool) (*survey, error) {
	s := &survey{}
	for f := range walk.files() {
		if a.stop.happened() {
			return nil, errInterrupted
		}
		if a.out.gone {
			return nil, errReaderGone
		}
		switch twin, collides := errors.AsType[*collisionError](f.Err); {
		case collides:
			return nil, &failure{code: ExitUsage, err: twin, next: []string{"put them with two commands, below two prefixes"}}
		case f.Err != nil:
			s.failed = append(s.failed, f)
			continue
		case f.Skip != "":
			a.tellSkip(s, f)
			continue
		}
		plan, err := model.NewPlan(f.Size, options.send.PartSize)
		if err != nil {
			return nil, a.planRefused(f, err)
		}
		s.files++
		s.bytes += f.Size
		if dryRun {
			if err := a.tellPlan(f, bucket, plan); err != nil {
				return nil, err
			}
		}
	}
	if s.skipped > namedSkips && !a.global.verbose {
		a.say("skipped  %d more (-v names them)", s.skipped-namedSkips)
	}
	return s, nil
}

// planRefused is a file that no legal parts can be made of. The way on is the part size that suits it.
func (a *app) planRefused(f found, err error) error {
	refused := &failure{code: ExitUsage, err: fmt.Errorf("%s: %w", f.Path, err)}
	if plan, ok := errors.AsType[*model.PlanError](err); ok && plan.Nearest != 0 {
		return refused.withNext("give --part-size "+strings.TrimSuffix(strings.ReplaceAll(model.ExactSize(plan.Nearest), " ", ""), "B"),
			"leave --part-size away: one that fits is chosen")
	}
	return refused
}

func (a *app) tellSkip(s *survey, f found) {
	s.skipped++
	if a.events != nil {
		_ = a.events.write(ignoredEvent{header: a.events.header("ignored"), Path: f.Path, Reason: f.Skip})
	}
	if s.skipped <= namedSkips || a.global.verbose {
		a.say("skipped  %s: %s", clean(f.Path), sentence(f.Skip))
	}
}

// tellPlan writes one line of put --dry-run: the file, its key, its size and parts.
func (a *app) tellPlan(f found, bucket string, plan model.Plan) error {
	if a.events != nil {
		return a.events.write(planEvent{header: a.events.header("plan"), Path: f.Path, Bucket: bucket, Key: f.Key, Size: plan.Size, PartSize: plan.PartSize, Parts: plan.Count()})
	}
	_, err := fmt.Fprintf(a.out, "%s -> %s  %s, %s\n", clean(f.Path), showURL(bucket, f.Key), model.FormatSize(plan.Size), count(plan.Count(), "part"))
	return err
}

// emptiness says why there is nothing to send.
func (s *survey) emptiness() string {
	if s.skipped > 0 {
		return fmt.Sprintf("%s left out, and no other file matches", count(s.skipped, "path"))
	}
	return "no file matches"
}
