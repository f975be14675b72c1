package input

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/decompress"
	"pcapmill/ingest/packet"
)

// Facts are what is known of an input after it was read.
type Facts struct {
	Bytes       int64  // stored bytes
	SHA256      string // of the stored bytes, hex; empty where not hashed
	Compression string // "none", "gzip", …; of several layers the innermost first: "gzip+xz"
	Format      string // "pcap", "pcapng"; empty where not recognised
	Notes       []capfile.Note
	Info        capfile.Info
	Offset      int64          // bytes of the decompressed stream consumed by whole records
	Stream      int64          // bytes of the decompressed stream; Info.Bytes adds up to it
	Names       *capfile.Names // from name resolution blocks; nil where not recognised
}

// Capture is one opened input. It is used by one goroutine. Where Open failed,
// only Close may be called.
type Capture struct {
	path   string
	cfg    Config
	file   *os.File
	before os.FileInfo // nil for standard input
	hash   *hashReader
	count  *countReader
	plain  *decompress.Reader
	reader *capfile.Reader
	ended  error // what Fill ended with; nil where it was not read to an end
	closed bool
}

// Open opens path ("-" for standard input). Errors name the path; a file that is
// no capture gives *capfile.FormatError. Close must be called even after an
// error, as it knows the input's size and hash.
func Open(path string, stdin io.Reader, cfg Config) (*Capture, error) {
	c := &Capture{path: path, cfg: cfg}
	src, err := c.openFile(stdin)
	if err != nil {
		return c, err
	}
	c.count = &countReader{src: src}
	src = c.count
	if cfg.Hash == HashSHA256 {
		c.hash = newHashReader(src)
		src = c.hash
	}
	if c.plain, err = decompress.Open(src, cfg.Decompress); err != nil {
		return c, fmt.Errorf("%s: %w", Shown(path), err)
	}
	if c.reader, err = capfile.NewReader(c.plain, cfg.Capfile); err != nil {
		return c, fmt.Errorf("%s: %w", Shown(path), err)
	}
	return c, nil
}

func (c *Capture) openFile(stdin io.Reader) (io.Reader, error) {
	if c.path == Stdin {
		return stdin, nil
	}
	info, err := os.Stat(c.path) // before opening, which waits for a writer where the file is a pipe
	if err != nil {
		return nil, shownError(err)
	}
	if err := c.mustBeRegular(info); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(c.path, os.O_RDONLY|openNoWait, 0)
	if err != nil {
		return nil, shownError(err)
	}
	if now, err := f.Stat(); err != nil || !os.SameFile(now, info) {
		f.Close() //nolint:errcheck // only read
		return nil, changed(c.path, info, now, err)
	}
	c.file, c.before = f, info
	return io.LimitReader(f, info.Size()), nil
}

func (c *Capture) mustBeRegular(info os.FileInfo) error {
	switch {
	case info.Mode().IsRegular():
		return nil
	case info.IsDir():
		if _, err := os.ReadDir(c.path); err != nil {
			return shownError(err)
		}
		return fmt.Errorf("%s: is a directory", Shown(c.path))
	}
	return fmt.Errorf("%s: not a regular file (%s): use - to read from a pipe", Shown(c.path), info.Mode().Type())
}

// shownError is an error of package os with its path as it may be shown.
func shownError(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return &fs.PathError{Op: p.Op, Path: Shown(p.Path), Err: p.Err}
	}
	return err
}

// Fill implements the reading of blocks: see capfile.Reader.Fill.
func (c *Capture) Fill(b *packet.Block) error {
	err := c.reader.Fill(b)
	c.ended = err
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return fmt.Errorf("%s: %w", Shown(c.path), err)
}

// Interfaces implements the table that Record.Interface indexes.
func (c *Capture) Interfaces() []packet.Interface { return c.reader.Interfaces() }

// Close closes the input and returns what is known of it. Where it is a file
// that is hashed, what the parser left of it is read first, so that the hash is
// that of the whole. It fails with ErrChanged where the file is not what it was
// at Open. Facts are valid even then; a second call returns none.
func (c *Capture) Close() (Facts, error) {
	f := Facts{}
	if c.closed {
		return f, nil
	}
	c.closed = true
	if c.plain != nil {
		f.Compression = c.plain.Compression()
	}
	if c.reader != nil {
		f.Format, f.Info, f.Offset = c.reader.Format(), c.reader.Info(), c.reader.Offset()
		f.Notes, f.Names = f.Info.Notes(), c.reader.Names()
	}
	c.endStream()
	err := c.measure(&f)
	c.measureStream(&f)
	if c.plain != nil {
		err = errors.Join(err, c.plain.Close())
	}
	if c.file == nil {
		return f, err
	}
	err = errors.Join(err, c.unchanged(f.Bytes))
	return f, errors.Join(err, c.file.Close())
}

// endStream decompresses the rest of a compressed file in which damage ended the
// reading, to know how long the stream is. It comes before measure, which leaves
// nothing of the stored bytes.
func (c *Capture) endStream() {
	if c.plain != nil && c.plain.Format() != decompress.None && c.ended != nil && c.file != nil {
		_, _ = io.Copy(io.Discard, c.plain) // where it fails, the stream ends
	}
}

// measure sets size and hash.
func (c *Capture) measure(f *Facts) (err error) {
	switch {
	case c.count == nil: // not even opened
		return nil
	case c.hash == nil && c.file != nil:
		f.Bytes = c.before.Size()
		return nil
	case c.hash == nil:
		f.Bytes = c.count.bytes
		return nil
	}
	if c.file != nil {
		if _, err = io.Copy(io.Discard, c.hash); err != nil {
			err = fmt.Errorf("%s: %w", Shown(c.path), shownError(err))
		}
	}
	f.SHA256, f.Bytes = c.hash.finish(), c.count.bytes
	return err
}

// measureStream sets the length of the decompressed stream, and books what the
// parser left of it.
func (c *Capture) measureStream(f *Facts) {
	switch {
	case c.plain == nil:
		return
	case c.plain.Format() == decompress.None:
		f.Stream = f.Bytes
	default:
		f.Stream = c.plain.Offset()
	}
	f.Stream = max(f.Stream, f.Offset) // it grew while it was read: ErrChanged says so
	f.Info.Bytes[capfile.TrailingBytes] = f.Stream - f.Offset
}

// Abandon closes an input of which nothing more is wanted, without reading its
// rest. Close then returns no facts.
func (c *Capture) Abandon() {
	if c.closed {
		return
	}
	c.closed = true
	if c.hash != nil {
		c.hash.finish()
	}
	if c.plain != nil {
		c.plain.Close() //nolint:errcheck // only frees memory
	}
	if c.file != nil {
		c.file.Close() //nolint:errcheck // only read
	}
}

// unchanged compares the file with what it was at Open.
func (c *Capture) unchanged(bytes int64) error {
	now, err := os.Stat(c.path)
	if err != nil || !os.SameFile(now, c.before) || bytes != c.before.Size() || now.Size() != bytes || !now.ModTime().Equal(c.before.ModTime()) {
		return changed(c.path, c.before, now, err)
	}
	return nil
}
