package parquetfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// page is one decoded data page. Which slice holds the values follows from the
// column's physical type; strings are spans of text.
type page struct {
	slots      int // values, nulls and empty lists
	repetition []byte
	definition []byte
	int64s     []int64
	int32s     []int32
	doubles    []float64
	spans      []span
	text       []byte
}

// pageReader reads the data pages of one column chunk, one at a time.
type pageReader struct {
	kind       format.Type
	codec      format.CompressionCodec
	optional   bool
	list       bool
	in         *bufio.Reader
	left       int64 // bytes of the chunk not yet read
	offset     int64 // of the next page in the file
	zstd       *zstd.Decoder
	page       page
	dict       page
	hasDict    bool
	raw, plain []byte
	dictPlain  []byte
	indexes    []int32
	lengths    []int32
	held       share
	dictHeld   int64 // of it, the dictionary
}

// maxPageHeader is the longest page header read; bounds of long strings make
// them long in other writers' files.
const maxPageHeader = 64 << 10

// newPageReader returns a reader of a chunk's pages, which takes of left what they do.
func newPageReader(r io.ReaderAt, c *format.ColumnChunk, l leaf, decoder *zstd.Decoder, left *int64) *pageReader {
	start, length := chunkRange(&c.MetaData)
	return &pageReader{
		kind:     physicalType(l.typ),
		codec:    c.MetaData.Codec,
		optional: l.optional,
		list:     isList(l.typ),
		in:       bufio.NewReaderSize(io.NewSectionReader(r, start, length), int(min(length, maxPageHeader))),
		left:     length,
		offset:   start,
		zstd:     decoder,
		held:     share{left: left},
	}
}

// next decodes the next data page, or returns io.EOF.
func (p *pageReader) next() error {
	for p.left > 0 {
		at := p.offset
		header, err := p.header()
		if err == nil {
			err = p.body(header)
		}
		if err != nil {
			return fmt.Errorf("page at offset %d: %w", at, err)
		}
		isData, err := p.decode(header)
		if err != nil {
			return fmt.Errorf("page at offset %d: %w", at, err)
		}
		if isData {
			return nil
		}
	}
	return io.EOF
}

// header reads a page header and checks its sizes.
func (p *pageReader) header() (*format.PageHeader, error) {
	window, err := p.in.Peek(int(min(int64(p.in.Size()), p.left)))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	n, err := scanStruct(window, 16)
	if err != nil {
		return nil, err
	}
	h := new(format.PageHeader)
	if err := decodeStruct(window[:n], h, 16); err != nil {
		return nil, err
	}
	if _, err := p.in.Discard(n); err != nil {
		return nil, err
	}
	p.left -= int64(n)
	p.offset += int64(n)
	switch {
	case h.CompressedPageSize < 0 || int64(h.CompressedPageSize) > p.left || h.UncompressedPageSize < 0:
		return nil, fmt.Errorf("%w: page of %d bytes, %d compressed, in %d", ErrFormat, h.UncompressedPageSize, h.CompressedPageSize, p.left)
	case h.UncompressedPageSize > maxPageBytes || h.CompressedPageSize > maxPageBytes:
		return nil, fmt.Errorf("%w: page of %d bytes, %d compressed", ErrLimit, h.UncompressedPageSize, h.CompressedPageSize)
	}
	return h, nil
}

// body reads the page's bytes into raw and checks their sum.
func (p *pageReader) body(h *format.PageHeader) error {
	p.raw = sized(p.raw, int(h.CompressedPageSize))
	if _, err := io.ReadFull(p.in, p.raw); err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	p.left -= int64(len(p.raw))
	p.offset += int64(len(p.raw))
	if sum := crc32.ChecksumIEEE(p.raw); h.CRC != 0 && uint32(h.CRC) != sum {
		return fmt.Errorf("%w: checksum %08x, not %08x", ErrFormat, sum, uint32(h.CRC))
	}
	return nil
}

// decode decodes raw and reports whether it was a data page.
func (p *pageReader) decode(h *format.PageHeader) (bool, error) {
	switch {
	case h.Type == format.DictionaryPage && h.DictionaryPageHeader.Valid:
		return false, p.dictionary(h)
	case h.Type == format.DataPage && h.DataPageHeader.Valid:
		return true, p.dataV1(h)
	case h.Type == format.DataPageV2 && h.DataPageHeaderV2.Valid:
		return true, p.dataV2(h)
	case h.Type == format.IndexPage:
		return false, nil
	}
	return false, fmt.Errorf("%w: page type %v", ErrUnsupported, h.Type)
}

// decompress returns data decompressed, which must make exactly size bytes.
func (p *pageReader) decompress(dst, data []byte, size int) ([]byte, error) {
	var err error
	switch p.codec {
	case format.Uncompressed:
		dst = append(dst[:0], data...)
	case format.Zstd:
		dst, err = p.zstd.DecodeAll(data, dst[:0])
	case format.Snappy:
		n, lenErr := snappy.DecodedLen(data)
		if lenErr != nil || n != size {
			return dst, fmt.Errorf("%w: page decompresses to %d bytes, not %d", ErrFormat, n, size)
		}
		dst, err = snappy.Decode(dst[:cap(dst)], data)
	default:
		return dst, fmt.Errorf("%w: codec %v", ErrUnsupported, p.codec)
	}
	if err != nil {
		return dst, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if len(dst) != size {
		return dst, fmt.Errorf("%w: page decompresses to %d bytes, not %d", ErrFormat, len(dst), size)
	}
	return dst, nil
}

// valueBytes is what a value of a page takes: itself or where its text is, its index or length, its
// levels.
const valueBytes = 8 + 4 + 2

// count checks the number of a page's values before there is room made for them.
func (p *pageReader) count(n int32, h *format.PageHeader) (int, error) {
	if n < 0 {
		return 0, fmt.Errorf("%w: %d values", ErrFormat, n)
	}
	if n > maxPageValues {
		return 0, fmt.Errorf("%w: %d values in a page", ErrLimit, n)
	}
	return int(n), p.held.hold(p.dictHeld + int64(n)*valueBytes + int64(h.CompressedPageSize) + int64(h.UncompressedPageSize))
}

func (p *pageReader) dictionary(h *format.PageHeader) error {
	d := &h.DictionaryPageHeader.V
	n, err := p.count(d.NumValues, h)
	if err != nil {
		return err
	}
	if p.hasDict || d.Encoding != format.Plain && d.Encoding != plainDictionary {
		return fmt.Errorf("%w: a second dictionary, or one in encoding %v", ErrFormat, d.Encoding)
	}
	p.dictPlain, err = p.decompress(p.dictPlain, p.raw, int(h.UncompressedPageSize))
	if err != nil {
		return err
	}
	p.hasDict, p.dictHeld = true, int64(n)*valueBytes+int64(h.UncompressedPageSize)
	return p.values(&p.dict, format.Plain, p.dictPlain, n)
}

func (p *pageReader) dataV1(h *format.PageHeader) error {
	d := &h.DataPageHeader.V
	n, err := p.count(d.NumValues, h)
	if err != nil {
		return err
	}
	if p.plain, err = p.decompress(p.plain, p.raw, int(h.UncompressedPageSize)); err != nil {
		return err
	}
	p.page.slots = n
	rest := p.plain
	if p.list {
		if p.page.repetition, rest, err = sizedLevels(p.page.repetition, rest, n, 1); err != nil {
			return err
		}
	}
	if top := p.maxDefinition(); top > 0 {
		if p.page.definition, rest, err = sizedLevels(p.page.definition, rest, n, top); err != nil {
			return err
		}
	}
	return p.dataValues(d.Encoding, rest)
}

func (p *pageReader) dataV2(h *format.PageHeader) error {
	d := &h.DataPageHeaderV2.V
	n, err := p.count(d.NumValues, h)
	if err != nil {
		return err
	}
	r, q := int64(d.RepetitionLevelsByteLength), int64(d.DefinitionLevelsByteLength)
	if r < 0 || q < 0 || r+q > int64(len(p.raw)) || r+q > int64(h.UncompressedPageSize) {
		return fmt.Errorf("%w: levels of %d and %d bytes in a page of %d", ErrFormat, r, q, len(p.raw))
	}
	p.page.slots = n
	if p.list {
		if p.page.repetition, err = decodeLevels(p.page.repetition, p.raw[:r], n, 1); err != nil {
			return err
		}
	}
	if top := p.maxDefinition(); top > 0 {
		if p.page.definition, err = decodeLevels(p.page.definition, p.raw[r:r+q], n, top); err != nil {
			return err
		}
	}
	rest := p.raw[r+q:]
	if (!d.IsCompressed.Valid || d.IsCompressed.V) && len(rest) > 0 {
		if p.plain, err = p.decompress(p.plain, rest, int(int64(h.UncompressedPageSize)-r-q)); err != nil {
			return err
		}
		rest = p.plain
	}
	return p.dataValues(d.Encoding, rest)
}

// sizedLevels decodes levels that have their length in front.
func sizedLevels(dst, data []byte, n int, top byte) (levels, rest []byte, err error) {
	if len(data) < 4 {
		return dst, nil, fmt.Errorf("%w: levels are cut off", ErrFormat)
	}
	size := uint64(binary.LittleEndian.Uint32(data))
	if data = data[4:]; size > uint64(len(data)) {
		return dst, nil, fmt.Errorf("%w: levels of %d bytes in %d", ErrFormat, size, len(data))
	}
	dst, err = decodeLevels(dst, data[:size], n, top)
	return dst, data[size:], err
}

func decodeLevels(dst, data []byte, n int, top byte) ([]byte, error) {
	dst, err := decodeRuns(dst, data, n, uint(bits.Len8(top)))
	if err != nil {
		return dst, err
	}
	for _, level := range dst {
		if level > top {
			return dst, fmt.Errorf("%w: level %d of %d", ErrFormat, level, top)
		}
	}
	return dst, nil
}

func (p *pageReader) maxDefinition() byte {
	l := levels{optional: p.optional, list: p.list}
	return l.maxDefinition()
}
