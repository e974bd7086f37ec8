package model

import (
	"encoding/json"
	"time"
	"unicode/utf8"
)

// JobID names one job of the queue: a local file on its way to a key. It is random, chosen here and kept for the life of the
// job; the journal is filed under it. It is never made from a key or a file name, which could hold anything.
type JobID string

// Place says which bucket of which account a job belongs to, in words that another process can turn into a client again. It
// holds no secret.
type Place struct {
	Profile  string `json:"profile,omitempty"`  // name of the profile; empty: whatever the environment gives
	Endpoint string `json:"endpoint,omitempty"` // as resolved, for messages and to keep two servers with one bucket name apart
	Region   string `json:"region,omitempty"`
	Bucket   string `json:"bucket"`
}

// Fingerprint identifies the bytes of a local file without reading them: where it is, which inode, how long, last modified when.
// It is taken from the open file, before sending and again before Complete; any difference means the object might become a
// mixture of two files.
type Fingerprint struct {
	Path    string    `json:"path"` // absolute; any bytes
	Device  uint64    `json:"dev"`
	Inode   uint64    `json:"ino"`
	Size    int64     `json:"size"`
	ModTime time.Time `json:"mtime"` // with nanoseconds
	// Changed is when the inode last changed, where the system says so: when the bytes, the modification time itself, the
	// permissions, the links or the name were touched. No program can set it, so it shows what ModTime hides when it was put back;
	// but it also moves where no byte did. So it is no part of Same: it only says when to compare the bytes. Zero: not known.
	Changed time.Time `json:"ctime,omitzero"`
}

// fingerprintFields has the fields of a Fingerprint and none of its methods.
type fingerprintFields Fingerprint

// fingerprintJSON is a Fingerprint in JSON. A path need not be UTF-8 (names in GBK are common), and a JSON string must be; such a path
// goes as bytes, in base64.
type fingerprintJSON struct {
	fingerprintFields
	PathBytes []byte `json:"path_bytes,omitempty"`
}

// MarshalJSON keeps every byte of the path.
func (f Fingerprint) MarshalJSON() ([]byte, error) {
	out := fingerprintJSON{fingerprintFields: fingerprintFields(f)}
	if !utf8.ValidString(f.Path) {
		out.Path, out.PathBytes = "", []byte(f.Path)
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (f *Fingerprint) UnmarshalJSON(data []byte) error {
	var in fingerprintJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*f = Fingerprint(in.fingerprintFields)
	if len(in.PathBytes) > 0 {
		f.Path = string(in.PathBytes)
	}
	return nil
}

// Same reports whether both fingerprints are of the same unchanged bytes, as far as size and modification time can tell. The path
// does not count: a renamed file is the same.
func (f Fingerprint) Same(other Fingerprint) bool {
	return f.Device == other.Device && f.Inode == other.Inode && f.Size == other.Size && f.ModTime.Equal(other.ModTime)
}

// Touched reports whether something was done to the inode between f and now; false where either does not know.
func (f Fingerprint) Touched(now Fingerprint) bool {
	return !f.Changed.IsZero() && !now.Changed.IsZero() && !f.Changed.Equal(now.Changed)
}

// Difference says in words what changed from f to now, or "".
func (f Fingerprint) Difference(now Fingerprint) string {
	switch {
	case f.Size < now.Size:
		return "it grew from " + ExactSize(f.Size) + " to " + ExactSize(now.Size)
	case f.Size > now.Size:
		return "it shrank from " + ExactSize(f.Size) + " to " + ExactSize(now.Size)
	case f.Device != now.Device || f.Inode != now.Inode:
		return "it was replaced by another file"
	case !f.ModTime.Equal(now.ModTime):
		return "it was modified at " + now.ModTime.Format(time.DateTime)
	}
	return ""
}

// WriteOptions are the properties of the object to be. The service fixes all but ACL when the upload is initiated; none can be
// changed afterwards.
type WriteOptions struct {
	ContentType        string            `json:"content_type,omitempty"` // empty: by the key's extension
	CacheControl       string            `json:"cache_control,omitempty"`
	ContentDisposition string            `json:"content_disposition,omitempty"`
	ContentEncoding    string            `json:"content_encoding,omitempty"`
	Expires            string            `json:"expires,omitempty"`
	StorageClass       string            `json:"storage_class,omitempty"`
	ACL                string            `json:"acl,omitempty"`
	SSE                string            `json:"sse,omitempty"`
	SSEKeyID           string            `json:"sse_key_id,omitempty"`
	Metadata           map[string]string `json:"metadata,omitempty"`
	Tags               map[string]string `json:"tags,omitempty"`
	IfExists           IfExists          `json:"if_exists,omitempty"`
}

// IfExists says what to do when an object of the key is there already.
type IfExists string

// The rules for an existing object. The zero value is IfExistsFail: nothing is overwritten without being told to.
const (
	IfExistsFail      IfExists = ""
	IfExistsSkip      IfExists = "skip"
	IfExistsOverwrite IfExists = "overwrite"
)

// SendOptions say how the bytes travel.
type SendOptions struct {
	PartSize int64 `json:"part_size,omitempty"` // bytes; 0: chosen by NewPlan
	Parts    int   `json:"parts,omitempty"`     // parts of this file at once; 0: the queue's setting
	NoMD5    bool  `json:"no_md5,omitempty"`    // CRC-64 takes the place of Content-MD5
	Paused   bool  `json:"paused,omitempty"`    // enters the queue without starting
}

// JobKind is what a job does. The zero value sends a file, as nearly every job does.
type JobKind string

// Every kind of job.
const (
	JobSend     JobKind = ""         // sends a file or a stream
	JobComplete JobKind = "complete" // completes an upload from the parts that are listed
	JobAbort    JobKind = "abort"    // frees the parts of an upload
	JobVerify   JobKind = "verify"   // proves an object against a file
	JobCompare  JobKind = "compare"  // compares the parts of an upload with a file
)

// ReadsOnly reports whether jobs of the kind change nothing in the bucket: they own no upload, and to be rid of one is not to
// abort anything.
func (k JobKind) ReadsOnly() bool { return k == JobVerify || k == JobCompare }

// Verb is the kind for a sentence: "upload", "complete", "abort", "verify" or "compare".
func (k JobKind) Verb() string {
	if k == JobSend {
		return "upload"
	}
	return string(k)
}

// Status is where a job or an unfinished upload stands.
type Status string

// Every status. The first group is of jobs, the second of uploads found in the bucket that no job is known for.
const (
	StatusQueued     Status = "queued"     // waits for a slot
	StatusMatching   Status = "matching"   // reads the file and compares parts the server holds
	StatusUploading  Status = "uploading"  // parts are moving
	StatusPaused     Status = "paused"     // by the user
	StatusStalled    Status = "stalled"    // no byte moves, connections are open
	StatusRetrying   Status = "retrying"   // waits before the next try
	StatusFailed     Status = "failed"     // stopped, needs a person; parts are kept
	StatusChanged    Status = "changed"    // the local file is not the one that was begun
	StatusReady      Status = "ready"      // every part is in, not completed
	StatusCompleting Status = "completing" // Complete was sent
	StatusVerifying  Status = "verifying"  // the stored object is being proved
	StatusDone       Status = "done"       // the object exists and was proved
	StatusCompared   Status = "compared"   // a file was compared with an upload, and nothing was changed
	StatusSkipped    Status = "skipped"    // an object was there and the rule said skip
	StatusAborting   Status = "aborting"   // repeats until no part is listed
	StatusAborted    Status = "aborted"    // the parts are gone
	StatusGone       Status = "gone"       // NoSuchUpload: aborted or completed elsewhere

	StatusUnknown Status = "unknown" // in the bucket, not begun by this user on this machine
	StatusStale   Status = "stale"   // no new part for a long time
)

// Active reports whether a worker is busy with the job.
func (s Status) Active() bool {
	switch s {
	case StatusMatching, StatusUploading, StatusStalled, StatusRetrying, StatusCompleting, StatusVerifying, StatusAborting:
		return true
	}
	return false
}

// Final reports whether the job is over: nothing will happen to it any more.
func (s Status) Final() bool {
	switch s {
	case StatusDone, StatusSkipped, StatusAborted, StatusCompared:
		return true
	}
	return false
}

// NeedsUser reports whether the job stands still until somebody decides.
func (s Status) NeedsUser() bool {
	switch s {
	case StatusFailed, StatusChanged, StatusGone, StatusReady:
		return true
	}
	return false
}

// Proof says how the stored object was shown to be the local file. Nothing is called done without one.
type Proof string

// The proofs, strongest first.
const (
	ProofNone  Proof = ""
	ProofCRC64 Proof = "crc64"      // the service's CRC-64 of the whole object equals ours
	ProofMD5   Proof = "md5"        // sent in one piece: the object's ETag is the MD5 of the file
	ProofParts Proof = "parts+size" // the server gives no CRC-64: every part's MD5 was checked and the object has the right size
)
