package event_test

import (
	"testing"

	"pcapmill/cmd/capture/event"
)

func TestNames(t *testing.T) {
	for _, number := range []int64{1, 42, 9_999_999_999, 10_000_000_000} {
		for _, zstd := range []bool{false, true} {
			for temporary, name := range map[bool]string{
				false: event.SegmentName(number, zstd), true: event.TemporaryName(number, zstd),
			} {
				n, z, temp, ok := event.ParseName(name)
				if n != number || z != zstd || temp != temporary || !ok {
					t.Errorf("%s: %d %v %v %v", name, n, z, temp, ok)
				}
			}
		}
	}
	if got := event.TemporaryName(7, true); got != ".segment-0000000007.pcapng.zst.tmp" {
		t.Error(got)
	}
	for _, name := range []string{
		"", ".", "segment-1.pcapng", "segment-0000000001.pcap", "segment-00000000001.pcapng", "segment-0000000000.pcapng",
		"segment--000000001.pcapng", "segment-+000000001.pcapng", ".segment-0000000001.pcapng", "segment-0000000001.pcapng.tmp",
		"segment-99999999999999999999.pcapng", "segment-0000000001.pcapng.zst.zst", "segment-0000000001.zst",
	} {
		if n, _, _, ok := event.ParseName(name); ok {
			t.Errorf("%q is number %d", name, n)
		}
	}
}
