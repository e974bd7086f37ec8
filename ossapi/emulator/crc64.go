package emulator

import (
	"hash/crc64"
	"math/bits"
	"strconv"
	"sync"
)

// crcTable is the ECMA-182 polynomial in reflected form, the one behind x-oss-hash-crc64ecma. It is never written.
var crcTable = crc64.MakeTable(crc64.ECMA)

// The polynomials below are reflected like crc64.ECMA: the highest bit is the coefficient of x^0.
const (
	polynomialOne = uint64(1) << 63 // x^0
	polynomialX   = uint64(1) << 62 // x^1
)

// crcMultiply multiplies two polynomials modulo the ECMA polynomial.
func crcMultiply(a, b uint64) uint64 {
	var product uint64
	for a != 0 {
		shift := bits.LeadingZeros64(a)
		// b is moved up to the place of a's next coefficient, reduced step by step.
		for range shift {
			b = crcTimesX(b)
		}
		product ^= b
		a = a << shift &^ polynomialOne
	}
	return product
}

func crcTimesX(p uint64) uint64 {
	if p&1 != 0 {
		return p>>1 ^ crc64.ECMA
	}
	return p >> 1
}

// crcShift returns x^(8n): the operator which moves a checksum past n more bytes.
func crcShift(n int64) uint64 {
	result, square := polynomialOne, polynomialX
	for e := uint64(n) << 3; e != 0; e >>= 1 {
		if e&1 != 0 {
			result = crcMultiply(result, square)
		}
		square = crcMultiply(square, square)
	}
	return result
}

// crcZeros returns the checksum of n zero bytes without touching n bytes.
func crcZeros(n int64) uint64 {
	return ^crcMultiply(crcShift(n), ^uint64(0))
}

// crcCombiner joins the checksums of adjacent ranges. It remembers the operator of each length it met (nearly all parts of an
// upload have one size), which brings a join from tens of multiplications down to one. The zero value is ready; safe for
// concurrent use.
type crcCombiner struct {
	mu        sync.Mutex
	operators map[int64]uint64
}

// maxCRCOperators bounds the memory a client can claim by sending parts of ever new sizes.
const maxCRCOperators = 4096

// combine returns the checksum of a range with checksum first, followed by length bytes with checksum second.
func (c *crcCombiner) combine(first, second uint64, length int64) uint64 {
	return crcMultiply(c.operator(length), first) ^ second
}

func (c *crcCombiner) operator(length int64) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	op, known := c.operators[length]
	if known {
		return op
	}
	if c.operators == nil || len(c.operators) >= maxCRCOperators {
		c.operators = make(map[int64]uint64)
	}
	op = crcShift(length)
	c.operators[length] = op
	return op
}

// formatCRC writes a checksum as OSS does: unsigned decimal.
func formatCRC(sum uint64) string { return strconv.FormatUint(sum, 10) }
