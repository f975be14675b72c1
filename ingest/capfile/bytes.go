package capfile

// ByteKind says what a byte of the capture is. Every byte is of exactly one
// kind, so that the kinds add up to the length of the stream.
type ByteKind uint8

// The kinds.
const (
	HeaderBytes   ByteKind = iota // file header; blocks that describe (section, interface, names, statistics) without their options
	RecordBytes                   // headers and trailers around packets
	PacketBytes                   // captured bytes of packets
	OptionBytes                   // option lists of blocks that are read, with their own padding
	PaddingBytes                  // behind packets, up to the next multiple of four
	SkippedBytes                  // blocks stepped over, and packet blocks left out
	LostBytes                     // damage that salvage passed over
	TrailingBytes                 // from where reading ended to the end of the stream
	NumByteKinds
)

var byteKinds = [NumByteKinds]string{
	"headers", "records", "packets", "options", "padding", "skipped", "lost", "trailing",
}

// String returns the kind's manifest key.
func (k ByteKind) String() string {
	if k < NumByteKinds {
		return byteKinds[k]
	}
	return "invalid_byte_kind"
}

// ByteCount is a number of bytes for each kind.
type ByteCount [NumByteKinds]int64

// Sum returns the bytes of all kinds.
func (c *ByteCount) Sum() int64 {
	var sum int64
	for _, n := range c {
		sum += n
	}
	return sum
}

// countRecords books n packets that stand in records or blocks with frame bytes
// around each. Lengths come from the packets, not from positions: that these
// agree in the end is what the books prove.
func (c *ByteCount) countRecords(n, frame int, captured uint64) {
	c[PacketBytes] += int64(captured)
	c[RecordBytes] += int64(n) * int64(frame)
}
