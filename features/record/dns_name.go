package record

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"

	"pcapmill/features/record/dns"
	"pcapmill/ingest/packet"
)

// Name is what DNS called an address.
type Name struct {
	Client packet.Addr // that was told
	Addr   packet.Addr
	Name   string
	TTL    uint32 // seconds, the least of the records that lead to Addr
}

const (
	maxAliases = 16  // CNAMEs that are followed (Unbound follows 11, BIND 16)
	maxTold    = 64  // addresses of a message
	maxName    = 255 // bytes that a flow's row has of a name
)

// names tells what a response with addresses says to its receiver: the name that was
// asked for, of each address that a chain of CNAMEs leads to. A chain that comes back to
// where it was ends there.
func (ts *Tables) names(p *Packet, m *dns.Message) {
	if !m.Response() || m.Rcode != 0 || len(m.Questions) != 1 {
		return
	}
	answers := m.Sections[dns.Answers]
	owner, ttl, name := m.Bytes(m.Questions[0].Name), ^uint32(0), ""
	left, followed := maxTold, make([]int, 0, maxAliases)
	for len(followed) <= maxAliases {
		alias, before := -1, len(ts.Names)
		for i := range answers {
			r := &answers[i]
			if r.Malformed || !bytes.EqualFold(m.Bytes(r.Name), owner) {
				continue
			}
			switch r.Type {
			case dns.TypeCNAME:
				alias = i
			case dns.TypeA, dns.TypeAAAA:
				addr, err := netip.ParseAddr(string(m.Bytes(r.Data)))
				if err != nil || addr.Is4() != (r.Type == dns.TypeA) || left == 0 {
					continue
				}
				if left--; name == "" {
					asked := m.Bytes(m.Questions[0].Name)
					name = strings.ToLower(string(asked[:min(len(asked), maxName)]))
				}
				ts.Names = append(ts.Names, Name{Client: p.Dst, Addr: addr.As16(), Name: name, TTL: min(ttl, r.TTL)})
			}
		}
		if slices.Contains(followed, alias) {
			ts.Names = ts.Names[:before] // they were told already
			return
		}
		if alias < 0 {
			return
		}
		followed = append(followed, alias)
		owner, ttl = m.Bytes(answers[alias].Data), min(ttl, answers[alias].TTL)
	}
}
