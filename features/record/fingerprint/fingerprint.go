// Package fingerprint hashes the texts of which fingerprints of clients and servers are
// made.
package fingerprint

import (
	"crypto/md5" //nolint:gosec // JA3 and HASSH prescribe MD5; it protects nothing
	"encoding/hex"
)

// AppendMD5 appends the MD5 of a text in hexadecimal.
func AppendMD5(dst, text []byte) []byte {
	sum := md5.Sum(text) //nolint:gosec // as above
	return hex.AppendEncode(dst, sum[:])
}
