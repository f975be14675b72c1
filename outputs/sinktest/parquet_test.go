package sinktest_test

import (
	"bytes"
	"context"
	"io"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/sinktest"
)

// TestParquet puts the default output through the suite, row groups and pages
// small enough that its rows fill several.
func TestParquet(t *testing.T) {
	for _, codec := range []string{"zstd", "none"} {
		t.Run(codec, func(t *testing.T) {
			cfg := parquetfile.DefaultConfig()
			cfg.RowGroupRows, cfg.PageRows, cfg.Codec = 512, 100, codec
			sinktest.Run(t, sinktest.Sink{
				New: func(w io.Writer, s *column.Schema) (sinktest.Writer, error) {
					return parquetfile.NewFile(w, s, cfg, nil)
				},
				Read: readParquet,
			})
		})
	}
}

func readParquet(data []byte, s *column.Schema) ([]sinktest.Row, error) {
	r, err := parquetfile.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	var names []string
	for i := range s.Columns {
		names = append(names, s.Columns[i].Name)
	}
	var rows []sinktest.Row
	err = r.Read(context.Background(), names, func(b *batch.Batch) error {
		rows = append(rows, sinktest.RowsOf(b)...)
		return nil
	})
	return rows, err
}
