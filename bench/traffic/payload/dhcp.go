package payload

import "net/netip"

// Message types of DHCP (RFC 2132) and DHCPv6 (RFC 8415).
const (
	DHCPDiscover = 1
	DHCPOffer    = 2
	DHCPRequest  = 3
	DHCPAck      = 5

	DHCPv6Solicit   = 1
	DHCPv6Advertise = 2
	DHCPv6Request   = 3
	DHCPv6Renew     = 5
	DHCPv6Reply     = 7
)

// DHCP is one message of version 4 or 6.
type DHCP struct {
	Type     uint8
	ID       uint32 // of the transaction; 24 bits in version 6
	MAC      [6]byte
	Address  netip.Addr // the client's, or the one offered
	Server   netip.Addr
	HostName string
	Renewal  bool // the client has its address already
	Wanted   []byte
	Class    string
}

// DHCPClients are option lists that clients ask for and the vendor classes that
// go with them.
var DHCPClients = [3]struct {
	Wanted []byte
	Class  string
}{
	{[]byte{1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252}, "MSFT 5.0"},
	{[]byte{1, 121, 3, 6, 15, 108, 114, 119, 252}, ""},
	{[]byte{1, 3, 6, 15, 26, 28, 51, 58, 59, 43, 114, 108}, "android-dhcp-15"},
}

// AppendDHCP appends a message of version 4.
func AppendDHCP(b []byte, d DHCP) []byte {
	start := len(b)
	answer := d.Type == DHCPOffer || d.Type == DHCPAck
	b = append(b, 1+byte(b2i(answer)), 1, 6, 0)
	b = be32(b, d.ID)
	b = append(b, make([]byte, 228)...)
	fixed := b[start:]
	copy(fixed[28:], d.MAC[:])
	switch {
	case answer:
		copy(fixed[16:], d.Address.AsSlice())
		copy(fixed[20:], d.Server.AsSlice())
	case d.Renewal:
		copy(fixed[12:], d.Address.AsSlice())
	}
	b = append(b, 0x63, 0x82, 0x53, 0x63, 53, 1, d.Type)
	if answer {
		b = d.appendLease(b)
	} else {
		b = d.appendWishes(b)
	}
	b = append(b, 255)
	for len(b)-start < 300 {
		b = append(b, 0)
	}
	return b
}

// appendLease appends a server's options.
func (d *DHCP) appendLease(b []byte) []byte {
	server := d.Server.AsSlice()
	b = append(append(b, 54, 4), server...)
	b = append(b, 51, 4, 0, 0, 0x0e, 0x10, 1, 4, 255, 255, 192, 0)
	b = append(append(b, 3, 4), server...)
	b = append(append(b, 6, 4), server...)
	return append(append(b, 15, 11), "example.com"...)
}

// appendWishes appends a client's options.
func (d *DHCP) appendWishes(b []byte) []byte {
	b = append(append(b, 61, 7, 1), d.MAC[:]...)
	if d.Type == DHCPRequest && !d.Renewal {
		b = append(append(b, 50, 4), d.Address.AsSlice()...)
		b = append(append(b, 54, 4), d.Server.AsSlice()...)
	}
	b = append(append(b, 12, byte(len(d.HostName))), d.HostName...)
	if d.Class != "" {
		b = append(append(b, 60, byte(len(d.Class))), d.Class...)
	}
	return append(append(b, 55, byte(len(d.Wanted))), d.Wanted...)
}

// AppendDHCPv6 appends a message of version 6.
func AppendDHCPv6(b []byte, d DHCP) []byte {
	b = be24(append(b, d.Type), int(d.ID&0xffffff))
	b = append(b, 0, 1, 0, 10, 0, 3, 0, 1) // client identifier from its link-layer address
	b = append(b, d.MAC[:]...)
	answer := d.Type == DHCPv6Advertise || d.Type == DHCPv6Reply
	if d.Type != DHCPv6Solicit {
		b = append(b, 0, 2, 0, 10, 0, 3, 0, 1, 2, 0, 0, 0, 0, 0xfe)
	}
	if !answer {
		b = append(b, 0, 8, 0, 2, 0, 0, 0, 6, 0, 8, 0, 17, 0, 23, 0, 24, 0, 39) // time, options wanted
		b = be16(append(b, 0, 39), len(d.HostName)+2)
		b = append(b, 1, byte(len(d.HostName)))
		b = append(b, d.HostName...)
	}
	if d.Type == DHCPv6Solicit {
		return append(b, 0, 3, 0, 12, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	b = append(b, 0, 3, 0, 40, 2, 0, 0, 1, 0, 0, 7, 8, 0, 0, 0x0b, 0x40) // IA_NA
	b = append(append(b, 0, 5, 0, 24), d.Address.AsSlice()...)
	return append(b, 0, 0, 0x0e, 0x10, 0, 0, 0x1c, 0x20)
}
