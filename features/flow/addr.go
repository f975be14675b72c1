package flow

import (
	"net/netip"
	"strconv"

	"pcapmill/ingest/packet"
)

// decimals holds each byte in decimal with a dot behind, as it lies in memory,
// and the length of that.
var decimals = func() (t [256]struct {
	text   [4]byte
	length uint8
}) {
	for x := range t {
		text := strconv.Itoa(x) + "."
		t[x].length = uint8(copy(t[x].text[:], text))
	}
	return t
}()

// appendAddr appends an address as text.
func appendAddr(dst []byte, a *packet.Addr, version uint8) []byte {
	if version != 4 {
		return netip.AddrFrom16(*a).AppendTo(dst)
	}
	var text [16]byte
	n := 0
	for _, x := range a[12:] {
		d := &decimals[x]
		*(*[4]byte)(text[n:]) = d.text
		n += int(d.length)
	}
	return append(dst, text[:n-1]...)
}

// appendMAC appends a MAC address of six bytes in hexadecimal with colons.
func appendMAC(dst, mac []byte) []byte {
	const hex = "0123456789abcdef"
	text := [17]byte{2: ':', 5: ':', 8: ':', 11: ':', 14: ':'}
	for i, x := range mac[:6] {
		text[3*i], text[3*i+1] = hex[x>>4], hex[x&15]
	}
	return append(dst, text[:]...)
}
