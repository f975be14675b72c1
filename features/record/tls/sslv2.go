package tls

import (
	"encoding/binary"
	"slices"
)

// Messages of SSL 2.0 (draft-hickman-netscape-ssl-00), of which the client's also offers
// SSL 3.0 to TLS 1.2 (RFC 5246 appendix E.2):
//
//	length 2, top bit set | type 1 | version 2 | …
const (
	sslv2ClientHello = 1
	sslv2ServerHello = 4
	sslv2Least       = 9 // bytes of a hello's fixed fields, and more
)

func sslv2Length(h []byte) int { return int(binary.BigEndian.Uint16(h)) & 0x7fff }

// isSSLv2 reports the first five bytes of a hello of SSL 2.0.
func isSSLv2(h []byte) bool {
	if h[0]&0x80 == 0 || sslv2Length(h) < sslv2Least {
		return false
	}
	switch h[2] {
	case sslv2ClientHello:
		return h[3] == 0 && h[4] == 2 || h[3] == 3 && h[4] <= 4
	case sslv2ServerHello: // whether the session is known, the certificate's type
		return h[3] <= 1 && h[4] <= 1
	}
	return false
}

// ParseSSLv2 reads a client's hello in the format of SSL 2.0.
func (h *ClientHello) ParseSSLv2(message []byte) error {
	h.reset()
	h.SSLv2 = true
	c := cursor{b: message}
	c.u8()
	h.Version = c.u16()
	ciphers, session, challenge := int(c.u16()), int(c.u16()), int(c.u16())
	at := c.at
	h.SSLv2Ciphers = c.take(ciphers)
	h.SessionID = c.take(session)
	h.Random = c.take(challenge)
	for kinds := h.SSLv2Ciphers; len(kinds) >= 3; kinds = kinds[3:] {
		if kinds[0] == 0 { // one of TLS
			h.CipherSuites = append(h.CipherSuites, binary.BigEndian.Uint16(kinds[1:]))
		}
	}
	h.SecureRenegotiation = slices.Contains(h.CipherSuites, renegotiationSuite)
	switch {
	case c.short:
		return &Error{Reason: Cut, Offset: c.at}
	case ciphers%3 != 0:
		return &Error{Reason: List, Offset: at}
	case !c.whole():
		return &Error{Reason: Trailing, Offset: c.at}
	}
	return nil
}

// ParseSSLv2 reads a server's hello of SSL 2.0 and returns its certificate, nil where it
// has none.
func (h *ServerHello) ParseSSLv2(message []byte) (certificate []byte, err error) {
	h.reset()
	h.SSLv2 = true
	c := cursor{b: message}
	c.take(3)
	h.Version = c.u16()
	length, ciphers, id := int(c.u16()), int(c.u16()), int(c.u16())
	if length > 0 {
		certificate = c.take(length)
	}
	c.take(ciphers)
	h.SessionID = c.take(id)
	if c.short {
		return certificate, &Error{Reason: Cut, Offset: c.at}
	}
	return certificate, nil
}
