package record

import (
	"encoding/binary"

	"pcapmill/features/record/begin"
	"pcapmill/features/record/dns"
)

// lengthBytes precede each message in a stream (RFC 1035 §4.2.2).
const lengthBytes = 2

// Begins implements StreamParser. Its length, then a header that fits it.
func (p *dnsParser) Begins(head []byte, src, dst uint16) begin.Answer {
	if _, hinted := dns.Hint(src, dst); !hinted {
		return begin.No // too little is in a header to tell it from others
	}
	if len(head) < lengthBytes+dns.HeaderBytes {
		return begin.Perhaps
	}
	if dns.Plausible(head[lengthBytes:], int(binary.BigEndian.Uint16(head))) {
		return begin.Yes
	}
	return begin.No
}

// Stream implements StreamParser.
func (p *dnsParser) Stream(c *Conversation, pkt *Packet, data []byte, out *Rows) (used, need int, err error) {
	for {
		rest := data[used:]
		if len(rest) < lengthBytes {
			return used, lengthBytes, nil
		}
		end := lengthBytes + int(binary.BigEndian.Uint16(rest))
		if len(rest) < end {
			return used, end, nil
		}
		message := rest[lengthBytes:end]
		if err := p.one(c, pkt, message, false, out); err != nil {
			if len(message) < dns.HeaderBytes || !dns.Plausible(message, len(message)) {
				return used, 0, err // this was no length
			}
			p.tables.Faults = append(p.tables.Faults, err)
		}
		used += end
	}
}

// Gap implements StreamParser: where the next message begins is not known.
func (p *dnsParser) Gap(*Conversation, *Packet, int64) bool { return false }
