package tls

import "encoding/binary"

// cursor takes fields from a message. After a field that does not fit, all others are
// empty and short is set.
type cursor struct {
	b     []byte
	at    int
	short bool
}

func (c *cursor) left() int { return len(c.b) - c.at }

// take returns the next n bytes, and nothing where there are fewer.
func (c *cursor) take(n int) []byte {
	if c.short || c.left() < n {
		c.short = true
		return nil
	}
	c.at += n
	return c.b[c.at-n : c.at : c.at]
}

func (c *cursor) u8() uint8 {
	if v := c.take(1); v != nil {
		return v[0]
	}
	return 0
}

func (c *cursor) u16() uint16 {
	if v := c.take(2); v != nil {
		return binary.BigEndian.Uint16(v)
	}
	return 0
}

func (c *cursor) u24() int {
	if v := c.take(3); v != nil {
		return int(v[0])<<16 | int(v[1])<<8 | int(v[2])
	}
	return 0
}

// vector8 returns bytes behind a length of one byte.
func (c *cursor) vector8() []byte { return c.take(int(c.u8())) }

// vector16 returns bytes behind a length of two bytes.
func (c *cursor) vector16() []byte { return c.take(int(c.u16())) }

// vector24 returns bytes behind a length of three bytes.
func (c *cursor) vector24() []byte { return c.take(c.u24()) }

// whole reports that all fields fit and nothing is left.
func (c *cursor) whole() bool { return !c.short && c.left() == 0 }

// appendU16s appends a list of numbers; false where its length is odd.
func appendU16s(dst []uint16, list []byte) ([]uint16, bool) {
	for ; len(list) >= 2; list = list[2:] {
		dst = append(dst, binary.BigEndian.Uint16(list))
	}
	return dst, len(list) == 0
}

// numbers16 reads data that are a list of numbers behind its length.
func numbers16(dst []uint16, data []byte) ([]uint16, bool) {
	c := cursor{b: data}
	dst, even := appendU16s(dst, c.vector16())
	return dst, even && c.whole()
}

// numbers8 does the same where the length has one byte.
func numbers8(dst []uint16, data []byte) ([]uint16, bool) {
	c := cursor{b: data}
	dst, even := appendU16s(dst, c.vector8())
	return dst, even && c.whole()
}

// names16 reads data that are a list, behind its length, of names behind theirs.
func names16(dst [][]byte, data []byte) ([][]byte, bool) {
	c := cursor{b: data}
	list := cursor{b: c.vector16()}
	for list.left() > 0 && !list.short {
		if name := list.vector8(); !list.short {
			dst = append(dst, name)
		}
	}
	return dst, c.whole() && list.whole()
}
