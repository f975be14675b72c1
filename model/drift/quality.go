package drift

import (
	"fmt"

	"pcapmill/model/windows"
)

// How much a capture may lack before what it shows proves nothing: of the packets that it
// says it dropped, and of the bytes of TCP streams that are missing between others.
const (
	mostDropped = 0.01
	mostGaps    = 0.05
)

// leastStreams of bytes are needed for their gaps to say something of the capture.
const leastStreams = 1 << 16

// recorded are windows that know what their captures lack, as those of package windows do.
type recorded interface{ Quality() []windows.Quality }

// quality says what the current captures lack, and whether that is so much that other
// changes prove nothing: capture loss is not drift.
func quality(now Windows) (items []Item, gated bool) {
	w, ok := now.(recorded)
	if !ok {
		return nil, false
	}
	var dropped, packets, missing, streams, cut, rejected, evicted, malformed, keyless float64
	for _, q := range w.Quality() {
		keyless += float64(q.NoKeys)
		r := q.Recorded
		if r == nil {
			continue
		}
		packets += float64(r.Packets)
		if r.Dropped != nil {
			dropped += float64(*r.Dropped)
		}
		missing += float64(r.GapBytes)
		streams += float64(r.StreamBytes)
		cut += float64(r.Cut)
		rejected += float64(r.Rejected)
		evicted += float64(r.EvictedFlows)
		malformed += float64(r.Malformed)
	}
	add := func(subject string, severity Severity, seen, most float64, text string) {
		item := Item{Layer: Quality, Segment: "global", Subject: subject, Severity: severity, Outcome: Drift, Text: text, Current: &seen}
		if most > 0 {
			item.Baseline = &most
		}
		items = append(items, item)
	}
	if share := dropped / max(1, packets+dropped); share > mostDropped {
		gated = true
		add("dropped_packets", Low, share, mostDropped, fmt.Sprintf("%s of the packets are missing, as the captures say: nothing else is judged", percent(share)))
	}
	if share := missing / max(1, streams+missing); share > mostGaps && streams+missing >= leastStreams {
		gated = true
		add("tcp_gap_bytes", Low, share, mostGaps, fmt.Sprintf("%s of the bytes of TCP streams are missing between others, as of a capture that lost packets: nothing else is judged", percent(share)))
	}
	if cut+rejected > 0 {
		add("inputs", Low, cut+rejected, 0, fmt.Sprintf("%s inputs were cut or damaged, %s could not be read: windows that they do not cover are left out", number(cut), number(rejected)))
	}
	if evicted > 0 {
		add("flows_evicted", Low, evicted, 0, fmt.Sprintf("%s flows ended early, as memory was short: they count as several", number(evicted)))
	}
	if share := malformed / max(1, packets); share > mostDropped {
		add("malformed_packets", Low, share, mostDropped, fmt.Sprintf("%s of the packets are malformed", percent(share)))
	}
	if keyless > 0 {
		add("windows_without_keys", Low, keyless, 0, fmt.Sprintf("%s windows have more pairs than are looked at: services and peers of those are not judged", number(keyless)))
	}
	return items, gated
}

// gate takes the severity of what the captures' losses may have made.
func gate(items []Item, scores []Score) {
	for i := range items {
		if x := &items[i]; x.Layer != Quality && x.Layer != Schema {
			x.Severity, x.Outcome = None, Gated
		}
	}
	for i := range scores {
		scores[i].Severity, scores[i].Action = None, "judge a capture without losses"
	}
}
