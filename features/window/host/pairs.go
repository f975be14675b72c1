package host

import (
	"math"

	"pcapmill/features/flow"
	"pcapmill/features/prefetch"
	"pcapmill/ingest/packet"
)

// pair is what the flows of an initiator with a responder's port come to.
type pair struct {
	src, dst uint32 // places of the hosts in the order of addresses
	port     uint16 // 0 where the protocol has none
	protocol uint8
	apps     uint64 // bits of flow.Row.App, of first pieces
	flows    int64  // first pieces
	failed   int64  // of these
	pieces   int64
	packets  [2]uint64 // by direction
	bytes    [2]uint64
	duration packet.Nanos // of the pieces, together
	longest  packet.Nanos
}

// add counts a piece.
func (p *pair) add(of *piece) {
	p.pieces++
	for dir := range p.packets {
		p.packets[dir] += uint64(of.packets[dir])
		p.bytes[dir] += of.bytes[dir]
	}
	p.duration += min(of.lasted, math.MaxInt64-p.duration) // absurd times are times too
	p.longest = max(p.longest, of.lasted)
	if of.first {
		p.flows++
	}
	if of.first && of.app > 0 {
		p.apps |= 1 << (of.app - 1)
	}
	if of.failed {
		p.failed++
	}
}

// piecesAhead is how many pieces are fetched together.
const piecesAhead = 16

// eachPair calls each with the pairs of a window in the order of the table, and what
// their first pieces say.
func (s *settled) eachPair(each func(p *pair, first *startReader) error) error {
	from, p := uint32(0), pair{}
	for src, to := range s.ends {
		for from < to {
			p = pair{src: uint32(src), dst: s.keys[from].responder(), port: s.keys[from].port(), protocol: s.keys[from].protocol()}
			s.starts.begin()
			for order := s.keys[from].order; from < to && s.keys[from].order == order; from++ {
				s.expect(from)
				of := s.flows.pieces.at(s.keys[from].piece)
				if p.add(of); of.first {
					s.starts.add(of.start, of.bytes[flow.Fwd])
				}
			}
			if err := each(&p, &s.starts); err != nil {
				return err
			}
		}
	}
	return nil
}

// expect asks for pieces whose turn comes soon, many in a row: see flows.expect.
func (s *settled) expect(at uint32) {
	if at%piecesAhead != 0 {
		return
	}
	for _, k := range s.keys[min(int(at)+piecesAhead, len(s.keys)):min(int(at)+2*piecesAhead, len(s.keys))] {
		prefetch.Write(s.flows.pieces.at(k.piece))
	}
}
