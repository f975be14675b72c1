package decompress

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"io"
)

// xzIndex compares a stream's blocks with its index. It keeps a hash of them, not
// a list, as blocks can be as small as their entry in a list.
type xzIndex struct {
	blocks int64
	sizes  hash.Hash // over the pairs of sizes
}

func newXZIndex() xzIndex { return xzIndex{sizes: sha256.New()} }

// block adds a block: its length without padding, and that of its content.
func (x *xzIndex) block(unpadded, uncompressed int64) {
	x.blocks++
	hashPair(x.sizes, unpadded, uncompressed)
}

func hashPair(h hash.Hash, a, b int64) {
	var pair [16]byte
	binary.LittleEndian.PutUint64(pair[:], uint64(a))
	binary.LittleEndian.PutUint64(pair[8:], uint64(b))
	h.Write(pair[:]) //nolint:errcheck // a hash never fails
}

var errIndex = errors.New("index does not fit the blocks")

// verify reads the index behind its first byte and returns its length.
func (x *xzIndex) verify(in *bufio.Reader) (int64, error) {
	r := indexReader{in: in, crc: crc32.NewIEEE()}
	r.sum(0)
	if n, err := r.size(); err != nil || n != x.blocks {
		return 0, wrongIndex(err)
	}
	listed := sha256.New()
	for range x.blocks {
		unpadded, err := r.size()
		if err != nil {
			return 0, wrongIndex(err)
		}
		uncompressed, err := r.size()
		if err != nil {
			return 0, wrongIndex(err)
		}
		hashPair(listed, unpadded, uncompressed)
	}
	for r.n%4 != 0 {
		if b, err := r.byte(); err != nil || b != 0 {
			return 0, wrongIndex(err)
		}
	}
	var sum [4]byte
	if _, err := io.ReadFull(in, sum[:]); err != nil {
		return 0, noEOF(err)
	}
	if binary.LittleEndian.Uint32(sum[:]) != r.crc.Sum32() {
		return 0, errors.New("index checksum is wrong")
	}
	if !bytes.Equal(listed.Sum(nil), x.sizes.Sum(nil)) {
		return 0, errIndex
	}
	return r.n + 4, nil
}

func wrongIndex(err error) error {
	if err == nil {
		return errIndex
	}
	return err
}

// indexReader reads bytes and numbers of the index and sums them up.
type indexReader struct {
	in  *bufio.Reader
	crc hash.Hash32
	n   int64
}

func (r *indexReader) sum(b byte) {
	r.n++
	r.crc.Write([]byte{b}) //nolint:errcheck // a hash never fails
}

func (r *indexReader) byte() (byte, error) {
	b, err := r.in.ReadByte()
	if err != nil {
		return 0, noEOF(err)
	}
	r.sum(b)
	return b, nil
}

// size reads a number.
func (r *indexReader) size() (int64, error) {
	var b []byte
	for {
		c, err := r.byte()
		if err != nil {
			return 0, err
		}
		b = append(b, c)
		if c >= 0x80 && len(b) < 9 {
			continue
		}
		v, _, ok := xzSize(b)
		if !ok {
			return 0, errIndex
		}
		return v, nil
	}
}
