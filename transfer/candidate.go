package transfer

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"

	"partway/model"
)

// ErrNoSum is returned by MatchesFirst for an upload none of whose parts has a sum to compare by.
var ErrNoSum = errors.New("the server gives no sum of the parts that could be compared with a file")

// CouldHold reports whether a file of size bytes could be what the listed parts are of: the parts have a place in it. partSize is
// as for model.DeriveLayout. It reads nothing.
func CouldHold(parts []model.Part, size, partSize int64) bool {
	if len(parts) == 0 {
		return false
	}
	layout, err := model.DeriveLayout(parts, size, partSize)
	if err != nil {
		return false
	}
	for _, p := range parts {
		if fits(layout, p) {
			return true
		}
	}
	return false
}

// fits reports whether the layout gives the part its place and size.
func fits(layout model.Layout, p model.Part) bool {
	return p.Number <= len(layout) && layout[p.Number-1].Size == p.Size
}

// MatchesFirst reads the range of one part from a file, the first that has a place in it and a sum, and reports whether it equals
// the part: the cheapest proof that the file is worth comparing whole. Parts that are known to be zeros are passed over, where there is
// another one: they begin every image of a disk.
func MatchesFirst(ctx context.Context, path string, parts []model.Part, partSize int64) (bool, error) {
	file, err := OpenFile(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	print, err := file.Fingerprint()
	if err != nil {
		return false, err
	}
	layout, err := model.DeriveLayout(parts, print.Size, partSize)
	if err != nil {
		return false, err
	}
	hasher := newHasher()
	defer hasher.close()
	p, found := telling(parts, layout)
	if !found {
		return false, ErrNoSum
	}
	got, err := hasher.sum(ctx, file, layout[p.Number-1], isMD5(p.ETag), p.HasCRC64)
	if err != nil {
		return false, err
	}
	return isMD5(p.ETag) && strings.EqualFold(hex.EncodeToString(got.md5[:]), p.ETag) || p.HasCRC64 && got.crc64 == p.CRC64, nil
}

// telling is the part that says the most about a file at the least cost: the first that can be compared and is not zeros, else the
// first that can be compared.
func telling(parts []model.Part, layout model.Layout) (chosen model.Part, found bool) {
	zeros := map[int64]uint64{} // CRC-64 by size: an upload has few sizes
	for _, p := range parts {
		if !fits(layout, p) || !hasSum(p) {
			continue
		}
		if !found {
			chosen, found = p, true
		}
		sum, known := zeros[p.Size]
		if !known {
			sum = zerosCRC(p.Size)
			zeros[p.Size] = sum
		}
		if !p.HasCRC64 || p.CRC64 != sum {
			return p, true
		}
	}
	return chosen, found
}
