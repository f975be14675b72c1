// Package escape writes bytes of packets as text that prints: US-ASCII as it is, every
// other byte as a backslash and three decimal digits, as RFC 4343 §2.1 does for labels.
package escape

// Append appends b to dst. A byte that does not print becomes \DDD; a backslash, and
// special, has a backslash put before it. A special of 0 is none.
func Append(dst, b []byte, special byte) []byte {
	for _, c := range b {
		switch {
		case c < ' ' || c > '~':
			dst = append(dst, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
		case c == special || c == '\\':
			dst = append(dst, '\\', c)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
