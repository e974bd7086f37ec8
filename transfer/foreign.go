package transfer

import (
	"context"
	"fmt"
	"strings"
	"time"

	"partway/model"
	"partway/ossapi"
)

// completeForeign is the work of a job that turns an upload into its object from the parts that are listed, without a file. What
// a person agreed to is compared with what is listed now: an upload that somebody still sends to is left alone.
func (e *Engine) completeForeign(command model.CompleteUpload) func(context.Context, *job) error {
	return func(ctx context.Context, j *job) error {
		call, err := e.callerFor(ctx, j.place)
		if err != nil {
			return err
		}
		f := &foreign{e: e, j: j, call: call, command: command}
		list, err := f.agreed(ctx)
		if err != nil {
			return err
		}
		return f.complete(ctx, list)
	}
}

type foreign struct {
	e       *Engine
	j       *job
	call    *caller
	command model.CompleteUpload
}

func (f *foreign) refuse(why string, next ...string) error {
	return &model.Problem{Class: model.ProblemConflict, What: "complete " + f.command.Ref.URL(), Why: why, Next: next}
}

// agreed lists the parts again and says why they cannot be completed.
func (f *foreign) agreed(ctx context.Context) (model.PartList, error) {
	ref := f.command.Ref
	list, err := f.call.listParts(ctx, ref, nil)
	if err != nil {
		return list, err
	}
	switch small := list.Small(); {
	case len(list.Parts) == 0:
		return list, f.refuse("no part is in the bucket: there is nothing to make an object of", "abort removes the upload")
	case !sameParts(list.Parts, f.command.Seen):
		return list, f.refuse("the parts are not those that were shown: somebody is sending to this upload", "look at the parts again")
	case len(small) > 0:
		return list, f.refuse(fmt.Sprintf("part %d has less than %s, and only the last part may: the service would refuse it", small[0], model.ExactSize(model.MinPartSize)),
			"resume with the local file sends such parts again with a legal size", "abort frees the parts")
	case len(list.Gaps()) > 0 && !f.command.AllowGaps:
		return list, f.refuse("parts are missing: "+list.Gaps().String(), "resume with the local file sends them", "complete it without them, if that is meant")
	}
	if f.command.Overwrite {
		return list, nil
	}
	var info ossapi.ObjectInfo
	err = f.call.do(ctx, nil, func(ctx context.Context) (err error) {
		info, err = f.call.store.Head(ctx, objectOf(ref))
		return err
	})
	switch ossapi.KindOf(err) {
	case ossapi.KindNone:
		return list, &existsError{info: info}
	case ossapi.KindNotFound, ossapi.KindDenied:
		return list, nil
	}
	return list, err
}

func sameParts(a, b []model.Part) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Number != b[i].Number || a[i].Size != b[i].Size || !strings.EqualFold(a[i].ETag, b[i].ETag) {
			return false
		}
	}
	return true
}

// complete calls Complete and proves the object by size and CRC-64 of the listed parts. Any answer but a clear success is met with
// a look at the object.
func (f *foreign) complete(ctx context.Context, list model.PartList) error {
	request := ossapi.CompleteRequest{Upload: uploadOf(f.command.Ref), ForbidOverwrite: !f.command.Overwrite}
	var combiner model.CRC64Combiner
	known := true
	for _, p := range list.Parts {
		request.Parts = append(request.Parts, ossapi.CompletePart{Number: p.Number, ETag: p.ETag})
		combiner.Append(p.CRC64, p.Size)
		known = known && p.HasCRC64
	}
	begun := f.call.served(f.e.now())
	f.j.update(f.e, func(v *model.Job) {
		v.Status, v.Parts, v.PartsDone, v.BytesDone = model.StatusCompleting, len(list.Parts), len(list.Parts), list.Bytes()
	})
	mended := 0
	for try := 1; ; try++ {
		asked := f.e.now()
		_, failure := f.call.store.Complete(ctx, request)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if f.call.mend(ctx, failure, asked, &mended) {
			continue
		}
		found, err := f.prove(ctx, list.Bytes(), combiner.Sum(), known, begun)
		switch {
		case failure == nil && err != nil:
			return &unprovedError{cause: err}
		case failure == nil && !found.ok:
			return &damagedError{what: "the stored object is not what the parts make: its size, CRC-64 or time differ"}
		case failure == nil || err == nil && found.ok && found.kind == model.ProofCRC64:
			return f.finish(list, found)
		case !retryable(failure) || try >= f.e.policy.CompleteTries:
			return conflictOf(failure)
		}
		if err := sleep(ctx, f.e.policy.wait(try, f.e.random(), wantedWait(failure))); err != nil {
			return err
		}
	}
}

// prove looks at the object and compares it with what the parts make.
func (f *foreign) prove(ctx context.Context, size int64, crc64 uint64, known bool, begun time.Time) (proof, error) {
	var info ossapi.ObjectInfo
	err := f.call.do(ctx, nil, func(ctx context.Context) (err error) {
		info, err = f.call.store.Head(ctx, objectOf(f.command.Ref))
		return err
	})
	if err != nil {
		return proof{}, err
	}
	found := proof{ok: info.Size == size && !info.LastModified.Before(begun.Add(-clockSlack)), kind: model.ProofParts}
	if found.ok && known && info.HasCRC64 {
		found = proof{ok: info.CRC64 == crc64, kind: model.ProofCRC64, crc64: crc64}
	}
	return found, nil
}

func (f *foreign) finish(list model.PartList, p proof) error {
	f.j.update(f.e, func(v *model.Job) {
		v.Status, v.Proof, v.CRC64, v.Finished, v.Problem = model.StatusDone, p.kind, p.crc64, f.e.now(), nil
	})
	f.e.forget(f.j)
	f.e.forgetStream(f.command.Ref)
	f.e.event(f.j, model.LevelInfo, 0, 0, nil, "completed: %d parts, %s, proved by %s", len(list.Parts), model.FormatSize(list.Bytes()), p.kind)
	return nil
}

// verifyObject is the work of a job that proves a stored object against a local file, without fetching it: size and CRC-64.
func (e *Engine) verifyObject(ctx context.Context, j *job) error {
	call, err := e.callerFor(ctx, j.place)
	if err != nil {
		return err
	}
	j.mu.Lock()
	path, ref := j.intent.Source.Path, j.view.Ref
	j.mu.Unlock()
	file, err := e.options.OpenFile(path)
	if err != nil {
		return err
	}
	defer file.Close()
	print, err := file.Fingerprint()
	if err != nil {
		return err
	}
	var info ossapi.ObjectInfo
	err = call.do(ctx, nil, func(ctx context.Context) (err error) {
		info, err = call.store.Head(ctx, objectOf(ref))
		return err
	})
	if err != nil {
		return err
	}
	j.update(e, func(v *model.Job) { v.Status, v.Source, v.BytesDone = model.StatusVerifying, print, 0 })
	problem := &model.Problem{Class: model.ProblemDamaged, What: "verify " + ref.URL(), Next: []string{"put the file again with --if-exists overwrite, if the file is right"}}
	if info.Size != print.Size {
		problem.Why = fmt.Sprintf("the object has %s and the file has %s", model.ExactSize(info.Size), model.ExactSize(print.Size))
		return problem
	}
	s := &sending{e: e, j: j, call: call, file: file, intent: model.Intent{Source: print}}
	sum, err := s.wholeFile(ctx, print.Size, !info.HasCRC64)
	if err != nil {
		return err
	}
	if err := s.unchanged(); err != nil {
		return err
	}
	return s.judgeObject(info, sum, problem)
}

// wholeFile sums the whole file: by CRC-64, on all cores, and by MD5 too where the server has nothing better.
func (s *sending) wholeFile(ctx context.Context, size int64, withMD5 bool) (sums, error) {
	if withMD5 {
		return s.sum(ctx, s.file, model.Range{Size: size}, true, true)
	}
	crc, err := s.e.hasher.wholeCRC(ctx, s.file, size)
	return sums{crc64: crc}, s.meaning(err)
}

func (s *sending) judgeObject(info ossapi.ObjectInfo, sum sums, problem *model.Problem) error {
	kind := model.ProofCRC64
	switch {
	case info.HasCRC64 && info.CRC64 != sum.crc64:
		problem.Why = fmt.Sprintf("the object's CRC-64 is %d and the file's is %d", info.CRC64, sum.crc64)
		return problem
	case info.HasCRC64:
	case isMD5(info.ETag) && strings.EqualFold(info.ETag, fmt.Sprintf("%x", sum.md5)):
		kind = model.ProofMD5
	default:
		problem.Class, problem.Why = model.ProblemUnproved, "the sizes are equal, and the server gives neither a CRC-64 nor an MD5 to compare with"
		problem.Next = []string{"fetch the object and compare it"}
		return problem
	}
	s.j.update(s.e, func(v *model.Job) {
		v.Status, v.Proof, v.CRC64, v.BytesDone, v.Finished = model.StatusDone, kind, sum.crc64, v.Source.Size, s.e.now()
	})
	s.tell(model.LevelInfo, "verified: the object equals the file, %s, by %s", model.FormatSize(info.Size), kind)
	return nil
}

// finished is what the history keeps of a job.
func finished(v model.Job, at time.Time) model.Finished {
	return model.Finished{V: model.JournalVersion, At: at, Job: v.ID, Status: v.Status, Place: v.Place, Key: v.Ref.Key, UploadID: v.Ref.UploadID,
		Path: v.Source.Path, Size: v.Source.Size, Parts: v.Parts, CRC64: v.CRC64, Proof: v.Proof, Began: v.Started}
}
