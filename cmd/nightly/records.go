package nightly

import (
	"time"

	"pcapmill/outputs/manifest"
)

// HistoryName is the ledger in the output folder.
const HistoryName = "nightly.jsonl"

// The events of the history.
const (
	inputsEvent  = "inputs"  // captures of the night that comes next, where there are many: Captures
	againEvent   = "again"   // a night is about to be done again: Again
	nightEvent   = "night"   // a night is done: Night
	silentEvent  = "silent"  // there are no captures of some nights: Silent
	sameEvent    = "same"    // a capture has another name or time, and is what was read: Same
	changedEvent = "changed" // a capture is not what it was when it was read: Changed
	failedEvent  = "failed"  // a night could not be done: Failed
	markEvent    = "mark"    // someone said that a night is good, or is not: Mark
	deleteEvent  = "delete"  // Deleted
	endEvent     = "end"     // all before was told: End
)

// Verdict is what came of a night.
type Verdict string

// The verdicts.
const (
	Learning Verdict = "learning" // too few good nights to judge by
	Normal   Verdict = "normal"   // nothing from drift: fail_on on
	Flagged  Verdict = "flagged"  // drift, or alerts of rules
	Gated    Verdict = "gated"    // captures lack too much to judge by
	Unjudged Verdict = "unjudged" // it could not be judged: see Night.Why
	Empty    Verdict = "empty"    // no whole window
)

// Night is a record of a night that is done.
type Night struct {
	Name     string `json:"night"` // its date; .2 and so on for files that came late
	StartNs  int64  `json:"start_ns"`
	EndNs    int64  `json:"end_ns"`
	Again    bool   `json:"again,omitempty"` // it was asked for once more
	NowNs    int64  `json:"now_ns"`          // clock of the execution that did it
	Config   string `json:"config_sha256"`
	PlanID   string `json:"plan_id"`
	RunID    string `json:"run_id"`
	Manifest string `json:"manifest_sha256"`

	Inputs  []Input  `json:"inputs"` // but for those of records before; of tables, the parts of hosts
	Number  int64    `json:"inputs_number"`
	Damaged int      `json:"damaged"` // inputs that were not read completely
	Packets int64    `json:"packets"`
	Bytes   int64    `json:"wire_bytes"`
	Flows   int64    `json:"flows"`
	Hosts   uint64   `json:"hosts,omitempty"` // that were judged
	FirstNs *int64   `json:"first_ns"`
	LastNs  *int64   `json:"last_ns"`
	Warned  []string `json:"warnings,omitempty"` // of run, escaped

	Verdict  Verdict   `json:"verdict"`
	Severity string    `json:"severity"` // the worst of drift and rules
	Drift    *DriftSum `json:"drift,omitempty"`
	Rules    *RulesSum `json:"rules,omitempty"`
	Past     *Past     `json:"baseline,omitempty"`
	Why      []string  `json:"why,omitempty"` // what the verdict rests on, the most telling first; escaped
	Taught   bool      `json:"taught"`        // it has a baseline of its own
	Reports  []string  `json:"reports"`       // names in reports/NIGHT
	Exit     int       `json:"exit"`
}

// Input is a capture of a night.
type Input struct {
	Path    string `json:"path"`               // see manifest.EncodePath
	PathHex string `json:"path_hex,omitempty"` // raw bytes, where Path is not them
	Bytes   int64  `json:"bytes"`
	ModNs   int64  `json:"mod_ns"`
	SHA256  string `json:"sha256"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason,omitempty"`
	Offset  int64  `json:"offset,omitempty"`
	Packets int64  `json:"packets"`
}

// raw is the path that the system knows.
func (in *Input) raw() (string, error) { return manifest.DecodePath(in.Path, in.PathHex) }

// Captures is a record of some captures of a night whose own record is too short for them.
type Captures struct {
	Night  string  `json:"night"`
	Inputs []Input `json:"inputs"`
}

// DriftSum is a drift report in short.
type DriftSum struct {
	Verdict string `json:"verdict"`
	Items   int    `json:"items"` // at or above fail_on
	Hosts   int    `json:"hosts"` // likewise
}

// RulesSum is what rules said in short.
type RulesSum struct {
	Worst      string `json:"worst"`
	Alerts     int    `json:"alerts"`
	Failing    int    `json:"failing"` // at or above fail_on
	Incomplete bool   `json:"incomplete,omitempty"`
}

// Past is what a night was judged by.
type Past struct {
	Nights int    `json:"nights"` // 0: a fixed baseline
	First  string `json:"first,omitempty"`
	Last   string `json:"last,omitempty"`
	SHA256 string `json:"sha256"`
}

// Silent is a record of nights without captures.
type Silent struct {
	First  string `json:"first"`
	Last   string `json:"last"`
	Nights int    `json:"nights"`
}

// Changed is a record of a capture that is not what it was.
type Changed struct {
	Path  string `json:"path"` // escaped where it does not print
	Night string `json:"night"`
	Was   string `json:"was_sha256"`
	Is    string `json:"is_sha256"`
}

// Same is a record of a capture that was read, and has another name or time now.
type Same struct {
	Night string `json:"night"`
	Input
}

// Again is a record of a night whose tables are about to be replaced: until it is done, they are
// not those of its record.
type Again struct {
	Name string `json:"night"`
}

// Failed is a record of a night that could not be done.
type Failed struct {
	Name string `json:"night"`
	Try  int    `json:"try"` // of Failure.Tries
	Exit int    `json:"exit"`
	Why  string `json:"why"` // escaped
}

// Mark is a record of what someone said of a night.
type Mark struct {
	Name string `json:"night"`
	Good bool   `json:"good"`
	Why  string `json:"why,omitempty"`
}

// Deleted is a record of what retention removed.
type Deleted struct {
	What string `json:"what"` // tables, reports, baseline, capture
	Name string `json:"name"` // night, or path of a capture
	Why  string `json:"why"`  // age, size, count, reserve
}

// End is a record of having told all that is before it.
type End struct {
	Nights []string `json:"nights"`
	Exit   int      `json:"exit"`
}

// start is the begin of the night.
func (n *Night) start() time.Time { return time.Unix(0, n.StartNs).UTC() }
