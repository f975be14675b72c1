package parts

import (
	"fmt"
	"io"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/ipc"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// The formats of parts. The value is also the ending of their files.
const (
	Parquet = "parquet"
	CSV     = "csv"
	TSV     = "tsv"
	JSONL   = "jsonl"
	Arrow   = "arrow"
)

// Formats lists them, the default first.
func Formats() []string { return []string{Parquet, CSV, TSV, JSONL, Arrow} }

// encoder writes the rows of one part.
type encoder interface {
	Write(b *batch.Batch) error
	Close() error
}

// newEncoder starts a part in the chosen format.
func newEncoder(w io.Writer, schema *column.Schema, c *Config) (encoder, error) {
	switch c.Format {
	case Parquet:
		return parquetfile.NewFile(w, schema, c.Parquet, c.Meta)
	case CSV:
		return text.NewCSV(w, schema, text.DefaultCSV())
	case TSV:
		return text.NewCSV(w, schema, text.DefaultTSV())
	case JSONL:
		return text.NewJSONL(w, schema), nil
	case Arrow:
		return ipc.NewFile(w, schema, ipc.DefaultConfig(), c.Meta)
	}
	return nil, fmt.Errorf("tables have no format %q", c.Format)
}

// newCheck returns what a written part must pass before it gets its name. Text has
// no structure that could be checked cheaply.
func newCheck(e encoder, rows int64) publish.Check {
	switch e := e.(type) {
	case *parquetfile.File:
		return func(r io.ReaderAt, size int64) error {
			if err := rowsAre(rows, e.Rows()); err != nil {
				return err
			}
			return e.Check(r, size)
		}
	case *ipc.Writer:
		return func(r io.ReaderAt, size int64) error {
			info, err := ipc.Stat(r, size)
			if err != nil {
				return err
			}
			return rowsAre(rows, info.Rows)
		}
	}
	return nil
}

func rowsAre(written, there int64) error {
	if there != written {
		return fmt.Errorf("%d rows were written, %d are there", written, there)
	}
	return nil
}
