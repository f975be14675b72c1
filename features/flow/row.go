package flow

import (
	"math"

	"pcapmill/features/flow/connstate"
	"pcapmill/ingest/packet"
)

// Directions of a packet within its flow.
const (
	Fwd = 0 // from the initiator
	Rev = 1
)

// Key identifies a flow. Src is the initiator. Ports are those of the transport
// header, or what Community ID maps ICMP types to; both are 0 where there are none.
type Key struct {
	Src, Dst         packet.Addr
	SrcPort, DstPort uint16
	Protocol         uint8
	Version          uint8 // 4 or 6
	OneWay           bool  // ICMP messages without a reply type: nothing is their reverse
	Depth            uint8 // tunnel headers around the flow
	Scope            Scope // zero unless asked for
}

// Scope holds apart what has the same addresses and ports in different networks.
type Scope struct {
	VLAN   uint32 // VLAN stack, packed by packet.View.VLANKey
	Tunnel uint32 // identifier of the tunnel around the flow
}

// Canonical returns the key with its endpoints in the order of the identity, the
// same for both directions.
func (k Key) Canonical() Key {
	src, dst, sport, dport := canonical(&k)
	k.Src, k.Dst, k.SrcPort, k.DstPort = *src, *dst, sport, dport
	return k
}

// Evidence says how the initiator was found.
type Evidence uint8

// The kinds of evidence.
const (
	EvidenceFirstPacket Evidence = iota // nothing better: the sender of the first packet
	EvidenceSYN                         // the first packet is a SYN
	EvidenceSYNACK                      // the first packet is a SYN+ACK: its sender is the responder
	EvidencePort                        // no handshake seen; the first sender's port is a well-known one
	EvidenceICMP                        // ICMP request or reply type
)

var evidenceNames = []string{"first_packet", "syn", "syn_ack", "port", "icmp"}

// EndReason says why a flow piece ended.
type EndReason uint8

// The reasons; IPFIX has codes 1 to 5 for them (RFC 5102, flowEndReason).
const (
	EndNone    EndReason = iota
	EndIdle              // 1: no packet for the idle timeout
	EndActive            // 2: cut by the active timeout; the connection goes on in the next piece
	EndClosed            // 3: TCP closed in both directions
	EndReset             // 3: TCP reset
	EndReused            // 3: a new connection began on the same addresses and ports
	EndCapture           // 4: the capture ended
	EndEvicted           // 5: a resource limit
)

var (
	endNames = []string{"none", "idle_timeout", "active_timeout", "tcp_closed", "tcp_reset", "ports_reused", "end_of_capture", "evicted"}
	endIPFIX = [...]int32{0, 1, 2, 3, 3, 3, 4, 5}
)

// Row is the state of one flow piece. What each packet touches comes first and is
// laid out in cache lines of 64 bytes, because with many flows open the time goes
// into fetching them; sides[Fwd] and sides[Rev] keep what is counted per direction.
type Row struct {
	Key         Key
	LastTime    packet.Nanos // latest packet time
	LastOrdinal uint32       // low bits of the last packet's run-wide number
	progress    progress
	begun       bool // has a packet
	Evidence    Evidence
	End         EndReason

	LastClock  packet.Nanos // clock at the last packet: what idle timeouts run from
	StartClock packet.Nanos // clock at the piece's first packet: what active timeouts run from
	gap        gapSpread
	lastData   uint8 // direction of the last data packet, from 1; 0: none
	_          [15]byte

	Conn connstate.State // what every packet needs of it is one line

	handshake    handshake
	activity     activity
	StartTime    packet.Nanos // time of the piece's first packet
	Close        packet.Nanos // logical close instant, set when the piece ends
	StartOrdinal int64        // run-wide number of the piece's first packet
	FirstIndex   int64        // number of that packet within its capture, from 1
	ConnStart    packet.Nanos // StartTime of the connection's first piece
	Parent       int64        // flow_id of the tunnel flow around the first packet, where HasParent
	Repeat       uint32       // tells flows of the same key and start apart; 0 where the start does
	ConnRepeat   uint32       // the same for the connection's first piece
	Capture      int32        // input number of the piece's first packet
	PieceNo      int32        // from 0
	Epoch        int32        // independent stretch of input
	late         uint32       // packets before LastTime that were not put in order
	disorder     uint32       // packets before LastTime
	ICMPCode     uint8        // of the first packet
	Carries      bool         // some packet holds an inner layer
	HasParent    bool
	App          uint8 // protocol of its messages among those that are looked for, from 1; 0: none recognised
	_            [3]byte

	sides [2]side

	periods periods
	marks   marks
	link    linkLayer
	tunnel  tunnel
}

// RowBytes is the size of a Row.
const RowBytes = 20 * 64

// side is the state of one direction: three cache lines that packets change, two
// that hold what is rare.
type side struct {
	volume volume
	wire   sizes
	ttl    ttls
	seen   tcpSeen

	gap   gapSpread
	flags flagCounts

	pay  sizes
	bulk bulk
	tcp  tcpSide

	rare rare
}

// rare is what only few packets of a direction change.
type rare struct {
	bulks     bulkSums
	tcp       tcpRare
	wireSqHi  uint32       // carries out of wire.sq
	paySqHi   uint32       // carries out of pay.sq
	shortfall int64        // wire bytes less captured ones
	first     packet.Nanos // time of the direction's first packet
	disorder  uint32       // packets before the direction's latest time
	ce        uint32       // packets marked congestion experienced
	payload   payloadSample
	tosFirst  uint8
}

// Options are the settings that families need.
type Options struct {
	PayloadBytes int // bytes of the first payload that entropy looks at
}

// connStates are conn_state's words, indexed by connstate.Code.
var connStates = connstate.CodeNames()

// Begin starts a Row for the first packet of a flow. The caller has set Key,
// Evidence and the identity fields.
func (r *Row) Begin(v *packet.View) {
	r.StartTime, r.LastTime = v.Time, v.Time
	r.StartClock, r.LastClock = v.Clock, v.Clock
	r.StartOrdinal, r.LastOrdinal = v.Ordinal, uint32(v.Ordinal)
}

// Observe counts one packet. Begin must have been called for the first one.
func (r *Row) Observe(b *packet.Block, v *packet.View, dir int, o *Options) {
	s := &r.sides[dir]
	gap := v.Time - r.LastTime
	switch {
	case !r.begun:
		r.link.observe(b, v, dir)
		r.tunnel.kind, r.tunnel.id = v.Tunnel, v.TunnelID
		r.activity.start = v.Time
		r.begun = true
	case gap >= 0:
		r.gap.add(gap)
		if gap > subflowThreshold {
			r.pause(v.Time, gap)
		}
		r.LastTime = v.Time
	default:
		r.disorder++
		if v.Quality&packet.Late != 0 || !v.IsFragment() { // fragments wait for their datagram
			r.late++
		}
	}
	r.LastClock, r.LastOrdinal = v.Clock, uint32(v.Ordinal)
	if s.volume.packets > 0 {
		s.next(v)
	} else {
		s.first(v)
	}
	s.volume.observe(v)
	s.unusual(v)
	if carry := s.wire.observe(v.WireLen); carry != 0 {
		s.rare.wireSqHi += carry
	}
	r.marks.observe(v)
	if v.Protocol == packet.ProtoTCP && v.L4Len != 0 {
		s.segment(b, v)
		if r.progress < handshaken {
			r.shakeHands(v, dir)
		}
	}
	if v.PayloadLen > 0 {
		r.data(b, v, dir, o)
	}
}

// first notes what a direction's first packet says.
func (s *side) first(v *packet.View) {
	s.volume.last, s.rare.first = v.Time, v.Time
	s.ttl = ttls{v.TTL, v.TTL}
	s.rare.tosFirst = v.TOS
}

// next notes how a packet follows the direction's earlier ones.
func (s *side) next(v *packet.View) {
	if gap := v.Time - s.volume.last; gap >= 0 {
		s.gap.add(gap)
		s.volume.last = v.Time
	} else {
		s.rare.disorder++
	}
	s.ttl.observe(v)
}

// unusual counts what few packets have.
func (s *side) unusual(v *packet.View) {
	if v.TOS&congestion == congestion {
		s.rare.ce++
	}
	if v.CapLen != v.WireLen {
		s.rare.shortfall += int64(v.WireLen) - int64(v.CapLen)
	}
}

// data counts a packet with payload.
func (r *Row) data(b *packet.Block, v *packet.View, dir int, o *Options) {
	s := &r.sides[dir]
	again := r.lastData == uint8(dir)+1
	r.lastData = uint8(dir) + 1
	s.volume.data++
	if carry := s.pay.observe(v.PayloadLen); carry != 0 {
		s.rare.paySqHi += carry
	}
	s.bulk.observe(v, again, &s.rare.bulks)
	s.rare.payload.observe(b, v, o)
}

// Begun reports whether a packet was observed.
func (r *Row) Begun() bool { return r.begun }

// Packets returns the packets counted so far.
func (r *Row) Packets() uint64 {
	return uint64(r.sides[Fwd].volume.packets) + uint64(r.sides[Rev].volume.packets)
}

// TouchHead loads one word of each cache line that packets of either direction
// change. The sum means nothing; the caller must keep it so that the loads are made.
func (r *Row) TouchHead() uint64 {
	return uint64(r.Key.Protocol) + uint64(r.StartClock) + r.Conn.Touch()
}

// TouchSide does the same for the lines that packets of one direction change.
func (r *Row) TouchSide(dir int) uint64 {
	s := &r.sides[dir]
	return uint64(s.volume.packets) + s.gap.sqLo + uint64(s.tcp.next)
}

// warm loads a word of every 64 bytes of the Row, front to back. Filling walks
// over the tile column by column, in strides that no prefetcher follows; read in
// order once, the lines are there.
func (r *Row) warm() uint64 {
	sum := r.TouchHead() + r.Conn.TouchRest() + uint64(r.StartTime) + uint64(r.Repeat) + r.TouchSide(Fwd) + r.TouchSide(Rev)
	sum += r.periods.active.n + r.periods.idle.sqLo + uint64(r.marks.n[0]) + uint64(r.link.flags)
	for i := range r.sides {
		s := &r.sides[i]
		sum += s.rare.bulks.packets + uint64(s.rare.first)
	}
	return sum
}

// Full reports whether the piece has as many packets in one direction as its 32-bit
// counters can hold; it must be cut.
func (r *Row) Full(dir int) bool { return r.sides[dir].volume.packets == math.MaxUint32 }

// WireBytes returns the wire bytes counted so far.
func (r *Row) WireBytes() uint64 {
	return r.sides[Fwd].volume.wireBytes + r.sides[Rev].volume.wireBytes
}

// PacketsOf returns the packets of one direction counted so far.
func (r *Row) PacketsOf(dir int) uint64 { return uint64(r.sides[dir].volume.packets) }

// WireBytesOf returns their wire bytes.
func (r *Row) WireBytesOf(dir int) uint64 { return r.sides[dir].volume.wireBytes }

// CapturedBytes returns the captured bytes counted so far.
func (r *Row) CapturedBytes() uint64 {
	return r.WireBytes() - uint64(r.sides[Fwd].rare.shortfall+r.sides[Rev].rare.shortfall)
}

// Flip exchanges initiator and responder of a flow with packets.
func (r *Row) Flip() {
	k := &r.Key
	k.Src, k.Dst = k.Dst, k.Src
	k.SrcPort, k.DstPort = k.DstPort, k.SrcPort
	r.sides[Fwd], r.sides[Rev] = r.sides[Rev], r.sides[Fwd]
	if r.lastData != 0 {
		r.lastData = Fwd + Rev + 2 - r.lastData
	}
	r.link.rev = !r.link.rev
	r.handshake, r.progress = handshake{}, noHandshake
}

// NextPiece turns an ended piece into the empty state of the connection's next
// one: identity, orientation, connection state and sequence tracking carry over,
// all counts restart.
func (r *Row) NextPiece() {
	next := Row{
		Key: r.Key, Evidence: r.Evidence, ICMPCode: r.ICMPCode, Conn: r.Conn,
		ConnStart: r.ConnStart, ConnRepeat: r.ConnRepeat, PieceNo: r.PieceNo + 1, Epoch: r.Epoch,
		App: r.App,
	}
	r.carryHandshake(&next)
	for dir := range r.sides {
		next.sides[dir] = r.sides[dir].carry()
	}
	*r = next
}
