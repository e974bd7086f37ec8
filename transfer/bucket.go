package transfer

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"partway/model"
	"partway/ossapi"
)

// View says which bucket an engine watches for a screen. The zero View watches none.
type View struct {
	Place  model.Place
	Prefix string
	Every  time.Duration // between two listings; 0: only when asked
	// MeasuresPerSecond bounds the requests that learn what leftovers hold, since a bucket can have thousands; 0: 5.
	MeasuresPerSecond float64
}

// watcher lists the unfinished uploads of a bucket and finds out, one after the other, what they hold. One goroutine does both; it
// is woken by requests and by time.
type watcher struct {
	e    *Engine
	view View
	wake chan struct{}
	pace *rate.Limiter
	ctx  context.Context // ends with the engine, or when another bucket is put on view
	stop context.CancelFunc

	mu      sync.Mutex
	shown   model.BucketView
	fresh   map[model.Ref]model.Leftover // measured, not yet shown
	wanted  []model.Ref                  // to be measured first
	refresh bool
	noParts bool // this key may not list parts: measuring is off
	noHead  bool
}

// showMeasuredEvery bounds how often the list of leftovers is copied to show what was measured.
const showMeasuredEvery = time.Second

func newWatcher(e *Engine, view View) *watcher {
	if view.MeasuresPerSecond <= 0 {
		view.MeasuresPerSecond = 5
	}
	w := &watcher{e: e, view: view, wake: make(chan struct{}, 1), fresh: map[model.Ref]model.Leftover{}, refresh: true,
		pace: rate.NewLimiter(rate.Limit(view.MeasuresPerSecond), 5)}
	w.shown = model.BucketView{Place: view.Place, Prefix: view.Prefix}
	w.ctx, w.stop = context.WithCancel(e.ctx)
	return w
}

// look puts a bucket on view in place of the one before.
func (e *Engine) look(view View) {
	w := newWatcher(e, view)
	e.mu.Lock()
	before := e.watcher
	if before != nil {
		// Versions go on growing, so that a reader never takes the new bucket's list for the old one's.
		w.shown.Version = before.snapshot().Version + 1
		before.stop()
	}
	e.watcher = w
	e.mu.Unlock()
	e.workers.Go(w.run)
	e.nudge()
}

// watching is the watcher of the bucket on view, or nil.
func (e *Engine) watching() *watcher {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.watcher
}

func (w *watcher) snapshot() model.BucketView {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.shown
}

func (w *watcher) ask(change func()) {
	w.mu.Lock()
	change()
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *watcher) askRefresh() { w.ask(func() { w.refresh = true }) }

// askMeasure puts uploads at the head of the line; none means all, again.
func (w *watcher) askMeasure(refs []model.Ref) {
	w.ask(func() {
		if len(refs) > 0 {
			w.wanted = append(append([]model.Ref(nil), refs...), w.wanted...)
			return
		}
		w.wanted = nil
		for _, l := range w.shown.Uploads {
			w.wanted = append(w.wanted, l.Ref)
		}
	})
}

// run works until the engine closes or another bucket is looked at.
func (w *watcher) run() {
	defer w.stop()
	ctx := w.ctx
	var due <-chan time.Time
	if w.view.Every > 0 {
		ticker := time.NewTicker(w.view.Every)
		defer ticker.Stop()
		due = ticker.C
	}
	for ctx.Err() == nil {
		if w.takeRefresh() {
			w.list(ctx)
		}
		w.measureAll(ctx, due)
		select {
		case <-ctx.Done():
		case <-w.wake:
		case <-due:
			w.askRefresh()
		}
	}
}

func (w *watcher) takeRefresh() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := w.refresh
	w.refresh = false
	return asked
}

// show changes what is shown of the bucket.
func (w *watcher) show(change func(*model.BucketView)) {
	w.mu.Lock()
	change(&w.shown)
	w.mu.Unlock()
	w.e.nudge()
}

// list reads the bucket. The first listing shows its pages as they come; a later one replaces the list when it is whole, so that
// rows do not vanish and come back.
func (w *watcher) list(ctx context.Context) {
	call, err := w.e.callerFor(ctx, w.view.Place)
	if err != nil {
		w.failed(err)
		return
	}
	known := map[model.Ref]model.Leftover{}
	w.show(func(v *model.BucketView) {
		for _, l := range v.Uploads {
			known[l.Ref] = l
		}
		v.State, v.Pages, v.Problem = model.ListReading, 0, nil
	})
	first := len(known) == 0
	seen := map[model.Ref]bool{}
	var uploads []model.Leftover
	request := ossapi.ListUploadsRequest{Bucket: w.view.Place.Bucket, Prefix: w.view.Prefix}
	for page, err := range call.listUploads(ctx, request, nil) {
		if err != nil {
			w.failed(err)
			return
		}
		for _, u := range page.Uploads {
			ref := model.Ref{Bucket: w.view.Place.Bucket, Key: u.Key, UploadID: u.UploadID}
			if seen[ref] { // pages shift while others upload
				continue
			}
			seen[ref] = true
			l, was := known[ref]
			if !was {
				l = model.Leftover{Ref: ref, Initiated: u.Initiated, StorageClass: u.StorageClass}
			}
			uploads = append(uploads, l)
		}
		whole := append([]model.Leftover(nil), uploads...)
		w.show(func(v *model.BucketView) {
			v.Pages++
			if first {
				w.replace(v, whole)
			}
		})
	}
	w.show(func(v *model.BucketView) {
		v.State, v.Refreshed = model.ListWhole, w.e.now()
		w.replace(v, uploads)
	})
}

// replace shows another list. The caller holds the mutex.
func (w *watcher) replace(v *model.BucketView, uploads []model.Leftover) {
	v.Uploads, v.Measured, v.Held = uploads, 0, 0
	v.Version++
	for i, l := range uploads {
		if fresh, measured := w.fresh[l.Ref]; measured {
			l, uploads[i] = fresh, fresh
		}
		if l.Measured {
			v.Measured++
			v.Held += l.Held
		}
	}
	clear(w.fresh)
}

func (w *watcher) failed(err error) {
	if w.ctx.Err() != nil {
		return
	}
	problem := ProblemOf(err, "list the unfinished uploads of oss://"+w.view.Place.Bucket)
	problem.Facts.At = w.e.now()
	state := model.ListFailed
	if problem.Class == model.ProblemDenied {
		state = model.ListDenied
	}
	w.show(func(v *model.BucketView) { v.State, v.Problem = state, problem })
}

// measureAll measures what was asked for, then everything not measured yet, until something else is to be done.
func (w *watcher) measureAll(ctx context.Context, due <-chan time.Time) {
	shown := w.e.now()
	defer w.showMeasured()
	for ctx.Err() == nil {
		ref, more := w.next()
		if !more {
			return
		}
		if w.pace.Wait(ctx) != nil {
			return
		}
		w.measure(ctx, ref)
		if now := w.e.now(); now.Sub(shown) >= showMeasuredEvery {
			shown = now
			w.showMeasured()
		}
		select {
		case <-due:
			w.askRefresh()
		default:
		}
		w.mu.Lock()
		refresh := w.refresh
		w.mu.Unlock()
		if refresh {
			return
		}
	}
}

func (w *watcher) next() (model.Ref, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.noParts {
		return model.Ref{}, false
	}
	if len(w.wanted) > 0 {
		ref := w.wanted[0]
		w.wanted = w.wanted[1:]
		return ref, true
	}
	for _, l := range w.shown.Uploads {
		if _, done := w.fresh[l.Ref]; !l.Measured && !done && l.Failure == "" && !l.Vanished {
			return l.Ref, true
		}
	}
	return model.Ref{}, false
}

// measure learns what one upload holds, and whether an object of its key exists.
func (w *watcher) measure(ctx context.Context, ref model.Ref) {
	call, err := w.e.callerFor(ctx, w.view.Place)
	if err != nil {
		return
	}
	w.mu.Lock()
	var l model.Leftover
	for _, shown := range w.shown.Uploads {
		if shown.Ref == ref {
			l = shown
		}
	}
	w.mu.Unlock()
	if l.Ref != ref {
		return // not of this bucket, or gone from the list
	}
	list, err := call.listParts(ctx, ref, nil)
	switch ossapi.KindOf(err) {
	case ossapi.KindNone:
		l = measured(l, list)
		w.head(ctx, call, &l)
	case ossapi.KindGone:
		l.Vanished = true
	case ossapi.KindDenied:
		w.mu.Lock()
		w.noParts = true
		w.mu.Unlock()
		w.e.event(nil, model.LevelWarn, 0, 0, err, "this key may not list parts (oss:ListParts): what unfinished uploads hold stays unknown")
		return
	default:
		if ctx.Err() != nil {
			return
		}
		l.Failure = err.Error()
	}
	w.mu.Lock()
	w.fresh[ref] = l
	w.mu.Unlock()
}

func (w *watcher) head(ctx context.Context, call *caller, l *model.Leftover) {
	if w.noHead || w.pace.Wait(ctx) != nil {
		return
	}
	info, err := call.store.Head(ctx, objectOf(l.Ref))
	switch ossapi.KindOf(err) {
	case ossapi.KindNone:
		l.ObjectAsked, l.Object = true, &model.ObjectFact{Size: info.Size, Modified: info.LastModified}
	case ossapi.KindNotFound:
		l.ObjectAsked, l.Object = true, nil
	case ossapi.KindDenied:
		w.noHead = true
	}
}

// measured is a leftover with what its parts say.
func measured(l model.Leftover, list model.PartList) model.Leftover {
	gaps := list.Gaps()
	l.Measured, l.MeasuredAt, l.Failure, l.Vanished = true, list.At, "", false
	l.Parts, l.Held, l.LastPart = len(list.Parts), list.Bytes(), list.Newest()
	l.Gaps, l.GapList, l.TooSmall, l.Highest = gaps.Count(), gaps.String(), len(list.Small()), 0
	if len(list.Parts) > 0 {
		l.Highest = list.Parts[len(list.Parts)-1].Number
	}
	if list.StorageClass != "" {
		l.StorageClass = list.StorageClass
	}
	return l
}

// showMeasured puts what was measured since the last time into a new list.
func (w *watcher) showMeasured() {
	w.show(func(v *model.BucketView) {
		if len(w.fresh) > 0 {
			w.replace(v, append([]model.Leftover(nil), v.Uploads...))
		}
	})
}
