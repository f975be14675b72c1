package connstate

import "pcapmill/ingest/packet"

// Side is an end of a connection, or the direction of a packet by its sender.
type Side uint8

// The sides. Their values index arrays of two.
const (
	Orig Side = iota // the originator: who opened the connection
	Resp             // the responder
)

// State is what is known of one connection. The zero value is a connection of
// which nothing was seen. It holds no pointers and may be copied.
//
// What most packets need of it are its first 64 bytes.
type State struct {
	last packet.Nanos // clock at the last packet that counts as activity
	ends [2]endpoint

	kind        kind
	letterCount uint8
	flags       connFlags
	_           [4]byte
	mark        packet.Nanos // clock of the event that the attempt, half-close or close timer runs from
	history     history
	rare        [2]rare
}

// Touch loads a word of what each packet changes: see flow.Row.
func (s *State) Touch() uint64 { return uint64(s.kind) }

// TouchRest does the same for what is behind that.
func (s *State) TouchRest() uint64 { return s.history[0] + uint64(s.rare[Resp].finEnd) }

// endpoint is one side of a TCP connection, as far as each packet needs it.
// Sequence positions are in bytes of payload from the first one, modulo 2³²;
// start, next and acked are as on the wire.
type endpoint struct {
	start     uint32 // sequence number of the SYN, or one before the first byte seen
	next      uint32 // one past the highest sequence number sent
	acked     uint32 // highest acknowledgement of this side's bytes
	delivered uint32 // position up to which all bytes were seen or given up
	top       uint32 // position up to which any byte was seen

	state phase
	prior phase // the state before
	flags endFlags
	seen  uint8 // history letters seen once; belongs to the side, not to the host
}

// rare is what only few packets of a side touch.
type rare struct {
	islands [2]island // bytes seen beyond delivered, in order, not adjacent
	counts  [4]uint32 // of c, g, t and w, saturating
	lastSYN uint32    // sequence numbers behind the last s or h, f and r, from start
	lastFIN uint32
	lastRST uint32
	finEnd  uint32 // one past the last FIN, from start
}

// island is a range of positions.
type island struct{ from, to uint32 }

// phase is an endpoint's state; the package comment says what each means.
type phase uint8

const (
	inactive phase = iota
	synSent
	synAckSent
	partial
	established
	closed
	reset
)

// opening reports whether the endpoint has not got beyond a handshake.
func (p phase) opening() bool { return p <= synAckSent }

// absent reports whether the side is taken as never having taken part.
func (p phase) absent() bool { return p == inactive || p == partial }

// kind is the family of rules a connection follows, fixed by its first packet.
type kind uint8

const (
	kindNone kind = iota
	kindTCP
	kindUDP
	kindICMP
	kindOther
)

type connFlags uint16

const (
	flagPartial     connFlags = 1 << iota // began without a handshake
	flagOrigSeen                          // a packet of the originator was followed
	flagRespSeen                          // the same of the responder
	flagAttempt                           // mark is the time of the originator's first SYN
	flagComplete                          // mark is the time the connection closed
	flagDeferred                          // a close waits for missing bytes
	flagHandshaken                        // some side got beyond the handshake
	flagLogin                             // established to a port of an interactive service
	flagDNS                               // UDP to a port that Zeek takes for DNS
	flagHistoryFull                       // letters were dropped
)

type endFlags uint8

const (
	endClosed     endFlags = 1 << iota // its close took effect
	endEOF                             // all its bytes up to its close were seen
	endFIN                             // it sent a FIN
	endGivenUp                         // too much unacknowledged: gaps are no longer followed
	endWide                            // it sent more than 1 GiB: positions compare modulo 2³²
	endOneIsland                       // rare.islands[0] is in use
	endTwoIslands                      // rare.islands[1] is in use
)

func (e *endpoint) has(f endFlags) bool  { return e.flags&f != 0 }
func (s *State) has(f connFlags) bool    { return s.flags&f != 0 }
func (s *State) isClosed(side Side) bool { return s.ends[side].has(endClosed) }

// enter changes the endpoint's state and remembers the one before.
func (s *State) enter(side Side, to phase) {
	e := &s.ends[side]
	if to == e.state {
		return
	}
	if !to.opening() && e.state.opening() && s.ends[side^1].state.opening() {
		s.flags |= flagHandshaken
	}
	e.prior, e.state = e.state, to
}

// Blank reports whether no header of a TCP connection was seen, but pieces of its packets.
func (s *State) Blank() bool { return s.kind == kindTCP && s.flags == 0 && s.letterCount == 0 }

// Flip swaps originator and responder and notes it with a ^ in the history.
// Call it before the first Packet where the first packet's sender is the
// responder (StartsFlipped), or later when content proves it.
func (s *State) Flip() {
	s.append(letterFlip)
	s.swap()
}

func (s *State) swap() {
	s.ends[Orig], s.ends[Resp] = s.ends[Resp], s.ends[Orig]
	s.rare[Orig], s.rare[Resp] = s.rare[Resp], s.rare[Orig]
	s.ends[Orig].seen, s.ends[Resp].seen = s.ends[Resp].seen, s.ends[Orig].seen
	seen := s.flags & (flagOrigSeen | flagRespSeen)
	s.flags &^= flagOrigSeen | flagRespSeen | flagPartial
	if seen&flagOrigSeen != 0 {
		s.flags |= flagRespSeen
	}
	if seen&flagRespSeen != 0 {
		s.flags |= flagOrigSeen
	}
}
