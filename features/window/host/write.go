package host

import "pcapmill/features/flow"

// write writes what there is of a window.
func (b *Book) write(t *tiling, p *page, part int32) error {
	f := &frame{start: t.grid.Start(p.number), length: t.grid.Length, capture: b.capture, part: part}
	s := &b.settled
	s.settle(p.flows)
	defer func() { s.flows = nil }() // which are over
	if err := b.writePairs(t, f, s); err != nil || b.hosts == nil {
		return err
	}
	s.sumServed()
	return b.writeHosts(t, f, p.seen, s)
}

// writeHosts writes the hosts that packets or flows have, in the order of addresses.
func (b *Book) writeHosts(t *tiling, f *frame, packets *Seen, s *settled) error {
	if packets == nil {
		packets = &Seen{}
	}
	at, place := 0, 0
	for at < len(packets.order) || place < len(s.order) {
		row, err := b.hosts.Next()
		if err != nil {
			return err
		}
		*row = hostRow{frame: f, heard: &b.cfg.Heard, seen: &b.none.seen, known: &b.none.known, sums: &b.none.sums, said: &b.none.said}
		before := 1 // which of the two comes first
		switch {
		case place == len(s.order):
			before = -1
		case at < len(packets.order):
			k, h := packets.known.at(packets.order[at]), s.hosts.at(s.order[place])
			before = rankOf(&k.addr, k.version).compare(rankOf(&h.addr, h.version))
		}
		if before <= 0 {
			row.setPackets(packets, at)
			at++
		}
		if before >= 0 {
			row.setFlows(s, place)
			place++
		}
		t.hostSum.Packets += int64(row.packets(out))
		t.hostSum.WireBytes += int64(row.seen.bytes[out])
	}
	b.hosts.Fill() // the rows point into the window
	return nil
}

func (r *hostRow) setPackets(s *Seen, at int) {
	k := s.known.at(s.order[at])
	r.addr, r.version, r.seen, r.known = k.addr, k.version, &s.hosts[s.order[at]], k
	if k.period > 0 {
		r.period = &s.periods[k.period-1]
	}
}

func (r *hostRow) setFlows(s *settled, place int) {
	h := s.hosts.at(s.order[place])
	r.addr, r.version, r.sums = h.addr, h.version, &s.sums[place]
	if h.said > 0 {
		r.said = &s.said[h.said]
	}
}

// writePairs writes the pairs, where they are wanted, and sums them up by host.
func (b *Book) writePairs(t *tiling, f *frame, s *settled) error {
	err := s.eachPair(func(p *pair, first *startReader) error {
		s.sum(p)
		t.pairSum.Packets += int64(p.packets[flow.Fwd] + p.packets[flow.Rev])
		t.pairSum.WireBytes += int64(p.bytes[flow.Fwd] + p.bytes[flow.Rev])
		if b.pairs == nil {
			return nil
		}
		row, err := b.pairs.Next()
		if err != nil {
			return err
		}
		src, dst := s.hosts.at(s.order[p.src]), s.hosts.at(s.order[p.dst])
		*row = pairRow{frame: f, src: &src.addr, dst: &dst.addr, version: src.version, pair: *p, starts: first.read()}
		return nil
	})
	if err != nil || b.pairs == nil {
		return err
	}
	b.pairs.Fill()
	return nil
}
