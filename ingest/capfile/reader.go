package capfile

import (
	"fmt"
	"io"

	"pcapmill/ingest/packet"
)

// Reader delivers the packets of one capture. It belongs to one goroutine.
type Reader struct {
	src io.Reader
	cfg Config
	err error // what Fill returns once the stream has ended

	// The window is b.Data of the Block being filled; its first unread byte has
	// stream offset base + pos.
	base    int64
	tail    []byte // bytes behind the last whole packet, kept for the next Fill
	need    int    // bytes that the record or block at pos needs in whole
	short   bool   // the last read left room: the source has no more for now
	readErr error  // what ended the source
	unread  unread

	info       Info
	interfaces []packet.Interface
	firstBad   *DamageError // first packet left out
	textBytes  int          // of info.Texts
	names      Names
	statistics map[int]*Statistics
	salvager   *salvager // nil without salvage

	classic classic
	ng      sections
}

// NewReader reads the first bytes of src and returns a Reader for the format
// they announce, or a *FormatError. Zero fields of cfg take their defaults. It
// takes no more bytes from src than the file header has, unless it fails.
func NewReader(src io.Reader, cfg Config) (*Reader, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	r := &Reader{src: src, cfg: cfg}
	if err := r.open(); err != nil {
		return nil, err
	}
	return r, nil
}

// headerSize is the length of a pcap file header, and less than the shortest
// section header block of pcapng.
const headerSize = 24

// ixiaHeaderSize is that of IXIA's lcap files: the length of all records follows
// the usual header. Writers leave it wrong, so it is not used.
const ixiaHeaderSize = headerSize + 4

// prefixSize is how much of an unknown file is looked at to name it.
const prefixSize = 64

func (r *Reader) open() error {
	var prefix [prefixSize]byte
	n, err := io.ReadFull(r.src, prefix[:4])
	if err != nil {
		return startError(prefix[:n], err)
	}
	header, isHeader := r.recognise(prefix[:4])
	if !isHeader {
		n, _ = io.ReadFull(r.src, prefix[4:])
		return notCapture(prefix[:4+n])
	}
	n, err = io.ReadFull(r.src, prefix[4:header])
	if err != nil {
		return cutHeader(4+n, header, err)
	}
	if r.info.Format == formatPcapng {
		return r.openSections(prefix[:header])
	}
	r.openClassic(prefix[:header])
	if r.cfg.Salvage {
		r.salvage(newRecordFrames(r), nil)
	}
	return nil
}

// The formats.
const (
	formatPcap   = "pcap"
	formatPcapng = "pcapng"
)

// recognise sets the format from the magic number and returns the number of
// header bytes to read before the first Fill.
func (r *Reader) recognise(magic []byte) (header int, ok bool) {
	r.info.Format = formatPcap
	switch littleEndian.u32(magic) {
	case magicMicros:
	case magicMicrosSwap:
		r.info.BigEndian = true
	case magicNanos:
		r.info.Nanosecond = true
	case magicNanosSwap:
		r.info.Nanosecond, r.info.BigEndian = true, true
	case magicModified:
		r.info.Modified = true
	case magicModifiedSwap:
		r.info.Modified, r.info.BigEndian = true, true
	case magicSectionHeader:
		r.info.Format = formatPcapng
		return minBlock, true
	case magicIxiaHW:
		r.info.Ixia, r.info.Nanosecond = true, true
	case magicIxiaHWSwap:
		r.info.Ixia, r.info.Nanosecond, r.info.BigEndian = true, true, true
	case magicIxiaSW:
		r.info.Ixia = true
	case magicIxiaSWSwap:
		r.info.Ixia, r.info.BigEndian = true, true
	default:
		return 0, false
	}
	if r.info.Ixia {
		return ixiaHeaderSize, true
	}
	return headerSize, true
}

// startError says why not even a magic number could be read.
func startError(prefix []byte, err error) error {
	if err != io.EOF && err != io.ErrUnexpectedEOF {
		return &FormatError{Reason: ReasonReadFailed, Offset: int64(len(prefix)), Err: err}
	}
	return notCapture(prefix)
}

func cutHeader(have, want int, err error) error {
	if err != io.EOF && err != io.ErrUnexpectedEOF {
		return &FormatError{Reason: ReasonReadFailed, Offset: int64(have), Err: err}
	}
	return &FormatError{
		Reason: ReasonCutHeader, Offset: int64(have),
		Detail: fmt.Sprintf("the file header ends after %d of %d bytes", have, want),
	}
}

// Format returns "pcap" or "pcapng".
func (r *Reader) Format() string { return r.info.Format }

// Interfaces returns the interfaces met so far, over all sections, in the order
// of their description; Record.Interface indexes it. Classic pcap has one. The
// slice is valid until the next Fill and must not be changed.
func (r *Reader) Interfaces() []packet.Interface { return r.interfaces }

// Offset returns where in the (decompressed) stream reading has got to: behind
// the last packet delivered, block stepped over or damage passed over.
// Info.Bytes adds up to it.
func (r *Reader) Offset() int64 {
	if r.ng.skipping() {
		return r.streamOffset(r.ng.skipStart)
	}
	return r.streamOffset(r.base)
}

// Info returns what has been learned so far. Its slices must not be changed.
func (r *Reader) Info() Info {
	info := r.info
	info.Names, info.Odd[NamesLeftOut] = r.names.Len(), r.names.LeftOut
	info.Statistics = r.sortedStatistics()
	if r.salvager != nil {
		info.Salvage = r.salvager.passed
		info.Bytes[LostBytes] = r.salvager.passed.Bytes
	}
	return info
}

// Names returns the names that the capture's name resolution blocks claim.
func (r *Reader) Names() *Names { return &r.names }
