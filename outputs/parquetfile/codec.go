package parquetfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/klauspost/compress/huff0"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// effort says how hard a page is worth compressing.
type effort uint8

const (
	compressFully effort = iota
	compressMixed        // levels are not worth the search: nor are values that are all the same
	compressText         // text that hardly repeats: its letters are coded, without a search
	storeOnly            // values known to be nearly distinct: not worth the search
)

// codecOf translates a Config's codec name.
func codecOf(name string) (format.CompressionCodec, error) {
	switch name {
	case "zstd":
		return format.Zstd, nil
	case "snappy":
		return format.Snappy, nil
	case "none":
		return format.Uncompressed, nil
	}
	return 0, fmt.Errorf("codec %q is none of zstd, snappy, none", name)
}

// compressor compresses pages. It belongs to one goroutine.
type compressor struct {
	codec format.CompressionCodec
	zstd  *zstd.Encoder
	page  []byte
	out   []byte
	heads []byte
	parts []part

	letters huff0.Scratch
}

// use sets how pages are compressed from now on.
func (c *compressor) use(codec format.CompressionCodec) error {
	c.codec = codec
	if codec != format.Zstd || c.zstd != nil {
		return nil
	}
	encoder, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false), // pages carry their own
		zstd.WithZeroFrames(true),
		zstd.WithWindowSize(maxBlock), // pages are hardly longer
		zstd.WithLowerEncoderMem(true),
	)
	if err != nil {
		return fmt.Errorf("zstd: %w", err)
	}
	c.zstd = encoder
	return nil
}

// compress returns the parts that a page of levels and values is stored as, valid
// until the next call. Pages that are not compressed are not copied either.
func (c *compressor) compress(levels, values []byte, how effort) []part {
	switch {
	case c.codec == format.Uncompressed:
		c.parts = append(c.parts[:0], part{data: levels}, part{values, true})
	case c.codec == format.Snappy:
		c.out = snappy.Encode(c.out[:cap(c.out)], c.join(levels, values))
		c.parts = append(c.parts[:0], part{data: c.out})
	case how == compressText && c.entropy(levels, values):
	case how == storeOnly:
		c.store(levels, values, 0)
	case how == compressMixed && uniformTail(values) > 0:
		c.store(levels, values, uniformTail(values))
	default:
		c.out = c.zstd.EncodeAll(c.join(levels, values), c.out[:0])
		c.parts = append(c.parts[:0], part{data: c.out})
	}
	return c.parts
}

func (c *compressor) join(levels, values []byte) []byte {
	if len(levels) == 0 {
		return values
	}
	c.page = append(append(c.page[:0], levels...), values...)
	return c.page
}

// maxBlock is the largest block a Zstandard frame may hold (RFC 8878, 3.1.1.2.3).
const maxBlock = 128 << 10

// minRun is the shortest run of one byte that is stored as such, without a search.
// Integers that are all the same end in one.
const minRun = 64

// uniformTail returns how many equal bytes values end with, 0 where that is less
// than three quarters of them or more than a block.
func uniformTail(values []byte) int {
	tail := values[len(values)/4:]
	if len(values) > maxBlock || len(tail) < minRun || bytes.Count(tail, tail[:1]) < len(tail) {
		return 0
	}
	return len(tail)
}

// begin begins a Zstandard frame of levels and values: one segment, eight-byte
// content size, no checksum (RFC 8878, section 3.1.1).
func (c *compressor) begin(levels, values []byte) {
	const singleSegment8 = 3<<6 | 1<<5
	blocks := len(levels)/maxBlock + len(values)/maxBlock + 4
	c.heads = slices.Grow(c.heads[:0], 13+8*blocks)
	c.heads = append(c.heads, 0x28, 0xb5, 0x2f, 0xfd, singleSegment8)
	c.heads = binary.LittleEndian.AppendUint64(c.heads, uint64(len(levels)+len(values)))
	c.parts = append(c.parts[:0], part{data: c.heads})
}

// store makes a frame that holds levels and values as raw blocks, and the last run
// bytes, which are equal, as a block that says so.
func (c *compressor) store(levels, values []byte, run int) {
	c.begin(levels, values)
	for len(levels) > 0 {
		levels = c.block(levels, false, false)
	}
	values, tail := values[:len(values)-run], values[len(values)-run:]
	for last := false; !last; {
		last = len(values) <= maxBlock
		values = c.block(values, last && run == 0, true)
	}
	if run > 0 {
		const rle = 1<<1 | 1 // the last block too
		at := len(c.heads)
		head := uint32(run)<<3 | rle
		c.heads = append(c.heads, byte(head), byte(head>>8), byte(head>>16), tail[0])
		c.parts = append(c.parts, part{data: c.heads[at:]})
	}
}

// block adds one raw block from the front of data and returns the rest.
func (c *compressor) block(data []byte, last, lasts bool) []byte {
	n := min(len(data), maxBlock)
	head := uint32(n) << 3 // block type 0: raw
	if last {
		head |= 1
	}
	at := len(c.heads)
	c.heads = append(c.heads, byte(head), byte(head>>8), byte(head>>16))
	c.parts = append(c.parts, part{data: c.heads[at:]}, part{data[:n], lasts})
	return data[n:]
}

// trials decides which pages of a column are worth compressing. After one that
// hardly shrank the next few are stored, twice as many each time. Pages are all
// it looks at, so the same rows give the same bytes.
type trials struct {
	encoding format.Encoding
	shrinks  bool // the latest page tried did
	skip     int  // pages to store yet
	pause    int  // pages stored after the latest trial
}

// shrunk reports whether compressing was worth it.
func shrunk(size, packed int) bool { return packed <= size-size/32 }

// Pages stored after a first page that did not shrink by a thirtysecond, and the
// most between two trials.
const (
	firstPause = 3
	maxPause   = 24
)

func (t *trials) effort(e format.Encoding) effort {
	if e != t.encoding {
		*t = trials{encoding: e}
	}
	if t.skip == 0 {
		return compressFully
	}
	t.skip--
	return storeOnly
}

// sampleBytes of a page are tried before the whole of it where the column is not
// known to shrink.
const sampleBytes = 8 << 10

// sample returns what to try before a page of such values, nil where they are few
// or the column's pages shrink.
func (t *trials) sample(values []byte) []byte {
	if t.shrinks || len(values) < 4*sampleBytes {
		return nil
	}
	return values[len(values)/2:][:sampleBytes]
}

// note takes what a trial made of a page, or of a sample of it that did not shrink.
func (t *trials) note(size, packed int) {
	t.shrinks = shrunk(size, packed)
	if t.shrinks {
		t.pause = 0
		return
	}
	t.pause = min(max(firstPause, 2*t.pause), maxPause)
	t.skip = t.pause
}
