package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"partway/model"
	"partway/transfer"
)

// queueWindow is how many files a run has in the engine's queue at most. It bounds journals, open files and memory, however many
// files there are.
const queueWindow = 256

// deniedPatience is how many files may be refused for a missing right before a run that stored nothing gives up.
const deniedPatience = 3

// run drives the engine through the work of one command: it hands work in, shows it, reports what comes of it, and ends when
// nothing is left or when it is interrupted.
type run struct {
	app    *app
	engine *transfer.Engine
	show   progress
	begun  time.Time

	// next hands the engine some more work and reports how many jobs that made; more is false when there is none left. An error
	// is told and counted as a failure, and the run goes on. Nil: all work was handed in before.
	next func(ctx context.Context) (jobs int, more bool, err error)
	// react may do something about a job that came to rest, and reports whether it did: then the job goes on. at is the time of
	// the snapshot, which can be older than what was done about it. May be nil.
	react func(j model.Job, at time.Time) bool

	// judge is the exit code for what a comparison found; needed only where there is one.
	judge func(model.Comparison) int

	expected int // jobs handed in
	files    int // that the run is about, as far as known before; at least expected
	bytes    int64

	known     map[model.JobID]*seen
	lastEvent uint64
	sum       sums
	fatal     *model.Problem // what makes the rest pointless
	clear     []model.JobID  // over and told: to be taken off the engine's list
	// forgets says that a failed job that nothing was sent of leaves no journal: the same command does it again. forgetting are
	// those whose journals are on their way out.
	forgets    bool
	forgetting map[model.JobID]bool
}

// sums is what a run came to.
type sums struct {
	done, skipped, aborted int
	failures               []failedJob
	rejected               int // of failures: never became a job
	paused                 []model.Job
	compared               []model.Job
	bytes                  int64 // of files done
	sent                   int64 // put on the wire, of jobs that are over
	over                   int64 // bytes of files that are over
}

// settled is the number of jobs that came to rest.
func (s *sums) settled() int {
	return s.done + s.skipped + s.aborted + len(s.failures) - s.rejected + len(s.paused) + len(s.compared)
}

// failedJob is a file that was not stored.
type failedJob struct {
	job     model.Job
	problem *model.Problem
}

// seen is how far a job has been told about.
type seen struct {
	started, settled bool
	done             model.Bitmap
}

func (a *app) newRun(engine *transfer.Engine) *run {
	return &run{app: a, engine: engine, show: a.newProgress(), begun: a.env.Now(), known: map[model.JobID]*seen{},
		forgetting: map[model.JobID]bool{}}
}

// drive works until all is done. It returns what the command ends with; everything has been told by then.
func (r *run) drive(ctx context.Context) error {
	r.app.stop.drains.Store(true)
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	asked, interrupted := r.app.stop.asked, false
	var drained <-chan struct{}
	for {
		snapshot := r.engine.Snapshot()
		r.observe(snapshot)
		r.clearFinished(ctx)
		if drained == nil && !interrupted {
			r.feed(ctx)
		}
		r.show.update(r.view(snapshot, drained != nil))
		if drained == nil && r.next == nil && r.sum.settled() >= r.expected && len(r.forgetting) == 0 {
			break
		}
		if r.app.out.gone && drained == nil {
			asked, interrupted = nil, true
			drained = r.drain(ctx, graceOfSystem)
		}
		select {
		case <-r.engine.Changed():
		case <-tick.C:
		case <-asked:
			asked, interrupted = nil, true
			drained = r.drain(ctx, r.app.stop.grace())
		case <-drained:
			r.awaitRest()
			return r.end(true)
		case <-ctx.Done():
			return r.end(true)
		}
	}
	return r.end(interrupted)
}

// restPatience is how long the engine may take to show what it has done already.
const restPatience = 2 * time.Second

// awaitRest observes until the engine shows every job at rest: a snapshot is a little older than the truth, and what is said to
// be kept should be what is kept.
func (r *run) awaitRest() {
	patience := time.NewTimer(restPatience)
	defer patience.Stop()
	for {
		snapshot := r.engine.Snapshot()
		r.observe(snapshot)
		if !slices.ContainsFunc(snapshot.Jobs, func(j model.Job) bool { return j.Status.Active() || j.Status == model.StatusQueued }) {
			return
		}
		select {
		case <-r.engine.Changed():
		case <-patience.C:
			return
		}
	}
}

// drain lets the parts in flight finish. The channel it returns is closed when nothing moves any more.
func (r *run) drain(ctx context.Context, grace time.Duration) <-chan struct{} {
	r.show.line(fmt.Sprintf("%s: finishing the parts in flight, at most %s; once more stops at once", r.app.stop.name(), model.FormatDuration(grace)))
	drained := make(chan struct{})
	ctx, cancel := context.WithTimeout(ctx, grace)
	go func() {
		defer close(drained)
		defer cancel()
		_ = r.engine.Drain(ctx) // an end by time is as good: what is not finished is sent again
	}()
	return drained
}

// feed hands in work until the window is full.
func (r *run) feed(ctx context.Context) {
	for r.next != nil && r.expected-r.sum.settled() < queueWindow {
		jobs, more, err := r.next(ctx)
		r.expected += jobs
		if err != nil {
			r.reject(err)
		}
		if !more || r.fatal != nil || ctx.Err() != nil {
			r.next = nil
		}
	}
	r.files = max(r.files, r.expected+r.sum.rejected)
}

// observe tells what changed since the last snapshot.
func (r *run) observe(s *model.Snapshot) {
	listed := make(map[model.JobID]bool, len(s.Jobs))
	for _, j := range s.Jobs {
		listed[j.ID] = true
		k := r.known[j.ID]
		if k == nil {
			k = &seen{}
			r.known[j.ID] = k
			r.tell("queued", j)
		}
		if !k.settled {
			r.follow(k, j, s.At)
		}
		if j.Status.Final() {
			delete(r.forgetting, j.ID)
		}
	}
	for id, k := range r.known {
		if k.settled && !listed[id] {
			delete(r.known, id)
		}
	}
	for _, e := range s.Events {
		if e.Seq > r.lastEvent {
			r.lastEvent = e.Seq
			r.tellEvent(e)
		}
	}
}

// follow tells what happened to one job.
func (r *run) follow(k *seen, j model.Job, at time.Time) {
	resting := j.Status.Final() || j.Status.NeedsUser() || j.Status == model.StatusPaused
	if j.Status == model.StatusQueued {
		return
	}
	if !k.started {
		// A job that goes on first compares what is there; it starts when it sends, or when there is nothing to send.
		if !resting && len(j.InFlight) == 0 && j.BytesRun == 0 && j.Status != model.StatusCompleting && j.Status != model.StatusAborting {
			return
		}
		k.started = true
		if j.Kept > 0 || j.BytesDone > j.BytesRun {
			k.done = j.Done // what was in the bucket already is no news
		}
		r.tell("started", j)
	}
	r.tellParts(k, j)
	if !resting || r.react != nil && !r.app.stop.happened() && r.react(j, at) {
		return
	}
	k.settled = true
	r.settle(j)
}

// settle counts a job that came to rest.
func (r *run) settle(j model.Job) {
	r.sum.sent += j.BytesRun
	switch {
	case j.Status == model.StatusDone:
		r.sum.done++
		r.sum.bytes += j.Source.Size
		r.sum.over += j.Source.Size
	case j.Status == model.StatusSkipped:
		r.sum.skipped++
		r.sum.over += j.Source.Size
	case j.Status == model.StatusAborted:
		r.sum.aborted++
		r.sum.over += j.Source.Size
	case j.Status == model.StatusCompared:
		r.sum.compared = append(r.sum.compared, j)
	case j.Status == model.StatusPaused:
		r.sum.paused = append(r.sum.paused, j)
		r.sum.sent -= j.BytesRun // still on the list: counted at the end
	default:
		r.fail(j, j.Problem)
		r.forget(j)
	}
	r.tellSettled(j)
	if j.Status.Final() {
		r.clear = append(r.clear, j.ID)
	}
}

// fail counts a failure and judges whether the rest can go better.
func (r *run) fail(j model.Job, p *model.Problem) {
	if p == nil {
		p = &model.Problem{Class: model.ProblemRequest, What: "upload " + j.Ref.Key, Why: "it is " + string(j.Status)}
	}
	r.sum.failures = append(r.sum.failures, failedJob{job: j, problem: p})
	switch {
	case p.Class == model.ProblemCredentials, p.Class == model.ProblemPlace,
		p.Class == model.ProblemDenied && r.sum.done == 0 && len(r.sum.failures) >= deniedPatience:
		r.giveUp(p)
	}
}

// forget removes the journal of a failed job that nothing was sent of, unless trying again later is what helps it. Otherwise every
// resume would meet the same failure again, and a put with other flags would go on with the old ones.
func (r *run) forget(j model.Job) {
	if !r.forgets || j.Ref.UploadID != "" || j.Problem == nil {
		return
	}
	switch j.Problem.Class {
	case model.ProblemTemporary, model.ProblemUnproved, model.ProblemCredentials:
		return
	}
	// An abort of what has no upload asks nothing of the service.
	if r.engine.Do(context.Background(), model.Abort{Place: j.Place, Jobs: []model.JobID{j.ID}}) == nil {
		r.forgetting[j.ID] = true
	}
}

// giveUp stops handing in work: every other file of the bucket would meet the same.
func (r *run) giveUp(p *model.Problem) {
	if r.fatal == nil {
		r.fatal = p
		_ = r.engine.Do(context.Background(), model.PauseAll{}) // an engine that refuses is closing anyway
	}
}

// reject counts work that the engine did not take.
func (r *run) reject(err error) {
	r.sum.rejected++
	j := model.Job{Status: model.StatusFailed}
	what := "queue the next file"
	if refused, ok := err.(*refusedFile); ok {
		j.Ref, j.Place = refused.ref, refused.place
		j.Source = model.Fingerprint{Path: refused.path, Size: refused.size}
		what, err = "send "+refused.path, refused.err
	}
	p := problemForFile(err, what)
	r.sum.over += j.Source.Size
	r.fail(j, p)
	j.Problem = p
	r.tellSettled(j)
}

// refusedFile is a file that could not be put into the queue.
type refusedFile struct {
	path  string
	size  int64
	ref   model.Ref
	place model.Place
	err   error
}

func (e *refusedFile) Error() string { return e.path + ": " + e.err.Error() }

// clearFinished takes jobs that are over and told off the engine's list, so that it stays as short as the window.
func (r *run) clearFinished(ctx context.Context) {
	if len(r.clear) < queueWindow/4 {
		return
	}
	_ = r.engine.Do(ctx, model.ClearFinished{Jobs: r.clear}) // a refusal leaves them listed, nothing else
	r.clear = nil
}

// view is what the display shows of a snapshot.
func (r *run) view(s *model.Snapshot, draining bool) view {
	v := view{at: s.At, jobs: s.Jobs, files: r.files, done: r.sum.done + r.sum.skipped + r.sum.aborted, failed: len(r.sum.failures),
		bytes: r.bytes, sent: r.sum.over, rate: s.Totals.Rate, draining: draining}
	var listed int64
	for _, j := range s.Jobs {
		if j.Status == model.StatusRetrying {
			v.retrying++
		}
		for _, p := range j.InFlight {
			if !p.RetryAt.IsZero() && j.Status != model.StatusRetrying {
				v.retrying++
			}
		}
		if !j.Status.Final() {
			v.sent += j.BytesSent
		}
		listed += j.Source.Size
		v.open = v.open || j.Stream && r.bytes == 0
	}
	if v.bytes == 0 {
		v.bytes = listed
	}
	v.bytes = max(v.bytes, v.sent)
	if now := r.app.env.Now(); now.After(v.at) {
		v.at = now
	}
	return v
}
