package dhcp

import "encoding/binary"

// The options of DHCPv6 that are read (RFC 8415 §21, or as noted).
const (
	opt6ClientID     = 1
	opt6ServerID     = 2
	opt6NonTemporary = 3
	opt6Temporary    = 4
	opt6Address      = 5
	opt6Requests     = 6
	opt6Elapsed      = 8
	optRelayMessage  = 9
	opt6Status       = 13
	opt6UserClass    = 15
	opt6VendorClass  = 16
	opt6InterfaceID  = 18
	opt6NameServers  = 23 // RFC 3646
	opt6Delegation   = 25
	opt6Prefix       = 26
	opt6RemoteID     = 37 // RFC 4649
	opt6SubscriberID = 38 // RFC 4580
	opt6FQDN         = 39 // RFC 4704
	opt6BootFile     = 59 // RFC 5970
	opt6ClientLink   = 79 // RFC 6939
)

// millisPerElapsed: option 8 counts hundredths of a second.
const millisPerElapsed = 10

// option6 reads an option of a message; false where it is not of its form, or the
// second of one that comes once. What has no form that is read is fine.
func (m *Message) option6(code uint16, v []byte) bool {
	if once6(code) && again(&m.seen, code) {
		return false
	}
	switch code {
	case opt6ClientID:
		return m.clientDUID(v)
	case opt6ServerID:
		return identify(&m.ServerID, &m.Server, v)
	case opt6NonTemporary, opt6Temporary, opt6Delegation:
		return m.association(code, v)
	case opt6Requests:
		return m.requests6(v)
	case opt6Elapsed:
		if len(v) != 2 {
			return false
		}
		m.Elapsed = known(millisPerElapsed * uint64(binary.BigEndian.Uint16(v)))
	case opt6Status:
		return m.status(v)
	case opt6UserClass:
		return counted(&m.UserClasses, v)
	case opt6VendorClass:
		return m.vendorClasses6(v)
	case opt6NameServers:
		return addresses(&m.NameServers, v, 16)
	case opt6FQDN:
		return m.fqdn6(v)
	case opt6BootFile:
		m.BootFile = v
		return len(v) > 0
	}
	return true
}

// again reports an option that seen has, and adds it.
func again(seen *uint64, code uint16) bool {
	bit := uint64(1) << (code % 64)
	was := *seen&bit != 0
	*seen |= bit
	return was
}

// once6 reports an option that is read and comes at most once in a message (RFC 8415 §21).
// All are below 64.
func once6(code uint16) bool {
	switch code {
	case opt6ClientID, opt6ServerID, opt6Requests, opt6Elapsed, opt6Status, opt6UserClass, opt6NameServers, opt6FQDN, opt6BootFile:
		return true
	}
	return false
}

func identify(id *[]byte, d *DUID, v []byte) bool {
	*id = v
	return d.parse(v)
}

// clientDUID takes the client's identifier and, where no relay has told, its link-layer
// address, if that is in it.
func (m *Message) clientDUID(v []byte) bool {
	ok := identify(&m.ClientID, &m.Client, v)
	if m.ClientLink == nil {
		m.ClientLink, m.ClientHardware = m.Client.Link, m.Client.Hardware
	}
	return ok
}

func (m *Message) requests6(v []byte) bool {
	for i := 0; i+2 <= len(v); i += 2 {
		m.Requested = append(m.Requested, binary.BigEndian.Uint16(v[i:]))
	}
	return len(v)%2 == 0
}

// status takes a status code and its message.
func (m *Message) status(v []byte) bool {
	if len(v) < 2 {
		return false
	}
	m.Status, m.Text = known(uint64(binary.BigEndian.Uint16(v))), v[2:]
	return true
}

// counted appends texts behind their lengths in two bytes.
func counted(list *[][]byte, v []byte) bool {
	for len(v) > 0 {
		if len(v) < 2 || len(v)-2 < int(binary.BigEndian.Uint16(v)) {
			return false
		}
		text := v[2 : 2+int(binary.BigEndian.Uint16(v))]
		*list = append(*list, text)
		v = v[2+len(text):]
	}
	return true
}

func (m *Message) vendorClasses6(v []byte) bool {
	if len(v) < 4 {
		return false
	}
	if !m.VendorEnterprise.Known {
		m.VendorEnterprise = known(uint64(binary.BigEndian.Uint32(v)))
	}
	return counted(&m.VendorClasses, v[4:])
}

func (m *Message) fqdn6(v []byte) bool {
	if len(v) < 1 {
		return false
	}
	m.FQDNFlags, m.FQDN, m.FQDNForm = known(uint64(v[0])), v[1:], Labels
	return isName(m.FQDN)
}

// relayOption reads an option that a relay adds, each once; seen are those that it has
// added.
func (m *Message) relayOption(seen *uint64, code uint16, v []byte) bool {
	switch code {
	case opt6InterfaceID, opt6RemoteID, opt6SubscriberID, opt6ClientLink:
		if again(seen, code) {
			return false
		}
	}
	switch code {
	case opt6InterfaceID:
		m.CircuitID = v
	case opt6RemoteID:
		if len(v) < 4 {
			return false
		}
		m.RemoteEnterprise, m.RemoteID = known(uint64(binary.BigEndian.Uint32(v))), v[4:]
	case opt6SubscriberID:
		m.SubscriberID = v
	case opt6ClientLink:
		if len(v) < 3 {
			return false
		}
		m.ClientHardware, m.ClientLink = known(uint64(binary.BigEndian.Uint16(v))), v[2:]
	}
	return true
}
