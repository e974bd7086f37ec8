package tui

import "partway/model"

// pastRows makes rows of what earlier runs finished, newest first. A job that this run shows as well is left out.
func pastRows(snap *model.Snapshot) []row {
	here := make(map[model.JobID]bool, len(snap.Jobs))
	for i := range snap.Jobs {
		here[snap.Jobs[i].ID] = true
	}
	jobs := make([]model.Job, 0, len(snap.History))
	rows := make([]row, 0, len(snap.History))
	for _, f := range snap.History {
		if here[f.Job] {
			continue
		}
		jobs = append(jobs, pastJob(f))
		job := &jobs[len(jobs)-1]
		rows = append(rows, row{id: rowID{job: job.ID}, job: job, place: job.Place, status: job.Status, past: true})
	}
	return rows
}

// pastJob is what the history keeps of a job, in the form in which jobs are shown.
func pastJob(f model.Finished) model.Job {
	job := model.Job{ID: f.Job, Ref: model.Ref{Bucket: f.Place.Bucket, Key: f.Key, UploadID: f.UploadID}, Place: f.Place, Status: f.Status,
		Source: model.Fingerprint{Path: f.Path, Size: f.Size}, Parts: f.Parts, CRC64: f.CRC64, Proof: f.Proof, Started: f.Began, Finished: f.At, LastByte: f.At, ETA: -1}
	if f.Status == model.StatusDone {
		job.PartsDone, job.BytesDone, job.BytesSent = f.Parts, f.Size, f.Size
		if took := f.At.Sub(f.Began); took > 0 && !f.Began.IsZero() {
			job.Average = float64(f.Size) / took.Seconds()
		}
	}
	if f.Parts > 0 {
		job.PartSize = (f.Size + int64(f.Parts) - 1) / int64(f.Parts)
	}
	return job
}

// pastBase says what the rows of earlier runs were made from.
type pastBase struct {
	first *model.Finished
	n     int
	jobs  int
}

// recall renews the rows of earlier runs if the history is another one.
func (l *listing) recall() {
	base := pastBase{n: len(l.snap.History), jobs: len(l.snap.Jobs)}
	if base.n > 0 {
		base.first = &l.snap.History[0]
	}
	if base != l.recalled {
		l.past, l.recalled = pastRows(l.snap), base
	}
}
