package capfile_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// nameRecord is one record of a name resolution block.
func nameRecord(o byteOrder, kind uint16, value string) []byte { return opt(o, kind, value) }

func statisticsBlock(o byteOrder, id uint32, options ...[]byte) []byte {
	return block(o, 5, append(u32s(o, id, 0, 0), join(options...)...))
}

func u64opt(o byteOrder, code uint16, v uint64) []byte {
	return opt(o, code, string(o.AppendUint64(nil, v)))
}

func TestNames(t *testing.T) {
	for _, o := range []byteOrder{little, big} {
		names := block(o, 4, join(
			nameRecord(o, 1, "\xc0\x00\x02\x01one.example\x00alias.example\x00"),
			nameRecord(o, 2, string(netip.MustParseAddr("2001:db8::1").AsSlice())+"six.example\x00"),
			nameRecord(o, 3, "\x01\x02\x03\x04\x05\x06hardware\x00"), // not kept
			nameRecord(o, 1, "\xc0\x00\x02\x01one.example\x00"),      // again
			nameRecord(o, 1, "\xc0\x00\x02\x00unterminated"),
			opt(o, 0, ""), opt(o, 1, "a comment"), opt(o, 2, "dns.example"),
		))
		got, all := readNames(t, join(sectionHeader(o), names, block(o, 4, nil)))
		want := "[{192.0.2.0 unterminated} {192.0.2.1 alias.example} {192.0.2.1 one.example} {2001:db8::1 six.example}]"
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if all.Odd[capfile.BadNames] != 0 || all.Odd[capfile.Comment] != 1 || all.Names != 4 || len(all.Notes()) != 1 {
			t.Errorf("%+v", all)
		}
	}
}

func TestBadNames(t *testing.T) {
	for name, test := range map[string]struct {
		body []byte
		bad  int64
		want string
	}{
		"record past the block":  {join(nameRecord(little, 1, "\x7f\x00\x00\x01a\x00"), []byte{1, 0, 200, 0}), 1, "[{127.0.0.1 a}]"},
		"padding past the block": {[]byte{1, 0, 5, 0, 127, 0, 0, 1}, 1, "[]"},
		"address too short":      {nameRecord(little, 2, "\x01\x02\x03"), 1, "[]"},
		"empty names":            {nameRecord(little, 1, "\x7f\x00\x00\x01\x00\x00\x00"), 0, "[]"},
		"half a record header":   {[]byte{1, 0, 0, 0}, 1, "[]"},
	} {
		got, info := readNames(t, join(sectionHeader(little), block(little, 4, test.body)))
		if got != test.want || info.Odd[capfile.BadNames] != test.bad {
			t.Errorf("%s: %s, %d bad", name, got, info.Odd[capfile.BadNames])
		}
	}
}

func readNames(t *testing.T, file []byte) (string, capfile.Info) {
	t.Helper()
	got := read(t, file)
	if got.err != nil {
		t.Fatal(got.err)
	}
	r, err := capfile.NewReader(bytes.NewReader(file), capfile.Config{})
	must(t, err)
	b := new(packet.Block)
	for err == nil {
		b.Reset()
		err = r.Fill(b)
	}
	return fmt.Sprint(r.Names().Sorted()), got.info
}

// TestNamesBounded has more and longer names than are kept.
func TestNamesBounded(t *testing.T) {
	var names capfile.Names
	address := netip.MustParseAddr("192.0.2.1")
	for i := range 150_000 {
		names.Add(capfile.Name{Address: address, Name: fmt.Sprint(i)})
	}
	if names.Len() != 100_000 || names.LeftOut != 50_000 {
		t.Errorf("%d names, %d left out", names.Len(), names.LeftOut)
	}
	long := nameRecord(little, 1, "\x7f\x00\x00\x01"+strings.Repeat("x", 300)+"\x00")
	many := nameRecord(little, 1, "\x7f\x00\x00\x01"+strings.Repeat("x\x00", 100))
	_, info := readNames(t, join(sectionHeader(little), block(little, 4, join(long, many))))
	if info.Names != 1 || info.Odd[capfile.NamesLeftOut] != 2 {
		t.Errorf("%d names, %d left out", info.Names, info.Odd[capfile.NamesLeftOut])
	}
}

func TestStatistics(t *testing.T) {
	for _, o := range []byteOrder{little, big} {
		file := join(
			sectionHeader(o), interfaceBlock(o, 1, 0), interfaceBlock(o, 1, 0),
			statisticsBlock(o, 1, u64opt(o, 4, 1), u64opt(o, 5, 2)),
			statisticsBlock(o, 0, u64opt(o, 4, 100), u64opt(o, 6, 90), u64opt(o, 7, 3), u64opt(o, 8, 87), opt(o, 1, "c")),
			statisticsBlock(o, 1, u64opt(o, 4, 10), u64opt(o, 2, 5)), // the last word
			statisticsBlock(o, 2, u64opt(o, 4, 1)),                   // no such interface
			statisticsBlock(o, 0, opt(o, 4, "short"), u64opt(o, 5, 1<<63)),
		)
		got := read(t, file)
		want := []capfile.Statistics{
			{Interface: 0, Blocks: 2, Known: [5]bool{true, false, true, true, true}, Value: [5]int64{100, 0, 90, 3, 87}},
			{Interface: 1, Blocks: 2, Known: [5]bool{true, true}, Value: [5]int64{10, 2}},
		}
		if got.err != nil || !slices.Equal(got.info.Statistics, want) || got.info.Odd[capfile.BadStatistics] != 3 {
			t.Errorf("%v, %+v, %d bad", got.err, got.info.Statistics, got.info.Odd[capfile.BadStatistics])
		}
	}
}

func TestTexts(t *testing.T) {
	section := block(little, 0x0a0d0d0a, join(u32s(little, 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff),
		opt(little, 1, "first"), opt(little, 2, "cpu"), opt(little, 3, "os"), opt(little, 4, "app"), opt(little, 1, "second")))
	file := join(section,
		interfaceBlock(little, 1, 0, opt(little, 2, "eth0"), opt(little, 3, "uplink"), opt(little, 11, "\x00tcp port 80"),
			opt(little, 12, "linux"), opt(little, 15, "nic"), opt(little, 1, "tap")),
		interfaceBlock(little, 1, 0, opt(little, 11, "\x01\x00\x01")), // a compiled filter
		section, interfaceBlock(little, 1, 0, opt(little, 1, strings.Repeat("y", 3000))))
	got := read(t, file)
	var texts []string
	for _, x := range got.info.Texts {
		texts = append(texts, fmt.Sprintf("%d/%d %s=%.20s", x.Section, x.Interface, x.Kind, x.Text))
	}
	want := "0/-1 comment=first 0/-1 hardware=cpu 0/-1 os=os 0/-1 application=app 0/-1 comment=second " +
		"0/0 description=uplink 0/0 filter=tcp port 80 0/0 os=linux 0/0 hardware=nic 0/0 comment=tap " +
		"1/-1 comment=first 1/-1 hardware=cpu 1/-1 os=os 1/-1 application=app 1/-1 comment=second 1/2 comment=yyyyyyyyyyyyyyyyyyyy"
	if s := strings.Join(texts, " "); s != want {
		t.Errorf("%s\nwant %s", s, want)
	}
	if got.info.Odd[capfile.Comment] != 6 || got.info.PacketComments != 0 || len(got.info.Texts[15].Text) != 1024 {
		t.Errorf("%d comments, %d on packets", got.info.Odd[capfile.Comment], got.info.PacketComments)
	}
}

func TestTextsBounded(t *testing.T) {
	one := opt(little, 1, strings.Repeat("z", 1000))
	face := interfaceBlock(little, 1, 0, slices.Repeat([][]byte{one}, 50)...)
	got := read(t, join(sectionHeader(little), bytes.Repeat(face, 40)))
	if n := len(got.info.Texts); n != 262 || got.info.Odd[capfile.TextsLeftOut] != 2000-262 { // 256 KiB
		t.Errorf("%d texts, %d left out", n, got.info.Odd[capfile.TextsLeftOut])
	}
}

// TestPacketComments hands on each packet's comments, in every kind of block.
func TestPacketComments(t *testing.T) {
	body := append(u32s(little, 0, 0, 7, 1, 1), 'o', 0, 0, 0) // obsolete packet block: interface and drops are 16 bits each
	file := join(
		sectionHeader(little), interfaceBlock(little, 1, 0),
		enhanced(little, 0, 1, 1, "a", opt(little, 1, "host1,benign"), opt(little, 2, "\x00\x00\x00\x00"), opt(little, 1, "two")),
		enhanced(little, 0, 2, 1, "b"),
		enhanced(little, 0, 3, 1, "c", opt(little, 1, "")),
		block(little, 2, join(body, opt(little, 1, "old"))),
		enhanced(little, 0, 4, 1, "d", slices.Repeat([][]byte{opt(little, 1, "x")}, 100)...),
		enhanced(little, 0, 5, 1, "e", opt(little, 1, "cut off"), []byte{1, 0, 99, 0}),
	)
	for _, buffer := range []int{1, 4096, 1 << 16} {
		r, err := capfile.NewReader(bytes.NewReader(file), capfile.Config{})
		must(t, err)
		b := &packet.Block{Data: make([]byte, 0, buffer)}
		var got []string
		for err == nil {
			b.Reset()
			err = r.Fill(b)
			for i := range b.Records {
				got = append(got, "packet")
				for c := range b.CommentsOn(&b.Records[i]) {
					got = append(got, string(c))
				}
			}
		}
		want := slices.Concat([]string{"packet", "host1,benign", "two", "packet", "packet", "", "packet", "old", "packet"},
			slices.Repeat([]string{"x"}, 16), []string{"packet", "cut off"})
		if !slices.Equal(got, want) {
			t.Errorf("buffer %d: %q", buffer, got)
		}
		if info := r.Info(); info.PacketComments != 105 || info.Odd[capfile.OddOptions] != 1 {
			t.Errorf("%d comments, %d bad options", info.PacketComments, info.Odd[capfile.OddOptions])
		}
		for range b.CommentsOn(&packet.Record{Offset: 3}) {
			t.Error("comments on a packet that is not there")
		}
	}
}

// TestIxia reads IXIA's lcap: a file header of 28 bytes, nanoseconds where the
// hardware stamped the packets.
func TestIxia(t *testing.T) {
	for _, o := range []byteOrder{little, big} {
		for magic, per := range map[uint32]int64{0x1c0001ac: 1, 0x1c0001ab: 1000} {
			file := join(pcapHeader(o, magic, 65535, 1), u32s(o, 19), record(o, 7, 123456, 3, "abc"), record(o, 8, 5, 9, "de"))
			got := read(t, file)
			if got.err != nil || !got.info.Ixia || got.info.Bytes[capfile.HeaderBytes] != 28 {
				t.Errorf("%x: %v, %+v", magic, got.err, got.info)
			}
			checkPackets(t, got.packets, []pkt{{7e9 + 123456*per, 3, 0, "abc"}, {8e9 + 5*per, 9, 0, "de"}})
		}
	}
}

// TestByteKinds works the books out by hand.
func TestByteKinds(t *testing.T) {
	for name, test := range map[string]struct {
		file []byte
		want capfile.ByteCount // headers, records, packets, options, padding, skipped
	}{
		"pcap":            {join(pcapHeader(little, micros, 0, 1), record(little, 1, 1, 3, "abc"), record(little, 1, 1, 3, "")), capfile.ByteCount{24, 32, 3}},
		"pcap modified":   {join(pcapHeader(little, modified, 0, 1), u32s(little, 1, 1, 3, 3, 0, 0), []byte("abc")), capfile.ByteCount{24, 24, 3}},
		"pcap cut":        {join(pcapHeader(little, micros, 0, 1), record(little, 1, 1, 3, "abc"), []byte("cut")), capfile.ByteCount{24, 16, 3}},
		"section":         {sectionHeader(little), capfile.ByteCount{28}},
		"interface":       {join(sectionHeader(little), interfaceBlock(little, 1, 0, opt(little, 2, "eth0"))), capfile.ByteCount{48, 0, 0, 8}},
		"enhanced":        {join(sectionHeader(little), interfaceBlock(little, 1, 0), enhanced(little, 0, 1, 5, "abcde", opt(little, 1, "hi"), opt(little, 0, ""))), capfile.ByteCount{48, 32, 5, 12, 3}},
		"simple":          {join(sectionHeader(little), interfaceBlock(little, 1, 0), block(little, 3, append(u32s(little, 5), "abcde"...))), capfile.ByteCount{48, 16, 5, 0, 3}},
		"bad packet":      {join(sectionHeader(little), enhanced(little, 0, 1, 5, "abcde")), capfile.ByteCount{28, 0, 0, 0, 0, 40}},
		"names":           {join(sectionHeader(little), block(little, 4, join(nameRecord(little, 1, "\x7f\x00\x00\x01a\x00\x00\x00"), opt(little, 0, ""), opt(little, 1, "cc")))), capfile.ByteCount{28 + 12 + 12 + 4, 0, 0, 8}},
		"statistics":      {join(sectionHeader(little), interfaceBlock(little, 1, 0), statisticsBlock(little, 0, u64opt(little, 4, 1))), capfile.ByteCount{48 + 24, 0, 0, 12}},
		"statistics lost": {join(sectionHeader(little), statisticsBlock(little, 0, u64opt(little, 4, 1))), capfile.ByteCount{28, 0, 0, 0, 0, 36}},
		"secrets":         {join(sectionHeader(little), block(little, 10, []byte("key material"))), capfile.ByteCount{28, 0, 0, 0, 0, 24}},
		"cut in secrets":  {join(sectionHeader(little), block(little, 10, []byte("key material"))[:20]), capfile.ByteCount{28}},
	} {
		if got := read(t, test.file); got.info.Bytes != test.want {
			t.Errorf("%s: %v, want %v (%v)", name, got.info.Bytes, test.want, got.err)
		}
	}
}
