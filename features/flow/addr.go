package flow

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// AddrFormat says in which form a table has its addresses. A column's name stands for
// one form, so that who reads it by name always gets the same type.
type AddrFormat string

// The formats.
const (
	AddrText   AddrFormat = "text"   // src_ip, dst_ip
	AddrBinary AddrFormat = "binary" // src_ip_binary, dst_ip_binary
	AddrBoth   AddrFormat = "both"
)

// AddrFormats lists the formats, the default first.
func AddrFormats() []string {
	return []string{string(AddrText), string(AddrBinary), string(AddrBoth)}
}

// Validate reports a format that there is not.
func (f AddrFormat) Validate() error {
	if !slices.Contains(AddrFormats(), string(f)) {
		return fmt.Errorf("unknown address format %q; known are %s", f, strings.Join(AddrFormats(), ", "))
	}
	return nil
}

// writes reports whether a table of the format has the columns of d.
func (f AddrFormat) writes(d *Def) bool { return d.addr == "" || d.addr == f || f == AddrBoth }

// addrText declares an address as text.
func addrText(name string, a attr, doc string, addr func(*Row) *packet.Addr) Def {
	d := text(name, column.String, a, doc, func(r *Row, dst []byte) []byte { return AppendAddr(dst, addr(r), r.Key.Version) })
	d.addr = AddrText
	return d
}

// addrBinary declares an address as bytes.
func addrBinary(name string, a attr, doc string, addr func(*Row) *packet.Addr) Def {
	d := text(name, column.Binary, a, doc, func(r *Row, dst []byte) []byte { return append(dst, AddrBytes(addr(r), r.Key.Version)...) })
	d.addr = AddrBinary
	return d
}

// AddrBytes returns the 4 or 16 bytes of an address.
func AddrBytes(a *packet.Addr, version uint8) []byte {
	if version == 4 {
		return a[12:]
	}
	return a[:]
}

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

// AppendAddr appends an address as text.
func AppendAddr(dst []byte, a *packet.Addr, version uint8) []byte {
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
