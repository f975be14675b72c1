package dhcp

import (
	"bytes"
	"encoding/binary"
)

// Where the fixed fields of DHCPv4 are (RFC 2131 §2).
const (
	atID       = 4
	atSeconds  = 8
	atFlags    = 10
	atClientIP = 12
	atLink     = 28
	atServer   = 44
	atFile     = 108
	atCookie   = 236
	atOptions  = 240
)

// cookie stands before the options (RFC 2131 §3).
const cookie = 0x63825363

// maxLink is the longest link-layer address that the fixed fields hold.
const maxLink = 16

// Parse4 reads a message of DHCPv4 or BOOTP. On an error, a *Error, what comes before it
// is there.
func (m *Message) Parse4(b []byte) error {
	m.reset(4)
	m.fixed(b)
	switch {
	case len(b) < atCookie:
		return &Error{Header, len(b)}
	case len(b) < atOptions || binary.BigEndian.Uint32(b[atCookie:]) != cookie:
		m.texts(b)
		return withoutOptions(b[atCookie:])
	}
	err := m.options4(b)
	m.texts(b)
	return err
}

// withoutOptions holds that a message of BOOTP has nothing in the vendor's area.
func withoutOptions(area []byte) error {
	for _, c := range area {
		if c != 0 {
			return &Error{Cookie, atCookie}
		}
	}
	return nil
}

// fixed reads the fixed fields, as far as they are there.
func (m *Message) fixed(b []byte) {
	f := &m.BOOTP
	if len(b) >= atSeconds {
		f.Op, m.ClientHardware, f.Hops = known(uint64(b[0])), known(uint64(b[1])), known(uint64(b[3]))
		m.ID = known(uint64(binary.BigEndian.Uint32(b[atID:])))
	}
	if len(b) >= atClientIP {
		m.Elapsed = known(1000 * uint64(binary.BigEndian.Uint16(b[atSeconds:])))
		f.Flags = known(uint64(binary.BigEndian.Uint16(b[atFlags:])))
	}
	if len(b) >= atLink {
		f.ClientIP, f.YourIP, f.NextServer, f.RelayIP = b[12:16], b[16:20], b[20:24], b[24:28]
	}
	if len(b) >= atServer {
		m.ClientLink = b[atLink:][:min(b[2], maxLink)]
	}
}

// texts reads the server's name and the boot file where they hold no options.
func (m *Message) texts(b []byte) {
	if m.BOOTP.Overload.Value&overServer == 0 {
		m.ServerName = orElse(m.ServerName, terminated(b[atServer:atFile]))
	}
	if m.BOOTP.Overload.Value&overFile == 0 {
		m.BootFile = orElse(m.BootFile, terminated(b[atFile:atCookie]))
	}
}

func orElse(option, field []byte) []byte {
	if option != nil {
		return option
	}
	return field
}

// terminated returns the text before the first zero, nil for none.
func terminated(b []byte) []byte {
	if end := bytes.IndexByte(b, 0); end >= 0 {
		b = b[:end]
	}
	if len(b) == 0 {
		return nil
	}
	return b
}
