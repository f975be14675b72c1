package traffic

import (
	"encoding/json"
	"net/netip"

	"pcapmill/ingest/packet"
)

// PacketWriter takes packets in time order. data is valid during the call only.
// The writers of ingest/capfile satisfy it.
type PacketWriter interface {
	WritePacket(ts packet.Nanos, wireLen uint32, data []byte) error
}

// Truth totals one capture.
type Truth struct {
	packet.Tally // all packets

	Flows           int64                    `json:"flows"` // conversations: distinct tuples of addresses, ports, protocol
	FirstNs         packet.Nanos             `json:"first_ns"`
	LastNs          packet.Nanos             `json:"last_ns"`
	IPv6Flows       int64                    `json:"ipv6_flows"`
	BadChecksums    int64                    `json:"bad_checksums"`   // packets written with a wrong transport checksum
	Retransmissions int64                    `json:"retransmissions"` // TCP segments with payload sent again
	OutOfOrder      int64                    `json:"out_of_order"`    // TCP segments sent after a later one
	MaxOpen         int                      `json:"max_open"`        // most conversations with packets still to come
	ByProtocol      map[uint8]*ProtocolTruth `json:"by_protocol"`
	ByOutcome       Outcomes                 `json:"by_outcome"`
	ByState         map[string]int64         `json:"by_state"` // flows by State
	Messages        Messages                 `json:"messages"` // of application protocols
}

// Outcomes are totals indexed by packet.Outcome. In JSON it is an object by
// outcome name without the empty ones.
type Outcomes [packet.NumOutcomes]packet.Tally

// MarshalJSON implements json.Marshaler.
func (o Outcomes) MarshalJSON() ([]byte, error) {
	byName := map[string]packet.Tally{}
	for i, t := range o {
		if t.Packets > 0 {
			byName[packet.Outcome(i).String()] = t
		}
	}
	return json.Marshal(byName)
}

// ProtocolTruth totals one IP protocol.
type ProtocolTruth struct {
	packet.Tally
	Flows int64 `json:"flows"`
}

// FlowTruth is one conversation as written. Forward is the initiator's
// direction. Times are packet times; lengths follow the glossary: wire is the
// frame, ip the IP total length, payload the transport payload.
type FlowTruth struct {
	Src     netip.Addr   `json:"src"`
	SrcPort uint16       `json:"sport"` // 0 in ICMP
	Dst     netip.Addr   `json:"dst"`
	DstPort uint16       `json:"dport"`
	Proto   uint8        `json:"proto"`
	VLANs   []uint16     `json:"vlan,omitempty"` // outermost first
	FirstNs packet.Nanos `json:"first_ns"`
	LastNs  packet.Nanos `json:"last_ns"`

	FwdPackets      int64 `json:"fwd_packets"`
	RevPackets      int64 `json:"rev_packets"`
	FwdWireBytes    int64 `json:"fwd_wire_bytes"`
	RevWireBytes    int64 `json:"rev_wire_bytes"`
	FwdIPBytes      int64 `json:"fwd_ip_bytes"`
	RevIPBytes      int64 `json:"rev_ip_bytes"`
	FwdPayloadBytes int64 `json:"fwd_payload_bytes"`
	RevPayloadBytes int64 `json:"rev_payload_bytes"`

	SYN             int64 `json:"syn"` // packets with the flag, both directions
	FIN             int64 `json:"fin"`
	RST             int64 `json:"rst"`
	Retransmissions int64 `json:"retransmissions"`
	OutOfOrder      int64 `json:"out_of_order"`

	// State is Zeek's conn_state for this conversation, read as one flow.
	State string `json:"state"`

	Said // by the applications
}

// sent is what one packet adds to its flow.
type sent struct {
	at      packet.Nanos
	dir     Direction
	wire    int
	ip      int
	payload int
	flags   uint16 // TCP
}

// add counts one packet.
func (f *FlowTruth) add(s sent) {
	if f.FwdPackets+f.RevPackets == 0 {
		f.FirstNs = s.at
	}
	f.LastNs = s.at
	f.SYN += int64(s.flags & packet.SYN / packet.SYN)
	f.FIN += int64(s.flags & packet.FIN / packet.FIN)
	f.RST += int64(s.flags & packet.RST / packet.RST)
	if s.dir == Reverse {
		f.RevPackets++
		f.RevWireBytes += int64(s.wire)
		f.RevIPBytes += int64(s.ip)
		f.RevPayloadBytes += int64(s.payload)
		return
	}
	f.FwdPackets++
	f.FwdWireBytes += int64(s.wire)
	f.FwdIPBytes += int64(s.ip)
	f.FwdPayloadBytes += int64(s.payload)
}

// count adds one packet of an outcome to the totals.
func (t *Truth) count(at packet.Nanos, captured, wire int, out packet.Outcome) {
	if t.Packets == 0 {
		t.FirstNs = at
	}
	t.LastNs = max(t.LastNs, at)
	t.Tally.Add(uint32(captured), uint32(wire))
	t.ByOutcome[out].Add(uint32(captured), uint32(wire))
}

// protocol returns the totals of an IP protocol.
func (t *Truth) protocol(proto uint8) *ProtocolTruth {
	p := t.ByProtocol[proto]
	if p == nil {
		p = &ProtocolTruth{}
		t.ByProtocol[proto] = p
	}
	return p
}

// close adds a finished flow.
func (t *Truth) close(f *FlowTruth) {
	t.Flows++
	t.ByState[f.State]++
	t.Retransmissions += f.Retransmissions
	t.OutOfOrder += f.OutOfOrder
	t.Messages.add(&f.Messages)
	if f.Src.Is6() {
		t.IPv6Flows++
	}
	p := t.protocol(f.Proto)
	p.Flows++
	p.Packets += f.FwdPackets + f.RevPackets
	p.WireBytes += f.FwdWireBytes + f.RevWireBytes
	p.CapturedBytes += f.FwdWireBytes + f.RevWireBytes
}

func newTruth() Truth {
	return Truth{ByProtocol: map[uint8]*ProtocolTruth{}, ByState: map[string]int64{}}
}
