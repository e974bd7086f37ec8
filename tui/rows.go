package tui

import (
	"time"

	"partway/model"
)

// rowID is the identity of a row: a job, or an upload in the bucket that no job is known for. It outlives every snapshot; the
// cursor, the marks and what a dialog acts on are kept by it, never by position.
type rowID struct {
	job model.JobID
	ref model.Ref
}

// row is one line of the main view. A job and the upload it began are one row. Rows point into immutable snapshots, so a copy is
// frozen: it goes on saying what was true when it was made.
type row struct {
	id     rowID
	job    *model.Job      // nil for an upload that no job is known for
	left   *model.Leftover // nil where the bucket's listing does not hold it (yet)
	place  model.Place
	twins  int // unfinished uploads of its key, itself included
	status model.Status
	gone   bool // in no snapshot any more; shown while the order is held
	past   bool // an earlier run finished it: the engine knows the job no more
}

// section is a group of rows of the main view, in the order of what they want from the user.
type section uint8

const (
	sectionMoving section = iota
	sectionNeeds
	sectionWaiting
	sectionBucket
	sectionFinished
	sectionPast
	sections
)

func (s section) title() string {
	return [...]string{"MOVING", "NEEDS YOU", "WAITING", "IN THE BUCKET, NOT FROM HERE", "FINISHED", "FINISHED IN EARLIER RUNS"}[s]
}

func (r *row) section() section {
	switch {
	case r.past:
		return sectionPast
	case r.job == nil:
		return sectionBucket
	case r.attention():
		return sectionNeeds
	case r.status.Active():
		return sectionMoving
	case r.status.Final():
		return sectionFinished
	}
	return sectionWaiting
}

func (r *row) attention() bool {
	return r.job != nil && (r.status.NeedsUser() || r.status == model.StatusStalled)
}

func (r *row) ours() bool { return r.job != nil }

func (r *row) ref() model.Ref {
	if r.job != nil {
		return r.job.Ref
	}
	return r.id.ref
}

// uploaded reports whether the service knows the row as an unfinished upload.
func (r *row) uploaded() bool {
	return r.job == nil || r.job.Ref.UploadID != "" && !r.status.Final() && r.status != model.StatusGone
}

// held is the number of bytes that the upload keeps in the bucket, and whether it is known.
func (r *row) held() (int64, bool) {
	if r.job != nil {
		switch {
		case r.status.Final() || r.status == model.StatusGone || r.job.Kind.ReadsOnly():
			return 0, true
		case r.works() && r.job.BytesDone == 0: // it did not list the parts yet; the bucket's listing may have
			return r.listed()
		}
		return r.job.BytesDone, true
	}
	return r.left.Held, r.left.Measured
}

// listed is what the bucket's listing says that the upload of a job holds, and whether it says so.
func (r *row) listed() (int64, bool) {
	if r.left == nil || !r.left.Measured {
		return 0, false
	}
	return r.left.Held, true
}

// size is the final size in bytes, and whether it is known: of an upload begun elsewhere it is not, since the service does not say,
// nor of a stream before its end.
func (r *row) size() (int64, bool) {
	switch {
	case r.job == nil, r.streams():
		return 0, false
	case r.job.Kind == model.JobComplete:
		return r.job.BytesDone, r.job.BytesDone > 0
	case r.works() && r.job.Source.Size == 0:
		return 0, false
	}
	return r.job.Source.Size, true
}

// parts is how many parts the service holds.
func (r *row) parts() (int, bool) {
	if r.job != nil {
		return r.job.PartsDone, true
	}
	return r.left.Parts, r.left.Measured
}

// began is when the upload, or at least its job, was begun.
func (r *row) began() time.Time {
	if r.job == nil {
		return r.left.Initiated
	}
	if r.job.Started.IsZero() {
		return r.job.Queued
	}
	return r.job.Started
}

// active is the time of the last sign of life, and whether it is known. Where the parts were not read, it is not.
func (r *row) active() (time.Time, bool) {
	if r.job != nil {
		if r.job.LastByte.IsZero() {
			return r.began(), true
		}
		return r.job.LastByte, true
	}
	return r.left.LastActivity(), r.left.Measured
}

// done is the share that is in, 0 to 1, and whether it can be told.
func (r *row) done() (float64, bool) {
	if r.job == nil || r.streams() || r.works() {
		return 0, false
	}
	if r.status == model.StatusDone {
		return 1, true
	}
	if r.job.Source.Size == 0 {
		return 0, true
	}
	return min(float64(r.job.BytesSent)/float64(r.job.Source.Size), 1), true
}

func (r *row) verdicts(now time.Time, options model.JudgeOptions) []model.Verdict {
	if r.job != nil {
		return nil
	}
	return model.Judge(*r.left, now, r.twins, options)
}

// subject is what a filter sees of the row.
func (r *row) subject(now time.Time) model.FilterSubject {
	s := model.FilterSubject{Key: r.ref().Key, UploadID: r.ref().UploadID, Status: r.status, From: "here", Size: -1,
		Age: now.Sub(r.began())}
	if active, known := r.active(); known {
		s.Idle, s.IdleKnown = now.Sub(active), true
	}
	s.Held, s.HeldKnown = r.held()
	if size, known := r.size(); known {
		s.Size = size
	}
	s.Parts, _ = r.parts()
	if r.job == nil {
		s.From, s.Class, s.Gaps = "?", r.left.StorageClass, r.left.Gaps
	} else {
		s.Class = r.job.Write.StorageClass
	}
	return s
}

// jobRows makes the rows of a snapshot's jobs, in its order, and tells which uploads are theirs. Comparisons are no rows: they are
// kept by the upload they are about.
func (l *listing) jobRows(snap *model.Snapshot) (rows []row, owned map[model.Ref]int) {
	owned = make(map[model.Ref]int, len(snap.Jobs))
	rows = make([]row, 0, len(snap.Jobs))
	l.compared = map[model.Ref]*model.Job{}
	for i := range snap.Jobs {
		job := &snap.Jobs[i]
		if compares(job) {
			l.compared[job.Ref] = job
			continue
		}
		if job.Ref.UploadID != "" && sameServer(job.Place, snap.Bucket.Place) {
			owned[job.Ref] = len(rows)
		}
		rows = append(rows, row{id: rowID{job: job.ID}, job: job, place: job.Place, status: shownStatus(job)})
	}
	return rows, owned
}

// sameServer keeps apart two buckets of one name on two servers. A place that does not say its endpoint is taken for the one on view.
func sameServer(a, b model.Place) bool {
	return a.Bucket == b.Bucket && (a.Endpoint == b.Endpoint || a.Endpoint == "" || b.Endpoint == "")
}

// leftoverRows makes the rows of the uploads that no job owns, in the order of the listing (ascending by key).
func leftoverRows(view *model.BucketView, owned map[model.Ref]int, now time.Time, judge model.JudgeOptions) []row {
	rows := make([]row, 0, len(view.Uploads))
	abandoned := judge.Abandoned
	if abandoned == 0 {
		abandoned = 7 * 24 * time.Hour
	}
	uploads := view.Uploads
	for from := 0; from < len(uploads); {
		to := from + 1
		for to < len(uploads) && uploads[to].Ref.Key == uploads[from].Ref.Key {
			to++
		}
		for i := from; i < to; i++ {
			left := &uploads[i]
			if _, ours := owned[left.Ref]; ours {
				continue
			}
			rows = append(rows, row{id: rowID{ref: left.Ref}, left: left, place: view.Place, twins: to - from,
				status: leftoverStatus(left, now, abandoned)})
		}
		from = to
	}
	return rows
}

func leftoverStatus(left *model.Leftover, now time.Time, abandoned time.Duration) model.Status {
	switch {
	case left.Vanished:
		return model.StatusGone
	case now.Sub(left.LastActivity()) >= abandoned:
		return model.StatusStale
	}
	return model.StatusUnknown
}
