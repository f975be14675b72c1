package capfile

import "slices"

// frames judges the units that a capture is framed in: records or blocks.
type frames interface {
	// look judges the unit at the start of b. A search is stricter: it must not
	// take other bytes for a unit.
	look(b []byte, searching bool) unit
	// lookBehind judges the unit behind one that a search found.
	lookBehind(b []byte, before unit) unit
	// fits reports whether a unit that a search found can stand between what was
	// accepted last and one further on.
	fits(u unit, exit uint32) bool
	// last reports whether a unit that a search found at the very end of the
	// stream can be believed without another behind it.
	last(u unit) bool
	// accept learns from a unit that belongs to the capture.
	accept(b []byte)
	// ahead is how many bytes behind a position a search needs.
	ahead() int64
	// harmless reports whether lost bytes of a length, which begin with head and
	// end with tail, are one unit that says nothing about others.
	harmless(head, tail []byte, length int64) bool
}

// unit is what is known of a record or block.
type unit struct {
	verdict  verdict
	length   int    // where the unit is not whole: bytes needed to tell more
	whole    bool   // all its bytes are there
	restarts bool   // a section header: what follows is in its byte order
	order    order  // of a section header
	seconds  uint32 // of a record
	reason   Reason // what is broken
}

// verdict is how far a unit can be trusted.
type verdict uint8

const (
	unknown verdict = iota // too few bytes
	sound
	odd    // possible, and accepted in ordinary reading
	broken // ordinary reading stops here
)

// recordFrames judges records of classic pcap.
type recordFrames struct {
	classic   *classic
	maxPacket uint32

	usual       uint32 // longest captured length that is usual in this file
	overWire    bool   // captured lengths above wire lengths are usual
	overSecond  bool   // fractions of a second or more are usual
	seconds     uint32 // about where the capture's time is
	strange     uint32 // of the last record that was far from there
	haveSeconds bool
}

func newRecordFrames(r *Reader) *recordFrames {
	f := &recordFrames{classic: &r.classic, maxPacket: r.cfg.MaxPacket, usual: r.cfg.MaxPacket}
	if r.classic.snapLen != 0 {
		f.usual = min(r.classic.snapLen, r.cfg.MaxPacket)
	}
	return f
}

// maxWire bounds wire lengths of sound records.
const maxWire = LargestMaxPacket

// searchSeconds is how far from the last record's time a search believes: a
// year. Captures inside of packets are usually older than that, or much longer
// ago than damage lasts.
const searchSeconds = 366 * 24 * 3600

// jumpSeconds is how far a record's time may be from the one before to be
// believed at once.
const jumpSeconds = 24 * 3600

// disorderSeconds is how far a record's time may lie outside of the span of
// those around it.
const disorderSeconds = 60

func (f *recordFrames) fields(b []byte) (seconds, fraction, captured, wire uint32) {
	o := f.classic.order
	captured, wire = o.u32(b[8:]), o.u32(b[12:])
	if f.classic.swapped != neverSwapped {
		captured, wire = f.classic.lengths(captured, wire)
	}
	return o.u32(b), o.u32(b[4:]), captured, wire
}

func (f *recordFrames) look(b []byte, searching bool) unit {
	if len(b) < f.classic.header {
		return unit{length: f.classic.header}
	}
	seconds, fraction, captured, wire := f.fields(b)
	switch {
	case captured > f.maxPacket:
		return unit{verdict: broken, reason: ReasonPacketTooLong}
	case seconds|fraction|captured|wire == 0:
		return unit{verdict: broken, reason: ReasonZeroFilled}
	}
	u := unit{verdict: sound, length: f.classic.header + int(captured), seconds: seconds}
	u.whole = len(b) >= u.length
	if captured > f.usual || captured > wire && !f.overWire || wire > maxWire ||
		fraction >= f.classic.fractionEnd && !f.overSecond {
		u.verdict = odd
	}
	if searching && (captured == 0 || f.haveSeconds && apart(seconds, f.seconds) > searchSeconds) {
		u.verdict = odd
	}
	return u
}

// fits compares times: records stand about in their order, captures inside of
// packets are from another time.
func (f *recordFrames) fits(u unit, exit uint32) bool {
	if !f.haveSeconds {
		return true
	}
	early, late := uint64(min(f.seconds, exit)), uint64(max(f.seconds, exit))
	return uint64(u.seconds)+disorderSeconds >= early && uint64(u.seconds) <= late+disorderSeconds
}

// last believes a record whose time is that of the capture: bytes that happen to
// give a length up to the end are found in any packet that is cut.
func (f *recordFrames) last(u unit) bool {
	return f.haveSeconds && apart(u.seconds, f.seconds) <= jumpSeconds
}

func (f *recordFrames) lookBehind(b []byte, _ unit) unit { return f.look(b, true) }

func (f *recordFrames) accept(b []byte) {
	seconds, fraction, captured, wire := f.fields(b)
	f.usual = max(f.usual, captured)
	f.overWire = f.overWire || captured > wire
	f.overSecond = f.overSecond || fraction >= f.classic.fractionEnd
	// One time that is far off may be damaged; two that agree are a jump.
	switch {
	case !f.haveSeconds || apart(seconds, f.seconds) <= jumpSeconds || apart(seconds, f.strange) <= jumpSeconds:
		f.seconds, f.strange, f.haveSeconds = seconds, seconds, true
	default:
		f.strange = seconds
	}
}

func (f *recordFrames) ahead() int64 { return int64(2*f.classic.header) + int64(f.maxPacket) }

func (f *recordFrames) harmless(_, _ []byte, _ int64) bool { return true }

func apart(a, b uint32) uint32 { return max(a, b) - min(a, b) }

// blockFrames judges pcapng blocks.
type blockFrames struct {
	order     order
	maxBlock  uint32
	maxPacket uint32
}

func newBlockFrames(r *Reader) *blockFrames {
	return &blockFrames{order: r.ng.order, maxBlock: r.cfg.MaxBlock, maxPacket: r.cfg.MaxPacket}
}

func (f *blockFrames) look(b []byte, searching bool) unit { return f.lookIn(f.order, b, searching) }

func (f *blockFrames) lookBehind(b []byte, before unit) unit {
	o := f.order
	if before.restarts {
		o = before.order
	}
	return f.lookIn(o, b, true)
}

func (f *blockFrames) lookIn(o order, b []byte, searching bool) unit {
	if len(b) < minBlock {
		return unit{length: minBlock}
	}
	kind := o.u32(b)
	u := unit{verdict: sound, order: o}
	if kind == magicSectionHeader {
		u.order, u.restarts = byteOrder(b[8:])
		if !u.restarts {
			return unit{verdict: broken, reason: ReasonBadBlock}
		}
	} else if searching && !slices.Contains(searchedBlocks[:], kind) {
		return unit{verdict: broken, reason: ReasonBadBlock}
	}
	length := u.order.u32(b[4:])
	if length < minBlock || length%4 != 0 || length > f.longest(searching) || u.restarts && length < minSectionBlock {
		return unit{verdict: broken, reason: ReasonBadBlock}
	}
	u.length = int(length)
	if u.whole = len(b) >= u.length; !u.whole {
		u.verdict = unknown
		return u
	}
	if u.order.u32(b[length-4:]) != length || searching && !f.plausible(u.order, kind, b[:length]) {
		return unit{verdict: broken, reason: ReasonBadBlock}
	}
	return u
}

// searchedBlocks are the types that a search takes for blocks.
var searchedBlocks = [...]uint32{
	blockInterface, blockPacket, blockSimple, blockNames, blockStatistics, blockEnhanced,
	0x00000009, 0x0000000a, 0x00000bad, 0x40000bad,
}

func (f *blockFrames) longest(searching bool) uint32 {
	if searching {
		return min(f.maxBlock, f.maxPacket+blockOverhead)
	}
	return f.maxBlock
}

// maxPlausibleFaces bounds the interface numbers that a search believes.
const maxPlausibleFaces = 1 << 16

// plausible checks what a search can check of a block's content.
func (f *blockFrames) plausible(o order, kind uint32, b []byte) bool {
	switch kind {
	case blockEnhanced:
		return len(b) >= minPacketBlock && o.u32(b[20:]) <= uint32(len(b)-minPacketBlock) &&
			o.u32(b[8:]) < maxPlausibleFaces
	case blockPacket:
		return len(b) >= minPacketBlock && o.u32(b[20:]) <= uint32(len(b)-minPacketBlock)
	case blockSimple:
		return len(b) >= minSimpleBlock
	case blockInterface:
		return len(b) >= minInterfaceBlock
	case blockStatistics:
		return len(b) >= minStatisticsBlock
	}
	return true
}

func (f *blockFrames) accept(b []byte) {
	if f.order.u32(b) == magicSectionHeader {
		f.order, _ = byteOrder(b[8:])
	}
}

func (f *blockFrames) fits(unit, uint32) bool { return true }

func (f *blockFrames) last(unit) bool { return true }

func (f *blockFrames) ahead() int64 { return 2 * int64(f.longest(true)) }

func (f *blockFrames) harmless(head, tail []byte, length int64) bool {
	if len(head) < minBlock {
		return false
	}
	ends := len(tail) == 4 && int64(f.order.u32(tail)) == length
	if !ends && int64(f.order.u32(head[4:])) != length {
		return false
	}
	kind := f.order.u32(head)
	return kind != magicSectionHeader && kind != blockInterface && slices.Contains(searchedBlocks[:], kind)
}
