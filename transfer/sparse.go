package transfer

import (
	"cmp"
	"context"
	"hash/crc64"
	"io"

	"partway/model"
)

// A sparse file has holes: ranges that hold no data and read as zeros. Images of disks are mostly holes. They cannot be left out, since
// an object has none, but nobody has to read them to know their sum, and parts that lie in a hole and have one size have one sum.

// DataFinder is a Source that knows its holes. A Source that is none is read from end to end.
type DataFinder interface {
	// NextData is the first offset from this one on that may hold data, or the size of the file when none does. A file without holes
	// gives offset back.
	NextData(offset int64) int64
}

// holes walks along a file from its low offsets to its high ones.
type holes struct {
	finder DataFinder // nil: the file has none
	data   int64      // from here on there may be data again
	asked  int64      // below this there is no use in asking again
}

// askAgain is how far a stretch of data is taken to reach before its end is asked for: a smaller hole costs less to read than to find.
const askAgain = model.MiB

func holesOf(file io.ReaderAt) holes {
	finder, _ := file.(DataFinder)
	return holes{finder: finder}
}

// end is where the hole at offset ends, or offset if there is none.
func (h *holes) end(offset int64) int64 {
	if h.finder == nil || offset < h.asked {
		return max(h.data, offset)
	}
	h.data = h.finder.NextData(offset)
	h.asked = max(h.data, offset) + askAgain
	return max(h.data, offset)
}

// zeroSums are the sums of as many zeros as a part has bytes. Each is computed once.
type zeroSums struct {
	turn chan struct{} // one computes, the others wait for what it finds
	crc  map[int64]uint64
	both map[int64]sums
}

// mostZeroSums bounds what is remembered. A file has parts of one size and a last one.
const mostZeroSums = 64

func newZeroSums() zeroSums {
	return zeroSums{turn: make(chan struct{}, 1), crc: map[int64]uint64{}, both: map[int64]sums{}}
}

// sum gives the sums of size zeros: the MD5 only where it is wanted, since it costs as much as that of any other bytes. The lane is the
// caller's.
func (z *zeroSums) sum(ctx context.Context, l lane, size int64, wantMD5 bool) (sums, error) {
	select {
	case z.turn <- struct{}{}:
		defer func() { <-z.turn }()
	case <-ctx.Done():
		return sums{}, context.Cause(ctx)
	}
	if len(z.crc) >= mostZeroSums {
		clear(z.crc)
		clear(z.both)
	}
	if _, known := z.crc[size]; !known {
		z.crc[size] = zerosCRC(size)
	}
	if found, known := z.both[size]; known || !wantMD5 {
		return cmp.Or(found, sums{crc64: z.crc[size]}), nil
	}
	clear(l.buffer)
	l.hash.Reset()
	for left := size; left > 0; {
		if ctx.Err() != nil {
			return sums{}, context.Cause(ctx)
		}
		piece := l.buffer[:min(int64(len(l.buffer)), left)]
		l.hash.Write(piece) // never fails
		left -= int64(len(piece))
	}
	z.both[size] = l.sums(z.crc[size], true)
	return z.both[size], nil
}

// zerosCRC is the CRC-64 of size zeros, without making them: of twice as many it is the sum of the half joined with itself.
func zerosCRC(size int64) uint64 {
	if size == 0 {
		return 0
	}
	half := zerosCRC(size / 2)
	var whole model.CRC64Combiner
	whole.Append(half, size/2)
	whole.Append(half, size/2)
	if size%2 == 1 {
		whole.Append(crc64.Checksum([]byte{0}, crcTable()), 1)
	}
	return whole.Sum()
}
