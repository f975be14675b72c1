package http

// huffmanLengths are the lengths of the codes of RFC 7541 appendix B, in bits, by byte.
// The code is canonical: shorter codes come first, those of one length by their byte,
// so that the lengths say all.
var huffmanLengths = [257]uint8{
	13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
	6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
	13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
	15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
	20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
	22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
	26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
	20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
	30, // the end of the string
}

// huffmanEnd is the symbol that may not be in a string.
const huffmanEnd = 256

const longestCode = 30 // bits

// huffmanCode has the symbols in the order of their codes and how many there are of
// each length.
type huffmanCode struct {
	symbols [257]uint16
	counts  [longestCode + 1]int
}

var huffman = newHuffmanCode()

func newHuffmanCode() *huffmanCode {
	h, at := new(huffmanCode), 0
	for length := range h.counts {
		for symbol, l := range huffmanLengths {
			if int(l) == length {
				h.symbols[at] = uint16(symbol)
				h.counts[length]++
				at++
			}
		}
	}
	return h
}

// appendHuffman appends the string that is coded in src and reports whether it is
// well-formed: padded with less than a byte of ones.
func appendHuffman(dst, src []byte) ([]byte, bool) {
	// first and index are the first code of this length and its place among the symbols.
	code, first, index, length := 0, 0, 0, 0
	for _, b := range src {
		for bit := 7; bit >= 0; bit-- {
			code |= int(b>>bit) & 1
			length++
			count := huffman.counts[length]
			if code-first >= count {
				index, first, code = index+count, (first+count)<<1, code<<1
				continue
			}
			symbol := huffman.symbols[index+code-first]
			if symbol == huffmanEnd {
				return dst, false
			}
			dst = append(dst, byte(symbol))
			code, first, index, length = 0, 0, 0, 0
		}
	}
	return dst, length < 8 && code>>1 == 1<<length-1
}
