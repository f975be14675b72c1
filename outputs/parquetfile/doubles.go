package parquetfile

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"

	"github.com/parquet-go/parquet-go/encoding/plain"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/format"

	"pcapmill/features/batch"
)

// doubleValues is a column of doubles. A chunk whose first page repeats its
// values gets a dictionary; one that does not is PLAIN and stored, because a
// search for matches among nearly distinct doubles costs far more than the
// sixth of the bytes it saves (docs/adr/0001).
type doubleValues struct {
	staged   []byte          // in the PLAIN encoding
	size     int             // of the page handed over last
	page     extent[float64] // of staged
	indexes  []int32
	dict     doubleDict
	limit    int    // dictionary entries
	plain    effort // how pages without a dictionary are compressed
	chunk    extent[float64]
	pages    int  // with values, in this chunk
	distinct bool // no dictionary for the rest of this chunk
}

func newDoubleValues(cfg *Config) *doubleValues {
	c := &doubleValues{limit: cfg.DictionaryBytes / 8, plain: storeOnly}
	if cfg.CompressDoubles {
		c.plain = compressFully
	}
	c.dict.mult = rand.Uint64() | 1
	c.resetChunk()
	return c
}

func (c *doubleValues) append(v *batch.Vector, lo, hi int, valid []byte, _ *scratch) error {
	n := len(c.staged)
	c.staged = appendDoubles(c.staged, v.Float64[lo:hi], valid)
	added, finite := scanDoubles(c.staged[n:]) // now, while they are in the cache
	if !finite {
		return fmt.Errorf("%w: NaN or infinite", ErrValue)
	}
	c.page.add(added)
	return nil
}

func (c *doubleValues) encode(s *scratch) ([]byte, format.Encoding, effort, error) {
	if len(c.staged) == 0 {
		return nil, format.Plain, storeOnly, nil
	}
	indexed := !c.distinct && c.index()
	c.pages++
	if !indexed {
		return c.staged, format.Plain, c.plain, nil
	}
	var err error
	s.values, err = packIndexes(s.values, c.indexes)
	return s.values, format.RLEDictionary, compressFully, err
}

func (c *doubleValues) hand(to *segments) {
	c.size = len(c.staged)
	to.lend(c.staged)
	c.staged = nil
}

func (c *doubleValues) room(rows, of int, from *segments) {
	if c.staged == nil && c.size > 0 {
		c.staged = from.take(min(alike(c.size), 8*of))
	}
	c.staged = foresee(c.staged, rows, of)
}

// packIndexes encodes dictionary indexes: their bit width, then RLE and
// bit-packed runs.
func packIndexes(dst []byte, indexes []int32) ([]byte, error) {
	var e rle.DictionaryEncoding
	return e.EncodeInt32(dst, indexes)
}

// probes are the points of a first page where it is given up if more of the values
// so far differ, so that few lookups are wasted; repeats become more frequent with
// the number of values, so they ask for less than pays does.
var probes = [...]struct{ values, distinct int }{{256, 256 * 15 / 16}, {2048, 2048 * 3 / 4}}

// index looks the staged values up in the dictionary. It reports false, for this
// page and the rest of the chunk, where a dictionary does not pay.
func (c *doubleValues) index() bool {
	if c.pages > 0 && c.dict.len() > c.limit {
		c.distinct = true
		return false
	}
	n := len(c.staged) / 8
	c.indexes = slices.Grow(c.indexes[:0], n)
	for _, p := range probes {
		if c.pages > 0 || n < p.values {
			break
		}
		c.indexes = c.dict.add(c.indexes, c.staged[8*len(c.indexes):8*p.values])
		if c.dict.len() > p.distinct {
			return c.giveUp()
		}
	}
	c.indexes = c.dict.add(c.indexes, c.staged[8*len(c.indexes):])
	if c.pages == 0 && (!c.dict.pays(n) || c.limit == 0) {
		return c.giveUp()
	}
	return true
}

func (c *doubleValues) giveUp() bool {
	c.distinct = true
	c.dict.reset()
	return false
}

func (c *doubleValues) bounds() (lo, hi []byte) {
	c.chunk.add(c.page)
	return doubleBounds(c.page)
}

func (c *doubleValues) chunkBounds() (lo, hi []byte) { return doubleBounds(c.chunk) }

// doubleBounds makes bounds at zero cover both zeros, as the format asks.
func doubleBounds(e extent[float64]) (lo, hi []byte) {
	if e.lo == 0 {
		e.lo = math.Copysign(0, -1)
	}
	if e.hi == 0 {
		e.hi = 0
	}
	return plainBounds(e)
}

func (c *doubleValues) dictionary(s *scratch) ([]byte, int, effort) {
	if c.dict.len() == 0 {
		return nil, 0, storeOnly
	}
	var e plain.Encoding
	s.values, _ = e.EncodeDouble(s.values, c.dict.values) // never fails
	return s.values, c.dict.len(), c.plain
}

func (c *doubleValues) resetPage() { c.staged, c.page = c.staged[:0], extent[float64]{} }

func (c *doubleValues) resetChunk() {
	c.chunk, c.pages, c.distinct = extent[float64]{}, 0, false
	c.dict.reset()
}

// doubleDict numbers distinct doubles in the order of their first appearance.
// The multiplier is random so that nobody can prepare colliding values; it does
// not show in the numbers.
type doubleDict struct {
	mult   uint64
	shift  uint
	slots  []int32 // entry number + 1; 0 is free
	values []float64
}

func (d *doubleDict) len() int { return len(d.values) }

// pays reports whether n values repeat enough. At 5/8 distinct an index and its
// share of the dictionary are as long as the double; looking all values up must
// save more than that, for it costs what writing them does.
func (d *doubleDict) pays(n int) bool { return d.len() <= n/2 }

func (d *doubleDict) reset() {
	d.values = d.values[:0]
	if d.slots == nil {
		d.resize(1 << 10)
	}
	clear(d.slots)
}

func (d *doubleDict) resize(n int) {
	d.slots = table[int32](n)
	d.shift = uint(64 - bits.TrailingZeros(uint(n)))
	for i, x := range d.values {
		d.slots[d.free(math.Float64bits(x))] = int32(i + 1)
	}
}

func (d *doubleDict) free(b uint64) uint64 {
	at := b * d.mult >> d.shift
	for d.slots[at] != 0 {
		at = (at + 1) & uint64(len(d.slots)-1)
	}
	return at
}

// add appends the number of each PLAIN value to dst.
func (d *doubleDict) add(dst []int32, v []byte) []int32 {
	for ; len(v) >= 8; v = v[8:] {
		b := binary.LittleEndian.Uint64(v)
		at := b * d.mult >> d.shift
		for {
			i := d.slots[at]
			if i == 0 {
				i = d.insert(at, math.Float64frombits(b))
				dst = append(dst, i)
				break
			}
			if math.Float64bits(d.values[i-1]) == b {
				dst = append(dst, i-1)
				break
			}
			at = (at + 1) & uint64(len(d.slots)-1)
		}
	}
	return dst
}

func (d *doubleDict) insert(at uint64, x float64) int32 {
	i := int32(len(d.values))
	d.values = append(d.values, x)
	d.slots[at] = i + 1
	if len(d.values)*2 > len(d.slots) {
		d.resize(2 * len(d.slots))
	}
	return i
}
