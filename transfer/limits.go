package transfer

import (
	"errors"

	"golang.org/x/time/rate"

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
	e.limits = limits
	e.mu.Unlock()
	// The burst stays small whatever the limit, so that a limit lowered in the middle takes hold at once.
	if limits.BytesPerSecond > 0 {
		e.limiter.SetLimit(rate.Limit(limits.BytesPerSecond))
	} else {
		e.limiter.SetLimit(rate.Inf)
	}
	e.applyPace()
}

// applyPace lets through as many parts as were asked for, or as the pace has found.
func (e *Engine) applyPace() {
	e.mu.Lock()
	asked := e.limits.Parts
	e.mu.Unlock()
	if now := e.pace.current(); asked <= 0 {
		e.parts.resize(now)
	} else {
		e.parts.resize(asked)
	}
}

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
	defer j.mu.Unlock()
	j.view.AtOnce = max(c.Parts, 0)
	if j.slots != nil {
		j.slots.resize(j.slotsWanted())
	}
	return nil
}
