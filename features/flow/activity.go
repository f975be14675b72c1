package flow

import (
	"pcapmill/features/batch"
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
	active := durationDef("active", "active period", "(stretch without a gap of more than 5 s), the last one included", "", cicCorrected)
	active.fill = fillActive
	return []Def{
		value64("active_periods", attr{unit: column.Count, source: cicCorrected}, "Stretches of the flow without a gap of more than 5 s.",
			func(r *Row) int64 { return int64(r.periods.active.n) + 1 }),
		active,
		gapDef("idle", "gap", "of more than 5 s", "no such gap", cicCorrected, func(r *Row) *gapStats { return &r.periods.idle }),
	}
}

// fillActive adds the last period to the ended ones. There is always one, so all
// but the deviation are never null.
func fillActive(vs []batch.Vector, t *tile) {
	w := newGapWriter(vs, len(t.rows))
	for i, r := range t.rows {
		g := r.activePeriods()
		w.set(i, &g)
	}
	vs[0].Valid, vs[1].Valid, vs[3].Valid = vs[0].Valid[:0], vs[1].Valid[:0], vs[3].Valid[:0]
}

func subflowColumns() []Def {
	return []Def{value64("subflows", attr{unit: column.Count, source: cicCorrected},
		"Stretches of the flow without a gap of more than 1 s: such gaps plus one. Packets and bytes per subflow are quotients of the counts and this.",
		func(r *Row) int64 { return int64(r.activity.breaks) + 1 })}
}
