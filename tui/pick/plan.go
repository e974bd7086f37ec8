package pick

import (
	"path"
	"slices"
	"strings"
	"time"

	"partway/model"
)

// growing is how young a file's last change is while the file is taken for one that somebody still writes.
const growing = 10 * time.Second

// World is what is known about the bucket and the queue when a plan is made. All of it is immutable.
type World struct {
	Place   model.Place
	Jobs    []model.Job
	Uploads []model.Leftover // ascending by key
	Now     time.Time
	Alive   time.Duration // a part younger than this: somebody is sending; 0 means an hour
}

// Item is one file of a plan.
type Item struct {
	File
	Key  string
	Plan model.Plan
	// Class says what stands in its way; ClassNone: nothing.
	Class Class
	Why   string            // in words, for the classes that say more than their name
	Job   model.JobID       // ClassOurs and ClassTaken: the job on its way to the key
	Idle  bool              // ClassOurs: the job stands still and can be resumed
	Left  *model.Leftover   // ClassForeign: the upload that holds most
	Stale *model.ObjectFact // ClassExists: the object, as far as it is known
}

// Plan is what would be done with the marked files.
type Plan struct {
	Items  []Item
	Files  int // that can be sent
	Bytes  int64
	Parts  int
	groups [classes][]int32
}

// Group is the items of a class, as indexes into Items.
func (p *Plan) Group(c Class) []int32 { return p.groups[c] }

// Make plans files. It does no more than a map look-up and a binary search a file.
func Make(files []File, o Options, w World) *Plan {
	p := &Plan{Items: make([]Item, 0, len(files))}
	jobs := make(map[string]*model.Job, len(w.Jobs))
	for i := range w.Jobs {
		if j := &w.Jobs[i]; j.Place.Bucket == w.Place.Bucket && (j.Place.Endpoint == w.Place.Endpoint || j.Place.Endpoint == "") {
			// Of several jobs of a key the one that is not over counts.
			if before := jobs[j.Ref.Key]; before == nil || before.Status.Final() {
				jobs[j.Ref.Key] = j
			}
		}
	}
	taken := make(map[string]string, len(files))
	for _, f := range files {
		it := Item{File: f, Key: Key(f, o)}
		it.classify(o, w, jobs[it.Key], taken)
		if it.Class != ClassRefused && it.Class != ClassKey && it.Class != ClassSize {
			if _, twin := taken[it.Key]; !twin {
				taken[it.Key] = f.Path
			}
			p.Files++
			p.Bytes += f.Size
			p.Parts += it.Plan.Count()
		}
		p.groups[it.Class] = append(p.groups[it.Class], int32(len(p.Items)))
		p.Items = append(p.Items, it)
	}
	return p
}

// Key is the key that a file gets.
func Key(f File, o Options) string {
	relative := f.Relative
	if o.Flat {
		relative = path.Base(relative)
	}
	return model.JoinKey(o.Prefix, relative)
}

func (it *Item) classify(o Options, w World, job *model.Job, taken map[string]string) {
	if it.File.Why != "" {
		it.Class, it.Why = ClassRefused, it.File.Why
		return
	}
	if err := model.CheckKey(it.Key); err != nil {
		it.Class, it.Why = ClassKey, err.Error()
		return
	}
	plan, err := model.NewPlan(it.Size, o.Send.PartSize)
	if err != nil {
		it.Class, it.Why = ClassSize, err.Error()
		return
	}
	it.Plan = plan
	if other, twin := taken[it.Key]; twin {
		it.Class, it.Why = ClassTwin, other
		return
	}
	if job != nil && !job.Status.Final() {
		it.Job, it.Idle = job.ID, !job.Status.Active() && job.Status != model.StatusQueued
		it.Class, it.Why = ClassTaken, job.Source.Path
		if job.Source.Path == it.Path {
			it.Class, it.Why = ClassOurs, string(job.Status)
		}
		return
	}
	if w.Now.Sub(it.ModTime) < growing {
		it.Class = ClassGrowing
		return
	}
	it.meetBucket(o, w, job)
}

// meetBucket looks what the bucket is known to hold of the key.
func (it *Item) meetBucket(o Options, w World, job *model.Job) {
	at, found := slices.BinarySearchFunc(w.Uploads, it.Key, func(l model.Leftover, key string) int { return strings.Compare(l.Ref.Key, key) })
	for ; found && at < len(w.Uploads) && w.Uploads[at].Ref.Key == it.Key; at++ {
		left := &w.Uploads[at]
		if left.Object != nil {
			it.Stale = left.Object
		}
		if !left.Vanished && (it.Left == nil || left.Held > it.Left.Held) && (job == nil || left.Ref != job.Ref) {
			it.Left = left
		}
	}
	if job != nil && (job.Status == model.StatusDone || job.Status == model.StatusSkipped) && it.Stale == nil {
		it.Stale = &model.ObjectFact{Size: job.Source.Size, Modified: job.Finished}
	}
	switch {
	case it.Left != nil:
		it.Class = ClassForeign
		if it.Left.Measured && it.Left.Held > it.Size {
			it.Why = "it holds more than the file has"
		}
	case it.Stale != nil && o.Write.IfExists == model.IfExistsFail:
		it.Class = ClassExists
	}
}

// alive reports whether somebody else is sending to the upload that was found for the item, or might be: of one that was not
// measured nobody knows.
func (it *Item) alive(w World) bool {
	limit := w.Alive
	if limit == 0 {
		limit = time.Hour
	}
	return it.Left != nil && (!it.Left.Measured || w.Now.Sub(it.Left.LastActivity()) < limit)
}

// Rate is the rate in bytes a second that a time is estimated with: the one of now, else of the last minute, else of the jobs that
// have run; 0 where nothing was sent yet.
func Rate(snap *model.Snapshot) float64 {
	if snap.Totals.Rate > 0 {
		return snap.Totals.Rate
	}
	mean := func(rates []float32) float64 {
		sum, n := 0.0, 0
		for _, r := range rates {
			if r > 0 {
				sum, n = sum+float64(r), n+1
			}
		}
		return sum / float64(max(n, 1))
	}
	if rate := mean(snap.Totals.Rates); rate > 0 {
		return rate
	}
	var averages []float32
	for i := range snap.Jobs {
		averages = append(averages, float32(snap.Jobs[i].Average))
	}
	return mean(averages)
}
