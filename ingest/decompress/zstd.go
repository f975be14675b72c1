package decompress

import (
	"bufio"

	"github.com/klauspost/compress/zstd"
)

// zstdReader reads zstd frames one after another (RFC 8878).
type zstdReader struct{ *zstd.Decoder }

// newZstd returns a decoder that works in the caller's goroutine and gives no
// memory to windows above the limit.
func newZstd(in *bufio.Reader, maxWindow uint64) (zstdReader, error) {
	d, err := zstd.NewReader(in,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxWindow),
	)
	return zstdReader{d}, err
}

func (z zstdReader) close() { z.Decoder.Close() }
