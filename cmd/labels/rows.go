package labels

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/labels"
	"pcapmill/datasets/label/match"
	"pcapmill/features/batch"
	"pcapmill/outputs/tables"
)

// verdict is what a flow is called, as often as there are flows that are called the same.
type verdict struct {
	outcome  label.Outcome
	label    string
	category string
	attempt  bool
}

// verdicts are those of all flows, in the order of the table, 4 bytes each.
type verdicts struct {
	rows  []int32
	kinds []verdict
	known map[verdict]int32
}

func (v *verdicts) add(kind verdict) {
	if last := len(v.rows) - 1; last >= 0 && v.kinds[v.rows[last]] == kind { // as most are
		v.rows = append(v.rows, v.rows[last])
		return
	}
	n, known := v.known[kind]
	if !known {
		if v.known == nil {
			v.known = map[verdict]int32{}
		}
		n = int32(len(v.kinds))
		v.kinds = append(v.kinds, kind)
		v.known[kind] = n
	}
	v.rows = append(v.rows, n)
}

// flowRows writes the rows of flows and hits.
type flowRows struct {
	*work
	flows *labels.Writer[labels.Flow]
	hits  *labels.Writer[labels.Hit]
}

// flows joins the labels with the flows.
func (w *work) flows(ctx context.Context) error {
	flows, err := w.folder.Table(labels.FlowSchema(), "", "")
	if err != nil {
		return err
	}
	hits, err := w.folder.Table(labels.HitSchema(), "", "")
	if err != nil {
		return err
	}
	f := &flowRows{work: w, flows: labels.NewFlows(flows.Write), hits: labels.NewHits(hits.Write)}
	input := match.Input{Flows: w.tables.flows, Captures: w.tables.captures, Set: w.set}
	found, err := match.Run(ctx, input, w.Match, f.take)
	if err != nil {
		return err
	}
	if err := errors.Join(f.flows.Flush(), f.hits.Flush(), flows.Close(), hits.Close()); err != nil {
		return err
	}
	w.wrote(labels.FlowTable, f.flows.Rows())
	w.wrote(labels.HitTable, f.hits.Rows())
	return w.matched(found)
}

// take writes what became of one flow.
func (f *flowRows) take(r *match.Row) error {
	row := labels.Flow{FlowID: r.FlowID, Capture: r.CaptureID, Outcome: r.Outcome, Attempt: labels.NoAttempt, Hits: int32(min(int64(len(r.Hits))+r.More, math.MaxInt32)), Version: f.version}
	role := labels.NoRole
	if r.Outcome == label.Labelled {
		role = f.fill(&row, &r.Hits[0])
	}
	if err := f.flows.Add(&row); err != nil {
		return err
	}
	f.verdicts.add(verdict{row.Outcome, row.Label, row.Category, row.Attempt >= 0})
	if err := f.book.Add(row.FlowID, row.Outcome, row.Label, role); err != nil {
		return err
	}
	for i := range r.Hits {
		if err := f.hit(r, &r.Hits[i], i == 0 && r.Outcome == label.Labelled); err != nil {
			return err
		}
	}
	return nil
}

// fill says what a labelled flow is called, and returns what its src is in that.
func (f *flowRows) fill(row *labels.Flow, h *match.Hit) labels.Role {
	m := h.Meaning
	row.Label, row.Category, row.MITRE, row.Campaign, row.RuleID = m.Label, m.Category, m.MITRE, m.Campaign, m.ID
	row.Source, row.SourceKind = f.sourceOf(m), f.set.Sources[m.Source].Kind
	row.Confidence, row.Overlap, row.Reversed, row.Attempt = h.Confidence, h.Overlap, h.Reversed, h.Attempt
	if row.Campaign == "" {
		row.Campaign = m.ID
	}
	if row.Campaign == "" {
		row.Campaign = m.Label
	}
	if h.Attempt >= 0 {
		switch f.Attempt {
		case AttemptSuffix:
			row.Label += attempted
		case AttemptDrop:
			row.Outcome = label.Ambiguous
		}
	}
	if h.Rule < 0 || row.Outcome != label.Labelled || len(f.set.Rules[h.Rule].Src)+len(f.set.Rules[h.Rule].Dst) == 0 {
		return labels.NoRole
	}
	if h.Reversed {
		return labels.Victim
	}
	return labels.Attacker
}

func (w *work) sourceOf(m *label.Meaning) string { return w.set.Sources[m.Source].Path }

func (f *flowRows) hit(r *match.Row, h *match.Hit, chosen bool) error {
	m := h.Meaning
	if h.Rule < 0 {
		f.tally.Hit(f.set, m, chosen)
	}
	if h.Event >= 0 && f.set.Events[h.Event].Packet > 0 {
		f.name(&f.set.Events[h.Event], r, h.Reversed)
	}
	return f.hits.Add(&labels.Hit{
		FlowID: r.FlowID, RuleID: m.ID, Label: m.Label, Category: m.Category, Priority: m.Priority, Source: f.sourceOf(m), Line: m.Line,
		Confidence: h.Confidence, Overlap: h.Overlap, Reversed: h.Reversed, Attempt: h.Attempt, Distance: h.Distance, Shared: h.Shared, Chosen: chosen,
	})
}

// name notes what an event of a flow names: a packet and, where it is about a transaction, the
// message instead of those in that packet.
func (w *work) name(e *label.Event, r *match.Row, reversed bool) {
	capture := r.CaptureID
	if e.Capture != "" {
		if n, known := w.tables.capture(e.Capture); known {
			capture = n
		}
	}
	w.named.Packets.Add(labels.Place{Capture: capture, Packet: e.Packet}, e.Transaction == 0)
	if e.Transaction > 0 && slices.Contains(w.To, ToRecords) {
		w.named.Messages = append(w.named.Messages, labels.Message{FlowID: r.FlowID, Capture: capture, Reverse: reversed, Transaction: e.Transaction, Packet: e.Packet})
	}
}

// count reads the flows again, for what they are labelled with: their hosts and times.
func (w *work) count(ctx context.Context) error {
	at := 0
	err := tables.Read(ctx, w.tables.flows, labels.Endpoints, func(b *batch.Batch) error {
		if at+b.Rows > len(w.verdicts.rows) {
			return fmt.Errorf("%w: it has more rows than it had", tables.ErrTable)
		}
		for i := range b.Rows {
			f := labels.EndpointsAt(b, i)
			w.describe(&f)
			v := &w.verdicts.kinds[w.verdicts.rows[at+i]]
			src, dst := "", ""
			if v.outcome != label.Unlabelled {
				src, dst = f.Src(), f.Dst()
			}
			w.tally.Flow(v.outcome, v.label, v.category, src, dst, f.Start, v.attempt)
		}
		at += b.Rows
		return nil
	})
	if err != nil {
		return err
	}
	w.tally.Report(w.report, mostPairs)
	if !w.folder.Check("flows have one outcome each", w.report.Flows, int64(len(w.verdicts.rows))) {
		return fmt.Errorf("%w: it has %d rows and had %d", tables.ErrTable, at, len(w.verdicts.rows))
	}
	return nil
}

// mostPairs is how many pairs of hosts the report has.
const mostPairs = 1000
