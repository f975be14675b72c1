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
	breaks uint64       // gaps above subflowThreshold
}

// periods are the statistics of what activity splits a flow into.
type periods struct {
	active gapStats // ended periods; the current one is added when read
	idle   gapStats
}

// pause counts a gap above subflowThreshold before a packet at t. LastTime is
// still that of the packet before.
func (r *Row) pause(t packet.Nanos, gap int64) {
	r.activity.breaks++
	if gap > idleThreshold {
		r.periods.active.add(r.LastTime - r.activity.start)
		r.periods.idle.add(gap)
		r.activity.start = t
	}
}

// activePeriods returns the active periods, the last one included. (CICFlowMeter
// forgets the last one; counting it is the documented correction.)
func (r *Row) activePeriods() gapStats {
	g := r.periods.active
	g.add(r.LastTime - r.activity.start)
	return g
}

const cicCorrected = "CICFlowMeter, corrected"

func activityColumns() []Def {
	// Of all periods the last one is not among those that ended.
	two := atLeast(1, fewerThanTwo, func(r *Row) *uint64 { return &r.periods.active.n })
	return []Def{
		value64("active_periods", attr{unit: column.Count, source: cicCorrected}, "Stretches of the flow without a gap of more than 5 s.",
			func(dst []int64, rows []*Row) {
				for i, r := range rows {
					dst[i] = int64(r.periods.active.n) + 1
				}
			}),
		durationDef("active", "active period", "(stretch without a gap of more than 5 s), the last one included", cicCorrected, nil, two, fillActive),
		gapDef("idle", "gap", "of more than 5 s", "no such gap", cicCorrected, func(r *Row) *gapStats { return &r.periods.idle }),
	}
}

// fillActive adds the last period to the ended ones.
func fillActive(w *spread, rows []*Row) {
	for i, r := range rows {
		g := r.activePeriods()
		w.set(i, g.n, g.sum, g.sqHi, g.sqLo, g.minVal, g.maxVal)
	}
}

func subflowColumns() []Def {
	return []Def{value64("subflows", attr{unit: column.Count, source: cicCorrected},
		"Stretches of the flow without a gap of more than 1 s: such gaps plus one. Packets and bytes per subflow are quotients of the counts and this.",
		func(dst []int64, rows []*Row) {
			for i, r := range rows {
				dst[i] = int64(r.activity.breaks) + 1
			}
		})}
}
