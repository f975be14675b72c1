//go:build !amd64 || nounsafe

package digest

const accelerated = false

func sha1Pair(*[2][20]byte, *[2]Block) { panic("digest: no SHA instructions") }

func sha256Pair(*[2]uint64, *[2]Block) { panic("digest: no SHA instructions") }

func sha256Next(x, y *[8]uint32, p, q *Block) { panic("digest: no SHA instructions") }
