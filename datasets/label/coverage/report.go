package coverage

import "pcapmill/datasets/label/labels"

// Report says how well labels cover flows. Lists are complete where nothing says how many more
// there are.
type Report struct {
	Tables    string            `json:"tables"` // as given
	Version   string            `json:"label_version"`
	Flows     int64             `json:"flows"`
	Outcomes  []Count           `json:"outcomes"` // labelled, unlabelled, ambiguous
	Labels    []Label           `json:"labels"`   // by flows, the most frequent first
	Sources   []Source          `json:"sources"`
	Rules     []Rule            `json:"rules"` // in the order of the sources
	MoreRules int64             `json:"more_rules,omitempty"`
	Events    Events            `json:"events"`
	Conflicts []Conflict        `json:"conflicts"`
	MoreConfl int64             `json:"more_conflicts,omitempty"` // flows of pairs of rules that had no room
	Edges     []Edge            `json:"edges"`
	Pairs     []Pair            `json:"host_pairs"`
	MorePairs int64             `json:"more_host_pairs,omitempty"`
	Uncounted int64             `json:"flows_of_uncounted_host_pairs,omitempty"`
	Shifts    []Shift           `json:"time_shifts"` // of sources whose labels have times
	Timeline  *Timeline         `json:"timeline,omitempty"`
	Written   []TableRows       `json:"written"`
	Captures  []labels.Captured `json:"captures,omitempty"` // what became of packets
	Notes     []string          `json:"notes"`
}

// Count is how many flows there are of a name.
type Count struct {
	Name  string `json:"name"`
	Flows int64  `json:"flows"`
}

// Label is what became of one label.
type Label struct {
	Label     string `json:"label"`
	Category  string `json:"category,omitempty"` // of its first flow
	Flows     int64  `json:"flows"`
	Attempted int64  `json:"attempted,omitempty"` // of these, attempts
	FirstNs   int64  `json:"first_ns"`            // start of the first flow
	LastNs    int64  `json:"last_ns"`             // start of the last one
}

// Source is a file that labels come from.
type Source struct {
	Path     string    `json:"path"`
	Kind     string    `json:"kind"`
	SHA256   string    `json:"sha256,omitempty"`
	Bytes    int64     `json:"bytes"`
	Zone     string    `json:"zone,omitempty"`
	Rules    int64     `json:"rules"`
	Events   int64     `json:"events"`
	Skipped  int64     `json:"skipped"`
	Refused  int64     `json:"refused"`
	Refusals []Refusal `json:"refusals,omitempty"`
	Notes    []string  `json:"notes,omitempty"`
}

// Refusal is a line that was not understood.
type Refusal struct {
	Line   int64  `json:"line"`
	Offset *int64 `json:"offset,omitempty"` // in bytes
	Reason string `json:"reason"`
}

// Rule is what a rule, or all events of one ID, came to.
type Rule struct {
	ID     string `json:"id"`
	Label  string `json:"label"`
	Source string `json:"source"`
	Line   int64  `json:"line,omitempty"`
	Events int64  `json:"events,omitempty"` // 0: it is a rule
	Hits   int64  `json:"hits"`             // flows that it is said of
	Flows  int64  `json:"flows"`            // of these, those that it labels
	Miss   *Miss  `json:"nearest_miss,omitempty"`
}

// Miss is the flow that came nearest to what never matched.
type Miss struct {
	FlowID *int64   `json:"flow_id,omitempty"` // nil: no flow has the hosts
	Wrong  []string `json:"wrong"`             // what of it does not fit: time, ports, direction, …
	OffNs  int64    `json:"off_ns,omitempty"`  // how far the flow lies behind the label's time, before it where negative
	Flow   string   `json:"flow,omitempty"`    // what it is, for people
}

// Events is what became of events.
type Events struct {
	All       int64   `json:"all"`
	Matched   int64   `json:"matched"`   // one flow, or all pieces of a connection
	Ambiguous int64   `json:"ambiguous"` // several
	Unmatched int64   `json:"unmatched"`
	Reasons   []Count `json:"unmatched_reasons"` // Flows are events here
	First     []Event `json:"first_unmatched"`   // all are in unmatched.jsonl
}

// Event is one that matched no flow.
type Event struct {
	Source string `json:"source"`
	Line   int64  `json:"line,omitempty"`
	ID     string `json:"id,omitempty"`
	Label  string `json:"label"`
	TimeNs int64  `json:"time_ns"`
	Flow   string `json:"flow"` // its tuple, for people
	Reason string `json:"reason"`
	Miss   *Miss  `json:"nearest_miss,omitempty"`
}

// Conflict is two labels of one priority that are said of the same flows.
type Conflict struct {
	A     string `json:"a"` // rule and label
	B     string `json:"b"`
	Flows int64  `json:"flows"`
}

// Edge is a rule that has flows which are not wholly within its times.
type Edge struct {
	Rule   string `json:"rule"`
	Hits   int64  `json:"hits"`   // all its flows
	Begins int64  `json:"begins"` // of these, those that begin outside of its times
	Ends   int64  `json:"ends"`   // and those that end outside of them
}

// Pair is how many flows of a label two hosts have.
type Pair struct {
	Src   string `json:"src"`
	Dst   string `json:"dst"`
	Label string `json:"label"` // empty: ambiguous
	Flows int64  `json:"flows"`
}

// Shift is whether a source's times, moved, would match more.
type Shift struct {
	Source  string   `json:"source"`
	Rules   int64    `json:"rules"`    // with times, that were tried
	Events  int64    `json:"events"`   // that were tried
	AsGiven Offset   `json:"as_given"` // the times as they are
	Best    []Offset `json:"best"`     // those that match most
	Advice  string   `json:"advice,omitempty"`
}

// Offset is what would match with times moved by so much.
type Offset struct {
	OffsetNs int64 `json:"offset_ns"`
	Rules    int64 `json:"rules"`
	Events   int64 `json:"events"`
	Flows    int64 `json:"flows_of_rules"`
}

// Timeline is how many flows of each label begin in each step.
type Timeline struct {
	FirstNs int64    `json:"first_ns"`
	StepNs  int64    `json:"step_ns"`
	Series  []Series `json:"series"`
}

// Series is one label of a Timeline; the outcomes are two of them, in parentheses.
type Series struct {
	Name   string  `json:"name"`
	Rest   bool    `json:"-"` // it is an outcome, and no label
	Counts []int64 `json:"counts"`
}

// TableRows is a table that was written.
type TableRows struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}
