package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"partway/model"
)

// fullProblems is how many failures are explained in full at the end; further ones get one line each, and longLists cuts those.
const (
	fullProblems = 5
	longLists    = 50
)

// problemForFile is why a file was not taken, as a problem.
func problemForFile(err error, what string) *model.Problem {
	p := asProblem(err, what)
	if _, owned := errors.AsType[*model.OwnedError](err); owned {
		p.Class, p.Next = model.ProblemConflict, []string{"let it finish, or stop it and run this again"}
	}
	if _, twin := errors.AsType[*collisionError](err); twin {
		p.Class, p.Next = model.ProblemConflict, nil
	}
	return p
}

// tell writes the event of a job.
func (r *run) tell(name string, j model.Job) {
	w := r.app.events
	if w == nil {
		return
	}
	e := fileEvent{header: w.header(name), Job: j.ID, Bucket: j.Ref.Bucket, Key: j.Ref.Key, UploadID: j.Ref.UploadID, Path: j.Source.Path,
		Status: string(j.Status), Size: j.Source.Size, PartSize: j.PartSize, Parts: j.Parts, PartsDone: j.PartsDone, BytesDone: j.BytesDone,
		Kept: j.Kept, Sent: j.BytesRun, Stream: j.Stream, CRC64: crcText(j.CRC64, j.CRC64 != 0), Proof: string(j.Proof), Comparison: j.Comparison, Err: infoOf(j.Problem)}
	if j.Stream {
		e.PartSize = 0
		if name != string(model.StatusDone) {
			e.Size, e.Parts = 0, 0 // nobody knows them
		}
	}
	if name == "queued" || name == "started" {
		// A small file may be over by the time it is first seen; the events still tell its life in order.
		e.Status, e.PartsDone, e.BytesDone, e.Sent, e.CRC64, e.Proof, e.Err = name, 0, 0, 0, "", "", nil
		if name == "started" && j.Kept > 0 {
			e.BytesDone = j.Kept
		}
	} else if !j.Finished.IsZero() && !j.Started.IsZero() {
		e.Seconds = j.Finished.Sub(j.Started).Seconds()
	}
	_ = w.write(e) // a reader that has gone is noticed by the loop
}

// tellParts writes an event for every part that was acknowledged since the last look.
func (r *run) tellParts(k *seen, j model.Job) {
	w := r.app.events
	if w == nil || !k.started {
		return
	}
	done, parts := 0, j.Parts
	if j.Stream {
		parts = 0
	}
	for n := 1; n <= j.Parts; n++ {
		if !j.Done.Has(n) {
			continue
		}
		done++
		if k.done.Has(n) {
			continue
		}
		_ = w.write(partEvent{header: w.header("part"), Job: j.ID, Bucket: j.Ref.Bucket, Key: j.Ref.Key, UploadID: j.Ref.UploadID,
			Number: n, Size: partSize(j, n), PartsDone: j.PartsDone, Parts: parts})
	}
	k.done = j.Done
}

// partSize is the size of part n where all parts but the last have one size; 0 where an adopted upload or a stream may have others.
func partSize(j model.Job, n int) int64 {
	plan := model.Plan{Size: j.Source.Size, PartSize: j.PartSize}
	if j.Adopted || j.Stream || n > plan.Count() {
		return 0
	}
	return plan.Part(n).Size
}

// tellEvent writes a fact that the engine noted: a try that failed, mostly.
func (r *run) tellEvent(e model.Event) {
	retry := e.Level == model.LevelWarn && e.Try > 0
	if w := r.app.events; w != nil && retry {
		_ = w.write(partEvent{header: w.header("retry"), Job: e.Job, Bucket: r.bucketOf(e.Job), Key: e.Key, Number: e.Part, Try: e.Try,
			Err: &errorInfo{What: e.Text, Code: e.Code}})
	}
	switch {
	case r.app.global.quiet || e.Level == model.LevelError: // told with the job
	case r.app.global.verbose || e.Level == model.LevelWarn && !retry:
		text := sentence(e.Text)
		if e.Key != "" {
			text = clean(e.Key) + ": " + text
		}
		if e.Part > 0 {
			text = fmt.Sprintf("part %d of %s", e.Part, text)
		}
		r.show.line(text)
	}
}

func (r *run) bucketOf(id model.JobID) string {
	for _, j := range r.engine.Snapshot().Jobs {
		if j.ID == id {
			return j.Ref.Bucket
		}
	}
	return ""
}

// tellSettled tells what became of a job, in one line and one event. The explanation of a failure follows at the end.
func (r *run) tellSettled(j model.Job) {
	name := string(j.Status)
	if j.Status.NeedsUser() {
		name = "failed"
	}
	r.tell(name, j)
	key := showURL(j.Ref.Bucket, j.Ref.Key)
	switch j.Status {
	case model.StatusDone:
		r.show.line(fmt.Sprintf("done     %s  %s", key, doneFacts(j)))
	case model.StatusSkipped:
		r.show.line("skipped  " + key + "  an object of this key exists")
	case model.StatusAborted:
		r.show.line("aborted  " + key + "  upload id " + clean(j.Ref.UploadID))
	case model.StatusCompared:
		r.show.line("compared " + key + "  " + comparisonFacts(j.Comparison))
	case model.StatusPaused:
	default:
		// With a single file the explanation at the end comes at once.
		if r.files > 1 {
			r.show.line(fmt.Sprintf("%-8s %s  %s", name, key, shortFacts(j.Problem)))
		}
	}
}

// doneFacts is "11.9 GiB in 6m (33.1 MiB/s), 4.0 GiB of it were there, proved by crc64".
func doneFacts(j model.Job) string {
	var facts []string
	if size := j.Source.Size; size > 0 || j.Source.Path != "" {
		text := model.FormatSize(size)
		if took := j.Finished.Sub(j.Started); took > 0 && j.BytesRun > 0 {
			text += fmt.Sprintf(" in %s (%s)", elapsed(took), model.FormatRate(float64(j.BytesRun)/took.Seconds()))
		}
		facts = append(facts, text)
	} else if j.BytesDone > 0 {
		facts = append(facts, fmt.Sprintf("%s, %s", model.FormatSize(j.BytesDone), count(j.PartsDone, "part")))
	}
	if j.Kept > 0 {
		facts = append(facts, model.FormatSize(j.Kept)+" of it were there already")
	}
	if j.Proof != model.ProofNone {
		facts = append(facts, "proved by "+string(j.Proof))
	}
	return strings.Join(facts, ", ")
}

// end closes the display and says what the run came to.
func (r *run) end(interrupted bool) error {
	r.show.close()
	snapshot := r.engine.Snapshot()
	if snapshot.Unsaved != "" {
		r.app.warn("the journals could not be written, so this may not be resumable: %s", sentence(snapshot.Unsaved))
	}
	unfinished := r.unfinished(snapshot)
	sent := r.sum.sent
	for _, j := range unfinished {
		sent += j.BytesRun
	}
	code := r.code(interrupted, len(unfinished))
	if w := r.app.events; w != nil {
		_ = w.write(endEvent{header: w.header("end"), Done: r.sum.done, Skipped: r.sum.skipped, Aborted: r.sum.aborted, Failed: len(r.sum.failures),
			Paused: started(unfinished), Waiting: r.waiting(unfinished), Bytes: r.sum.bytes, Sent: sent,
			Seconds: r.app.env.Now().Sub(r.begun).Seconds(), ExitCode: code})
	}
	r.summarize(unfinished)
	r.explain()
	r.sayHowToGoOn(interrupted, unfinished)
	if code == ExitOK {
		return nil
	}
	return reported{code: code}
}

// unfinished are the jobs that stopped where they were: by an interruption, or because the rest was pointless.
func (r *run) unfinished(s *model.Snapshot) []model.Job {
	var unfinished []model.Job
	for _, j := range s.Jobs {
		if !j.Status.Final() && !j.Status.NeedsUser() {
			unfinished = append(unfinished, j)
		}
	}
	return unfinished
}

func started(jobs []model.Job) int {
	n := 0
	for _, j := range jobs {
		if j.Ref.UploadID != "" {
			n++
		}
	}
	return n
}

// waiting is the number of files that nothing was sent of.
func (r *run) waiting(unfinished []model.Job) int {
	over := r.sum.done + r.sum.skipped + r.sum.aborted + len(r.sum.compared) + len(r.sum.failures)
	return max(r.files-over-started(unfinished), len(unfinished)-started(unfinished))
}

func (r *run) code(interrupted bool, unfinished int) int {
	if interrupted {
		return ExitInterrupted
	}
	var codes []int
	for _, f := range r.sum.failures {
		codes = append(codes, classCode(f.problem.Class))
	}
	if r.fatal != nil {
		return classCode(r.fatal.Class)
	}
	if len(codes) == 0 && unfinished > 0 {
		return ExitTemporary
	}
	for _, j := range r.sum.compared {
		if j.Comparison != nil && r.judge != nil {
			codes = append(codes, r.judge(*j.Comparison))
		}
	}
	return commonCode(codes)
}

// summarize writes the line that a log is searched for:
//
//	partway: 14 done, 312 GiB in 1h58m (45.0 MiB/s), 1 failed, 2 paused, 12 waiting
func (r *run) summarize(unfinished []model.Job) {
	if r.app.global.quiet {
		return
	}
	took := r.app.env.Now().Sub(r.begun)
	facts := []string{}
	add := func(n int, word string) {
		if n > 0 {
			facts = append(facts, fmt.Sprintf("%d %s", n, word))
		}
	}
	add(r.sum.done, "done")
	if r.sum.bytes > 0 {
		facts = append(facts, fmt.Sprintf("%s in %s%s", model.FormatSize(r.sum.bytes), elapsed(took), rateOf(r.sum.sent, took)))
	}
	add(r.sum.skipped, "skipped")
	add(r.sum.aborted, "aborted")
	add(len(r.sum.compared), "compared")
	add(len(r.sum.failures), "failed")
	add(started(unfinished), "paused")
	add(r.waiting(unfinished), "waiting")
	if len(facts) == 0 {
		facts = append(facts, "nothing to do")
	}
	r.app.say("partway: %s", strings.Join(facts, ", "))
}

// elapsed writes how long something took: with tenths where seconds are few.
func elapsed(took time.Duration) string {
	if took < 10*time.Second {
		return fmt.Sprintf("%.1fs", took.Seconds())
	}
	return model.FormatDuration(took)
}

func rateOf(bytes int64, took time.Duration) string {
	if bytes == 0 || took < time.Millisecond {
		return ""
	}
	return fmt.Sprintf(" (%s)", model.FormatRate(float64(bytes)/took.Seconds()))
}

// explain says of every failure what happened, why, and what to do.
func (r *run) explain() {
	w := r.app.env.Stderr
	for i, f := range r.sum.failures {
		switch {
		case i < fullProblems:
			printProblem(w, "failed  ", f.problem)
			if again := r.commandFor(f); again != "" {
				fmt.Fprintf(w, "  then: %s\n", again)
			}
		case i < longLists:
			fmt.Fprintf(w, "failed  %s  %s\n", clean(f.job.Ref.Key), shortFacts(f.problem))
		default:
			fmt.Fprintf(w, "and %d more failed\n", len(r.sum.failures)-i)
			return
		}
	}
	if r.fatal != nil && r.waiting(nil) > 0 {
		fmt.Fprintln(w, "The rest was not tried: it would have met the same.")
	}
}

// commandFor is the command that goes on with a failed file, or "" where nothing is kept that it could go on with.
func (r *run) commandFor(f failedJob) string {
	if f.job.Ref.UploadID == "" || f.job.Source.Path == "" || f.problem.Class == model.ProblemGone {
		return ""
	}
	if f.job.Stream {
		return r.app.again("abort", f.job.Ref.URL(), "--upload-id", f.job.Ref.UploadID)
	}
	return r.app.again("resume", f.job.Ref.URL())
}

// sayHowToGoOn names what is kept and the command that goes on with it.
func (r *run) sayHowToGoOn(interrupted bool, unfinished []model.Job) {
	if len(unfinished) == 0 && !interrupted {
		return
	}
	w := r.app.env.Stderr
	shown, resumable := 0, 0
	for _, j := range unfinished {
		if !j.Stream {
			resumable++
		}
		if j.Ref.UploadID == "" {
			continue
		}
		if shown++; shown > fullProblems {
			continue
		}
		if j.Stream {
			fmt.Fprintf(w, "left    %s  %s of a stream, which can only be started over\n", showURL(j.Ref.Bucket, j.Ref.Key), count(j.PartsDone, "part"))
			for _, command := range r.app.streamWays(j.Ref) {
				fmt.Fprintf(w, "        %s\n", command)
			}
			continue
		}
		fmt.Fprintf(w, "kept    %s  %d of %s, %d%%\n", showURL(j.Ref.Bucket, j.Ref.Key), j.PartsDone, count(j.Parts, "part"), fraction(j.BytesDone, j.Source.Size))
		fmt.Fprintf(w, "        %s\n", r.app.again("resume", j.Ref.URL(), "--upload-id", j.Ref.UploadID))
	}
	if resumable > 0 {
		fmt.Fprintf(w, "all     %s\n", r.app.again("resume", "--all"))
	}
	if r.next != nil {
		fmt.Fprintln(w, "Files that were not queued yet are sent by the same command again.")
	}
}
