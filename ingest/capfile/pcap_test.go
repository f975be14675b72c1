package capfile_test

import (
	"errors"
	"strings"
	"testing"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

const (
	micros   = 0xa1b2c3d4
	nanos    = 0xa1b23c4d
	modified = 0xa1b2cd34
)

func TestPcapRecords(t *testing.T) {
	for _, test := range []struct {
		name string
		file []byte
		want []pkt
		odd  map[capfile.Oddity]int64
	}{
		{
			"microseconds", join(pcapHeader(little, micros, 65535, 1), record(little, 2, 3, 4, "abc")),
			[]pkt{{2_000_003_000, 4, 0, "abc"}}, nil,
		},
		{
			"nanoseconds big-endian", join(pcapHeader(big, nanos, 65535, 1), record(big, 2, 3, 4, "abc"), record(big, 1, 0, 1, "x")),
			[]pkt{{2_000_000_003, 4, 0, "abc"}, {1_000_000_000, 1, 0, "x"}}, nil,
		},
		{
			"seconds are unsigned", join(pcapHeader(little, nanos, 0, 1), record(little, 0xffffffff, 999_999_999, 1, "x")),
			[]pkt{{4_294_967_295_999_999_999, 1, 0, "x"}}, nil,
		},
		{
			"no packets", pcapHeader(little, micros, 65535, 1), nil, nil,
		},
		{
			"modified, 24-byte record headers",
			join(pcapHeader(big, modified, 65535, 1), u32s(big, 1, 2, 3, 9, 0xaa, 0xbb), []byte("abc"), u32s(big, 2, 0, 1, 1, 0, 0), []byte("y")),
			[]pkt{{1_000_002_000, 9, 0, "abc"}, {2_000_000_000, 1, 0, "y"}}, nil,
		},
		{
			"captured above snapshot and wire length, empty, a second of microseconds",
			join(pcapHeader(little, micros, 2, 1), record(little, 0, 0, 3, "abc"), record(little, 0, 0, 1, "ab"),
				record(little, 0, 0, 60, ""), record(little, 0, 1_000_000, 2, "ab")),
			[]pkt{{0, 3, 0, "abc"}, {0, 1, 0, "ab"}, {0, 60, 0, ""}, {1_000_000_000, 2, 0, "ab"}},
			map[capfile.Oddity]int64{
				capfile.CapLenOverSnapLen: 1, capfile.CapLenOverWireLen: 1, capfile.EmptyPacket: 1, capfile.FractionOverSecond: 1,
			},
		},
		{
			"nanoseconds above 10⁶ are usual", join(pcapHeader(little, nanos, 0, 1), record(little, 0, 1_000_001, 1, "x")),
			[]pkt{{1_000_001, 1, 0, "x"}}, nil,
		},
		{
			"version 2.2 has the lengths the other way round",
			join(pcapHeaderVersion(little, micros, 2, 2, 99, 1), u32s(little, 0, 0, 5, 2), []byte("ab")),
			[]pkt{{0, 5, 0, "ab"}}, nil,
		},
		{
			"version 2.3 has them either way",
			join(pcapHeaderVersion(little, micros, 2, 3, 99, 1), u32s(little, 0, 0, 5, 2), []byte("ab"), u32s(little, 0, 0, 2, 5), []byte("cd")),
			[]pkt{{0, 5, 0, "ab"}, {0, 5, 0, "cd"}}, nil,
		},
		{
			"other versions are read as 2.4", join(pcapHeaderVersion(little, micros, 9, 9, 99, 1), record(little, 0, 0, 1, "x")),
			[]pkt{{0, 1, 0, "x"}}, map[capfile.Oddity]int64{capfile.OddVersion: 1},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := read(t, test.file)
			if got.err != nil || got.info.Format != "pcap" || got.offset != int64(len(test.file)) {
				t.Fatalf("error %v, format %q, offset %d of %d", got.err, got.info.Format, got.offset, len(test.file))
			}
			checkPackets(t, got.packets, test.want)
			checkOdd(t, got.info, test.odd)
		})
	}
}

func checkPackets(t *testing.T, got, want []pkt) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d packets, want %d: %v", len(got), len(want), got)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("packet %d: %v, want %v", i, got[i], want[i])
		}
	}
}

func checkOdd(t *testing.T, info capfile.Info, want map[capfile.Oddity]int64) {
	t.Helper()
	for odd, count := range info.Odd {
		if count != want[capfile.Oddity(odd)] {
			t.Errorf("%v: %d, want %d", capfile.Oddity(odd), count, want[capfile.Oddity(odd)])
		}
	}
	if notes := info.Notes(); len(notes) < len(want) {
		t.Errorf("notes %v", notes)
	}
}

func TestPcapLinkTypeField(t *testing.T) {
	for _, test := range []struct {
		field uint32
		want  packet.Interface
		odd   int64
	}{
		{1, packet.Interface{Link: packet.LinkEthernet, SnapLen: 7}, 0},
		{276, packet.Interface{Link: packet.LinkSLL2, SnapLen: 7}, 0},
		{0x24000001, packet.Interface{Link: packet.LinkEthernet, SnapLen: 7, FCSBytes: 4}, 0},
		{0x20000001, packet.Interface{Link: packet.LinkEthernet, SnapLen: 7}, 0}, // length not marked as known
		{0xfc000001, packet.Interface{Link: packet.LinkEthernet, SnapLen: 7, FCSBytes: 30}, 0},
		{0x00300000, packet.Interface{Link: 0x300000, SnapLen: 7}, 1},
	} {
		got := read(t, pcapHeader(little, micros, 7, test.field))
		if got.err != nil || len(got.interfaces) != 1 || got.interfaces[0] != test.want {
			t.Errorf("%#x: %+v, %v; want %+v", test.field, got.interfaces, got.err, test.want)
		}
		if got.info.Odd[capfile.OddLinkField] != test.odd {
			t.Errorf("%#x: %d odd link fields", test.field, got.info.Odd[capfile.OddLinkField])
		}
	}
}

func TestPcapDamage(t *testing.T) {
	head := join(pcapHeader(little, micros, 65535, 1), record(little, 1, 0, 3, "abc")) // 24 + 19 = 43 bytes
	for _, test := range []struct {
		name   string
		tail   []byte
		reason capfile.Reason
		detail string
	}{
		{"cut record header", u32s(little, 1, 2, 3), capfile.ReasonTruncated, "12 bytes are too few for a record header"},
		{"cut packet", record(little, 1, 0, 3, "abc")[:18], capfile.ReasonTruncated, "record of 19 bytes ends after 18"},
		{"trailing garbage", []byte("junk"), capfile.ReasonTruncated, "4 bytes are too few"},
		{"just too long", u32s(little, 1, 0, 262_145, 262_145), capfile.ReasonPacketTooLong, "262145 is above 262144"},
		{"2 GiB", u32s(little, 1, 0, 1<<31, 1<<31), capfile.ReasonPacketTooLong, "2147483648"},
		{"4 GiB", u32s(little, 1, 0, 1<<32-1, 60), capfile.ReasonPacketTooLong, "4294967295"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := read(t, join(head, test.tail))
			var damage *capfile.DamageError
			if !errors.As(got.err, &damage) || damage.Reason != test.reason || damage.Offset != 43 ||
				!strings.Contains(damage.Detail, test.detail) {
				t.Errorf("error %v, want %s at offset 43 with %q", got.err, test.reason, test.detail)
			}
			checkPackets(t, got.packets, []pkt{{1_000_000_000, 3, 0, "abc"}})
		})
	}
}
