package decompress

import (
	"bufio"
	"errors"

	"github.com/klauspost/compress/zstd"
)

// zstdReader reads zstd frames one after another (RFC 8878).
type zstdReader struct {
	*zstd.Decoder
	any bool // something was read
}

// newZstd returns a decoder that works in the caller's goroutine and gives no
// memory to windows above the limit.
func newZstd(in *bufio.Reader, maxWindow uint64) (*zstdReader, error) {
	d, err := zstd.NewReader(in,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxWindow),
	)
	return &zstdReader{Decoder: d}, err
}

// Read implements io.Reader.
func (z *zstdReader) Read(p []byte) (int, error) {
	n, err := z.Decoder.Read(p)
	z.any = z.any || n > 0
	if z.any && errors.Is(err, zstd.ErrMagicMismatch) {
		err = ErrTrailing
	}
	return n, err
}

func (z *zstdReader) close() { z.Decoder.Close() }
