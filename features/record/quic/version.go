package quic

import (
	"strconv"

	"pcapmill/features/flow/digest"
)

// Version is a version of QUIC, as headers have it.
type Version uint32

// The versions that have a meaning of their own here.
const (
	Negotiation Version = 0 // in a Version Negotiation packet
	V1          Version = 1
	V2          Version = 0x6b3343cf
)

// crypto is what a version protects its Initial and Retry packets with.
type crypto struct {
	salt               digest.HMACKey
	key, iv, hp        digest.Block // labels
	retryKey, retryIV  string       // without, Retry packets are not checked
	initial, zero      uint8        // packet types
	handshake, retryOf uint8
}

// protect returns the constants of a family of versions: labels begin with prefix, and
// initial is the first of the packet types, which go round.
func protect(salt, prefix, retryKey, retryIV string, initial uint8) crypto {
	c := crypto{
		key: label(prefix+" key", keyBytes), iv: label(prefix+" iv", ivBytes), hp: label(prefix+" hp", keyBytes),
		retryKey: retryKey, retryIV: retryIV,
		initial: initial, zero: (initial + 1) & 3, handshake: (initial + 2) & 3, retryOf: (initial + 3) & 3,
	}
	c.salt.Set([]byte(salt))
	return c
}

// The constants of RFC 9001 §5.2 and §5.8, of RFC 9369 §3.3, and of their drafts.
var (
	crypto1  = protect("\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a", "quic", "\xbe\x0c\x69\x0b\x9f\x66\x57\x5a\x1d\x76\x6b\x54\xe3\x68\xc8\x4e", "\x46\x15\x99\xd3\x5d\x63\x2b\xf2\x23\x98\x25\xbb", 0)
	crypto29 = protect("\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99", "quic", "\xcc\xce\x18\x7e\xd0\x9a\x09\xd0\x57\x28\x15\x5a\x6c\xb9\x6b\xe1", "\xe5\x49\x30\xf9\x7f\x21\x36\xf0\x53\x0a\x8c\x1c", 0)
	crypto23 = protect("\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7\xd2\x43\x2b\xb4\x63\x65\xbe\xf9\xf5\x02", "quic", "", "", 0)
	crypto51 = protect("\x7a\x4e\xde\xf4\xe7\xcc\xee\x5f\xa4\x50\x6c\x19\x12\x4f\xc8\xcc\xda\x6e\x03\x3d", "quic", "", "", 0) // of Google's T051
	crypto2  = protect("\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9", "quicv2", "\x8f\xb4\xb0\x1b\x56\xac\x48\xe2\x60\xfb\xcb\xce\xad\x7c\xcc\x92", "\xd8\x69\x69\xbc\x2d\x7c\x6d\x99\x90\xef\xb0\x4a", 1)
)

// The first and last numbers of families.
const (
	draft    Version = 0xff000000 // IETF drafts, with their number
	facebook Version = 0xfaceb000 // mvfst
	google51 Version = 'T'<<24 | '0'<<16 | '5'<<8 | '1'
)

// crypto returns how a version protects Initial packets, nil where that is not known.
func (v Version) crypto() *crypto {
	switch {
	case v == V1:
		return &crypto1
	case v == V2:
		return &crypto2
	case v == draft|33, v == draft|34:
		return &crypto1
	case v >= draft|29 && v <= draft|32:
		return &crypto29
	case v >= draft|23 && v <= draft|28, v == facebook|2, v == facebook|0xe:
		return &crypto23
	case v == google51:
		return &crypto51
	}
	return nil
}

// reserved reports a version that is there to be refused (RFC 9000 §15).
func (v Version) reserved() bool { return v&0x0f0f0f0f == 0x0a0a0a0a }

// google reports a version of Google's QUIC: Q or T and three digits.
func (v Version) google() bool {
	digit := func(shift uint) bool { c := byte(v >> shift); return c >= '0' && c <= '9' }
	family := byte(v >> 24)
	return (family == 'Q' || family == 'T') && digit(16) && digit(8) && digit(0)
}

// known reports a version that identifies the protocol.
func (v Version) known() bool {
	return v == V1 || v == V2 || v > draft && v <= draft|34 || v&^0xff == facebook || v.google()
}

// nibbles reports a version that has the lengths of both connection IDs in one byte, as
// there were up to draft 21 and Q049.
func (v Version) nibbles() bool {
	const last = 'Q'<<24 | '0'<<16 | '4'<<8 | '9'
	return v > draft && v <= draft|21 || v.google() && v <= last
}

// Varints reports whether transport parameters are in their present form, which they
// have had since draft 27.
func (v Version) Varints() bool {
	return v == V1 || v == V2 || v >= draft|27 && v <= draft|34
}

// String returns the version's name, or its number where it has none.
func (v Version) String() string {
	switch {
	case v == Negotiation:
		return "negotiation"
	case v == V1:
		return "v1"
	case v == V2:
		return "v2"
	case v > draft && v <= draft|34:
		return "draft-" + strconv.Itoa(int(v&0xff))
	case v.google():
		return string([]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
	case v&^0xff == facebook:
		return "mvfst-" + strconv.FormatUint(uint64(v), 16)
	case v.reserved():
		return "reserved"
	}
	return "0x" + strconv.FormatUint(uint64(v), 16)
}
