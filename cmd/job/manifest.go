package job

import (
	"fmt"
	"strings"

	"pcapmill/features/window"
	"pcapmill/ingest/input"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
	"pcapmill/stages"
)

// What a manifest lists one by one; the rest is summed up in one entry. A hostile
// capture can declare hundreds of thousands of interfaces.
const (
	maxInterfaces = 1024
	maxLeft       = 1000
)

// document builds manifest.json.
func document(o *Options, p *plan, inputs []InputReport, left []input.Left, r *stages.Result, tables []manifest.Table, files []manifest.File) *manifest.Manifest {
	m := &manifest.Manifest{
		PlanID:       p.id,
		Tool:         o.Tool,
		Options:      p.options,
		Again:        o.Again,
		Accounting:   accounting(&r.Accounting),
		Tables:       tables,
		Files:        files,
		NotProcessed: notProcessed(left),
		SelfChecks:   selfChecks(r, tables),
	}
	addStreams(&m.Accounting, inputs)
	m.SelfChecks = append(m.SelfChecks, streamChecks(inputs)...)
	room := newClaimRoom()
	for i := range inputs {
		m.Inputs = append(m.Inputs, inputEntry(&inputs[i], &room))
	}
	m.Streams = streamTotals(&r.Streams)
	if o.Stages.MaxFlows > 0 {
		m.Limits = map[string]int64{"max_flows": o.Stages.MaxFlows, "evicted_flows": r.Evicted}
	}
	m.RunID = manifest.RunID(p.id, m.InputHashes())
	return m
}

func accounting(a *packet.Accounting) manifest.Accounting {
	out := manifest.Accounting{PacketsRead: a.Read.Packets, CapturedBytes: a.Read.CapturedBytes, WireBytes: a.Read.WireBytes}
	for i, t := range a.By {
		out.Add(packet.Outcome(i).String(), t.Packets, t.CapturedBytes, t.WireBytes)
	}
	return out
}

// inputAccounting leaves out the outcomes that no packet had, but for in_flow: a
// run can have a hundred thousand inputs.
func inputAccounting(a *packet.Accounting) manifest.Accounting {
	out := manifest.Accounting{PacketsRead: a.Read.Packets, CapturedBytes: a.Read.CapturedBytes, WireBytes: a.Read.WireBytes}
	for i, t := range a.By {
		if o := packet.Outcome(i); t.Packets > 0 || o == packet.InFlow {
			out.Add(o.String(), t.Packets, t.CapturedBytes, t.WireBytes)
		}
	}
	return out
}

// selfChecks are the equations of the run: no packet lost between reading and
// outcome, none between outcome and row, no row between flow table and file.
func selfChecks(r *stages.Result, tables []manifest.Table) []manifest.SelfCheck {
	books := accounting(&r.Accounting)
	checks := books.SelfChecks("run: ")
	inFlow := r.Accounting.By[packet.InFlow]
	checks = append(checks,
		manifest.NewSelfCheck("packets in_flow = sum over flow rows", inFlow.Packets, r.InFlows.Packets),
		manifest.NewSelfCheck("captured bytes in_flow = sum over flow rows", inFlow.CapturedBytes, r.InFlows.CapturedBytes),
		manifest.NewSelfCheck("wire bytes in_flow = sum over flow rows", inFlow.WireBytes, r.InFlows.WireBytes),
		manifest.NewSelfCheck("flows ended = rows published", r.Flows, tables[0].Rows),
	)
	for i, t := range r.Records {
		checks = append(checks, manifest.NewSelfCheck(t.Schema.Table+" records made = rows published", t.Rows, tables[i+1].Rows))
	}
	for i, t := range r.Windows {
		name := t.Schema.Table
		for grid, sum := range t.Sums {
			over := " = sum over " + name + " " + t.RowsOf(grid)
			checks = append(checks,
				manifest.NewSelfCheck(t.What+over, t.Of.Packets, sum.Packets),
				manifest.NewSelfCheck("wire bytes of them"+over, t.Of.WireBytes, sum.WireBytes),
			)
			if name == window.Slots {
				checks = append(checks, manifest.NewSelfCheck("captured bytes of them"+over, t.Of.CapturedBytes, sum.CapturedBytes))
			}
		}
		checks = append(checks,
			manifest.NewSelfCheck(name+" rows made = rows published", t.Rows, tables[1+len(r.Records)+i].Rows),
		)
	}
	for _, c := range r.Failed() { // those per input
		checks = append(checks, manifest.SelfCheck{Name: c.Name, Want: 1, Got: 0})
	}
	return checks
}

// errorCounts sums up what is wrong with packets.
func errorCounts(r *stages.Result) []manifest.ErrorCount {
	var list []manifest.ErrorCount
	for _, c := range r.Errors {
		list = append(list, manifest.ErrorCount{Layer: c.Layer, Outcome: c.Outcome.String(), Reason: c.Reason, Inner: c.Inner, N: c.Rows})
	}
	return list
}

func inputEntry(in *InputReport, room *claimRoom) manifest.Input {
	s := in.summary
	books := inputAccounting(&s.Accounting)
	m := manifest.Input{
		SHA256: in.Facts.SHA256, Bytes: in.Facts.Bytes, Format: formatName(&in.Facts),
		Outcome: in.Outcome.Kind, Reason: in.Outcome.Reason, Offset: in.Outcome.Offset,
		Packets: s.Accounting.Read.Packets, Backward: s.Backward, Reordered: s.Reordered, Late: s.Late,
		ClockSteps: s.ClockSteps, Duplicates: s.Duplicates, Accounting: &books,
		Notes: in.notes(),
	}
	for o, n := range s.Inner {
		if n > 0 {
			m.Inner = append(m.Inner, manifest.Count{Outcome: packet.Outcome(o).String(), N: n})
		}
	}
	m.SetPath(in.Name)
	addStreams(&books, []InputReport{*in})
	if s.Timed {
		first, last := s.First, s.Last
		m.FirstNs, m.LastNs = &first, &last
	}
	for i := range s.Interfaces {
		if i == maxInterfaces || !room.face(i, s.Interfaces[i].Name) {
			m.Notes = append(m.Notes, fmt.Sprintf("interfaces: %d more", len(s.Interfaces)-i))
			break
		}
		m.Interfaces = append(m.Interfaces, interfaceEntry(i, &s.Interfaces[i]))
	}
	claims(&m, &in.Facts.Info, room)
	return m
}

func interfaceEntry(i int, f *packet.Interface) manifest.Interface {
	return manifest.Interface{
		Index: i, Section: f.Section, Name: text.Escape(f.Name),
		LinkType: int(f.Link), LinkTypeName: f.Link.String(),
		Snaplen: int64(f.SnapLen), Packets: f.Packets, Unsupported: unusable(f),
	}
}

// formatName is pcap, pcapng, pcap+gzip, …; empty where not recognised.
func formatName(f *input.Facts) string {
	if f.Compression == "" || f.Compression == "none" {
		return f.Format
	}
	return strings.TrimPrefix(f.Format+"+"+f.Compression, "+")
}

// notProcessed lists the files that were passed over in directories.
func notProcessed(left []input.Left) []manifest.NotProcessed {
	var out []manifest.NotProcessed
	rest := map[string]int{}
	for i, l := range left {
		if i < maxLeft {
			out = append(out, manifest.NotProcessed{What: text.Escape(l.Path), Reason: l.Reason, Count: 1})
			continue
		}
		at, seen := rest[l.Reason]
		if !seen {
			at = len(out)
			rest[l.Reason] = at
			out = append(out, manifest.NotProcessed{What: "more files", Reason: l.Reason})
		}
		out[at].Count++
	}
	return out
}
