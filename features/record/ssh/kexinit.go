package ssh

import "encoding/binary"

// The name lists of a key exchange, in their order (RFC 4253 §7.1).
const (
	Kex = iota
	HostKey
	CipherToServer
	CipherToClient
	MACToServer
	MACToClient
	CompressionToServer
	CompressionToClient
	LanguageToServer
	LanguageToClient
	listCount
)

// cookieBytes is the length of the random bytes before the lists.
const cookieBytes = 16

// KeyExchange is the lists of algorithms of one side, each with commas between its
// names. Its slices are of the bytes it was parsed from.
type KeyExchange struct {
	Cookie  []byte
	Lists   [listCount][]byte // nil where the message ended before
	Follows bool              // a guessed packet of the exchange itself comes next
}

// Parse reads the payload of a packet of the kind, behind that. On an error what comes
// before it is there.
func (k *KeyExchange) Parse(b []byte) error {
	*k = KeyExchange{}
	if len(b) < cookieBytes {
		return &Error{Cut}
	}
	k.Cookie, b = b[:cookieBytes], b[cookieBytes:]
	for i := range k.Lists {
		if len(b) < 4 || uint32(len(b)-4) < binary.BigEndian.Uint32(b) {
			return &Error{Cut}
		}
		k.Lists[i] = b[4 : 4+binary.BigEndian.Uint32(b)]
		b = b[4+len(k.Lists[i]):]
	}
	const behind = 5 // the flag and four reserved bytes
	if len(b) < behind {
		return &Error{Cut}
	}
	k.Follows = b[0] != 0
	return nil
}

// AppendHASSH appends the text of which a side's fingerprint is the MD5.
func (k *KeyExchange) AppendHASSH(dst []byte, client bool) []byte {
	lists := [...]int{Kex, CipherToClient, MACToClient, CompressionToClient}
	if client {
		lists = [...]int{Kex, CipherToServer, MACToServer, CompressionToServer}
	}
	for i, list := range lists {
		if i > 0 {
			dst = append(dst, ';')
		}
		dst = append(dst, k.Lists[list]...)
	}
	return dst
}
