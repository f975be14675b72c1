package decompress

import (
	"bufio"
	"errors"
	"io"
)

// lzma2Reader decodes LZMA2 data: chunks of at most 2 MiB, stored or compressed
// with LZMA. Chunks are as xz's own decoder has them: first byte 0 the end, 1 and
// 2 stored with and without reset of the dictionary, from 80 on LZMA, where the
// bits 60 say what is reset and the bits 1f belong to the size.
type lzma2Reader struct {
	in       *bufio.Reader
	consumed int64 // bytes of this run, chunk headers too
	dict     lzmaDict
	lzma     lzma
	chunk    []byte // compressed bytes of the chunk
	left     int    // bytes that the chunk still makes
	stored   bool   // it is not compressed
	cut      error  // the chunk's bytes end too early
	needDict bool   // the first chunk must reset the dictionary
	needProp bool   // the first LZMA chunk must bring properties
	err      error
}

var errLZMA = errors.New("LZMA data is malformed")

func newLZMA2(in *bufio.Reader, maxDict uint64) *lzma2Reader {
	return &lzma2Reader{in: in, dict: lzmaDict{limit: int(maxDict)}}
}

// reset begins a new run with the dictionary size that its header claims. The
// dictionary's memory stays for it.
func (z *lzma2Reader) reset(dictSize uint64) {
	z.consumed, z.left, z.cut, z.err = 0, 0, nil, nil
	z.needDict, z.needProp = true, true
	z.dict.claim(dictSize)
}

func (z *lzma2Reader) close() { z.dict.buf, z.chunk = nil, nil }

// Read implements io.Reader. Behind the last chunk it returns io.EOF.
func (z *lzma2Reader) Read(p []byte) (n int, err error) {
	for n < len(p) && z.err == nil {
		if z.left == 0 {
			z.err = z.nextChunk()
			continue
		}
		d := &z.dict
		limit := d.room(min(z.left, len(p)-n))
		start := d.pos
		if z.stored {
			z.err = z.copyStored(limit)
		} else {
			z.err = z.decode(limit)
		}
		n += copy(p[n:], d.buf[start:d.pos])
		z.left -= d.pos - start
		if z.left == 0 && z.err == nil {
			z.err = z.endChunk()
		}
	}
	if n > 0 {
		return n, nil
	}
	return 0, z.err
}

// decode decompresses into the dictionary up to position limit.
func (z *lzma2Reader) decode(limit int) error {
	err := z.lzma.decode(&z.dict, limit)
	if err == errLZMAShort {
		if z.cut != nil {
			return z.cut
		}
		return errLZMA
	}
	return err
}

// copyStored copies a stored chunk into the dictionary up to position limit.
func (z *lzma2Reader) copyStored(limit int) error {
	d := &z.dict
	n, err := io.ReadFull(z.in, d.buf[d.pos:limit])
	z.consumed += int64(n)
	d.advance(n)
	return noEOF(err)
}

// endChunk verifies that a compressed chunk used all its bytes.
func (z *lzma2Reader) endChunk() error {
	if z.stored {
		return nil
	}
	if z.lzma.match > 0 || !z.lzma.rc.finished() {
		if z.cut != nil {
			return z.cut
		}
		return errLZMA
	}
	return nil
}

// nextChunk reads a chunk's header and, if it is compressed, its bytes.
func (z *lzma2Reader) nextChunk() error {
	control, err := z.in.ReadByte()
	if err != nil {
		return noEOF(err)
	}
	z.consumed++
	switch {
	case control == 0:
		return io.EOF
	case control >= 0xe0 || control == 1:
		z.needDict, z.needProp = false, true
		z.dict.reset()
	case z.needDict:
		return errLZMA
	}
	switch {
	case control >= 0x80:
		return z.lzmaChunk(control)
	case control > 2:
		return errLZMA
	}
	var h [2]byte
	if err := z.header(h[:]); err != nil {
		return err
	}
	z.left, z.stored = int(h[0])<<8+int(h[1])+1, true
	return nil
}

func (z *lzma2Reader) header(h []byte) error {
	n, err := io.ReadFull(z.in, h)
	z.consumed += int64(n)
	return noEOF(err)
}

func (z *lzma2Reader) lzmaChunk(control byte) error {
	var h [4]byte
	if err := z.header(h[:]); err != nil {
		return err
	}
	left := int(control&0x1f)<<16 + int(h[0])<<8 + int(h[1]) + 1
	size := int(h[2])<<8 + int(h[3]) + 1
	switch {
	case control >= 0xc0:
		var props [1]byte
		if err := z.header(props[:]); err != nil {
			return err
		}
		if !z.lzma.properties(props[0]) {
			return errLZMA
		}
		z.needProp = false
	case z.needProp:
		return errLZMA
	case control >= 0xa0:
		z.lzma.reset()
	}
	z.chunk, z.cut = appendN(z.chunk[:0], z.in, size)
	z.consumed += int64(len(z.chunk))
	if !z.lzma.rc.start(z.chunk) {
		if z.cut != nil {
			return z.cut
		}
		return errLZMA
	}
	z.left, z.stored = left, false
	return nil
}
