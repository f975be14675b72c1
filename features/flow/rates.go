package flow

import "pcapmill/features/column"

var ifAnyPayload = &condition{null: "no payload in either direction", ok: func(r *Row) bool {
	return r.sides[Fwd].volume.payload+r.sides[Rev].volume.payload > 0
}}

func rateColumns() []Def {
	a := attr{unit: column.PerSecond, when: ifDuration}
	perSecond := func(get func(*Row) uint64) func(*Row) float64 {
		return func(r *Row) float64 { return ratio(float64(get(r))*1e9, float64(r.LastTime-r.StartTime)) }
	}
	bytes := a
	bytes.unit = column.BytesPerS
	return []Def{
		double("packets_per_s", a, "Packets of both directions per second of duration.", perSecond((*Row).Packets)),
		double("wire_bytes_per_s", bytes, "Wire bytes of both directions per second of duration.", perSecond((*Row).WireBytes)),
		double("fwd_packets_per_s", a, "Packets per second of the flow's duration, initiator to responder.", perSecond(func(r *Row) uint64 { return r.sides[Fwd].volume.packets })),
		double("rev_packets_per_s", a, "Packets per second of the flow's duration, responder to initiator.", perSecond(func(r *Row) uint64 { return r.sides[Rev].volume.packets })),
		double("producer_consumer_ratio", attr{unit: column.Ratio, when: ifAnyPayload, source: "Argus pcr"},
			"(fwd_payload_bytes − rev_payload_bytes) / their sum, from −1 (only received) to 1 (only sent).", func(r *Row) float64 {
				f, b := float64(r.sides[Fwd].volume.payload), float64(r.sides[Rev].volume.payload)
				return ratio(f-b, f+b)
			}),
	}
}
