package transfer

import (
	"context"
	"hash/crc64"
	"io"
	"time"

	"golang.org/x/time/rate"
)

// partBody is the body of one try: a range of the file that counts its bytes and keeps to the bandwidth limit.
// It is made anew for every try, so no two tries share a reading position.
type partBody struct {
	file    *io.SectionReader
	ctx     context.Context // of the try: ends a wait for the limit
	job     *job
	flight  *flight
	limiter *rate.Limiter
	withCRC bool
	crc64   uint64
}

// limitedRead is the most that is read at once under a bandwidth limit, so that a slow limit still gives a smooth stream.
const limitedRead = 16 << 10

// Read is called by the transport's goroutine for every 32 KiB or more; it must cost nothing beside the copy.
func (b *partBody) Read(p []byte) (int, error) {
	if limit := b.limiter.Limit(); limit != rate.Inf {
		p = p[:min(len(p), limitedRead)]
		if err := b.limiter.WaitN(b.ctx, len(p)); err != nil {
			return 0, err
		}
	}
	n, err := b.file.Read(p)
	if n > 0 {
		b.flight.sent.Add(int64(n))
		b.job.bytesRun.Add(int64(n))
		b.job.lastByte.Store(time.Now().UnixNano())
		if b.withCRC {
			b.crc64 = crc64.Update(b.crc64, crcTable(), p[:n])
		}
	}
	return n, err
}
