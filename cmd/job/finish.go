package job

import (
	"fmt"
	"slices"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
	"pcapmill/stages"
)

// publish writes the documents and completes the report.
func (r *run) publish(dir *publish.Dir, status *publish.Status, captures []*capture, result *stages.Result, out *tables) error {
	rep := &r.report
	for i, c := range captures {
		rep.Inputs = append(rep.Inputs, inputReport(c, &result.Inputs[i]))
		for o, n := range result.Inputs[i].Inner {
			rep.Inner[o] += n
		}
	}
	rep.Accounting = result.Accounting
	rep.Evicted, rep.MaxFlows = result.Evicted, r.o.Stages.MaxFlows
	rep.Links = countLinks(rep.Inputs)
	rep.Tables = out.entries()
	rep.Warnings = slices.Concat(warnings(r, status), disorder(r.o, rep.Inputs), evictions(rep))
	files, err := r.names.write(dir)
	if err != nil {
		return err
	}
	m := document(r.o, &r.plan, rep.Inputs, r.left, result, rep.Tables, append(files, out.files...))
	m.SavedStreams = out.streams.entry()
	m.Captures, m.Errors = out.captureEntries(result), errorCounts(result)
	rep.Captures = m.Captures
	m.Notes = slices.Concat(r.names.notes(), malformed(result), windowNotes(result))
	for _, c := range m.SelfChecks {
		if !c.OK {
			rep.Checks = append(rep.Checks, c)
		}
	}
	rep.RunID = m.RunID
	rep.Exit = exitOf(m)
	e := r.watch.execution(r.o, &r.plan, r.sources, status.Previous)
	e.Warnings, e.ExitCode = rep.Warnings, rep.Exit
	return dir.Finish(m, e)
}

// malformed says of how many messages a part is missing from the tables.
func malformed(r *stages.Result) []string {
	var notes []string
	for _, t := range r.Records {
		if t.Errors > 0 {
			notes = append(notes, fmt.Sprintf("%s: %d of %d messages could not be read to their end (malformed)", t.Schema.Table, t.Errors, t.Rows))
		}
	}
	return notes
}

// inputReport decides what became of an input.
func inputReport(c *capture, s *stages.InputSummary) InputReport {
	in := InputReport{Name: c.source.name, Facts: c.facts, summary: s}
	if s.Skipped {
		in.Facts.Bytes = c.source.bytes
	}
	err := s.Err
	if c.change != nil {
		err = c.change
	}
	in.Outcome = outcomeOf(err, c.source.path, c.opened, c.facts.Offset)
	if in.Outcome.Kind == manifest.Complete && len(in.notes()) > 0 {
		in.Outcome.Kind = manifest.CompleteWithNotes
	}
	return in
}

func warnings(r *run, status *publish.Status) []string {
	var out []string
	if status.Unlocked {
		out = append(out, "the file system has no locks: nothing keeps a second process out of the output folder")
	}
	if status.Previous != nil {
		out = append(out, fmt.Sprintf("cleared away what a run of %s left unfinished", text.Escape(status.Previous.StartedAt)))
	}
	if n := len(status.Kept); n > 0 {
		out = append(out, fmt.Sprintf("%d other names in the output folder were left alone, the first is %s", n, text.Escape(status.Kept[0])))
	}
	return out
}

// evictions says that memory was short, which changes what the flows are.
func evictions(rep *Report) []string {
	if rep.Evicted == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d flows ended early (end_reason evicted), as only %d fit into memory: with more --memory they would not", rep.Evicted, rep.MaxFlows)}
}

// windowNotes say what of the windows of hosts is not as it would be with more memory, or
// with flows that end in time.
func windowNotes(r *stages.Result) (notes []string) {
	if r.WindowParts > 0 {
		notes = append(notes, fmt.Sprintf("hosts, pairs: %d parts of windows have a part_no of their own, as memory was short or flows outlasted their window", r.WindowParts))
	}
	if r.WithoutSeries > 0 {
		notes = append(notes, fmt.Sprintf("hosts: periods of %d hosts with enough active seconds are unknown, as memory was short", r.WithoutSeries))
	}
	return notes
}

func totalBytes(sources []source) int64 {
	var total int64
	for _, s := range sources {
		if !s.exact {
			return 0
		}
		total += s.bytes
	}
	return total
}
