package tui

import (
	"fmt"

	"partway/model"
)

// Most jobs send a file whose size is known, and rows are made for them: a bar, a share, a size. This file has the words for the
// others: streams, whose size nobody knows before they end, and jobs that send nothing.

// shownStatus is the status of a job as people are told it. The engine calls every job that runs uploading until it says more; one
// that sends nothing never is.
func shownStatus(j *model.Job) model.Status {
	if j.Status != model.StatusUploading {
		return j.Status
	}
	switch j.Kind {
	case model.JobComplete:
		return model.StatusCompleting
	case model.JobAbort:
		return model.StatusAborting
	case model.JobVerify:
		return model.StatusVerifying
	}
	return j.Status
}

// streams reports whether the row is a stream that did not end: what there is of it is no share of a whole.
func (r *row) streams() bool {
	return r.job != nil && r.job.Stream && r.job.Kind == model.JobSend && r.status != model.StatusDone
}

// streamEnded reports whether the row is a stream that stopped. Nothing can go on with it: its bytes are gone.
func (r *row) streamEnded() bool { return r.streams() && r.status.NeedsUser() }

const noSecondRead = "it was a stream, whose bytes cannot be read again: run its command again, or abort it"

// works reports whether the row is a job that sends nothing.
func (r *row) works() bool { return r.job != nil && r.job.Kind != model.JobSend }

// streamWords says how far a stream is, in variants from long to short; nil for a status that has words of its own.
func (a *App) streamWords(r row) []string {
	job := r.job
	parts := count(job.PartsDone, "part")
	sent := model.FormatSize(job.BytesSent)
	switch r.status {
	case model.StatusUploading:
		rate := model.FormatRate(job.Rate)
		return []string{"stream, " + sent + " so far, " + rate, sent + ", " + rate, rate}
	case model.StatusStalled:
		still := age(job.LastByte, a.now) + " still"
		return []string{"stream, " + sent + " so far, " + still, sent + ", " + still, still}
	case model.StatusRetrying:
		again := a.speed(r)
		return []string{"stream, " + sent + " so far, again " + again, sent + ", " + again, again}
	case model.StatusFailed:
		if job.Ref.UploadID == "" {
			return []string{"a stream that ended, nothing is stored", "stream ended"}
		}
		return []string{"stream cut, " + parts + " in OSS: start over or abort", "stream cut, " + parts + " in OSS", "stream, " + parts, "stream cut"}
	case model.StatusQueued:
		return []string{fmt.Sprintf("#%d  stream", job.Position), fmt.Sprintf("#%d", job.Position)}
	}
	return nil
}

// workWords says what a job does that sends nothing, in variants from long to short; nil for a status that has words of its own.
func workWords(r row) []string {
	job := r.job
	switch r.status {
	case model.StatusQueued:
		return []string{fmt.Sprintf("#%d  waits to %s", job.Position, job.Kind.Verb()), fmt.Sprintf("#%d", job.Position)}
	case model.StatusPaused:
		return []string{"paused before it could " + job.Kind.Verb(), "to " + job.Kind.Verb()}
	case model.StatusCompleting:
		if job.Parts > 0 {
			return []string{"makes the object of " + count(job.Parts, "part"), count(job.Parts, "part")}
		}
		return []string{"lists the parts", "lists"}
	case model.StatusAborting:
		if job.AbortPass == 0 {
			return []string{"about to free the parts", "begins"}
		}
	case model.StatusVerifying:
		return []string{"reads the file and the object's sum", "reads the file"}
	case model.StatusFailed:
		words := problemWords(job.Problem)
		for i := range words {
			words[i] = job.Kind.Verb() + ": " + words[i]
		}
		return append(words, "to "+job.Kind.Verb())
	case model.StatusDone:
		what := map[model.JobKind]string{model.JobComplete: "completed", model.JobVerify: "verified"}[job.Kind]
		if proof := proofWords(job.Proof); what != "" && job.Proof != model.ProofNone {
			return []string{what + ", " + proof, what}
		}
	}
	return nil
}

// jobSentence says in a sentence what there is to say of a job that has no map of parts.
func jobSentence(r row) string {
	job := r.job
	switch {
	case job.Kind == model.JobComplete && job.Parts > 0:
		return "makes the object of the " + count(job.Parts, "part") + " that are listed, " + model.FormatSize(job.BytesDone)
	case job.Kind == model.JobComplete:
		return "makes the object of the parts that are listed"
	case job.Kind == model.JobAbort:
		return "frees the parts of the upload, and looks again until none is listed"
	case job.Kind == model.JobVerify:
		return "proves the object against the local file; nothing is sent"
	case r.status == model.StatusSkipped:
		return "nothing was sent: an object of the key was there"
	case r.status == model.StatusAborted:
		return "its parts are freed"
	case r.streamEnded() && job.Ref.UploadID == "":
		return "it was a stream, and nothing of it is stored: run its command again"
	case r.streams():
		return "a stream: its parts are made as its bytes come"
	}
	return "its parts are not planned yet"
}

// mapped reports whether a map of parts says something of a job.
func (r *row) mapped() bool {
	return r.job.Parts > 0 && (r.job.Kind == model.JobSend || r.job.Kind == model.JobAbort) && r.status != model.StatusSkipped && r.status != model.StatusAborted
}

// sourceWords names where the bytes of a job come from, uncleaned; empty for a job without a local file.
func sourceWords(j *model.Job) string {
	if j.Stream {
		return "standard input"
	}
	return j.Source.Path
}

func proofWords(p model.Proof) string {
	switch p {
	case model.ProofCRC64:
		return "crc64 equal"
	case model.ProofMD5:
		return "md5 equal"
	case model.ProofParts:
		return "parts and size equal"
	}
	return "not proved"
}

// jobVerb is the command that does for a job what its state asks for.
func jobVerb(r row) string {
	switch {
	case r.job.Kind == model.JobVerify || r.status.Final():
		return "verify"
	case r.job.Kind == model.JobAbort || r.streamEnded():
		return "abort"
	case r.job.Kind == model.JobComplete || r.status == model.StatusReady:
		return "complete"
	case r.streams():
		return "parts"
	}
	return "resume"
}
