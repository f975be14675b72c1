package tls

import "encoding/binary"

// headBytes are as many as tell a record with a hello from anything else.
const headBytes = 11

// Recognise reports whether the first bytes of a direction are TLS or SSL 2.0; where
// more must tell, perhaps is true. A connection of which the beginning was not captured
// is recognised where it comes in at a record.
func Recognise(b []byte) (yes, perhaps bool) {
	if len(b) == 0 {
		return false, true
	}
	if b[0]&0x80 != 0 {
		return recogniseSSLv2(b)
	}
	var h [headBytes]byte
	n := copy(h[:], b)
	for i, fits := range []bool{
		h[0] >= contentChangeCipherSpec && h[0] <= contentApplicationData, h[1] == 3, h[2] <= 4,
	} {
		if i < n && !fits {
			return false, false
		}
	}
	if n < recordHeader {
		return false, true
	}
	length := int(binary.BigEndian.Uint16(h[3:]))
	if length == 0 || length > maxFragment {
		return false, false
	}
	switch h[0] {
	case contentHandshake:
		return recogniseHello(h[recordHeader:min(n, recordHeader+length)], length)
	case contentApplicationData:
		return h[2] > 0, false
	}
	return length <= 2 || h[2] > 0 && length < 256, false // a change of the cipher, or an alert, encrypted or not
}

// recogniseHello looks at what a record of the handshake, of the given length, begins
// with.
func recogniseHello(b []byte, length int) (yes, perhaps bool) {
	switch {
	case len(b) > 0 && b[0] != TypeClientHello && b[0] != TypeServerHello && b[0] != TypeHelloRetryRequest:
		return false, false
	case len(b) > 1 && b[1] != 0:
		return false, false
	case len(b) > 4 && b[4] != 3 && b[4] != draft>>8:
		return false, false
	}
	yes = len(b) > 4 || len(b) == length
	return yes, !yes
}

// recogniseSSLv2 holds that the parts of a hello of SSL 2.0 come to its length.
func recogniseSSLv2(b []byte) (yes, perhaps bool) {
	if len(b) >= recordHeader && !isSSLv2(b) {
		return false, false
	}
	const fixed = 13 // up to the lengths of a server's hello
	if len(b) < fixed {
		return false, true
	}
	u16 := func(at int) int { return int(binary.BigEndian.Uint16(b[at:])) }
	if b[2] == sslv2ClientHello {
		return u16(5)%3 == 0 && 9+u16(5)+u16(7)+u16(9) == sslv2Length(b), false
	}
	return u16(5) == 2 && 11+u16(7)+u16(9)+u16(11) == sslv2Length(b), false
}
