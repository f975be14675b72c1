package capfile_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

func TestPcapngSections(t *testing.T) {
	file := join(
		sectionHeader(little),
		interfaceBlock(little, 1, 0, opt(little, 2, "eth0"), opt(little, 9, "\x09"), opt(little, 13, "\x20"), opt(little, 0, "")),
		enhanced(little, 0, 5, 10, "a"),
		interfaceBlock(little, 101, 0),
		enhanced(little, 1, 5, 10, "bc"),
		sectionHeader(big),
		interfaceBlock(big, 228, 96, opt(big, 14, "\x00\x00\x00\x00\x00\x00\x00\x02")),
		enhanced(big, 0, 1<<32, 10, "def"),
	)
	got := read(t, file)
	if got.err != nil {
		t.Fatal(got.err)
	}
	checkPackets(t, got.packets, []pkt{
		{5, 10, 0, "a"}, {5_000, 10, 1, "bc"}, {(4_294_967_296 + 2_000_000) * 1000, 10, 2, "def"},
	})
	want := []packet.Interface{
		{Section: 0, ID: 0, Link: packet.LinkEthernet, Name: "eth0", Packets: 1, FCSBytes: 4},
		{Index: 1, Section: 0, ID: 1, Link: packet.LinkRaw, Packets: 1},
		{Index: 2, Section: 1, ID: 0, Link: packet.LinkIPv4, SnapLen: 96, Packets: 1},
	}
	for i, w := range want {
		if got.interfaces[i] != w {
			t.Errorf("interface %d: %+v, want %+v", i, got.interfaces[i], w)
		}
	}
	if got.info.Sections != 2 || got.info.BigEndian {
		t.Errorf("%+v", got.info)
	}
	checkOdd(t, got.info, nil)
}

func TestPcapngPacketBlocks(t *testing.T) {
	comment := opt(little, 1, "odd")
	obsolete := join([]byte{1, 0, 9, 0}, u32s(little, 0, 7, 3, 4), []byte("abc\x00"))
	file := join(
		sectionHeader(little), interfaceBlock(little, 1, 4, comment, comment), interfaceBlock(little, 1, 0),
		block(little, 2, obsolete),
		block(little, 3, append(u32s(little, 3), "abc"...)),    // whole
		block(little, 3, append(u32s(little, 600), "abcd"...)), // cut at the snapshot length
		enhanced(little, 0, 1, 9, "abcde"),                     // above the snapshot length
		enhanced(little, 1, 1, 9, "", comment),                 // empty, with a comment
		enhanced(little, 1, 1, 2, "abc", opt(little, 2, "\x01\x00\x00\x00"), comment),
		enhanced(little, 1, 1<<63, 1, "x"), // 292,271 years in µs
	)
	got := read(t, file)
	if got.err != nil {
		t.Fatal(got.err)
	}
	none := packet.NoTime
	checkPackets(t, got.packets, []pkt{
		{7_000, 4, 1, "abc"}, {none, 3, 0, "abc"}, {none, 600, 0, "abcd"}, {1_000, 9, 0, "abcde"},
		{1_000, 9, 1, ""}, {1_000, 2, 1, "abc"}, {none, 1, 1, "x"},
	})
	checkOdd(t, got.info, map[capfile.Oddity]int64{
		capfile.Comment: 4, capfile.CapLenOverSnapLen: 1, capfile.EmptyPacket: 1, capfile.CapLenOverWireLen: 1,
		capfile.TimeNotRepresentable: 1,
	})
}

func TestPcapngSkippedBlocks(t *testing.T) {
	file := join(
		sectionHeader(little),
		block(little, 4, nil), block(little, 5, []byte("statistics")), block(little, 10, []byte("secret keys")),
		block(little, 0x0bad, bytes.Repeat([]byte("x"), 100_000)), block(little, 0x40000bad, nil),
		interfaceBlock(little, 1, 0), enhanced(little, 0, 0, 1, "a"), block(little, 10, []byte("more")),
	)
	got := readAll(t, bytes.NewReader(file), capfile.Config{}, 4096)
	if got.err != nil {
		t.Fatal(got.err)
	}
	checkPackets(t, got.packets, []pkt{{0, 1, 0, "a"}})
	var notes []string
	for _, n := range got.info.Notes() {
		notes = append(notes, n.Key)
	}
	const want = "bad_statistics skipped_blocks block_interface_statistics block_decryption_secrets block_custom block_custom"
	if s := strings.Join(notes, " "); s != want {
		t.Errorf("notes %q, want %q", s, want)
	}
}

func TestPcapngManySkippedTypes(t *testing.T) {
	file := sectionHeader(little)
	for kind := range uint32(1000) {
		file = append(file, block(little, 0x1000+kind, nil)...)
	}
	got := read(t, file)
	if got.err != nil || len(got.info.Skipped) > 65 || got.info.Odd[capfile.SkippedBlock] != 1000 {
		t.Errorf("%v, %d types, %d blocks", got.err, len(got.info.Skipped), got.info.Odd[capfile.SkippedBlock])
	}
}

// TestPcapngBadBlocks has blocks whose frame is broken: reading stops there.
func TestPcapngBadBlocks(t *testing.T) {
	head := join(sectionHeader(little), interfaceBlock(little, 1, 0), enhanced(little, 0, 1, 1, "a"))
	sound := enhanced(little, 0, 1, 1, "b")
	type bad struct {
		name   string
		tail   []byte
		reason capfile.Reason
	}
	tests := []bad{
		{"trailer differs, packet", join(sound[:32], u32s(little, 12)), capfile.ReasonBadBlock},
		{"trailer differs, skipped block", u32s(little, 5, 16, 0, 12), capfile.ReasonBadBlock},
		{"section without byte order", u32s(little, 0x0a0d0d0a, 28, 0, 1, 0, 0, 28), capfile.ReasonBadBlock},
		{"short section", u32s(little, 0x0a0d0d0a, 16, 0x1a2b3c4d, 16), capfile.ReasonBadBlock},
		{"section length in the other order", u32s(little, 0x0a0d0d0a, 28, 0x4d3c2b1a, 1, 0, 0, 28), capfile.ReasonBadBlock},
		{"cut frame", u32s(little, 6, 36), capfile.ReasonTruncated},
		{"cut packet", sound[:33], capfile.ReasonTruncated},
		{"cut skipped block", u32s(little, 5, 4096, 1, 2, 3), capfile.ReasonTruncated},
		{"cut trailer of a skipped block", append(u32s(little, 5, 16, 0), 16, 0), capfile.ReasonTruncated},
	}
	for _, length := range []uint32{0, 1, 4, 8, 11, 13, 33, 34, 35, 1<<24 + 4, 1 << 31, 0xfffffffc, 0xffffffff} {
		for _, kind := range []uint32{6, 5} {
			tests = append(tests, bad{"length", u32s(little, kind, length, 0, 0, 0, 0, 0, 0, 0), capfile.ReasonBadBlock})
		}
	}
	for _, test := range tests {
		got := read(t, join(head, test.tail))
		var damage *capfile.DamageError
		if !errors.As(got.err, &damage) || damage.Reason != test.reason || damage.Offset != int64(len(head)) {
			t.Errorf("%s % x: %v, want %s at %d", test.name, test.tail, got.err, test.reason, len(head))
		}
		checkPackets(t, got.packets, []pkt{{1_000, 1, 0, "a"}})
	}
}

// TestPcapngBadPackets has sound frames around bad packets: reading goes on
// behind them and ends with the first.
func TestPcapngBadPackets(t *testing.T) {
	head := join(sectionHeader(little), interfaceBlock(little, 1, 0))
	sound := enhanced(little, 0, 1, 1, "b")
	longer := bytes.Clone(sound)
	longer[20] = 5
	huge := bytes.Clone(sound)
	copy(huge[20:], "\xff\xff\xff\xff")
	for _, test := range []struct {
		name, detail string
		bad          []byte
	}{
		{"unknown interface", "interface 9, of 1", enhanced(little, 9, 1, 1, "b")},
		{"unknown interface, obsolete", "interface 3, of 1", block(little, 2, join([]byte{3, 0, 0, 0}, u32s(little, 0, 0, 0, 0)))},
		{"captured length beyond the block", "above the 4 bytes", longer},
		{"4 GiB", "above the 4 bytes", huge},
		{"simple packet beyond the block", "above the 4 bytes", block(little, 3, append(u32s(little, 5), "abcd"...))},
		{"short enhanced block", "shorter than 32", block(little, 6, u32s(little, 0, 0, 0, 0))},
		{"short obsolete block", "shorter than 32", block(little, 2, nil)},
		{"short simple block", "shorter than 16", block(little, 3, nil)},
		{"above the packet limit", "above 262144", enhanced(little, 0, 0, 300_000, strings.Repeat("x", 262_145))},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := read(t, join(head, sound, test.bad, sound, test.bad, sound))
			var damage *capfile.DamageError
			if !errors.As(got.err, &damage) || damage.Reason != capfile.ReasonBadPacket ||
				damage.Offset != int64(len(head)+len(sound)) || !strings.Contains(damage.Detail, test.detail) {
				t.Errorf("%v, want bad_packet at %d with %q", got.err, len(head)+len(sound), test.detail)
			}
			good := pkt{1_000, 1, 0, "b"}
			checkPackets(t, got.packets, []pkt{good, good, good})
			checkOdd(t, got.info, map[capfile.Oddity]int64{capfile.BadPacket: 2})
		})
	}
}

func TestPcapngWithoutInterface(t *testing.T) {
	for name, bad := range map[string][]byte{
		"enhanced": enhanced(little, 0, 1, 1, "b"), "simple": block(little, 3, append(u32s(little, 4), "abcd"...)),
	} {
		got := read(t, join(sectionHeader(little), bad))
		var damage *capfile.DamageError
		if !errors.As(got.err, &damage) || damage.Reason != capfile.ReasonBadPacket || damage.Offset != 28 || len(got.packets) != 0 {
			t.Errorf("%s: %v", name, got.err)
		}
	}
}

// TestPcapngBadInterfaces has interfaces that cannot be used: they keep their
// number, and their packets are delivered without a time.
func TestPcapngBadInterfaces(t *testing.T) {
	for _, test := range []struct {
		name string
		bad  []byte
		note string
	}{
		{"resolution 10^-20", interfaceBlock(little, 1, 0, opt(little, 9, "\x14")), "10^-20"},
		{"resolution 10^-100", interfaceBlock(little, 1, 0, opt(little, 9, "\x64")), "10^-100"},
		{"resolution 2^-127", interfaceBlock(little, 1, 0, opt(little, 9, "\xff")), "2^-127"},
		{"resolution without a value", interfaceBlock(little, 1, 0, opt(little, 9, "")), "if_tsresol has 0 bytes"},
		{"resolution of 2 bytes", interfaceBlock(little, 1, 0, opt(little, 9, "\x09\x09")), "if_tsresol has 2 bytes"},
		{"two resolutions", interfaceBlock(little, 1, 0, opt(little, 9, "\x09"), opt(little, 9, "\x06")), "if_tsresol is given twice"},
		{"short offset", interfaceBlock(little, 1, 0, opt(little, 14, "\x01\x00\x00\x00")), "if_tsoffset has 4 bytes"},
		{"two offsets", interfaceBlock(little, 1, 0, opt(little, 14, "12345678"), opt(little, 14, "12345678")), "if_tsoffset is given twice"},
		{"short block", block(little, 1, u32s(little, 1)), "16 bytes is shorter than 20"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := read(t, join(sectionHeader(little), test.bad, interfaceBlock(little, 1, 0),
				enhanced(little, 0, 1, 1, "a"), enhanced(little, 1, 1, 1, "b")))
			if got.err != nil {
				t.Fatal(got.err)
			}
			checkPackets(t, got.packets, []pkt{{packet.NoTime, 1, 0, "a"}, {1_000, 1, 1, "b"}})
			if !strings.Contains(got.interfaces[0].Note, test.note) || got.interfaces[1].Note != "" {
				t.Errorf("notes %q and %q, want %q", got.interfaces[0].Note, got.interfaces[1].Note, test.note)
			}
			checkOdd(t, got.info, map[capfile.Oddity]int64{capfile.OddInterface: 1})
		})
	}
}

func TestPcapngOptions(t *testing.T) {
	long := strings.Repeat("n", 60_000)
	for _, test := range []struct {
		name    string
		options [][]byte
		want    packet.Interface
		odd     map[capfile.Oddity]int64
	}{
		{"option runs past the block", [][]byte{opt(little, 2, "eth0"), {9, 0, 160, 15}}, packet.Interface{Name: "eth0"}, map[capfile.Oddity]int64{capfile.OddOptions: 1}},
		{"value padded past the block", [][]byte{{2, 0, 4, 0}}, packet.Interface{}, map[capfile.Oddity]int64{capfile.OddOptions: 1}},
		{"nothing behind the end", [][]byte{opt(little, 0, ""), opt(little, 2, "eth0")}, packet.Interface{}, nil},
		{"long name", [][]byte{opt(little, 2, long)}, packet.Interface{Name: long[:256]}, nil},
		{"first name stands", [][]byte{opt(little, 2, "a"), opt(little, 2, "b")}, packet.Interface{Name: "a"}, nil},
		{"frame check sequence in bytes", [][]byte{opt(little, 13, "\x04")}, packet.Interface{FCSBytes: 4}, nil},
		{"frame check sequence of any length", [][]byte{opt(little, 13, "\x25")}, packet.Interface{}, nil},
		{"unknown and custom options", [][]byte{opt(little, 999, "x"), opt(little, 0x0bac, "x"), opt(little, 2, "e")}, packet.Interface{Name: "e"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := read(t, join(sectionHeader(little), interfaceBlock(little, 1, 0, test.options...)))
			test.want.Link = packet.LinkEthernet
			if got.err != nil || len(got.interfaces) != 1 || got.interfaces[0] != test.want {
				t.Errorf("%v, %+v, want %+v", got.err, got.interfaces, test.want)
			}
			checkOdd(t, got.info, test.odd)
		})
	}
}

func TestPcapngVersions(t *testing.T) {
	for version, odd := range map[[2]byte]int64{{1, 0}: 0, {1, 2}: 0, {1, 1}: 1, {2, 0}: 1} {
		file := sectionHeader(little)
		file[12], file[14] = version[0], version[1]
		got := read(t, join(file, interfaceBlock(little, 1, 0), enhanced(little, 0, 1, 1, "a")))
		if got.err != nil || len(got.packets) != 1 || got.info.Odd[capfile.OddVersion] != odd {
			t.Errorf("version %v: %v, %d packets, %d odd", version, got.err, len(got.packets), got.info.Odd[capfile.OddVersion])
		}
	}
}

// TestOddLengths are counted for packets of every kind of block, and only beyond what an interface and a wire allow.
func TestOddLengths(t *testing.T) {
	obsolete := func(o byteOrder, wire uint32, data string) []byte {
		return block(o, 2, append(u32s(o, 0, 0, 1, uint32(len(data)), wire), data...))
	}
	for _, o := range []byteOrder{little, big} {
		for name, c := range map[string]struct {
			packets                       []byte
			empty, beyondSnap, beyondWire int64
		}{
			"enhanced": {join(enhanced(o, 0, 1, 9, ""), enhanced(o, 0, 1, 4, "abcd"), enhanced(o, 0, 1, 5, "abcde"), enhanced(o, 0, 1, 3, "abcd"), enhanced(o, 0, 1, 3, "abcde")), 1, 2, 2},
			"obsolete": {join(obsolete(o, 9, ""), obsolete(o, 4, "abcd"), obsolete(o, 5, "abcde"), obsolete(o, 3, "abcd"), obsolete(o, 3, "abcde")), 1, 2, 2},
			"simple":   {join(block(o, 3, u32s(o, 0)), block(o, 3, append(u32s(o, 4), "abcd"...)), block(o, 3, append(u32s(o, 9), "abcd"...))), 1, 0, 0},
		} {
			for _, buffer := range []int{64, capfile.DefaultBuffer} {
				file := join(sectionHeader(o), interfaceBlock(o, 1, 4), c.packets)
				got := readAll(t, bytes.NewReader(file), capfile.Config{}, buffer)
				odd := got.info.Odd
				if got.err != nil || odd[capfile.EmptyPacket] != c.empty || odd[capfile.CapLenOverSnapLen] != c.beyondSnap || odd[capfile.CapLenOverWireLen] != c.beyondWire {
					t.Errorf("%s, %d bytes at a time: %v, %d empty, %d and %d too long", name, buffer, got.err, odd[capfile.EmptyPacket], odd[capfile.CapLenOverSnapLen], odd[capfile.CapLenOverWireLen])
				}
			}
		}
	}
}
