//go:build !amd64 || nounsafe

package packet

// sumBytes returns the Internet checksum sum (RFC 1071) of b added to sum,
// folded to 16 bits.
func sumBytes(b []byte, sum uint64) uint16 { return sumWords(b, sum) }
