package match

import (
	"cmp"
	"slices"

	"pcapmill/datasets/label"
	"pcapmill/features/batch"
)

// Row is what became of a flow.
type Row struct {
	FlowID, ConnID int64
	CaptureID      int32
	Outcome        label.Outcome
	Start          int64 // ns since 1970
	Hits           []Hit // the one that counts first; empty where nothing is said of the flow
	More           int64 // hits that are not among them
	Naming         []Hit // those of More that are events which name a packet
	cols           *columns
	batch          *batch.Batch
	at             int // row of the batch
}

// Src is the address of the flow's initiator as text, as a flows table has it that has text.
func (r *Row) Src() string { return r.cols.host(r.batch, srcColumn, r.at) }

// Dst is the address of the flow's responder.
func (r *Row) Dst() string { return r.cols.host(r.batch, dstColumn, r.at) }

// Hit is something that is said of a flow.
type Hit struct {
	Meaning    *label.Meaning
	Rule       int32   // in Set.Rules; -1: an event or a score
	Event      int32   // in Set.Events; -1: a rule or a score
	Overlap    float64 // share of the flow's time in the rule's, 0 to 1; 1 of events and scores, which are about the flow
	Confidence float64 // 0 to 1; negative: none
	Reversed   bool    // the source of rule or event is the flow's destination
	Attempt    int32   // category of attempt; -1: none
	Distance   int64   // ns that the flow lies behind the event, before it where negative; 0: the event is in its time
	Shared     int32   // how many flows the event fits; 1 of what is about this one, and of rules
}

// compare orders hits: what counts more comes first. Among equals that is what is surely
// about the flow, what has more of its time, and what was given first.
func compare(a, b *Hit) int {
	return cmp.Or(
		cmp.Compare(b.Meaning.Priority, a.Meaning.Priority),
		cmp.Compare(min(a.Shared, 2), min(b.Shared, 2)),
		cmp.Compare(b.Overlap, a.Overlap),
		cmp.Compare(a.kind(), b.kind()),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Event, b.Event))
}

func (h *Hit) kind() int {
	switch {
	case h.Rule >= 0:
		return 0
	case h.Event >= 0:
		return 1
	}
	return 2
}

// resolve orders what is said of a flow and decides what it comes to.
func resolve(hits []Hit) label.Outcome {
	if len(hits) == 0 {
		return label.Unlabelled
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return compare(&a, &b) })
	if hits[0].Shared > 1 {
		return label.Ambiguous
	}
	for i := range top(hits) {
		if hits[i].Meaning.Label != hits[0].Meaning.Label {
			return label.Ambiguous
		}
	}
	return label.Labelled
}

// top returns those of the highest priority.
func top(hits []Hit) []Hit {
	n := 0
	for n < len(hits) && hits[n].Meaning.Priority == hits[0].Meaning.Priority {
		n++
	}
	return hits[:n]
}
