package event

import "pcapmill/outputs/manifest"

// Analysis is the beginning of an analysis.
type Analysis struct {
	PlanID   string        `json:"plan_id"`
	Segments string        `json:"segments"` // their folder, as given
	StartNs  int64         `json:"start_ns"`
	Options  any           `json:"options"` // as in the manifest
	Tool     manifest.Tool `json:"tool"`
}

// Commit is a segment whose tables are whole.
type Commit struct {
	Number     int64               `json:"number"` // of the segment
	SHA256     string              `json:"sha256"` // of the segment
	Tables     []Table             `json:"tables"`
	Accounting manifest.Accounting `json:"accounting"` // of the segment
	Checkpoint *Checkpoint         `json:"checkpoint"` // after the segment, where one was written
}

// Table is a part that a segment gave a table.
type Table struct {
	Name   string `json:"name"`
	Path   string `json:"path"` // relative to OUT, with slashes
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Checkpoint refers to a checkpoint file.
type Checkpoint struct {
	Name    string `json:"name"`
	SHA256  string `json:"sha256"`
	Bytes   int64  `json:"bytes"`   // of the state
	Written int64  `json:"written"` // of them, new in this file
}

// Release says which segments analysis needs no more: all up to Through, but for those
// flagged, which it asks to keep for good.
type Release struct {
	Through int64   `json:"through"`
	Flagged []int64 `json:"flagged,omitempty"` // of those since the release before
}
