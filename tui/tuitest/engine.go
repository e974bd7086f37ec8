package tuitest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"partway/model"
)

// Engine is an engine of fixed snapshots that records what it is asked. It is safe for concurrent use. Called from inside Update
// or View of a driven App it panics: what waits for an engine in another process must not hold up the screen.
type Engine struct {
	inside atomic.Bool
	bell   chan struct{}

	mu       sync.Mutex
	snap     *model.Snapshot
	commands []model.Command
	parts    map[model.Ref]model.PartList
	refuse   error
	react    func(*model.Snapshot, model.Command)
}

// NewEngine makes an engine that shows a snapshot.
func NewEngine(snap *model.Snapshot) *Engine {
	return &Engine{bell: make(chan struct{}, 1), snap: snap, parts: map[model.Ref]model.PartList{}}
}

func (e *Engine) guard(call string) {
	if e.inside.Load() {
		panic("the engine's " + call + " was called from inside Update or View")
	}
}

// Snapshot is the snapshot shown now.
func (e *Engine) Snapshot() *model.Snapshot {
	e.guard("Snapshot")
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.snap
}

// Changed is the doorbell.
func (e *Engine) Changed() <-chan struct{} { return e.bell }

// Do records the command.
func (e *Engine) Do(_ context.Context, c model.Command) error {
	e.guard("Do")
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.refuse != nil {
		return e.refuse
	}
	e.commands = append(e.commands, c)
	if e.react != nil {
		next := *e.snap
		next.Seq++
		next.Jobs = append([]model.Job{}, next.Jobs...)
		e.react(&next, c)
		e.snap = &next
	}
	return nil
}

// Parts is the list that was set for an upload.
func (e *Engine) Parts(_ context.Context, _ model.Place, ref model.Ref) (model.PartList, error) {
	e.guard("Parts")
	e.mu.Lock()
	defer e.mu.Unlock()
	list, known := e.parts[ref]
	if !known {
		return model.PartList{}, fmt.Errorf("list parts of %s: NoSuchUpload", ref.URL())
	}
	return list, nil
}

// Show makes another snapshot the newest and rings the bell.
func (e *Engine) Show(snap *model.Snapshot) {
	e.mu.Lock()
	snap.Seq = e.snap.Seq + 1
	e.snap = snap
	e.mu.Unlock()
	select {
	case e.bell <- struct{}{}:
	default:
	}
}

// SetParts sets what the service is to hold of an upload.
func (e *Engine) SetParts(list model.PartList) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.parts[list.Ref] = list
}

// Refuse makes every command fail from now on; nil accepts them again.
func (e *Engine) Refuse(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refuse = err
}

// React has commands change a copy of the snapshot, whose jobs are copied too.
func (e *Engine) React(how func(*model.Snapshot, model.Command)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.react = how
}

// Commands is what was asked so far.
func (e *Engine) Commands() []model.Command {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]model.Command{}, e.commands...)
}
