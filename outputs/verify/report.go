package verify

import (
	"errors"
	"fmt"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// ErrNoDataset: there is no manifest.json, so there is nothing to verify.
var ErrNoDataset = errors.New("no manifest.json: not a finished output folder")

// Config says how much is checked and how fast.
type Config struct {
	Workers  int  // parts read at the same time
	AnyMode  bool // whether files that others may read pass, as after an unpacked archive
	MaxFinds int  // findings kept; more are only counted
}

// DefaultConfig checks everything.
func DefaultConfig() Config { return Config{Workers: 2, MaxFinds: 1000} }

// Validate reports numbers below 1.
func (c Config) Validate() error {
	if c.Workers < 1 || c.MaxFinds < 1 {
		return fmt.Errorf("%d workers, %d findings", c.Workers, c.MaxFinds)
	}
	return nil
}

// The checks, as Finding.Check names them.
const (
	CheckManifest   = "manifest"   // readable, of a known version, agrees with its own hash
	CheckExecution  = "execution"  // execution.json likewise, and of the same run
	CheckLedger     = "ledger"     // of live tables: its chain, and that the manifest sums it up
	CheckMissing    = "missing"    // listed and not there, or no regular file
	CheckSize       = "size"       // bytes
	CheckSHA256     = "sha256"     // content
	CheckUnreadable = "unreadable" // does not open as its format
	CheckSchema     = "schema"     // hash of the schema in the footer
	CheckRows       = "rows"       // row counts
	CheckPlan       = "plan_id"    // in the footer
	CheckStray      = "stray"      // a part that is not listed, or a journal of a database
	CheckMode       = "mode"       // readable or writable by others
	CheckAccounting = "accounting" // conservation of packets and bytes
	CheckFlows      = "flows"      // sums over the flow rows
	CheckErrors     = "errors"     // rows of the errors table by outcome
	CheckSelf       = "self_check" // the run's own checks, as it wrote them
)

// Finding is one thing that is not as the manifest says.
type Finding struct {
	Check  string
	Path   string // relative to the folder; empty where it is about no file
	Detail string
}

// String returns the finding as one escaped line.
func (f Finding) String() string {
	s := f.Check + ": " + f.Detail
	if f.Path != "" {
		s = f.Path + ": " + s
	}
	return text.Escape(s)
}

// Report is the outcome of a verification.
type Report struct {
	Manifest  *manifest.Manifest // nil where it could not be read
	Findings  []Finding          // what is wrong, the clearest first
	Dropped   int                // findings beyond Config.MaxFinds
	Unchecked []string           // what could not be checked, and why
	Others    []string           // names in the folder that are not of the run
	Tables    int
	Parts     int
	Rows      int64 // counted in the parts
	Bytes     int64 // hashed
}

// OK reports whether nothing is wrong.
func (r *Report) OK() bool { return len(r.Findings) == 0 }

// find appends findings, up to the limit.
func (r *Report) find(limit int, found ...Finding) {
	room := max(limit-len(r.Findings), 0)
	if len(found) > room {
		r.Dropped += len(found) - room
		found = found[:room]
	}
	r.Findings = append(r.Findings, found...)
}
