// Package begin names what the first bytes of a stream say about its protocol.
package begin

// Answer says whether bytes begin as a protocol's messages do.
type Answer uint8

// The answers.
const (
	No      Answer = iota
	Perhaps        // more bytes would tell
	Yes
)
