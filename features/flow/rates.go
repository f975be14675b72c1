package flow

import "pcapmill/features/column"

var ifAnyPayload = &condition{"no payload in either direction", func(valid []byte, rows []*Row) {
	for i, r := range rows {
		valid[i] = flag(r.sides[Fwd].volume.payload+r.sides[Rev].volume.payload > 0)
	}
}}

func rateColumns() []Def {
	const ns = 1e9 // in a second
	a := attr{unit: column.PerSecond, when: ifDuration}
	bytes := a
	bytes.unit = column.BytesPerS
	return []Def{
		double("packets_per_s", a, "Packets of both directions per second of duration.", func(dst []float64, rows []*Row) {
			for i, r := range rows {
				dst[i] = ratio(float64(r.Packets())*ns, r.duration())
			}
		}),
		double("wire_bytes_per_s", bytes, "Wire bytes of both directions per second of duration.", func(dst []float64, rows []*Row) {
			for i, r := range rows {
				dst[i] = ratio(float64(r.WireBytes())*ns, r.duration())
			}
		}),
		double("fwd_packets_per_s", a, "Packets per second of the flow's duration, initiator to responder.", func(dst []float64, rows []*Row) {
			for i, r := range rows {
				dst[i] = ratio(float64(r.sides[Fwd].volume.packets)*ns, r.duration())
			}
		}),
		double("rev_packets_per_s", a, "Packets per second of the flow's duration, responder to initiator.", func(dst []float64, rows []*Row) {
			for i, r := range rows {
				dst[i] = ratio(float64(r.sides[Rev].volume.packets)*ns, r.duration())
			}
		}),
		double("producer_consumer_ratio", attr{unit: column.Ratio, when: ifAnyPayload, source: "Argus pcr"},
			"(fwd_payload_bytes − rev_payload_bytes) / their sum, from −1 (only received) to 1 (only sent).", func(dst []float64, rows []*Row) {
				for i, r := range rows {
					f, b := float64(r.sides[Fwd].volume.payload), float64(r.sides[Rev].volume.payload)
					dst[i] = ratio(f-b, f+b)
				}
			}),
	}
}

// duration is end − start in ns.
func (r *Row) duration() float64 { return float64(r.LastTime - r.StartTime) }
