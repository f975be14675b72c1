//go:build !nounsafe

package digest

// accelerated tells whether the processor has the SHA instructions, and SSSE3 and
// SSE4.1, which come with them.
var accelerated = func() bool {
	const ssse3, sse41, sha = 1 << 9, 1 << 19, 1 << 29
	highest, _, _ := cpuid(0, 0)
	if highest < 7 {
		return false
	}
	_, _, c := cpuid(1, 0)
	_, b, _ := cpuid(7, 0)
	return c&ssse3 != 0 && c&sse41 != 0 && b&sha != 0
}()

// cpuid returns three registers of the CPUID instruction.
//
//go:noescape
func cpuid(leaf, sub uint32) (a, b, c uint32)

//go:noescape
func sha1Pair(sums *[2][20]byte, blocks *[2]Block)

//go:noescape
func sha256Pair(heads *[2]uint64, blocks *[2]Block)

// sha256Next takes the blocks p and q into the states x and y, whose words are f, e, b, a,
// h, g, d, c.
//
//go:noescape
func sha256Next(x, y *[8]uint32, p, q *Block)
