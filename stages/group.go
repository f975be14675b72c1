package stages

import "pcapmill/ingest/packet"

// Packets of different flows may change places within a block: a Row is then fetched
// once for all its packets there instead of once for each.

const (
	// maxTogether is how many packets are grouped at the most.
	maxTogether = 4096

	// groups is a power of two; as many as a block has flows keep most of them apart.
	groups = 256
)

// together returns how many packets of a block may be handled in any order that
// keeps each flow's: few where memory is short, as then a packet ends other flows,
// and where flows carry one another.
func (t *flowTable) together(b *packet.Block) int {
	if t.pressure != nil || b.Layered {
		return lookAhead
	}
	return maxTogether
}

// group brings packets of one flow together: it sorts them by some bits of their
// hash, stably.
func (t *flowTable) group(list []packet.Ref) []packet.Ref {
	var next [groups]uint16
	for _, r := range list {
		next[r.Hash%groups]++
	}
	sum := uint16(0)
	for i, n := range next {
		next[i] = sum
		sum += n
	}
	if cap(t.grouped) < len(list) {
		t.grouped = make([]packet.Ref, maxTogether)
	}
	sorted := t.grouped[:len(list)]
	for _, r := range list {
		at := &next[r.Hash%groups]
		sorted[*at] = r
		*at++
	}
	return sorted
}
