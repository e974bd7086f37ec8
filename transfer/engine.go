package transfer

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"partway/model"
)

// Options are what an engine works with. Open is required; a nil or zero field takes the default it names.
type Options struct {
	// Open makes a client for a place. It is called once for each; the client is shared.
	Open func(context.Context, model.Place) (Store, error)
	// Refresh renews the credentials of a place after the service said they expired; nil: they cannot be renewed.
	Refresh func(context.Context, model.Place) error
	// Journal keeps jobs beyond this process; nil: nothing is kept.
	Journal Journal
	// OpenFile opens what is to be sent; nil: OpenFile of this package.
	OpenFile func(path string) (Source, error)
	Limits   model.Limits
	Policy   Policy
	Now      func() time.Time // nil: time.Now
	Random   func() float64   // for jitter, in [0, 1); nil: the runtime's
	// View is the bucket to watch for a screen.
	View View
	// History is what earlier runs finished, newest first, for a screen to show.
	History []model.Finished
	// CredentialsEnd says when the credentials of a place expire; nil: nobody knows.
	CredentialsEnd func(model.Place) time.Time
	// ShowSaved puts the saved jobs that nobody works on into the queue, paused; they are claimed when they start.
	ShowSaved bool
	// ReturnParked has jobs that were parked because nothing went through go on by themselves, as long as the engine lives. Leave it
	// false where somebody waits for the end of the queue: a job that goes on by itself never comes to one.
	ReturnParked bool
}

// Engine is the queue and everything that moves bytes. It satisfies what a screen wants of an engine: Snapshot, Changed, Do and
// Parts. Close it; it owns every goroutine it started.
type Engine struct {
	options Options
	policy  Policy
	now     func() time.Time
	random  func() float64

	bandwidth *bandwidth
	hasher    *hasher
	parts     *gate // parts at once, over all files
	pace      *pace
	watcher   *watcher // nil without a view
	link      link
	parked    chan struct{} // rings when a job was parked that goes on by itself

	ctx     context.Context
	cancel  context.CancelCauseFunc
	workers sync.WaitGroup

	publishing sync.Mutex // one snapshot is made at a time
	published  atomic.Pointer[model.Snapshot]
	commands   atomic.Uint64 // taken so far; thousands may come before anybody looks
	shown      atomic.Uint64 // of them: those that the published snapshot shows
	bell       chan struct{}
	stir       chan struct{} // something changed: sample soon

	opening sync.Mutex // held while a client is made, which may ask the network for credentials
	callers map[model.Place]*caller

	mu      sync.Mutex
	jobs    []*job // queue order
	byID    map[model.JobID]*job
	limits  model.Limits
	saved   []model.SavedJob
	damages []model.Damage
	unsaved string
	events  []model.Event
	eventNo uint64
	total   meter
	retired int64 // bytes of jobs taken off the list, so that the total never falls
}

// The default limits of a queue.
const (
	defaultFiles = 3
	maxParts     = 64 // parts at once that the engine finds for itself at most
	maxEvents    = 500
)

// New starts an engine: it reads the journals and publishes a first snapshot. No job starts by itself.
func New(options Options) (*Engine, error) {
	if options.Open == nil {
		return nil, errors.New("start the engine: Options.Open is missing")
	}
	if options.OpenFile == nil {
		options.OpenFile = OpenFile
	}
	e := &Engine{options: options, policy: options.Policy.withDefaults(), now: options.Now, random: options.Random,
		bandwidth: newBandwidth(), hasher: newHasher(),
		bell: make(chan struct{}, 1), stir: make(chan struct{}, 1), parked: make(chan struct{}, 1),
		link: link{back: make(chan struct{}, 1)},
		byID: map[model.JobID]*job{}, callers: map[model.Place]*caller{}}
	if e.now == nil {
		e.now = time.Now
	}
	if e.random == nil {
		e.random = mathrand.Float64
	}
	if options.Journal != nil {
		saved, damages, err := options.Journal.Load()
		if err != nil {
			e.hasher.close()
			return nil, fmt.Errorf("read the journals: %w", err)
		}
		e.saved, e.damages = saved, damages
	}
	e.ctx, e.cancel = context.WithCancelCause(context.Background())
	e.pace = newPace()
	e.parts = newGate(1)
	e.setLimits(model.Limits{BytesPerSecond: options.Limits.BytesPerSecond, Files: max(options.Limits.Files, 0), Parts: options.Limits.Parts})
	if options.ShowSaved {
		e.showSaved()
	}
	if options.View.Place.Bucket != "" {
		e.look(options.View)
	}
	e.publish()
	e.workers.Go(e.samples)
	if options.ReturnParked {
		e.workers.Go(e.returns)
	}
	return e, nil
}

// showSaved lists the jobs of earlier runs as they were left. A journal of a newer version is left to its program.
func (e *Engine) showSaved() {
	for _, s := range e.Saved() {
		if s.Owner != nil || s.ReadOnly {
			continue
		}
		j := e.savedJob(s)
		j.view.Status, j.view.Queued = model.StatusPaused, s.Begun
		if s.UploadID != "" {
			j.view.Started = s.Begun
		}
		if s.Intent.Stream && s.Problem == nil && j.view.Kind == model.JobSend { // a crash had no time to say why
			j.view.Problem = ProblemOf(e.endStream(j, errStreamLost), "upload "+s.Intent.Key)
		}
		if j.view.Problem != nil {
			j.view.Status = statusOf(j.view.Problem)
		}
		for _, p := range s.Parts {
			if p.Number <= j.view.Parts {
				j.keep(p)
			}
		}
		e.add(j)
	}
}

// Close cuts what moves and waits until every goroutine of the engine has ended. Finished parts are in the journal; nothing is
// aborted. Drain first to let parts in flight finish.
func (e *Engine) Close() error {
	e.cancel(errClosed)
	e.workers.Wait()
	e.hasher.close()
	if e.options.Journal == nil {
		return nil
	}
	var failures []error
	for _, j := range e.list() {
		j.mu.Lock()
		held := j.journaled
		j.mu.Unlock()
		if held {
			failures = append(failures, e.options.Journal.Release(j.id))
		}
	}
	return errors.Join(failures...)
}

// Drain pauses every job: parts in flight are finished, no new ones begin. It returns when nothing moves, or, with what still
// moves cut, when ctx ends.
func (e *Engine) Drain(ctx context.Context) error {
	defer e.publish()
	e.stopAll(errPaused, true)
	for _, j := range e.list() {
		j.mu.Lock()
		ended := j.ended
		running := j.stop != nil
		j.mu.Unlock()
		if !running {
			continue
		}
		select {
		case <-ended:
		case <-ctx.Done():
			e.stopAll(errPaused, false)
			return ctx.Err()
		}
	}
	return nil
}

func (e *Engine) stopAll(cause error, gently bool) {
	for _, j := range e.list() {
		e.pauseWaiting(j)
		j.halt(cause, gently)
	}
	e.nudge()
}

// list is the queue as it is now.
func (e *Engine) list() []*job {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]*job(nil), e.jobs...)
}

func (e *Engine) job(id model.JobID) (*job, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	j, known := e.byID[id]
	if !known {
		return nil, fmt.Errorf("there is no job %s in the queue", id)
	}
	return j, nil
}

// callerFor is the shared caller of a place.
func (e *Engine) callerFor(ctx context.Context, place model.Place) (*caller, error) {
	e.opening.Lock()
	defer e.opening.Unlock()
	if c, known := e.callers[place]; known {
		return c, nil
	}
	store, err := e.options.Open(ctx, place)
	if err != nil {
		return nil, fmt.Errorf("open oss://%s: %w", place.Bucket, err)
	}
	c := &caller{store: store, policy: e.policy, now: e.now, random: e.random, link: &e.link}
	c.told = func(text string) { e.event(nil, model.LevelInfo, 0, 0, nil, "%s", text) }
	if e.options.Refresh != nil {
		c.refresh = func(ctx context.Context) error { return e.options.Refresh(ctx, place) }
	}
	e.callers[place] = c
	return c, nil
}

// Parts lists the parts of an upload now.
func (e *Engine) Parts(ctx context.Context, place model.Place, ref model.Ref) (model.PartList, error) {
	call, err := e.callerFor(ctx, place)
	if err != nil {
		return model.PartList{}, err
	}
	return call.listParts(ctx, ref, nil)
}

// Saved lists the journals that were found at the start and are not in the queue, with their owner where another process works
// on them.
func (e *Engine) Saved() []model.SavedJob {
	e.mu.Lock()
	defer e.mu.Unlock()
	var rest []model.SavedJob
	for _, s := range e.saved {
		if _, taken := e.byID[s.ID]; !taken {
			rest = append(rest, s)
		}
	}
	return rest
}

// newJobID is 96 random bits: unique without asking anybody, safe as a file name.
func newJobID() model.JobID {
	var b [12]byte
	rand.Read(b[:]) // never fails
	return model.JobID(hex.EncodeToString(b[:]))
}

// record writes to the job's journal. A file that is sent in one piece gets one only when it comes to rest unfinished: a crash leaves
// nothing of it in the bucket, and a journal for each of a thousand small files takes longer than sending them.
//
// That the state cannot be saved is shown and stops nothing: the server holds the parts.
func (e *Engine) record(j *job, r model.Record) {
	if e.options.Journal == nil {
		return
	}
	resting := r.Kind == model.RecordPaused || r.Kind == model.RecordParked
	j.mu.Lock()
	begun, intent := j.journaled, j.intent
	late := !begun && j.light && j.view.Kind == model.JobSend && resting
	j.journaled = begun || late || r.Kind == model.RecordIntent
	j.mu.Unlock()
	switch {
	case late:
		e.noteSaving(e.options.Journal.Append(j.id, model.Record{V: model.JournalVersion, Kind: model.RecordIntent, At: e.now(), Intent: &intent}))
	case !begun && r.Kind != model.RecordIntent:
		return // nothing to remember: a small file on its way, or somebody else's upload that is completed or aborted
	}
	if r.At.IsZero() {
		r.At = e.now()
	}
	e.noteSaving(e.options.Journal.Append(j.id, r))
}

// forget writes the outcome of a job to the history and removes its journal.
func (e *Engine) forget(j *job) {
	if e.options.Journal == nil {
		return
	}
	j.mu.Lock()
	outcome, held := finished(j.view, e.now()), j.journaled
	j.journaled = false
	j.mu.Unlock()
	if held {
		e.noteSaving(e.options.Journal.Forget(j.id, outcome))
		e.mu.Lock()
		e.saved = slices.DeleteFunc(slices.Clone(e.saved), func(s model.SavedJob) bool { return s.ID == j.id })
		e.mu.Unlock()
	}
}

func (e *Engine) noteSaving(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	e.mu.Lock()
	changed := e.unsaved != text
	e.unsaved = text
	e.mu.Unlock()
	if changed && err != nil {
		e.event(nil, model.LevelError, 0, 0, nil, "the state is not saved: %v; uploads go on, and what is lost costs a comparison when they are resumed", err)
	}
}
