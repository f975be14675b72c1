package label

import "net/netip"

// Event is about one flow: an alert, a row of a table that others labelled.
//
// Addresses may name either direction, and the inner or the outer flow of a tunnel. Of ICMP
// ports are type and code, as Suricata and Zeek write them, and Community ID pairs them.
type Event struct {
	Meaning
	Time      int64      // ns since 1970
	Last      int64      // end of what it is about; Time where it is an instant
	Began     int64      // of the flow that it is about, as its source has it; 0: not said
	Precision int64      // ns: the time was cut to multiples of so much, so it may be that much later
	Src, Dst  netip.Addr // unmapped; invalid: not said
	SrcPort   int32      // None: not said, or none
	DstPort   int32
	Protocol  int32  // None: not said
	Depth     int32  // of tunnels; AnyDepth: not said
	Community string // Community ID v1; empty: not said
	Packet    int64  // number of the packet in its capture, from 1; 0: not said
	// Transaction is the number, from 1, of the exchange of messages in the flow that it is about, as
	// their protocol's parser counts; 0: not said, or it is about the packet.
	Transaction int64
	Capture     string // path or last element of it; empty: not said
}

// None is a port or protocol that an event does not say.
const None = -1

// Score is about the flow, or row of another table, that has a key.
type Score struct {
	Key        int64   // flow_id
	Meaning    int32   // index into Set.Meanings
	Confidence float32 // 0 to 1; negative: none
}
