package traffic

import (
	"pcapmill/ingest/packet"
)

// emit writes the packet of a step and counts it.
func (e *engine) emit(c *conversation, s *step) error {
	p := &e.out
	*p = defaults()
	e.address(c, s)
	if c.flow.Proto == packet.ProtoTCP {
		e.tcpFields(c, s)
	}
	if c.style == tiny {
		p.PadTo = 64
	}
	p.Payload = c.content(e, c, s)
	p.Extensions = c.extensions
	if c.tags != nil {
		p.VLANs, p.MPLS, p.PPPoE = c.tags.vlans, c.tags.mpls, c.tags.pppoe
	}
	if e.opt.BadChecksums > 0 && e.rng.chance(e.opt.BadChecksums) {
		p.Fault = BadL4Checksum
		e.truth.BadChecksums++
	}
	if s.again {
		c.flow.Retransmissions++
	}
	if s.late {
		c.flow.OutOfOrder++
	}
	if c.mtu > 0 && len(p.Payload) > c.mtu {
		return e.emitFragments(c, s)
	}
	e.frame = p.Append(e.frame[:0])
	return e.write(c, s, e.frame, p.ipLength, len(p.Payload))
}

// address fills the layers below transport, and the ports.
func (e *engine) address(c *conversation, s *step) {
	p, f := &e.out, &c.flow
	p.Protocol, p.TOS, p.TTL = f.Proto, c.tos, c.ttl[s.dir]
	c.id[s.dir]++
	p.Src, p.SrcPort, p.Dst, p.DstPort = f.Src, f.SrcPort, f.Dst, f.DstPort
	if s.dir == Reverse {
		p.Src, p.SrcPort, p.Dst, p.DstPort = f.Dst, f.DstPort, f.Src, f.SrcPort
		p.SrcMAC, p.DstMAC = p.DstMAC, p.SrcMAC
	}
	if f.Src.Is4() {
		p.ID, p.DontFragment = c.id[s.dir], c.mtu == 0
	} else {
		p.FlowLabel = c.base >> 12
	}
}

// tcpFields fills the TCP header.
func (e *engine) tcpFields(c *conversation, s *step) {
	p := &e.out
	p.Seq, p.Ack, p.Flags, p.Window = s.seq, s.ack, s.flags, s.window
	if s.flags&packet.RST != 0 {
		return
	}
	b := e.options[:0]
	stamp := c.stamps[s.dir] + uint32(s.at/1e6)
	if s.flags&packet.SYN != 0 {
		b = append(b, 2, 4, byte(c.mss>>8), byte(c.mss), 4, 2)
		if c.stamped {
			b = appendStamp(b, stamp, c.echoed[1-s.dir])
		}
		b = append(b, 1, 3, 3, 7)
	} else if c.stamped {
		b = appendStamp(append(b, 1, 1), stamp, c.echoed[1-s.dir])
	}
	c.echoed[s.dir] = stamp
	e.options, p.TCPOptions = b, b
}

func appendStamp(b []byte, value, echo uint32) []byte {
	return be32(be32(append(b, 8, 10), value), echo)
}

// write hands a frame to the writer and counts it. ip is the IP total length,
// payload the transport payload within it.
func (e *engine) write(c *conversation, s *step, frame []byte, ip, payload int) error {
	e.truth.count(s.at, len(frame), len(frame), packet.InFlow)
	e.mix.written[c.style].Add(uint32(len(frame)), uint32(len(frame)))
	c.flow.add(sent{
		at: s.at, dir: s.dir, wire: len(frame),
		ip: ip, payload: payload, flags: s.flags,
	})
	return e.w.WritePacket(s.at, uint32(len(frame)), frame)
}

// emitFragments writes the packet of a step as IP fragments of at most c.mtu
// bytes, 20 µs apart. The first carries the transport header.
func (e *engine) emitFragments(c *conversation, s *step) error {
	frames := Fragments(e.out, c.mtu, uint32(c.id[s.dir]))
	headers := e.out.linkLength() + 20
	if !e.out.Src.Is4() {
		headers = e.out.linkLength() + 48
		for _, ext := range e.out.Extensions {
			headers += (len(ext.Data) + 2 + 7) &^ 7
		}
	}
	for i, frame := range frames {
		payload := len(frame) - headers
		if i == 0 {
			payload -= 8
		}
		if err := e.write(c, s, frame, len(frame)-e.out.linkLength(), payload); err != nil {
			return err
		}
	}
	return nil
}

// linkLength is the number of bytes before the IP header of an Ethernet frame.
func (p *Packet) linkLength() int {
	n := 14 + 4*len(p.VLANs) + 4*len(p.MPLS)
	if p.PPPoE > 0 {
		n += 8
	}
	return n
}

// stream is the content of TCP and of encrypted datagrams: bytes that depend
// only on the flow and the position, so that a retransmission repeats them. A
// step that begins a message starts with the header of a TLS application-data
// record.
func stream(e *engine, c *conversation, s *step) []byte {
	at := (c.base + s.seq + uint32(s.dir)<<19) % poolSize
	body := e.pool[at : at+uint32(s.length)]
	if s.message < 6 || s.length < 5 {
		return body
	}
	e.body = append(e.body[:0], body...)
	copy(e.body, []byte{0x17, 3, 3, byte((s.message - 5) >> 8), byte(s.message - 5)})
	return e.body
}
