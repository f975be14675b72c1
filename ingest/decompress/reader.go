package decompress

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Reader is the decompressed stream. It belongs to one goroutine.
//
// Read fills p wholly unless the stream ends, so that each block of a capture is
// as large as its buffer; uncompressed input is passed through read by read, so
// that pipes do not stall.
type Reader struct {
	cfg    Config
	src    peeked   // the stored bytes
	layers []*layer // the outermost first
	out    *peeked  // the innermost layer's output; &src where there is none
	offset int64    // decompressed bytes delivered
	err    error
}

// Open looks at the first bytes of r, and of what they decompress to, and returns
// the decompressed stream, or *UnsupportedError, *LayersError, or r's own error.
// Zero fields of cfg take their defaults. Damage, even in the compressed header,
// is reported by Read. Close frees memory; r is the caller's to close.
func Open(r io.Reader, cfg Config) (*Reader, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	d := &Reader{cfg: cfg, src: peeked{r: r}}
	d.out = &d.src
	for {
		prefix := d.out.peek()
		if err := d.out.err; err != nil && len(d.layers) == 0 {
			return nil, fmt.Errorf("read of first bytes: %w", err)
		}
		format := Detect(prefix)
		if format == None {
			return d, nil
		}
		if len(d.layers) == cfg.MaxLayers {
			return d, &LayersError{Limit: cfg.MaxLayers}
		}
		l := newLayer(d, d.out)
		d.layers = append(d.layers, l)
		if err := l.start(format, cfg.MaxWindow>>(len(d.layers)-1)); err != nil {
			return d, err
		}
		d.out = &peeked{r: l}
	}
}

// Read fills p with decompressed bytes. Its errors are io.EOF at a clean end,
// *StreamError, *ExpansionError, *WindowError, *UnsupportedError, and the
// source's own.
func (d *Reader) Read(p []byte) (int, error) {
	if len(d.layers) == 0 {
		n, err := d.src.Read(p)
		d.offset += int64(n)
		return n, err
	}
	filled := 0
	for filled < len(p) && d.err == nil {
		n, err := d.out.Read(p[filled:])
		filled += n
		d.offset += int64(n)
		if err != nil {
			d.err = d.locate(err)
		}
	}
	if filled > 0 || len(p) == 0 {
		return filled, nil
	}
	return 0, d.err
}

// locate adds to a layer's error where the whole stream stands.
func (d *Reader) locate(err error) error {
	var stream *StreamError
	var expansion *ExpansionError
	var window *WindowError
	switch {
	case err == io.EOF:
	case errors.As(err, &stream):
		stream.Offset, stream.InputOffset = d.offset, d.InputOffset()
	case errors.As(err, &expansion):
		expansion.Offset = d.offset
	case errors.As(err, &window):
		window.Offset, window.InputOffset = d.offset, d.InputOffset()
	}
	return err
}

// Format returns the outermost compression, None where there is none.
func (d *Reader) Format() Format {
	if len(d.layers) == 0 {
		return None
	}
	return d.layers[0].format
}

// Compression names all layers in the order in which they were put on, as file
// name extensions would: "none", "gzip", "zstd+xz".
func (d *Reader) Compression() string {
	if len(d.layers) == 0 {
		return None.String()
	}
	var names []string
	for i := len(d.layers) - 1; i >= 0; i-- {
		names = append(names, d.layers[i].format.String())
	}
	return strings.Join(names, "+")
}

// Offset returns the number of decompressed bytes delivered.
func (d *Reader) Offset() int64 { return d.offset }

// InputOffset returns the number of bytes consumed of the source, without what
// is buffered.
func (d *Reader) InputOffset() int64 {
	if len(d.layers) == 0 {
		return d.src.n
	}
	return d.src.n - int64(d.layers[0].in.Buffered())
}

// Close frees the decoders' memory. Later reads fail.
func (d *Reader) Close() error {
	for _, l := range d.layers {
		l.close()
	}
	if d.err == nil && len(d.layers) > 0 {
		d.err = io.ErrClosedPipe
	}
	return nil
}

// peeked is a stream with the bytes looked at put back in front.
type peeked struct {
	r      io.Reader
	prefix []byte
	err    error // met while looking, but for the end
	n      int64 // bytes handed out
}

// peek returns the first bytes, magicSize unless the stream ends before.
func (s *peeked) peek() []byte {
	s.prefix = make([]byte, magicSize)
	n, err := io.ReadFull(s.r, s.prefix)
	s.prefix = s.prefix[:n]
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		s.err = err
	}
	return s.prefix
}

// Read returns the prefix first and then passes reads through.
func (s *peeked) Read(p []byte) (int, error) {
	if len(s.prefix) > 0 {
		n := copy(p, s.prefix)
		s.prefix = s.prefix[n:]
		s.n += int64(n)
		return n, nil
	}
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	s.n += int64(n)
	return n, err
}
