package baselines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"pcapmill/model/baseline"
	"pcapmill/model/baseline/exchange"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
)

// The formats of Export.
const (
	FormatJSON   = "json"
	FormatSQLite = "sqlite"
)

// Export says what to write of a baseline, and where.
type Export struct {
	File   string
	Format string
	Out    string // empty: to the writer that Run is given
	Force  bool   // take the place of what is there
}

// Run writes it. The error is ctx's where that ends before.
func (o *Export) Run(ctx context.Context, w io.Writer) error {
	if o.Out == "" && o.Format != FormatJSON {
		return usage.Errorf("--format %s needs a file: --out FILE", o.Format)
	}
	if o.Out == "" && o.Force {
		return usage.Errorf("--force is of a file: name one with --out")
	}
	if o.Out != "" {
		if err := mayWrite(o.Out, nil, o.Force); err != nil {
			return err
		}
		if same(o.File, o.Out) {
			return usage.Errorf("%s is read, and cannot be an output", text.Escape(o.Out))
		}
	}
	b, err := baseline.Open(o.File, baseline.DefaultFileBytes)
	if err != nil {
		return err
	}
	defer b.Close() //nolint:errcheck // only read
	source := stoppable{b, ctx}
	json := func(w io.Writer) error { return exchange.WriteJSON(w, source) }
	switch {
	case o.Format == FormatSQLite:
		err = to(o.Out, o.File, exchange.WriteSQLite(o.Out, source))
	case o.Out == "":
		err = json(w)
	default:
		_, err = publish.Replace(o.Out, json, nil)
	}
	return in(o.File, err)
}

// stoppable is a baseline of which no more blocks come once a context ends.
type stoppable struct {
	exchange.Source
	ctx context.Context
}

// Blocks implements exchange.Source.
func (s stoppable) Blocks(yield func(*baseline.Block) error) error {
	return s.Source.Blocks(func(b *baseline.Block) error {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		return yield(b)
	})
}

// same reports whether two paths are of one file that is there.
func same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// Import writes the baseline that a file was exported from, of whatever format.
func Import(ctx context.Context, name, out string, force bool) (Extent, error) {
	if err := mayWrite(out, nil, force); err != nil {
		return Extent{}, err
	}
	b, err := exported(ctx, name)
	if err != nil {
		return Extent{}, err
	}
	if err := b.Save(out); err != nil {
		return Extent{}, err
	}
	return extentAt(out)
}

// databaseHead is how SQLite databases begin.
const databaseHead = "SQLite format 3\x00"

// exported reads what Export wrote. Errors name the file.
func exported(ctx context.Context, name string) (*baseline.Baseline, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	head := make([]byte, len(databaseHead))
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	var b *baseline.Baseline
	if string(head) == databaseHead {
		b, err = exchange.ReadSQLite(ctx, name)
	} else {
		b, err = exchange.ReadJSON(io.MultiReader(strings.NewReader(string(head[:n])), f))
	}
	if shown := text.Escape(name); err != nil && !strings.Contains(err.Error(), shown) {
		err = fmt.Errorf("%s: %w", shown, err)
	}
	return b, err
}
