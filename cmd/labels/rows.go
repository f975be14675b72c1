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
	"pcapmill/outputs/tables"
)

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
	w.dropped = map[int32]int64{}
	input := match.Input{Flows: w.tables.flows, View: w.tables.view, Captures: w.tables.captures, Set: w.set}
	found, err := match.Run(ctx, input, w.Match, f.take)
	if err == nil {
		err = w.tables.counted(found.Flows)
	}
	if err != nil {
		return err
	}
	if err := errors.Join(f.flows.Flush(), f.hits.Flush(), flows.Close(), hits.Close()); err != nil {
		return err
	}
	w.wrote(labels.FlowTable, f.flows.Rows())
	w.wrote(labels.HitTable, f.hits.Rows())
	if err := w.matched(found); err != nil {
		return err
	}
	return w.count(ctx, found.Flows)
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
	src, dst := "", ""
	if row.Outcome != label.Unlabelled {
		src, dst = r.Src(), r.Dst()
	}
	f.tally.Flow(row.Outcome, row.Label, row.Category, src, dst, r.Start, row.Attempt >= 0)
	if f.book != nil {
		if err := f.book.Add(row.FlowID, row.Outcome, row.Label, row.Campaign, role); err != nil {
			return err
		}
	}
	for i := range r.Hits {
		if err := f.hit(r, &r.Hits[i], i == 0 && row.Outcome == label.Labelled); err != nil {
			return err
		}
	}
	for i := range r.Naming {
		f.name(&f.set.Events[r.Naming[i].Event], r, r.Naming[i].Reversed)
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
			row.Outcome, row.Label = label.Ambiguous, ""
			f.dropped[h.Rule]++
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

// count takes what the flows come to into the report.
func (w *work) count(ctx context.Context, flows int64) error {
	w.tally.Report(w.report, mostPairs)
	if !w.folder.Check("flows have one outcome each", w.report.Flows, flows) {
		return fmt.Errorf("%w: it has %d rows, of which %d have an outcome", tables.ErrTable, flows, w.report.Flows)
	}
	return w.describe(ctx)
}

// mostPairs is how many pairs of hosts the report has.
const mostPairs = 1000
