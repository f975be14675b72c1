package sqlite_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/sinktest"
	"pcapmill/outputs/sqlite"
)

// TestFile puts a dataset of one table through the suite. What a writer of the suite is, is
// here a database that is copied there when it is whole.
func TestFile(t *testing.T) {
	sinktest.Run(t, sinktest.Sink{
		New: func(w io.Writer, s *column.Schema) (sinktest.Writer, error) {
			path := empty(t)
			f, err := sqlite.NewFile(path, s)
			return &copied{f, path, w, false}, err
		},
		Read: readSuite,
	})
}

// copied copies a finished database.
type copied struct {
	file *sqlite.File
	path string
	w    io.Writer
	done bool
}

func (c *copied) Write(b *batch.Batch) error { return c.file.Write(b) }

func (c *copied) Close() error {
	if c.done {
		return nil
	}
	c.done = true
	if err := sqlite.Gather([]*sqlite.File{c.file}, nil, nil); err != nil {
		return err
	}
	data, err := os.ReadFile(c.path)
	if err == nil {
		_, err = c.w.Write(data)
	}
	return errors.Join(err, os.Remove(c.path))
}

var files int

// empty makes an empty file.
func empty(t testing.TB) string {
	t.Helper()
	files++
	path := filepath.Join(t.TempDir(), "db #%?"+strconv.Itoa(files)) // a name that URIs must escape
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func openBytes(t testing.TB, data []byte) (*sqlite.DatasetReader, error) {
	t.Helper()
	r, err := sqlite.OpenDataset(context.Background(), bytes.NewReader(data), int64(len(data)), sqlite.DefaultLimits())
	if err == nil {
		t.Cleanup(func() { r.Close() })
	}
	return r, err
}

func readSuite(data []byte, s *column.Schema) ([]sinktest.Row, error) {
	r, err := sqlite.OpenDataset(context.Background(), bytes.NewReader(data), int64(len(data)), sqlite.DefaultLimits())
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if r.Schemas[0].Hash() != s.Hash() || r.Hashes[0] != s.Hash() {
		return nil, errors.New("another schema")
	}
	var rows []sinktest.Row
	err = r.Each(context.Background(), s.Table, func(values []any) error {
		row := make(sinktest.Row, len(values))
		for i, v := range values {
			if row[i], err = plain(s.Columns[i].Type, v); err != nil {
				return err
			}
		}
		rows = append(rows, row)
		return nil
	})
	return rows, err
}

// plain is a value as the suite has it.
func plain(t column.Type, v any) (any, error) {
	switch v := v.(type) {
	case []byte:
		return string(v), nil
	case string:
		switch t {
		case column.Timestamp:
			return micros(v)
		case column.ListInt64, column.ListInt32:
			return list[int64](v)
		case column.ListString:
			return list[string](v)
		}
	}
	return v, nil
}

func list[T any](s string) ([]T, error) {
	values := []T{}
	err := json.Unmarshal([]byte(s), &values)
	return values, err
}

func micros(s string) (int64, error) {
	at, err := time.Parse("2006-01-02T15:04:05.000000Z", s)
	return at.UnixMicro(), err
}
