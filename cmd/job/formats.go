package job

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

// The formats of tables. The value is also the ending of their files.
const (
	FormatParquet = "parquet"
	FormatCSV     = "csv"
	FormatTSV     = "tsv"
	FormatJSONL   = "jsonl"
	FormatArrow   = "arrow"
	FormatSQLite  = "sqlite" // one file for all tables: see database
)

// Formats lists the formats of tables, the default first.
func Formats() []string {
	return []string{FormatParquet, FormatCSV, FormatTSV, FormatJSONL, FormatArrow, FormatSQLite}
}

// tableWriter writes the rows of one part.
type tableWriter interface {
	Write(b *batch.Batch) error
	Close() error
}

// newWriter starts a part in the chosen format. meta goes where the format has a
// place for it.
func newWriter(w io.Writer, schema *column.Schema, o *Options, meta map[string]string) (tableWriter, error) {
	switch o.Format {
	case FormatCSV:
		return text.NewCSV(w, schema, text.DefaultCSV())
	case FormatTSV:
		return text.NewCSV(w, schema, text.DefaultTSV())
	case FormatJSONL:
		return text.NewJSONL(w, schema), nil
	case FormatArrow:
		return ipc.NewFile(w, schema, ipc.DefaultConfig(), meta)
	}
	return parquetfile.NewFile(w, schema, o.Parquet, meta)
}

// newCheck returns what a written part must pass before it gets its name. Text has
// no structure that could be checked cheaply.
func newCheck(o *Options, rows int64) publish.Check {
	if o.Format != FormatParquet && o.Format != FormatArrow {
		return nil
	}
	return func(r io.ReaderAt, size int64) error {
		there, err := countRows(o.Format, r, size)
		if err == nil && there != rows {
			err = fmt.Errorf("%d rows were written, %d are there", rows, there)
		}
		return err
	}
}

// countRows opens a file as a reader would.
func countRows(format string, r io.ReaderAt, size int64) (int64, error) {
	if format == FormatArrow {
		info, err := ipc.Stat(r, size)
		return info.Rows, err
	}
	file, err := parquetfile.Open(r, size)
	if err != nil {
		return 0, err
	}
	return file.NumRows(), nil
}
