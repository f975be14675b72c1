package tls

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// What JA4 begins with.
const (
	OverTCP  = 't'
	OverQUIC = 'q'
)

// AppendJA4 appends the JA4 of a hello that came over a transport:
//
//	t13d1516h2_8daaf6152771_e5627efa2ab1
//
// transport, highest version, whether a server name is there, numbers of cipher suites
// and extensions, first ALPN; hash of the cipher suites; hash of extensions and
// signature algorithms. A hello in the format of SSL 2.0 has no JA4.
func (h *ClientHello) AppendJA4(dst []byte, transport byte) []byte {
	dst = append(h.appendJA4Head(dst, transport), '_')
	h.text = h.appendSortedCiphers(h.text[:0])
	dst = append(appendHash12(dst, h.text), '_')
	h.text = h.appendSortedExtensions(h.text[:0])
	return appendHash12(dst, h.text)
}

func (h *ClientHello) appendJA4Head(dst []byte, transport byte) []byte {
	dst = append(append(dst, transport), ja4Version(h.MaxVersion())...)
	if h.Has(extServerName) {
		dst = append(dst, 'd')
	} else {
		dst = append(dst, 'i')
	}
	dst = appendCount(appendCount(dst, h.CipherSuites), h.Extensions)
	return h.appendJA4ALPN(dst)
}

func ja4Version(v uint16) string {
	switch v {
	case 0x0304:
		return "13"
	case 0x0303:
		return "12"
	case 0x0302:
		return "11"
	case 0x0301:
		return "10"
	case 0x0300:
		return "s3"
	case 0x0002:
		return "s2"
	}
	return "00"
}

// appendCount appends the number of values other than GREASE, 99 at the most.
func appendCount(dst []byte, list []uint16) []byte {
	n := 0
	for _, v := range list {
		if !GREASE(v) {
			n++
		}
	}
	n = min(n, 99)
	return append(dst, '0'+byte(n/10), '0'+byte(n%10))
}

// appendJA4ALPN appends the first and the last character of the first ALPN. Where one of
// them is no ASCII, FoxIO's programs give 99; where one is no letter or digit, the
// specification takes the first and the last digit in hexadecimal.
func (h *ClientHello) appendJA4ALPN(dst []byte) []byte {
	if len(h.ALPN) == 0 || len(h.ALPN[0]) == 0 {
		return append(dst, "00"...)
	}
	first, last := h.ALPN[0][0], h.ALPN[0][len(h.ALPN[0])-1]
	switch {
	case first > 0x7f || last > 0x7f:
		return append(dst, "99"...)
	case !alphanumeric(first) || !alphanumeric(last):
		return append(dst, digits[first>>4], digits[last&15])
	}
	return append(dst, first, last)
}

const digits = "0123456789abcdef"

func alphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

func (h *ClientHello) appendSortedCiphers(dst []byte) []byte {
	h.scratch = append(h.scratch[:0], h.CipherSuites...)
	slices.Sort(h.scratch)
	return appendHex(dst, h.scratch)
}

// appendSortedExtensions appends the extensions but for server name and ALPN, which the
// head has, and behind an underscore the signature algorithms in their order.
func (h *ClientHello) appendSortedExtensions(dst []byte) []byte {
	h.scratch = h.scratch[:0]
	for _, e := range h.Extensions {
		if e != extServerName && e != extALPN {
			h.scratch = append(h.scratch, e)
		}
	}
	slices.Sort(h.scratch)
	dst = append(appendHex(dst, h.scratch), '_')
	end := len(dst)
	if dst = appendHex(dst, h.SignatureAlgorithms); len(dst) == end {
		return dst[:end-1] // no underscore without signature algorithms
	}
	return dst
}

// appendHex appends numbers in four digits with commas between them, without GREASE.
func appendHex(dst []byte, list []uint16) []byte {
	first := true
	for _, v := range list {
		if GREASE(v) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		dst, first = appendHex16(dst, v), false
	}
	return dst
}

// appendHex16 appends a number in four digits.
func appendHex16(dst []byte, v uint16) []byte {
	return append(dst, digits[v>>12], digits[v>>8&15], digits[v>>4&15], digits[v&15])
}

// appendHash12 appends twelve digits of a text's SHA-256; zeros for an empty text.
func appendHash12(dst, text []byte) []byte {
	if len(text) == 0 {
		return append(dst, "000000000000"...)
	}
	sum := sha256.Sum256(text)
	return hex.AppendEncode(dst, sum[:6])
}
