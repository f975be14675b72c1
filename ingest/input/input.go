package input

import (
	"errors"
	"fmt"
	"io"
	"os"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/decompress"
	"pcapmill/ingest/packet"
)

// ErrChanged says that a file changed while it was read.
var ErrChanged = errors.New("file changed while it was read")

// Facts are what is known of an input after it was read.
type Facts struct {
	Bytes       int64  // stored bytes
	SHA256      string // of the stored bytes, hex; empty where not hashed
	Compression string // "none", "gzip", "zstd"
	Format      string // "pcap", "pcapng"; empty where not recognised
	Notes       []capfile.Note
	Info        capfile.Info
	Offset      int64 // bytes of the decompressed stream consumed by whole records
}

// Capture is one opened input. It is used by one goroutine.
type Capture struct {
	path   string
	cfg    Config
	file   *os.File
	before os.FileInfo // nil for standard input
	hash   *hashReader
	count  *countReader
	plain  *decompress.Reader
	reader *capfile.Reader
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
	if cfg.Hash == HashSHA256 {
		c.hash = newHashReader(src)
		src = c.hash
	} else {
		c.count = &countReader{src: src}
		src = c.count
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
	info, err := os.Stat(c.path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file (%s): use - to read from a pipe", Shown(c.path), info.Mode().Type())
	}
	f, err := os.Open(c.path)
	if err != nil {
		return nil, err
	}
	c.file, c.before = f, info
	return f, nil
}

// Fill implements the reading of blocks: see capfile.Reader.Fill.
func (c *Capture) Fill(b *packet.Block) error {
	err := c.reader.Fill(b)
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return fmt.Errorf("%s: %w", Shown(c.path), err)
}

// Interfaces implements the table that Record.Interface indexes.
func (c *Capture) Interfaces() []packet.Interface { return c.reader.Interfaces() }

// Close reads what the parser left of a file, so that size and hash are those of
// the whole, and closes it. It fails with ErrChanged where the file is not what
// it was at Open.
func (c *Capture) Close() (Facts, error) {
	f := Facts{}
	if c.plain != nil {
		f.Compression = c.plain.Format().String()
	}
	if c.reader != nil {
		f.Format, f.Info, f.Offset = c.reader.Format(), c.reader.Info(), c.reader.Offset()
		f.Notes = f.Info.Notes()
	}
	err := c.drain()
	switch {
	case c.hash != nil:
		f.SHA256, f.Bytes = c.hash.finish(), c.hash.bytes
	case c.count != nil:
		f.Bytes = c.count.bytes
	}
	if c.plain != nil {
		err = errors.Join(err, c.plain.Close())
	}
	if c.file == nil {
		return f, err
	}
	err = errors.Join(err, c.unchanged(f.Bytes))
	return f, errors.Join(err, c.file.Close())
}

// drain reads a file to its end.
func (c *Capture) drain() error {
	var src io.Reader = c.count
	if c.hash != nil {
		src = c.hash
	}
	if c.file == nil || c.hash == nil && c.count == nil {
		return nil
	}
	buf := make([]byte, 64<<10)
	for {
		_, err := src.Read(buf)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", Shown(c.path), err)
		}
	}
}

// unchanged compares the file with what it was at Open.
func (c *Capture) unchanged(bytes int64) error {
	now, err := os.Stat(c.path)
	if err != nil {
		return err
	}
	if !os.SameFile(now, c.before) || now.Size() != bytes || !now.ModTime().Equal(c.before.ModTime()) {
		return fmt.Errorf("%s: %w", Shown(c.path), ErrChanged)
	}
	return nil
}
