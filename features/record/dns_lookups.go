package record

import "pcapmill/features/record/dns"

// ask notes what a query asks for, or a response says, in the flow's row.
func (p *dnsParser) ask(c *Conversation, m *dns.Message) {
	asked := c.Row().Asked(c.Spares.apps())
	if m.Response() {
		asked.Responses++
		if m.Rcode == rcodeNXDomain {
			asked.NXDomain++
		}
		return
	}
	asked.Queries++
	for i := range m.Questions {
		p.lower = appendLower(p.lower[:0], m.Bytes(m.Questions[i].Name))
		c.texts += int64(asked.Ask(p.lower))
	}
}

// rcodeNXDomain says that there is no such name (RFC 1035 §4.1.1, RFC 2308).
const rcodeNXDomain = 3

// appendLower appends a name in lower case, as DNS compares ASCII alone without it
// (RFC 4343).
func appendLower(dst, name []byte) []byte {
	for _, b := range name {
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		dst = append(dst, b)
	}
	return dst
}
