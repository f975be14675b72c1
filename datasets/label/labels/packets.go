package labels

import (
	"pcapmill/datasets/label"
	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// PacketTable is the table with a row for each packet that is in a flow.
const PacketTable = "packet_labels"

const packetVersion = 1

// Packet is a row of PacketTable.
type Packet struct {
	Capture int32
	Index   int64 // in the capture, from 1
	Time    int64 // ns since 1970
	Layer
	Named bool // an event names the packet
}

// Layer is what is known of the flow that a packet, or what it carries in a tunnel, is of.
type Layer struct {
	FlowID  int64
	Known   bool  // whether there is one flow
	Fits    int32 // how many there are
	Depth   int32
	Outcome label.Outcome
	Label   string
}

// PacketSchema returns the columns of PacketTable.
func PacketSchema() *column.Schema { return schemaOf(PacketTable, packetVersion, packetColumns()) }

// NewPackets returns a writer of PacketTable.
func NewPackets(sink func(*batch.Batch) error) *Writer[Packet] {
	return newWriter(PacketSchema(), packetColumns(), sink)
}

func packetColumns() []def[Packet] {
	return []def[Packet]{
		small("capture_id", "Number of the input in the manifest of the flows, from 0.", func(p *Packet) int32 { return p.Capture }).as(column.Identity),
		long("packet_index", column.None, "Number of the packet within its input, from 1, as Wireshark counts frames.", func(p *Packet) int64 { return p.Index }).as(column.Identity),
		long("time_ns", column.EpochNano, "Time of the packet.", func(p *Packet) int64 { return p.Time }).as(column.Time),
		knownLong("flow_id", column.None, "flow_id of the flow that it is of: of the layer that the label is of.", "several flows fit", func(p *Packet) (int64, bool) { return p.FlowID, p.Known }).as(column.Identity),
		small("tunnel_depth", "Tunnel headers around the layer that the label is of: the outermost of which anything is said, else 0.", func(p *Packet) int32 { return p.Depth }).as(column.Identity),
		word("outcome", "That of the flow; ambiguous too where several flows fit that are not called the same.", func(p *Packet) string { return p.Outcome.String() }).as(column.Label),
		knownWord("label", "Label of the flow.", unlabelledNull, func(p *Packet) string { return p.Label }).as(column.Label),
		small("named", "1 where a source names this very packet, as alerts with a packet number do.", func(p *Packet) int32 { return bit(p.Named) }).as(column.Label),
	}
}
