package decompress

import (
	"errors"
	"fmt"
)

// Flags of a block header.
const (
	xzBlockFilters      = 0x03 // number of filters less one
	xzBlockReserved     = 0x3c
	xzBlockCompressed   = 0x40 // has the compressed size
	xzBlockUncompressed = 0x80
)

var errBlockHeader = errors.New("block header is malformed")

// parseXZBlock parses a block header without its checksum and returns the size
// of the dictionary that it claims.
func parseXZBlock(h []byte) (xzBlock, uint64, error) {
	block := xzBlock{compressed: -1, uncompressed: -1}
	flags, rest := h[1], h[2:]
	if flags&xzBlockReserved != 0 {
		return block, 0, errBlockHeader
	}
	ok := true
	if flags&xzBlockCompressed != 0 {
		block.compressed, rest, ok = xzSize(rest)
	}
	if ok && flags&xzBlockUncompressed != 0 {
		block.uncompressed, rest, ok = xzSize(rest)
	}
	if !ok {
		return block, 0, errBlockHeader
	}
	id, rest, ok := xzSize(rest)
	if !ok {
		return block, 0, errBlockHeader
	}
	if id != xzFilterLZMA2 || flags&xzBlockFilters != 0 {
		return block, 0, &UnsupportedError{Format: XZ, Detail: fmt.Sprintf("filter %#x", id)}
	}
	if len(rest) < 2 || rest[0] != 1 || rest[1] > 40 || !allZero(rest[2:]) {
		return block, 0, errBlockHeader
	}
	return block, xzDictSize(rest[1]), nil
}

// xzDictSize decodes the dictionary size of an LZMA2 filter: 2^n or 2^n + 2^(n-1),
// 4 KiB to 4 GiB less one.
func xzDictSize(code byte) uint64 {
	if code == 40 {
		return 1<<32 - 1
	}
	return uint64(2|code&1) << (code/2 + 11)
}

// xzSize decodes a number of up to 63 bits, seven a byte, low ones first.
func xzSize(b []byte) (int64, []byte, bool) {
	var v uint64
	for i := 0; i < len(b) && i < 9; i++ {
		v |= uint64(b[i]&0x7f) << (7 * i)
		if b[i] < 0x80 {
			return int64(v), b[i+1:], i == 0 || b[i] != 0
		}
	}
	return 0, nil, false
}
