package emulator

import (
	"bytes"
	"hash/crc64"
	"testing"
)

func TestCRCCombine(t *testing.T) {
	data := pattern(1, 10_000)
	whole := crc64.Checksum(data, crcTable)
	var c crcCombiner
	for _, cut := range []int{0, 1, 2, 7, 255, 256, 5000, 9999, 10_000} {
		first, second := crc64.Checksum(data[:cut], crcTable), crc64.Checksum(data[cut:], crcTable)
		for range 2 { // the second time by the remembered operator
			if got := c.combine(first, second, int64(len(data)-cut)); got != whole {
				t.Errorf("cut at %d: %x, want %x", cut, got, whole)
			}
		}
	}
}

func TestCRCZeros(t *testing.T) {
	for _, n := range []int{0, 1, 63, 64, 4096, 100_001} {
		if got, want := crcZeros(int64(n)), crc64.Checksum(make([]byte, n), crcTable); got != want {
			t.Errorf("%d zeros: %x, want %x", n, got, want)
		}
	}
}

func TestCRCOperatorsAreBounded(t *testing.T) {
	var c crcCombiner
	for n := range int64(2*maxCRCOperators + 1) {
		c.operator(n)
	}
	if len(c.operators) > maxCRCOperators {
		t.Errorf("%d operators are kept", len(c.operators))
	}
}

func FuzzCRCCombine(f *testing.F) {
	f.Add([]byte("first"), []byte("second"))
	f.Add([]byte{}, []byte{0})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		var c crcCombiner
		got := c.combine(crc64.Checksum(a, crcTable), crc64.Checksum(b, crcTable), int64(len(b)))
		if want := crc64.Checksum(bytes.Join([][]byte{a, b}, nil), crcTable); got != want {
			t.Errorf("%x, want %x", got, want)
		}
	})
}

func BenchmarkCRCCombine10000Parts(b *testing.B) {
	for b.Loop() {
		var c crcCombiner
		var sum uint64
		for i := range uint64(10_000) {
			sum = c.combine(sum, i, 16<<20)
		}
	}
}
