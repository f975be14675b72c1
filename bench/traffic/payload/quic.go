package payload

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
)

// Versions of QUIC.
const (
	QUICv1 = 1
	QUICv2 = 0x6b3343cf // RFC 9369
)

// QUIC is one connection. Its Initial packets are encrypted with the keys that
// follow from the client's first connection identifier; all others are random
// bytes behind a header.
type QUIC struct {
	Version uint32
	Handshake
	ClientID int // length of the client's connection identifier, 0 to 20
}

// Sizes of datagrams and of their parts.
const (
	quicDatagram = 1200 // RFC 9000, section 14.1: an Initial is never in less
	quicServerID = 8
	quicTag      = 16
	quicOneHello = 1100 // bytes of a hello that fit one datagram
)

// saltsOfQUIC are the initial salts of v1 and v2.
var saltsOfQUIC = [2][]byte{
	{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a},
	{0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9},
}

// labelsOfQUIC are the labels of key, IV and header protection key in v1 and v2.
var labelsOfQUIC = [2][3]string{{"quic key", "quic iv", "quic hp"}, {"quicv2 key", "quicv2 iv", "quicv2 hp"}}

// QUICKeys protect the Initial packets of one side.
type QUICKeys struct {
	IV   [12]byte
	AEAD cipher.AEAD
	HP   cipher.Block
}

// InitialKeys derives the keys of the client or server (RFC 9001, section 5.2).
func InitialKeys(version uint32, id []byte, server bool) QUICKeys {
	v := b2i(version == QUICv2)
	side := [2]string{"client in", "server in"}[b2i(server)]
	initial, err := hkdf.Extract(sha256.New, id, saltsOfQUIC[v])
	must(err)
	secret := expandLabel(initial, side, sha256.Size)
	var k QUICKeys
	block, err := aes.NewCipher(expandLabel(secret, labelsOfQUIC[v][0], 16))
	must(err)
	k.AEAD, err = cipher.NewGCM(block)
	must(err)
	copy(k.IV[:], expandLabel(secret, labelsOfQUIC[v][1], 12))
	k.HP, err = aes.NewCipher(expandLabel(secret, labelsOfQUIC[v][2], 16))
	must(err)
	return k
}

// expandLabel is HKDF-Expand-Label (RFC 8446, section 7.1).
func expandLabel(secret []byte, label string, size int) []byte {
	info := append([]byte{0, byte(size), byte(6 + len(label))}, "tls13 "...)
	info = append(append(info, label...), 0)
	out, err := hkdf.Expand(sha256.New, secret, string(info), size)
	must(err)
	return out
}

// must panics on errors that only wrong code can cause.
func must(err error) {
	if err != nil {
		panic("payload: " + err.Error())
	}
}

// ids returns the connection identifiers: the client's first for the server, the
// client's own, the server's own.
func (q *QUIC) ids() (first [8]byte, client [20]byte, server [quicServerID]byte) {
	Fill(first[:], derived(q.Seed, saltFrames))
	Fill(client[:], derived(q.Seed, saltFrames+50))
	Fill(server[:], derived(q.Seed, saltFrames+100))
	return first, client, server
}

// ClientDatagrams is the number of datagrams that the hello takes.
func (m *Maker) ClientDatagrams(q QUIC) int {
	return 1 + b2i(len(m.AppendHello(nil, q.Handshake)) > quicOneHello)
}

// AppendClientInitial appends datagram n, counted from 0, of those that carry the
// client's hello.
func (m *Maker) AppendClientInitial(b []byte, q QUIC, n int) []byte {
	hello := m.AppendHello(nil, q.Handshake)
	from, to := 0, len(hello)
	if to > quicOneHello {
		cut := 900 + int(derived(q.Seed, saltFrames)%200)
		if n == 0 {
			to = cut
		} else {
			from = cut
		}
	}
	first, client, _ := q.ids()
	p := initial{keys: InitialKeys(q.Version, first[:], false), number: uint32(n)}
	p.plain = q.appendCrypto(nil, hello, from, to)
	start := len(b)
	b = q.appendLong(b, 0, first[:], client[:q.ClientID])
	b = append(b, 0) // no token
	return p.appendTo(b, start, quicDatagram)
}

// appendCrypto appends bytes from and to of the hello as CRYPTO frames. A client
// that shuffles cuts them in pieces and sends the pieces out of order, with PING
// and PADDING between.
func (q *QUIC) appendCrypto(b, hello []byte, from, to int) []byte {
	if !q.Client.shuffle {
		return appendCryptoFrame(b, hello, from, to)
	}
	draw := derived(q.Seed, saltFrames+150)
	first := from + 1 + int(draw%uint64((to-from)/2))
	second := first + 1 + int(draw>>32%uint64(to-first-1))
	b = appendCryptoFrame(b, hello, second, to)
	b = append(b, 1, 0, 0, 0) // PING, PADDING
	b = appendCryptoFrame(b, hello, from, first)
	b = append(b, 1)
	return appendCryptoFrame(b, hello, first, second)
}

func appendCryptoFrame(b, data []byte, from, to int) []byte {
	b = append(b, 6)
	b = appendVarint(b, from)
	b = appendVarint(b, to-from)
	return append(b, data[from:to]...)
}

// appendVarint appends a number below 2^14 (RFC 9000, section 16).
func appendVarint(b []byte, v int) []byte {
	if v < 64 {
		return append(b, byte(v))
	}
	return be16(b, 0x4000|v)
}

// appendLong appends a long header up to the identifiers. typ is that of version
// 1; version 2 counts on by one. The packet number has two bytes.
func (q *QUIC) appendLong(b []byte, typ byte, to, from []byte) []byte {
	if q.Version == QUICv2 {
		typ = (typ + 1) & 3
	}
	b = append(b, 0xc1|typ<<4)
	b = be32(b, q.Version)
	b = append(append(b, byte(len(to))), to...)
	return append(append(b, byte(len(from))), from...)
}

// initial is one Initial packet before its protection.
type initial struct {
	keys   QUICKeys
	number uint32
	plain  []byte // frames
}

// appendTo appends the rest of the packet whose header begins at start: length,
// number, sealed frames. Padding fills it up to size bytes.
func (p *initial) appendTo(b []byte, start, size int) []byte {
	const overhead = 2 + 2 + quicTag // length and number fields, tag
	if room := size - (len(b) - start) - overhead - len(p.plain); room > 0 {
		p.plain = append(p.plain, make([]byte, room)...)
	}
	b = appendLength(b, 2+len(p.plain)+quicTag)
	number := len(b)
	b = be16(b, int(p.number))
	nonce := p.keys.IV
	nonce[10] ^= byte(p.number >> 8)
	nonce[11] ^= byte(p.number)
	b = p.keys.AEAD.Seal(b, nonce[:], p.plain, b[start:])
	var mask [16]byte
	p.keys.HP.Encrypt(mask[:], b[number+4:][:16])
	b[start] ^= mask[0] & 0x0f
	b[number] ^= mask[1]
	b[number+1] ^= mask[2]
	return b
}

// appendLength appends a length in two bytes.
func appendLength(b []byte, n int) []byte { return be16(b, 0x4000|n) }

// AppendServerInitial appends the server's first datagram: its hello in an
// Initial packet and the beginning of the encrypted handshake.
func (m *Maker) AppendServerInitial(b []byte, q QUIC) []byte {
	first, client, server := q.ids()
	start := len(b)
	p := initial{keys: InitialKeys(q.Version, first[:], true)}
	p.plain = append(p.plain, 2, 0, 0, 0, 0) // acknowledges packet 0
	hello := m.AppendServerHello(nil, q.Handshake)
	p.plain = appendCryptoFrame(p.plain, hello, 0, len(hello))
	b = q.appendLong(b, 0, client[:q.ClientID], server[:])
	b = append(b, 0)
	b = p.appendTo(b, start, 0)
	if room := quicDatagram - (len(b) - start); room >= 64 {
		b = q.appendHandshake(b, client[:q.ClientID], server[:], room)
	}
	return b
}

// appendHandshake appends a Handshake packet of size bytes.
func (q *QUIC) appendHandshake(b, to, from []byte, size int) []byte {
	start := len(b)
	b = q.appendLong(b, 2, to, from)
	rest := size - (len(b) - start) - 2
	b = appendLength(b, rest)
	return appendRandom(b, rest, derived(q.Seed, saltFrames+200))
}

// AppendClientFinish appends the client's second flight: a Handshake packet and a
// short one behind it, size bytes in all.
func (q *QUIC) AppendClientFinish(b []byte, size int) []byte {
	_, client, server := q.ids()
	start := len(b)
	b = q.appendHandshake(b, server[:], client[:q.ClientID], 64+q.ClientID)
	b = appendRandom(b, size-(len(b)-start), q.Seed)
	q.SetShort(b[start+64+q.ClientID:], false)
	return b
}

// SetShort makes random bytes a short-header packet to the server, or from it.
func (q *QUIC) SetShort(b []byte, fromServer bool) {
	_, client, server := q.ids()
	b[0] = 0x40 | b[0]&0x3f
	if fromServer {
		copy(b[1:], client[:q.ClientID])
		return
	}
	copy(b[1:], server[:])
}
