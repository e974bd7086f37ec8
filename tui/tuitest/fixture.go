package tuitest

import (
	"fmt"
	"time"

	"partway/model"
)

// Now is the time at which Snapshot was taken.
func Now() time.Time { return time.Date(2026, 11, 23, 8, 44, 6, 0, time.UTC) }

func before(d time.Duration) time.Time { return Now().Add(-d) }

const day = 24 * time.Hour

// Place is the bucket on view.
func Place() model.Place {
	return model.Place{Profile: "ops", Endpoint: "oss-cn-hangzhou.aliyuncs.com", Region: "cn-hangzhou", Bucket: "backup-prod"}
}

// Snapshot is a believable moment: a job in every state, leftovers of every kind.
func Snapshot() *model.Snapshot {
	jobs := Jobs()
	return &model.Snapshot{
		Seq: 1, At: Now(), Jobs: jobs, Bucket: bucket(jobs),
		Limits: model.Limits{Files: 3, PartsNow: 4},
		Totals: model.Totals{Rate: 42.1 * float64(model.MiB), Rates: rates(60), Bytes: 900 * model.GiB, BytesSent: 378 * model.GiB,
			ETA: 2*time.Hour + 23*time.Minute, Moving: 8, Waiting: 3, Failed: 4, Done: 1},
		Events: []model.Event{
			{Seq: 1, At: before(2 * time.Hour), Level: model.LevelInfo, Job: "j-orders", Key: "db/2026-11-23/orders.dump.zst", Text: "upload begun, 1696 parts of 128 MiB"},
			{Seq: 2, At: before(12 * time.Second), Level: model.LevelError, Job: "j-vm", Key: "img/vm-2211.qcow2", Part: 93, Text: "refused", Code: "AccessDenied"},
			{Seq: 3, At: before(4 * time.Second), Level: model.LevelWarn, Job: "j-orders", Key: "db/2026-11-23/orders.dump.zst", Part: 655, Try: 2,
				Text: "no answer in 30 s, sent again in 4 s", Code: "RequestTimeout"},
		},
	}
}

func rates(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(20+(i*7)%25) * float32(model.MiB)
	}
	return out
}

// job makes a job of a key and a state; share is how much of it is in.
func job(id, key string, status model.Status, size, partSize int64, share float64) model.Job {
	plan := model.Plan{Size: size, PartSize: partSize}
	parts := plan.Count()
	done := int(float64(parts) * share)
	bits := model.NewBitmap(parts)
	for n := 1; n <= done; n++ {
		bits.Set(n)
	}
	uploadID := "0004B9894A22E5B1888A1E29F823" + fmt.Sprintf("%04X", len(id)*4099+len(key))
	if status == model.StatusQueued {
		uploadID = ""
	}
	place := Place()
	sent := min(int64(done)*partSize, size)
	return model.Job{
		ID: model.JobID(id), Ref: model.Ref{Bucket: place.Bucket, Key: key, UploadID: uploadID}, Place: place, Status: status,
		Source:   model.Fingerprint{Path: "/data/" + key, Size: size, ModTime: before(3 * time.Hour), Inode: 7},
		PartSize: partSize, Parts: parts, PartsDone: done, BytesDone: sent, BytesSent: sent, Done: bits, ETA: -1,
		Queued: before(2 * time.Hour), Started: before(2 * time.Hour), LastByte: before(time.Second),
		Average: 28 * float64(model.MiB), Best: 44.9 * float64(model.MiB),
	}
}

// Jobs is a job in every state.
func Jobs() []model.Job {
	gib := model.GiB
	orders := job("j-orders", "db/2026-11-23/orders.dump.zst", model.StatusUploading, 212*gib, 128*model.MiB, 0.42)
	orders.Rate, orders.Rates, orders.ETA, orders.Write.StorageClass = 31.4*float64(model.MiB), rates(300), 67*time.Minute, "IA"
	first := orders.PartsDone + 1
	for i := range 4 {
		orders.InFlight = append(orders.InFlight, model.PartProgress{Number: first + i, Range: model.Range{Offset: int64(first+i-1) * orders.PartSize, Size: orders.PartSize},
			Sent: orders.PartSize * int64(88-27*i) / 100, Rate: float64(9-i) * float64(model.MiB), Try: 1, MD5: true})
	}
	orders.InFlight = append(orders.InFlight, model.PartProgress{Number: 655, Range: model.Range{Offset: 654 * orders.PartSize, Size: orders.PartSize}, Try: 2, MD5: true,
		RetryAt: Now().Add(4 * time.Second), Problem: &model.Problem{Class: model.ProblemTemporary, What: "part 655: no answer in 30 s", Facts: model.Facts{Code: "RequestTimeout"}}})
	final := job("j-final", "video/raw/景区宣传片-4K-final.mov", model.StatusUploading, 38*gib, 32*model.MiB, 0.71)
	final.Rate, final.ETA = 10.7*float64(model.MiB), 18*time.Minute
	matching := job("j-matching", "db/2026-11-22/orders.dump.zst", model.StatusMatching, 208*gib, 128*model.MiB, 0.48)
	matching.Compared, matching.ToCompare = 812, 1664
	failed := job("j-vm", "img/vm-2211.qcow2", model.StatusFailed, 64*gib, 128*model.MiB, 0.18)
	failed.Problem = Denied()
	failed.Started = before(3 * time.Hour)
	changed := job("j-log", "log/access-20261122.gz", model.StatusChanged, 9*gib, 16*model.MiB, 0.3)
	changed.Started = before(day)
	changed.Problem = &model.Problem{Class: model.ProblemChanged, What: "the local file is not the one that was begun", Why: "it grew from 9 GiB to 9.1 GiB", Next: []string{"r asks how to go on"}}
	stalled := job("j-roll", "video/raw/b-roll-07.mov", model.StatusStalled, 22*gib, 32*model.MiB, 0.33)
	stalled.LastByte = before(94 * time.Second)
	ready := job("j-ready", "db/2026-11-21/orders.dump.zst", model.StatusReady, 205*gib, 128*model.MiB, 1)
	ready.Started = before(2 * day)
	retrying := job("j-retry", "video/raw/a-cam-01.mov", model.StatusRetrying, 31*gib, 32*model.MiB, 0.5)
	retrying.InFlight = []model.PartProgress{{Number: 500, Range: model.Range{Size: 32 * model.MiB}, Try: 3, RetryAt: Now().Add(8 * time.Second)}}
	gone := job("j-gone", "tmp/gone.bin", model.StatusGone, gib, 16*model.MiB, 0.5)
	gone.Problem = &model.Problem{Class: model.ProblemGone, What: "the upload is not there any more", Why: "it was aborted or completed elsewhere"}
	done := job("j-done", "db/2026-11-20/orders.dump.zst", model.StatusDone, 204*gib, 128*model.MiB, 1)
	done.Proof, done.CRC64, done.Started, done.Finished = model.ProofCRC64, 12345678901234567890, before(8*time.Hour), before(6*time.Hour)
	aborting := job("j-abort", "tmp/mkfs.img", model.StatusAborting, 2*gib, 16*model.MiB, 0.1)
	aborting.AbortPass = 2
	jobs := []model.Job{orders, final, matching, failed, changed, stalled, ready, retrying, gone, aborting,
		job("j-completing", "iso/completing.iso", model.StatusCompleting, gib, 16*model.MiB, 1), job("j-verifying", "iso/verifying.iso", model.StatusVerifying, gib, 16*model.MiB, 1)}
	for i, name := range []string{"video/raw/c-cam-01.mov", "video/raw/c-cam-02.mov"} {
		j := job(fmt.Sprintf("j-cam-%d", i+1), name, model.StatusQueued, 31*gib, 32*model.MiB, 0)
		j.Position, j.Started, j.Queued, j.LastByte = i+1, time.Time{}, before(5*time.Minute), time.Time{}
		jobs = append(jobs, j)
	}
	paused := job("j-iso", "iso/debian-live.iso", model.StatusPaused, 3*gib, 16*model.MiB, 0.8)
	paused.Started = before(4 * day)
	return append(jobs, paused, done, job("j-skipped", "db/skipped.zst", model.StatusSkipped, gib, 16*model.MiB, 0),
		job("j-aborted", "tmp/aborted.bin", model.StatusAborted, gib, 16*model.MiB, 0))
}

// Denied is a refusal with all its facts.
func Denied() *model.Problem {
	return &model.Problem{Class: model.ProblemDenied, What: "OSS refused part 93 of 512 (HTTP 403 AccessDenied); 18% is safe in OSS",
		Why:  "the key may not oss:PutObject on backup-prod/img/*",
		Next: []string{"fix the policy, then r resumes from part 93 (nothing is sent twice)", "X aborts, frees 11.5 GiB"},
		Facts: model.Facts{Code: "AccessDenied", Status: 403, RequestID: "67419F3C3A1D2B3934B3A1C2", EC: "0003-00000001", Part: 93, Tries: 1,
			Host: "backup-prod.oss-cn-hangzhou.aliyuncs.com", Message: "You have no right to access this object because of bucket acl.", At: before(12 * time.Second)}}
}

// Leftover makes an upload from elsewhere that was measured.
func Leftover(key, id string, begun, last time.Duration, parts, gaps int, held int64) model.Leftover {
	l := model.Leftover{Ref: model.Ref{Bucket: Place().Bucket, Key: key, UploadID: id}, Initiated: before(begun), StorageClass: "Standard", Measured: true,
		MeasuredAt: before(time.Minute), Parts: parts, Held: held, LastPart: before(last), Highest: parts + gaps, Gaps: gaps, ObjectAsked: true}
	if gaps > 0 {
		l.GapList = fmt.Sprintf("17-%d", 16+gaps)
	}
	return l
}

// Leftovers are uploads from elsewhere of every kind, ascending by key.
func Leftovers() []model.Leftover {
	gib := model.GiB
	unmeasured := model.Leftover{Ref: model.Ref{Bucket: "backup-prod", Key: "etl/part-00018.parquet", UploadID: "E18"}, Initiated: before(8 * time.Minute)}
	overdue := Leftover("old/exchange.edb", "X1", 190*day, 189*day, 706, 0, 88*gib)
	overdue.Object = &model.ObjectFact{Size: 90 * gib, Modified: before(100 * day)}
	small := Leftover("old/small.bin", "S1", 20*day, 20*day, 40, 0, model.MiB)
	small.TooSmall = 39
	vanished := Leftover("old/vanished.bin", "V1", 3*day, 3*day, 2, 0, model.MiB)
	vanished.Vanished = true
	empty := Leftover("old/empty.bin", "Z1", 9*day, 9*day, 0, 0, 0)
	empty.LastPart = time.Time{}
	return []model.Leftover{
		Leftover("backup/pg/base.tar", "P1", 3*day, 2*day, 705, 3, 88*gib),
		Leftover("etl/part-00017.parquet", "E17", 9*time.Minute, 41*time.Second, 38, 0, 1200*model.MiB),
		unmeasured, empty, overdue, small, vanished,
		Leftover("old/win2016.vhdx", "W16", 213*day, 213*day, 768, 0, 96*gib),
		Leftover("old/win2019.vhdx", "W19", 214*day, 214*day, 1016, 0, 127*gib),
		Leftover("old/win2019.vhdx", "W19b", 200*day, 200*day, 10, 0, gib),
		Leftover("图片/虚拟机-2211.qcow2", "C1", 30*day, 30*day, 96, 1, 12*gib),
	}
}

func bucket(jobs []model.Job) model.BucketView {
	uploads := Leftovers()
	view := model.BucketView{Place: Place(), Version: 1, State: model.ListWhole, Pages: 1, Refreshed: before(3 * time.Second)}
	for _, j := range jobs {
		if j.Ref.UploadID != "" && !j.Status.Final() && j.Status != model.StatusGone {
			l := Leftover(j.Ref.Key, j.Ref.UploadID, 2*time.Hour, time.Second, j.PartsDone, 0, j.BytesDone)
			uploads = append(uploads, l)
		}
	}
	view.Uploads = uploads
	for _, u := range uploads {
		if u.Measured {
			view.Measured++
			view.Held += u.Held
		}
	}
	return view
}

// Many is a snapshot with n leftovers and nothing else.
func Many(n int) *model.Snapshot {
	s := Snapshot()
	s.Jobs, s.Totals = nil, model.Totals{ETA: -1}
	s.Bucket.Uploads = make([]model.Leftover, n)
	s.Bucket.Held, s.Bucket.Measured, s.Bucket.Version = 0, n, 7
	for i := range s.Bucket.Uploads {
		age := time.Duration(i%300) * day
		l := Leftover(fmt.Sprintf("archive/%05d/backup-%03d.tar", i, i%7), fmt.Sprintf("ID%08d", i), age+time.Hour, age, 1+i%1000, i%5, int64(1+i%1000)*16*model.MiB)
		s.Bucket.Uploads[i] = l
		s.Bucket.Held += l.Held
	}
	return s
}

// Parts is what the service holds of an upload: numbers 1 to n, without those in missing, of one size.
func Parts(ref model.Ref, n int, size int64, missing ...int) model.PartList {
	list := model.PartList{Ref: ref, At: Now()}
	skip := map[int]bool{}
	for _, m := range missing {
		skip[m] = true
	}
	for i := 1; i <= n; i++ {
		if !skip[i] {
			list.Parts = append(list.Parts, model.Part{Number: i, Size: size, ETag: "9B2C8A7F9B2C8A7F9B2C8A7F9B2C41F0", Modified: before(2 * day)})
		}
	}
	return list
}
