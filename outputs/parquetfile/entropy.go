package parquetfile

import "github.com/klauspost/compress/huff0"

// minEntropy is the shortest text whose letters are worth a code of their own, and
// what four streams of them need at least.
const minEntropy = 1 << 10

// entropy makes a Zstandard frame of levels as raw blocks and values as blocks of
// literals alone, coded letter by letter (RFC 8878, 3.1.1.3.1): text that hardly
// repeats shrinks no further with a search for matches, which takes four times as
// long. It reports false where a block does not shrink.
func (c *compressor) entropy(levels, values []byte) bool {
	if len(values) < minEntropy {
		return false
	}
	c.begin(levels, values)
	c.out = c.out[:0]
	for len(levels) > 0 {
		levels = c.block(levels, false, false)
	}
	c.letters.Reuse = huff0.ReusePolicyNone
	for len(values) > 0 {
		n := min(len(values), maxBlock)
		if rest := len(values) - n; rest > 0 && rest < minEntropy {
			n -= minEntropy
		}
		coded, _, err := huff0.Compress4X(values[:n], &c.letters)
		if err != nil || len(coded)+literalsHeader >= n {
			return false
		}
		c.literals(n, coded, n == len(values))
		values = values[n:]
	}
	return true
}

// literalsHeader is what a block of literals has around them: their kind and sizes,
// and the number of sequences.
const literalsHeader = 5 + 1

// literals adds a block of n letters in four coded streams, and no sequences.
func (c *compressor) literals(n int, coded []byte, last bool) {
	const (
		compressed  = 2      // block type, and kind of literals
		fourStreams = 3 << 2 // both sizes in 18 bits
	)
	size := literalsHeader + len(coded)
	head := uint32(size)<<3 | compressed<<1
	if last {
		head |= 1
	}
	at := len(c.heads)
	sizes := compressed | fourStreams | uint64(n)<<4 | uint64(len(coded))<<22
	c.heads = append(c.heads, byte(head), byte(head>>8), byte(head>>16),
		byte(sizes), byte(sizes>>8), byte(sizes>>16), byte(sizes>>24), byte(sizes>>32))
	from := len(c.out)
	c.out = append(append(c.out, coded...), 0) // no sequences
	c.parts = append(c.parts, part{data: c.heads[at:]}, part{data: c.out[from:]})
}
