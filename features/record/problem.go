package record

import (
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// ErrorsTable is the name of the table of what is wrong with packets.
const ErrorsTable = "errors"

// ErrorsDoc says what it holds.
const ErrorsDoc = "packets without a flow, layers in tunnels and messages that are malformed, fragments of datagrams that never became whole, and what could not be decoded for its type or a limit"

// errorsVersion is raised with each change of the table that a reader could notice.
const errorsVersion = 1

// The layers of problems that are not of a message; those of messages are called as
// their table is.
const (
	LayerLink      = "l2"
	LayerNetwork   = "l3"
	LayerTransport = "l4"
	LayerFragment  = "fragment"
	LayerTunnel    = "tunnel"
)

// Problem is one row of the errors table.
type Problem struct {
	Capture  int32 // number of the input
	Index    int64 // of the packet within its input, from 1
	Time     packet.Nanos
	Depth    uint8
	Layer    string
	Outcome  packet.Outcome
	Reason   string
	Offset   int64 // -1: unknown
	Captured uint32
	Wire     uint32
	Face     *packet.Interface // nil: unknown
}

// Errors writes the rows of the errors table.
type Errors struct {
	number  int
	columns []Def[Problem]
	layout  layout
}

// NewErrors returns the table, of which number is the place among a shard's tables.
func NewErrors(number int) *Errors {
	return &Errors{number, problemColumns(), newLayout(ErrorsSchema())}
}

// ErrorsSchema returns the table's columns.
func ErrorsSchema() *column.Schema {
	s := &column.Schema{Table: ErrorsTable, Version: errorsVersion}
	for _, d := range problemColumns() {
		s.Columns = append(s.Columns, grouped(d.Column, ErrorsTable))
	}
	return s
}

// Add adds a row that is filed under a View.
func (t *Errors) Add(r *Rows, view int64, p *Problem) {
	r.begin(&t.layout)
	r.end(t.number, view, put(r, t.columns, &t.layout, 0, p))
}

// problemColumns are the table's columns. None of them holds what a packet carried.
func problemColumns() []Def[Problem] {
	defs := []Def[Problem]{
		captureID(func(p *Problem) int32 { return p.Capture }),
		packetIndex("Number of the packet within its input, from 1, as Wireshark counts frames. Of a message, the packet with which it was found to be malformed.", func(p *Problem) int64 { return p.Index }),
	}
	defs = append(defs, instants("the packet, the packet clock where it has none", func(p *Problem) packet.Nanos { return p.Time })...)
	return append(defs,
		whole("tunnel_depth", "Tunnel headers around the layer that the row is about. Rows of depth 0 about a packet without a flow are one a packet.", func(p *Problem) int32 { return int32(p.Depth) }),
		word("layer", "l2, l3 or l4 where a header of the link, the network or the transport is wrong; fragment; tunnel; or the name of the message's protocol.", func(p *Problem) string { return p.Layer }),
		word("outcome", "What became of the packet, or of the layer in a tunnel, as the accounting in the manifest calls it; in_flow where only a message in it is malformed.", func(p *Problem) string { return p.Outcome.String() }),
		word("reason", "What is wrong, in a word: see docs/errors.md.", func(p *Problem) string { return p.Reason }),
		long("offset", column.Int64, "Where in the captured frame the header that is wrong begins, or of a message the place that is.", "it is not in this packet alone, as in a datagram of several fragments or a message of several segments", func(p *Problem) (int64, bool) { return p.Offset, p.Offset >= 0 }).in(column.Bytes),
		long("captured_bytes", column.Int64, "Bytes of the frame that the capture holds.", "", func(p *Problem) (int64, bool) { return int64(p.Captured), true }).in(column.Bytes),
		long("wire_bytes", column.Int64, "Bytes that the frame had.", "", func(p *Problem) (int64, bool) { return int64(p.Wire), true }).in(column.Bytes),
		number("interface", "Number of the interface in the manifest's list of its input, from 0.", "the capture names none", func(p *Problem) (int32, bool) {
			if p.Face == nil {
				return 0, false
			}
			return int32(p.Face.Index), true
		}).as(column.LeakProne),
	)
}

// Fault is implemented by the errors of parsers that know what is wrong with a message.
type Fault interface {
	error
	// Fault returns the reason, one of a few words, and the offset within the message, -1
	// where it is not known.
	Fault() (reason string, offset int)
}
