package parquetfile

import (
	"encoding/binary"
	"fmt"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// effort says how hard a page is worth compressing.
type effort uint8

const (
	compressFully effort = iota
	storeOnly            // values known to be nearly distinct: not worth the search
)

// codecOf translates a Config's codec name.
func codecOf(name string) (format.CompressionCodec, error) {
	switch name {
	case "zstd":
		return format.Zstd, nil
	case "snappy":
		return format.Snappy, nil
	case "none":
		return format.Uncompressed, nil
	}
	return 0, fmt.Errorf("parquetfile: codec %q is none of zstd, snappy, none", name)
}

// compressor compresses pages. It belongs to one goroutine.
type compressor struct {
	codec format.CompressionCodec
	zstd  *zstd.Encoder
	out   []byte
}

func newCompressor(codec format.CompressionCodec) (compressor, error) {
	c := compressor{codec: codec}
	if codec != format.Zstd {
		return c, nil
	}
	encoder, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false), // pages carry their own
		zstd.WithZeroFrames(true),
		zstd.WithWindowSize(maxBlock), // pages are hardly longer
		zstd.WithLowerEncoderMem(true),
	)
	if err != nil {
		return c, fmt.Errorf("parquetfile: zstd: %w", err)
	}
	c.zstd = encoder
	return c, nil
}

// compress returns page compressed, valid until the next call.
func (c *compressor) compress(page []byte, how effort) []byte {
	switch {
	case c.codec == format.Uncompressed:
		return page
	case c.codec == format.Snappy:
		c.out = snappy.Encode(c.out[:cap(c.out)], page)
	case how == storeOnly:
		c.out = appendStoredFrame(c.out[:0], page)
	default:
		c.out = c.zstd.EncodeAll(page, c.out[:0])
	}
	return c.out
}

// maxBlock is the largest block a Zstandard frame may hold (RFC 8878, 3.1.1.2.3).
const maxBlock = 128 << 10

// appendStoredFrame appends a Zstandard frame that holds data as raw blocks: one
// segment, eight-byte content size, no checksum (RFC 8878, section 3.1.1).
func appendStoredFrame(dst, data []byte) []byte {
	const singleSegment8 = 3<<6 | 1<<5
	dst = append(dst, 0x28, 0xb5, 0x2f, 0xfd, singleSegment8)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(data)))
	for {
		n := min(len(data), maxBlock)
		header := uint32(n) << 3 // block type 0: raw
		if n == len(data) {
			header |= 1 // last block
		}
		dst = append(dst, byte(header), byte(header>>8), byte(header>>16))
		dst = append(dst, data[:n]...)
		if data = data[n:]; len(data) == 0 {
			return dst
		}
	}
}
