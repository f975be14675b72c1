package flow

import (
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// Thresholds of the activity families, those of CICFlowMeter.
const (
	idleThreshold    = 5_000_000_000 // a longer gap ends an active period
	subflowThreshold = 1_000_000_000 // a longer gap begins a new subflow
)

// activity splits a flow into active periods with idle gaps between them, and
// into subflows.
type activity struct {
	start  packet.Nanos // of the current active period
	last   packet.Nanos // latest packet time
	active gapStats     // ended periods; the current one is added when read
	idle   gapStats
	breaks uint64 // gaps above subflowThreshold
}

func (a *activity) begin(t packet.Nanos) { a.start, a.last = t, t }

// observe counts a packet at t, gap after the one before.
func (a *activity) observe(t packet.Nanos, gap int64) {
	if gap > subflowThreshold {
		a.breaks++
	}
	if gap > idleThreshold {
		a.active.add(a.last - a.start)
		a.idle.add(gap)
		a.start = t
	}
	a.last = t
}

// periods returns the active periods, the last one included. (CICFlowMeter
// forgets the last one; counting it is the documented correction.)
func (a *activity) periods() gapStats {
	g := a.active
	g.add(a.last - a.start)
	return g
}

func activityColumns() []Def {
	defs := []Def{int64Def("active_periods", attr{unit: column.Count, source: "CICFlowMeter, corrected"}, "Stretches of the flow without a gap of more than 5 s.",
		func(r *Row) int64 { return int64(r.activity.active.n) + 1 })}
	active := func(r *Row) gapStats { return r.activity.periods() }
	idle := func(r *Row) gapStats { return r.activity.idle }
	defs = append(defs, periodDefs("active", "of the active periods, the last one included", "", active)...)
	return append(defs, periodDefs("idle", "of the gaps of more than 5 s", "no such gap", idle)...)
}

func periodDefs(name, of, null string, get func(*Row) gapStats) []Def {
	a := attr{unit: column.Nanos, null: null, source: "CICFlowMeter, corrected"}
	single := a
	single.null = "fewer than two of them"
	return []Def{
		optInt64(name+"_min_ns", a, "Shortest "+of+".", func(r *Row) (int64, bool) { g := get(r); return g.minimum() }),
		optDouble(name+"_mean_ns", a, "Mean "+of+".", func(r *Row) (float64, bool) { g := get(r); return g.mean() }),
		optDouble(name+"_std_ns", single, "Sample standard deviation "+of+".", func(r *Row) (float64, bool) { g := get(r); return g.std() }),
		optInt64(name+"_max_ns", a, "Longest "+of+".", func(r *Row) (int64, bool) { g := get(r); return g.maximum() }),
	}
}

func subflowColumns() []Def {
	a := attr{unit: column.Count, source: "CICFlowMeter, corrected"}
	defs := []Def{int64Def("subflows", a, "Stretches of the flow without a gap of more than 1 s: such gaps plus one.",
		func(r *Row) int64 { return int64(r.activity.breaks) + 1 })}
	return append(defs, perSide(func(p, of string, dir int) []Def {
		mean := func(get func(*volume) uint64) func(*Row) (float64, bool) {
			return func(r *Row) (float64, bool) {
				return float64(get(&r.sides[dir].volume)) / float64(r.activity.breaks+1), true
			}
		}
		return []Def{
			optDouble(p+"subflow_packets_mean", attr{unit: column.Packets, source: a.source}, "Packets per subflow, "+of+".", mean(func(s *volume) uint64 { return s.packets })),
			optDouble(p+"subflow_payload_mean_bytes", attr{unit: column.Bytes, source: a.source}, "Payload bytes per subflow, "+of+".", mean(func(s *volume) uint64 { return s.payload })),
		}
	})...)
}
