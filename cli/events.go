package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"partway/model"
)

// eventsVersion is the version of the JSON lines. Fields may be added under it; none changes its name or meaning.
const eventsVersion = 1

// eventWriter writes JSON lines, one event each. docs/JSON.md describes them.
type eventWriter struct {
	to  io.Writer
	now func() time.Time
}

// header begins every event.
type header struct {
	V  int       `json:"v"`
	T  time.Time `json:"t"`
	Ev string    `json:"ev"`
}

func (w *eventWriter) header(name string) header {
	return header{V: eventsVersion, T: w.now().UTC(), Ev: name}
}

// write writes one event. Characters that a terminal could act on are escaped by the JSON encoder or below, so a line that is
// looked at on a screen does no harm and still parses to the same text.
func (w *eventWriter) write(event any) error {
	line, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("write an event: %w", err)
	}
	_, err = w.to.Write(append(escapeInvisible(line), '\n'))
	return err
}

// escapeInvisible writes the characters that JSON leaves as they are and a terminal does not (DEL, the C1 controls, what changes
// the direction of text or has no width) as \u escapes. In valid JSON they can only stand inside strings.
func escapeInvisible(line []byte) []byte {
	text := string(line)
	out := make([]byte, 0, len(line)+1)
	for _, r := range text {
		switch {
		case r < 0x7f || !invisible(r):
			out = append(out, string(r)...)
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

func invisible(r rune) bool {
	switch {
	case r >= 0x7f && r <= 0x9f, r == 0xad, r == 0x61c, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e,
		r >= 0x2060 && r <= 0x206f, r == 0xfeff, r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}

// The events. Names are the service's own: key, upload_id, part_number, etag, size, crc64.
type (
	versionEvent struct {
		header
		Version string `json:"version"`
		Go      string `json:"go"`
		System  string `json:"system"`
	}
	// uploadEvent is an unfinished upload in the bucket: ls, prune.
	uploadEvent struct {
		header
		model.Ref
		Initiated    time.Time  `json:"initiated"`
		StorageClass string     `json:"storage_class,omitempty"`
		Here         bool       `json:"here"` // a journal of this user knows it
		Measured     bool       `json:"measured"`
		Parts        *int       `json:"parts,omitempty"`
		Held         *int64     `json:"held,omitempty"`
		Gaps         *int       `json:"gaps,omitempty"`
		GapList      string     `json:"gap_list,omitempty"`
		LastPart     *time.Time `json:"last_part,omitempty"`
		Verdicts     []string   `json:"verdicts,omitempty"`
		Failure      string     `json:"failure,omitempty"`
	}
	// storedPartEvent is a part the server holds: parts.
	storedPartEvent struct {
		header
		model.Ref
		Number   int       `json:"part_number"`
		Size     int64     `json:"size"`
		ETag     string    `json:"etag"`
		CRC64    string    `json:"crc64,omitempty"`
		Modified time.Time `json:"modified"`
	}
	// gapEvent is a run of missing part numbers: parts --gaps.
	gapEvent struct {
		header
		model.Ref
		model.Gap
	}
	// fileEvent is a file on its way: queued, started, done, skipped, paused, failed, aborted, compared.
	fileEvent struct {
		header
		Job       model.JobID `json:"job,omitempty"`
		Bucket    string      `json:"bucket"`
		Key       string      `json:"key"`
		UploadID  string      `json:"upload_id,omitempty"`
		Path      string      `json:"path,omitempty"`
		Status    string      `json:"status,omitempty"`
		Size      int64       `json:"size"`
		PartSize  int64       `json:"part_size,omitempty"`
		Parts     int         `json:"parts"`
		PartsDone int         `json:"parts_done"`
		BytesDone int64       `json:"bytes_done"`
		Kept      int64       `json:"kept"` // bytes that were in the bucket already
		Sent      int64       `json:"sent"` // bytes put on the wire by this run
		Stream    bool        `json:"stream,omitempty"`
		CRC64     string      `json:"crc64,omitempty"`
		Proof     string      `json:"proof,omitempty"`
		Seconds   float64     `json:"secs,omitempty"`
		// Comparison is of compared only.
		Comparison *model.Comparison `json:"comparison,omitempty"`
		Err        *errorInfo        `json:"err,omitempty"`
	}
	// partEvent is a part that was acknowledged (part) or is sent again (retry).
	partEvent struct {
		header
		Job       model.JobID `json:"job"`
		Bucket    string      `json:"bucket"`
		Key       string      `json:"key"`
		UploadID  string      `json:"upload_id,omitempty"`
		Number    int         `json:"part_number"`
		Size      int64       `json:"size,omitempty"`
		PartsDone int         `json:"parts_done"`
		Parts     int         `json:"parts"`
		Try       int         `json:"try,omitempty"`
		RetryAt   *time.Time  `json:"retry_at,omitempty"`
		Err       *errorInfo  `json:"err,omitempty"`
	}
	// ignoredEvent is a path that was not sent, and why.
	ignoredEvent struct {
		header
		Path   string `json:"path"`
		Reason string `json:"reason"`
	}
	// planEvent is a file that put --dry-run would send.
	planEvent struct {
		header
		Path     string `json:"path"`
		Bucket   string `json:"bucket"`
		Key      string `json:"key"`
		Size     int64  `json:"size"`
		PartSize int64  `json:"part_size"`
		Parts    int    `json:"parts"`
	}
	// endEvent is the last line of a command that worked on files.
	endEvent struct {
		header
		Done     int     `json:"done"`
		Skipped  int     `json:"skipped"`
		Aborted  int     `json:"aborted"`
		Failed   int     `json:"failed"`
		Paused   int     `json:"paused"`
		Waiting  int     `json:"waiting"`
		Bytes    int64   `json:"bytes"` // of the files done
		Sent     int64   `json:"sent"`
		Seconds  float64 `json:"secs"`
		ExitCode int     `json:"exit"`
	}
	// errorEvent is why a command ended without doing its work.
	errorEvent struct {
		header
		ExitCode int       `json:"exit"`
		Err      errorInfo `json:"err"`
	}
)

// errorInfo is a problem in an event.
type errorInfo struct {
	Class     string   `json:"class,omitempty"`
	Growing   bool     `json:"growing,omitempty"` // of the class changed: the file is only appended to
	What      string   `json:"what"`
	Why       string   `json:"why,omitempty"`
	Next      []string `json:"next,omitempty"`
	Code      string   `json:"code,omitempty"`
	Status    int      `json:"http_status,omitempty"`
	RequestID string   `json:"request_id,omitempty"`
	EC        string   `json:"ec,omitempty"`
	Host      string   `json:"host,omitempty"`
}

func infoOf(p *model.Problem) *errorInfo {
	if p == nil {
		return nil
	}
	return &errorInfo{Class: string(p.Class), Growing: p.Growing, What: p.What, Why: p.Why, Next: p.Next, Code: p.Facts.Code, Status: p.Facts.Status,
		RequestID: p.Facts.RequestID, EC: p.Facts.EC, Host: p.Facts.Host}
}

func (a *app) writeErrorEvent(err error) {
	if _, done := errors.AsType[reported](err); done {
		return
	}
	event := errorEvent{header: (&eventWriter{now: a.env.Now}).header("error"), ExitCode: exitCode(err), Err: errorInfo{What: err.Error()}}
	if p, ok := errors.AsType[*model.Problem](err); ok {
		event.Err = *infoOf(p)
	} else if f, ok := errors.AsType[*failure](err); ok {
		event.Err.Next = f.next
	}
	if a.events != nil {
		_ = a.events.write(event) // the error itself was printed already
	}
}

// crcText writes a CRC-64 as the service's header does, in decimal; JSON numbers would lose its low bits.
func crcText(sum uint64, known bool) string {
	if !known {
		return ""
	}
	return fmt.Sprint(sum)
}
