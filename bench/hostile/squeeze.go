package hostile

import (
	"encoding/binary"
	"hash/crc32"
)

// Compressed streams are put together here by hand, of stored and of run-length
// blocks: that needs no compressor, and a bomb is a few lines.

// zstdFrame begins a frame of RFC 8878 with the given window descriptor and no
// content size.
func zstdFrame(window byte) []byte { return []byte{0x28, 0xb5, 0x2f, 0xfd, 0, window} }

// zstdWindow128K is the window descriptor of 128 KiB, which is also the longest
// block.
const (
	zstdWindow128K = 7 << 3
	zstdBlock      = 128 << 10
)

const (
	zstdRaw = iota
	zstdRun
)

func zstdBlockHead(last bool, kind, size int) []byte {
	v := uint32(size<<3 | kind<<1)
	if last {
		v |= 1
	}
	return binary.LittleEndian.AppendUint32(nil, v)[:3]
}

// zstdStored returns data as one frame of stored blocks.
func zstdStored(data []byte) []byte {
	out := zstdFrame(zstdWindow128K)
	for {
		n := min(len(data), zstdBlock)
		last := n == len(data)
		out = append(append(out, zstdBlockHead(last, zstdRaw, n)...), data[:n]...)
		if data = data[n:]; last {
			return out
		}
	}
}

// zstdRepeat appends n bytes of one value as run-length blocks.
func zstdRepeat(out []byte, n int, value byte) []byte {
	for n > 0 {
		size := min(n, zstdBlock)
		out = append(append(out, zstdBlockHead(false, zstdRun, size)...), value)
		n -= size
	}
	return out
}

// lz4Stored returns data, at most 64 KiB, as an lz4 frame of one stored block
// without checksums.
func lz4Stored(data []byte) []byte {
	out := []byte{0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82} // version 1, independent blocks of 64 KiB, header checksum
	out = binary.LittleEndian.AppendUint32(out, uint32(len(data))|1<<31)
	out = append(out, data...)
	return append(out, 0, 0, 0, 0)
}

// xzStored returns data, at most 64 KiB, as an xz stream of one uncompressed
// LZMA2 chunk without a check.
func xzStored(data []byte) []byte {
	sum := func(b []byte) []byte { return binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(b)) }
	flags := []byte{0, 0}
	out := join([]byte("\xfd7zXZ\x00"), flags, sum(flags))
	header := []byte{2, 0, 0x21, 1, 16, 0, 0, 0} // 12 bytes in all, one filter: LZMA2 with a dictionary of 1 MiB
	block := join(header, sum(header), []byte{1}, u16(uint16(len(data)-1)), data, []byte{0})
	unpadded := len(block)
	out = append(append(out, block...), make([]byte, -unpadded&3)...)
	index := binary.AppendUvarint(binary.AppendUvarint([]byte{0, 1}, uint64(unpadded)), uint64(len(data)))
	index = append(index, make([]byte, -len(index)&3)...)
	out = join(out, index, sum(index))
	footer := append(binary.LittleEndian.AppendUint32(nil, uint32(len(index)/4)), flags...) // size of index and its sum, in words, less one
	return join(out, sum(footer), footer, []byte("YZ"))
}
