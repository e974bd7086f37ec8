package model

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// recordTime gives the n-th record of a test its time.
func recordTime(n int) time.Time { return time.Date(2026, 11, 23, 12, 0, n, 0, time.UTC) }

// recorded numbers the times of records, behind an intent.
func recorded(records ...Record) []Record {
	all := append([]Record{{V: JournalVersion, Kind: RecordIntent, Intent: &Intent{Place: Place{Bucket: "bucket"}, Key: "key", Plan: Plan{Size: 3 * MiB, PartSize: MiB}}}}, records...)
	for i := range all {
		all[i].At = recordTime(i)
	}
	return all
}

func initiated(id string) Record { return Record{Kind: RecordInitiated, UploadID: id} }

func partRecord(n int, etag string) Record {
	return Record{Kind: RecordPart, Part: &PartRecord{Number: n, Offset: int64(n-1) * MiB, Size: MiB, ETag: etag}}
}

func TestReplay(t *testing.T) {
	problem := &Problem{Class: ProblemDenied, What: "upload part 1"}
	kind := func(k RecordKind) Record { return Record{Kind: k} }
	parked := Record{Kind: RecordParked, Problem: problem}
	for _, test := range []struct {
		name       string
		records    []Record
		phase      Phase
		upload     string
		parts      string // number:etag, ascending
		paused     bool
		parked     bool
		completing int // index of the record; 0: never
	}{
		{name: "queued", records: recorded(), phase: PhaseIntended},
		{name: "initiating", records: recorded(kind(RecordInitiating)), phase: PhaseInitiating},
		{name: "initiated", records: recorded(kind(RecordInitiating), initiated("A")), phase: PhaseInitiated, upload: "A"},
		{name: "parts in any order", records: recorded(initiated("A"), partRecord(3, "c"), partRecord(1, "a")), phase: PhaseInitiated, upload: "A", parts: "1:a 3:c"},
		{name: "part sent twice", records: recorded(initiated("A"), partRecord(1, "a"), partRecord(1, "b")), phase: PhaseInitiated, upload: "A", parts: "1:b"},
		{name: "paused", records: recorded(initiated("A"), kind(RecordPaused)), phase: PhaseInitiated, upload: "A", paused: true},
		{name: "parked", records: recorded(initiated("A"), parked), phase: PhaseInitiated, upload: "A", parked: true},
		{name: "paused, parked, resumed", records: recorded(kind(RecordPaused), parked, kind(RecordResumed)), phase: PhaseIntended},
		{name: "resumed and paused again", records: recorded(kind(RecordPaused), kind(RecordResumed), kind(RecordPaused)), phase: PhaseIntended, paused: true},
		{name: "completing", records: recorded(initiated("A"), partRecord(1, "a"), kind(RecordCompleting)), phase: PhaseCompleting, upload: "A", parts: "1:a", completing: 3},
		{name: "completing twice", records: recorded(initiated("A"), kind(RecordCompleting), kind(RecordCompleting)), phase: PhaseCompleting, upload: "A", completing: 3},
		{name: "part after completing", records: recorded(initiated("A"), kind(RecordCompleting), partRecord(2, "b")), phase: PhaseCompleting, upload: "A", parts: "2:b", completing: 2},
		{name: "aborting", records: recorded(initiated("A"), partRecord(1, "a"), kind(RecordAborting)), phase: PhaseAborting, upload: "A", parts: "1:a"},
		{name: "a part that came in while aborting", records: recorded(initiated("A"), kind(RecordAborting), partRecord(1, "a")), phase: PhaseAborting, upload: "A", parts: "1:a"},
		{name: "started over: the old parts are not in the new upload", records: recorded(initiated("A"), partRecord(1, "a"), kind(RecordCompleting), kind(RecordInitiating), initiated("B"), partRecord(2, "b")),
			phase: PhaseInitiated, upload: "B", parts: "2:b"},
		{name: "the same id again keeps the parts", records: recorded(initiated("A"), partRecord(1, "a"), initiated("A")), phase: PhaseInitiated, upload: "A", parts: "1:a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			job, err := Replay("job", test.records)
			if err != nil {
				t.Fatal(err)
			}
			var parts []string
			for _, n := range slices.Sorted(maps.Keys(job.Parts)) {
				parts = append(parts, fmt.Sprintf("%d:%s", n, job.Parts[n].ETag))
			}
			if job.Phase != test.phase || job.UploadID != test.upload || strings.Join(parts, " ") != test.parts || job.Paused != test.paused || (job.Problem != nil) != test.parked {
				t.Errorf("got phase %s, upload %q, parts %v, paused %v, problem %v", job.Phase, job.UploadID, parts, job.Paused, job.Problem)
			}
			var completing time.Time
			if test.completing > 0 {
				completing = recordTime(test.completing)
			}
			if !job.CompletingAt.Equal(completing) {
				t.Errorf("completing at %v, want %v", job.CompletingAt, completing)
			}
			if !job.Begun.Equal(recordTime(0)) || !job.Touched.Equal(recordTime(len(test.records)-1)) || job.ID != "job" || job.ReadOnly {
				t.Errorf("begun %v, touched %v, id %q, read-only %v", job.Begun, job.Touched, job.ID, job.ReadOnly)
			}
			if want := (Ref{Bucket: "bucket", Key: "key", UploadID: test.upload}); job.Ref() != want {
				t.Errorf("ref %v, want %v", job.Ref(), want)
			}
		})
	}
}

func TestReplayOfAdoptedAndPausedIntents(t *testing.T) {
	records := recorded(partRecord(1, "a"))
	records[0].Intent.Adopted, records[0].Intent.Send.Paused = "A", true
	job, err := Replay("job", records)
	if err != nil || job.UploadID != "A" || job.Phase != PhaseInitiated || !job.Paused || len(job.Parts) != 1 {
		t.Errorf("got %+v, %v", job, err)
	}
}

func TestReplayStartsOverAtASecondIntent(t *testing.T) {
	parked := Record{Kind: RecordParked, Problem: &Problem{What: "the file changed"}}
	before := []Record{initiated("A"), partRecord(1, "a"), {Kind: RecordPaused}, parked, {Kind: RecordCompleting}}
	for _, test := range []struct {
		again  Intent
		phase  Phase
		upload string
	}{
		{Intent{Key: "new"}, PhaseIntended, ""},
		{Intent{Key: "new", Adopted: "A"}, PhaseInitiated, "A"},
		{Intent{Key: "new", Send: SendOptions{Paused: true}}, PhaseIntended, ""},
	} {
		records := recorded(append(before, Record{Kind: RecordIntent, Intent: &test.again})...)
		job, err := Replay("job", records)
		if err != nil {
			t.Fatal(err)
		}
		if job.Intent.Key != "new" || job.Phase != test.phase || job.UploadID != test.upload || len(job.Parts) != 0 || job.Problem != nil ||
			!job.CompletingAt.IsZero() || job.Paused != test.again.Send.Paused || !job.Begun.Equal(recordTime(0)) {
			t.Errorf("%+v leaves of the first start: %+v", test.again, job)
		}
	}
}

func TestReplayRefusesWhatItCannotMakeSenseOf(t *testing.T) {
	part := func(p *PartRecord) []Record { return recorded(initiated("A"), Record{Kind: RecordPart, Part: p}) }
	for name, test := range map[string]struct {
		records []Record
		want    string
	}{
		"nothing":             {nil, "begin with an intent"},
		"no intent first":     {[]Record{initiated("A")}, "begin with an intent"},
		"empty intent":        {[]Record{{Kind: RecordIntent}}, "begin with an intent"},
		"second intent empty": {recorded(Record{Kind: RecordIntent}), "record 2: intent without its content"},
		"initiated, no id":    {recorded(initiated("")), "record 2: initiated without an upload id"},
		"part without a part": {part(nil), "record 3"},
		"part 0":              {part(&PartRecord{Number: 0, Size: 1}), "record 3"},
		"part -1":             {part(&PartRecord{Number: -1, Size: 1}), "record 3"},
		"part 10 001":         {part(&PartRecord{Number: MaxPartNumber + 1, Size: 1}), "record 3"},
		"negative size":       {part(&PartRecord{Number: 1, Size: -1}), "record 3"},
		"negative offset":     {part(&PartRecord{Number: 1, Size: 1, Offset: -1}), "record 3"},
		"unknown kind":        {recorded(Record{Kind: "teleported"}), `record 2: unknown kind "teleported"`},
		"no kind":             {recorded(Record{}), `unknown kind ""`},
	} {
		if job, err := Replay("job-1", test.records); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "job-1") {
			t.Errorf("%s: got %+v, error %v; want %q", name, job, err, test.want)
		}
	}
}

func TestReplayReadsANewerJournalAsFarAsItCan(t *testing.T) {
	records := recorded(initiated("A"), Record{Kind: "teleported"}, partRecord(1, "a"))
	records[0].V = JournalVersion + 1
	job, err := Replay("job", records)
	if err != nil || !job.ReadOnly || job.UploadID != "A" || len(job.Parts) != 1 {
		t.Errorf("got %+v, %v", job, err)
	}
}

// FuzzReplay folds records in every order: no panic, and whatever comes out is made of what went in.
func FuzzReplay(f *testing.F) {
	kinds := []RecordKind{RecordIntent, RecordInitiating, RecordInitiated, RecordPart, RecordPaused, RecordParked, RecordResumed, RecordCompleting, RecordAborting, "teleported"}
	f.Add([]byte{1, 2, 3, 3, 4, 6, 7, 8}, 1)
	f.Add([]byte{9, 0, 2, 1}, 2)
	f.Fuzz(func(t *testing.T, order []byte, version int) {
		records := recorded()
		records[0].V = version
		for _, b := range order {
			r := Record{Kind: kinds[int(b)%len(kinds)], At: recordTime(len(records))}
			switch r.Kind {
			case RecordInitiated:
				r.UploadID = string('A' + rune(b)%3)
			case RecordPart:
				r.Part = &PartRecord{Number: int(b) - 10, Size: int64(b)}
			}
			records = append(records, r)
		}
		job, err := Replay("job", records)
		if err != nil {
			return
		}
		if job.ReadOnly != (version > JournalVersion) || !job.Touched.Equal(records[len(records)-1].At) {
			t.Errorf("read-only %v of version %d, touched %v", job.ReadOnly, version, job.Touched)
		}
		for n, p := range job.Parts {
			if n != p.Number || n < 1 || n > MaxPartNumber {
				t.Errorf("part %d is filed under %d", p.Number, n)
			}
		}
		if job.Phase == PhaseCompleting && job.CompletingAt.IsZero() {
			t.Error("completing, and nobody knows since when")
		}
	})
}

func TestRecordDurable(t *testing.T) {
	for kind, want := range map[RecordKind]bool{
		RecordIntent: false, RecordPart: false, RecordInitiating: true, RecordInitiated: true, RecordPaused: true,
		RecordParked: true, RecordResumed: true, RecordCompleting: true, RecordAborting: true, "teleported": true,
	} {
		if got := (Record{Kind: kind}).Durable(); got != want {
			t.Errorf("%s: durable %v, want %v", kind, got, want)
		}
	}
}

func TestIntentRanges(t *testing.T) {
	intent := Intent{Plan: Plan{Size: 3, PartSize: 2}}
	if got, want := intent.Ranges(), (Layout{{0, 2}, {2, 1}}); !slices.Equal(got, want) {
		t.Errorf("of the plan: %v, want %v", got, want)
	}
	intent.Layout = Layout{{0, 1}, {1, 2}}
	if got := intent.Ranges(); !slices.Equal(got, intent.Layout) {
		t.Errorf("of the layout: %v, want %v", got, intent.Layout)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	owned := &OwnedError{Job: "job", Owner: Owner{PID: 7, Host: "nas"}}
	if got := owned.Error(); !strings.Contains(got, "process 7 on nas") {
		t.Errorf("%q does not name the owner", got)
	}
	for _, test := range []struct {
		problem Problem
		want    string
	}{{Problem{What: "part 7"}, "part 7"}, {Problem{What: "part 7", Why: "the network is down"}, "part 7: the network is down"}} {
		if got := test.problem.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestFingerprintKeepsEveryByteOfItsPath(t *testing.T) {
	for _, path := range []string{"/data/a", "/data/\xb5\xe7\xd3\xb0.mov", "/data/电影.mov", "/\xff\xfe"} {
		in := Fingerprint{Path: path, Device: 1, Inode: 1 << 63, Size: 7, ModTime: time.Unix(5, 123456789).UTC()}
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		var out Fingerprint
		if err := json.Unmarshal(text, &out); err != nil {
			t.Fatal(err)
		}
		if out != in {
			t.Errorf("%+v came back as %+v", in, out)
		}
	}
}
