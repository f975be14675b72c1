package decompress

import (
	"bufio"
	"encoding/binary"
	"io"
	"slices"
)

// noEOF is for reads that must not meet the end.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// skipPadding skips zero bytes between and behind streams. It returns io.EOF
// where nothing else comes.
func skipPadding(in *bufio.Reader) error {
	for {
		b, err := in.ReadByte()
		if err != nil {
			return err
		}
		if b != 0 {
			return in.UnreadByte()
		}
	}
}

// skipFrame skips a skippable frame.
func skipFrame(in *bufio.Reader) error {
	var header [8]byte
	if _, err := io.ReadFull(in, header[:]); err != nil {
		return noEOF(err)
	}
	_, err := io.CopyN(io.Discard, in, int64(binary.LittleEndian.Uint32(header[4:])))
	return noEOF(err)
}

// firstPiece is what appendN allocates before it has seen a byte.
const firstPiece = 64 << 10

// appendN appends n bytes of in to buf, which it grows no faster than bytes
// arrive: n may be a lie. Where in ends before, it appends what there is and
// returns io.ErrUnexpectedEOF.
func appendN(buf []byte, in io.Reader, n int) ([]byte, error) {
	for n > 0 {
		step := min(n, max(firstPiece, len(buf)))
		buf = slices.Grow(buf, step)
		k, err := io.ReadFull(in, buf[len(buf):len(buf)+step])
		buf = buf[:len(buf)+k]
		if err != nil {
			return buf, noEOF(err)
		}
		n -= k
	}
	return buf, nil
}
