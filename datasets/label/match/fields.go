package match

import (
	"math/bits"
	"strings"
)

// Fields are what of a label does not fit a flow, a bit each; those that are likelier to be
// a slip come first.
type Fields uint16

// What may fail to fit.
const (
	Time Fields = 1 << iota
	Packet
	Capture
	Ports
	Direction
	Condition
	Depth
	VLAN
	Protocol
	Destination // of a rule: no flow that fits its source goes there
	Source
	Hosts // no flow has the hosts at all
)

var fieldNames = [...]string{"time", "packet", "capture", "ports", "direction", "where", "depth", "vlan", "protocol", "destination", "source", "hosts"}

// String returns the names, with commas; none for nothing.
func (f Fields) String() string {
	var names []string
	for ; f != 0; f &= f - 1 {
		names = append(names, fieldNames[bits.TrailingZeros16(uint16(f))])
	}
	return strings.Join(names, ",")
}

func (f *Fields) set(field Fields, fails bool) {
	if fails {
		*f |= field
	}
}

// Miss is the flow that came nearest to a label that fits none, and what of it does not fit.
type Miss struct {
	Fields   Fields // never 0: in a Miss something fails
	Distance int64  // ns that the flow lies behind the label's time, before it where negative; 0: its time fits
	FlowID   int64  // 0 where Fields is Hosts
	row      int64
}

// nothing is the miss of what no flow came near to.
func nothing() Miss { return Miss{Fields: Hosts, row: -1} }

// nearer reports whether m is nearer than n: by fewer fields, by lesser ones, in time, by
// the order of flows.
func (m *Miss) nearer(n *Miss) bool {
	a, b := bits.OnesCount16(uint16(m.Fields)), bits.OnesCount16(uint16(n.Fields))
	switch {
	case n.row < 0 || m.row < 0:
		return m.row > n.row
	case a != b:
		return a < b
	case m.Fields != n.Fields:
		return m.Fields < n.Fields
	case m.Distance != n.Distance:
		return distance(m.Distance) < distance(n.Distance) || distance(m.Distance) == distance(n.Distance) && m.Distance < n.Distance
	}
	return m.row < n.row
}

// distance is how far something is away.
func distance(d int64) uint64 {
	if d < 0 {
		return -uint64(d)
	}
	return uint64(d)
}

// less returns a-b, the nearest number where there is none.
func less(a, b int64) int64 {
	d := a - b
	switch {
	case a >= 0 && b < 0 && d < 0:
		return 1<<63 - 1
	case a < 0 && b > 0 && d >= 0:
		return -1 << 63
	}
	return d
}
