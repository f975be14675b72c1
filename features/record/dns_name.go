package record

import (
	"bytes"
	"net/netip"
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

// maxAliases is how many CNAMEs are followed (Unbound follows 11, BIND 16).
const maxAliases = 16

// names tells what a response with addresses says to its receiver: the name that was
// asked for, of each address that a chain of CNAMEs leads to.
func (ts *Tables) names(p *Packet, m *dns.Message) {
	if !m.Response() || m.Rcode != 0 || len(m.Questions) != 1 {
		return
	}
	answers := m.Sections[dns.Answers]
	owner, ttl, name := m.Bytes(m.Questions[0].Name), ^uint32(0), ""
	for range maxAliases + 1 {
		alias := -1
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
				if err != nil || addr.Is4() != (r.Type == dns.TypeA) {
					continue
				}
				if name == "" {
					name = strings.ToLower(string(m.Bytes(m.Questions[0].Name)))
				}
				ts.Names = append(ts.Names, Name{Client: p.Dst, Addr: addr.As16(), Name: name, TTL: min(ttl, r.TTL)})
			}
		}
		if alias < 0 {
			return
		}
		owner, ttl = m.Bytes(answers[alias].Data), min(ttl, answers[alias].TTL)
	}
}
