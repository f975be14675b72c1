package labels

import "pcapmill/ingest/packet"

// rounding is how far a time of microseconds may lie before what it is of.
const rounding packet.Nanos = 1000

// Flows returns the rows that an alert is about, by the capture and not by the alert's time:
// those of its tuple that were open when its packet was captured. Alerts without a packet are
// about the connection that was open when Suricata says that it began. carried is whether the
// packet has the alert's tuple in any of its layers.
func (a *Alert) Flows(packets Packets, rows []Row) (list []int, carried bool) {
	from, to := a.Began, a.Began+rounding
	carried = true
	if a.Packet > 0 {
		p := &packets[a.Packet-1]
		from, to, carried = p.Time, p.Time, false
		for _, t := range p.Tuples {
			carried = carried || t == a.Tuple
		}
	}
	for i := range rows {
		if rows[i].tuple() == a.Tuple && rows[i].Start <= to && from <= rows[i].End {
			list = append(list, i)
		}
	}
	return list, carried
}

// Of reports whether a row has the alert's tuple, in either direction.
func (a *Alert) Of(r *Row) bool { return r.tuple() == a.Tuple }
