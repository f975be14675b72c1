package tls

import (
	"encoding/binary"

	"pcapmill/features/record/fingerprint"
)

// Prints makes the fingerprints of hellos, those that it has made lately without
// hashing again. The zero value is ready.
type Prints struct {
	memo fingerprint.Memo
	key  []byte
}

const ja3Bytes = 32 // MD5 in hexadecimal

// Client returns the JA3 and the JA4 of a hello that came over a transport. They are
// valid until the next call.
func (p *Prints) Client(h *ClientHello, transport byte) (ja3, ja4 []byte) {
	key := h.appendJA4Head(p.key[:0], transport)
	for _, list := range [][]uint16{{h.Version}, h.CipherSuites, h.Extensions, h.Groups, h.SignatureAlgorithms} {
		key = appendList(key, list)
	}
	p.key = append(key, h.PointFormats...)
	both := p.memo.Get(p.key, func(dst []byte) []byte { return h.AppendJA4(h.AppendJA3(dst), transport) })
	return both[:ja3Bytes], both[ja3Bytes:]
}

// Server returns the JA3S of a hello, valid until the next call.
func (p *Prints) Server(h *ServerHello) []byte {
	p.key = h.AppendJA3SText(p.key[:0])
	return p.memo.Get(p.key, h.AppendJA3S)
}

// appendList appends the numbers of a list, without GREASE, which is another one each
// time and in no fingerprint, and an end that is in no list.
func appendList(dst []byte, list []uint16) []byte {
	for _, v := range list {
		if !GREASE(v) {
			dst = binary.BigEndian.AppendUint16(dst, v)
		}
	}
	return binary.BigEndian.AppendUint16(dst, anyGREASE)
}

const anyGREASE = 0x0a0a
