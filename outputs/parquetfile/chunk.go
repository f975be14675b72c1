package parquetfile

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"slices"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// chunk writes one column: rows are staged until a page is full, pages gather
// until the row group is. It is used by one goroutine at a time.
type chunk struct {
	column     *column.Column
	pageRows   int
	groupPages int // pages in a full row group
	values     values
	levels     levels
	rows       int // in the current page
	trials     trials

	// The row group so far.
	done  int    // rows in finished pages
	dict  []byte // dictionary page with its header
	pages []byte // data pages with their headers
	meta  format.ColumnMetaData
	index format.ColumnIndex
	where format.OffsetIndex
}

func newChunk(c *column.Column, cfg *Config) *chunk {
	return &chunk{
		column:     c,
		pageRows:   cfg.PageRows,
		groupPages: (cfg.RowGroupRows + cfg.PageRows - 1) / cfg.PageRows,
		values:     newValues(c, cfg),
		levels:     levels{optional: c.Optional(), list: isList(c.Type)},
	}
}

// append adds rows [lo, hi) of the vector, closing pages as they fill up.
func (c *chunk) append(v *batch.Vector, lo, hi int, s *scratch) error {
	for lo < hi {
		n := min(hi-lo, c.pageRows-c.rows)
		from, to, valid, err := c.levels.append(v, lo, lo+n)
		if err == nil {
			err = c.values.append(v, from, to, valid, s)
		}
		if err != nil {
			return fmt.Errorf("column %s: rows %d to %d of the batch: %w", c.column.Name, lo, lo+n-1, err)
		}
		c.rows += n
		lo += n
		if c.rows == c.pageRows {
			if err := c.closePage(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxPageBytes bounds what one page may hold before compression.
const maxPageBytes = 1 << 26

// maxPresize bounds the memory taken for a row group's pages ahead of need.
const maxPresize = 8 << 20

// closePage encodes the staged rows as a data page.
func (c *chunk) closePage(s *scratch) error {
	lo, hi := c.values.bounds()
	values, encoding, how, err := c.values.encode(s)
	if err == nil {
		s.levels, err = c.levels.encode(s.levels[:0], s)
	}
	if err != nil {
		return fmt.Errorf("column %s: %w", c.column.Name, err)
	}
	size := len(s.levels) + len(values)
	if size > maxPageBytes {
		return fmt.Errorf("%w: column %s: a page of %d bytes", ErrLimit, c.column.Name, size)
	}
	slots := c.levels.count(c.rows)
	header := format.PageHeader{Type: format.DataPage, DataPageHeader: thrift.New(format.DataPageHeader{
		NumValues:               int32(slots),
		Encoding:                encoding,
		DefinitionLevelEncoding: format.RLE,
		RepetitionLevelEncoding: format.RLE,
		Statistics:              format.Statistics{NullCount: int64(c.levels.nulls)},
	})}
	packed := c.compress(s, values, encoding, how)
	at := len(c.pages)
	if at == 0 {
		c.presize(total(packed))
	}
	if c.pages, err = c.appendPage(c.pages, &header, size, packed, s); err != nil {
		return err
	}
	c.note(at, slots, encoding, lo, hi)
	c.done += c.rows
	c.rows = 0
	c.levels.reset()
	c.values.resetPage()
	return nil
}

// presize makes room for all pages at once, given the first one's length: growing
// by doubling copies each twice.
func (c *chunk) presize(first int) {
	n := min(maxPresize, (first+64)*c.groupPages*9/8)
	if c.rows == c.pageRows && cap(c.pages) < n {
		c.pages = make([]byte, 0, n) // slices.Grow would touch all of it
	}
}

// note records a finished page in the column's metadata and page index.
func (c *chunk) note(at, slots int, encoding format.Encoding, lo, hi []byte) {
	c.meta.NumValues += int64(slots)
	c.meta.Statistics.NullCount += int64(c.levels.nulls)
	c.addEncoding(encoding)
	null := lo == nil
	if null {
		lo, hi = []byte{}, []byte{}
	}
	c.index.NullPages = append(c.index.NullPages, null)
	c.index.MinValues = append(c.index.MinValues, lo)
	c.index.MaxValues = append(c.index.MaxValues, hi)
	c.index.NullCounts = append(c.index.NullCounts, int64(c.levels.nulls))
	c.where.PageLocations = append(c.where.PageLocations, format.PageLocation{
		Offset:             int64(at), // from the first data page until place makes it absolute
		CompressedPageSize: int32(len(c.pages) - at),
		FirstRowIndex:      int64(c.done),
	})
}

func (c *chunk) addEncoding(e format.Encoding) {
	for _, known := range c.meta.Encoding {
		if known == e {
			return
		}
	}
	c.meta.Encoding = append(c.meta.Encoding, e)
}

// compress returns the page of s.levels and the values as it is stored.
func (c *chunk) compress(s *scratch, values []byte, encoding format.Encoding, how effort) [][]byte {
	if how == compressFully {
		how = c.trials.effort(encoding)
	}
	if sample := c.trials.sample(values); how == compressFully && sample != nil {
		if n := total(s.codec.compress(nil, sample, how)); !shrunk(len(sample), n) {
			c.trials.note(len(sample), n)
			how = storeOnly
		}
	}
	packed := s.codec.compress(s.levels, values, how)
	if how == compressFully {
		c.trials.note(len(s.levels)+len(values), total(packed))
	}
	return packed
}

func total(parts [][]byte) int {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	return n
}

// appendPage appends the parts of a page that has size bytes before compression
// behind its completed header.
func (c *chunk) appendPage(dst []byte, h *format.PageHeader, size int, packed [][]byte, s *scratch) ([]byte, error) {
	sum, length := uint32(0), total(packed)
	for _, p := range packed {
		sum = crc32.Update(sum, crc32.IEEETable, p)
	}
	h.UncompressedPageSize = int32(size)
	h.CompressedPageSize = int32(length)
	h.CRC = int32(sum)
	head, err := s.header.encode(h)
	if err != nil {
		return dst, fmt.Errorf("column %s: page header: %w", c.column.Name, err)
	}
	c.meta.TotalUncompressedSize += int64(len(head) + size)
	c.meta.TotalCompressedSize += int64(len(head) + length)
	dst = append(slices.Grow(dst, len(head)+length), head...)
	for _, p := range packed {
		dst = append(dst, p...)
	}
	return dst, nil
}

// closeGroup ends the row group: the last page, the dictionary, the statistics.
func (c *chunk) closeGroup(s *scratch) error {
	if c.rows > 0 {
		if err := c.closePage(s); err != nil {
			return err
		}
	}
	if data, n, how := c.values.dictionary(s); n > 0 {
		header := format.PageHeader{Type: format.DictionaryPage, DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{
			NumValues: int32(n),
			Encoding:  format.Plain,
		})}
		var err error
		if c.dict, err = c.appendPage(c.dict, &header, len(data), s.codec.compress(nil, data, how), s); err != nil {
			return err
		}
		c.addEncoding(format.Plain)
	}
	if c.levels.maxDefinition() > 0 {
		c.addEncoding(format.RLE)
	}
	c.meta.Statistics.MinValue, c.meta.Statistics.MaxValue = c.values.chunkBounds()
	c.meta.Type = physicalType(c.column.Type)
	c.meta.PathInSchema = leafPath(c.column)
	c.meta.Codec = s.codec.codec
	return nil
}

// place makes the offsets absolute, given where in the file the chunk starts,
// and returns what the footer keeps of it.
func (c *chunk) place(start int64) (format.ColumnChunk, format.ColumnIndex, format.OffsetIndex) {
	first := start + int64(len(c.dict))
	if len(c.dict) > 0 {
		c.meta.DictionaryPageOffset = start
	}
	c.meta.DataPageOffset = first
	for i := range c.where.PageLocations {
		c.where.PageLocations[i].Offset += first
	}
	return format.ColumnChunk{MetaData: c.meta}, c.index, c.where
}

// reset starts the next row group. What place returned is the footer's now.
func (c *chunk) reset() {
	c.done, c.dict, c.pages = 0, c.dict[:0], c.pages[:0]
	c.meta, c.index, c.where = format.ColumnMetaData{}, format.ColumnIndex{}, format.OffsetIndex{}
	c.values.resetChunk()
}

// headerEncoder writes Thrift structures in the compact protocol.
type headerEncoder struct {
	buffer bytes.Buffer
}

// encode returns v encoded, valid until the next call.
func (e *headerEncoder) encode(v any) ([]byte, error) {
	e.buffer.Reset()
	var protocol thrift.CompactProtocol
	if err := thrift.NewEncoder(protocol.NewWriter(&e.buffer)).Encode(v); err != nil {
		return nil, err
	}
	return e.buffer.Bytes(), nil
}
