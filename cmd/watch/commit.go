package watch

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"pcapmill/model/windows"
	"pcapmill/outputs/livefolder"
)

// Part is a file that a segment gave a table.
type Part struct {
	Table string `json:"table"`
	Path  string `json:"path"` // relative to OUT, with slashes
	Rows  int64  `json:"rows"`
}

// Commit is a segment whose tables are whole, and on disk.
type Commit struct {
	Segment int64  `json:"segment"`          // its number; they rise
	AtEnd   bool   `json:"at_end,omitempty"` // rows that the end of a session brought, behind those of the segment
	Parts   []Part `json:"parts"`            // in the order of their rows

	// First and Last are what the segment covers of packet time, ns since 1970, as the manifest says
	// of this input: manifest.Input.Covers. Clock is the session's packet clock behind it. All 0: no packet has come yet.
	First int64 `json:"first_ns"`
	Last  int64 `json:"last_ns"`
	Clock int64 `json:"clock_ns"`

	Lacks Lacks `json:"lacks"`
}

// Lacks is what a segment may lack, for drift of capture losses not to be taken for drift of
// the network. It has what windows.Recorded has, for one segment.
type Lacks struct {
	Packets      int64  `json:"packets"` // read
	Malformed    int64  `json:"malformed"`
	Dropped      *int64 `json:"dropped"` // by kernel and interface; nil: not known
	EvictedFlows int64  `json:"evicted_flows"`
	StreamBytes  int64  `json:"stream_bytes"`
	GapBytes     int64  `json:"gap_bytes"`
	Damaged      bool   `json:"damaged"` // read in part
}

// mark is its place among all.
func (c *Commit) mark() livefolder.Mark { return livefolder.Mark{Number: c.Segment, AtEnd: c.AtEnd} }

// files returns the paths of the parts of a table, below a folder.
func (c *Commit) files(out, table string) (all []string) {
	for i := range c.Parts {
		if p := &c.Parts[i]; p.Table == table && p.Rows > 0 {
			all = append(all, filepath.Join(out, filepath.FromSlash(p.Path)))
		}
	}
	return all
}

// valid reports whether all parts are inside of OUT: the state file could say anything.
func (c *Commit) valid() bool {
	return !slices.ContainsFunc(c.Parts, func(p Part) bool {
		return p.Path == "" || path.IsAbs(p.Path) || path.Clean(p.Path) != p.Path || p.Path == ".." || strings.HasPrefix(p.Path, "../")
	})
}

// lacked sums up what segments lack.
func lacked(commits []*kept) *windows.Recorded {
	r := &windows.Recorded{Inputs: int64(len(commits))}
	for _, c := range commits {
		l := &c.Lacks
		r.Packets += l.Packets
		r.Malformed += l.Malformed
		r.EvictedFlows += l.EvictedFlows
		r.StreamBytes += l.StreamBytes
		r.GapBytes += l.GapBytes
		if l.Damaged {
			r.Cut++
		}
		if l.Dropped != nil {
			if r.Dropped == nil {
				r.Dropped = new(int64)
			}
			*r.Dropped += *l.Dropped
		}
		r.CoveredNs += max(0, c.Last-c.First)
	}
	return r
}
