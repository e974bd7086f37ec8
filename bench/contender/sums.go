package contender

import (
	"context"
	"crypto/md5"
	"fmt"
	"hash"
	"io"
	"os"
	"runtime"
	"sync/atomic"

	md5simd "github.com/minio/md5-simd"
	"golang.org/x/sync/errgroup"
)

// Sums computes the MD5 of every part of a file on all cores and does nothing else: what comparing a file with an upload costs at
// least.
type Sums struct {
	Path     string // of the file
	PartSize int64  // bytes
	Lanes    bool   // sixteen parts at once on each core with md5-simd; else one part a core with crypto/md5
}

const (
	lanesOfCore = 16
	sumBuffer   = 32 << 10 // as much as md5-simd takes at once
)

// Run does it once.
func (s Sums) Run(ctx context.Context) error {
	file, err := os.Open(s.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	var next atomic.Int64
	workers, working := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		if !s.Lanes {
			workers.Go(func() error { return s.sum(working, file, info.Size(), &next, md5.New()) })
			continue
		}
		server := md5simd.NewServer()
		defer server.Close()
		for range lanesOfCore {
			lane := server.NewHash()
			defer lane.Close()
			workers.Go(func() error { return s.sum(working, file, info.Size(), &next, lane) })
		}
	}
	return workers.Wait()
}

// sum takes one part after the other until there are none.
func (s Sums) sum(ctx context.Context, file io.ReaderAt, size int64, next *atomic.Int64, digest hash.Hash) error {
	buffer := make([]byte, sumBuffer)
	for ctx.Err() == nil {
		offset := (next.Add(1) - 1) * s.PartSize
		if offset >= size {
			return nil
		}
		digest.Reset()
		if _, err := io.CopyBuffer(onlyWriter{digest}, io.NewSectionReader(file, offset, min(s.PartSize, size-offset)), buffer); err != nil {
			return err
		}
		if len(digest.Sum(nil)) != md5.Size {
			return fmt.Errorf("no sum of the part at %d", offset)
		}
	}
	return ctx.Err()
}

// onlyWriter hides everything but Write, so that the copy goes through the buffer.
type onlyWriter struct{ io.Writer }
