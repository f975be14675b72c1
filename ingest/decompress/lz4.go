package decompress

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/pierrec/lz4/v4"
)

// Sizes of the lz4 frame format (lz4_Frame_format.md of the lz4 project).
const (
	lz4History     = 64 << 10 // what a block may refer to
	lz4LegacyBlock = 8 << 20  // decompressed
	lz4LegacyBound = lz4LegacyBlock + lz4LegacyBlock/255 + 16
	lz4Stored      = 1 << 31 // flag in a block's size: not compressed
)

// The magic numbers that a frame begins with, little-endian.
const (
	magicLZ4       = 0x184d2204
	magicLZ4Legacy = 0x184c2102
)

// Flags of a frame descriptor.
const (
	lz4FlagDict         = 1 << 0
	lz4FlagReserved     = 1 << 1
	lz4FlagContentSum   = 1 << 2
	lz4FlagContentSize  = 1 << 3
	lz4FlagBlockSum     = 1 << 4
	lz4FlagIndependent  = 1 << 5
	lz4FlagVersion      = 3 << 6
	lz4FlagVersion1     = 1 << 6
	lz4BlockSizeShift   = 4
	lz4BlockSizeRserved = 0x8f
)

// lz4Reader reads lz4 frames, legacy and skippable ones too, one after another.
type lz4Reader struct {
	in    *bufio.Reader
	err   error
	begun bool // a frame has been met

	frame   lz4Frame
	inFrame bool
	written uint64 // of this frame
	sum     xxh32  // of what was written

	block []byte // as stored
	buf   []byte // history, then the last block
	hist  int    // length of the history in buf
	out   []byte // what of the last block has not been delivered
}

// lz4Frame is what a frame says of itself.
type lz4Frame struct {
	legacy   bool
	flags    byte
	maxBlock int // decompressed, and stored but for legacy frames
	size     uint64
}

func newLZ4(in *bufio.Reader) *lz4Reader { return &lz4Reader{in: in} }

// Read implements io.Reader.
func (z *lz4Reader) Read(p []byte) (int, error) {
	for len(z.out) == 0 {
		if z.err != nil {
			return 0, z.err
		}
		z.err = z.next()
	}
	n := copy(p, z.out)
	z.out = z.out[n:]
	return n, nil
}

func (z *lz4Reader) close() { z.block, z.buf, z.out = nil, nil, nil }

// next reads a frame's header, a block or a frame's end.
func (z *lz4Reader) next() error {
	if !z.inFrame {
		return z.nextFrame()
	}
	if z.frame.legacy {
		return z.legacyBlock()
	}
	return z.frameBlock()
}

func (z *lz4Reader) nextFrame() error {
	if z.begun {
		if err := skipPadding(z.in); err != nil {
			return err
		}
	}
	magic, err := z.in.Peek(4)
	if err != nil {
		return noEOF(err)
	}
	z.frame, z.written, z.hist = lz4Frame{}, 0, 0
	switch m := binary.LittleEndian.Uint32(magic); {
	case isSkippable(magic):
		z.begun = true
		return skipFrame(z.in)
	case m == magicLZ4Legacy:
		z.frame = lz4Frame{legacy: true, maxBlock: lz4LegacyBlock, flags: lz4FlagIndependent}
		_, err = z.in.Discard(4)
	case m == magicLZ4:
		_, _ = z.in.Discard(4) // that much has been peeked at
		err = z.descriptor()
	default:
		return ErrTrailing
	}
	z.begun, z.inFrame = true, true
	return err
}

// descriptor reads a frame's descriptor and its checksum.
func (z *lz4Reader) descriptor() error {
	var d [15]byte
	if _, err := io.ReadFull(z.in, d[:2]); err != nil {
		return noEOF(err)
	}
	n := 2
	flags, blockSize := d[0], d[1]
	if flags&lz4FlagContentSize != 0 {
		n += 8
	}
	if flags&lz4FlagDict != 0 {
		n += 4
	}
	if _, err := io.ReadFull(z.in, d[2:n+1]); err != nil {
		return noEOF(err)
	}
	if byte(xxh32Of(d[:n])>>8) != d[n] {
		return errors.New("frame header checksum is wrong")
	}
	code := blockSize >> lz4BlockSizeShift & 7
	switch {
	case flags&lz4FlagVersion != lz4FlagVersion1 || flags&lz4FlagReserved != 0 || blockSize&lz4BlockSizeRserved != 0 || code < 4:
		return fmt.Errorf("frame header %02x %02x is not version 1", flags, blockSize)
	case flags&lz4FlagDict != 0:
		return &UnsupportedError{Format: LZ4, Detail: "a dictionary"}
	}
	z.frame.flags, z.frame.maxBlock = flags, 1<<(8+2*code)
	if flags&lz4FlagContentSize != 0 {
		z.frame.size = binary.LittleEndian.Uint64(d[2:])
	}
	z.sum.reset()
	return nil
}

// legacyBlock reads a block of a legacy frame, which ends with the file or at
// something that cannot be a block's size, as a magic number or padding.
func (z *lz4Reader) legacyBlock() error {
	word, err := z.in.Peek(4)
	if len(word) == 0 {
		return err
	}
	if err != nil {
		return noEOF(err)
	}
	size := binary.LittleEndian.Uint32(word)
	if size == 0 || size > lz4LegacyBound {
		z.inFrame = false
		return nil
	}
	_, _ = z.in.Discard(4) // that much has been peeked at
	return z.readBlock(int(size), true, false)
}

// frameBlock reads a block of a frame, or the frame's end.
func (z *lz4Reader) frameBlock() error {
	word, err := z.word()
	if err != nil {
		return err
	}
	if word == 0 {
		return z.endFrame()
	}
	size := word &^ lz4Stored
	if size > uint32(z.frame.maxBlock) {
		return fmt.Errorf("block of %d bytes in a frame of blocks up to %d", size, z.frame.maxBlock)
	}
	return z.readBlock(int(size), word&lz4Stored == 0, z.frame.flags&lz4FlagBlockSum != 0)
}

// readBlock reads a block's stored bytes and makes its content z.out. Of a block
// that is cut, it takes as much as there is.
func (z *lz4Reader) readBlock(size int, compressed, summed bool) (err error) {
	z.keepHistory()
	if z.block, err = appendN(z.block[:0], z.in, size); err != nil {
		z.deliver(lz4Partial(z.room(len(z.block), compressed), z.block, compressed, z.buf[:z.hist]))
		return err
	}
	if summed {
		want, err := z.word()
		if err != nil {
			return err
		}
		if xxh32Of(z.block) != want {
			return errors.New("block checksum is wrong")
		}
	}
	dst := z.room(size, compressed)
	if !compressed {
		z.deliver(copy(dst, z.block))
		return nil
	}
	n, err := lz4.UncompressBlockWithDict(z.block, dst, z.buf[:z.hist])
	if err != nil {
		return fmt.Errorf("block of %d bytes: %w", size, err)
	}
	z.deliver(n)
	return nil
}

// keepHistory moves the end of what was decompressed to the start of the buffer.
func (z *lz4Reader) keepHistory() {
	if z.frame.flags&lz4FlagIndependent != 0 {
		z.hist = 0
		return
	}
	keep := min(z.hist, lz4History)
	copy(z.buf, z.buf[z.hist-keep:z.hist])
	z.hist = keep
}

// room returns space behind the history for the content of a block of size
// stored bytes: a byte makes 255 at most, so the space is never far beyond what
// has arrived.
func (z *lz4Reader) room(size int, compressed bool) []byte {
	need := min(z.frame.maxBlock, size)
	if compressed {
		need = min(z.frame.maxBlock, 255*size+64)
	}
	if cap(z.buf) < z.hist+need {
		grown := make([]byte, z.hist+need)
		copy(grown, z.buf[:z.hist])
		z.buf = grown
	}
	z.buf = z.buf[:z.hist+need]
	return z.buf[z.hist:]
}

// deliver makes the n bytes behind the history the output.
func (z *lz4Reader) deliver(n int) {
	z.out = z.buf[z.hist : z.hist+n]
	z.hist += n
	z.written += uint64(n)
	if z.frame.flags&lz4FlagContentSum != 0 {
		z.sum.write(z.out)
	}
}

// endFrame verifies what a frame says of its content.
func (z *lz4Reader) endFrame() error {
	z.inFrame = false
	if z.frame.flags&lz4FlagContentSum != 0 {
		want, err := z.word()
		if err != nil {
			return err
		}
		if z.sum.sum() != want {
			return errors.New("content checksum is wrong")
		}
	}
	if z.frame.flags&lz4FlagContentSize != 0 && z.written != z.frame.size {
		return fmt.Errorf("content of %d bytes, %d announced", z.written, z.frame.size)
	}
	return nil
}

func (z *lz4Reader) word() (uint32, error) {
	var b [4]byte
	if _, err := io.ReadFull(z.in, b[:]); err != nil {
		return 0, noEOF(err)
	}
	return binary.LittleEndian.Uint32(b[:]), nil
}
