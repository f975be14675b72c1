package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"pcapmill/outputs/manifest"
)

// flowsTable is the table whose rows are counted against the accounting.
const flowsTable = "flows"

// part is one listed file, what it should be, and what was found.
type part struct {
	table  string           // empty for a file that is no part of a table
	tables []manifest.Table // in the file, where it is a database
	path   string
	rows   int64
	bytes  int64
	sha256 string
	schema string
	plan   string

	found     []Finding
	read      int64
	counted   int64
	sums      flowSums
	unchecked string
}

func (p *part) find(check, format string, args ...any) {
	p.found = append(p.found, Finding{check, p.path, fmt.Sprintf(format, args...)})
}

// verify reads the part. The error is the context's; all else is a finding.
func (p *part) verify(ctx context.Context, root *os.Root) error {
	h, err := openRegular(root, filepath.FromSlash(p.path))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = errors.New("is listed and not there")
		}
		p.find(CheckMissing, "%v", err)
		return ctx.Err()
	}
	defer h.Close()
	if err := p.hash(ctx, h); err != nil {
		return err
	}
	if p.table == "" && len(p.tables) == 0 || p.read == 0 && p.bytes > 0 {
		return ctx.Err()
	}
	return p.open(ctx, h)
}

// has reports whether the part has rows of a table.
func (p *part) has(table string) bool {
	return p.table == table || slices.ContainsFunc(p.tables, func(t manifest.Table) bool { return t.Name == table })
}

// hash compares size and content.
func (p *part) hash(ctx context.Context, h *os.File) error {
	sum := sha256.New()
	n, err := io.Copy(sum, &contextReader{ctx, h})
	p.read = n
	switch got := hex.EncodeToString(sum.Sum(nil)); {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		p.find(CheckUnreadable, "after %d bytes: %v", n, err)
	case n != p.bytes:
		p.find(CheckSize, "%d bytes, listed are %d", n, p.bytes)
	case got != p.sha256:
		p.find(CheckSHA256, "%s, listed is %s", got, p.sha256)
	}
	return nil
}

// contextReader ends a long copy when the context does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}

// open reads the part as its format.
func (p *part) open(ctx context.Context, h *os.File) error {
	var err error
	switch ext := path.Ext(p.path); ext {
	case ".parquet":
		err = p.openParquet(ctx, h)
	case ".csv", ".tsv":
		p.counted, err = countLines(ctx, h, quotedLines)
		p.counted-- // the header
	case ".jsonl":
		p.counted, err = countLines(ctx, h, plainLines)
	case ".arrow":
		err = p.openArrow(h)
	case ".sqlite":
		err = p.openDatabase(ctx, h)
	default:
		p.unchecked = fmt.Sprintf("%s: rows of %q files are not counted", p.path, ext)
		return nil
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		p.find(CheckUnreadable, "%v", err)
	case p.table != "" && p.counted != p.rows:
		p.find(CheckRows, "%d rows, listed are %d", p.counted, p.rows)
	}
	return nil
}
