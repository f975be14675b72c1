package windows

import (
	"fmt"
	"math"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// Quality says how much there is of a table, and how far it can be trusted. What Recorded
// has is unknown where it is nil.
type Quality struct {
	Path     string    `json:"path"`                 // as the table was named
	Rows     int64     `json:"rows"`                 // that Each hands over
	Windows  int64     `json:"windows"`              // that these are of
	FirstNs  int64     `json:"first_ns"`             // begin of the first of them; 0 without rows
	LastNs   int64     `json:"last_ns"`              // end of the last of them; 0 without rows
	LeftOut  []LeftOut `json:"left_out"`             // in the order of Reasons
	Keys     bool      `json:"keys"`                 // whether there is a pairs table, of which counts are made
	NoKeys   int64     `json:"windows_without_keys"` // windows with more pairs than Options.Pairs; once they were read
	Lost     uint64    `json:"keys_left_out"`        // keys beyond what a row can hold; once rows were read
	Recorded *Recorded `json:"recorded,omitempty"`   // what the manifest says
}

// LeftOut says how many windows and rows are left out, and why.
type LeftOut struct {
	Reason  string `json:"reason"`
	Windows int64  `json:"windows"`
	Rows    int64  `json:"rows"`
}

// String says it for people, and what to do.
func (l LeftOut) String() string {
	why := "in several parts; run with more --memory"
	switch l.Reason {
	case Uncovered:
		why = "covered in part; --covered says how much of one captures must cover"
	case Overlapping:
		why = "they overlap others, which have the same packets; of a run with --hop"
	}
	return fmt.Sprintf("%s (%s) left out: %s", text.Plural(l.Windows, "window"), text.Plural(l.Rows, "row"), why)
}

// The reasons.
const (
	Uncovered   = "partly_covered" // captures cover less of the window than Options.Covered
	InParts     = "in_parts"       // the window's rows are in several parts
	Overlapping = "overlapping"    // a run with a hop made it: what is in it is also in windows that are read
)

// Reasons returns all reasons for which windows are left out.
func Reasons() []string { return []string{Uncovered, InParts, Overlapping} }

// Recorded is what a manifest says of the captures.
type Recorded struct {
	Inputs       int64  `json:"inputs"`
	Cut          int64  `json:"inputs_cut"`      // read in part: damaged, or with more than a limit allows
	Rejected     int64  `json:"inputs_rejected"` // not read at all
	Packets      int64  `json:"packets"`         // read
	Malformed    int64  `json:"packets_malformed"`
	Unjoined     int64  `json:"packets_in_incomplete_fragments"`
	Dropped      *int64 `json:"packets_dropped,omitempty"` // that captures say they lack; nil where none says
	EvictedFlows int64  `json:"flows_evicted"`             // ended early, as there were too many
	StreamBytes  int64  `json:"tcp_stream_bytes"`          // that records were read from
	GapBytes     int64  `json:"tcp_gap_bytes"`             // missing between these
	CoveredNs    int64  `json:"covered_ns"`                // from each capture's first packet to its last, together
}

func recordedOf(m *manifest.Manifest, cover []span) *Recorded {
	r := &Recorded{
		Inputs: int64(len(m.Inputs)), Packets: m.Accounting.PacketsRead,
		Unjoined:     m.Accounting.Packets.Get("fragment_unresolved"),
		EvictedFlows: m.Limits["evicted_flows"],
		StreamBytes:  m.Streams["bytes"], GapBytes: m.Streams["gap_bytes"],
	}
	for _, layer := range [...]string{"malformed_l2", "malformed_l3", "malformed_l4"} {
		r.Malformed = plus(r.Malformed, m.Accounting.Packets.Get(layer))
	}
	for i := range m.Inputs {
		in := &m.Inputs[i]
		switch in.Outcome {
		case manifest.Partial, manifest.Limit:
			r.Cut++
		case manifest.Rejected:
			r.Rejected++
		}
		for j := range in.Interfaces {
			r.drop(in.Interfaces[j].Dropped)
			r.drop(in.Interfaces[j].OSDropped)
		}
	}
	for _, s := range cover {
		r.CoveredNs = plus(r.CoveredNs, s.length())
	}
	return r
}

// drop adds what an interface says that it dropped. A capture may say anything.
func (r *Recorded) drop(claimed *int64) {
	if claimed == nil || *claimed < 0 {
		return
	}
	if r.Dropped == nil {
		r.Dropped = new(int64)
	}
	*r.Dropped = plus(*r.Dropped, *claimed)
}

// plus adds numbers that are not negative, up to the largest there is.
func plus(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
