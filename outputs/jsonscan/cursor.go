package jsonscan

import (
	"bytes"
	"math"
	"slices"
)

// deepest is how deep values may be nested.
const deepest = 32

// Cursor is a place in JSON text.
type Cursor struct {
	data  []byte
	at    int
	depth int
}

// New returns a cursor at the begin of data.
func New(data []byte) *Cursor { return &Cursor{data: data} }

// At returns how many bytes were read.
func (c *Cursor) At() int { return c.at }

// End reports whether all is read, but for white space.
func (c *Cursor) End() bool {
	c.space()
	return c.at == len(c.data)
}

// Literal reads bytes that are as given.
func (c *Cursor) Literal(s string) bool {
	if len(c.data)-c.at < len(s) || string(c.data[c.at:c.at+len(s)]) != s {
		return false
	}
	c.at += len(s)
	return true
}

// peek returns the byte at hand, 0 at the end: JSON has none.
func (c *Cursor) peek() byte {
	if c.at < len(c.data) {
		return c.data[c.at]
	}
	return 0
}

func (c *Cursor) space() {
	for c.at < len(c.data) {
		switch c.data[c.at] {
		case ' ', '\t', '\r', '\n':
			c.at++
		default:
			return
		}
	}
}

// punctuation reads one byte, and white space around it.
func (c *Cursor) punctuation(b byte) bool {
	c.space()
	if c.peek() != b {
		return false
	}
	c.at++
	c.space()
	return true
}

// Object reads an object. The function is called behind each key, with it, and must read the value.
func (c *Cursor) Object(member func(key []byte) bool) bool {
	return c.items('{', '}', func() bool {
		key, ok := c.Text()
		return ok && isKey(key) && c.punctuation(':') && member(key)
	})
}

// Members reads an object of which some members are wanted, up to 64 that are named. The function is
// called with the name of each that is there, and must read the value; others are passed over. One
// that is there twice is not read. Where members come in the order of the names, they are found at
// once.
func (c *Cursor) Members(names []string, member func(name string) bool) bool {
	seen, next := uint64(0), 0
	return c.Object(func(key []byte) bool {
		if next >= len(names) || names[next] != string(key) {
			if next = slices.Index(names, string(key)); next < 0 {
				next = 0
				return c.Skip()
			}
		}
		one := uint64(1) << next
		if seen&one != 0 {
			return false
		}
		seen |= one
		next++
		return member(names[next-1])
	})
}

// Array reads an array. The function must read the element at hand.
func (c *Cursor) Array(element func() bool) bool { return c.items('[', ']', element) }

func (c *Cursor) items(open, end byte, item func() bool) bool {
	if c.depth++; c.depth > deepest || !c.punctuation(open) {
		return false
	}
	for first := true; ; first = false {
		if first && c.peek() == end {
			break
		}
		if !item() {
			return false
		}
		c.space()
		if c.peek() == end {
			break
		}
		if !c.punctuation(',') {
			return false
		}
	}
	c.at++
	c.depth--
	return true
}

func isKey(key []byte) bool {
	for _, b := range key {
		if (b < 'a' || b > 'z') && (b < '0' || b > '9') && b != '_' {
			return false
		}
	}
	return true
}

// Kinds of bytes in strings.
const (
	stops = 1 << iota // must not be in one as it is, or ends it
	odd               // not printable ASCII
)

var kinds = func() (k [256]byte) {
	for i := range k {
		if i < ' ' || i == '"' || i == '\\' {
			k[i] |= stops
		}
		if i < ' ' || i > '~' || i == '\\' {
			k[i] |= odd
		}
	}
	return k
}()

// Text reads a string of printable ASCII without escapes. What it returns is the data's.
func (c *Cursor) Text() ([]byte, bool) {
	if c.peek() != '"' {
		return nil, false
	}
	rest := c.data[c.at+1:]
	n := bytes.IndexByte(rest, '"')
	if n < 0 {
		return nil, false
	}
	s, seen := rest[:n], byte(0)
	for _, b := range s {
		seen |= kinds[b]
	}
	if seen&odd != 0 {
		return nil, false
	}
	c.at += n + 2
	return s, true
}

// Int reads a whole number of 64 bits.
func (c *Cursor) Int() (int64, bool) {
	negative := c.peek() == '-'
	if negative {
		c.at++
	}
	from, n := c.at, uint64(0)
	for ; c.at < len(c.data) && isDigit(c.data[c.at]); c.at++ {
		if n = n*10 + uint64(c.data[c.at]-'0'); n > math.MaxInt64 || c.at-from >= 19 {
			return 0, false // the least number is not known here either
		}
	}
	switch next := c.peek(); {
	case c.at == from || c.data[from] == '0' && c.at > from+1:
		return 0, false
	case next == '.' || next == 'e' || next == 'E':
		return 0, false
	case negative:
		return -int64(n), true
	}
	return int64(n), true
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// IntTo is Int, into a variable.
func (c *Cursor) IntTo(x *int64) (ok bool) {
	*x, ok = c.Int()
	return ok
}

// TextTo is Text, into a variable of its own memory.
func (c *Cursor) TextTo(s *string) bool {
	text, ok := c.Text()
	*s = string(text)
	return ok
}

// BoolTo reads true or false.
func (c *Cursor) BoolTo(x *bool) bool {
	*x = c.Literal("true")
	return *x || c.Literal("false")
}

// Skip reads any value, which must begin here.
func (c *Cursor) Skip() bool {
	switch b := c.peek(); {
	case b == '"':
		return c.string()
	case b == '{':
		return c.items('{', '}', func() bool { return c.string() && c.punctuation(':') && c.Skip() })
	case b == '[':
		return c.items('[', ']', c.Skip)
	case b == '-' || isDigit(b):
		return c.number()
	}
	return c.Literal("true") || c.Literal("false") || c.Literal("null")
}

// string reads any string.
func (c *Cursor) string() bool {
	if c.peek() != '"' {
		return false
	}
	for c.at++; c.at < len(c.data); c.at++ {
		b := c.data[c.at]
		if kinds[b]&stops == 0 {
			continue
		}
		switch {
		case b == '"':
			c.at++
			return true
		case b != '\\' || !c.escape():
			return false
		}
	}
	return false
}

// escape reads what follows a backslash, up to its last byte.
func (c *Cursor) escape() bool {
	c.at++
	switch c.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			c.at++
			if b := c.peek() | 0x20; !isDigit(c.peek()) && (b < 'a' || b > 'f') {
				return false
			}
		}
		return true
	}
	return false
}

// number reads any number.
func (c *Cursor) number() bool {
	if c.peek() == '-' {
		c.at++
	}
	if c.peek() == '0' {
		c.at++
	} else if !c.digits() {
		return false
	}
	if c.peek() == '.' {
		c.at++
		if !c.digits() {
			return false
		}
	}
	if c.peek()|0x20 != 'e' {
		return true
	}
	c.at++
	if c.peek() == '+' || c.peek() == '-' {
		c.at++
	}
	return c.digits()
}

// digits reads one or more.
func (c *Cursor) digits() bool {
	from := c.at
	for c.at < len(c.data) && isDigit(c.data[c.at]) {
		c.at++
	}
	return c.at > from
}
