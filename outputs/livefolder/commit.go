package livefolder

import (
	"encoding/json"

	"pcapmill/outputs/jsonscan"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/manifest"
)

// decodeCommit reads a commit: nearly all of a long ledger is that. Of its Input, where it is to be
// brief, Outcome is read alone. What scan leaves is for encoding/json.
func decodeCommit(r *ledger.Record, brief bool) (*Commit, error) {
	c := new(Commit)
	if from := jsonscan.New(r.Body); c.scan(from, r.Body, brief) && from.End() {
		return c, nil
	}
	c = new(Commit)
	return c, decode(r, c)
}

var commitMembers = []string{
	"number", "sha256", "at_end", "input", "tables", "accounting", "segments_at", "gaps", "drops", "clock_ns",
	"drops_uncounted", "evicted_flows", "tcp_bytes", "tcp_gap_bytes",
}

func (x *Commit) scan(c *jsonscan.Cursor, data []byte, brief bool) bool {
	return c.Members(commitMembers, func(name string) bool {
		switch name {
		case "number":
			return c.IntTo(&x.Number)
		case "sha256":
			return c.TextTo(&x.SHA256)
		case "at_end":
			return c.BoolTo(&x.AtEnd)
		case "input":
			x.Input = new(manifest.Input)
			if brief {
				return scanOutcome(c, x.Input)
			}
			from := c.At()
			return c.Skip() && data[from] == '{' && json.Unmarshal(data[from:c.At()], x.Input) == nil
		case "tables":
			return x.scanTables(c)
		case "accounting":
			return x.Accounting.Scan(c)
		case "segments_at":
			return x.At.Scan(c)
		case "gaps":
			return c.IntTo(&x.Gaps)
		case "drops":
			return c.IntTo(&x.Drops)
		case "clock_ns":
			return c.IntTo(&x.ClockNs)
		case "drops_uncounted":
			return c.BoolTo(&x.Uncounted)
		case "evicted_flows":
			return c.IntTo(&x.Evicted)
		case "tcp_bytes":
			return c.IntTo(&x.TCPBytes)
		}
		return c.IntTo(&x.TCPGaps)
	})
}

var outcomeMembers = []string{"outcome"}

func scanOutcome(c *jsonscan.Cursor, in *manifest.Input) bool {
	return c.Members(outcomeMembers, func(string) bool { return c.TextTo(&in.Outcome) })
}

func (x *Commit) scanTables(c *jsonscan.Cursor) bool {
	if c.Literal("null") {
		return true
	}
	x.Tables = []Part{}
	return c.Array(func() bool {
		x.Tables = append(x.Tables, Part{})
		return x.Tables[len(x.Tables)-1].scan(c)
	})
}

var partMembers = []string{"name", "path", "rows", "bytes", "sha256"}

func (p *Part) scan(c *jsonscan.Cursor) bool {
	return c.Members(partMembers, func(name string) bool {
		switch name {
		case "name":
			return c.TextTo(&p.Name)
		case "path":
			return c.TextTo(&p.Path)
		case "rows":
			return c.IntTo(&p.Rows)
		case "bytes":
			return c.IntTo(&p.Bytes)
		}
		return c.TextTo(&p.SHA256)
	})
}
