package record

import (
	"encoding/hex"
	"net/netip"
	"strconv"

	"pcapmill/features/column"
	"pcapmill/features/record/dhcp"
	"pcapmill/features/record/printable"
)

// The kinds of columns that the dhcp table has.

func dhcpNumber(name, doc, null string, value func(*dhcpMessage) dhcp.Number) Def[dhcpMessage] {
	return number(name, doc, null, func(m *dhcpMessage) (int32, bool) {
		n := value(m)
		return int32(n.Value), n.Known
	})
}

func dhcpLong(name, doc, null string, value func(*dhcpMessage) dhcp.Number) Def[dhcpMessage] {
	return long(name, column.Int64, doc, null, func(m *dhcpMessage) (int64, bool) {
		n := value(m)
		return n.Value, n.Known
	})
}

func dhcpText(name, doc string, value func(*dhcpMessage) []byte) Def[dhcpMessage] {
	return text(name, column.String, doc+inUTF8, noOption, func(m *dhcpMessage, dst []byte) ([]byte, bool) {
		return printable.Append(dst, value(m)), value(m) != nil
	})
}

func dhcpHex(name, doc string, value func(*dhcpMessage) []byte) Def[dhcpMessage] {
	return text(name, column.String, doc, noOption, func(m *dhcpMessage, dst []byte) ([]byte, bool) {
		return hex.AppendEncode(dst, value(m)), value(m) != nil
	}).as(column.LeakProne)
}

func dhcpAddr(name, doc, null string, value func(*dhcpMessage) []byte) Def[dhcpMessage] {
	return text(name, column.String, doc, null, func(m *dhcpMessage, dst []byte) ([]byte, bool) {
		return appendIP(dst, value(m)), value(m) != nil
	}).as(column.LeakProne)
}

// dhcpLink declares a link-layer address, in hexadecimal with colons.
func dhcpLink(name, doc string, value func(*dhcpMessage) []byte) Def[dhcpMessage] {
	return text(name, column.String, doc, "not known", func(m *dhcpMessage, dst []byte) ([]byte, bool) {
		for i, b := range value(m) {
			if i > 0 {
				dst = append(dst, ':')
			}
			dst = hex.AppendEncode(dst, []byte{b})
		}
		return dst, len(value(m)) > 0
	}).as(column.LeakProne)
}

// joinedCodes declares a list of codes as one text.
func joinedCodes(name, doc, null string, codes func(*dhcpMessage) []uint16) Def[dhcpMessage] {
	return text(name, column.String, doc, null, func(m *dhcpMessage, dst []byte) ([]byte, bool) {
		for i, c := range codes(m) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = strconv.AppendUint(dst, uint64(c), 10)
		}
		return dst, len(codes(m)) > 0
	})
}

// eachAddr lists addresses of the message's version that lie behind one another.
func eachAddr(list func(*dhcpMessage) []byte) func(*dhcpMessage, func([]byte)) {
	return func(m *dhcpMessage, add func([]byte)) {
		size := 16
		if m.Version == 4 {
			size = 4
		}
		for b := list(m); len(b) >= size; b = b[size:] {
			m.word = appendIP(m.word[:0], b[:size])
			add(m.word)
		}
	}
}

func eachRelay(addr func(*dhcp.Relay) []byte) func(*dhcpMessage, func([]byte)) {
	return func(m *dhcpMessage, add func([]byte)) {
		for i := range m.Relays {
			m.word = appendIP(m.word[:0], addr(&m.Relays[i]))
			add(m.word)
		}
	}
}

func eachLease(write func(*dhcp.Lease, []byte) []byte) func(*dhcpMessage, func([]byte)) {
	return func(m *dhcpMessage, add func([]byte)) {
		for i := range m.Leases {
			m.word = write(&m.Leases[i], m.word[:0])
			add(m.word)
		}
	}
}

func eachLeaseNumber(value func(*dhcp.Lease) uint32) func(*dhcpMessage, func(int64)) {
	return func(m *dhcpMessage, add func(int64)) {
		for i := range m.Leases {
			add(int64(value(&m.Leases[i])))
		}
	}
}

// appendIP appends an address of 4 or 16 bytes.
func appendIP(dst, b []byte) []byte {
	if a, ok := netip.AddrFromSlice(b); ok {
		dst = a.AppendTo(dst)
	}
	return dst
}

func appendLease(l *dhcp.Lease, dst []byte) []byte {
	dst = appendIP(dst, l.Addr)
	if l.Kind == dhcp.Prefix {
		dst = strconv.AppendUint(append(dst, '/'), uint64(l.Bits), 10)
	}
	return dst
}
