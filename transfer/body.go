package transfer

import (
	"context"
	"hash/crc64"
	"io"
	"time"
)

// partBody is the body of one try: a range of the file that counts its bytes and keeps to the bandwidth limit.
// It is made anew for every try, so no two tries share a reading position.
type partBody struct {
	file      *io.SectionReader
	ctx       context.Context // of the try: ends a wait for the limit
	job       *job
	flight    *flight
	bandwidth *bandwidth
	withCRC   bool
	crc64     uint64
}

// Read is called by the transport's goroutine for every 32 KiB or more; it must cost nothing beside the copy.
func (b *partBody) Read(p []byte) (int, error) {
	if b.bandwidth.limited.Load() {
		// No more is asked for than is left, or the end of every part would be paid for twice.
		p = p[:min(int64(len(p)), limitedRead, b.file.Size()-b.flight.sent.Load())]
		if err := b.bandwidth.wait(b.ctx, len(p)); err != nil {
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
