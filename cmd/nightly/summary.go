package nightly

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"pcapmill/cmd/job"
	"pcapmill/outputs/text"
)

// Summary is what an execution has to say: of all nights that were not told before, and of
// what is left.
type Summary struct {
	Status string `json:"status"` // idle, ok, marked, flagged, incomplete, error, stopped, busy; of --dry-run: planned
	Exit   int    `json:"exit"`
	Error  string `json:"error,omitempty"` // what ended it early, escaped

	Done     []string  `json:"done"` // nights, in the order in which they were done
	Nights   []*Night  `json:"nights"`
	Silent   []Silent  `json:"silent"`
	Changed  []Changed `json:"changed"`
	Failed   []Failed  `json:"failed"`
	Deleted  int       `json:"deleted"` // tables, reports, baselines and captures
	Last     string    `json:"last,omitempty"`
	Verdict  Verdict   `json:"verdict,omitempty"` // of the last night, new or not
	Severity string    `json:"severity,omitempty"`

	Good    int    `json:"good_nights"`     // that the next night is judged by
	Waiting int    `json:"waiting"`         // captures of nights that are not over
	Fresh   int    `json:"fresh"`           // captures that may still be written, and others of their nights
	GivenUp int    `json:"given_up"`        // nights that failed too often
	Stale   int    `json:"stale"`           // captures that have changed since they were read
	Unnamed int    `json:"unnamed"`         // captures whose names have no date
	Strange int    `json:"not_captures"`    // files
	Index   string `json:"index,omitempty"` // path of the page

	Planned []Planned `json:"planned,omitempty"` // of --dry-run
}

// Planning is the status of an execution that only says what it would do.
const Planning = "planned"

// Planned is a night that would be done.
type Planned struct {
	Name  string   `json:"night"`
	Again bool     `json:"again,omitempty"`
	Bytes int64    `json:"bytes"`
	Files []string `json:"files"` // escape them
}

// left takes over what a plan leaves.
func (s *Summary) left(p *plan) {
	s.Waiting, s.Fresh, s.GivenUp, s.Stale, s.Unnamed, s.Strange = p.waiting, p.fresh, p.givenUp, p.stale, p.unnamed, p.strange
}

// sum takes over what is to be told, and decides the exit code.
func (x *execution) sum(ctx context.Context, s *Summary, err error) {
	u := &x.state.untold
	s.Nights, s.Silent, s.Changed, s.Failed, s.Deleted = u.nights, u.silent, u.changed, u.failed, u.deleted
	for _, n := range u.nights {
		s.Done = append(s.Done, n.Name)
		s.Exit = worse(s.Exit, n.Exit)
	}
	for i := range u.failed {
		if x.state.tries[u.failed[i].Name] > 0 { // else it has been done since
			s.Exit = worse(s.Exit, u.failed[i].Exit)
		}
	}
	if len(u.silent) > 0 {
		s.Exit = worse(s.Exit, job.ExitRejected)
	}
	if len(u.changed) > 0 {
		s.Exit = worse(s.Exit, job.ExitPartial)
	}
	if all := x.state.inOrder(); len(all) > 0 {
		last := all[len(all)-1]
		s.Last, s.Verdict, s.Severity = last.Name, last.Verdict, last.Severity
	}
	s.Good = len(x.pastOf(x.lastEnd(), ""))
	if x.c.Reports.Index > 0 && exists(x.c.at(IndexName)) {
		s.Index = x.c.at(IndexName)
	}
	x.status(ctx, s, err)
}

// status names what came of it.
func (x *execution) status(ctx context.Context, s *Summary, err error) {
	if err != nil {
		s.Status, s.Exit, s.Error = statusOf(ctx, err), worse(s.Exit, exitOf(ctx, err)), text.Escape(err.Error())
		return
	}
	switch {
	case s.Exit == job.ExitDrift:
		s.Status = "flagged"
	case s.Exit != job.ExitOK:
		s.Status = "incomplete"
	case x.o.Mark != nil:
		s.Status = "marked"
	case len(s.Nights) == 0:
		s.Status = "idle"
	default:
		s.Status = "ok"
	}
}

// alerts counts what failed in the nights.
func (s *Summary) alerts() (n int) {
	for _, night := range s.Nights {
		if night.Drift != nil {
			n += night.Drift.Items + night.Drift.Hosts
		}
		if night.Rules != nil {
			n += night.Rules.Failing
		}
	}
	return n
}

// flagged lists nights that were, up to ten.
func (s *Summary) flagged() string {
	var names []string
	for _, n := range s.Nights {
		if n.Verdict == Flagged {
			names = append(names, n.Name)
		}
	}
	if more := len(names) - mostListed; more > 0 {
		names = append(names[:mostListed], fmt.Sprintf("+%d", more))
	}
	return strings.Join(names, ",")
}

// mostListed bounds lists in the line.
const mostListed = 10

// silence counts nights without captures.
func (s *Summary) silence() (n int) {
	for _, x := range s.Silent {
		n += x.Nights
	}
	return n
}

// Line is the summary in one line of key=value. Values with anything but letters, digits and
// a few signs are in quotes, as Go writes them; empty ones are left out. Keys are added in
// later versions, and none changes its meaning.
func (s *Summary) Line() string {
	var packets, flows int64
	damaged := 0
	for _, n := range s.Nights {
		packets, flows, damaged = packets+n.Packets, flows+n.Flows, damaged+n.Damaged
	}
	pairs := [][2]string{
		{"status", s.Status}, {"exit", strconv.Itoa(s.Exit)}, {"nights", strconv.Itoa(len(s.Nights))}, {"last", s.Last},
		{"verdict", string(s.Verdict)}, {"severity", s.Severity}, {"flagged", s.flagged()}, {"alerts", strconv.Itoa(s.alerts())},
		{"packets", strconv.FormatInt(packets, 10)}, {"flows", strconv.FormatInt(flows, 10)}, {"damaged", strconv.Itoa(damaged)},
		{"silent", strconv.Itoa(s.silence())}, {"changed", strconv.Itoa(len(s.Changed))}, {"failed", strconv.Itoa(len(s.Failed))},
		{"good_nights", strconv.Itoa(s.Good)}, {"waiting", strconv.Itoa(s.Waiting)}, {"fresh", strconv.Itoa(s.Fresh)},
		{"given_up", strconv.Itoa(s.GivenUp)}, {"stale", strconv.Itoa(s.Stale)}, {"unnamed", strconv.Itoa(s.Unnamed)},
		{"deleted", strconv.Itoa(s.Deleted)}, {"index", s.Index}, {"error", s.Error},
	}
	var b strings.Builder
	b.WriteString("nightly")
	for _, p := range pairs {
		if p[1] != "" {
			b.WriteString(" " + p[0] + "=" + quoted(p[1]))
		}
	}
	return b.String()
}

// quoted writes a value so that a space ends it and nothing else.
func quoted(s string) string {
	for _, r := range s {
		plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:,+", r)
		if !plain {
			return strconv.QuoteToASCII(text.Escape(s))
		}
	}
	return s
}

// dryRun says what would be done.
func (x *execution) dryRun(ctx context.Context) (*Summary, error) {
	f, err := x.lookBy(readState)
	if err != nil {
		return x.failedAtOnce(ctx, err)
	}
	p, err := planned(ctx, f, x.o.Date)
	if err != nil {
		return x.failedAtOnce(ctx, err)
	}
	s := &Summary{Status: Planning, Silent: p.silent, Changed: p.changed, Good: len(x.pastOf(x.lastEnd(), ""))}
	s.left(p)
	for _, t := range p.tasks {
		one := Planned{Name: t.name, Again: t.again}
		for _, f := range t.files {
			one.Files, one.Bytes = append(one.Files, f.path), one.Bytes+f.bytes
		}
		s.Planned = append(s.Planned, one)
	}
	return s, x.o.Say(s)
}
