package labels

import (
	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// HitTable is the table with a row for each thing that is said of a flow.
const HitTable = "label_hits"

const hitVersion = 1

// Hit is a row of HitTable.
type Hit struct {
	FlowID     int64
	RuleID     string
	Label      string // as the source has it
	Category   string
	Priority   int32
	Source     string
	Line       int64   // 0: the source has none
	Confidence float64 // 0 to 1; negative: none
	Overlap    float64
	Reversed   bool
	Attempt    int32 // NoAttempt: none
	Distance   int64 // ns
	Shared     int32
	Chosen     bool
}

// HitSchema returns the columns of HitTable.
func HitSchema() *column.Schema { return schemaOf(HitTable, hitVersion, hitColumns()) }

// NewHits returns a writer of HitTable.
func NewHits(sink func(*batch.Batch) error) *Writer[Hit] {
	return newWriter(HitSchema(), hitColumns(), sink)
}

func hitColumns() []def[Hit] {
	const none = "the source says none"
	return []def[Hit]{
		long("flow_id", column.None, "flow_id of the flow that it is said of.", func(h *Hit) int64 { return h.FlowID }).as(column.Identity),
		knownWord("rule_id", "The rule, or what events of its kind have in common: a signature's number.", none, func(h *Hit) string { return h.RuleID }).as(column.Label),
		word("label", "What the source calls the flow, as the source has it.", func(h *Hit) string { return h.Label }).as(column.Label),
		knownWord("category", "The wider class that the label is of.", none, func(h *Hit) string { return h.Category }).as(column.Label),
		small("priority", "What is of the highest priority counts.", func(h *Hit) int32 { return h.Priority }).as(column.Label),
		word("source", "File name of the source; of several with one name the others have a number behind it.", func(h *Hit) string { return h.Source }).as(column.Label),
		knownLong("line", column.None, "Line in the source, from 1; of a capture the packet's number.", "the source has no lines", func(h *Hit) (int64, bool) { return h.Line, h.Line > 0 }).as(column.Label),
		double("confidence", column.Ratio, "How sure the source is, 0 to 1.", none, func(h *Hit) (float64, bool) { return h.Confidence, h.Confidence >= 0 }).as(column.Label),
		double("overlap", column.Ratio, "Share of the flow's time that lies within the rule's times; 1 of events, which are about the flow.", "", func(h *Hit) (float64, bool) { return h.Overlap, true }).as(column.Label),
		small("reversed", "1 where the source's src is the flow's dst.", func(h *Hit) int32 { return bit(h.Reversed) }).as(column.Label),
		knownSmall("attempt", "Category of attempt, as in flow_labels.", "it says nothing of attempts", func(h *Hit) (int32, bool) { return h.Attempt, h.Attempt >= 0 }).as(column.Label),
		long("distance_ns", column.Nanos, "How far the flow lies behind the event, before it where negative; 0 where the event is in its time.", func(h *Hit) int64 { return h.Distance }).as(column.Label),
		small("shared", "How many flows the event fits; more than 1 makes them ambiguous.", func(h *Hit) int32 { return h.Shared }).as(column.Label),
		small("chosen", "1 for the hit that the flow's label is of.", func(h *Hit) int32 { return bit(h.Chosen) }).as(column.Label),
	}
}
