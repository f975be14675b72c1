// Package digest hashes two short messages at once with SHA-1 or SHA-256, each of
// which fits one block of 64 bytes:
//
//	message ‖ 0x80 ‖ zeros ‖ length in bits as a big-endian uint64
//
// A flow has two such hashes, and crypto/sha1 and crypto/sha256 spend half of their
// time around the one block. Besides, the instructions for SHA wait for each other
// for several cycles; two messages in turn fill the waits. Processors without these
// instructions, and builds with the tag nounsafe, use the standard library.
//
// HMAC has the same for a pair of keyed hashes, of which half is done with the key.
package digest
