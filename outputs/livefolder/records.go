package livefolder

import (
	"errors"
	"fmt"
	"slices"

	"pcapmill/outputs/ledger"
	"pcapmill/outputs/manifest"
)

// LedgerName is the ledger's name in the folder.
const LedgerName = "ledger.jsonl"

// The events of the ledger.
const (
	SessionEvent    = "session"
	CommitEvent     = "commit"
	CheckpointEvent = "checkpoint"
	ReleaseEvent    = "release"
	GapEvent        = "gap"
	EndEvent        = "end"
)

// Session is the beginning of an analysis: of a folder, or after the end of the one before.
type Session struct {
	PlanID   string            `json:"plan_id"`
	Segments string            `json:"segments"` // their folder, as given
	Options  map[string]string `json:"options"`  // as in the manifest
	Tool     manifest.Tool     `json:"tool"`
	From     ledger.Position   `json:"from"`            // of the segments' ledger, where this session begins
	First    int64             `json:"first_input"`     // capture_id of its first segment: how many the sessions before have
	Broke    *Gap              `json:"broke,omitempty"` // the session before it, which could not be continued
}

// Commit is a segment whose tables are whole, or the rows that its session's end brought.
type Commit struct {
	Number     int64               `json:"number"`           // of the segment
	SHA256     string              `json:"sha256"`           // of the segment, as its ledger has it
	AtEnd      bool                `json:"at_end,omitempty"` // rows of the session's end, behind those of the segment
	Input      *manifest.Input     `json:"input,omitempty"`  // what came of the segment; nil at the end
	Tables     []Part              `json:"tables"`           // parts, in the order of the tables
	Accounting manifest.Accounting `json:"accounting"`       // of what was read and decided with this segment
	At         ledger.Position     `json:"segments_at"`      // of the segments' ledger, behind the segment's record
	Gaps       int64               `json:"gaps"`             // rows of the table of gaps
	Drops      int64               `json:"drops"`            // packets that these rows count
	ClockNs    int64               `json:"clock_ns"`         // the session's packet clock: rows that close before its second are there; where no packet has had its turn, how far time has come; 0: it has not begun

	// What else rows may lack, of this commit alone.
	Uncounted bool  `json:"drops_uncounted,omitempty"` // capture was killed before it had counted: Drops is what is known
	Evicted   int64 `json:"evicted_flows,omitempty"`
	TCPBytes  int64 `json:"tcp_bytes,omitempty"` // of streams that records were read from
	TCPGaps   int64 `json:"tcp_gap_bytes,omitempty"`
}

// Part is a file of a table.
type Part struct {
	Name   string `json:"name"` // of the table
	Path   string `json:"path"` // relative to the folder, with slashes
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Checkpoint is a file with the session's state behind a commit.
type Checkpoint struct {
	Number  int64           `json:"number"` // of the last segment in it
	File    string          `json:"file"`   // name, in checkpoints/
	SHA256  string          `json:"sha256"`
	Bytes   int64           `json:"bytes"`             // of the state
	Written int64           `json:"written"`           // of them, new in this file
	At      ledger.Position `json:"segments_at"`       // of the segments' ledger
	Date    string          `json:"date"`              // of that segment's parts
	ClockNs int64           `json:"clock_ns"`          // how far packet time has come; 0: it has not begun
	Flagged []int64         `json:"flagged,omitempty"` // segments that no release has named yet
}

// Release says which segments analysis needs no more: all up to Through but those flagged, which
// it asks to keep for good.
type Release struct {
	Through int64   `json:"through"`
	Flagged []int64 `json:"flagged,omitempty"` // of those since the release before
}

// Gap is where rows could not be continued: the session before it has no end, and its flows that
// were open are missing.
type Gap struct {
	Through int64  `json:"through"` // last segment whose rows are there
	TimeNs  int64  `json:"at_ns"`   // wall clock
	Why     string `json:"why"`
}

// End is the end of a session: flows that were open have ended, and all rows are there.
type End struct {
	Why     string                `json:"why"` // of capture's own end
	Through int64                 `json:"through"`
	At      ledger.Position       `json:"segments_at"` // of the segments' ledger, behind the end's record
	Checks  []manifest.SelfCheck  `json:"self_checks"` // of the session
	Errors  []manifest.ErrorCount `json:"errors,omitempty"`
	Streams map[string]int64      `json:"tcp_streams,omitempty"`
	Evicted int64                 `json:"evicted_flows"`
	Notes   []string              `json:"notes,omitempty"`
	Flagged []int64               `json:"flagged,omitempty"` // segments that no release has named yet
}

// Checks are what the ends of sessions say of themselves: all of the last one, and of those before what failed.
type Checks struct {
	All    []manifest.SelfCheck
	failed int // how many, at the beginning, are of sessions before the last
}

// End adds what the end of a session says.
func (c *Checks) End(e *End) {
	last := slices.DeleteFunc(c.All[c.failed:], func(one manifest.SelfCheck) bool { return one.OK })
	c.failed += len(last)
	c.All = append(c.All[:c.failed], e.Checks...)
}

// ErrRecord marks a record that no program of ours wrote.
var ErrRecord = errors.New("a record of the ledger makes no sense")

// maxNumber is the last segment that a name has room for.
const maxNumber = 9_999_999_999

// validate reports what a reader of a commit relies on.
func (c *Commit) validate() error {
	if c.Number < 1 || c.Number > maxNumber || c.AtEnd == (c.Input != nil) {
		return fmt.Errorf("%w: a commit of segment %d", ErrRecord, c.Number)
	}
	for i := range c.Tables {
		p := &c.Tables[i]
		name, err := ParsePart(p.Path)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrRecord, err)
		}
		if name.Table != p.Name || name.Number != c.Number || name.AtEnd != c.AtEnd || p.Rows < 0 || p.Bytes < 0 {
			return fmt.Errorf("%w: commit %d lists %q of %d rows", ErrRecord, c.Number, p.Path, p.Rows)
		}
	}
	return nil
}
