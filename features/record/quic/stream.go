package quic

import (
	"encoding/binary"
	"slices"

	"pcapmill/features/record/room"
)

// MaxStream is how much of a side's CRYPTO stream is read.
const MaxStream = 16 << 10

// maxPieces bounds the pieces of a message that wait for those before them, so that
// putting one in its place costs little whatever their order.
const maxPieces = 1024

// ordinaryPieces is how many pieces there is room for at first.
const ordinaryPieces = 8

// Messages of TLS that come in Initial packets.
const (
	ClientHello = 1
	ServerHello = 2
)

// messageHeader is the length of a handshake message's type and length.
const messageHeader = 4

// piece is a stretch of the stream, and where its bytes are kept.
type piece struct {
	offset, length uint16
	at             uint32 // in stream.kept
}

func (p *piece) end() int { return int(p.offset) + int(p.length) }

// maxMessages is how many messages a side can have: a client says hello again where
// the server answers HelloRetryRequest.
const maxMessages = 2

// stream puts one side's CRYPTO frames in order.
type stream struct {
	pieces   []piece // in order of their offsets, no two with the same byte
	kept     []byte
	start    int // offset of the message that is next
	whole    int // how many pieces follow one another from there
	messages int
	closed   bool // nothing is kept any more
}

// add takes a frame's bytes. What is there already stays as it is: first wins.
func (s *stream) add(offset uint64, data []byte, rooms *room.Pool) (Reason, bool) {
	if s.closed {
		return 0, true
	}
	if offset >= MaxStream || len(data) > MaxStream-int(offset) {
		return Message, false
	}
	from, end := max(int(offset), s.start), int(offset)+len(data)
	for i := s.first(from); from < end; i++ {
		upTo := end
		if i < len(s.pieces) {
			if p := &s.pieces[i]; int(p.offset) <= from {
				from = max(from, p.end())
				continue
			}
			upTo = min(end, int(s.pieces[i].offset))
		}
		if len(s.pieces) == maxPieces {
			s.close(rooms)
			return Pieces, false
		}
		s.insert(i, from, data[from-int(offset):upTo-int(offset)], rooms)
		from = upTo
	}
	return 0, true
}

// first returns the index of the first piece that ends behind an offset.
func (s *stream) first(offset int) int {
	i, _ := slices.BinarySearchFunc(s.pieces, offset, func(p piece, offset int) int {
		if p.end() <= offset {
			return -1
		}
		return 1
	})
	return i
}

func (s *stream) insert(i, offset int, data []byte, rooms *room.Pool) {
	if s.pieces == nil {
		s.pieces = make([]piece, 0, ordinaryPieces)
	}
	s.pieces = slices.Insert(s.pieces, i, piece{uint16(offset), uint16(len(data)), uint32(len(s.kept))})
	s.kept = append(rooms.Grow(s.kept, len(data)), data...)
}

// close forgets all that is kept.
func (s *stream) close(rooms *room.Pool) {
	rooms.Give(s.kept)
	*s = stream{closed: true}
}

// take returns the body of the next message where a frame has all of it, nothing else,
// and none of it was there before: mostly, that is how hellos come. It is then not kept.
func (s *stream) take(offset uint64, data []byte, wanted uint8, rooms *room.Pool) (body []byte, ok bool) {
	if s.closed || len(s.pieces) > 0 || offset != uint64(s.start) || len(data) < messageHeader || len(data) > MaxStream-s.start {
		return nil, false
	}
	if head := binary.BigEndian.Uint32(data); head != uint32(wanted)<<24|uint32(len(data)-messageHeader) {
		return nil, false
	}
	s.forget(s.start+len(data), rooms)
	return data[messageHeader:], true
}

// next appends the body of the next message, if it is whole, to dst, and forgets it. A
// message of another kind than wanted closes the stream.
func (s *stream) next(dst []byte, wanted uint8, rooms *room.Pool) (grown []byte, whole bool, reason Reason, ok bool) {
	ready := s.ready()
	if ready < s.start+messageHeader {
		return dst, false, 0, true
	}
	var head [messageHeader]byte
	s.copy(head[:0], s.start, s.start+messageHeader)
	kind := head[0]
	head[0] = 0
	end := s.start + messageHeader + int(binary.BigEndian.Uint32(head[:]))
	if kind != wanted || end > MaxStream {
		s.close(rooms)
		return dst, false, Message, false
	}
	if ready < end {
		return dst, false, 0, true
	}
	dst = s.copy(dst, s.start+messageHeader, end)
	s.forget(end, rooms)
	return dst, true, 0, true
}

// ready returns up to where the stream has all bytes.
func (s *stream) ready() int {
	at := s.start
	if s.whole > 0 {
		at = s.pieces[s.whole-1].end()
	}
	for s.whole < len(s.pieces) && int(s.pieces[s.whole].offset) == at {
		at = s.pieces[s.whole].end()
		s.whole++
	}
	return at
}

// copy appends the bytes between two offsets, all of which are there.
func (s *stream) copy(dst []byte, from, to int) []byte {
	for i := s.first(from); from < to; i++ {
		p := &s.pieces[i]
		end := min(to, p.end())
		at := int(p.at) + from - int(p.offset)
		dst = append(dst, s.kept[at:at+end-from]...)
		from = end
	}
	return dst
}

// forget drops what is before an offset; mostly, that is all there is.
func (s *stream) forget(end int, rooms *room.Pool) {
	if s.messages++; s.messages == maxMessages {
		s.close(rooms)
		return
	}
	i := s.first(end)
	s.start = end
	if i == len(s.pieces) {
		rooms.Give(s.kept)
		s.pieces, s.kept, s.whole = nil, nil, 0
		return
	}
	rest := slices.Clone(s.pieces[i:])
	if cut := end - int(rest[0].offset); cut > 0 {
		rest[0].offset, rest[0].length, rest[0].at = uint16(end), rest[0].length-uint16(cut), rest[0].at+uint32(cut)
	}
	s.pieces, s.whole = rest, 0
}
