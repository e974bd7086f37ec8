package tui_test

import (
	"slices"
	"time"

	"partway/model"
	"partway/tui/tuitest"
)

// turned shows the snapshot of the engine after a change, whoever made it: what is hostile in it stays.
func turned(d *tuitest.Driver, with func(*model.Snapshot)) {
	s := *d.Engine.Snapshot()
	s.Jobs = slices.Clone(s.Jobs)
	s.Bucket.Version++
	with(&s)
	total(&s)
	d.Engine.Show(&s)
	d.After(time.Second)
}

// total counts the jobs as the engine does.
func total(s *model.Snapshot) {
	t := model.Totals{ETA: -1}
	for _, j := range s.Jobs {
		switch {
		case j.Kind == model.JobCompare:
		case j.Status.Active():
			t.Moving, t.Rate = t.Moving+1, t.Rate+j.Rate
		case j.Status == model.StatusQueued || j.Status == model.StatusPaused:
			t.Waiting++
		case j.Status.NeedsUser():
			t.Failed++
		case j.Status == model.StatusDone:
			t.Done++
		}
	}
	s.Totals = t
}

// stateScenes are the screens of what seldom happens: no service, no rights, nothing to show, and work that is no sending of a file.
func stateScenes() []scene {
	link := func(with func(*model.Link)) func(*tuitest.Driver) {
		return func(d *tuitest.Driver) {
			turned(d, func(s *model.Snapshot) {
				s.Link.OfflineWhy, s.Unsaved = "dial tcp: i/o timeout"+s.Unsaved, ""
				with(&s.Link)
			})
		}
	}
	bucket := func(with func(*model.BucketView), keys ...string) func(*tuitest.Driver) {
		return func(d *tuitest.Driver) {
			turned(d, func(s *model.Snapshot) { s.Jobs = nil; with(&s.Bucket) })
			d.Press(keys...)
		}
	}
	work := func(d *tuitest.Driver) { turned(d, func(s *model.Snapshot) { s.Jobs = works(s.Jobs) }) }
	stream := func(job func(model.Job) model.Job, keys ...string) func(*tuitest.Driver) {
		return func(d *tuitest.Driver) {
			turned(d, func(s *model.Snapshot) { s.Jobs = []model.Job{job(s.Jobs[0])} })
			d.Press(keys...)
		}
	}
	return []scene{
		{"offline", link(func(l *model.Link) {
			l.OfflineSince, l.NextTry = tuitest.Now().Add(-3*time.Minute), tuitest.Now().Add(8*time.Second)
		})},
		{"clock corrected", link(func(l *model.Link) { l.ClockOffset = -17 * time.Minute })},
		{"token ends", link(func(l *model.Link) { l.CredentialsEnd = tuitest.Now().Add(4 * time.Minute) })},
		{"token ended", link(func(l *model.Link) { l.CredentialsEnd = tuitest.Now().Add(-time.Minute) })},
		{"listing denied", bucket(func(b *model.BucketView) {
			b.State, b.Uploads, b.Held, b.Measured = model.ListDenied, nil, 0, 0
			if b.Problem == nil {
				b.Problem = &model.Problem{Class: model.ProblemDenied, What: "list uploads", Why: "403 AccessDenied: this access key may not oss:ListMultipartUploads on backup-prod"}
			}
		}, "3")},
		{"listing", bucket(func(b *model.BucketView) {
			b.State, b.Pages, b.Uploads, b.Measured = model.ListReading, 12, b.Uploads[:4], 2
		}, "3")},
		{"listing, nothing yet", bucket(func(b *model.BucketView) {
			b.State, b.Pages, b.Uploads, b.Held, b.Measured = model.ListReading, 0, nil, 0, 0
		})},
		{"nothing unfinished", bucket(func(b *model.BucketView) { b.Uploads, b.Held, b.Measured = nil, 0, 0 })},
		{"comparing", func(d *tuitest.Driver) { against(d, nil); foreign(d, "base.tar") }},
		{"compared", func(d *tuitest.Driver) { against(d, found()); foreign(d, "base.tar") }},
		{"compared, opened", func(d *tuitest.Driver) { against(d, found()); foreign(d, "base.tar"); d.Press("enter") }},
		{"watching", func(d *tuitest.Driver) { foreign(d, live); d.Press("W").After(31 * time.Second) }},
		{"watching, opened", func(d *tuitest.Driver) { foreign(d, live); d.Press("W", "enter") }},
		{"earlier runs", func(d *tuitest.Driver) { turned(d, earlier); d.Press("5") }},
		{"stream", stream(running)}, {"stream, opened", stream(running, "enter")},
		{"stream cut", stream(cut)}, {"stream cut, opened", stream(cut, "enter")}, {"stream cut, actions", stream(cut, "x")},
		{"stream cut, abort", stream(cut, "X")},
		{"other work", work}, {"verifying, opened", func(d *tuitest.Driver) { work(d); d.Press("j", "enter") }},
	}
}

// earlier gives a snapshot a history, of what its own jobs are called.
func earlier(s *model.Snapshot) {
	at := tuitest.Now()
	for i, status := range []model.Status{model.StatusDone, model.StatusAborted, model.StatusSkipped} {
		j := s.Jobs[i]
		end := at.Add(-time.Duration(i+1) * 26 * time.Hour)
		f := model.Finished{At: end, Began: end.Add(-70 * time.Minute), Job: "old-" + j.ID, Status: status, Place: j.Place, Key: "earlier/" + j.Ref.Key,
			UploadID: j.Ref.UploadID, Path: j.Source.Path, Size: j.Source.Size, Parts: j.Parts}
		if status == model.StatusDone {
			f.Proof = model.ProofCRC64
		}
		s.History = append(s.History, f)
	}
}

func found() *model.Comparison {
	return &model.Comparison{Equal: 692, Differ: 3, Silent: 10, Missing: 191, ToSend: 25 * model.GiB}
}

// against shows a comparison of a file with the parts of base.tar, under way or with its result.
func against(d *tuitest.Driver, result *model.Comparison) {
	turned(d, func(s *model.Snapshot) {
		j := s.Jobs[0]
		at := slices.IndexFunc(s.Bucket.Uploads, func(l model.Leftover) bool { return l.Ref.Key[:6] == "backup" })
		j.ID, j.Kind, j.Ref, j.Status, j.Comparison = "compared", model.JobCompare, s.Bucket.Uploads[at].Ref, model.StatusCompared, result
		j.InFlight, j.Compared, j.ToCompare = nil, 471, 705
		if result == nil {
			j.Status = model.StatusMatching
		}
		s.Jobs = append(s.Jobs, j)
	})
}

// running is a stream on its way, made of a job of a file.
func running(j model.Job) model.Job {
	j.Stream, j.Ref.Key, j.Source, j.PartSize, j.ETA = true, "pipe/"+j.Ref.Key, model.Fingerprint{Path: "-", Size: 17 * 16 * model.MiB}, 16*model.MiB, -1
	j.Parts, j.PartsDone, j.BytesDone, j.BytesSent = 17, 14, 14*16*model.MiB, 14*16*model.MiB+20*model.MiB
	j.Done = model.NewBitmap(17)
	for n := range 14 {
		j.Done.Set(n + 1)
	}
	j.InFlight = slices.Clone(j.InFlight[:3])
	for i := range j.InFlight {
		j.InFlight[i].Number, j.InFlight[i].Range = 15+i, model.Range{Offset: int64(14+i) * 16 * model.MiB, Size: 16 * model.MiB}
		j.InFlight[i].Sent = int64(12-5*i) * model.MiB
	}
	return j
}

// cut is what a crash leaves of a stream, as the next run lists it.
func cut(j model.Job) model.Job {
	j = running(j)
	j.Status, j.InFlight, j.Rates, j.Rate, j.Average, j.Best = model.StatusFailed, nil, nil, 0, 0, 0
	j.Parts, j.BytesSent, j.Source.Size, j.LastByte = 14, j.BytesDone, j.BytesDone, time.Time{}
	j.Done = j.Done[:2]
	j.Started = tuitest.Now().Add(-26 * time.Hour)
	target := j.Ref.URL() + " --upload-id " + j.Ref.UploadID
	j.Problem = &model.Problem{Class: model.ProblemLocal, What: "upload " + j.Ref.Key, Why: "this was a stream, and its bytes cannot be read again", Next: []string{
		"start over: run the whole command again; a stream cannot be rewound, so this upload cannot be gone on with",
		"free its parts: partway abort " + target, "or make an object of what arrived: partway complete " + target}}
	return j
}

// works is jobs that send nothing, in the states they go through, with the names of others.
func works(from []model.Job) (jobs []model.Job) {
	proved := model.ProofCRC64
	for i, w := range []model.Job{
		{Kind: model.JobComplete, Status: model.StatusUploading},
		{Kind: model.JobVerify, Status: model.StatusVerifying},
		{Kind: model.JobComplete, Status: model.StatusCompleting, Parts: 705, PartsDone: 705, BytesDone: 88 * model.GiB},
		{Kind: model.JobAbort, Status: model.StatusUploading},
		{Kind: model.JobAbort, Status: model.StatusAborting, AbortPass: 2},
		{Kind: model.JobVerify, Status: model.StatusUploading},
		{Kind: model.JobVerify, Status: model.StatusFailed, Problem: tuitest.Denied()},
		{Kind: model.JobComplete, Status: model.StatusFailed, Problem: tuitest.Denied()},
		{Kind: model.JobVerify, Status: model.StatusQueued, Position: 1}, {Kind: model.JobAbort, Status: model.StatusPaused},
		{Kind: model.JobComplete, Status: model.StatusDone, Proof: proved, Parts: 38, PartsDone: 38, BytesDone: 1200 * model.MiB},
		{Kind: model.JobVerify, Status: model.StatusDone, Proof: proved}, {Kind: model.JobAbort, Status: model.StatusAborted},
	} {
		w.ID, w.Ref, w.Place, w.ETA, w.Queued = from[i].ID, from[i].Ref, from[i].Place, -1, tuitest.Now().Add(-time.Minute)
		if w.Status != model.StatusQueued && w.Status != model.StatusPaused {
			w.Started = w.Queued
		}
		if w.Kind == model.JobVerify {
			w.Ref.UploadID, w.Source.Path = "", from[i].Source.Path
			if w.Status != model.StatusUploading && w.Status != model.StatusQueued {
				w.Source = from[i].Source
			}
		}
		jobs = append(jobs, w)
	}
	return jobs
}
