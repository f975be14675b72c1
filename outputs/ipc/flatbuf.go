package ipc

import (
	"encoding/binary"
	"fmt"
)

// table is a flatbuffers table in bytes that nobody vouches for: every access is
// checked against the buffer. (The library's reader believes the lengths it finds
// and can be made to ask for all memory.) After the first error every access gives
// zero; the error is in the shared state.
//
//	table   int32 distance back to its vtable, then fields
//	vtable  uint16 own size, uint16 table size, uint16 offset of each field, 0: absent
//	vector  uint32 length, elements          string: the same, of bytes
type table struct {
	*buffer
	at int
}

type buffer struct {
	data []byte
	err  error
}

// rootOf returns the table that a buffer begins with.
func rootOf(data []byte) table {
	b := &buffer{data: data}
	return table{b, int(b.uint32(0))}
}

// bytes returns n bytes at, or nil and an error.
func (b *buffer) bytes(at, n int) []byte {
	if b.err == nil && (at < 0 || n < 0 || at > len(b.data)-n) {
		b.err = fmt.Errorf("%w: %d bytes at %d of %d", ErrFormat, n, at, len(b.data))
	}
	if b.err != nil {
		return nil
	}
	return b.data[at : at+n]
}

func (b *buffer) uint8(at int) uint8 {
	if p := b.bytes(at, 1); p != nil {
		return p[0]
	}
	return 0
}

func (b *buffer) uint16(at int) uint16 {
	if p := b.bytes(at, 2); p != nil {
		return binary.LittleEndian.Uint16(p)
	}
	return 0
}

func (b *buffer) uint32(at int) uint32 {
	if p := b.bytes(at, 4); p != nil {
		return binary.LittleEndian.Uint32(p)
	}
	return 0
}

func (b *buffer) int64(at int) int64 {
	if p := b.bytes(at, 8); p != nil {
		return int64(binary.LittleEndian.Uint64(p))
	}
	return 0
}

// field returns where field n is, or 0 where it is absent.
func (t table) field(n int) int {
	vtable := t.at - int(int32(t.uint32(t.at)))
	entry := 4 + 2*n
	if entry+2 > int(t.uint16(vtable)) || t.err != nil {
		return 0
	}
	if offset := t.uint16(vtable + entry); offset != 0 {
		return t.at + int(offset)
	}
	return 0
}

// follow returns where the offset in field n points, or 0.
func (t table) follow(n int) int {
	at := t.field(n)
	if at == 0 {
		return 0
	}
	return at + int(t.uint32(at))
}

// table returns the table in field n.
func (t table) table(n int) (table, bool) {
	at := t.follow(n)
	return table{t.buffer, at}, at != 0
}

// vector returns where the elements of field n begin and how many there are; each
// takes size bytes and all are in the buffer.
func (t table) vector(n, size int) (first, count int) {
	at := t.follow(n)
	if at == 0 {
		return 0, 0
	}
	length := int64(t.uint32(at))
	if t.err == nil && length > int64(len(t.data)/size) {
		t.err = fmt.Errorf("%w: a list of %d elements", ErrFormat, length)
	}
	if t.bytes(at+4, int(length)*size) == nil || t.err != nil {
		return 0, 0
	}
	return at + 4, int(length)
}

// text returns the string in field n.
func (t table) text(n int) string {
	first, count := t.vector(n, 1)
	return string(t.bytes(first, count))
}
