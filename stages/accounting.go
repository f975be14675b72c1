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
	Err          error        `snapshot:"-"` // why reading ended early; nil after a clean end
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

// Belated adds what Feeds found out about packets that had waited in the window: that they are
// late, outliers, duplicates, out of order, or fragments, and what was in tunnels. Their outcomes are
// no part of it.
func (s *InputSummary) Belated(t *InputSummary) {
	s.Backward, s.Reordered, s.ClockSteps = s.Backward+t.Backward, s.Reordered+t.Reordered, s.ClockSteps+t.ClockSteps
	s.Duplicates, s.Late, s.TimeOutliers = s.Duplicates+t.Duplicates, s.Late+t.Late, s.TimeOutliers+t.TimeOutliers
	for out, n := range t.Inner {
		s.Inner[out] += n
	}
	s.Fragments.Plus(&t.Fragments)
}

// plus adds what became of another input's packets.
func (s *InputSummary) plus(t *InputSummary) {
	s.Accounting.Plus(&t.Accounting)
	for out, n := range t.Inner {
		s.Inner[out] += n
	}
}

// Result is what came of a run, or of a Feed of a Session. Where packets wait when a Feed
// ends, what becomes of them is in the Accounting of a later one.
type Result struct {
	Inputs        []InputSummary    // of the Feed
	Earlier       InputSummary      // what became in it of packets read in Feeds before
	Accounting    packet.Accounting // over all inputs
	Held          packet.Tally      // packets read so far that wait and have no outcome yet
	Reached       packet.Nanos      // how far time has come: see Session.reached; packet.NoTime where it has not begun
	Open          int64             // flows that are open
	Flows         int64             // rows of the flows table
	InFlows       packet.Tally      // summed over those rows
	Evicted       int64             // rows that ended because no more flows fit into memory
	Schema        *column.Schema    `snapshot:"-"` // of the flows table
	Records       []RecordTable     // in the order of their names in the program, then the errors table
	Errors        []ErrorCount      // what is wrong with packets, also where no table says it
	Windows       []WindowTable     // in the order of their names in the program; their sums are what they must be at the end
	WindowParts   int64             // of windows of hosts that were written before or after their time
	WithoutSeries int64             // hosts in windows whose periods are unknown for lack of memory
	Captures      []CaptureFile     // those that were asked for
	Streams       StreamTotals      // of all TCP streams that were read
	Checks        []Check           // of all Feeds so far
	SoFar         *Result           // the sums over all Feeds, without Inputs
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

// sum adds up the whole run so far.
func (s *Session) sum() Result {
	f := s.feeder
	r := Result{Flows: s.seq.rows, InFlows: s.seq.inFlow, Schema: s.table.Schema, Accounting: f.total.Accounting}
	for i := range f.Inputs {
		r.Accounting.Plus(&f.Inputs[i].Accounting)
	}
	r.Accounting.Plus(&f.earlier.Accounting)
	r.Held, r.Reached = f.window.packets(), s.reached()
	if s.records != nil {
		r.Records = s.records.tables(s.shards)
		r.Captures = s.records.saver.captures()
	}
	for _, shard := range s.shards {
		t := shard.table
		r.Evicted += t.evicted
		r.Open += int64(t.buckets.used)
		if rc := t.recorder; rc != nil {
			r.Streams.plus(&rc.sum)
			r.Streams.Released += rc.released
			r.Streams.Unheard += rc.unheard
		}
	}
	r.windows(f, s.seq)
	return r
}

// collect sums up a Feed and checks the books: what is known at rest each time, the rest at
// the end.
func (s *Session) collect(ending bool) *Result {
	total := s.sum()
	tally, malformed := s.faults()
	total.Errors = tally.counts()
	s.checkPackets(&total)
	if ending {
		total.checkWindows()
	}
	if f := s.feeder; f.cfg.Errors || f.cfg.SaveErrors {
		total.checkErrors(&tally, s.inner(), malformed)
	}
	r := total.since(&s.sums)
	r.Earlier, r.Checks = s.feeder.earlier, total.Checks
	s.sums = total
	r.SoFar = &total
	return r
}

// faults returns what is wrong with packets so far, and how many messages are malformed.
func (s *Session) faults() (tally errorTally, malformed int64) {
	for _, shard := range s.shards {
		if rc := shard.table.recorder; rc != nil {
			malformed += rc.messagesMalformed()
		}
		if shard.notes != nil {
			tally.plus(&shard.notes.tally)
		}
	}
	return tally, malformed
}

// inner returns what became of the layers in tunnels so far.
func (s *Session) inner() [packet.NumOutcomes]int64 {
	f := s.feeder
	all := InputSummary{Inner: f.total.Inner}
	for i := range f.Inputs {
		all.plus(&f.Inputs[i])
	}
	all.plus(&f.earlier)
	return all.Inner
}

// checkPackets checks that no packet is lost.
func (s *Session) checkPackets(r *Result) {
	conserved := true
	if s.feeder.first == 0 && r.Held == (packet.Tally{}) {
		for i := range s.feeder.Inputs {
			conserved = conserved && s.feeder.Inputs[i].Accounting.Conserved()
		}
	}
	disposed := r.Accounting.Disposed()
	disposed.Plus(r.Held)
	r.check("packets_read equals the sum of all outcomes, for every input", conserved && disposed == r.Accounting.Read,
		fmt.Sprintf("read %+v, disposed %+v", r.Accounting.Read, disposed))
	rows := s.unwritten()
	rows.Plus(r.InFlows)
	r.check("flow rows account for every packet in_flow", rows == r.Accounting.By[packet.InFlow],
		fmt.Sprintf("rows %+v, in_flow %+v", rows, r.Accounting.By[packet.InFlow]))
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
		r.Windows[i].of(&r.Accounting)
	}
}

// checkWindows checks that each packet is in the windows that it should be in.
func (r *Result) checkWindows() {
	for i := range r.Windows {
		w := &r.Windows[i]
		for grid, sum := range w.Sums {
			r.check(w.Schema.Table+" "+w.RowsOf(grid)+" account for all "+w.What, sum == w.Of, fmt.Sprintf("rows %+v, packets %+v", sum, w.Of))
		}
	}
}

func (r *Result) check(name string, ok bool, detail string) {
	r.Checks = append(r.Checks, Check{Name: name, OK: ok, Detail: detail})
}
