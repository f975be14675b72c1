package live

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// Compare reports, as an error, the first row in which the tables of two folders differ,
// and returns how many rows are the same. Tables that only live mode has are left out.
func Compare(ctx context.Context, live, offline string) (rows int64, err error) {
	return CompareAll(ctx, live, []string{offline})
}

// CompareAll is Compare with the rows of several folders, one behind the other: live tables of
// several sessions have those of a run each.
func CompareAll(ctx context.Context, live string, offline []string) (rows int64, err error) {
	entries, err := os.ReadDir(offline[0])
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		var folders []string
		for _, folder := range offline {
			folders = append(folders, filepath.Join(folder, e.Name()))
		}
		n, err := compareTable(ctx, filepath.Join(live, e.Name()), folders)
		if rows += n; err != nil {
			return rows, fmt.Errorf("table %s: %w", e.Name(), err)
		}
	}
	return rows, nil
}

func compareTable(ctx context.Context, live string, offline []string) (int64, error) {
	got, want := rowsOf(ctx, live), rowsOf(ctx, offline...)
	defer got.Close()  //nolint:errcheck // ends the writer
	defer want.Close() //nolint:errcheck // ends the writer
	g, w := newLines(got), newLines(want)
	for n := int64(0); ; n++ {
		a, b := g.next(), w.next()
		switch {
		case a == nil && b == nil:
			return n, errors.Join(g.err(), w.err())
		case !bytes.Equal(a, b):
			return n, errors.Join(fmt.Errorf("row %d is live\n%.800s\nand offline\n%.800s", n, a, b), g.err(), w.err())
		}
	}
}

// rowsOf renders the rows of tables, one behind the other, as lines of JSON. A table that is not
// there has none.
func rowsOf(ctx context.Context, folders ...string) io.ReadCloser {
	r, w := io.Pipe()
	go func() {
		var err error
		for i := 0; i < len(folders) && err == nil; i++ {
			err = render(ctx, folders[i], w)
		}
		_ = w.CloseWithError(err)
	}()
	return r
}

func render(ctx context.Context, folder string, w io.Writer) error {
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var out interface {
		Write(*batch.Batch) error
		Close() error
	}
	open := func(s *column.Schema) (names []string, _ error) {
		out = text.NewJSONL(w, s)
		for i := range s.Columns {
			names = append(names, s.Columns[i].Name)
		}
		return names, nil
	}
	err := tables.Read(ctx, folder, open, func(b *batch.Batch) error { return out.Write(b) })
	if err == nil && out != nil {
		err = out.Close()
	}
	return err
}

// lines are read one by one.
type lines struct{ scan *bufio.Scanner }

const mostLine = 64 << 20

func newLines(r io.Reader) lines {
	s := bufio.NewScanner(r)
	s.Buffer(nil, mostLine)
	return lines{s}
}

func (l lines) next() []byte {
	if !l.scan.Scan() {
		return nil
	}
	return l.scan.Bytes()
}

func (l lines) err() error { return l.scan.Err() }
