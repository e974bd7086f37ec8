package model

import "time"

// ProblemClass groups problems by who can mend them; an exit code and an icon hang on it.
type ProblemClass string

// The classes of problems.
const (
	ProblemTemporary   ProblemClass = "temporary"   // the network or the service; the work is kept, trying again helps
	ProblemCredentials ProblemClass = "credentials" // key, token, signature or clock
	ProblemDenied      ProblemClass = "denied"      // a right is missing
	ProblemConflict    ProblemClass = "conflict"    // an object of the key exists
	ProblemChanged     ProblemClass = "changed"     // the local file is another one now
	ProblemGone        ProblemClass = "gone"        // the upload is not there any more
	ProblemDamaged     ProblemClass = "damaged"     // bytes differ: on the way, on the disk, in memory
	ProblemLocal       ProblemClass = "local"       // the local file cannot be read
	ProblemPlace       ProblemClass = "place"       // bucket, region or endpoint
	ProblemRequest     ProblemClass = "request"     // the service refuses for another reason
	ProblemUnproved    ProblemClass = "unproved"    // it may be done, and could not be proved
)

// Problem is a failure made ready for a person: what happened, why, and what to do next. Its texts may quote the server or a
// file name: they are foreign and go through the sanitiser before they reach a terminal.
type Problem struct {
	Class ProblemClass `json:"class"`
	What  string       `json:"what"`           // which call on which part, and what is safe
	Why   string       `json:"why"`            // in plain words
	Next  []string     `json:"next,omitempty"` // the ways on, most likely first
	Facts Facts        `json:"facts"`
	// Growing, of the class changed, says that the file is being appended to, as a log is: it is longer, and what was sent is still its
	// beginning.
	Growing bool `json:"growing,omitempty"`
}

// Facts are the raw facts behind a problem, for a report to the service's support.
type Facts struct {
	Code      string    `json:"code,omitempty"`
	Status    int       `json:"status,omitempty"` // HTTP
	RequestID string    `json:"request_id,omitempty"`
	EC        string    `json:"ec,omitempty"`
	Host      string    `json:"host,omitempty"`
	Message   string    `json:"message,omitempty"`
	Part      int       `json:"part,omitempty"`
	Tries     int       `json:"tries,omitempty"`
	At        time.Time `json:"at"`
}

// Error makes a Problem an error: one line.
func (p *Problem) Error() string {
	if p.Why == "" {
		return p.What
	}
	return p.What + ": " + p.Why
}
