package capfile_test

import (
	"fmt"
	"math"
	integer "math/big"
	"testing"

	"pcapmill/ingest/packet"
)

// TestTimeResolutions compares all 256 values of if_tsresol, with offsets and
// stamps at the edges, with arithmetic on integers of any size.
func TestTimeResolutions(t *testing.T) {
	offsets := []int64{0, 1, -1, 1_700_000_000, -1_700_000_000, math.MaxInt64, math.MinInt64}
	stamps := []uint64{
		0, 1, 2, 999, 1<<20 - 1, 1 << 32, 1<<32 + 1, 1_701_000_003_100_000_000, 10_000_000_000_000_000_000,
		math.MaxInt64 / 1000, math.MaxInt64/1000 + 1, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64,
	}
	for resolution := range 256 {
		for _, offset := range offsets {
			file := join(sectionHeader(little), interfaceBlock(little, 1, 0,
				opt(little, 9, string([]byte{byte(resolution)})),
				opt(little, 14, string(little.AppendUint64(nil, uint64(offset))))))
			for _, stamp := range stamps {
				file = append(file, enhanced(little, 0, stamp, 1, "x")...)
			}
			got := read(t, file)
			if got.err != nil || len(got.packets) != len(stamps) {
				t.Fatalf("resolution %#x: %v, %d packets", resolution, got.err, len(got.packets))
			}
			usable := got.interfaces[0].Note == ""
			if want := resolution <= 19 || resolution >= 128 && resolution <= 128+64; usable != want {
				t.Fatalf("resolution %#x: usable %v, note %q", resolution, usable, got.interfaces[0].Note)
			}
			for i, stamp := range stamps {
				want := packet.NoTime
				if usable {
					want = exactNanos(byte(resolution), offset, stamp)
				}
				if got.packets[i].time != want {
					t.Errorf("resolution %#x, offset %d, stamp %d: %d, want %d", resolution, offset, stamp, got.packets[i].time, want)
				}
			}
		}
	}
}

// exactNanos is ⌊stamp · resolution · 10⁹⌋ + offset · 10⁹, or NoTime where that
// does not fit.
func exactNanos(resolution byte, offset int64, stamp uint64) packet.Nanos {
	base := int64(10)
	if resolution&0x80 != 0 {
		base = 2
	}
	unit := new(integer.Int).Exp(integer.NewInt(base), integer.NewInt(int64(resolution&0x7f)), nil)
	second := integer.NewInt(1_000_000_000)
	ns := new(integer.Int).Mul(new(integer.Int).SetUint64(stamp), second)
	ns.Div(ns, unit)
	ns.Add(ns, new(integer.Int).Mul(integer.NewInt(offset), second))
	if !ns.IsInt64() {
		return packet.NoTime
	}
	return ns.Int64()
}

// TestTimeFractions are the values that readers are known to get wrong.
func TestTimeFractions(t *testing.T) {
	for _, test := range []struct {
		resolution byte
		stamp      uint64
		want       packet.Nanos
	}{
		{0x80 | 20, 1 << 19, 500_000_000},
		{0x80 | 32, 1 << 31, 500_000_000},
		{0x80 | 32, 1, 0},
		{0x80 | 64, 1 << 63, 500_000_000},
		{0x80, 3, 3_000_000_000},
		{0, 3, 3_000_000_000},
		{3, 3, 3_000_000},
		{12, 1_999, 1},
		{19, 10_000_000_000, 1},
	} {
		t.Run(fmt.Sprintf("%#x", test.resolution), func(t *testing.T) {
			got := read(t, join(sectionHeader(little),
				interfaceBlock(little, 1, 0, opt(little, 9, string([]byte{test.resolution}))),
				enhanced(little, 0, test.stamp, 1, "x")))
			checkPackets(t, got.packets, []pkt{{test.want, 1, 0, "x"}})
		})
	}
}
