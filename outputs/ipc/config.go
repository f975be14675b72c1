package ipc

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow/ipc"
)

// Config says how tables are cut and compressed. Both change the bytes of a file.
type Config struct {
	RecordRows int    // rows per record batch
	Codec      string // zstd, lz4 or none; none can be mapped into memory as it is
}

// DefaultConfig returns the settings used when none are given.
func DefaultConfig() Config { return Config{RecordRows: 1 << 14, Codec: "zstd"} }

const maxRecordRows = 1 << 24

// Validate reports the first setting that is out of range.
func (c Config) Validate() error {
	if c.RecordRows < 1 || c.RecordRows > maxRecordRows {
		return fmt.Errorf("record batch of %d rows is not in 1..%d", c.RecordRows, maxRecordRows)
	}
	_, err := c.options()
	return err
}

// options returns the codec as the library takes it. One compressor at a time:
// the order of buffers must not depend on timing.
func (c Config) options() ([]ipc.Option, error) {
	switch c.Codec {
	case "zstd":
		return []ipc.Option{ipc.WithZstd(), ipc.WithCompressConcurrency(1)}, nil
	case "lz4":
		return []ipc.Option{ipc.WithLZ4(), ipc.WithCompressConcurrency(1)}, nil
	case "none":
		return nil, nil
	}
	return nil, fmt.Errorf("codec %q is not zstd, lz4 or none", c.Codec)
}
