package job

import (
	"fmt"
	"slices"
	"time"

	"pcapmill/ingest/input"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
	"pcapmill/stages"
)

// Exit codes, as `pcapmill --help` lists them.
const (
	ExitOK        = 0
	ExitInternal  = 1
	ExitUsage     = 2
	ExitPartial   = 3
	ExitRejected  = 4
	ExitLimit     = 5
	ExitOutput    = 6
	ExitSelfCheck = 7
	ExitDrift     = 10  // drift, or an alert of a rule, at or above the severity that was asked for
	ExitSignal    = 128 // plus the signal's number
)

// Report is what came of a run.
type Report struct {
	Exit       int
	Nothing    bool // the folder was complete for the same plan and inputs
	Out        string
	PlanID     string
	RunID      string
	Inputs     []InputReport
	Left       int // files in directories that are no input
	Accounting packet.Accounting
	Links      []LinkCount // link types not decoded, most packets first
	Evicted    int64       // flows ended early because memory was short
	MaxFlows   int64
	Tables     []manifest.Table
	Captures   []manifest.Capture
	Checks     []manifest.SelfCheck // that failed
	Warnings   []string
	Wall       time.Duration

	Inner [packet.NumOutcomes]int64 // layers in tunnels by what became of them
}

// InputReport is what came of one input.
type InputReport struct {
	Name    string // as given; escape it
	Outcome Outcome
	Facts   input.Facts
	summary *stages.InputSummary
}

// Packets returns the packets that were read and kept.
func (r *InputReport) Packets() int64 { return r.summary.Accounting.Read.Packets }

// Line says in one escaped line what came of the input, without its name.
func (r *InputReport) Line() string {
	o := &r.Outcome
	packets := fmt.Sprintf("%d packets", r.Packets())
	if r.Packets() == 1 {
		packets = "1 packet"
	}
	switch o.Kind {
	case manifest.Complete:
		return "complete, " + packets
	case manifest.CompleteWithNotes:
		line := "complete, " + packets
		for i, n := range r.notes() {
			sep := "; "
			if i == 0 {
				sep = " ("
			}
			line += sep + n
		}
		return line + ")"
	}
	line := fmt.Sprintf("%s: %s at offset %d", o.Kind, o.Reason, o.Offset)
	if o.Detail != "" {
		line += ": " + text.Escape(o.Detail)
	}
	return line + "; " + packets + " kept"
}

// OK reports whether the input was read completely.
func (r *InputReport) OK() bool {
	return r.Outcome.Kind == manifest.Complete || r.Outcome.Kind == manifest.CompleteWithNotes
}

// Unreadable reports whether the system would not open the input, or read it to its end, whatever is in it.
func (r *InputReport) Unreadable() bool {
	return slices.Contains([]string{reasonNotFound, reasonPermission, reasonOpenFailed, reasonReadFailed}, r.Outcome.Reason)
}

// notes are what was unusual, for the manifest and for people, escaped.
func (r *InputReport) notes() []string {
	var notes []string
	for _, n := range r.Facts.Notes {
		notes = append(notes, fmt.Sprintf("%s: %d", n.Key, n.Count))
	}
	s := r.summary
	if n := s.Accounting.By[packet.UnsupportedLink].Packets; n > 0 {
		notes = append(notes, fmt.Sprintf("unsupported_link: %d", n))
	}
	if n := s.Accounting.By[packet.OtherLink].Packets; n > 0 {
		notes = append(notes, fmt.Sprintf("other_link: %d", n))
	}
	notes = append(notes, orderNotes(s)...)
	notes = append(notes, fragmentNotes(&s.Fragments)...)
	if s.Stopped {
		notes = append(notes, "stopped at the number of packets asked for")
	}
	if s.Skipped {
		notes = append(notes, reasonUnread+": the number of packets asked for was reached before")
	}
	if !r.OK() && r.Outcome.Detail != "" {
		notes = append(notes, text.Escape(r.Outcome.Detail))
	}
	return notes
}

// exitOf returns the exit code of a run that published its tables, from the
// manifest: the highest that any input or check asks for.
func exitOf(m *manifest.Manifest) int {
	code := ExitOK
	for i := range m.Inputs {
		switch m.Inputs[i].Outcome {
		case manifest.Partial:
			code = max(code, ExitPartial)
		case manifest.Rejected:
			code = max(code, ExitRejected)
		case manifest.Limit:
			code = max(code, ExitLimit)
		}
	}
	for _, c := range m.SelfChecks {
		if !c.OK {
			return ExitSelfCheck
		}
	}
	return code
}

// NewInputReport returns the report of an input without a packet.
func NewInputReport(name string, o Outcome) InputReport {
	return InputReport{Name: name, Outcome: o, summary: new(stages.InputSummary)}
}
