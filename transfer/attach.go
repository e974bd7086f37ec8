package transfer

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"partway/model"
	"partway/ossapi"
)

// attach is step 2: it ends with an upload id and with what of the file is proved to be in that upload.
func (s *sending) attach(ctx context.Context) error {
	j := s.j
	j.mu.Lock()
	adopt, saved := j.adopt, j.saved
	uploadID := j.view.Ref.UploadID
	j.mu.Unlock()
	if uploadID == "" && saved.Phase == model.PhaseInitiating {
		found, err := s.findOrphan(ctx, saved)
		if err != nil {
			return err // and no new upload, which could be the second
		}
		uploadID = found
	}
	if uploadID == "" {
		return s.initiate(ctx)
	}
	j.setStatus(s.e, model.StatusMatching)
	list, err := s.call.listParts(ctx, j.ref(), s.waiting)
	switch ossapi.KindOf(err) {
	case ossapi.KindNone:
	case ossapi.KindGone:
		return s.startOver(ctx, saved, err)
	case ossapi.KindDenied:
		return s.trustJournal(err, saved)
	default:
		// Never a new upload id because of a listing that failed: that would orphan the old one.
		return err
	}
	if adopt != nil {
		if err := s.planAdoption(list, adopt); err != nil {
			return err
		}
	}
	return s.match(ctx, list, saved)
}

// orphanSlack is how far the service's clock may be behind ours when an upload is recognised by its start.
const orphanSlack = time.Minute

// findOrphan looks for the upload whose id was lost in a crash between Initiate and its answer: begun at the time of the intent
// or after, without a part, and the only such one. Nothing is taken over that could be somebody else's. An error says that it could
// not be looked for; a key that may not list is none, since it could never go on.
func (s *sending) findOrphan(ctx context.Context, saved model.SavedJob) (uploadID string, err error) {
	request := ossapi.ListUploadsRequest{Bucket: s.intent.Place.Bucket, Prefix: s.intent.Key}
	var found []string
	for page, err := range s.call.listUploads(ctx, request, s.waiting) {
		if ossapi.KindOf(err) == ossapi.KindDenied {
			s.tell(model.LevelWarn, "an earlier try may have left an empty upload behind; it could not be looked for: %v", err)
			return "", nil
		}
		if err != nil {
			return "", err
		}
		for _, u := range page.Uploads {
			if u.Key == s.intent.Key && u.Initiated.After(s.call.served(saved.Begun).Add(-orphanSlack)) {
				found = append(found, u.UploadID)
			}
		}
	}
	if len(found) != 1 {
		return "", nil
	}
	ref := model.Ref{Bucket: s.intent.Place.Bucket, Key: s.intent.Key, UploadID: found[0]}
	switch list, err := s.call.listParts(ctx, ref, s.waiting); ossapi.KindOf(err) {
	case ossapi.KindNone:
		if len(list.Parts) > 0 {
			return "", nil
		}
	case ossapi.KindGone, ossapi.KindDenied:
		return "", nil
	default:
		return "", err
	}
	s.attachTo(found[0])
	s.record(model.Record{Kind: model.RecordInitiated, UploadID: found[0]})
	s.tell(model.LevelInfo, "found the upload that an interrupted run had initiated")
	return found[0], nil
}

// startOver meets an upload that was gone before anything was sent to it in this run. Whoever put the file again wants it sent;
// whoever resumes an upload has to know that it is not there.
func (s *sending) startOver(ctx context.Context, saved model.SavedJob, cause error) error {
	for _, p := range saved.Parts {
		s.keepPart(p)
	}
	s.j.mu.Lock()
	wanted := s.j.startOver
	s.j.mu.Unlock()
	if found, err := s.prove(ctx, saved.CompletingAt); !wanted || err == nil && found.ok {
		return &goneError{cause: cause}
	}
	s.tell(model.LevelWarn, "the upload this file was begun with does not exist any more: a new one starts from the beginning")
	intent := s.intent
	intent.Adopted, intent.Layout = "", nil
	if err := s.beginAnew(intent); err != nil {
		return err
	}
	return s.initiate(ctx)
}

// meetGone decides what it means that the upload does not exist: completed, perhaps by us with the answer lost, or ended
// elsewhere. Only an object that equals the file makes it done.
func (s *sending) meetGone(ctx context.Context, gone error) error {
	s.j.mu.Lock()
	completing := s.j.saved.CompletingAt
	s.j.mu.Unlock()
	found, err := s.prove(ctx, completing)
	if err != nil || !found.ok {
		return gone
	}
	s.tell(model.LevelInfo, "the upload does not exist any more: it was completed, and the object equals the file")
	return s.finish(found)
}

// trustJournal goes on without a listing, for a key that may upload and not list: what the journal holds was acknowledged.
func (s *sending) trustJournal(denied error, saved model.SavedJob) error {
	if len(saved.Parts) == 0 && s.intent.Adopted != "" {
		return denied
	}
	s.tell(model.LevelWarn, "this key may not list parts: the journal is trusted")
	for _, p := range saved.Parts {
		s.keepPart(p)
	}
	return nil
}

// planAdoption finds where the parts of a foreign upload lie and writes the job's first intent.
func (s *sending) planAdoption(list model.PartList, adopt *model.Adopt) error {
	intent := s.intent
	layout, err := model.DeriveLayout(list.Parts, intent.Source.Size, adopt.Send.PartSize)
	if err != nil {
		return err
	}
	intent.Layout = layout
	if plan := (model.Plan{Size: intent.Source.Size, PartSize: layout[0].Size}); plan.Valid() == nil && sameLayout(plan.Layout(), layout) {
		intent.Plan, intent.Layout = plan, nil
	} else {
		intent.Plan = model.Plan{Size: intent.Source.Size, PartSize: layout[0].Size}
	}
	s.j.mu.Lock()
	s.j.adopt = nil
	s.j.mu.Unlock()
	return s.beginAnew(intent)
}

func sameLayout(a, b model.Layout) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// match decides for every listed part whether it holds the bytes of the file. What the journal says was sent and is listed alike
// stays without a look; everything else is compared with the file. Nothing is believed for its number.
func (s *sending) match(ctx context.Context, list model.PartList, saved model.SavedJob) error {
	var unclear []model.Part
	known := s.known(saved)
	for _, p := range list.Parts {
		switch {
		case p.Number > len(s.layout) || s.layout[p.Number-1].Size != p.Size:
			// Not a part of this plan; if the number is used it is sent again, else it is left out of Complete.
		case acknowledged(known, p, s.layout[p.Number-1]):
			s.keepPart(recordOf(p, s.layout[p.Number-1]))
		default:
			unclear = append(unclear, p)
		}
	}
	equal, err := s.compare(ctx, unclear)
	if err != nil {
		return err
	}
	if s.intent.Adopted != "" && !s.agreed && len(unclear) > 0 && len(known) == 0 && equal == 0 {
		return &mismatchError{parts: len(list.Parts), silent: !slices.ContainsFunc(unclear, hasSum)}
	}
	s.j.mu.Lock()
	kept, bytes := s.j.view.PartsDone, s.j.view.BytesDone
	s.j.view.Kept = bytes
	s.j.mu.Unlock()
	s.tell(model.LevelInfo, "%d of %d parts are in the bucket and equal the file, %d to send", kept, len(s.layout), len(s.layout)-kept)
	return nil
}

// known is what was acknowledged before: in this process, or by what the journal says.
func (s *sending) known(saved model.SavedJob) map[int]model.PartRecord {
	known := maps.Clone(saved.Parts)
	if known == nil {
		known = map[int]model.PartRecord{}
	}
	s.j.mu.Lock()
	defer s.j.mu.Unlock()
	maps.Copy(known, s.j.parts)
	return known
}

func acknowledged(parts map[int]model.PartRecord, p model.Part, at model.Range) bool {
	was, known := parts[p.Number]
	return known && was.Offset == at.Offset && was.Size == p.Size && strings.EqualFold(was.ETag, p.ETag) &&
		!(was.HasCRC64 && p.HasCRC64 && was.CRC64 != p.CRC64)
}

func recordOf(p model.Part, at model.Range) model.PartRecord {
	return model.PartRecord{Number: p.Number, Offset: at.Offset, Size: p.Size, ETag: p.ETag, CRC64: p.CRC64, HasCRC64: p.HasCRC64}
}

// keepPart counts a part as in the bucket and proved.
func (s *sending) keepPart(p model.PartRecord) {
	s.j.mu.Lock()
	s.j.keep(p)
	s.j.mu.Unlock()
}

// compare reads the file where the parts claim to come from and keeps those that are equal: by MD5 where the ETag is one, else by
// CRC-64. Parts with neither cannot be proved and are sent again.
func (s *sending) compare(ctx context.Context, parts []model.Part) (equal int, err error) {
	if len(parts) == 0 {
		return 0, nil
	}
	total := int64(0)
	for _, p := range parts {
		total += p.Size
	}
	s.j.compared.Store(0)
	s.j.update(s.e, func(v *model.Job) {
		v.Status, v.Compared, v.ToCompare, v.ToCompareBytes = model.StatusMatching, 0, len(parts), total
	})
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(s.e.hasher.atOnce())
	for _, p := range parts {
		if inner.Err() != nil {
			break
		}
		group.Go(guarded(func() error {
			at := s.layout[p.Number-1]
			read := &tally{Source: s.file, whole: &s.j.compared, left: at.Size}
			same, err := s.sameBytes(inner, read, p, at)
			if err != nil {
				return err
			}
			s.j.compared.Add(read.left) // what lies in holes
			s.j.update(s.e, func(v *model.Job) { v.Compared++ })
			if same {
				record := recordOf(p, s.layout[p.Number-1])
				s.keepPart(record)
				s.record(model.Record{Kind: model.RecordPart, Part: &record})
			}
			return nil
		}))
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	s.j.mu.Lock()
	defer s.j.mu.Unlock()
	for _, p := range parts {
		if _, kept := s.j.parts[p.Number]; kept {
			equal++
		}
	}
	return equal, nil
}

// sameBytes compares one part. An ETag of MD5's form need not be one (with server-side encryption by KMS it is not), so where it
// differs the CRC-64 decides. That costs a second reading once for an upload, not once for a part.
func (s *sending) sameBytes(ctx context.Context, file io.ReaderAt, p model.Part, at model.Range) (bool, error) {
	byMD5 := isMD5(p.ETag) && !(p.HasCRC64 && s.etags.other.Load())
	byCRC := p.HasCRC64 && (!byMD5 || s.etags.doubted.Load())
	if !byMD5 && !byCRC {
		return false, nil
	}
	got, err := s.sum(ctx, file, at, byMD5, byCRC)
	if err != nil {
		return false, err
	}
	if byMD5 && strings.EqualFold(hex.EncodeToString(got.md5[:]), p.ETag) {
		return true, nil
	}
	if !p.HasCRC64 {
		return false, nil
	}
	if !byCRC {
		s.etags.doubted.Store(true)
		if got, err = s.sum(ctx, file, at, false, true); err != nil {
			return false, err
		}
	}
	same := got.crc64 == p.CRC64
	if same && byMD5 {
		s.etags.other.Store(true)
	}
	return same, nil
}

// etagLore is what comparing has shown of an upload's ETags of MD5's form.
type etagLore struct {
	doubted atomic.Bool // one was not the MD5 of its part: from now on both sums are taken in one reading
	other   atomic.Bool // the CRC-64 of that part was right: they are no MD5 sums
}

// sum reads a range of the file; a file that ends inside it has changed.
func (s *sending) sum(ctx context.Context, file io.ReaderAt, at model.Range, wantMD5, wantCRC bool) (sums, error) {
	got, err := s.e.hasher.sum(ctx, file, at, wantMD5, wantCRC)
	return got, s.meaning(err)
}

// meaning is what an error of reading the file means: one that ends too early has changed.
func (s *sending) meaning(err error) error {
	var short *shortError
	if errors.As(err, &short) {
		return &changedError{path: s.intent.Source.Path, difference: short.Error()}
	}
	return err
}

// hasSum reports whether there is anything to compare a part by.
func hasSum(p model.Part) bool { return isMD5(p.ETag) || p.HasCRC64 }

// isMD5 reports whether an ETag has the form of an MD5 sum.
func isMD5(etag string) bool {
	if len(etag) != 32 {
		return false
	}
	return strings.Trim(etag, "0123456789abcdefABCDEF") == ""
}
