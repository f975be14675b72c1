package labels

import (
	"pcapmill/datasets/label"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/flow"
)

// WindowTable is the table with a row for each host and window.
const WindowTable = "window_labels"

const windowVersion = 1

// Window is a row of WindowTable.
type Window struct {
	Start     int64 // ns since 1970
	Length    int64 // ns
	Host      string
	Capture   int32 // noCapture: of all, which are one sequence
	Outcome   label.Outcome
	Label     string
	Campaign  string
	Role      Role
	Flows     int64 // that overlap the window
	Labelled  int64
	Ambiguous int64
	labels    []int32 // codes, by count
	counts    []int64
}

// WindowSchema returns the columns of WindowTable.
func WindowSchema() *column.Schema { return schemaOf(WindowTable, windowVersion, windowColumns(nil)) }

// NewWindows returns a writer of WindowTable for rows of a Book that has all its flows.
func NewWindows(b *Book, sink func(*batch.Batch) error) *Writer[Window] {
	return newWriter(WindowSchema(), windowColumns(b.words), sink)
}

func windowColumns(words []string) []def[Window] {
	return []def[Window]{
		long("window_start_ns", column.EpochNano, "Begin of the window, as in the hosts table.", func(w *Window) int64 { return w.Start }).as(column.Time),
		{column.Column{Name: "window_start", Type: column.Timestamp, Role: column.Time, Doc: "The same for people and SQL."}, func(v *batch.Vector, w *Window) {
			v.Int64 = append(v.Int64, flow.Micros(w.Start))
		}},
		long("window_ns", column.Nanos, "Length of the window.", func(w *Window) int64 { return w.Length }).as(column.Identity),
		knownSmall("capture_id", "Number of the input in the manifest, from 0, which alone the window is of.", "the inputs were read as one sequence or merged", func(w *Window) (int32, bool) { return w.Capture, w.Capture != noCapture }).as(column.Identity),
		word("host", "Address of the host.", func(w *Window) string { return w.Host }).as(column.LeakProne),
		word("outcome", "labelled where one label has more flows than any other; ambiguous where two have as many, or where no flow is labelled and some are ambiguous; else unlabelled.", func(w *Window) string { return w.Outcome.String() }).as(column.Label),
		knownWord("label", "The label of most flows of the host that overlap the window.", unlabelledNull, func(w *Window) string { return w.Label }).as(column.Label),
		knownWord("campaign", "The campaign of most flows with that label; of equal ones the first by bytes.", unlabelledNull, func(w *Window) string { return w.Campaign }).as(column.Identity),
		knownWord("role", "What the host is in flows of that label: attacker, victim or both.", "outcome is not labelled, or no rule with hosts says who attacks whom", func(w *Window) string {
			if w.Outcome != label.Labelled {
				return ""
			}
			return w.Role.String()
		}).as(column.Label),
		long("flows", column.Count, "Flows of depth 0 of the host that overlap the window, those that began before it too.", func(w *Window) int64 { return w.Flows }).as(column.Label),
		long("labelled_flows", column.Count, "Those of them that are labelled.", func(w *Window) int64 { return w.Labelled }).as(column.Label),
		long("ambiguous_flows", column.Count, "Those of them that are ambiguous.", func(w *Window) int64 { return w.Ambiguous }).as(column.Label),
		{column.Column{Name: "labels", Type: column.ListString, Role: column.Label, Doc: "All labels of these flows, the most frequent first; of equal ones the first by bytes."}, func(v *batch.Vector, w *Window) {
			v.Dict = words
			v.Codes = append(v.Codes, w.labels...)
			listEnd(v, len(v.Codes))
		}},
		{column.Column{Name: "label_flows", Type: column.ListInt64, Unit: column.Count, Role: column.Label, Doc: "How many flows have each of them."}, func(v *batch.Vector, w *Window) {
			v.Int64 = append(v.Int64, w.counts...)
			listEnd(v, len(v.Int64))
		}},
	}
}

// listEnd ends a row of a list.
func listEnd(v *batch.Vector, end int) {
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	v.Offsets = append(v.Offsets, int32(end))
}
