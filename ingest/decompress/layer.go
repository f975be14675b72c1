package decompress

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// inputBuffer is the read size on the compressed side.
const inputBuffer = 128 << 10

// decoder is what a compression format needs to provide. At the end of the
// compressed data it returns io.EOF, cut data io.ErrUnexpectedEOF.
type decoder interface {
	io.Reader
	close()
}

// layer removes one compression.
type layer struct {
	whole  *Reader
	below  failing
	in     *bufio.Reader // over below
	format Format
	window uint64
	dec    decoder
	out    int64 // bytes written
}

func newLayer(whole *Reader, below io.Reader) *layer {
	l := &layer{whole: whole, below: failing{r: below}}
	l.in = bufio.NewReaderSize(&l.below, inputBuffer)
	return l
}

// start makes the decoder.
func (l *layer) start(format Format, window uint64) (err error) {
	l.format, l.window = format, max(window, 1<<10)
	switch format {
	case Gzip:
		l.dec = newGzip(l.in)
	case Zstd:
		if magic, _ := l.in.Peek(4); isSkippable(magic) {
			l.dec = &skipper{layer: l}
			return nil
		}
		l.dec, err = newZstd(l.in, l.window)
	case LZ4:
		l.dec = newLZ4(l.in)
	case XZ:
		l.dec = newXZ(l.in, l.window)
	case Bzip2:
		l.dec = newBzip2(l.in)
	default:
		err = &UnsupportedError{Format: format}
	}
	return err
}

// Read implements io.Reader. An error of the stream below comes through as it is.
func (l *layer) Read(p []byte) (int, error) {
	n, err := l.dec.Read(p)
	l.out += int64(n)
	switch {
	case err == nil:
		return n, l.expanded()
	case err == io.EOF:
		return n, err
	case l.below.err != nil:
		return n, l.below.err
	}
	return n, l.judge(err)
}

// expanded applies the limits of growth.
func (l *layer) expanded() error {
	cfg := &l.whole.cfg
	stored := l.whole.InputOffset()
	switch {
	case cfg.MaxOutput > 0 && l.out > cfg.MaxOutput:
		return &ExpansionError{Format: l.format, Size: l.out, InputOffset: stored}
	case l.out > cfg.ExpandGrace && l.out/cfg.MaxExpand > stored:
		return &ExpansionError{Format: l.format, Size: l.out, InputOffset: stored, Ratio: cfg.MaxExpand}
	}
	return nil
}

// judge turns a decoder's error into ours.
func (l *layer) judge(err error) error {
	var unsupported *UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		return err
	case errors.Is(err, errWindow), errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return &WindowError{Format: l.format, Limit: l.window}
	case errors.Is(err, zstd.ErrUnknownDictionary):
		return &UnsupportedError{Format: l.format, Detail: "a dictionary"}
	}
	return &StreamError{Format: l.format, Err: err}
}

func (l *layer) close() {
	if l.dec != nil {
		l.dec.close()
		l.dec = closed{}
	}
}

// closed is the decoder of a layer that was closed.
type closed struct{}

// Read implements io.Reader.
func (closed) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }
func (closed) close()                   {}

// errWindow is a stream that needs more history than it is given memory for.
var errWindow = errors.New("window too large")

// failing remembers how a stream failed, as decoders hide that.
type failing struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (f *failing) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// skipper skips the skippable frames that stand first and then finds out whether
// the stream is zstd or lz4.
type skipper struct {
	*layer
	inner decoder
}

// Read implements io.Reader.
func (s *skipper) Read(p []byte) (int, error) {
	for s.inner == nil {
		magic, err := s.in.Peek(4)
		switch {
		case len(magic) == 0 && err == io.EOF:
			return 0, io.EOF
		case err != nil:
			return 0, noEOF(err)
		case isSkippable(magic):
			if err := skipFrame(s.in); err != nil {
				return 0, err
			}
			continue
		}
		switch Detect(magic) {
		case LZ4:
			s.format, s.inner = LZ4, newLZ4(s.in)
		case Zstd:
			if s.inner, err = newZstd(s.in, s.window); err != nil {
				return 0, err
			}
		default:
			return 0, ErrTrailing
		}
	}
	return s.inner.Read(p)
}

func (s *skipper) close() {
	if s.inner != nil {
		s.inner.close()
	}
}
