package parquetfile

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The decoders below are written for pages of unknown origin: the number of
// values comes from the page header, is bounded there, and no run or block can
// ask for more.

// decodeRuns decodes n values of the RLE and bit-packing hybrid into dst.
func decodeRuns[T byte | int32](dst []T, data []byte, n int, width uint) ([]T, error) {
	if width > 32 {
		return dst, fmt.Errorf("%w: bit width %d", ErrFormat, width)
	}
	dst = sized(dst, n)
	size := int(width+7) / 8
	for at := 0; at < n; {
		header, used := binary.Uvarint(data)
		if used <= 0 {
			return dst, fmt.Errorf("%w: runs end after %d of %d values", ErrFormat, at, n)
		}
		data = data[used:]
		if header&1 == 0 {
			if len(data) < size {
				return dst, fmt.Errorf("%w: run is cut off", ErrFormat)
			}
			run := int(min(header>>1, uint64(n-at)))
			fill(dst[at:at+run], T(loadBits(data[:size])))
			data = data[size:]
			at += run
			continue
		}
		groups := min(header>>1, uint64(n-at+7)/8)
		bytes := min(int(groups)*int(width), len(data))
		count := min(int(groups)*8, n-at)
		if bytes*8 < count*int(width) {
			return dst, fmt.Errorf("%w: bit-packed run is cut off", ErrFormat)
		}
		unpack(dst[at:at+count], data[:bytes], width)
		data = data[bytes:]
		at += count
	}
	return dst, nil
}

// sized returns a slice of n elements, dst's memory where that suffices.
func sized[T any](dst []T, n int) []T {
	if cap(dst) < n {
		return make([]T, n)
	}
	return dst[:n]
}

func fill[T any](dst []T, x T) {
	for i := range dst {
		dst[i] = x
	}
}

// loadBits reads up to eight bytes, lowest first.
func loadBits(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.LittleEndian.Uint64(b)
	}
	x := uint64(0)
	for i, v := range b {
		x |= uint64(v) << (8 * i)
	}
	return x
}

// unpack reads len(dst) values of width bits, lowest bits first; src must hold
// them all.
func unpack[T byte | int32 | int64](dst []T, src []byte, width uint) {
	if width == 0 {
		clear(dst)
		return
	}
	mask := uint64(math.MaxUint64) >> (64 - width)
	for i := range dst {
		bit := uint(i) * width
		at, shift := bit/8, bit%8
		x := loadBits(src[at:]) >> shift
		if shift+width > 64 {
			x |= uint64(src[at+8]) << (64 - shift)
		}
		dst[i] = T(x & mask)
	}
}

// decodeDelta decodes n values of DELTA_BINARY_PACKED into dst and returns what
// follows them.
func decodeDelta[T int32 | int64](dst []T, data []byte, n int) ([]T, []byte, error) {
	if n == 0 {
		return dst[:0], nil, nil // some writers leave out the header as well
	}
	d := deltaReader{data: data}
	block, minis, total, first := d.uvarint(), d.uvarint(), d.uvarint(), d.varint()
	switch {
	case d.err != nil:
		return dst, nil, d.err
	case total != uint64(n):
		return dst, nil, fmt.Errorf("%w: %d deltas for %d values", ErrFormat, total, n)
	case block == 0 || block > 1<<16 || block%128 != 0 || minis == 0 || minis > block/32 || block/minis%32 != 0 || block%minis != 0:
		return dst, nil, fmt.Errorf("%w: delta blocks of %d in %d parts", ErrFormat, block, minis)
	}
	dst = sized(dst, n)
	dst[0] = T(first)
	size := int(block / minis)
	for at := 1; at < n && d.err == nil; {
		least := d.varint()
		widths := d.take(int(minis))
		for _, width := range widths {
			if at >= n {
				break // the parts after the last value have no bytes
			}
			if width > 64 {
				return dst, nil, fmt.Errorf("%w: delta width %d", ErrFormat, width)
			}
			packed := d.take(size / 8 * int(width))
			if d.err != nil {
				break
			}
			part := dst[at:min(n, at+size)]
			unpack(part, packed, uint(width))
			last := dst[at-1]
			for i := range part {
				last += part[i] + T(least)
				part[i] = last
			}
			at += len(part)
		}
	}
	return dst, d.data, d.err
}

// deltaReader reads numbers until the first error, which it keeps.
type deltaReader struct {
	data []byte
	err  error
}

func (d *deltaReader) uvarint() uint64 {
	v, n := binary.Uvarint(d.data)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.data = d.data[n:]
	return v
}

func (d *deltaReader) varint() int64 {
	v, n := binary.Varint(d.data)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.data = d.data[n:]
	return v
}

func (d *deltaReader) take(n int) []byte {
	if n > len(d.data) {
		d.fail()
		return nil
	}
	b := d.data[:n]
	d.data = d.data[n:]
	return b
}

func (d *deltaReader) fail() {
	d.data = nil
	if d.err == nil {
		d.err = fmt.Errorf("%w: deltas are cut off", ErrFormat)
	}
}

// decodeFixed decodes n PLAIN numbers into dst.
func decodeFixed[T int32 | int64 | float64](dst []T, data []byte, n, size int, load func([]byte) T) ([]T, error) {
	if len(data) < n*size {
		return dst, fmt.Errorf("%w: %d bytes for %d values", ErrFormat, len(data), n)
	}
	dst = sized(dst, n)
	for i := range dst {
		dst[i] = load(data[i*size:])
	}
	return dst, nil
}

func loadInt32(b []byte) int32    { return int32(binary.LittleEndian.Uint32(b)) }
func loadInt64(b []byte) int64    { return int64(binary.LittleEndian.Uint64(b)) }
func loadDouble(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }

// span is where in a text a string lies.
type span struct{ from, to uint32 }

// decodePlainStrings finds n length-prefixed strings in data.
func decodePlainStrings(dst []span, data []byte, n int) ([]span, error) {
	if n*4 > len(data) {
		return dst, fmt.Errorf("%w: %d bytes for %d strings", ErrFormat, len(data), n)
	}
	dst = sized(dst, n)
	at := 0
	for i := range dst {
		if len(data)-at < 4 {
			return dst, fmt.Errorf("%w: strings are cut off", ErrFormat)
		}
		size := int(binary.LittleEndian.Uint32(data[at:]))
		at += 4
		if size > len(data)-at {
			return dst, fmt.Errorf("%w: string of %d bytes in the last %d", ErrFormat, size, len(data)-at)
		}
		dst[i] = span{uint32(at), uint32(at + size)}
		at += size
	}
	return dst, nil
}

// decodeLengthStrings finds n DELTA_LENGTH_BYTE_ARRAY strings, and returns the
// text that they lie in.
func decodeLengthStrings(dst []span, lengths []int32, data []byte, n int) ([]span, []int32, []byte, error) {
	lengths, text, err := decodeDelta(lengths, data, n)
	if err != nil {
		return dst, lengths, nil, err
	}
	dst = sized(dst, n)
	at := 0
	for i, size := range lengths {
		if size < 0 || int(size) > len(text)-at {
			return dst, lengths, nil, fmt.Errorf("%w: string of %d bytes in the last %d", ErrFormat, size, len(text)-at)
		}
		dst[i] = span{uint32(at), uint32(at + int(size))}
		at += int(size)
	}
	return dst, lengths, text, nil
}
