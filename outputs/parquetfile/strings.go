package parquetfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/plain"
	"github.com/parquet-go/parquet-go/format"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// stringValues is a column of text or of bytes. While a chunk has a dictionary, staged
// values are indexes into it (RLE_DICTIONARY); Text columns never have one, a
// first page that hardly repeats gives it up, at a probe where it can be told there,
// and one that outgrows its limit ends with the page that did it. From then on values are staged as they are
// (DELTA_LENGTH_BYTE_ARRAY), until the next chunk starts anew.
type stringValues struct {
	raw    bool // bytes, which need not be UTF-8
	wanted bool // the column's type asks for a dictionary
	indexd bool // the chunk has one, still growing
	limit  int  // dictionary bytes

	words   wordDict
	remap   []int32 // word number + 1 of each code of codes; 0 is not seen yet
	codes   []string
	indexes []int32
	stamps  []int32 // page that last used a word
	pages   int     // with values, in this chunk
	probed  int     // probes passed

	text    []byte
	size    int // of the text handed over last
	lengths []int32

	lo, hi  []byte // of the chunk
	any     bool
	inexact bool // some page bound was shortened
}

func newStringValues(t column.Type, dictionaryBytes int) *stringValues {
	c := &stringValues{raw: t == column.Binary, wanted: t != column.Text && dictionaryBytes > 0, limit: dictionaryBytes}
	c.words.init()
	c.resetChunk()
	return c
}

func (c *stringValues) append(v *batch.Vector, lo, hi int, valid []byte, _ *scratch) error {
	for c.indexd && c.pages == 0 && c.probed < len(probes) {
		p := probes[c.probed]
		mid := reach(lo, hi, valid, p.values-len(c.indexes))
		if err := c.stage(v, lo, mid, valid); err != nil {
			return err
		}
		if valid != nil {
			valid = valid[mid-lo:]
		}
		if lo = mid; len(c.indexes) < p.values {
			return nil
		}
		if c.probed++; c.words.len() > p.distinct {
			c.giveUp()
		}
	}
	return c.stage(v, lo, hi, valid)
}

// reach returns where in [lo, hi) the first n values end.
func reach(lo, hi int, valid []byte, n int) int {
	if valid == nil {
		return min(lo+n, hi)
	}
	for i := lo; i < hi; i++ {
		if n == 0 {
			return i
		}
		n -= int(valid[i-lo])
	}
	return hi
}

// stage stages the vector's elements [lo, hi) in the form that the chunk has now.
func (c *stringValues) stage(v *batch.Vector, lo, hi int, valid []byte) error {
	if lo == hi {
		return nil
	}
	if valid != nil {
		if valid = valid[:hi-lo]; bytes.IndexByte(valid, 1) < 0 {
			return nil
		}
	}
	var err error
	switch {
	case v.Dict != nil && c.indexd:
		err = c.appendCodes(v, lo, hi, valid)
	case v.Dict != nil:
		err = c.appendWords(v, lo, hi, valid)
	case c.indexd:
		err = c.appendIndexes(v, lo, hi, valid)
	default:
		err = c.appendText(v, lo, hi, valid)
	}
	if err == nil && max(len(c.words.text), len(c.text)) > maxPageBytes {
		return fmt.Errorf("%w: a page of more than %d bytes of text", ErrLimit, maxPageBytes)
	}
	return err
}

// appendCodes stages an enumeration through remap, which costs one load a value.
func (c *stringValues) appendCodes(v *batch.Vector, lo, hi int, valid []byte) error {
	if len(v.Dict) != len(c.codes) || len(v.Dict) > 0 && &v.Dict[0] != &c.codes[0] {
		c.codes = v.Dict
		c.remap = append(c.remap[:0], make([]int32, len(v.Dict))...)
	}
	n := len(c.indexes)
	c.indexes = appendValid(c.indexes, v.Codes[lo:hi], valid)
	staged := c.indexes[n:]
	for i, code := range staged {
		if uint(code) >= uint(len(c.remap)) {
			return fmt.Errorf("%w: code %d of %d words", ErrBatch, code, len(c.remap))
		}
		known := c.remap[code]
		if known == 0 {
			word := v.Dict[code]
			if !c.raw && !utf8.ValidString(word) {
				return fmt.Errorf("%w: %q is not UTF-8", ErrValue, word)
			}
			known = c.words.add([]byte(word)) + 1
			c.remap[code] = known
		}
		staged[i] = known - 1
	}
	return nil
}

// appendWords stages an enumeration's words as plain text.
func (c *stringValues) appendWords(v *batch.Vector, lo, hi int, valid []byte) error {
	for i, code := range v.Codes[lo:hi] {
		if valid != nil && valid[i] == 0 {
			continue
		}
		if uint(code) >= uint(len(v.Dict)) {
			return fmt.Errorf("%w: code %d of %d words", ErrBatch, code, len(v.Dict))
		}
		word := v.Dict[code]
		if !c.raw && !utf8.ValidString(word) {
			return fmt.Errorf("%w: %q is not UTF-8", ErrValue, word)
		}
		c.text = append(c.text, word...)
		c.lengths = append(c.lengths, int32(len(word)))
	}
	return nil
}

// appendIndexes stages strings as indexes of the dictionary.
func (c *stringValues) appendIndexes(v *batch.Vector, lo, hi int, valid []byte) error {
	var buffer [lookAhead]int32
	for i := lo; i < hi; {
		n := 0
		for ; i < hi && n < lookAhead; i++ {
			buffer[n] = int32(i)
			if valid == nil {
				n++
			} else {
				n += int(valid[i-lo])
			}
		}
		rows := buffer[:n]
		c.words.look(v.Bytes, v.Offsets, rows)
		for at, row := range rows {
			word := v.Bytes[v.Offsets[row]:v.Offsets[row+1]]
			known := c.words.len()
			index := c.words.addLooked(at, word)
			if int(index) == known && !c.raw && !utf8.Valid(word) {
				return fmt.Errorf("%w: %q is not UTF-8", ErrValue, word)
			}
			c.indexes = append(c.indexes, index)
		}
	}
	return nil
}

// appendText stages strings as they are.
func (c *stringValues) appendText(v *batch.Vector, lo, hi int, valid []byte) error {
	whole := v.Bytes[v.Offsets[lo]:v.Offsets[hi]]
	if valid == nil && (c.raw || ascii(whole)) {
		c.text = append(c.text, whole...)
		for i := lo; i < hi; i++ {
			c.lengths = append(c.lengths, v.Offsets[i+1]-v.Offsets[i])
		}
		return nil
	}
	for i := lo; i < hi; i++ {
		if valid != nil && valid[i-lo] == 0 {
			continue
		}
		word := v.Bytes[v.Offsets[i]:v.Offsets[i+1]]
		if !c.raw && !utf8.Valid(word) {
			return fmt.Errorf("%w: %q is not UTF-8", ErrValue, word)
		}
		c.text = append(c.text, word...)
		c.lengths = append(c.lengths, int32(len(word)))
	}
	return nil
}

// ascii looks at eight bytes at a time.
func ascii(b []byte) bool {
	all := uint64(0)
	for ; len(b) >= 8; b = b[8:] {
		all |= binary.LittleEndian.Uint64(b)
	}
	for _, x := range b {
		all |= uint64(x)
	}
	return all&0x8080808080808080 == 0
}

func (c *stringValues) encode(s *scratch) ([]byte, format.Encoding, effort, error) {
	if len(c.indexes) == 0 && len(c.lengths) == 0 {
		return nil, format.Plain, compressFully, nil
	}
	c.pages++
	if c.indexd && c.pages == 1 && !c.words.pays(len(c.indexes)) {
		c.giveUp()
	}
	var err error
	if c.indexd {
		s.values, err = packIndexes(s.values, c.indexes)
		if c.words.size() > c.limit {
			c.indexd = false // the pages to come are staged as text
		}
		return s.values, format.RLEDictionary, compressFully, err
	}
	var e delta.BinaryPackedEncoding
	s.values, err = e.EncodeInt32(s.values, c.lengths)
	s.front = append(s.front, s.values...)
	return c.text, format.DeltaLengthByteArray, compressFully, err
}

func (c *stringValues) hand(to *segments) {
	c.size = len(c.text)
	to.lend(c.text)
	c.text = nil
}

func (c *stringValues) room(rows, of int, from *segments) {
	if c.text == nil && c.size > 0 && !c.indexd {
		c.text = from.take(alike(c.size))
	}
	c.text, c.lengths = foresee(c.text, rows, of), foresee(c.lengths, rows, of)
	c.indexes = foresee(c.indexes, rows, of)
}

// giveUp turns the staged indexes back into text and drops the dictionary.
func (c *stringValues) giveUp() {
	for _, i := range c.indexes {
		word := c.words.word(i)
		c.text = append(c.text, word...)
		c.lengths = append(c.lengths, int32(len(word)))
	}
	c.indexes = c.indexes[:0]
	c.indexd = false
	c.words.reset()
}

func (c *stringValues) chunkBounds() (lo, hi []byte) {
	if !c.any || c.inexact {
		return nil, nil
	}
	return copyOf(c.lo), copyOf(c.hi)
}

func (c *stringValues) dictionary(s *scratch) ([]byte, int, effort) {
	n := c.words.len()
	s.values = slices.Grow(s.values[:0], c.words.size())
	for i := range n {
		s.values = plain.AppendByteArray(s.values, c.words.word(int32(i)))
	}
	return s.values, n, compressFully
}

func (c *stringValues) resetPage() {
	c.indexes, c.text, c.lengths = c.indexes[:0], c.text[:0], c.lengths[:0]
}

func (c *stringValues) resetChunk() {
	c.indexd, c.pages, c.probed, c.any, c.inexact = c.wanted, 0, 0, false, false
	c.words.reset()
	c.stamps = c.stamps[:0]
	clear(c.remap)
}
