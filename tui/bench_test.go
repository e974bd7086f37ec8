package tui

import (
	"context"
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
)

// still is an engine of one snapshot, for benchmarks.
type still struct{ snap *model.Snapshot }

func (s still) Snapshot() *model.Snapshot               { return s.snap }
func (s still) Changed() <-chan struct{}                { return nil }
func (s still) Do(context.Context, model.Command) error { return nil }
func (s still) Parts(context.Context, model.Place, model.Ref) (model.PartList, error) {
	return model.PartList{}, nil
}

func crowd(n int) *model.Snapshot {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	s := &model.Snapshot{Seq: 1, At: now}
	s.Bucket = model.BucketView{Version: 1, State: model.ListWhole, Measured: n, Place: model.Place{Bucket: "backup-prod"}, Uploads: make([]model.Leftover, n)}
	for i := range s.Bucket.Uploads {
		at := now.Add(-time.Duration(i%300) * 24 * time.Hour)
		s.Bucket.Uploads[i] = model.Leftover{Ref: model.Ref{Bucket: "backup-prod", Key: fmt.Sprintf("archive/%05d/Backup-%03d.tar", i, i%7), UploadID: fmt.Sprintf("ID%08d", i)},
			Initiated: at, LastPart: at, Measured: true, Parts: 1 + i%1000, Held: int64(i%1000) * model.MiB}
	}
	return s
}

func crowded(b *testing.B, n int) *App {
	a, err := New(context.Background(), Options{Engine: still{crowd(n)}})
	if err != nil {
		b.Fatal(err)
	}
	a.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	return a
}

func press(a *App, keys ...rune) {
	for _, k := range keys {
		a.Update(tea.KeyPressMsg{Code: k, Text: string(k)})
	}
}

// BenchmarkFrame20000 is one frame of a bucket with 20 000 leftovers.
func BenchmarkFrame20000(b *testing.B) {
	a := crowded(b, 20_000)
	press(a, '3')
	for b.Loop() {
		a.View()
	}
}

// BenchmarkFilterKey20000 is one key of a filter over 20 000 leftovers, with its frame.
func BenchmarkFilterKey20000(b *testing.B) {
	a := crowded(b, 20_000)
	press(a, '3', '/')
	keys := []rune("backup-00")
	for i := 0; b.Loop(); i++ {
		if i%len(keys) == 0 {
			a.Update(tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl})
		}
		press(a, keys[i%len(keys)])
		a.View()
	}
}

// BenchmarkKey20000 is one step of the cursor in 20 000 leftovers, with its frame.
func BenchmarkKey20000(b *testing.B) {
	a := crowded(b, 20_000)
	press(a, '3')
	for b.Loop() {
		press(a, 'j')
		a.View()
	}
}

// BenchmarkSnapshot20000 is a new snapshot whose leftovers are the same as before.
func BenchmarkSnapshot20000(b *testing.B) {
	a := crowded(b, 20_000)
	seq := uint64(1)
	for b.Loop() {
		seq++
		s := *a.snap
		s.Seq = seq
		a.Update(snapshotMsg{&s, s.At})
		a.View()
	}
}

// BenchmarkRelist20000 is a new snapshot with another listing.
func BenchmarkRelist20000(b *testing.B) {
	a := crowded(b, 20_000)
	version := uint64(1)
	for b.Loop() {
		version++
		s := *a.snap
		s.Seq, s.Bucket.Version = version, version
		a.Update(snapshotMsg{&s, s.At})
		a.View()
	}
}

// BenchmarkPartMap10000 is a frame of an upload of 10 000 parts.
func BenchmarkPartMap10000(b *testing.B) {
	s := crowd(10)
	job := model.Job{ID: "j", Ref: model.Ref{Bucket: "b", Key: "k", UploadID: "u"}, Status: model.StatusUploading, PartSize: model.MiB, Parts: 10_000, PartsDone: 5000,
		Source: model.Fingerprint{Size: 10_000 * model.MiB}, Done: model.NewBitmap(10_000)}
	for n := 1; n <= 5000; n++ {
		job.Done.Set(n)
	}
	s.Jobs = []model.Job{job}
	a, err := New(context.Background(), Options{Engine: still{s}})
	if err != nil {
		b.Fatal(err)
	}
	a.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	a.Update(tea.KeyPressMsg{Code: tea.KeyEnter})
	for b.Loop() {
		a.View()
	}
}
