package job

import (
	"errors"
	"fmt"
	"time"

	"pcapmill/features/column"
	"pcapmill/ingest/input"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parts"
	"pcapmill/stages"
)

// Plan is what decides the bytes of the tables apart from the inputs, for whoever runs the stages
// in another way than Run does.
type Plan struct {
	ID      string
	Options map[string]string
	Schemas []*column.Schema // of all tables, in the order in which the stages open them
}

// Steady reports the first option that does not fit tables that grow without end, of one capture:
// what is written when all inputs are read, and what is about several of them.
func (o *Options) Steady() error {
	c := &o.Stages
	switch {
	case o.Out == "":
		return errors.New("no output folder: give one with --out")
	case o.Demo, o.Force, c.Merge, c.Inputs != stages.Sequence, c.Packets > 0:
		return errors.New("--demo, --force, --merge, --inputs independent and --packets are for run: a live capture is one, and ends when it is told to")
	case o.SaveStreams != "" || c.SaveErrors || c.Unknown:
		return errors.New("--save-streams, --save-errors and --unknown are for run: the segments hold all packets")
	case o.Input.Hash != input.HashSHA256:
		return errors.New("segments are checked by their hashes: leave --input-hash out")
	case o.Format == FormatSQLite:
		return errors.New("live tables cannot be in sqlite, which is one file: choose parquet, or export them later")
	}
	return nil
}

// Prepare validates the options of live tables, divides the memory, and returns the plan, which is
// that of a run with these options.
func (o *Options) Prepare() (*Plan, error) {
	if err := o.Steady(); err != nil {
		return nil, err
	}
	if err := o.validateTables(); err != nil {
		return nil, err
	}
	p, err := o.settle()
	if err != nil {
		return nil, err
	}
	return &Plan{p.id, p.options, p.schemas}, nil
}

// Parts says how parts of a table are written, of which first says whether it is the first of the
// plan's.
func (o *Options) Parts(p *Plan, first bool) parts.Config {
	return parts.Config{Format: o.Format, Parquet: o.Parquet, Meta: map[string]string{"plan_id": p.ID}, Long: !first}
}

// Reading is one capture file as an input of the stages.
type Reading struct {
	capture
	names nameBook
}

// NewReading returns the input of a file, called by a name, escaped or not.
func NewReading(path, name string, o *Options) *Reading {
	r := &Reading{capture: capture{source: newSource(path), cfg: o.Input}}
	r.source.name, r.capture.names = name, &r.names
	return r
}

// Close implements stages.Input. Whether the file is still what it was is for the caller to find out, who
// knew it before: of one that is gone meanwhile, all was read.
func (r *Reading) Close(s *stages.InputSummary) error {
	err := r.capture.Close(s)
	if r.change == nil {
		return err
	}
	r.change = nil
	return nil
}

// Report says what came of the input, once the stages have closed it.
func (r *Reading) Report(s *stages.InputSummary) InputReport { return inputReport(&r.capture, s) }

// SHA256 is that of the bytes that were read, once the stages have closed the input.
func (r *Reading) SHA256() string { return r.facts.SHA256 }

// Entry is the input's place in the manifest.
func (r *InputReport) Entry() manifest.Input {
	room := newClaimRoom()
	return inputEntry(r, &room)
}

// AddStreams adds the bytes of an input, by what they are, to an accounting.
func (r *InputReport) AddStreams(a *manifest.Accounting) { addStreams(a, []InputReport{*r}) }

// NewAccounting writes the disposition of packets as a manifest has it; outcomes without a packet
// are left out, but for in_flow.
func NewAccounting(a *packet.Accounting) manifest.Accounting { return inputAccounting(a) }

// Checks are the self-checks of a result, whose tables were published with these numbers of rows,
// in the order of the plan.
func Checks(r *stages.Result, tables []manifest.Table) []manifest.SelfCheck {
	return selfChecks(r, tables)
}

// ErrorCounts sums up what is wrong with packets.
func ErrorCounts(r *stages.Result) []manifest.ErrorCount { return errorCounts(r) }

// StreamTotals are the sums over the TCP streams; nil where none was read.
func StreamTotals(r *stages.Result) map[string]int64 { return streamTotals(&r.Streams) }

// Notes say what of the tables is not as it would be with more memory, or with other packets.
func Notes(r *stages.Result) []string { return append(malformed(r), windowNotes(r)...) }

// BelatedNotes say what was unusual about packets that waited, or datagrams that were not whole, when
// the last input of a session had been read.
func BelatedNotes(s *stages.InputSummary) []string {
	notes := append(orderNotes(s), fragmentNotes(&s.Fragments)...)
	if s.Late > 0 {
		notes = append(notes, fmt.Sprintf("late_packets: %d", s.Late))
	}
	if s.Duplicates > 0 {
		notes = append(notes, fmt.Sprintf("marked_duplicates: %d", s.Duplicates))
	}
	for i := range notes {
		notes[i] = "at the end: " + notes[i]
	}
	return notes
}

// NewExecution describes an execution that began at an instant.
func NewExecution(o *Options, p *Plan, began time.Time) *manifest.Execution {
	return stopwatch{began}.execution(o, &plan{options: p.Options, id: p.ID}, nil, nil)
}
