package decompress

import "bytes"

// Format is a compression format.
type Format uint8

// The formats. Those up to Bzip2 can be opened.
const (
	None Format = iota
	Gzip
	Zstd
	LZ4
	XZ
	Bzip2
	Zip
	SevenZip
	RAR
	Snappy
	Lzip
	LZW
)

var formatNames = [...]string{
	"none", "gzip", "zstd", "lz4", "xz", "bzip2", "zip", "7z", "rar", "snappy", "lzip", "compress",
}

// String returns the format's usual name.
func (f Format) String() string {
	if int(f) < len(formatNames) {
		return formatNames[f]
	}
	return "invalid"
}

// magicSize is the length of the longest signature.
const magicSize = 10

// signatures are the first bytes of each format.
var signatures = []struct {
	magic  string
	format Format
}{
	{"\x1f\x8b", Gzip},
	{"\x28\xb5\x2f\xfd", Zstd},
	{"\x04\x22\x4d\x18", LZ4},
	{"\x02\x21\x4c\x18", LZ4}, // legacy frame
	{"\xfd7zXZ\x00", XZ},
	{"PK\x03\x04", Zip},
	{"PK\x05\x06", Zip},
	{"7z\xbc\xaf\x27\x1c", SevenZip},
	{"Rar!\x1a\x07", RAR},
	{"\xff\x06\x00\x00sNaPpY", Snappy},
	{"LZIP", Lzip},
	{"\x1f\x9d", LZW},
}

// Detect returns the format of a stream that begins with prefix. No capture
// format begins like any of them. Skippable frames 184D2A50 to 184D2A5F may stand
// first in zstd and in lz4; a stream that begins with one counts as zstd here,
// and Open looks behind it.
func Detect(prefix []byte) Format {
	for i := range signatures {
		if bytes.HasPrefix(prefix, []byte(signatures[i].magic)) {
			return signatures[i].format
		}
	}
	switch {
	case len(prefix) > 3 && bytes.HasPrefix(prefix, []byte("BZh")) && prefix[3] >= '1' && prefix[3] <= '9':
		return Bzip2
	case isSkippable(prefix):
		return Zstd
	}
	return None
}

// isSkippable reports whether b begins with the magic number of a skippable
// frame, which zstd and lz4 share.
func isSkippable(b []byte) bool {
	return len(b) >= 4 && b[0]&0xf0 == 0x50 && bytes.Equal(b[1:4], []byte{0x2a, 0x4d, 0x18})
}
