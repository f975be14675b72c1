package capfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Magic numbers as the first four bytes read little-endian.
const (
	magicMicros        = 0xa1b2c3d4
	magicMicrosSwap    = 0xd4c3b2a1
	magicNanos         = 0xa1b23c4d
	magicNanosSwap     = 0x4d3cb2a1
	magicModified      = 0xa1b2cd34
	magicModifiedSwap  = 0x34cdb2a1
	magicIxiaHW        = 0x1c0001ac
	magicIxiaHWSwap    = 0xac01001c
	magicIxiaSW        = 0x1c0001ab
	magicIxiaSWSwap    = 0xab01001c
	magicSectionHeader = 0x0a0d0d0a // pcapng, the same in both byte orders
	magicByteOrder     = 0x1a2b3c4d
)

// foreign are the first bytes of files that people hand over as captures.
var foreign = []struct {
	prefix string
	reason Reason
	what   string
}{
	{"version https://git-lfs", ReasonLFSPointer, "a Git LFS pointer; fetch the capture with git lfs pull"},
	{"\x1f\x8b", ReasonCompressed, "gzip data"},
	{"\x28\xb5\x2f\xfd", ReasonCompressed, "zstd data"},
	{"BZh", ReasonCompressed, "bzip2 data"},
	{"\xfd7zXZ\x00", ReasonCompressed, "xz data"},
	{"\x04\x22\x4d\x18", ReasonCompressed, "lz4 data"},
	{"PK\x03\x04", ReasonCompressed, "a zip archive"},
	{"snoop\x00\x00\x00", ReasonUnsupportedVariant, "a snoop capture (RFC 1761)"},
	{"TRSNIFF data", ReasonUnsupportedVariant, "a Network General Sniffer capture"},
	{"GMBU", ReasonUnsupportedVariant, "a Microsoft Network Monitor 2 capture"},
	{"RTSS", ReasonUnsupportedVariant, "a Microsoft Network Monitor 1 capture"},
	{"\xa1\xb2\xc3\xcd", ReasonUnsupportedVariant, "a pcap file with unknown magic a1b2c3cd"},
	{"\xa1\xb2\x34\xcd", ReasonUnsupportedVariant, "a pcap file of F. Mesquita's variant (magic a1b234cd)"},
	{"\xcd\x34\xb2\xa1", ReasonUnsupportedVariant, "a pcap file of F. Mesquita's variant (magic a1b234cd)"},
	{"\xa1\x2b\x3c\x4d", ReasonUnsupportedVariant, "a pcap file of Navtel's variant (magic a12b3c4d)"},
	{"\x4d\x3c\x2b\xa1", ReasonUnsupportedVariant, "a pcap file of Navtel's variant (magic a12b3c4d)"},
	{"\xa1\xb2\xc3\xcb", ReasonUnsupportedVariant, "a saved BPF program (magic a1b2c3cb)"},
	{"\xcb\xc3\xb2\xa1", ReasonUnsupportedVariant, "a saved BPF program (magic a1b2c3cb)"},
	{"\x0a\x0a\x0d\x0a", ReasonUnsupportedVariant, "a pcapng file that a text-mode transfer damaged"},
	{"\x0d\x0a\x0d\x0d", ReasonUnsupportedVariant, "a pcapng file that a text-mode transfer damaged"},
	{"PAR1", ReasonUnsupportedVariant, "a Parquet file"},
}

// notCapture says what a file is that starts with prefix and has none of the
// magic numbers.
func notCapture(prefix []byte) *FormatError {
	if len(prefix) == 0 {
		return &FormatError{Reason: ReasonEmpty}
	}
	for i := range foreign {
		if bytes.HasPrefix(prefix, []byte(foreign[i].prefix)) {
			return &FormatError{Reason: foreign[i].reason, Detail: foreign[i].what}
		}
	}
	shown := prefix[:min(len(prefix), 16)]
	if isText(prefix) {
		return &FormatError{Reason: ReasonText, Detail: fmt.Sprintf("begins with %q", shown)}
	}
	if len(prefix) < 4 {
		return &FormatError{Reason: ReasonUnknownMagic, Detail: fmt.Sprintf("only %d bytes: % x", len(prefix), prefix)}
	}
	return &FormatError{Reason: ReasonUnknownMagic, Detail: fmt.Sprintf("magic %08x", binary.BigEndian.Uint32(prefix))}
}

// isText reports whether b looks like text: printable ASCII, tabs, line ends
// and bytes of UTF-8 sequences, and at least four of them.
func isText(b []byte) bool {
	for _, c := range b {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
			return false
		}
		if c >= 0xf8 || c == 0xc0 || c == 0xc1 {
			return false
		}
	}
	return len(b) >= 4 && b[0] < 0x80
}
