package transfer_test

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"partway/model"
	"partway/transfer"
)

// TestCandidates decides by sizes first and by the bytes of one part then.
func TestCandidates(t *testing.T) {
	const part = model.MinPartSize
	data := content(5*int(part)+7, 1)
	listed := func(n int, at, size int64, sums string) model.Part {
		p := model.Part{Number: n, Size: size, ETag: "-"}
		if sums == "md5" {
			p.ETag = fmt.Sprintf("%X", md5.Sum(data[at:at+size]))
		}
		if sums == "crc" {
			p.CRC64, p.HasCRC64 = crcOf(data[at:at+size]), true
		}
		return p
	}
	w := newWorld(t)
	same, other, short := w.file("same", len(data), 1), w.file("other", len(data), 2), w.file("short", int(part), 1)
	for name, test := range map[string]struct {
		parts []model.Part
		err   error
	}{
		"by MD5":                   {parts: []model.Part{listed(2, part, part, "md5"), listed(3, 2*part, part, "md5")}},
		"by CRC-64":                {parts: []model.Part{listed(1, 0, part, "crc"), listed(4, 3*part, part, "crc")}},
		"the first without a sum":  {parts: []model.Part{listed(1, 0, part, ""), listed(2, part, part, "md5")}},
		"the tail alone behind it": {parts: []model.Part{listed(1, 0, part, ""), listed(6, 5*part, 7, "crc")}},
		"no sum at all":            {parts: []model.Part{listed(1, 0, part, ""), listed(2, part, part, "")}, err: transfer.ErrNoSum},
		"an MD5 that is none": {parts: []model.Part{{Number: 1, Size: part, ETag: "00000000000000000000000000000000", HasCRC64: true, CRC64: crcOf(data[:part])},
			listed(2, part, part, "")}},
	} {
		if !transfer.CouldHold(test.parts, int64(len(data)), 0) || transfer.CouldHold(test.parts, part-1, 0) || transfer.CouldHold(nil, int64(len(data)), 0) {
			t.Errorf("%s: the sizes are judged wrong", name)
		}
		for path, want := range map[string]bool{same: true, other: false} {
			if got, err := transfer.MatchesFirst(context.Background(), path, test.parts, 0); got != (want && test.err == nil) || !errors.Is(err, test.err) {
				t.Errorf("%s: %s matches: %v, %v", name, path, got, err)
			}
		}
	}
	parts := []model.Part{listed(2, part, part, "md5"), listed(3, 2*part, part, "md5")}
	if got, err := transfer.MatchesFirst(context.Background(), short, parts, 0); got || !errors.Is(err, model.ErrLayoutUnknown) {
		t.Errorf("a file too short matches: %v, %v", got, err)
	}
	if got, err := transfer.MatchesFirst(context.Background(), same+"gone", parts, 0); got || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there matches: %v, %v", got, err)
	}
	ended, end := context.WithCancel(context.Background())
	end()
	if got, err := transfer.MatchesFirst(ended, same, parts, 0); got || !errors.Is(err, context.Canceled) {
		t.Errorf("a search that has ended goes on: %v, %v", got, err)
	}
}

// Images of disks begin with zeros, all alike: a part that is none decides, as far as one is listed.
func TestCandidatesAreNotToldByZeros(t *testing.T) {
	const part = int(model.MinPartSize)
	image := func(seed uint64) []byte { return append(make([]byte, 2*part), content(part, seed)...) }
	listed := func(data []byte, numbers ...int) (parts []model.Part) {
		for _, n := range numbers {
			piece := data[(n-1)*part : n*part]
			parts = append(parts, model.Part{Number: n, Size: model.MinPartSize, ETag: fmt.Sprintf("%X", md5.Sum(piece)), CRC64: crcOf(piece), HasCRC64: true})
		}
		return parts
	}
	mine, other := image(1), image(2)
	for _, test := range []struct {
		numbers []int
		file    []byte
		want    bool
	}{
		{[]int{1, 2, 3}, mine, true}, {[]int{1, 2, 3}, other, false}, {[]int{1, 2}, other, true}, // nothing else to tell by
	} {
		path := filepath.Join(t.TempDir(), "image")
		if err := os.WriteFile(path, test.file, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := transfer.MatchesFirst(t.Context(), path, listed(mine, test.numbers...), model.MinPartSize); got != test.want || err != nil {
			t.Errorf("parts %v: %v, want %v, %v", test.numbers, got, test.want, err)
		}
	}
}
