package model

// CRC64Combiner joins CRC-64 sums of neighbouring ranges into the sum of the whole, without the bytes: the service reports the
// sum of each part and of the finished object, so the parts' sums prove the object.
//
// The sum is the one of ECMA-182, reflected, as in hash/crc64 and in x-oss-hash-crc64ecma. Appending n bytes to what a sum was
// taken of is a linear map over GF(2), a 64×64 bit matrix; it costs about a thousand times more to find than to apply, and nearly
// all parts of an upload have one length, so the last map is kept. The zero value is ready. Not for concurrent use.
//
// The method is Mark Adler's crc32_combine of zlib, widened to 64 bits.
type CRC64Combiner struct {
	length int64
	shift  crc64Matrix
	whole  uint64
}

// crc64Matrix holds the image of each bit: column i is what bit i of a sum becomes.
type crc64Matrix [64]uint64

const crc64Poly = 0xC96C5795D7870F42 // ECMA-182, reflected

// Append adds the sum of the next range, which has length bytes.
func (c *CRC64Combiner) Append(sum uint64, length int64) {
	if length == 0 {
		return
	}
	if c.length != length {
		c.length, c.shift = length, zerosOperator(length)
	}
	c.whole = c.shift.apply(c.whole) ^ sum
}

// Sum is the sum of everything appended so far; 0 for nothing.
func (c *CRC64Combiner) Sum() uint64 { return c.whole }

func (m *crc64Matrix) apply(vector uint64) uint64 {
	var sum uint64
	for i := 0; vector != 0; i++ {
		if vector&1 != 0 {
			sum ^= m[i]
		}
		vector >>= 1
	}
	return sum
}

func (m *crc64Matrix) squared() (square crc64Matrix) {
	for i := range m {
		square[i] = m.apply(m[i])
	}
	return square
}

func (m *crc64Matrix) after(first crc64Matrix) (product crc64Matrix) {
	for i := range first {
		product[i] = m.apply(first[i])
	}
	return product
}

// zerosOperator is the map that appending length zero bytes makes of a sum, by repeated squaring of the map of one zero bit.
func zerosOperator(length int64) crc64Matrix {
	var power crc64Matrix // one zero bit
	power[0] = crc64Poly
	for i := 1; i < 64; i++ {
		power[i] = 1 << (i - 1)
	}
	for range 3 { // eight zero bits
		power = power.squared()
	}
	var result crc64Matrix
	for i := range result {
		result[i] = 1 << i
	}
	for ; length > 0; length >>= 1 {
		if length&1 != 0 {
			result = power.after(result)
		}
		power = power.squared()
	}
	return result
}
