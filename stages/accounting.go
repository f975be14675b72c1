package stages

import (
	"errors"
	"fmt"

	"pcapmill/features/column"
	"pcapmill/ingest/defrag"
	"pcapmill/ingest/packet"
)

// ErrSink marks failures of writing the tables.
var ErrSink = errors.New("writing tables")

// InputSummary is what came of one input.
type InputSummary struct {
	Accounting   packet.Accounting
	Inner        [packet.NumOutcomes]int64 // layers in tunnels by what became of them; OverLimit: too deep
	Interfaces   []packet.Interface
	First, Last  packet.Nanos // earliest and latest packet time, filtered packets left out
	Timed        bool         // First and Last are set
	Backward     int64        // packets whose time is before that of one read earlier
	Reordered    int64        // of these, those put before a packet read earlier
	ClockSteps   int64        // times that the capturing clock was set back
	Duplicates   int64        // packets marked as duplicates
	Late         int64        // packets before the packet clock when their turn came
	TimeOutliers int64        // packets whose time the clock did not follow
	Fragments    defrag.Stats // what became of IP fragments
	Err          error        // why reading ended early; nil after a clean end
	Rejected     bool         // nothing could be read
	Stopped      bool         // --packets was reached within this input
	Skipped      bool         // --packets was reached before it
}

func (s *InputSummary) sawTime(t packet.Nanos) {
	if !s.Timed {
		s.First, s.Last, s.Timed = t, t, true
		return
	}
	s.First, s.Last = min(s.First, t), max(s.Last, t)
}

// Result is what came of a run.
type Result struct {
	Inputs        []InputSummary
	Accounting    packet.Accounting // over all inputs
	Flows         int64             // rows of the flows table
	InFlows       packet.Tally      // summed over those rows
	Evicted       int64             // rows that ended because no more flows fit into memory
	Schema        *column.Schema    // of the flows table
	Records       []RecordTable     // in the order of their names in the program, then the errors table
	Errors        []ErrorCount      // what is wrong with packets, also where no table says it
	Windows       []WindowTable     // in the order of their names in the program
	WindowParts   int64             // of windows of hosts that were written before or after their time
	WithoutSeries int64             // hosts in windows whose periods are unknown for lack of memory
	Captures      []CaptureFile     // those that were asked for
	Streams       StreamTotals      // of all TCP streams that were read
	Checks        []Check
}

// Check is a self-check of a run.
type Check struct {
	Name   string
	OK     bool
	Detail string
}

// Failed returns the failed checks.
func (r *Result) Failed() []Check {
	var failed []Check
	for _, c := range r.Checks {
		if !c.OK {
			failed = append(failed, c)
		}
	}
	return failed
}

// collect sums up a finished run and checks its books.
func collect(f *feeder, shards []*shard, seq *sequencer, records *recordMerger) (*Result, error) {
	r := &Result{Inputs: f.Inputs, Flows: seq.rows, InFlows: seq.inFlow, Schema: seq.table.Schema}
	if records != nil {
		r.Records = records.tables(shards)
	}
	conserved := true
	for i := range r.Inputs {
		conserved = conserved && r.Inputs[i].Accounting.Conserved()
		r.Accounting.Plus(&r.Inputs[i].Accounting)
	}
	var tally errorTally
	var malformed int64
	for _, s := range shards {
		r.Evicted += s.table.evicted
		if rc := s.table.recorder; rc != nil {
			malformed += rc.messagesMalformed()
			r.Streams.plus(&rc.sum)
			r.Streams.Released += rc.released
			r.Streams.Unheard += rc.unheard
		}
		if s.notes != nil {
			tally.plus(&s.notes.tally)
		}
	}
	if records != nil {
		r.Captures = records.saver.captures()
	}
	r.Errors = tally.counts()
	r.check("packets_read equals the sum of all outcomes, for every input", conserved,
		fmt.Sprintf("read %+v, disposed %+v", r.Accounting.Read, r.Accounting.Disposed()))
	r.check("flow rows account for every packet in_flow", r.InFlows == r.Accounting.By[packet.InFlow],
		fmt.Sprintf("rows %+v, in_flow %+v", r.InFlows, r.Accounting.By[packet.InFlow]))
	r.windows(f, seq)
	if f.cfg.Errors || f.cfg.SaveErrors {
		r.checkErrors(&tally, malformed)
	}
	return r, nil
}

// windows adds the tables of windows, in the order in which they were opened.
func (r *Result) windows(f *feeder, seq *sequencer) {
	if f.slots != nil {
		r.Windows = append(r.Windows, f.slots.table())
	}
	if seq.hosts != nil {
		r.Windows = append(r.Windows, seq.hosts.written()...)
		r.WindowParts, r.WithoutSeries = seq.hosts.Parts(), seq.hosts.WithoutSeries()
	}
	for i := range r.Windows {
		w := &r.Windows[i]
		w.of(&r.Accounting)
		for grid, sum := range w.Sums {
			r.check(w.Schema.Table+" "+w.RowsOf(grid)+" account for all "+w.What, sum == w.Of, fmt.Sprintf("rows %+v, packets %+v", sum, w.Of))
		}
	}
}

func (r *Result) check(name string, ok bool, detail string) {
	r.Checks = append(r.Checks, Check{Name: name, OK: ok, Detail: detail})
}
