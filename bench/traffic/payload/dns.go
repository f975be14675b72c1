package payload

import (
	"net/netip"
	"strings"
)

// The types of DNS records that the questions ask for.
const (
	TypeA     = 1
	TypeCNAME = 5
	TypeSOA   = 6
	TypeAAAA  = 28
	TypeOPT   = 41
	TypeHTTPS = 65
)

// DNS is one message (RFC 1035).
type DNS struct {
	ID     uint16
	Name   string // of the question, without the final dot
	Type   uint16
	Answer bool
	RCode  uint8        // of the answer
	Alias  string       // the name is an alias of this one; empty: it is none
	Addrs  []netip.Addr // of A, AAAA; hints of HTTPS
	TTL    uint32
	EDNS   bool // an OPT record without options, payload size 1,232
}

// AppendDNS appends a message. An answer without addresses has a start of
// authority in their place (RFC 2308).
func AppendDNS(b []byte, d DNS) []byte {
	start := len(b)
	b = be16(b, int(d.ID))
	b = append(b, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0)
	b = appendName(b, d.Name)
	b = be16(be16(b, int(d.Type)), 1)
	head := b[start:]
	if d.Answer {
		head[2], head[3] = 0x81, 0x80|d.RCode
		b = d.appendRecords(b, start)
	}
	if d.EDNS {
		b[start+11] = 1
		b = append(b, 0, 0, TypeOPT, 1232>>8, 1232&0xff, 0, 0, 0, 0, 0, 0)
	}
	return b
}

// appendRecords appends answers or the authority, and counts them.
func (d *DNS) appendRecords(b []byte, start int) []byte {
	owner := 12
	if d.Alias != "" {
		b = d.appendHead(b, owner, TypeCNAME)
		at := len(b)
		b = appendName(append(b, 0, 0), d.Alias)
		set16(b, at)
		owner = at + 2 - start
		b[start+7]++
	}
	switch {
	case len(d.Addrs) == 0:
		b[start+9] = 1
		return d.appendAuthority(b)
	case d.Type == TypeHTTPS:
		b[start+7]++
		return d.appendService(b, owner)
	}
	for _, a := range d.Addrs {
		b = d.appendHead(b, owner, int(d.Type))
		raw := a.AsSlice()
		b = append(be16(b, len(raw)), raw...)
		b[start+7]++
	}
	return b
}

// appendHead appends owner, type, class and time to live of a record.
func (d *DNS) appendHead(b []byte, owner, typ int) []byte {
	b = be16(b, 0xc000|owner)
	b = be16(be16(b, typ), 1)
	return be32(b, d.TTL)
}

// appendAuthority appends the SOA record of the name's parent.
func (d *DNS) appendAuthority(b []byte) []byte {
	parent := 13 + strings.IndexByte(d.Name, '.')
	b = d.appendHead(b, parent, TypeSOA)
	at := len(b)
	b = append(b, 0, 0)
	b = append(b, 3, 'n', 's', '1')
	b = be16(b, 0xc000|parent)
	b = append(b, 5, 'a', 'd', 'm', 'i', 'n')
	b = be16(b, 0xc000|parent)
	for _, v := range [...]uint32{2026030201, 7200, 900, 1209600, 300} {
		b = be32(b, v)
	}
	set16(b, at)
	return b
}

// appendService appends an HTTPS record with the protocols of the server and its
// addresses as hints (RFC 9460).
func (d *DNS) appendService(b []byte, owner int) []byte {
	b = d.appendHead(b, owner, TypeHTTPS)
	at := len(b)
	b = append(b, 0, 0, 0, 1, 0)
	b = append(b, 0, 1, 0, 6, 2, 'h', '3', 2, 'h', '2')
	key, size := 4, 4
	if d.Addrs[0].Is6() {
		key, size = 6, 16
	}
	b = be16(be16(b, key), size*len(d.Addrs))
	for _, a := range d.Addrs {
		b = append(b, a.AsSlice()...)
	}
	set16(b, at)
	return b
}

// appendName appends a name as labels.
func appendName(b []byte, name string) []byte {
	for name != "" {
		label, rest, _ := strings.Cut(name, ".")
		b = append(b, byte(len(label)))
		b = append(b, label...)
		name = rest
	}
	return append(b, 0)
}
