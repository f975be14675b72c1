package decompress

import (
	"bufio"
	"fmt"
	"io"
)

// inputBuffer is the read size on the compressed side.
const inputBuffer = 128 << 10

// Reader is the decompressed stream. It belongs to one goroutine.
//
// Read fills p wholly unless the stream ends, so that each block of a capture is
// as large as its buffer; uncompressed input is passed through read by read, so
// that pipes do not stall.
type Reader struct {
	cfg    Config
	format Format
	src    counted
	in     *bufio.Reader // compressed bytes; nil for None
	out    io.Reader     // decompressed bytes
	closer func()
	offset int64 // decompressed bytes delivered
	err    error
}

// decoder is what a compression format needs to provide.
type decoder interface {
	io.Reader
	close()
}

// Open looks at the first bytes of r and returns the decompressed stream, or
// *UnsupportedError, or r's own error. Zero fields of cfg take their defaults.
// Damage, even in the compressed header, is reported by Read. Close frees
// memory; r is the caller's to close.
func Open(r io.Reader, cfg Config) (*Reader, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	d := &Reader{cfg: cfg, src: counted{r: r}}
	prefix := make([]byte, magicSize)
	n, err := io.ReadFull(r, prefix)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, fmt.Errorf("decompress: read of first bytes: %w", err)
	}
	d.src.prefix = prefix[:n]
	d.format = Detect(d.src.prefix)
	return d, d.start()
}

func (d *Reader) start() error {
	var dec decoder
	switch d.format {
	case None:
		d.out = &d.src
		return nil
	case Gzip:
		d.in = bufio.NewReaderSize(&d.src, inputBuffer)
		dec = newGzip(d.in)
	case Zstd:
		d.in = bufio.NewReaderSize(&d.src, inputBuffer)
		z, err := newZstd(d.in, d.cfg.MaxWindow)
		if err != nil {
			return fmt.Errorf("decompress: %w", err)
		}
		dec = z
	default:
		return &UnsupportedError{Format: d.format}
	}
	d.out, d.closer = dec, dec.close
	return nil
}

// Read fills p with decompressed bytes. Its errors are io.EOF at a clean end,
// *StreamError, *ExpansionError, and for uncompressed input the source's own.
func (d *Reader) Read(p []byte) (int, error) {
	if d.format == None {
		n, err := d.src.Read(p)
		d.offset += int64(n)
		return n, err
	}
	filled := 0
	for filled < len(p) && d.err == nil {
		n, err := d.out.Read(p[filled:])
		filled += n
		d.offset += int64(n)
		d.err = d.judge(err)
	}
	if filled > 0 || len(p) == 0 {
		return filled, nil
	}
	return 0, d.err
}

// judge turns a decoder's error into ours and applies the expansion limit.
func (d *Reader) judge(err error) error {
	switch {
	case err == io.EOF:
		return io.EOF
	case err != nil:
		return &StreamError{Format: d.format, Offset: d.offset, InputOffset: d.InputOffset(), Err: err}
	case d.offset > d.cfg.ExpandGrace && d.offset/d.cfg.MaxExpand > d.InputOffset():
		return &ExpansionError{
			Format: d.format, Offset: d.offset, InputOffset: d.InputOffset(), Limit: d.cfg.MaxExpand,
		}
	}
	return nil
}

// Format returns the compression found.
func (d *Reader) Format() Format { return d.format }

// Offset returns the number of decompressed bytes delivered.
func (d *Reader) Offset() int64 { return d.offset }

// InputOffset returns the number of bytes consumed of the source, without what
// is buffered.
func (d *Reader) InputOffset() int64 {
	if d.in == nil {
		return d.src.n
	}
	return d.src.n - int64(d.in.Buffered())
}

// Close frees the decoder's memory. Later reads fail.
func (d *Reader) Close() error {
	if d.closer != nil {
		d.closer()
		d.closer = nil
	}
	if d.err == nil && d.format != None {
		d.err = io.ErrClosedPipe
	}
	return nil
}

// counted is the source with the bytes looked at put back in front.
type counted struct {
	prefix []byte
	r      io.Reader
	n      int64 // bytes handed out
}

// Read returns the prefix first and then passes reads through.
func (c *counted) Read(p []byte) (int, error) {
	if len(c.prefix) > 0 {
		n := copy(p, c.prefix)
		c.prefix = c.prefix[n:]
		c.n += int64(n)
		return n, nil
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
