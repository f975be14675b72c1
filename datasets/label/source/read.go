package source

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"pcapmill/datasets/label"
	"pcapmill/ingest/decompress"
	"pcapmill/outputs/tables"
)

// Read reads files in their order, and behind them what the names of captures say. The errors
// are *Error and ErrOptions; errors of the context, and ErrOpen, ErrFormat, ErrContent, ErrZone
// and ErrLimit, are below them.
func Read(ctx context.Context, paths []string, o Options) (*label.Set, error) {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return nil, err
	}
	if o.View == nil {
		o.View = tables.NewView()
	}
	set, texts := &label.Set{}, newTexts()
	for _, path := range paths {
		r := &reading{ctx: ctx, opts: &o, set: set, texts: texts, path: path, first: len(set.Events)}
		if err := r.file(); err != nil {
			return nil, r.placed(err)
		}
		r.nameCaptures()
		set.Sources = append(set.Sources, r.source)
	}
	if len(o.FromName) == 0 {
		return set, nil
	}
	r := &reading{ctx: ctx, opts: &o, set: set, texts: texts}
	if err := readNames(r); err != nil {
		return nil, r.placed(err)
	}
	set.Sources = append(set.Sources, r.source)
	return set, nil
}

// file reads a file from its opening to its hash.
func (r *reading) file() error {
	r.source.Path = r.path
	switch info, err := os.Stat(r.path); {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrOpen, unwrapPath(err))
	case info.IsDir():
		return r.folder()
	case !info.Mode().IsRegular(): // a pipe may never have a writer, and cannot be read again to check a dataset
		return fmt.Errorf("%w: neither a file nor a folder", ErrOpen)
	}
	f, err := os.Open(r.path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrOpen, unwrapPath(err))
	}
	defer f.Close() //nolint:errcheck // it was read only
	stored := &stored{r: f, sum: sha256.New(), ctx: r.ctx}
	if err := r.content(stored); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, stored); err != nil {
		return fmt.Errorf("%w: %w", ErrOpen, unwrapPath(err))
	}
	r.source.Bytes, r.source.SHA256 = stored.n, hex.EncodeToString(stored.sum.Sum(nil))
	return nil
}

// content finds the format of the stored bytes and reads them.
func (r *reading) content(stored io.Reader) error {
	in, err := decompress.Open(stored, decompress.Config{})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrOpen, unwrapPath(err))
	}
	defer in.Close() //nolint:errcheck // it frees memory
	r.in = bufio.NewReaderSize(in, headSize)
	head, err := r.in.Peek(headSize)
	if err != nil && err != io.EOF {
		return fmt.Errorf("%w: %w", ErrOpen, unwrapPath(err))
	}
	if err == io.EOF && len(bytes.TrimSpace(head)) == 0 {
		return r.empty()
	}
	f, ok := formatOf(r.opts, head, filepath.Base(r.path))
	if !ok {
		return ErrFormat
	}
	r.source.Kind = f.kind
	if err := f.read(r); err != nil {
		return err
	}
	if r.twice > 0 {
		r.note("%d times are of an hour that clocks in %s showed twice or never; the earlier instant was taken", r.twice, r.source.Zone)
	}
	return r.understood()
}

// understood is ErrContent where all was refused: it is another format, or a broken file.
func (r *reading) understood() error {
	s := &r.source
	if s.Refused == 0 || s.Rules+s.Events+s.Skipped > 0 {
		return nil
	}
	first := s.Refusals[0]
	return &Error{r.path, first.Line, first.Offset, fmt.Errorf("%w as %s: %s", ErrContent, s.Kind, first.Reason)}
}

// stored hashes and counts what is read of a file, and stops with its context.
type stored struct {
	ctx context.Context
	r   io.Reader
	sum hash.Hash
	n   int64
}

// Read implements io.Reader.
func (s *stored) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.r.Read(p)
	s.sum.Write(p[:n])
	s.n += int64(n)
	return n, err
}
