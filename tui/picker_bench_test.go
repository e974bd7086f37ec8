package tui

import (
	"context"
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"partway/model"
)

// manyFiles is a disk of one folder.
type manyFiles struct{ entries []FileEntry }

func (m manyFiles) ReadDir(context.Context, string, int) ([]FileEntry, bool, error) {
	return m.entries, false, nil
}
func (m manyFiles) Stat(context.Context, string) (FileEntry, error) { return FileEntry{}, nil }
func (m manyFiles) Working() string                                 { return "/data" }
func (m manyFiles) Home() string                                    { return "/home" }

func largeFolder(b *testing.B) *App {
	entries := make([]FileEntry, 50_000)
	for i := range entries {
		entries[i] = FileEntry{Name: fmt.Sprintf("frame-%05d-景.dpx", i), Size: int64(i) * model.KiB, Mode: 0o644, ModTime: time.Unix(int64(i)*60, 0)}
	}
	a, err := New(context.Background(), Options{Engine: still{crowd(20_000)}, Files: manyFiles{entries}})
	if err != nil {
		b.Fatal(err)
	}
	a.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	a.openPicker()
	p := a.picker()
	p.onFolder(a, folderMsg{number: p.reading.number, folder: "/data", entries: entries, at: a.now})
	p.settle(a)
	return a
}

// BenchmarkPickerFrame50000 is one frame of a folder of 50 000 files.
func BenchmarkPickerFrame50000(b *testing.B) {
	a := largeFolder(b)
	for b.Loop() {
		a.View()
	}
}

// BenchmarkPickerKey50000 is a step of the cursor with its frame.
func BenchmarkPickerKey50000(b *testing.B) {
	a := largeFolder(b)
	for b.Loop() {
		press(a, 'j')
		a.View()
	}
}

// BenchmarkPickerFilter50000 is a key of the filter with its frame.
func BenchmarkPickerFilter50000(b *testing.B) {
	a := largeFolder(b)
	press(a, '/')
	for b.Loop() {
		press(a, '9')
		a.View()
		a.Update(tea.KeyPressMsg{Code: tea.KeyBackspace})
	}
}
