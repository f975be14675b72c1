package tls

import (
	"encoding/binary"
	"slices"

	"pcapmill/features/record/fingerprint"
)

// Prints makes the fingerprints of hellos, those that it has made lately without
// hashing again. The zero value is ready.
type Prints struct {
	hellos, ja4 fingerprint.Memo
	key, set    []byte
	scratch     []uint16
}

const ja3Bytes = 32 // MD5 in hexadecimal

// Client returns the JA3 and the JA4 of a hello that came over a transport. They are
// valid until the next call.
func (p *Prints) Client(h *ClientHello, transport byte) (ja3, ja4 []byte) {
	key := h.appendJA4Key(p.key[:0], transport)
	common := len(key)
	key = append(key, byte(h.Version>>8), byte(h.Version))
	key = appendList(appendList(key, h.Extensions), h.Groups)
	p.key = append(key, h.PointFormats...)
	both := p.hellos.Get(p.key, func(dst []byte) []byte {
		return append(h.AppendJA3(dst), p.ja4Of(h, transport, p.key[:common])...)
	})
	return both[:ja3Bytes], both[ja3Bytes:]
}

// ja4Of returns the JA4 of a hello of which key is what appendJA4Key appends. It is asked
// where the JA3 is a new one: many clients put their extensions into another order each
// time, which JA4 does not tell apart.
func (p *Prints) ja4Of(h *ClientHello, transport byte, key []byte) []byte {
	p.set = p.appendSet(append(p.set[:0], key...), h.Extensions)
	return p.ja4.Get(p.set, func(dst []byte) []byte { return h.AppendJA4(dst, transport) })
}

// Server returns the JA3S of a hello, valid until the next call.
func (p *Prints) Server(h *ServerHello) []byte {
	const server = 's' // no transport
	key := append(p.key[:0], server, byte(h.Version>>8), byte(h.Version), byte(h.CipherSuite>>8), byte(h.CipherSuite))
	p.key = appendList(key, h.Extensions)
	return p.hellos.Get(p.key, h.AppendJA3S)
}

// appendJA4Key appends what, besides the extensions, tells a JA4 from others.
func (h *ClientHello) appendJA4Key(dst []byte, transport byte) []byte {
	version := h.MaxVersion()
	dst = h.appendJA4ALPN(append(dst, transport, byte(version>>8), byte(version)))
	return appendList(appendList(dst, h.CipherSuites), h.SignatureAlgorithms)
}

// appendList appends the numbers of a list, without GREASE, which is another one each
// time and in no fingerprint, and an end that is in no list.
func appendList(dst []byte, list []uint16) []byte {
	at := len(dst)
	dst = slices.Grow(dst, 2*len(list)+2)[:at+2*len(list)+2]
	for _, v := range list {
		if !GREASE(v) {
			binary.BigEndian.PutUint16(dst[at:], v)
			at += 2
		}
	}
	binary.BigEndian.PutUint16(dst[at:], anyGREASE)
	return dst[:at+2]
}

const anyGREASE = 0x0a0a

// appendSet appends the numbers of a list, without GREASE, so that their order makes no
// difference: those below 64, which most are, as the bits of a word, others, and those
// that come again, sorted.
func (p *Prints) appendSet(dst []byte, list []uint16) []byte {
	low := uint64(0)
	p.scratch = p.scratch[:0]
	for _, v := range list {
		if v < 64 && low>>v&1 == 0 {
			low |= 1 << v
		} else if !GREASE(v) {
			p.scratch = append(p.scratch, v)
		}
	}
	slices.Sort(p.scratch)
	return appendList(binary.BigEndian.AppendUint64(dst, low), p.scratch)
}
