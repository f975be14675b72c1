package segment

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// Contents is what the whole blocks at the beginning of a file hold.
type Contents struct {
	Bytes     int64 // of whole blocks
	Tally     Tally
	Watermark packet.Nanos // latest time of a statistics block; NoTime without one

	Session  string // as the section's comment has them; "" and 0 where it does not
	Number   int64
	OpenedNs int64

	Ended  bool   // the last whole block says that the segment ended here
	Reason string // as it says
	Counts Counts // as it says

	Rest string // why reading stopped before the end of the file; "" at the end
}

// Block types and lengths of what a Writer writes.
const (
	typeSection    = 0x0a0d0d0a
	typeInterface  = 1
	typeStatistics = 5
	typeEnhanced   = 6

	optionTSResol  = 9  // if_tsresol
	optionTSOffset = 14 // if_tsoffset

	byteOrderMagic = 0x1a2b3c4d
	minBlock       = 12
	packetFront    = 28        // of an enhanced packet block, up to the packet
	statsFront     = 20        // of a statistics block, up to its options
	maxDescription = 64 << 10  // of a block that is no packet
	maxPacketBlock = 17 << 20  // of one that is
	walkBuffer     = 128 << 10 // at least maxDescription
)

// Walk reads a segment, uncompressed, up to its end or the first byte that a Writer would not
// have written. Its memory is one buffer. The error is of the reader alone.
func Walk(r io.Reader) (Contents, error) {
	w := walker{in: bufio.NewReaderSize(r, walkBuffer)}
	w.Tally, w.Watermark = NewTally(), packet.NoTime
	for {
		n, err := w.block()
		switch {
		case err == nil:
			w.Bytes += int64(n)
			continue
		case err == io.EOF:
			return w.Contents, nil
		}
		var bad unsound
		if errors.As(err, &bad) {
			w.Rest = string(bad)
			return w.Contents, nil
		}
		return w.Contents, err
	}
}

// unsound says what is wrong with a block.
type unsound string

func (u unsound) Error() string { return string(u) }

type walker struct {
	Contents
	in      *bufio.Reader
	snapLen uint32
	face    bool // the interface has been described
}

// block takes one block and returns its length. What it holds counts only once all of it has
// been seen.
func (w *walker) block() (int, error) {
	head, err := w.peek(8)
	if err != nil {
		return 0, err
	}
	kind, length := binary.LittleEndian.Uint32(head), binary.LittleEndian.Uint32(head[4:])
	limit := uint32(maxDescription)
	if kind == typeEnhanced {
		limit = maxPacketBlock
	}
	if length < minBlock || length > limit || length%4 != 0 {
		return 0, unsound(fmt.Sprintf("a block of %d bytes", length))
	}
	switch {
	case w.Bytes == 0 && kind == typeSection:
		err = w.described(length, w.section)
	case w.Bytes > 0 && !w.face && kind == typeInterface:
		err = w.described(length, w.describe)
	case w.face && kind == typeStatistics:
		err = w.described(length, w.statistics)
	case w.face && kind == typeEnhanced:
		err = w.packet(length)
	default:
		err = unsound(fmt.Sprintf("a block of type %#x, which segments do not have there", kind))
	}
	return int(length), err
}

// peek returns the next n bytes. An end of file among them is unsound, one before them io.EOF.
func (w *walker) peek(n int) ([]byte, error) {
	b, err := w.in.Peek(n)
	if err == io.EOF && len(b) > 0 {
		return nil, unsound("the file ends within a block")
	}
	return b, err
}

// described takes a whole block that is no packet.
func (w *walker) described(length uint32, take func(body []byte) error) error {
	b, err := w.peek(int(length))
	if err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(b[length-4:]) != length {
		return unsound("a block whose two lengths differ")
	}
	if err := take(b[8 : length-4]); err != nil {
		return err
	}
	_, err = w.in.Discard(int(length))
	return err
}

func (w *walker) section(body []byte) error {
	if len(body) < 16 || binary.LittleEndian.Uint32(body) != byteOrderMagic {
		return unsound("a section of another byte order")
	}
	ours := false
	for code, value := range options(body[16:]) {
		switch code {
		case 1:
			if n, _ := fmt.Sscanf(clean(value), headComment, &w.Session, &w.Number, &w.OpenedNs); n != 3 {
				w.Session, w.Number, w.OpenedNs = "", 0, 0
			}
		case 4:
			ours = strings.HasPrefix(string(value), Application)
		}
	}
	if !ours {
		return unsound("a section that live capture did not write")
	}
	return nil
}

func (w *walker) describe(body []byte) error {
	if len(body) < 8 {
		return unsound("an interface without a description")
	}
	w.snapLen = binary.LittleEndian.Uint32(body[4:])
	known, other := false, false
	for code, value := range options(body[8:]) {
		switch code {
		case optionTSResol:
			other = other || known || len(value) != 1 || value[0] != nanoseconds
			known = true
		case optionTSOffset:
			other = true
		}
	}
	w.face = known && !other
	if !w.face {
		return unsound("an interface whose times are not in nanoseconds")
	}
	return nil
}

// packet takes a packet block. Only its front and its length at the end are looked at.
func (w *walker) packet(length uint32) error {
	if length < packetFront+4 {
		return unsound("a packet block without a packet")
	}
	b, err := w.peek(packetFront)
	if err != nil {
		return err
	}
	t, captured, wire := stamp(b[12:]), binary.LittleEndian.Uint32(b[20:]), binary.LittleEndian.Uint32(b[24:])
	switch {
	case binary.LittleEndian.Uint32(b[8:]) != 0 || t == packet.NoTime:
		return unsound("a packet of another interface, or without a time")
	case captured > length-packetFront-4 || w.snapLen != 0 && captured > w.snapLen:
		return unsound("a packet longer than its block, or than the snapshot length")
	}
	if _, err := w.in.Discard(int(length) - 4); err != nil {
		return ended(err)
	}
	if b, err = w.in.Peek(4); err != nil {
		return ended(err)
	}
	if binary.LittleEndian.Uint32(b) != length {
		return unsound("a block whose two lengths differ")
	}
	_, err = w.in.Discard(4)
	w.Tally.Add(t, int(captured), int(wire))
	w.Ended = false
	return err
}

// ended turns the end of the file, where a block should go on, into its verdict.
func ended(err error) error {
	if err == io.EOF {
		return unsound("the file ends within a block")
	}
	return err
}

func (w *walker) statistics(body []byte) error {
	if len(body) < statsFront-8 || binary.LittleEndian.Uint32(body) != 0 {
		return unsound("statistics of another interface")
	}
	t := stamp(body[4:])
	if t == packet.NoTime {
		return unsound("statistics without a time")
	}
	w.Watermark = max(w.Watermark, t)
	w.Ended, w.Reason, w.Counts = false, "", Counts{}
	for code, value := range options(body[12:]) {
		switch {
		case code == 1:
			n, _ := fmt.Sscanf(clean(value), endComment, &w.Reason, &w.Counts.Freezes)
			w.Ended = n == 2
		case len(value) != 8 || binary.LittleEndian.Uint64(value) > math.MaxInt64:
		case code == isb(capfile.Accepted):
			w.Counts.Accepted = int64(binary.LittleEndian.Uint64(value))
		case code == isb(capfile.OSDropped):
			w.Counts.Drops = int64(binary.LittleEndian.Uint64(value))
		case code == isb(capfile.Dropped):
			w.Counts.IfDrops = int64(binary.LittleEndian.Uint64(value))
		}
	}
	return nil
}

// isb is the option of a statistic.
func isb(s capfile.Statistic) uint16 { return 4 + uint16(s) }

// stamp reads a time in nanoseconds, upper half first; NoTime where it is beyond int64.
func stamp(b []byte) packet.Nanos {
	v := uint64(binary.LittleEndian.Uint32(b))<<32 | uint64(binary.LittleEndian.Uint32(b[4:]))
	if v > math.MaxInt64 {
		return packet.NoTime
	}
	return packet.Nanos(v)
}

// clean bounds a comment before it is scanned.
func clean(value []byte) string { return string(value[:min(len(value), 200)]) }

// options yields the options of a list, as far as it is sound.
func options(list []byte) func(yield func(code uint16, value []byte) bool) {
	return func(yield func(uint16, []byte) bool) {
		for len(list) >= 4 {
			code, n := binary.LittleEndian.Uint16(list), int(binary.LittleEndian.Uint16(list[2:]))
			if code == 0 || n > len(list)-4 || !yield(code, list[4:4+n]) {
				return
			}
			list = list[min(len(list), 4+(n+3)&^3):]
		}
	}
}
