package model

import (
	"hash/crc64"
	"math/rand/v2"
	"testing"
)

func TestCRC64CombinerEqualsDirectSum(t *testing.T) {
	table := crc64.MakeTable(crc64.ECMA)
	random := rand.New(rand.NewPCG(1, 2))
	for _, lengths := range [][]int{{}, {0}, {1}, {5, 0, 7}, {100, 100, 100, 3}, {4096, 1, 4096, 4096}, {1 << 20, 13}} {
		var whole []byte
		var combiner CRC64Combiner
		for _, n := range lengths {
			piece := make([]byte, n)
			for i := range piece {
				piece[i] = byte(random.Uint32())
			}
			whole = append(whole, piece...)
			combiner.Append(crc64.Checksum(piece, table), int64(n))
		}
		if got, want := combiner.Sum(), crc64.Checksum(whole, table); got != want {
			t.Errorf("lengths %v: combined %x, direct %x", lengths, got, want)
		}
	}
}

func FuzzCRC64Combiner(f *testing.F) {
	f.Add([]byte("hello, world"), uint16(5))
	f.Fuzz(func(t *testing.T, data []byte, cut uint16) {
		table := crc64.MakeTable(crc64.ECMA)
		at := int(cut) % (len(data) + 1)
		var combiner CRC64Combiner
		combiner.Append(crc64.Checksum(data[:at], table), int64(at))
		combiner.Append(crc64.Checksum(data[at:], table), int64(len(data)-at))
		if got, want := combiner.Sum(), crc64.Checksum(data, table); got != want {
			t.Fatalf("cut at %d of %d: combined %x, direct %x", at, len(data), got, want)
		}
	})
}

// BenchmarkCRC64Combine10000 is the check of a full upload: 10 000 parts of one size.
func BenchmarkCRC64Combine10000(b *testing.B) {
	for b.Loop() {
		var combiner CRC64Combiner
		for n := range uint64(10_000) {
			combiner.Append(n*0x9E3779B97F4A7C15, 16<<20)
		}
	}
}
