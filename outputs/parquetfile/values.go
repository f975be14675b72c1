package parquetfile

import (
	"slices"

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
	// encode returns the page's values in the encoding it names. The bytes are
	// valid until resetPage and the next call with the same scratch.
	encode(s *scratch) ([]byte, format.Encoding, effort, error)
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

// scratch is the reusable memory of one encoding goroutine.
type scratch struct {
	values []byte
	levels []byte
	runs   []byte
	int64s []int64
	int32s []int32
	codec  compressor
	header headerEncoder
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

// int64sOf returns the vector's values and memory for those of them that are valid.
func int64sOf(v *batch.Vector, s *scratch) ([]int64, *[]int64) { return v.Int64, &s.int64s }
func int32sOf(v *batch.Vector, s *scratch) ([]int32, *[]int32) { return v.Int32, &s.int32s }

// appendValid appends the values whose valid byte is 1; a nil valid means all.
// Storing each value and moving on only after a valid one needs no branch.
func appendValid[T any](dst, src []T, valid []byte) []T {
	if valid == nil {
		return append(dst, src...)
	}
	n := len(dst)
	dst = slices.Grow(dst, len(src))
	free := dst[n : n+len(src)]
	valid = valid[:len(src)]
	j := 0
	for i, x := range src {
		free[j] = x
		j += int(valid[i])
	}
	return dst[:n+j]
}

// extent is the smallest and largest of a number of values.
type extent[T int32 | int64 | float64] struct {
	lo, hi T
	any    bool
}

func extentOf[T int32 | int64 | float64](v []T) extent[T] {
	if len(v) == 0 {
		return extent[T]{}
	}
	lo, hi := v[0], v[0]
	for _, x := range v {
		if x < lo {
			lo = x
		}
		if x > hi {
			hi = x
		}
	}
	return extent[T]{lo, hi, true}
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
	of     func(*batch.Vector, *scratch) ([]T, *[]T)
	packer deltaPacker[T]
	chunk  extent[T]
}

func (c *intValues[T]) append(v *batch.Vector, lo, hi int, valid []byte, s *scratch) error {
	values, free := c.of(v, s)
	values = values[lo:hi]
	if valid != nil {
		*free = appendValid((*free)[:0], values, valid)
		values = *free
	}
	c.packer.add(values)
	return nil
}

func (c *intValues[T]) encode(*scratch) ([]byte, format.Encoding, effort, error) {
	return c.packer.finish(), format.DeltaBinaryPacked, compressFully, nil
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
