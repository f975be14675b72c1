package parquetfile

import (
	"math"
	"testing"
)

// FuzzDecoders gives any bytes to each decoder of page contents: values as many
// as asked for or an error, never more memory than the count says.
func FuzzDecoders(f *testing.F) {
	var p deltaPacker[int64]
	p.add([]int64{1, 2, 3, -400, math.MaxInt64, math.MinInt64})
	f.Add(p.finish(), uint16(6), uint8(8))
	f.Add([]byte{0x80, 0x01, 0x04, 0x06, 0x02}, uint16(300), uint8(1))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, uint16(9), uint8(0))
	f.Add([]byte{3, 0, 0, 0, 'a', 'b', 'c', 0xff, 0xff, 0xff, 0xff}, uint16(2), uint8(32))
	f.Add([]byte{0x03, 0x88, 0xc6, 0xfa, 0x09, 0x02}, uint16(12), uint8(3))
	f.Fuzz(func(t *testing.T, data []byte, count uint16, width uint8) {
		n := int(count) % 5000
		held := func(what string, got int, err error) {
			if err == nil && got != n {
				t.Errorf("%s: %d values, want %d", what, got, n)
			}
		}
		levels, err := decodeRuns[byte](nil, data, n, uint(width%9))
		held("levels", len(levels), err)
		codes, err := decodeRuns[int32](nil, data, n, uint(width%33))
		held("codes", len(codes), err)
		longs, rest, err := decodeDelta[int64](nil, data, n)
		held("delta of 64 bits", len(longs), err)
		if len(rest) > len(data) {
			t.Errorf("%d bytes are left of %d", len(rest), len(data))
		}
		ints, _, err := decodeDelta[int32](nil, data, n)
		held("delta of 32 bits", len(ints), err)
		doubles, err := decodeFixed(nil, data, n, 8, loadDouble)
		held("doubles", len(doubles), err)
		plain, err := decodePlainStrings(nil, data, n)
		held("texts", len(plain), err)
		spans, _, _, err := decodeLengthStrings(nil, nil, data, n)
		held("texts by length", len(spans), err)
		_, _ = scanStruct(data, 10_000)
	})
}
