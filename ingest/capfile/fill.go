package capfile

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"pcapmill/ingest/packet"
)

// maxEmptyReads is how many reads in a row may bring neither bytes nor an error.
const maxEmptyReads = 100

// minRoom is the least room that one read is given.
const minRoom = 4 << 10

// errBadRead is a source that breaks the contract of io.Reader.
var errBadRead = errors.New("source returned an impossible byte count")

// Fill appends packets to b: their bytes to b.Data, their places to b.Records.
// It uses the capacity of b.Data as it comes, DefaultBuffer where there is none,
// and grows it only for a packet that does not fit, as its bytes arrive. It
// returns when at least one packet was added and b.Data is full or the source
// had no more for now, so that pipes do not stall; usually it reads once. It returns
// as well, with or without packets, behind a watermark, which b.Watermark then is: see
// LiveApplication.
//
// At the end of the stream it returns io.EOF, *DamageError or *LimitError,
// possibly together with packets: look at b.Records first. Later calls return
// the same error.
func (r *Reader) Fill(b *packet.Block) error {
	if r.err != nil {
		return r.err
	}
	had := len(b.Records)
	b.Watermark = 0
	start := r.begin(b)
	pos := start
	for {
		pos = r.walk(b, pos)
		if b.Watermark != 0 {
			r.unread.keep(b.Data[pos:], r.short)
			b.Data = b.Data[:pos]
			break
		}
		if r.err == nil && r.readErr != nil && r.unread.empty() {
			r.err = r.ending(pos, len(b.Data)-pos)
		}
		full := len(b.Data) == cap(b.Data)
		if r.err != nil || len(b.Records) > had && (full || r.short) {
			break
		}
		pos = r.makeRoom(b, start, pos)
		r.read(b)
	}
	r.end(b, pos, had)
	return r.err
}

// begin puts the bytes left over by the last Fill into b and returns where they
// start.
func (r *Reader) begin(b *packet.Block) int {
	if cap(b.Data) == 0 {
		b.Data = make([]byte, 0, DefaultBuffer)
	}
	start := len(b.Data)
	if cap(b.Data)-start < len(r.tail)+minRoom {
		b.Data = slices.Grow(b.Data, len(r.tail)+minRoom)
	}
	b.Data = append(b.Data, r.tail...)
	r.base -= int64(start)
	r.short, r.unread.sourced = false, false
	return start
}

// end takes the bytes behind the last whole packet out of b.
func (r *Reader) end(b *packet.Block, pos, had int) {
	r.tail = append(r.tail[:0], b.Data[pos:]...)
	b.Data = b.Data[:pos]
	r.base += int64(pos)
	r.info.Packets += int64(len(b.Records) - had)
	if r.info.Format == formatPcap {
		r.interfaces[0].Packets += int64(len(b.Records) - had)
	}
	if r.err != nil {
		r.tail = nil
	}
	r.pass(r.base)
}

// walk adds the whole packets from pos on and returns the position behind the
// last one, which is the start of what is incomplete or, with r.err set, broken.
func (r *Reader) walk(b *packet.Block, pos int) int {
	if r.info.Format == formatPcap {
		return r.walkRecords(b, pos)
	}
	return r.walkBlocks(b, pos)
}

// makeRoom makes room in b.Data behind what is unread. It is called before the
// first packet of this Fill, so blocks stepped over may be overwritten; without
// any, the buffer grows, to twice its size at most, so never ahead of the bytes
// that have arrived.
func (r *Reader) makeRoom(b *packet.Block, start, pos int) int {
	if len(b.Data) < cap(b.Data) {
		return pos
	}
	if pos > start {
		n := copy(b.Data[start:], b.Data[pos:])
		b.Data = b.Data[:start+n]
		r.base += int64(pos - start)
		return start
	}
	wanted := max(pos+r.need, cap(b.Data)+minRoom)
	grown := make([]byte, len(b.Data), min(wanted, 2*cap(b.Data)))
	copy(grown, b.Data)
	b.Data = grown
	return pos
}

// read reads once into the room behind b.Data.
func (r *Reader) read(b *packet.Block) {
	room := b.Data[len(b.Data):cap(b.Data)]
	if !r.unread.empty() {
		n, short := r.unread.read(room)
		b.Data, r.short = b.Data[:len(b.Data)+n], short
		return
	}
	r.unread.sourced = true
	for range maxEmptyReads {
		n, err := r.src.Read(room)
		if n < 0 || n > len(room) {
			r.readErr = errBadRead
			return
		}
		b.Data = b.Data[:len(b.Data)+n]
		r.short = n < len(room)
		r.readErr = err
		if n > 0 || err != nil {
			return
		}
	}
	r.readErr = io.ErrNoProgress
}

// ending returns the error for the end of the source with so many bytes left at
// pos.
func (r *Reader) ending(pos, left int) error {
	at := r.at(pos)
	switch {
	case r.readErr != io.EOF:
		return &DamageError{Reason: ReasonReadFailed, Offset: at, Err: r.readErr}
	case r.ng.skipping():
		return &DamageError{Reason: ReasonTruncated, Offset: r.streamOffset(r.ng.skipStart), Detail: "block runs past the end"}
	case left > 0:
		return &DamageError{Reason: ReasonTruncated, Offset: at, Detail: r.cutDetail(left)}
	case r.salvager != nil && r.salvager.ranges > 0:
		return r.salvager.damage()
	case r.firstBad != nil:
		return r.firstBad
	}
	return io.EOF
}

// cutDetail describes an incomplete last record of which left bytes are there.
func (r *Reader) cutDetail(left int) string {
	what := "record"
	if r.info.Format == formatPcapng {
		what = "block"
	}
	if r.need > left {
		return fmt.Sprintf("%s of %d bytes ends after %d", what, r.need, left)
	}
	return fmt.Sprintf("%d bytes are too few for a %s header", left, what)
}

// damaged ends the reading at pos.
func (r *Reader) damaged(pos int, reason Reason, format string, args ...any) {
	r.err = &DamageError{Reason: reason, Offset: r.at(pos), Detail: fmt.Sprintf(format, args...)}
}

// badPacket counts a packet left out; the first one is what the stream ends
// with.
func (r *Reader) badPacket(pos int, format string, args ...any) {
	r.info.Odd[BadPacket]++
	if r.firstBad == nil {
		r.firstBad = &DamageError{
			Reason: ReasonBadPacket, Offset: r.at(pos), Detail: fmt.Sprintf(format, args...),
		}
	}
}
