package transfer

import (
	"context"
	"fmt"
	"time"

	"partway/model"
)

// newWork is a job that is not the sending of a file.
func (e *Engine) newWork(kind model.JobKind, place model.Place, ref model.Ref, work func(context.Context, *job) error) *job {
	j := &job{id: newJobID(), place: place, work: work, light: true, parts: map[int]model.PartRecord{}, flights: map[int]*flight{}}
	j.view = model.Job{ID: j.id, Kind: kind, Ref: ref, Place: place, Status: model.StatusQueued, Queued: e.now(), ETA: -1}
	return j
}

func (e *Engine) addWork(kind model.JobKind, place model.Place, ref model.Ref, work func(context.Context, *job) error) {
	e.add(e.newWork(kind, place, ref, work))
}

// takeOver makes a job of an unfinished upload and a local file. Where the parts lie is found out when it runs.
func (e *Engine) takeOver(ctx context.Context, c model.Adopt) error {
	for _, j := range e.list() {
		if j.ref() == c.Ref && j.kind() == model.JobSend && !j.status().Final() {
			return fmt.Errorf("%s is in the queue already", c.Ref.URL())
		}
	}
	for _, s := range e.Saved() {
		if s.Ref() == c.Ref && s.Intent.Source.Path == c.Path && !s.ReadOnly {
			return e.TakeSaved(ctx, s.ID)
		}
	}
	print, err := e.fingerprint(c.Path)
	if err != nil {
		return err
	}
	place := c.Place
	place.Bucket = c.Ref.Bucket
	j := e.newSend(newJobID(), model.Intent{Place: place, Key: c.Ref.Key, Source: print, Adopted: c.Ref.UploadID, Send: c.Send,
		Write: model.WriteOptions{ACL: c.ACL, IfExists: c.IfExists}})
	j.adopt = &c
	e.add(j)
	return nil
}

// fingerprint looks at a file that is to be sent, or says why it cannot be.
func (e *Engine) fingerprint(path string) (model.Fingerprint, error) {
	source, err := e.options.OpenFile(path)
	if err != nil {
		return model.Fingerprint{}, err
	}
	defer source.Close()
	return source.Fingerprint()
}

// compareFile adds the job that compares a file with an upload.
func (e *Engine) compareFile(c model.Compare) error {
	print, err := e.fingerprint(c.Path)
	if err != nil {
		return err
	}
	place := c.Place
	place.Bucket = c.Ref.Bucket
	j := e.newWork(model.JobCompare, place, c.Ref, e.compareOnly(c.Send.PartSize))
	j.intent = model.Intent{Place: place, Key: c.Ref.Key, Source: print, Adopted: c.Ref.UploadID, Plan: model.Plan{Size: print.Size, PartSize: model.DefaultPartSize}}
	j.view.Source = print
	e.add(j)
	return nil
}

// abortAll frees uploads: those of jobs after their workers have ended, others by themselves.
func (e *Engine) abortAll(c model.Abort) error {
	wanted := map[model.Ref]bool{}
	for _, ref := range c.Refs {
		wanted[ref] = true
	}
	ids := map[model.JobID]bool{}
	for _, id := range c.Jobs {
		ids[id] = true
	}
	for _, j := range e.list() {
		ref := j.ref()
		if j.status().Final() || !ids[j.id] && !(ref.UploadID != "" && wanted[ref]) {
			continue
		}
		if !wanted[ref] && j.kind().ReadsOnly() {
			// It only reads: to be rid of it is not to abort the upload it looks at.
			j.halt(errAborted, false)
			j.setStatus(e, model.StatusAborted)
			continue
		}
		delete(wanted, ref)
		e.abortJob(j)
	}
	for _, s := range e.Saved() {
		if ref := s.Ref(); ref.UploadID != "" && wanted[ref] {
			delete(wanted, ref)
			j := e.savedJob(s)
			if err := e.claim(j); err != nil {
				return err
			}
			j.work, j.view.Kind, j.view.Status, j.light = e.abort, model.JobAbort, model.StatusQueued, true
			e.add(j)
		}
	}
	for _, ref := range c.Refs {
		if wanted[ref] {
			e.addWork(model.JobAbort, c.Place, ref, e.abort)
		}
	}
	return nil
}

// abortJob turns a job into its own abort: once its workers have ended, so that no part of ours lands after it.
func (e *Engine) abortJob(j *job) {
	ended := j.halt(errAborted, false)
	turn := func() {
		j.mu.Lock()
		j.work, j.view.Kind, j.light = e.abort, model.JobAbort, true
		j.view.Status, j.view.Problem, j.view.GoesOn = model.StatusQueued, nil, time.Time{}
		j.mu.Unlock()
		e.schedule()
	}
	if ended == nil {
		turn()
		return
	}
	e.workers.Go(func() {
		<-ended
		turn()
	})
}
