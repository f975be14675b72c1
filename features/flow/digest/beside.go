package digest

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
)

// Beside finds the SHA-256 of what a reader has while others are found. Each round
// of SHA-256 waits for the one before; a second stream fits in between and costs
// little more than its reading. It belongs to one goroutine at a time.
type Beside struct {
	in     io.Reader
	err    error // io.EOF at the end
	stream stream
	buffer []byte
	ready  []byte // of buffer, read and not hashed
}

const besideBuffer = 32 << 10

// NewBeside returns a Beside of what is left of r. Nothing is read yet.
func NewBeside(r io.Reader) *Beside { return &Beside{in: r, stream: newStream()} }

// Hash returns a SHA-256 of what is written to it, which takes b along.
func (b *Beside) Hash() hash.Hash {
	if !accelerated {
		return sha256.New()
	}
	return &besideHash{newStream(), b}
}

// Sum hashes what is left to be read, and returns the SHA-256 of all.
func (b *Beside) Sum() ([]byte, error) {
	if !accelerated {
		h := sha256.New()
		_, err := io.Copy(h, b.in)
		return h.Sum(nil), err
	}
	for whole := b.blocks(); len(whole) > 0; whole = b.blocks() {
		b.stream.write(whole, nil)
		b.ready = b.ready[len(whole):]
	}
	if b.err != io.EOF {
		return nil, b.err
	}
	last := b.stream
	last.write(b.ready, nil)
	return last.sum(nil), nil
}

// blocks returns the whole blocks that are ready, reading more where there are
// none; none at the end or after an error.
func (b *Beside) blocks() []byte {
	if len(b.ready) < BlockSize && b.err == nil {
		if b.buffer == nil {
			b.buffer = make([]byte, besideBuffer)
		}
		n := copy(b.buffer, b.ready)
		var more int
		more, b.err = io.ReadFull(b.in, b.buffer[n:])
		if b.err == io.ErrUnexpectedEOF {
			b.err = io.EOF
		}
		b.ready = b.buffer[:n+more]
	}
	return b.ready[:len(b.ready)&^(BlockSize-1)]
}

// besideHash is a hash.Hash that takes another stream along.
type besideHash struct {
	stream
	beside *Beside
}

func (h *besideHash) Write(p []byte) (int, error) {
	h.write(p, h.beside)
	return len(p), nil
}

func (h *besideHash) Sum(dst []byte) []byte { return h.sum(dst) }
func (h *besideHash) Reset()                { h.stream = newStream() }
func (h *besideHash) Size() int             { return sha256.Size }
func (h *besideHash) BlockSize() int        { return BlockSize }

// stream is a SHA-256 in the making.
type stream struct {
	state  [8]uint32 // as sha256Blocks has it
	begun  [BlockSize]byte
	length uint64
}

// initial is the state that SHA-256 begins with (FIPS 180-4, 5.3.3).
var initial = [8]uint32{0x9b05688c, 0x510e527f, 0xbb67ae85, 0x6a09e667, 0x5be0cd19, 0x1f83d9ab, 0xa54ff53a, 0x3c6ef372}

func newStream() stream { return stream{state: initial} }

func (s *stream) write(p []byte, beside *Beside) {
	begun := int(s.length % BlockSize)
	s.length += uint64(len(p))
	if begun > 0 {
		n := copy(s.begun[begun:], p)
		if begun+n < BlockSize {
			return
		}
		s.blocks(s.begun[:], beside)
		p = p[n:]
	}
	whole := len(p) &^ (BlockSize - 1)
	s.blocks(p[:whole], beside)
	copy(s.begun[:], p[whole:])
}

// blocks hashes whole blocks, and as many of the other stream while it has some.
func (s *stream) blocks(p []byte, beside *Beside) {
	for len(p) > 0 && beside != nil {
		q := beside.blocks()
		if len(q) == 0 {
			break
		}
		n := min(len(p), len(q))
		sha256Blocks(&s.state, &beside.stream.state, &p[0], &q[0], n/BlockSize)
		beside.stream.length += uint64(n)
		p, beside.ready = p[n:], beside.ready[n:]
	}
	if len(p) > 0 {
		var idle [8]uint32
		sha256Blocks(&s.state, &idle, &p[0], &p[0], len(p)/BlockSize)
	}
}

// sum appends the digest of what was written, which may go on.
func (s *stream) sum(dst []byte) []byte {
	last, end := *s, [2 * BlockSize]byte{0x80}
	n := BlockSize - int(s.length%BlockSize)
	if n < 1+8 {
		n += BlockSize
	}
	binary.BigEndian.PutUint64(end[n-8:], s.length*8)
	last.write(end[:n], nil)
	var digest [sha256.Size]byte
	putState(digest[:], &last.state)
	return append(dst, digest[:]...)
}

// putState writes the digest that a state stands for.
func putState(dst []byte, state *[8]uint32) {
	for at, i := range [8]int{3, 2, 7, 6, 1, 0, 5, 4} { // a to h
		binary.BigEndian.PutUint32(dst[4*at:], state[i])
	}
}
