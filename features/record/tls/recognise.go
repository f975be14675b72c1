package tls

import (
	"encoding/binary"

	"pcapmill/features/record/begin"
)

// Begins says whether the first bytes of a direction are TLS or SSL 2.0. A connection of
// which the beginning was not captured is recognised where it comes in at a record.
func Begins(b []byte) begin.Answer {
	switch {
	case len(b) == 0:
		return begin.Perhaps
	case b[0]&0x80 != 0:
		return beginsSSLv2(b)
	case b[0] < contentChangeCipherSpec || b[0] > contentApplicationData:
		return begin.No
	case len(b) > 1 && b[1] != 3, len(b) > 2 && b[2] > 4:
		return begin.No
	case len(b) < recordHeader:
		return begin.Perhaps
	}
	length := int(binary.BigEndian.Uint16(b[3:]))
	if length == 0 || length > maxFragment {
		return begin.No
	}
	switch b[0] {
	case contentHandshake:
		return beginsHello(b[recordHeader:min(len(b), recordHeader+length)], length)
	case contentApplicationData:
		return yesIf(b[2] > 0)
	}
	return yesIf(length <= 2 || b[2] > 0 && length < 256) // a change of the cipher, or an alert, encrypted or not
}

func yesIf(b bool) begin.Answer {
	if b {
		return begin.Yes
	}
	return begin.No
}

// beginsHello looks at what a record of the handshake, of the given length, begins with.
func beginsHello(b []byte, length int) begin.Answer {
	switch {
	case len(b) > 0 && b[0] != TypeClientHello && b[0] != TypeServerHello && b[0] != TypeHelloRetryRequest:
		return begin.No
	case len(b) > 1 && b[1] != 0:
		return begin.No
	case len(b) > 4 && b[4] != 3 && b[4] != draft>>8:
		return begin.No
	case len(b) > 4 || len(b) == length:
		return begin.Yes
	}
	return begin.Perhaps
}

// beginsSSLv2 holds that the parts of a hello of SSL 2.0 come to its length.
func beginsSSLv2(b []byte) begin.Answer {
	if len(b) >= recordHeader && !isSSLv2(b) {
		return begin.No
	}
	const fixed = 13 // up to the lengths of a server's hello
	if len(b) < fixed {
		return begin.Perhaps
	}
	u16 := func(at int) int { return int(binary.BigEndian.Uint16(b[at:])) }
	if b[2] == sslv2ClientHello {
		return yesIf(u16(5)%3 == 0 && 9+u16(5)+u16(7)+u16(9) == sslv2Length(b))
	}
	return yesIf(u16(5) == 2 && 11+u16(7)+u16(9)+u16(11) == sslv2Length(b))
}
