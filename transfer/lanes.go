package transfer

import (
	"cmp"
	"context"
	"crypto/md5"
	"fmt"
	"hash/crc64"
	"io"
	"runtime"
	"slices"
	"sync"

	md5simd "github.com/minio/md5-simd"

	"partway/model"
)

const (
	// lanesOfCore is how many MD5 sums one core computes at once: the sixteen lanes of the AVX-512 code.
	lanesOfCore = 16
	// maxCores bounds how many cores compute MD5: with eight, no disk keeps up.
	maxCores = 8
	// laneBuffer is how much of the file is read at a time for hashing: one of md5-simd's blocks, so that all lanes stay in the cache.
	laneBuffer = 32 << 10
)

// crcTable is ECMA-182, the polynomial of x-oss-hash-crc64ecma. crc64.MakeTable returns one shared, immutable table.
func crcTable() *crc64.Table { return crc64.MakeTable(crc64.ECMA) }

// hasher computes sums of ranges of files, several at once and on all cores. One MD5 takes a core 0.7 to 0.85 GB/s whatever one does;
// sixteen of different ranges in the lanes of one core take it 3 to 6 GB/s. All files share the lanes.
type hasher struct {
	servers  []md5simd.Server // each computes on a core of its own
	lanes    *gate
	zeros    zeroSums
	crcPiece int64 // bytes that one lane sums at a time where only the CRC-64 of a whole file is wanted

	mu   sync.Mutex
	rest []lane // at rest, the lowest last
}

// lane is one sum under way and the buffer it reads through. It is used again and again: the library keeps every hash it ever made
// in a table that it walks for each block, also those that were closed. Reset comes right before what it is for: the library queues it
// without waking its server, and a Write behind three of them would wait for ever.
type lane struct {
	number int
	hash   md5simd.Hasher // nil until it is used
	buffer []byte
}

func newHasher() *hasher {
	cores := min(max(runtime.GOMAXPROCS(0), 1), maxCores)
	// On one core half as many again read the file meanwhile, so that no lane runs empty.
	lanes := max(cores*lanesOfCore, lanesOfCore*3/2)
	h := &hasher{lanes: newGate(lanes), zeros: newZeroSums(), crcPiece: 64 * model.MiB}
	for range cores {
		h.servers = append(h.servers, md5simd.NewServer())
	}
	for number := range lanes {
		h.rest = append(h.rest, lane{number: lanes - 1 - number})
	}
	return h
}

// atOnce is how many sums can be under way.
func (h *hasher) atOnce() int { return h.lanes.size() }

// close ends the library's goroutines. No sum may be under way.
func (h *hasher) close() {
	for _, l := range h.rest {
		if l.hash != nil {
			l.hash.Close()
		}
	}
	for _, server := range h.servers {
		server.Close()
	}
}

// take gives out the lowest lane at rest: few sums share a core, where they cost the least, and many take all cores. The caller has
// passed the gate, so there is one.
func (h *hasher) take() lane {
	h.mu.Lock()
	l := h.rest[len(h.rest)-1]
	h.rest = h.rest[:len(h.rest)-1]
	h.mu.Unlock()
	if l.hash == nil {
		l.hash, l.buffer = h.servers[l.number/lanesOfCore%len(h.servers)].NewHash(), make([]byte, laneBuffer)
	}
	return l
}

func (h *hasher) put(l lane) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at, _ := slices.BinarySearchFunc(h.rest, l.number, func(other lane, number int) int { return cmp.Compare(number, other.number) })
	h.rest = slices.Insert(h.rest, at, l)
}

// sums are what was asked for of one range.
type sums struct {
	md5   [md5.Size]byte
	crc64 uint64
}

// sum reads the range once, and of a sparse file only where it has data. Which sums are wanted is said by the flags: CRC-64 costs more
// than a lane of MD5 and is computed only where the server's own cannot be had. The error names the range if the file is shorter or
// cannot be read.
func (h *hasher) sum(ctx context.Context, file io.ReaderAt, r model.Range, wantMD5, wantCRC bool) (sums, error) {
	if err := h.lanes.acquire(ctx); err != nil {
		return sums{}, err
	}
	defer h.lanes.release()
	l := h.take()
	defer func() { h.put(l) }()

	holes := holesOf(file)
	if r.Size > 0 && holes.end(r.Offset) >= r.End() {
		return h.zeros.sum(ctx, l, r.Size, wantMD5)
	}
	var crc uint64
	for offset := r.Offset; offset < r.End(); {
		if err := ctx.Err(); err != nil {
			return sums{}, context.Cause(ctx)
		}
		piece := l.buffer[:min(int64(len(l.buffer)), r.End()-offset)]
		if holes.end(offset) >= offset+int64(len(piece)) {
			clear(piece)
		} else if n, err := file.ReadAt(piece, offset); n < len(piece) {
			return sums{}, readError(r, offset+int64(n), err)
		}
		if wantMD5 {
			if offset == r.Offset {
				l.hash.Reset()
			}
			l.hash.Write(piece) // never fails
		}
		if wantCRC {
			crc = crc64.Update(crc, crcTable(), piece)
		}
		offset += int64(len(piece))
	}
	if wantMD5 && r.Size == 0 {
		l.hash.Reset()
	}
	return l.sums(crc, wantMD5), nil
}

func (l lane) sums(crc uint64, wantMD5 bool) (result sums) {
	result.crc64 = crc
	if wantMD5 {
		l.hash.Sum(result.md5[:0])
	}
	return result
}

// wholeCRC is the CRC-64 of the first size bytes, summed by all cores piece by piece: unlike MD5 sums, those of neighbours can be joined.
func (h *hasher) wholeCRC(ctx context.Context, file io.ReaderAt, size int64) (uint64, error) {
	pieces := make(chan chan crcOf, h.atOnce()) // in the order of the file
	ctx, cancel := context.WithCancelCause(ctx)
	var working sync.WaitGroup
	defer working.Wait()
	defer cancel(nil)
	working.Go(func() {
		defer close(pieces)
		for offset := int64(0); offset < size; offset += h.crcPiece {
			at := model.Range{Offset: offset, Size: min(h.crcPiece, size-offset)}
			one := make(chan crcOf, 1)
			select {
			case pieces <- one:
			case <-ctx.Done():
				return
			}
			working.Go(func() {
				got := crcOf{size: at.Size}
				got.err = guarded(func() error {
					sum, err := h.sum(ctx, file, at, false, true)
					got.sum = sum.crc64
					return err
				})()
				one <- got
			})
		}
	})
	var whole model.CRC64Combiner
	for one := range pieces {
		got := <-one
		if got.err != nil {
			return 0, got.err
		}
		whole.Append(got.sum, got.size)
	}
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	return whole.Sum(), nil
}

// crcOf is the sum of one piece, or why there is none.
type crcOf struct {
	sum  uint64
	size int64
	err  error
}

// shortError is a file that ended inside a range: it was truncated.
type shortError struct{ at int64 }

func (e *shortError) Error() string { return fmt.Sprintf("the file ends at byte %d", e.at) }

func readError(r model.Range, at int64, err error) error {
	if err == nil || err == io.EOF {
		return &shortError{at: at}
	}
	return fmt.Errorf("read bytes %d to %d: %w", r.Offset, r.End(), err)
}
