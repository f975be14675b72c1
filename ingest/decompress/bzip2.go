package decompress

import (
	"bufio"
	"compress/bzip2"
	"io"
)

// errBzip2Trailing is how the library reports bytes behind a whole stream.
const errBzip2Trailing = bzip2.StructuralError("bad magic value in continuation file")

// bzip2Reader reads bzip2 streams one after another. The library's memory is
// 3.6 MB whatever the streams claim, and it verifies the CRC of every block and
// stream.
type bzip2Reader struct{ r io.Reader }

func newBzip2(in *bufio.Reader) bzip2Reader { return bzip2Reader{bzip2.NewReader(in)} }

// Read implements io.Reader.
func (b bzip2Reader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err == errBzip2Trailing {
		err = ErrTrailing
	}
	return n, err
}

func (bzip2Reader) close() {}
