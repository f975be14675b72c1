package match

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"pcapmill/datasets/label"
	"pcapmill/features/column"
	"pcapmill/outputs/tables"
)

// Input is what is joined.
type Input struct {
	Flows    string       // a flows table, as outputs/tables reads it
	View     *tables.View // by which it is read, several times; nil: it is looked at by Run first
	Captures []string     // paths of the captures by capture_id, as the manifest has them
	Set      *label.Set
}

// run is one run over all passes.
type run struct {
	in         Input
	cfg        *Config
	set        *label.Set
	captures   *captures
	cols       *columns
	keys       int // of cols, those that flows are made of; what conditions ask comes behind
	conditions *conditions
	ruleset    []rule
	index      *index
	events     []event
	eventIndex *eventIndex
	placed     []placed
	byKey      []int32 // scores in the order of their keys
	missing    *misses
	workers    []*worker
	report     *Report
	disagree   conflicts
}

// Run says of each flow what becomes of it, in the table's order; the Row is take's until it
// returns. Meanings of hits are the Set's, which is only read. Errors are ErrConfig, ErrLimit,
// tables.ErrTable, take's and the context's as they are, and ErrCheck.
func Run(ctx context.Context, in Input, c Config, take func(*Row) error) (*Report, error) {
	r, err := newRun(in, &c)
	if err != nil {
		return nil, err
	}
	var lost int64
	if len(r.events) > 0 {
		if lost, err = r.placeEvents(ctx); err != nil {
			return nil, err
		}
	}
	if err := r.labelFlows(ctx, take); err != nil {
		return nil, err
	}
	r.report.CandidatesMore = lost
	r.sum()
	if err := r.findMisses(ctx); err != nil {
		return nil, err
	}
	return r.report, r.report.check(len(r.set.Events), len(r.set.Scores))
}

func newRun(in Input, c *Config) (*run, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	r := &run{in: in, cfg: c, set: in.Set, captures: newCaptures(in.Captures)}
	if r.in.View == nil {
		r.in.View = tables.NewView()
	}
	if err := checkSet(in.Set); err != nil {
		return nil, err
	}
	for i := range r.set.Events {
		r.events = append(r.events, newEvent(&r.set.Events[i], r.captures))
	}
	r.eventIndex = newEventIndex(r.events, c)
	r.byKey = numbers(len(r.set.Scores), func(int) bool { return true })
	slices.SortFunc(r.byKey, func(a, b int32) int {
		return cmp.Or(cmp.Compare(r.set.Scores[a].Key, r.set.Scores[b].Key), cmp.Compare(a, b))
	})
	r.report = &Report{Rules: make([]RuleReport, len(r.set.Rules)), Events: make([]EventReport, len(r.events)), Sources: make([]SourceReport, len(r.set.Sources))}
	r.disagree = conflicts{flows: make(map[[2]Subject]int64), max: c.MaxConflicts}
	return r, nil
}

// mostOf bounds rules, events and scores: their numbers are halves of int32.
const mostOf = math.MaxInt32 / 2

// checkSet refuses what no reader makes of files.
func checkSet(s *label.Set) error {
	if len(s.Rules) > mostOf || len(s.Events) > mostOf || len(s.Scores) > mostOf {
		return fmt.Errorf("%w: %d rules, %d events, %d scores; there may be %d of each", ErrLimit, len(s.Rules), len(s.Events), len(s.Scores), mostOf)
	}
	var all []*label.Meaning
	for i := range s.Rules {
		all = append(all, &s.Rules[i].Meaning)
	}
	for i := range s.Events {
		all = append(all, &s.Events[i].Meaning)
	}
	for i := range s.Meanings {
		all = append(all, &s.Meanings[i])
	}
	for _, m := range all {
		if m.Source < 0 || int(m.Source) >= len(s.Sources) {
			return fmt.Errorf("%w: a label of source %d of %d", ErrConfig, m.Source, len(s.Sources))
		}
	}
	for i := range s.Scores {
		if m := s.Scores[i].Meaning; m < 0 || int(m) >= len(s.Meanings) {
			return fmt.Errorf("%w: a score of meaning %d of %d", ErrConfig, m, len(s.Meanings))
		}
	}
	return nil
}

// maxHosts are filed, of all rules together: 1.5 GB. Those that name one group are short.
const maxHosts = 4_000_000

// plan prepares for a table with such columns, before its first row is read.
func (r *run) plan(s *column.Schema) error {
	if r.cols != nil {
		return nil // a later pass over the same table
	}
	var err error
	if r.cols, err = newColumns(s, r.unasked()...); err != nil {
		return err
	}
	r.keys = len(r.cols.names)
	r.conditions = newConditions(r.cols)
	hosts := 0
	for i := range r.set.Rules {
		if hosts += len(r.set.Rules[i].Src) + len(r.set.Rules[i].Dst); hosts > maxHosts {
			return fmt.Errorf("%w: rules of more than %d hosts, those of a group for each rule", ErrLimit, maxHosts)
		}
		one, err := newRule(&r.set.Rules[i], r.captures, r.conditions)
		if err != nil {
			return err
		}
		r.ruleset = append(r.ruleset, one)
	}
	r.index = newIndex(r.ruleset, numbers(len(r.ruleset), func(int) bool { return true }), true)
	for _, w := range r.workers {
		if err := r.ready(w); err != nil {
			return err
		}
	}
	return nil
}

// unasked are the columns that no label asks for.
func (r *run) unasked() []int {
	var out []int
	if !slices.ContainsFunc(r.set.Rules, func(l label.Rule) bool { return len(l.VLANs) > 0 }) {
		out = append(out, vlanColumn)
	}
	if !slices.ContainsFunc(r.events, func(e event) bool { return e.byCommunity }) {
		out = append(out, communityColumn)
	}
	if !slices.ContainsFunc(r.events, func(e event) bool { return e.hasPacket }) {
		out = append(out, packetColumn)
	}
	return out
}

// begin makes the workers, which get ready once the columns are known.
func (r *run) begin() {
	if r.workers == nil {
		for range r.cfg.Workers {
			r.workers = append(r.workers, &worker{run: r})
		}
	}
}

// ready makes a worker ready for the first pass, and all others.
func (r *run) ready(w *worker) (err error) {
	w.counts = counts{
		rules:   make([]RuleCounts, len(r.ruleset)),
		sources: make([]sourceCounts, len(r.set.Sources)),
		scores:  make([]uint64, (len(r.set.Scores)+63)/64),
		tallies: make([]*tally, len(r.ruleset)),
		shifts:  make([]shifts, len(r.events)),
	}
	w.answers, err = r.conditions.answers()
	return err
}

// placeEvents is the first pass. It returns how many flows of events were too many.
func (r *run) placeEvents(ctx context.Context) (int64, error) {
	all, flows := newCandidates(r.events, r.cfg), &crowds{max: r.cfg.MaxCandidates}
	_, err := r.pass(ctx, false, (*worker).candidates, func(j *job) error {
		for i := range j.found {
			all.add(&j.found[i])
		}
		for i := range j.crowded {
			if err := flows.add(&j.crowded[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = r.settle(ctx, flows, all)
	}
	if err != nil {
		return 0, err
	}
	r.placed = all.place()
	for i := range r.placed {
		r.credit(&r.placed[i])
	}
	for i := range r.report.Events { // whose flows all were too many
		if one := &r.report.Events[i]; one.Flows == 0 && all.lost[i] > 0 {
			one.Outcome, one.Flows = label.Ambiguous, all.lost[i]
		}
	}
	return all.dropped, nil
}

// credit says in the report that an event is about a flow; flows come in their order.
func (r *run) credit(p *placed) {
	e := &r.report.Events[p.event]
	e.Outcome = label.Labelled
	if p.shared > 1 {
		e.Outcome = label.Ambiguous
	}
	if e.Flows == 0 {
		e.FlowID, e.Distance = p.flow, p.distance
	}
	e.Flows = max(e.Flows+1, p.shared)
	if p.shared > 1 {
		e.Flows = p.shared
	}
}

// pass reads the flows once, with the columns of conditions or without.
func (r *run) pass(ctx context.Context, whole bool, match func(*worker, *job) error, take func(*job) error) (int64, error) {
	r.begin()
	p := &pass{run: r, whole: whole, match: match, take: take}
	err := p.do(ctx)
	return p.rows, err
}

// errChanged marks a table of which a later pass reads other rows.
var errChanged = errors.New("it changed while it was read")

// labelFlows is the second pass.
func (r *run) labelFlows(ctx context.Context, take func(*Row) error) error {
	placed := 0
	var row Row // one for all, as take gives it back
	rows, err := r.pass(ctx, true, (*worker).label, func(j *job) error {
		for i := range j.rows {
			one := &j.rows[i]
			for placed < len(r.placed) && r.placed[placed].row == j.first+int64(i) {
				if r.placed[placed].flow != one.id {
					return fmt.Errorf("%w: %w", tables.ErrTable, errChanged)
				}
				placed++
			}
			row = Row{FlowID: one.id, ConnID: one.conn, CaptureID: one.capture, Outcome: one.outcome, Start: one.start, Hits: j.hits[one.from:one.to:one.to], More: one.more, Naming: j.hits[one.to:one.end:one.end],
				cols: r.cols, batch: j.b, at: i}
			r.counted(&row)
			if err := take(&row); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && placed < len(r.placed) {
		return fmt.Errorf("%w: %w", tables.ErrTable, errChanged)
	}
	r.report.Flows = rows
	return err
}

// counted counts a row that is handed over.
func (r *run) counted(row *Row) {
	switch row.Outcome {
	case label.Labelled:
		r.report.Labelled++
	case label.Unlabelled:
		r.report.Unlabelled++
	default:
		r.report.Ambiguous++
		r.disagree.add(row.Hits)
	}
	r.report.HitsMore += row.More
}
