package parquetfile

import (
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
	path       []string // in the schema

	// The row group so far.
	done  int      // rows in finished pages
	dict  []byte   // dictionary page with its header
	pages segments // data pages with their headers
	placed
}

func newChunk(c *column.Column, cfg *Config) *chunk {
	return &chunk{
		column:     c,
		pageRows:   cfg.PageRows,
		groupPages: (cfg.RowGroupRows + cfg.PageRows - 1) / cfg.PageRows,
		values:     newValues(c, cfg),
		path:       leafPath(c),
		levels:     levels{optional: c.Optional(), list: isList(c.Type)},
	}
}

// append adds rows [lo, hi) of the vector, closing pages as they fill up.
func (c *chunk) append(v *batch.Vector, lo, hi int, s *scratch) error {
	for lo < hi {
		n := min(hi-lo, c.pageRows-c.rows)
		c.levels.definition = foresee(c.levels.definition, c.rows, c.pageRows)
		from, to, valid, err := c.levels.append(v, lo, lo+n)
		if err == nil {
			c.values.room(c.rows, c.pageRows, &c.pages)
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
	var err error
	if s.front, err = c.levels.encode(s.front[:0], s); err != nil {
		return fmt.Errorf("column %s: %w", c.column.Name, err)
	}
	values, encoding, how, err := c.values.encode(s)
	if err != nil {
		return fmt.Errorf("column %s: %w", c.column.Name, err)
	}
	size := len(s.front) + len(values)
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
	at := c.pages.size
	if at == 0 && c.rows == c.pageRows {
		c.presize(packed)
	}
	c.addPage(&header, size, packed, s)
	c.note(at, slots, encoding, lo, hi)
	c.done += c.rows
	c.rows = 0
	c.levels.reset()
	c.values.resetPage()
	return nil
}

// presize makes room for what will be copied of all pages, given the first one.
func (c *chunk) presize(first []part) {
	n := 64
	for _, p := range first {
		if !stays(p) {
			n += len(p.data)
		}
	}
	c.pages.presize(min(maxPresize, n*c.groupPages*9/8))
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
		CompressedPageSize: int32(c.pages.size - at),
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

// compress returns the page of s.front and the values as it is stored.
func (c *chunk) compress(s *scratch, values []byte, encoding format.Encoding, how effort) []part {
	if how == compressFully {
		how = c.trials.effort(encoding)
	}
	if sample := c.trials.sample(values); how == compressFully && sample != nil {
		if n := total(s.codec.compress(nil, sample, how)); !shrunk(len(sample), n) {
			c.trials.note(len(sample), n)
			how = storeOnly
		}
	}
	switch {
	case how == compressFully && encoding == format.DeltaLengthByteArray && c.column.Type != column.Binary:
		how = compressText
	case how == compressFully && c.levels.mixed(c.rows):
		how = compressMixed
	}
	packed := s.codec.compress(s.front, values, how)
	if how != storeOnly {
		c.trials.note(len(s.front)+len(values), total(packed))
	}
	if encoding == format.RLEDictionary { // the values are the scratch's
		for i := range packed {
			packed[i].lasts = false
		}
	}
	return packed
}

// addPage adds a data page of size bytes before compression. Memory of the values
// that stays in use is replaced.
func (c *chunk) addPage(h *format.PageHeader, size int, packed []part, s *scratch) {
	c.pages.copy(c.pageHeader(h, size, packed, s))
	for _, p := range packed {
		if stays(p) {
			c.pages.keep(p.data)
		} else {
			c.pages.copy(p.data)
		}
	}
	if slices.ContainsFunc(packed, stays) {
		c.values.hand(&c.pages)
	}
}

// pageHeader completes the header of a page and returns it encoded.
func (c *chunk) pageHeader(h *format.PageHeader, size int, packed []part, s *scratch) []byte {
	sum, length := uint32(0), total(packed)
	for _, p := range packed {
		sum = crc32.Update(sum, crc32.IEEETable, p.data)
	}
	h.UncompressedPageSize = int32(size)
	h.CompressedPageSize = int32(length)
	h.CRC = int32(sum)
	s.header.out = s.header.out[:0]
	s.header.pageHeader(h)
	head := s.header.out
	c.meta.TotalUncompressedSize += int64(len(head) + size)
	c.meta.TotalCompressedSize += int64(len(head) + length)
	return head
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
		packed := s.codec.compress(nil, data, how)
		c.dict = append(c.dict, c.pageHeader(&header, len(data), packed, s)...)
		for _, p := range packed {
			c.dict = append(c.dict, p.data...)
		}
		c.addEncoding(format.Plain)
	}
	c.pages.close()
	if c.levels.maxDefinition() > 0 {
		c.addEncoding(format.RLE)
	}
	c.meta.Statistics.MinValue, c.meta.Statistics.MaxValue = c.values.chunkBounds()
	c.meta.Type = physicalType(c.column.Type)
	c.meta.PathInSchema = c.path
	c.meta.Codec = s.codec.codec
	return nil
}

// place makes the offsets absolute, given where in the file the chunk starts, and gives what the
// footer keeps of it to to, whose lists it takes for the next row group.
func (c *chunk) place(start int64, to *placed) {
	first := start + int64(len(c.dict))
	if len(c.dict) > 0 {
		c.meta.DictionaryPageOffset = start
	}
	c.meta.DataPageOffset = first
	for i := range c.where.PageLocations {
		c.where.PageLocations[i].Offset += first
	}
	c.placed, *to = to.emptied(), c.placed
}

// placed is what the footer keeps of a column chunk.
type placed struct {
	meta  format.ColumnMetaData
	index format.ColumnIndex
	where format.OffsetIndex

	indexAt, whereAt   int64 // in the file, once they are written
	indexLen, whereLen int32
}

// emptied returns the memory of its lists.
func (p *placed) emptied() (e placed) {
	e.meta.Encoding = p.meta.Encoding[:0]
	e.index.NullPages, e.index.NullCounts = p.index.NullPages[:0], p.index.NullCounts[:0]
	e.index.MinValues, e.index.MaxValues = p.index.MinValues[:0], p.index.MaxValues[:0]
	e.where.PageLocations = p.where.PageLocations[:0]
	return e
}

// reset starts the next row group, once this one has been placed.
func (c *chunk) reset() {
	c.done, c.dict = 0, c.dict[:0]
	c.pages.reset()
	c.values.resetChunk()
}
