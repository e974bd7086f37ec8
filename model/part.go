package model

import (
	"fmt"
	"strings"
	"time"
)

// Ref names one multipart upload. Key and UploadID are what the service said, byte for byte.
type Ref struct {
	Bucket   string `json:"bucket"`
	Key      string `json:"key"`
	UploadID string `json:"upload_id"`
}

// URL is oss://bucket/key, the way the command line writes a target. It is not escaped for a terminal.
func (r Ref) URL() string { return "oss://" + r.Bucket + "/" + r.Key }

// Part is a part as the server lists it.
type Part struct {
	Number   int       `json:"part_number"`
	Size     int64     `json:"size"`
	ETag     string    `json:"etag"` // without quotes
	CRC64    uint64    `json:"crc64,string,omitempty"`
	HasCRC64 bool      `json:"has_crc64,omitempty"`
	Modified time.Time `json:"modified"`
}

// PartList is what the server holds of one upload, ascending by part number.
type PartList struct {
	Ref          Ref       `json:"ref"`
	Parts        []Part    `json:"parts"`
	StorageClass string    `json:"storage_class,omitempty"`
	At           time.Time `json:"at"`
}

// Bytes is the number of bytes that the parts hold, which is what their owner pays for.
func (l PartList) Bytes() int64 {
	var sum int64
	for _, p := range l.Parts {
		sum += p.Size
	}
	return sum
}

// Newest is the time the youngest part arrived, or the zero time where there is none. The age of an upload's newest part, never
// that of its start, says whether somebody still sends: a slow upload can be days old and alive.
func (l PartList) Newest() time.Time {
	var newest time.Time
	for _, p := range l.Parts {
		if p.Modified.After(newest) {
			newest = p.Modified
		}
	}
	return newest
}

// Gaps lists the part numbers that are missing below the highest one. What lies behind it cannot be known.
func (l PartList) Gaps() Gaps {
	var gaps Gaps
	next := 1
	for _, p := range l.Parts {
		if p.Number > next {
			gaps = append(gaps, Gap{From: next, To: p.Number - 1})
		}
		next = p.Number + 1
	}
	return gaps
}

// Small lists the numbers of parts that Complete would refuse with EntityTooSmall: every part but the last must have at least
// MinPartSize bytes.
func (l PartList) Small() []int {
	var small []int
	for i, p := range l.Parts {
		if i < len(l.Parts)-1 && p.Size < MinPartSize {
			small = append(small, p.Number)
		}
	}
	return small
}

// Gap is a run of missing part numbers, both ends included.
type Gap struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Gaps is every run of missing part numbers of an upload, ascending.
type Gaps []Gap

// Count is the number of missing parts.
func (g Gaps) Count() int {
	n := 0
	for _, gap := range g {
		n += gap.To - gap.From + 1
	}
	return n
}

// String is "17, 204-205"; empty without gaps.
func (g Gaps) String() string {
	var b strings.Builder
	for i, gap := range g {
		if i > 0 {
			b.WriteString(", ")
		}
		if gap.From == gap.To {
			fmt.Fprint(&b, gap.From)
		} else {
			fmt.Fprintf(&b, "%d-%d", gap.From, gap.To)
		}
	}
	return b.String()
}
