package capfile_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"pcapmill/ingest/capfile"
)

// The builders here write captures field by field, independently of the
// package's writers, so that they can also build what those refuse.

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

var (
	little byteOrder = binary.LittleEndian
	big    byteOrder = binary.BigEndian
)

// u32s returns the words in the order.
func u32s(o byteOrder, words ...uint32) []byte {
	var b []byte
	for _, w := range words {
		b = o.AppendUint32(b, w)
	}
	return b
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// pcapHeader returns a file header of version 2.4.
func pcapHeader(o byteOrder, magic, snapLen, link uint32) []byte {
	return pcapHeaderVersion(o, magic, 2, 4, snapLen, link)
}

func pcapHeaderVersion(o byteOrder, magic uint32, major, minor uint16, snapLen, link uint32) []byte {
	b := o.AppendUint32(nil, magic)
	b = o.AppendUint16(b, major)
	b = o.AppendUint16(b, minor)
	return append(b, u32s(o, 0, 0, snapLen, link)...)
}

// record returns a record whose captured length is that of data.
func record(o byteOrder, seconds, fraction, wire uint32, data string) []byte {
	return append(u32s(o, seconds, fraction, uint32(len(data)), wire), data...)
}

// block returns a pcapng block around body, padded to four bytes.
func block(o byteOrder, kind uint32, body []byte) []byte {
	body = append(bytes.Clone(body), make([]byte, -len(body)&3)...)
	length := uint32(len(body) + 12)
	return join(u32s(o, kind, length), body, u32s(o, length))
}

func sectionHeader(o byteOrder) []byte {
	body := join(u32s(o, 0x1a2b3c4d), o.AppendUint16(nil, 1), o.AppendUint16(nil, 0))
	return block(o, 0x0a0d0d0a, append(body, bytes.Repeat([]byte{0xff}, 8)...))
}

func interfaceBlock(o byteOrder, link uint16, snapLen uint32, options ...[]byte) []byte {
	body := join(o.AppendUint16(nil, link), []byte{0, 0}, u32s(o, snapLen))
	return block(o, 1, append(body, join(options...)...))
}

// opt returns one option, padded.
func opt(o byteOrder, code uint16, value string) []byte {
	b := o.AppendUint16(nil, code)
	b = o.AppendUint16(b, uint16(len(value)))
	return append(append(b, value...), make([]byte, -len(value)&3)...)
}

func enhanced(o byteOrder, id uint32, stamp uint64, wire uint32, data string, options ...[]byte) []byte {
	body := append(u32s(o, id, uint32(stamp>>32), uint32(stamp), uint32(len(data)), wire), data...)
	body = append(body, make([]byte, -len(data)&3)...)
	return block(o, 6, append(body, join(options...)...))
}

// liveCapture is a section of an application, with packets and statistics blocks, then one of
// another application.
func liveCapture(o byteOrder, application string) []byte {
	header := func(application string) []byte {
		body := join(u32s(o, 0x1a2b3c4d), o.AppendUint16(nil, 1), o.AppendUint16(nil, 0), bytes.Repeat([]byte{0xff}, 8))
		return join(block(o, 0x0a0d0d0a, append(body, opt(o, 4, application)...)), interfaceBlock(o, 1, 0, opt(o, 9, "\x09")), interfaceBlock(o, 1, 0))
	}
	const second = 1_000_000_000
	at := func(id uint32, stamp uint64) []byte {
		b := statisticsBlock(o, id, u64opt(o, 4, 9))
		copy(b[12:], u32s(o, uint32(stamp>>32), uint32(stamp)))
		return b
	}
	return join(
		header(application), at(0, second), enhanced(o, 0, 2*second, 1, "a"), enhanced(o, 0, 3*second, 1, "b"), at(0, 4*second), at(0, 5*second),
		at(1, 6*second/1000), enhanced(o, 0, 7*second, 3, "abc"), at(9, 8*second), at(0, 1<<63), enhanced(o, 1, 9*second/1000, 1, "d"), at(0, 10*second),
		header("another"), at(0, 11*second), enhanced(o, 0, 12*second, 1, "e"), at(0, 13*second),
	)
}

// samples are small valid captures of every kind, made by the writers.
func samples(t testing.TB) map[string][]byte {
	files := map[string][]byte{}
	for name, cfg := range map[string]capfile.PcapConfig{
		"pcap micros little": {Link: 1, SnapLen: 65535},
		"pcap nanos big":     {Link: 101, Nanosecond: true, BigEndian: true},
		"pcap modified":      {Link: 1, SnapLen: 96, Modified: true, FCSBytes: 4},
	} {
		files[name] = writePcap(t, cfg, someTimes[:3])
	}
	for name, big := range map[string]bool{"pcapng little": false, "pcapng big": true} {
		files[name] = writePcapng(t, big)
	}
	files["pcapng live"] = liveCapture(little, "pcapmill live 1.0")
	return files
}

// someTimes are instants that every format can hold, in whole microseconds.
var someTimes = []int64{1_701_000_003_100_000_000, 0, 4_294_967_295_999_999_000, 1_000, 999_999_000}

// payload returns n bytes that differ by position and packet.
func payload(packet, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + packet)
	}
	return b
}

func writePcap(t testing.TB, cfg capfile.PcapConfig, times []int64) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := capfile.NewPcapWriter(&file, cfg)
	must(t, err)
	for i, at := range times {
		must(t, w.WritePacket(at, uint32(60+i), payload(i, 13*i)))
	}
	must(t, w.Close())
	return file.Bytes()
}

// writePcapng writes two sections with every kind of block.
func writePcapng(t testing.TB, big bool) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := capfile.NewPcapngWriter(&file, capfile.PcapngConfig{BigEndian: big, Application: "test", Comment: "hello"})
	must(t, err)
	for _, section := range []bool{big, !big} {
		if section != big {
			must(t, w.NewSection(section))
		}
		ethernet, err := w.AddInterface(capfile.InterfaceConfig{Link: 1, SnapLen: 40, Name: "eth0", TSResol: 9, FCSBytes: 4})
		must(t, err)
		must(t, w.WritePacket(ethernet, someTimes[0], 60, payload(0, 30)))
		must(t, w.WriteBlock(0x999, payload(1, 20)))
		raw, err := w.AddInterface(capfile.InterfaceConfig{Link: 101, TSResol: 6, TSOffset: -100})
		must(t, err)
		must(t, w.WritePacket(raw, someTimes[0], 61, payload(2, 61)))
		must(t, w.WriteSimplePacket(50, payload(3, 50)))
		must(t, w.WriteBlock(0x0bad, payload(4, 9)))
		must(t, w.WriteObsoletePacket(raw, 7, someTimes[2], 62, payload(5, 17)))
	}
	must(t, w.Close())
	return file.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
