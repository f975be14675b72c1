package dhcp

import "encoding/binary"

// The registered ports.
const (
	portServer4 = 67
	portClient4 = 68
	portProxy4  = 4011 // of network boot (PXE)
	portClient6 = 546
	portServer6 = 547
)

// Hint reports whether the ports speak for the protocol, in either version.
func Hint(src, dst uint16) bool { return Hint4(src, dst) || Hint6(src, dst) }

// Hint4 reports whether the ports speak for DHCPv4.
func Hint4(src, dst uint16) bool { return port4(src) || port4(dst) }

func port4(port uint16) bool { return port == portServer4 || port == portClient4 || port == portProxy4 }

// Hint6 reports whether the ports speak for DHCPv6.
func Hint6(src, dst uint16) bool { return port6(src) || port6(dst) }

func port6(port uint16) bool { return port == portClient6 || port == portServer6 }

// Recognise4 reports whether a datagram over IPv4 is a message of DHCPv4 or BOOTP. Where
// the ports speak for it, an operation and a hardware address that can be are enough, as
// malformed messages are of interest too. Where they do not, all must be right. cut: its
// end was not captured.
func (m *Message) Recognise4(b []byte, hinted, cut bool) bool {
	if len(b) < atSeconds || b[0] < 1 || b[0] > 2 || b[2] > maxLink {
		return false
	}
	if hinted {
		return cut || len(b) >= atServer
	}
	return !cut && len(b) > atOptions && binary.BigEndian.Uint32(b[atCookie:]) == cookie &&
		m.Parse4(b) == nil && m.Type.Known && len(m.BadCodes) == 0
}

// Recognise6 is Recognise4 for datagrams over IPv6 and DHCPv6: with ports that speak for
// it, a type that there is; without them, all must be right and a client or server named.
func (m *Message) Recognise6(b []byte, hinted, cut bool) bool {
	if len(b) < headerBytes || b[0] == 0 || int(b[0]) >= len(typeNames6) {
		return false
	}
	return hinted || !cut && m.Parse6(b) == nil && len(m.BadCodes) == 0 && (m.ClientID != nil || m.ServerID != nil)
}
