package segment

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Compressor makes zstd frames. It belongs to one goroutine.
type Compressor struct{ encoder *zstd.Encoder }

// NewCompressor returns a compressor at zstd's fastest level, which works in the goroutine
// that calls it.
func NewCompressor() (*Compressor, error) {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	return &Compressor{e}, nil
}

// Append appends a frame that holds blocks, which must be whole, to dst.
func (c *Compressor) Append(dst, blocks []byte) []byte { return c.encoder.EncodeAll(blocks, dst) }

// Bounds of a frame that a Compressor made: a packet may be larger than a buffer.
const (
	maxFrame   = maxPacketBlock + 1<<20 // decompressed
	maxFrameIn = maxFrame + 1<<20       // compressed
)

// WalkZstd is Walk of a compressed segment. Contents.Bytes is the length, as it is stored, of
// the whole frames at the beginning that end with a whole block; memory is two frames.
func WalkZstd(open func() (io.ReadCloser, error)) (Contents, error) {
	all, frames, err := walkFrames(open, -1)
	if err != nil {
		return all, err
	}
	stored, count, whole := frames.upTo(all.Bytes)
	if whole == all.Bytes { // what is whole ends where a frame ends
		all.Bytes = stored
		if all.Rest == "" {
			all.Rest = frames.rest
		}
		return all, nil
	}
	rest := all.Rest
	all, _, err = walkFrames(open, count)
	all.Bytes, all.Rest = stored, rest
	return all, err
}

// walkFrames walks at most limit frames, all where it is negative.
func walkFrames(open func() (io.ReadCloser, error), limit int) (Contents, *frameReader, error) {
	in, err := open()
	if err != nil {
		return Contents{}, nil, err
	}
	defer in.Close()
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxFrame))
	if err != nil {
		return Contents{}, nil, fmt.Errorf("zstd: %w", err)
	}
	defer decoder.Close()
	frames := &frameReader{in: bufio.NewReaderSize(in, walkBuffer), decoder: decoder, limit: limit}
	contents, err := Walk(frames)
	return contents, frames, err
}

// frameReader yields what is in whole frames, and ends before the first that is not.
type frameReader struct {
	in      *bufio.Reader
	decoder *zstd.Decoder
	limit   int
	frame   []byte // as stored
	plain   []byte
	read    int // of plain
	ends    []frameEnd
	rest    string // why it ended
}

// frameEnd is where a frame ends, in the file and in what it holds.
type frameEnd struct{ stored, plain int64 }

// Read implements io.Reader.
func (f *frameReader) Read(p []byte) (int, error) {
	for f.read == len(f.plain) {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.plain[f.read:])
	f.read += n
	return n, nil
}

func (f *frameReader) next() error {
	if len(f.ends) == f.limit {
		return io.EOF
	}
	err := f.load()
	var bad unsound
	switch {
	case errors.As(err, &bad):
		f.rest = string(bad)
		return io.EOF
	case err != nil:
		return err
	}
	plain, err := f.decoder.DecodeAll(f.frame, f.plain[:0])
	if err != nil {
		f.rest = "a damaged zstd frame"
		return io.EOF
	}
	f.plain, f.read = plain, 0
	last := frameEnd{}
	if len(f.ends) > 0 {
		last = f.ends[len(f.ends)-1]
	}
	f.ends = append(f.ends, frameEnd{last.stored + int64(len(f.frame)), last.plain + int64(len(plain))})
	return nil
}

// upTo returns the last frame end at or before a place in what the frames hold.
func (f *frameReader) upTo(plain int64) (stored int64, frames int, at int64) {
	for i, e := range f.ends {
		if e.plain > plain {
			break
		}
		stored, frames, at = e.stored, i+1, e.plain
	}
	return stored, frames, at
}

// load reads a frame as it is stored (RFC 8878, 3.1.1): a header, blocks until one says that
// it is the last, a checksum. io.EOF: there is none.
func (f *frameReader) load() error {
	f.frame = f.frame[:0]
	head, err := f.in.Peek(zstd.HeaderMaxSize)
	if len(head) == 0 {
		return err
	}
	var h zstd.Header
	if h.Decode(head) != nil || h.Skippable {
		return unsound("no zstd frame")
	}
	if err := f.take(h.HeaderSize); err != nil {
		return err
	}
	for last := false; !last; {
		if err := f.take(3); err != nil {
			return err
		}
		b := f.frame[len(f.frame)-3:]
		word := uint32(binary.LittleEndian.Uint16(b)) | uint32(b[2])<<16
		last = word&1 != 0
		size := int(word >> 3)
		if word>>1&3 == 1 { // run length: one byte stands for all
			size = 1
		}
		if err := f.take(size); err != nil {
			return err
		}
	}
	if h.HasCheckSum {
		return f.take(4)
	}
	return nil
}

// take moves n bytes from the input to the frame; memory grows as they come.
func (f *frameReader) take(n int) error {
	if len(f.frame)+n > maxFrameIn {
		return unsound("a zstd frame that is too large")
	}
	for n > 0 {
		piece, err := f.in.Peek(min(n, walkBuffer))
		if len(piece) == 0 || err != nil && err != io.EOF {
			if err == io.EOF {
				return unsound("the file ends within a zstd frame")
			}
			return err
		}
		f.frame = append(f.frame, piece...)
		n -= len(piece)
		if _, err := f.in.Discard(len(piece)); err != nil {
			return err
		}
	}
	return nil
}
