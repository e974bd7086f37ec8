package transfer_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"partway/model"
	"partway/ossapi"
	"partway/ossapi/emulator"
	"partway/transfer"
)

// restless lists uploads in pages of two while others come and go: rows move across page borders, and every other page fails
// once.
type restless struct {
	transfer.Store
	asked int
}

func (s *restless) ListUploads(_ context.Context, r ossapi.ListUploadsRequest) iter.Seq2[ossapi.UploadsPage, error] {
	return func(yield func(ossapi.UploadsPage, error) bool) {
		for from := int(len(r.KeyMarker)); ; from++ {
			if s.asked++; s.asked%3 == 2 {
				yield(ossapi.UploadsPage{}, refusal(ossapi.KindTemporary, 500, "InternalError"))
				return
			}
			page := ossapi.UploadsPage{Truncated: from < 6, NextKeyMarker: fmt.Sprintf("%0*d", from+1, 0), NextUploadIDMarker: "x"}
			for _, n := range []int{from, from + 1} { // each page repeats the last row of the one before
				page.Uploads = append(page.Uploads, ossapi.ListedUpload{Key: fmt.Sprint("k", n), UploadID: fmt.Sprint("U", n)})
			}
			if !yield(page, nil) || !page.Truncated {
				return
			}
		}
	}
}

func TestListingThatShiftsGivesEachUploadOnce(t *testing.T) {
	seen := map[string]int{}
	for page, err := range transfer.ListUploads(t.Context(), &restless{}, ossapi.ListUploadsRequest{Bucket: bucket}, quick()) {
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Uploads {
			seen[u.UploadID]++
		}
	}
	if len(seen) != 8 {
		t.Errorf("%d uploads, want 8: %v", len(seen), seen)
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("%s was given %d times", id, times)
		}
	}
}

// A listing that is left early asks for no more.
func TestListingCanBeLeft(t *testing.T) {
	s := &restless{}
	for range transfer.ListUploads(t.Context(), s, ossapi.ListUploadsRequest{Bucket: bucket}, quick()) {
		break
	}
	if s.asked != 1 {
		t.Errorf("%d pages were asked for", s.asked)
	}
}

// Pages that do not go on end with an error, not never.
func TestListingThatRepeatsItsMarkerEnds(t *testing.T) {
	w := newWorld(t)
	id := w.plant(emulator.Seed{Bucket: bucket, Key: "k", Parts: []emulator.SeedPart{{Number: 1, Size: 1}}})
	w.server.SetFaults(1, emulator.Fault{Op: emulator.OpListUploads, Times: -1, Effect: emulator.RepeatMarker{}},
		emulator.Fault{Op: emulator.OpListParts, Times: -1, Effect: emulator.RepeatMarker{}})
	policy := quick()
	policy.ParkAfter = 100 * time.Millisecond
	last := error(nil)
	for _, err := range transfer.ListUploads(t.Context(), w.client, ossapi.ListUploadsRequest{Bucket: bucket}, policy) {
		last = err
	}
	if ossapi.KindOf(last) != ossapi.KindOddAnswer {
		t.Errorf("uploads: %v", last)
	}
	if _, err := transfer.ListParts(t.Context(), w.client, model.Ref{Bucket: bucket, Key: "k", UploadID: id}, policy); ossapi.KindOf(err) != ossapi.KindOddAnswer {
		t.Errorf("parts: %v", err)
	}
}

// A long list of parts whose pages fail on the way is read once, in order.
func TestPartsListedAcrossFailures(t *testing.T) {
	w := newWorld(t)
	seed := emulator.Seed{Bucket: bucket, Key: "k"}
	for n := 1; n <= 2500; n++ {
		seed.Parts = append(seed.Parts, emulator.SeedPart{Number: 4 * n, Size: int64(n)})
	}
	ref := model.Ref{Bucket: bucket, Key: "k", UploadID: w.plant(seed)}
	w.server.SetFaults(1, emulator.Fault{Op: emulator.OpListParts, Times: -1, Probability: 0.5, Effect: emulator.Answer{}})
	list, err := transfer.ListParts(t.Context(), w.client, ref, quick())
	if err != nil || len(list.Parts) != 2500 || list.Bytes() != 2500*2501/2 {
		t.Fatalf("%d parts of %d bytes, %v", len(list.Parts), list.Bytes(), err)
	}
	for i, p := range list.Parts {
		if p.Number != 4*(i+1) {
			t.Fatalf("part %d at %d", p.Number, i)
		}
	}
}
