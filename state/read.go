package state

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"partway/model"
)

// Patterns for what may still be legible in damaged bytes. They serve messages and caution, never a value.
var (
	legibleKind    = regexp.MustCompile(`(?s)^.{0,9}\{(?:"v":[0-9]+,)?"k":"(intent|initiating|initiated|part|paused|parked|resumed|completing|aborting)"`)
	legibleVersion = regexp.MustCompile(`(?s)^.{0,9}\{"v":([0-9]+),"k":"intent"`)
	legibleUpload  = regexp.MustCompile(`"(?:upload_id|adopted)":"([^"\\]{1,256})"`)
	legibleKey     = regexp.MustCompile(`"key":"([^"\\]+)"`)
)

// reading is what the bytes of a journal say.
type reading struct {
	records []model.Record
	raw     [][]byte // the line of each record, without its line feed, as it is in the file
	loose   int      // how many of them, at the end, are not closed by a line feed
	end     int64    // offset behind the last line feed
	size    int64    // of the file

	newer    bool           // written by a newer version
	lost     int            // lines that could not be read
	kinds    map[string]int // what the lost lines were, where that can be told; "" where not
	leftOut  int            // readable lines that cannot be attributed to an upload, since a line before them was lost
	merged   bool           // a line feed was lost
	uploadID string         // last one legible anywhere, for the message that the intent is lost
	key      string         // likewise
}

// damaged reports whether the file holds anything but whole lines. A piece of a line at its end does not count: that is what a crash
// leaves, and nobody was told that it was saved.
func (r *reading) damaged() bool { return r.lost > 0 || r.leftOut > 0 || r.merged }

// headless reports whether the intent is missing, without which nothing can be done with the rest.
func (r *reading) headless() bool {
	return len(r.records) == 0 || r.records[0].Kind != model.RecordIntent || r.records[0].Intent == nil
}

// read makes sense of the bytes of a journal. Every line that is whole is kept, but for those that would be attributed to the wrong
// upload.
func read(id model.JobID, data []byte) *reading {
	content := cut(data)
	r := &reading{end: content.end, size: int64(len(data)), merged: content.merged, kinds: map[string]int{}}
	var thread thread
	for i, e := range content.entries {
		record, ok := r.decode(id, e, i)
		switch {
		case !ok && i >= content.tail && torn(e):
		case !ok:
			r.lose(e)
			thread.lose(e)
		case thread.follow(record):
			r.records = append(r.records, record)
			r.raw = append(r.raw, e.raw)
			if i >= content.tail {
				r.loose++
			}
		default:
			r.leftOut++
		}
	}
	if r.headless() {
		for _, e := range content.entries {
			r.note(e.raw)
		}
	}
	return r
}

// decode reads the record of a line. One that cannot be replayed is as good as damaged, unless a newer version wrote it.
func (r *reading) decode(id model.JobID, e entry, index int) (model.Record, bool) {
	if e.payload == nil {
		if index == 0 {
			r.newer = newerVersion(readable(e.raw, legibleVersion))
		}
		return model.Record{}, false
	}
	if index == 0 {
		var head struct {
			V int `json:"v"`
		}
		_ = json.Unmarshal(e.payload, &head) // a head that cannot be read is not newer
		r.newer = head.V > model.JournalVersion
	}
	var record model.Record
	if err := json.Unmarshal(e.payload, &record); err != nil {
		return model.Record{}, false
	}
	if r.newer {
		return record, true
	}
	return record, replayable(id, record) == nil
}

// replayable says why a record by itself would not be accepted when its journal is read.
func replayable(id model.JobID, record model.Record) error {
	records := []model.Record{{Kind: model.RecordIntent, Intent: &model.Intent{}}, record}
	if record.Kind == model.RecordIntent {
		records = records[1:]
	}
	_, err := model.Replay(id, records)
	return err
}

func newerVersion(text string) bool {
	version, err := strconv.Atoi(text)
	return err == nil && version > model.JournalVersion
}

// torn reports whether bytes at the end are the piece of a line that an ordinary crash leaves. If a record that must be durable can
// be told from it, it is worth a word.
func torn(e entry) bool {
	if e.payload != nil {
		return false
	}
	kind := model.RecordKind(readable(e.raw, legibleKind))
	return kind == "" || !model.Record{Kind: kind}.Durable()
}

// note remembers which upload a journal speaks of, in case that is all that can be told.
func (r *reading) note(raw []byte) {
	if id := readable(raw, legibleUpload); id != "" {
		r.uploadID = id
	}
	if r.key == "" {
		r.key = readable(raw, legibleKey)
	}
}

func (r *reading) lose(e entry) {
	lines := e.lines
	if e.payload != nil { // a whole line that makes no sense
		lines = 1
	}
	r.lost += lines
	if lines > 0 {
		r.kinds[readable(e.raw, legibleKind)] += lines
	}
}

// thread follows which upload the records belong to. A job that starts anew gets a second upload id, and its parts must not be
// taken for parts of the first: so where the line with the second may have been lost, what follows about an upload is left out
// until the next upload id. That costs a look at the server's list, a wrong part would cost the object.
type thread struct {
	known      bool // an upload id was read, or its line may have been lost
	initiating bool // Initiate was announced after it
	unclear    int  // lines lost after it that may have been anything
	doubtful   bool
}

// follow takes a record in and reports whether it is to be believed.
func (t *thread) follow(record model.Record) bool {
	switch record.Kind {
	case model.RecordIntent:
		t.known = t.known || record.Intent != nil && record.Intent.Adopted != ""
	case model.RecordInitiating:
		t.initiating = true
	case model.RecordInitiated:
		*t = thread{known: true}
	case model.RecordPart, model.RecordCompleting, model.RecordAborting:
		return !t.doubtful
	}
	return true
}

// lose takes a lost line in.
func (t *thread) lose(e entry) {
	kind := model.RecordKind(readable(e.raw, legibleKind))
	switch wide := strange(e.raw) > 4; {
	case wide: // a lost sector, with more than one line in it
		t.unclear += 2
	case kind == "":
		t.unclear++
	case kind == model.RecordInitiating:
		t.initiating = true
		return
	case kind != model.RecordInitiated:
		return
	default:
		t.initiating = true
		t.unclear++
	}
	if t.unclear < 2 && !t.initiating { // an upload id follows the announcement of Initiate
		return
	}
	if t.known {
		t.doubtful = true
	} else {
		*t = thread{known: true}
	}
}

// strange counts the places that no line has: control characters, and bytes that are not UTF-8. A flipped bit makes a few of them,
// a lost sector hundreds.
func strange(raw []byte) int {
	n := 0
	for len(raw) > 0 {
		r, width := utf8.DecodeRune(raw)
		if r < ' ' || r == utf8.RuneError && width == 1 {
			n++
		}
		raw = raw[width:]
	}
	return n
}

// text says what was found, in a sentence or two.
func (r *reading) text() string {
	var b strings.Builder
	total := r.lost + r.leftOut + len(r.records)
	switch {
	case r.lost == 0 && r.leftOut == 0:
		return "a line break of this journal was damaged; no line was lost"
	case r.lost > 0:
		fmt.Fprintf(&b, "%d of the %d lines of this journal could not be read (%s)", r.lost, total, r.lostKinds())
	}
	if r.leftOut > 0 {
		fmt.Fprintf(&b, "; %d behind them are not used, since the upload that they belong to is uncertain", r.leftOut)
	}
	b.WriteString("; what is missing is asked of the server")
	return b.String()
}

// lostKinds is "2 part, 1 illegible".
func (r *reading) lostKinds() string {
	var list []string
	for _, kind := range slices.Sorted(maps.Keys(r.kinds)) {
		name := kind
		if name == "" {
			name = "illegible"
		}
		list = append(list, fmt.Sprintf("%d %s", r.kinds[kind], name))
	}
	return strings.Join(list, ", ")
}

// headlessText says what is known of a journal that has lost its intent.
func (r *reading) headlessText() string {
	if r.size == 0 {
		return "this journal is empty, as after a power failure: its file is no longer in the queue, add it again"
	}
	text := "the first line of this journal, which says what is sent where, could not be read: its file is no longer in the queue, add it again"
	if r.uploadID != "" {
		text += fmt.Sprintf("; the upload in the bucket may be %q", r.uploadID)
		if r.key != "" {
			text += fmt.Sprintf(" of %q", r.key)
		}
		text += ", which can be adopted or aborted"
	}
	return text
}
