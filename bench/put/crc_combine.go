package main

import (
	"context"
	"fmt"
	"hash/crc64"
	"slices"
	"time"

	"partway/bench/rig"
	"partway/model"
)

// combine shows that the proof of a whole object of 10 000 parts costs nothing to speak of. It is pure arithmetic, so it runs here.
func (b *bench) combine(context.Context) ([]rig.Goal, error) {
	const parts, length = 10_000, partSize
	sum := crc64.Checksum([]byte("a part"), crc64.MakeTable(crc64.ECMA))
	var times []time.Duration
	var whole uint64
	for range b.runs {
		begun := time.Now()
		var combiner model.CRC64Combiner
		for range parts {
			combiner.Append(sum, length)
		}
		whole = combiner.Sum()
		times = append(times, time.Since(begun))
	}
	slices.Sort(times)
	median := times[(len(times)-1)/2]
	if _, err := fmt.Fprintf(b.out, "%.2f ms (%.2f-%.2f), the sum is %d.\n\n", ms(median), ms(times[0]), ms(times[len(times)-1]), whole); err != nil {
		return nil, err
	}
	return []rig.Goal{{Text: "10 000 CRC combines: <= 5 ms", Value: ms(median), Limit: 5, Unit: "ms"}}, nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
