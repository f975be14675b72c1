package decompress

// lz4Partial decompresses the beginning of a block that is cut into dst and
// returns how many bytes that made. The library decompresses whole blocks only,
// and one block can be a whole small capture.
func lz4Partial(dst, src []byte, compressed bool, dict []byte) int {
	if !compressed {
		return copy(dst, src)
	}
	n := 0
	for len(src) > 0 {
		token := src[0]
		literals, rest, ok := lz4Length(int(token>>4), src[1:])
		if !ok {
			return n
		}
		k := min(literals, len(rest))
		k = copy(dst[n:], rest[:k])
		n += k
		if k < literals || len(rest) < literals+2 {
			return n
		}
		offset := int(rest[literals]) | int(rest[literals+1])<<8
		length, rest, ok := lz4Length(int(token&15), rest[literals+2:])
		if !ok || offset == 0 || offset > n+len(dict) || length+4 > len(dst)-n {
			return n
		}
		lz4Match(dst, n, offset, length+4, dict)
		n += length + 4
		src = rest
	}
	return n
}

// lz4Length completes a length of four bits by the bytes that follow.
func lz4Length(length int, src []byte) (int, []byte, bool) {
	if length < 15 {
		return length, src, true
	}
	for i, c := range src {
		length += int(c)
		if c != 255 {
			return length, src[i+1:], true
		}
	}
	return 0, nil, false
}

// lz4Match copies length bytes from offset bytes before dst[at], where dict
// stands before dst.
func lz4Match(dst []byte, at, offset, length int, dict []byte) {
	for i := at; i < at+length; i++ {
		if from := i - offset; from >= 0 {
			dst[i] = dst[from]
		} else {
			dst[i] = dict[len(dict)+from]
		}
	}
}
