package state

import (
	"testing"

	"partway/model"
)

// TestLaterIntentBeginsTheJobAnew: a job whose file changed starts over in the journal it has.
func TestLaterIntentBeginsTheJobAnew(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	intent := func(size int64) *model.Intent {
		return &model.Intent{Place: model.Place{Bucket: "b"}, Key: "k", Source: model.Fingerprint{Path: "/data/\xb5\xe7", Size: size},
			Plan: model.Plan{Size: size, PartSize: model.MinPartSize}}
	}
	for _, r := range []model.Record{
		{Kind: model.RecordIntent, Intent: intent(300_000)},
		{Kind: model.RecordInitiating},
		{Kind: model.RecordInitiated, UploadID: "first"},
		{Kind: model.RecordPart, Part: &model.PartRecord{Number: 1, Size: model.MinPartSize, ETag: "x"}},
		{Kind: model.RecordIntent, Intent: intent(500_000)},
		{Kind: model.RecordInitiating},
	} {
		if err := s.Append("job", r); err != nil {
			t.Fatalf("%s: %v", r.Kind, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	jobs, damages, err := s.Load()
	if err != nil || len(jobs) != 1 || len(damages) != 0 {
		t.Fatalf("%d jobs, %v, %v", len(jobs), damages, err)
	}
	j := jobs[0]
	if j.Intent.Source.Size != 500_000 || j.UploadID != "" || len(j.Parts) != 0 || j.Phase != model.PhaseInitiating {
		t.Errorf("the job is %+v", j)
	}
	if j.Intent.Source.Path != "/data/\xb5\xe7" {
		t.Errorf("path %q", j.Intent.Source.Path)
	}
}
