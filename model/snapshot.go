package model

import "time"

// Snapshot is everything a screen or a progress line shows, at one moment. It is immutable: the engine makes a new one and never
// writes to the old, so readers need no lock. What did not change since the last one is shared between them.
type Snapshot struct {
	Seq    uint64     `json:"seq"`
	At     time.Time  `json:"at"`
	Jobs   []Job      `json:"jobs"`   // queue order, finished ones last
	Bucket BucketView `json:"bucket"` // the bucket on view
	Limits Limits     `json:"limits"`
	Totals Totals     `json:"totals"`
	Events []Event    `json:"events"` // newest last, a bounded ring
	Link   Link       `json:"link"`
	// History is what earlier runs of this user finished, newest first; what this run finished is in Jobs.
	History []Finished `json:"history,omitempty"`
	// Unsaved says why the journal cannot be written, or is empty. Uploads go on meanwhile.
	Unsaved string `json:"unsaved,omitempty"`
	// Damages are journals that were found damaged at the start.
	Damages []Damage `json:"damages,omitempty"`
}

// Job is one piece of work of the queue, as shown: nearly always a local file on its way to a key.
type Job struct {
	ID     JobID        `json:"id"`
	Kind   JobKind      `json:"kind,omitempty"` // empty: sends a file
	Ref    Ref          `json:"ref"`            // UploadID empty before initiate, and for a file sent in one piece
	Place  Place        `json:"place"`
	Status Status       `json:"status"`
	Source Fingerprint  `json:"source"`
	Write  WriteOptions `json:"write"`

	PartSize  int64 `json:"part_size"`
	Parts     int   `json:"parts"`      // of the plan
	PartsDone int   `json:"parts_done"` // acknowledged by the server
	BytesDone int64 `json:"bytes_done"` // of the parts done
	BytesSent int64 `json:"bytes_sent"` // BytesDone and what is in flight: what a bar shows
	// BytesRun is what this run has put on the wire, tries that failed included.
	BytesRun int64 `json:"bytes_run"`
	// Kept is the number of bytes that were in the bucket already and were not sent again.
	Kept int64 `json:"kept"`
	// Compared and ToCompare count parts while the status is matching, ComparedBytes and ToCompareBytes their bytes.
	Compared       int     `json:"compared,omitempty"`
	ToCompare      int     `json:"to_compare,omitempty"`
	ComparedBytes  int64   `json:"compared_bytes,omitempty"`
	ToCompareBytes int64   `json:"to_compare_bytes,omitempty"`
	CompareRate    float64 `json:"compare_rate,omitempty"` // bytes a second

	Rate     float64       `json:"rate"` // bytes a second, mean of the last seconds
	Average  float64       `json:"average"`
	Best     float64       `json:"best"`
	Rates    []float32     `json:"rates,omitempty"` // one a second, newest last, 5 minutes
	ETA      time.Duration `json:"eta"`             // of sending, or of comparing while matching; negative: unknown
	AtOnce   int           `json:"at_once"`         // parts of this job at once; 0: the queue's setting
	Position int           `json:"position"`        // 1-based among the waiting ones; 0: not waiting

	Queued   time.Time `json:"queued"`
	Started  time.Time `json:"started"`
	LastByte time.Time `json:"last_byte"`
	Finished time.Time `json:"finished"`

	InFlight []PartProgress `json:"in_flight,omitempty"`
	Done     Bitmap         `json:"done,omitempty"` // bit n-1: part n is in
	Adopted  bool           `json:"adopted,omitempty"`
	// Stream is set for bytes that come from a pipe: until it is done, Source.Size and Parts are what was read so far.
	Stream bool `json:"stream,omitempty"`
	// Abort pass, while aborting.
	AbortPass int `json:"abort_pass,omitempty"`

	Problem *Problem `json:"problem,omitempty"`
	// GoesOn is when a job that failed goes on by itself at the latest; zero: it needs somebody.
	GoesOn time.Time `json:"goes_on,omitzero"`
	Proof  Proof     `json:"proof,omitempty"`
	CRC64  uint64    `json:"crc64,string,omitempty"` // of the whole object, once proved
	// Comparison is the result of a Compare; nil for every other job.
	Comparison *Comparison `json:"comparison,omitempty"`
}

// Comparison is what a local file and the parts of an upload have in common.
type Comparison struct {
	Equal   int   `json:"equal"`   // parts
	Differ  int   `json:"differ"`  // parts whose bytes or size are others
	Silent  int   `json:"silent"`  // parts that the server gives no sum of: they would be sent again
	Missing int   `json:"missing"` // parts that are not in the bucket
	ToSend  int64 `json:"to_send"` // bytes
}

// Link is how the service can be reached, as the last requests met it.
type Link struct {
	// OfflineSince is when requests began to get no answer at all; zero while they get one.
	OfflineSince time.Time `json:"offline_since"`
	OfflineWhy   string    `json:"offline_why,omitempty"` // foreign
	NextTry      time.Time `json:"next_try"`
	// ClockOffset is how far the service's clock is ahead of this machine's, where it had to be corrected; 0: it did not.
	ClockOffset time.Duration `json:"clock_offset"`
	// CredentialsEnd is when the credentials of the bucket on view expire; zero: never, or unknown.
	CredentialsEnd time.Time `json:"credentials_end"`
}

// PartProgress is a part that is being sent or waits to be sent again.
type PartProgress struct {
	Number  int       `json:"part_number"`
	Range   Range     `json:"range"`
	Sent    int64     `json:"sent"` // bytes handed to the connection in this try
	Rate    float64   `json:"rate"`
	Try     int       `json:"try"`
	MD5     bool      `json:"md5"` // Content-MD5 travels with it
	Hashing bool      `json:"hashing,omitempty"`
	RetryAt time.Time `json:"retry_at"` // zero: not waiting
	Problem *Problem  `json:"problem,omitempty"`
}

// Limits are the limits in force.
type Limits struct {
	BytesPerSecond int64 `json:"bytes_per_second"` // 0: none
	Files          int   `json:"files"`
	Parts          int   `json:"parts"`     // asked for; 0: found by the engine
	PartsNow       int   `json:"parts_now"` // what the engine allows at the moment
}

// Totals sum over all jobs of the queue.
type Totals struct {
	Rate      float64       `json:"rate"`
	Rates     []float32     `json:"rates,omitempty"` // one a second, newest last, 1 minute
	Bytes     int64         `json:"bytes"`           // of all jobs that are not finished
	BytesSent int64         `json:"bytes_sent"`      // of those
	ETA       time.Duration `json:"eta"`             // negative: unknown
	Moving    int           `json:"moving"`
	Waiting   int           `json:"waiting"`
	Failed    int           `json:"failed"`
	Done      int           `json:"done"`
}

// Level says how much an event matters.
type Level string

// The levels of events.
const (
	LevelInfo  Level = "info"
	LevelWarn  Level = "warn"
	LevelError Level = "error"
)

// Event is a fact worth a line: a part failed, an upload finished. Seq grows by one from event to event, so that a reader of
// snapshots sees each once and notices what the ring dropped.
type Event struct {
	Seq   uint64    `json:"seq"`
	At    time.Time `json:"at"`
	Level Level     `json:"level"`
	Job   JobID     `json:"job,omitempty"`
	Key   string    `json:"key,omitempty"`
	Part  int       `json:"part,omitempty"`
	Try   int       `json:"try,omitempty"`
	Text  string    `json:"text"` // may quote the server: foreign
	Code  string    `json:"code,omitempty"`
}

// BucketView is what is known of the unfinished uploads of the bucket on view.
type BucketView struct {
	Place  Place  `json:"place"`
	Prefix string `json:"prefix,omitempty"`
	// Version grows whenever Uploads is another slice, so that a reader can keep what it made of the last one.
	Version   uint64     `json:"version"`
	Uploads   []Leftover `json:"uploads"` // ascending by key, then upload id; shared and immutable
	State     ListState  `json:"state"`
	Pages     int        `json:"pages"`
	Refreshed time.Time  `json:"refreshed"` // when the last whole listing ended
	Measured  int        `json:"measured"`  // of Uploads
	Held      int64      `json:"held"`      // bytes of the measured ones
	Problem   *Problem   `json:"problem,omitempty"`
}

// ListState says how far a listing is.
type ListState string

// The states of a listing.
const (
	ListNone    ListState = ""
	ListReading ListState = "reading"
	ListWhole   ListState = "whole"
	ListFailed  ListState = "failed"
	ListDenied  ListState = "denied"
)

// Leftover is an unfinished upload found in the bucket.
type Leftover struct {
	Ref          Ref       `json:"ref"`
	Initiated    time.Time `json:"initiated"`
	StorageClass string    `json:"storage_class,omitempty"`

	// Measured says that the fields below were read from ListParts at MeasuredAt; before that they mean nothing.
	Measured   bool      `json:"measured"`
	MeasuredAt time.Time `json:"measured_at"`
	Parts      int       `json:"parts"`
	Held       int64     `json:"held"` // bytes
	LastPart   time.Time `json:"last_part"`
	Highest    int       `json:"highest"` // part number
	Gaps       int       `json:"gaps"`    // missing numbers below Highest
	GapList    string    `json:"gap_list,omitempty"`
	TooSmall   int       `json:"too_small,omitempty"` // parts that Complete would refuse
	Vanished   bool      `json:"vanished,omitempty"`  // ListParts said NoSuchUpload
	Failure    string    `json:"failure,omitempty"`   // why it could not be measured

	// Object is what HEAD said of the key: an object there already. Nil: none, or not asked (ObjectAsked).
	ObjectAsked bool        `json:"object_asked,omitempty"`
	Object      *ObjectFact `json:"object,omitempty"`
}

// ObjectFact is what is known of an object that exists.
type ObjectFact struct {
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
}

// LastActivity is the time of the newest part, or of the start where no part is known.
func (l Leftover) LastActivity() time.Time {
	if l.LastPart.After(l.Initiated) {
		return l.LastPart
	}
	return l.Initiated
}

// Bitmap holds one bit a part: bit n-1 for part n.
type Bitmap []byte

// NewBitmap is an empty bitmap for n parts.
func NewBitmap(n int) Bitmap { return make(Bitmap, (n+7)/8) }

// Set marks part n, which must be in 1 … the size the bitmap was made for.
func (b Bitmap) Set(n int) { b[(n-1)/8] |= 1 << ((n - 1) % 8) }

// Has reports whether part n is marked; false for numbers outside.
func (b Bitmap) Has(n int) bool {
	return n >= 1 && n <= len(b)*8 && b[(n-1)/8]&(1<<((n-1)%8)) != 0
}
