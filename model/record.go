package model

import (
	"fmt"
	"time"
)

// JournalVersion is the version of the records this program writes. A journal with a larger one is from a newer program: it is
// read as far as understood and never written to.
const JournalVersion = 1

// RecordKind says what a journal record is about.
type RecordKind string

// The records of a journal, in the order a job writes them.
const (
	RecordIntent     RecordKind = "intent"     // when queued: what will be sent where; the first line of every journal. A later one begins anew
	RecordInitiating RecordKind = "initiating" // before Initiate: from here on, an upload may exist whose id was not read
	RecordInitiated  RecordKind = "initiated"  // the upload id, before part 1
	RecordPart       RecordKind = "part"       // a part that the server acknowledged
	RecordPaused     RecordKind = "paused"     // by the user: not started again by itself
	RecordParked     RecordKind = "parked"     // stopped by a problem
	RecordResumed    RecordKind = "resumed"    // started again: undoes paused and parked
	RecordCompleting RecordKind = "completing" // before Complete: from here on, NoSuchUpload may mean success
	RecordAborting   RecordKind = "aborting"   // before Abort: from here on, the parts are given up
)

// Record is one line of a journal. Kind says which of the other fields are set.
type Record struct {
	V        int         `json:"v,omitempty"` // on the intent only
	Kind     RecordKind  `json:"k"`
	At       time.Time   `json:"at"`
	Intent   *Intent     `json:"intent,omitempty"`    // intent
	UploadID string      `json:"upload_id,omitempty"` // initiated
	Part     *PartRecord `json:"part,omitempty"`      // part
	Problem  *Problem    `json:"problem,omitempty"`   // parked
	// Source, on resumed, is the file as it was when its parts were compared with it once more and found equal: from here on it
	// counts instead of the intent's.
	Source *Fingerprint `json:"source,omitempty"`
}

// Durable reports whether the record must be on the disk before the journal's Append returns. An intent need not (a thousand
// small files are queued in a moment; RecordInitiating carries it to the disk), nor a part: a lost one costs a look at ListParts.
func (r Record) Durable() bool { return r.Kind != RecordPart && r.Kind != RecordIntent }

// Intent is what a job is going to do, complete enough to do it in another process.
type Intent struct {
	Place  Place        `json:"place"`
	Key    string       `json:"key"`
	Source Fingerprint  `json:"source"`
	Plan   Plan         `json:"plan"`
	Layout Layout       `json:"layout,omitempty"` // only where the parts of an adopted upload do not follow Plan
	Write  WriteOptions `json:"write"`
	Send   SendOptions  `json:"send"`
	// Adopted is the id of an upload that was there before; empty when this job initiates its own.
	Adopted string `json:"adopted,omitempty"`
	// Stream marks bytes that came from a pipe: they cannot be read again, so no other run can go on with the job.
	Stream bool `json:"stream,omitempty"`
}

// Ranges is where the parts lie: Layout if there is one, else Plan's.
func (i Intent) Ranges() Layout {
	if len(i.Layout) > 0 {
		return i.Layout
	}
	return i.Plan.Layout()
}

// PartRecord is a part as it was sent and acknowledged: the range of the file and what the server answered. The answer was bound
// to our bytes before this was written: by Content-MD5, by our own CRC-64, or by comparing what was there with the file.
type PartRecord struct {
	Number   int    `json:"n"`
	Offset   int64  `json:"off"`
	Size     int64  `json:"size"`
	ETag     string `json:"etag"`
	CRC64    uint64 `json:"crc64,string,omitempty"`
	HasCRC64 bool   `json:"has_crc64,omitempty"`
}

// Phase is how far a journal says its job came.
type Phase string

// The phases, in order.
const (
	PhaseIntended   Phase = "intended"   // nothing was asked of the server
	PhaseInitiating Phase = "initiating" // an upload may exist
	PhaseInitiated  Phase = "initiated"
	PhaseCompleting Phase = "completing"
	PhaseAborting   Phase = "aborting"
)

// SavedJob is a journal folded into what is known of its job.
type SavedJob struct {
	ID       JobID
	Intent   Intent
	UploadID string
	Phase    Phase
	Parts    map[int]PartRecord // by part number
	Begun    time.Time          // when the intent was written
	Touched  time.Time          // when the last record was
	// CompletingAt is when Complete was announced; zero if it never was. An object older than this is not ours.
	CompletingAt time.Time
	Paused       bool
	Problem      *Problem
	// Owner is the process that works on the job now, nil if none does.
	Owner *Owner
	// ReadOnly is set for a journal of a newer version: it is shown and not touched.
	ReadOnly bool
}

// Ref is the job's upload; its UploadID is empty before Initiate was answered.
func (j SavedJob) Ref() Ref {
	return Ref{Bucket: j.Intent.Place.Bucket, Key: j.Intent.Key, UploadID: j.UploadID}
}

// Owner is a process that holds a journal.
type Owner struct {
	PID  int    `json:"pid"`
	Host string `json:"host"`
}

// OwnedError is returned for a job that another process works on.
type OwnedError struct {
	Job   JobID
	Owner Owner
}

func (e *OwnedError) Error() string {
	if e.Owner.PID == 0 {
		return "another process is working on this upload: let it finish, or stop it and run this again"
	}
	return fmt.Sprintf("process %d on %s is working on this upload: let it finish, or stop it and run this again", e.Owner.PID, e.Owner.Host)
}

// Damage is what was found wrong with a journal when it was read. The good lines were kept.
type Damage struct {
	Path  string `json:"path"`            // of the journal
	Saved string `json:"saved,omitempty"` // where the original was moved to, empty if it was left in place
	Lines int    `json:"lines"`           // lost
	Text  string `json:"text"`            // one sentence for people
}

// Replay folds the records of one journal. Records it cannot make sense of are an error that names their place; nothing is
// guessed. The first record must be the intent.
func Replay(id JobID, records []Record) (SavedJob, error) {
	if len(records) == 0 || records[0].Kind != RecordIntent || records[0].Intent == nil {
		return SavedJob{}, fmt.Errorf("journal %s does not begin with an intent", id)
	}
	first := records[0]
	job := SavedJob{ID: id, Parts: map[int]PartRecord{}, Begun: first.At, ReadOnly: first.V > JournalVersion}
	for i, r := range records {
		job.Touched = r.At
		if err := job.apply(r); err != nil {
			return SavedJob{}, fmt.Errorf("journal %s, record %d: %w", id, i+1, err)
		}
	}
	return job, nil
}

// begin takes an intent up. A journal has a second one where the job started over, or went on with a file that changed.
func (j *SavedJob) begin(intent Intent) {
	j.Intent, j.UploadID, j.Phase = intent, intent.Adopted, PhaseIntended
	if j.UploadID != "" {
		j.Phase = PhaseInitiated
	}
	clear(j.Parts)
	j.CompletingAt, j.Problem, j.Paused = time.Time{}, nil, intent.Send.Paused
}

func (j *SavedJob) apply(r Record) error {
	switch r.Kind {
	case RecordIntent:
		if r.Intent == nil {
			return fmt.Errorf("%s without its content", r.Kind)
		}
		j.begin(*r.Intent)
	case RecordInitiating:
		// A new upload is on its way: the parts of one before are not in it.
		j.Phase, j.UploadID = PhaseInitiating, ""
		clear(j.Parts)
	case RecordInitiated:
		if r.UploadID == "" {
			return fmt.Errorf("%s without an upload id", r.Kind)
		}
		// A second upload id is a new start: the parts of the first are not in it.
		if j.UploadID != r.UploadID {
			clear(j.Parts)
		}
		j.UploadID, j.Phase, j.CompletingAt = r.UploadID, PhaseInitiated, time.Time{}
	case RecordPart:
		if r.Part == nil || r.Part.Number < 1 || r.Part.Number > MaxPartNumber || r.Part.Size < 0 || r.Part.Offset < 0 {
			return fmt.Errorf("a part that cannot be")
		}
		j.Parts[r.Part.Number] = *r.Part
	case RecordPaused:
		j.Paused = true
	case RecordParked:
		j.Problem = r.Problem
	case RecordResumed:
		j.Paused, j.Problem = false, nil
		if r.Source != nil {
			j.Intent.Source = *r.Source
		}
	case RecordCompleting:
		j.Phase, j.CompletingAt = PhaseCompleting, r.At
	case RecordAborting:
		j.Phase = PhaseAborting
	default:
		// A kind this version does not know comes from a newer program, whose version said so on the first line.
		if !j.ReadOnly {
			return fmt.Errorf("unknown kind %q", r.Kind)
		}
	}
	return nil
}

// Finished is what is kept of a job when its journal is forgotten.
type Finished struct {
	V        int       `json:"v"`
	At       time.Time `json:"at"`
	Job      JobID     `json:"job"`
	Status   Status    `json:"status"` // done, skipped or aborted
	Place    Place     `json:"place"`
	Key      string    `json:"key"`
	UploadID string    `json:"upload_id,omitempty"`
	Path     string    `json:"path,omitempty"`
	Size     int64     `json:"size"`
	Parts    int       `json:"parts"`
	CRC64    uint64    `json:"crc64,string,omitempty"`
	Proof    Proof     `json:"proof,omitempty"`
	Began    time.Time `json:"began"`
}
