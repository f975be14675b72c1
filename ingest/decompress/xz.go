package decompress

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
)

// Parts of the xz file format, version 1.2 (https://tukaani.org/xz/xz-file-format.txt).
const (
	xzMagic       = "\xfd7zXZ\x00"
	xzFooterMagic = "YZ"
	xzHeaderSize  = 12 // of stream header and of stream footer
	xzFilterLZMA2 = 0x21
)

// The kinds of block checksum.
const (
	xzCheckNone   = 0
	xzCheckCRC32  = 1
	xzCheckCRC64  = 4
	xzCheckSHA256 = 10
)

// xzReader reads xz streams one after another.
type xzReader struct {
	in    *bufio.Reader
	data  *lzma2Reader
	err   error
	begun bool // a stream has been met
	state xzState
	flags [2]byte   // of the stream
	check hash.Hash // of the block; nil for none
	block xzBlock
	index xzIndex
	bytes [1024]byte // of the header or check at hand
}

type xzState uint8

const (
	xzBetween xzState = iota // before a stream's header
	xzStream                 // before a block's header or the index
	xzInBlock
)

// xzBlock is what a block's header says; sizes are -1 where it does not.
type xzBlock struct {
	header       int64 // bytes
	compressed   int64
	uncompressed int64
	written      int64
}

func newXZ(in *bufio.Reader, maxDict uint64) *xzReader {
	return &xzReader{in: in, data: newLZMA2(in, maxDict)}
}

// Read implements io.Reader.
func (x *xzReader) Read(p []byte) (int, error) {
	for x.err == nil {
		if x.state == xzInBlock {
			if n := x.readBlock(p); n > 0 || len(p) == 0 {
				return n, nil
			}
			continue
		}
		x.err = x.next()
	}
	return 0, x.err
}

func (x *xzReader) close() { x.data.close() }

// readBlock reads a block's data and, at its end, verifies it.
func (x *xzReader) readBlock(p []byte) int {
	n, err := x.data.Read(p)
	x.block.written += int64(n)
	if x.check != nil {
		x.check.Write(p[:n]) //nolint:errcheck // a hash never fails
	}
	if err == io.EOF {
		err = x.endBlock()
	}
	x.err = err
	return n
}

// next reads a header, or the index and footer.
func (x *xzReader) next() error {
	if x.state == xzBetween {
		return x.streamHeader()
	}
	size, err := x.in.ReadByte()
	if err != nil {
		return noEOF(err)
	}
	if size == 0 {
		x.state = xzBetween
		return x.tail()
	}
	return x.blockHeader(size)
}

func (x *xzReader) streamHeader() error {
	if x.begun {
		if err := skipPadding(x.in); err != nil {
			return err
		}
	}
	if magic, err := x.in.Peek(len(xzMagic)); !bytes.HasPrefix([]byte(xzMagic), magic) {
		return ErrTrailing
	} else if err != nil {
		return noEOF(err)
	}
	h := x.bytes[:xzHeaderSize]
	if _, err := io.ReadFull(x.in, h); err != nil {
		return noEOF(err)
	}
	if crc32.ChecksumIEEE(h[6:8]) != binary.LittleEndian.Uint32(h[8:]) {
		return errors.New("stream header checksum is wrong")
	}
	x.flags = [2]byte(h[6:8])
	if x.flags[0] != 0 {
		return fmt.Errorf("stream flags %02x are unknown", x.flags)
	}
	x.begun, x.state, x.index = true, xzStream, newXZIndex()
	return x.newCheck()
}

// newCheck makes the hash that the stream's blocks are verified with.
func (x *xzReader) newCheck() error {
	switch x.flags[1] {
	case xzCheckNone:
		x.check = nil
	case xzCheckCRC32:
		x.check = crc32.NewIEEE()
	case xzCheckCRC64:
		x.check = crc64.New(crc64.MakeTable(crc64.ECMA))
	case xzCheckSHA256:
		x.check = sha256.New()
	default:
		return &UnsupportedError{Format: XZ, Detail: fmt.Sprintf("checksum type %d", x.flags[1])}
	}
	return nil
}

// blockHeader reads the header of a block whose first byte is size.
func (x *xzReader) blockHeader(size byte) error {
	h := x.bytes[:(int(size)+1)*4]
	h[0] = size
	if _, err := io.ReadFull(x.in, h[1:]); err != nil {
		return noEOF(err)
	}
	body := h[:len(h)-4]
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(h[len(body):]) {
		return errors.New("block header checksum is wrong")
	}
	block, dict, err := parseXZBlock(body)
	if err != nil {
		return err
	}
	block.header = int64(len(h))
	x.block, x.state = block, xzInBlock
	if x.check != nil {
		x.check.Reset()
	}
	x.data.reset(dict)
	return nil
}

// endBlock verifies a block's sizes, padding and checksum.
func (x *xzReader) endBlock() error {
	b := &x.block
	x.state = xzStream
	stored := x.data.consumed
	if b.compressed >= 0 && b.compressed != stored || b.uncompressed >= 0 && b.uncompressed != b.written {
		return fmt.Errorf("block of %d bytes for %d, header says %d for %d", stored, b.written, b.compressed, b.uncompressed)
	}
	pad := int(-stored & 3)
	sum := 0
	if x.check != nil {
		sum = x.check.Size()
	}
	tail := x.bytes[:pad+sum]
	if _, err := io.ReadFull(x.in, tail); err != nil {
		return noEOF(err)
	}
	if !allZero(tail[:pad]) {
		return errors.New("block padding is not zero")
	}
	x.index.block(b.header+stored+int64(sum), b.written)
	if x.check != nil && !x.sumIs(tail[pad:]) {
		return errors.New("block checksum is wrong")
	}
	return nil
}

// sumIs compares the block's checksum; the CRCs are stored little-endian.
func (x *xzReader) sumIs(want []byte) bool {
	switch h := x.check.(type) {
	case hash.Hash32:
		return h.Sum32() == binary.LittleEndian.Uint32(want)
	case hash.Hash64:
		return h.Sum64() == binary.LittleEndian.Uint64(want)
	}
	return bytes.Equal(x.check.Sum(nil), want)
}

// tail verifies index and footer.
func (x *xzReader) tail() error {
	indexSize, err := x.index.verify(x.in)
	if err != nil {
		return err
	}
	f := x.bytes[:xzHeaderSize]
	if _, err := io.ReadFull(x.in, f); err != nil {
		return noEOF(err)
	}
	switch {
	case string(f[10:]) != xzFooterMagic:
		return errors.New("stream footer is missing")
	case crc32.ChecksumIEEE(f[4:10]) != binary.LittleEndian.Uint32(f):
		return errors.New("stream footer checksum is wrong")
	case [2]byte(f[8:10]) != x.flags:
		return errors.New("stream footer and header differ")
	case (int64(binary.LittleEndian.Uint32(f[4:]))+1)*4 != indexSize:
		return errors.New("index size in the stream footer is wrong")
	}
	return nil
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
