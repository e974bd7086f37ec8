package transfer

import (
	"errors"

	"partway/model"
)

// changeLimits changes the limits that a command names and leaves the others.
func (e *Engine) changeLimits(c model.SetLimits) error {
	e.mu.Lock()
	limits := e.limits
	e.mu.Unlock()
	if c.BytesPerSecond != nil {
		if *c.BytesPerSecond < 0 {
			return errors.New("a bandwidth limit cannot be negative")
		}
		limits.BytesPerSecond = *c.BytesPerSecond
	}
	if c.Files != nil {
		limits.Files = *c.Files
	}
	if c.Parts != nil {
		limits.Parts = *c.Parts
	}
	e.setLimits(limits)
	return nil
}

// setLimits puts limits in force.
func (e *Engine) setLimits(limits model.Limits) {
	if limits.Files <= 0 {
		limits.Files = defaultFiles
	}
	e.mu.Lock()
	before := e.limits.Parts
	e.limits = limits
	e.mu.Unlock()
	if limits.Parts != before {
		e.pace.ask(limits.Parts)
	}
	e.bandwidth.set(max(limits.BytesPerSecond, 0))
	e.applyPace()
	for _, j := range e.list() {
		j.resizeSlots(limits.Parts)
	}
}

// applyPace lets through as many parts as the pace allows.
func (e *Engine) applyPace() { e.parts.resize(e.pace.current()) }

// throttled slows down because the service asked for it.
func (e *Engine) throttled() {
	e.pace.throttled(e.now())
	e.applyPace()
}

func (e *Engine) setJobParts(c model.SetJobParts) error {
	j, err := e.job(c.Job)
	if err != nil {
		return err
	}
	j.mu.Lock()
	j.view.AtOnce = max(c.Parts, 0)
	j.mu.Unlock()
	j.resizeSlots(e.partsAsked())
	return nil
}

// partsAsked is how many parts at once somebody asked for; 0: the engine finds out.
func (e *Engine) partsAsked() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.limits.Parts
}

// resizeSlots applies a limit to a job that is sending.
func (j *job) resizeSlots(asked int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.slots != nil {
		j.slots.resize(j.slotsWanted(asked))
	}
}
