package model

// Command is something a person asks of the engine. Commands are plain data that survive JSON, so that an engine in another
// process can be asked the same. What a command acts on is named by identity and frozen when the question was put to the
// person; the engine never looks it up anew by position or filter.
type Command interface{ command() }

// Enqueue adds files to the queue. Each becomes a job of its own; one that the journal knows goes on where it stopped.
type Enqueue struct {
	Files []EnqueueFile `json:"files"`
}

// EnqueueFile is one local file on its way to one key.
type EnqueueFile struct {
	Path  string       `json:"path"` // absolute
	Place Place        `json:"place"`
	Key   string       `json:"key"`
	Write WriteOptions `json:"write"`
	Send  SendOptions  `json:"send"`
	// IfChanged counts where the journal knows the file and the file is another one now.
	IfChanged IfChanged `json:"if_changed,omitempty"`
}

// Go starts, resumes or retries jobs now; for a job that is ready it completes.
type Go struct {
	Jobs []JobID `json:"jobs"`
	// IfChanged says what to do with a job whose local file is another one now.
	IfChanged IfChanged `json:"if_changed,omitempty"`
}

// IfChanged is a way on for a job whose local file changed after it was begun.
type IfChanged string

// The ways on. The zero value stops and asks.
const (
	IfChangedStop    IfChanged = ""
	IfChangedMatch   IfChanged = "match"   // keep the parts that equal the new file, send the others again
	IfChangedRestart IfChanged = "restart" // free the parts and send the new file from its beginning
)

// Pause stops jobs. Parts in flight are finished first unless Now.
type Pause struct {
	Jobs []JobID `json:"jobs"`
	Now  bool    `json:"now,omitempty"`
}

// PauseAll stops every job; GoAll starts all that are paused.
type PauseAll struct {
	Now bool `json:"now,omitempty"`
}

// GoAll starts every paused or failed job.
type GoAll struct{}

// Move changes a waiting job's place in the queue.
type Move struct {
	Job JobID  `json:"job"`
	To  MoveTo `json:"to"`
}

// MoveTo is a direction in the queue.
type MoveTo string

// The directions of Move.
const (
	MoveUp    MoveTo = "up"
	MoveDown  MoveTo = "down"
	MoveFirst MoveTo = "first"
	MoveLast  MoveTo = "last"
)

// SetLimits changes the limits of the running queue; nil leaves a limit as it is.
type SetLimits struct {
	BytesPerSecond *int64 `json:"bytes_per_second,omitempty"` // 0: none
	Files          *int   `json:"files,omitempty"`            // files at once
	Parts          *int   `json:"parts,omitempty"`            // parts at once, over all files; 0: found by the engine
}

// SetJobParts changes how many parts of one job are sent at once; 0: as many as the queue allows.
type SetJobParts struct {
	Job   JobID `json:"job"`
	Parts int   `json:"parts"`
}

// Adopt takes an unfinished upload over as a job: parts that equal the file stay, what is missing or differs is sent.
type Adopt struct {
	Place Place       `json:"place"`
	Ref   Ref         `json:"ref"`
	Path  string      `json:"path"` // absolute
	Send  SendOptions `json:"send"`
	ACL   string      `json:"acl,omitempty"`
	// IfExists as for a new job; the rule is applied before Complete.
	IfExists IfExists `json:"if_exists,omitempty"`
}

// Compare finds out what a local file and the parts of an unfinished upload have in common, as Adopt would, and changes nothing.
// Its result is the Comparison of its job.
type Compare struct {
	Place Place       `json:"place"`
	Ref   Ref         `json:"ref"`
	Path  string      `json:"path"` // absolute
	Send  SendOptions `json:"send"`
}

// CompleteUpload turns an upload that no job owns into its object, from the parts that are listed, without a local file.
type CompleteUpload struct {
	Place Place `json:"place"`
	Ref   Ref   `json:"ref"`
	// Seen are the parts as they were shown when the person agreed. The engine refuses if the server lists others by now.
	Seen      []Part `json:"seen"`
	AllowGaps bool   `json:"allow_gaps,omitempty"`
	Overwrite bool   `json:"overwrite,omitempty"` // an object of the key is replaced
}

// Abort frees the parts of uploads, whoever began them, and forgets the jobs that own them.
type Abort struct {
	Place Place   `json:"place"`
	Refs  []Ref   `json:"refs"`
	Jobs  []JobID `json:"jobs,omitempty"` // jobs without an upload id as well
}

// Verify proves the object of a finished or ready job against its local file again.
type Verify struct {
	Place Place  `json:"place"`
	Key   string `json:"key"`
	Path  string `json:"path"`
}

// ClearFinished takes finished jobs off the list; the history keeps them. Comparisons and proofs that failed or were stopped go as well.
type ClearFinished struct {
	Jobs []JobID `json:"jobs,omitempty"` // empty: all
}

// Look puts another bucket on view. Jobs of every bucket go on.
type Look struct {
	Place  Place  `json:"place"`
	Prefix string `json:"prefix,omitempty"`
}

// Refresh lists the bucket again.
type Refresh struct{}

// Measure lists the parts of leftovers to learn what they hold.
type Measure struct {
	Refs []Ref `json:"refs"` // empty: all
}

func (Enqueue) command()        {}
func (Go) command()             {}
func (Pause) command()          {}
func (PauseAll) command()       {}
func (GoAll) command()          {}
func (Move) command()           {}
func (SetLimits) command()      {}
func (SetJobParts) command()    {}
func (Adopt) command()          {}
func (Compare) command()        {}
func (CompleteUpload) command() {}
func (Abort) command()          {}
func (Verify) command()         {}
func (ClearFinished) command()  {}
func (Look) command()           {}
func (Refresh) command()        {}
func (Measure) command()        {}
