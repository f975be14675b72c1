package parquetfile

import "fmt"

// Config says how tables are cut and encoded. RowGroupRows, PageRows, Codec,
// DictionaryBytes and CompressDoubles change the bytes of a file; Encoders and PartRows do not.
type Config struct {
	RowGroupRows    int    // rows per row group, the unit that readers parallelise over
	PageRows        int    // rows per data page, the unit that readers can skip
	PartRows        int    // rows per part file, or MostRows; File leaves the cutting to its caller
	Codec           string // zstd, snappy or none
	DictionaryBytes int    // a column chunk whose dictionary outgrows this goes on without one
	CompressDoubles bool   // also search doubles that hardly repeat for matches: a fifth smaller, six times the time for them
	Encoders        int    // goroutines that encode the columns of one batch
}

// Limits of a Config.
const (
	maxRowGroupRows = 1 << 24
	maxPageRows     = 1 << 20
	maxDictionary   = 64 << 20
	maxEncoders     = 256
)

// DefaultConfig returns the settings used when none are given.
func DefaultConfig() Config {
	return Config{
		RowGroupRows:    1 << 16,
		PageRows:        1 << 14,
		PartRows:        1 << 22,
		Codec:           "zstd",
		DictionaryBytes: 1 << 20,
		Encoders:        1,
	}
}

// MostRows returns how many rows a file of so many columns may have, for its footer says something
// of each column in each row group, and Open reads only so much.
func (c Config) MostRows(columns int) int64 {
	const ofFile, ofChunk = 16, 3 // structures, at most: of the schema for each column, and in a row group
	const chunkBytes = 320        // more than one with the longest bounds takes
	groups := min((maxFooterStructs-ofFile*(columns+1))/(1+ofChunk*columns), maxFooterBytes/(chunkBytes*(columns+1)), maxRowGroups)
	return int64(max(1, groups)) * int64(c.RowGroupRows)
}

// Validate reports the first setting that is out of range.
func (c Config) Validate() error {
	switch {
	case c.RowGroupRows < 1 || c.RowGroupRows > maxRowGroupRows:
		return fmt.Errorf("row group of %d rows is not in 1..%d", c.RowGroupRows, maxRowGroupRows)
	case c.PageRows < 1 || c.PageRows > maxPageRows:
		return fmt.Errorf("page of %d rows is not in 1..%d", c.PageRows, maxPageRows)
	case c.PartRows < 1:
		return fmt.Errorf("part of %d rows is less than 1", c.PartRows)
	case c.DictionaryBytes < 0 || c.DictionaryBytes > maxDictionary:
		return fmt.Errorf("dictionary of %d bytes is not in 0..%d", c.DictionaryBytes, maxDictionary)
	case c.Encoders < 1 || c.Encoders > maxEncoders:
		return fmt.Errorf("%d encoders is not in 1..%d", c.Encoders, maxEncoders)
	}
	_, err := codecOf(c.Codec)
	return err
}
