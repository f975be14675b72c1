package parquetfile

import (
	"sync"

	"github.com/parquet-go/parquet-go/encoding/plain"
	"github.com/parquet-go/parquet-go/format"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// values holds the non-null values of the page being filled, and what a column
// chunk accumulates over its pages: bounds and dictionary.
type values interface {
	// append stages or encodes the vector's elements [lo, hi) whose valid byte is
	// 1; a nil valid means all.
	append(v *batch.Vector, lo, hi int, valid []byte, s *scratch) error
	// encode returns the page's values in the encoding it names; what comes in
	// front of them may have been appended to s.front. The bytes are valid until
	// resetPage and the next call with the same scratch.
	encode(s *scratch) ([]byte, format.Encoding, effort, error)
	// hand gives the memory of what encode returned, which is not the scratch's
	// unless they are dictionary indexes, to the pages; resetPage comes next.
	hand(to *segments)
	// room makes room for the rest of a page that has so many of its rows, and before
	// the first replaces what was handed over: no sooner, because by then a full row
	// group has given its memory back.
	room(rows, of int, from *segments)
	// bounds returns the smallest and the largest value of the staged page and
	// counts them into the chunk's; nil, nil for a page of nulls.
	bounds() (lo, hi []byte)
	// chunkBounds returns the bounds over all pages, nil where there are none
	// or where a page's were shortened.
	chunkBounds() (lo, hi []byte)
	// dictionary returns the chunk's dictionary page and its number of entries;
	// none without entries. The bytes are valid as encode's are.
	dictionary(s *scratch) ([]byte, int, effort)
	resetPage()
	resetChunk()
}

// scratch is the reusable memory of one encoding goroutine. What it holds does not show in what is
// encoded with it.
type scratch struct {
	values []byte
	front  []byte // of a page: levels, lengths of strings
	runs   []byte // the latest levels, encoded
	int64s []int64
	int32s []int32
	codec  compressor
	header structures

	highest byte   // of the levels in runs, 0 where there are none
	encoded []byte // those levels
}

// scratches are those that no goroutine uses. Most tables are written by turns, and a compressor
// whose tables are in the cache takes half the time for a short page.
var scratches = sync.Pool{New: func() any { return new(scratch) }}

func takeScratch(codec format.CompressionCodec) (*scratch, error) {
	s := scratches.Get().(*scratch)
	return s, s.codec.use(codec)
}

func newValues(c *column.Column, cfg *Config) values {
	switch physicalType(c.Type) {
	case format.Int64:
		return &intValues[int64]{of: int64sOf}
	case format.Int32:
		return &intValues[int32]{of: int32sOf}
	case format.Double:
		return newDoubleValues(cfg)
	}
	return newStringValues(c.Type, cfg.DictionaryBytes)
}

// int64sOf returns those of the vector's values [lo, hi) that are valid.
func int64sOf(v *batch.Vector, lo, hi int, valid []byte, s *scratch) []int64 {
	if valid == nil {
		return v.Int64[lo:hi]
	}
	s.int64s = appendInts(s.int64s[:0], v.Int64[lo:hi], valid)
	return s.int64s
}

func int32sOf(v *batch.Vector, lo, hi int, valid []byte, s *scratch) []int32 {
	if valid == nil {
		return v.Int32[lo:hi]
	}
	s.int32s = appendValid(s.int32s[:0], v.Int32[lo:hi], valid)
	return s.int32s
}

// extent is the smallest and largest of a number of values.
type extent[T int32 | int64 | float64] struct {
	lo, hi T
	any    bool
}

func (e *extent[T]) add(o extent[T]) {
	switch {
	case !o.any:
	case !e.any:
		*e = o
	default:
		e.lo, e.hi = min(e.lo, o.lo), max(e.hi, o.hi)
	}
}

// intValues is a column of integers, DELTA_BINARY_PACKED.
type intValues[T int32 | int64] struct {
	of     func(v *batch.Vector, lo, hi int, valid []byte, s *scratch) []T
	packer deltaPacker[T]
	size   int // of the page handed over last
	chunk  extent[T]
}

func (c *intValues[T]) append(v *batch.Vector, lo, hi int, valid []byte, s *scratch) error {
	c.packer.add(c.of(v, lo, hi, valid, s))
	return nil
}

func (c *intValues[T]) encode(*scratch) ([]byte, format.Encoding, effort, error) {
	return c.packer.finish(), format.DeltaBinaryPacked, compressFully, nil
}

func (c *intValues[T]) hand(to *segments) {
	c.size = len(c.packer.out)
	to.lend(c.packer.out)
	c.packer.out = nil
}

func (c *intValues[T]) room(rows, of int, from *segments) {
	if c.packer.out == nil && c.size > 0 {
		c.packer.out = from.take(alike(c.size) + maxDeltaBlock)
	}
	c.packer.out = foresee(c.packer.out, rows, of)
}

func (c *intValues[T]) bounds() (lo, hi []byte) {
	page := c.packer.bounds()
	c.chunk.add(page)
	return plainBounds(page)
}

func (c *intValues[T]) chunkBounds() (lo, hi []byte)              { return plainBounds(c.chunk) }
func (c *intValues[T]) dictionary(*scratch) ([]byte, int, effort) { return nil, 0, compressFully }
func (c *intValues[T]) resetPage()                                { c.packer.reset() }
func (c *intValues[T]) resetChunk()                               { c.chunk = extent[T]{} }

// plainBounds returns the extent's two ends in the PLAIN encoding.
func plainBounds[T int32 | int64 | float64](e extent[T]) (lo, hi []byte) {
	if !e.any {
		return nil, nil
	}
	return plainValue(e.lo), plainValue(e.hi)
}

func plainValue[T int32 | int64 | float64](x T) []byte {
	switch x := any(x).(type) {
	case int32:
		return plain.Int32(x)
	case int64:
		return plain.Int64(x)
	default:
		return plain.Double(x.(float64))
	}
}
