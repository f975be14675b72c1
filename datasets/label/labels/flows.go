package labels

import (
	"pcapmill/datasets/label"
	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// FlowTable is the table with a row for each flow.
const FlowTable = "flow_labels"

// flowVersion is raised with each change of the table that a reader could notice.
const flowVersion = 1

// NoAttempt is the Attempt of what is none.
const NoAttempt = -1

// Flow is a row of FlowTable. Whatever is said of a flow only counts where it is Labelled.
type Flow struct {
	FlowID     int64
	Capture    int32
	Outcome    label.Outcome
	Label      string
	Category   string // empty: none
	MITRE      string // empty: none
	Attempt    int32  // NoAttempt: none; also of flows that are Ambiguous because attempts are dropped
	Campaign   string
	RuleID     string
	Source     string // path
	SourceKind label.Kind
	Confidence float64 // 0 to 1; negative: none
	Overlap    float64 // 0 to 1
	Reversed   bool
	Hits       int32
	Version    string
}

// FlowSchema returns the columns of FlowTable.
func FlowSchema() *column.Schema { return schemaOf(FlowTable, flowVersion, flowColumns()) }

// NewFlows returns a writer of FlowTable.
func NewFlows(sink func(*batch.Batch) error) *Writer[Flow] {
	return newWriter(FlowSchema(), flowColumns(), sink)
}

const (
	unlabelledNull = "outcome is not labelled"
	orNone         = unlabelledNull + ", or the source says none"
)

func flowColumns() []def[Flow] {
	text := func(name, doc, null string, value func(*Flow) string) def[Flow] {
		return knownWord(name, doc, null, func(f *Flow) string {
			if f.Outcome != label.Labelled {
				return ""
			}
			return value(f)
		})
	}
	return []def[Flow]{
		long("flow_id", column.None, "flow_id of the flow.", func(f *Flow) int64 { return f.FlowID }).as(column.Identity),
		small("capture_id", "Number of the input in the manifest of the flows, from 0, that holds the flow's first packet.", func(f *Flow) int32 { return f.Capture }).as(column.Identity),
		word("outcome", "labelled, unlabelled where no source says anything of the flow, ambiguous where what is said of it does not agree, or fits other flows as well.", func(f *Flow) string { return f.Outcome.String() }).as(column.Label),
		text("label", "What the source of highest priority calls the flow; of attempts with \" - Attempted\" behind it, unless --attempted says otherwise.", unlabelledNull, func(f *Flow) string { return f.Label }).as(column.Label),
		text("category", "The wider class that the label is of.", orNone, func(f *Flow) string { return f.Category }).as(column.Label),
		text("mitre", "ATT&CK technique, as T1046.", orNone, func(f *Flow) string { return f.MITRE }).as(column.Label),
		knownSmall("attempt", "Why the flow is an attempt that did no harm: 0 no payload by the attacker, 1 port or system closed, 2 start-up or tear-down, 3 no malicious payload, 4 artefact, 5 wrongly implemented, 6 target unresponsive.", "the flow is no attempt", func(f *Flow) (int32, bool) { return f.Attempt, f.Attempt >= 0 }).as(column.Label).from("Liu, Engelen et al., CNS 2022"),
		text("campaign", "What the flow belongs to, which no split may divide: the rule, unless the source names another.", unlabelledNull, func(f *Flow) string { return f.Campaign }).as(column.Identity),
		text("rule_id", "The rule, or what events of its kind have in common: a signature's number.", orNone, func(f *Flow) string { return f.RuleID }).as(column.Label),
		text("source", "File name of the source that the label comes from; of several with one name the others have a number behind it.", unlabelledNull, func(f *Flow) string { return f.Source }).as(column.Label),
		text("source_kind", "Its format: rules, netcap, netflowlabeler, suricata_eve, suricata_fast, zeek_notice, zeek_conn, csv, pcapml, scores, file_names.", unlabelledNull, func(f *Flow) string { return f.SourceKind.String() }).as(column.Label),
		double("confidence", column.Ratio, "How sure the source is, 0 to 1.", orNone, func(f *Flow) (float64, bool) {
			return f.Confidence, f.Outcome == label.Labelled && f.Confidence >= 0
		}).as(column.Label),
		double("overlap", column.Ratio, "Share of the flow's time that lies within the rule's times; 1 of events, which are about the flow.", unlabelledNull, func(f *Flow) (float64, bool) { return f.Overlap, f.Outcome == label.Labelled }).as(column.Label),
		knownSmall("reversed", "1 where the source's src is the flow's dst.", unlabelledNull, func(f *Flow) (int32, bool) { return bit(f.Reversed), f.Outcome == label.Labelled }).as(column.Label),
		small("hits", "How many things are said of the flow: its rows in label_hits.", func(f *Flow) int32 { return f.Hits }).as(column.Label),
		word("label_version", "Hash of what labels are made of: the sources' bytes, the options, the tool's version.", func(f *Flow) string { return f.Version }).as(column.Identity),
	}
}

func bit(yes bool) int32 {
	if yes {
		return 1
	}
	return 0
}
