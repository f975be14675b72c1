package main

import (
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/ingest/input"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// maxLines bounds the lines about single inputs: those with trouble come first.
const maxLines = 20

// reporter tells people, and machines that read the log, what came of a run.
type reporter struct {
	log     *slog.Logger
	verbose bool
}

func newReporter(w io.Writer, format string, quiet, verbose bool) *reporter {
	level := slog.LevelInfo
	if quiet {
		level = slog.LevelWarn
	}
	return &reporter{newLog(w, format, level), verbose}
}

// failure reports a run that published nothing.
func (p *reporter) failure(r *job.Report, err error) {
	p.log.Error(visible(err), "exit_code", r.Exit, "out", text.Escape(r.Out))
}

// report tells the outcome: warnings and trouble first, then the summary.
func (p *reporter) report(r *job.Report) {
	for _, w := range r.Warnings {
		p.log.Warn(w)
	}
	for _, c := range r.Checks {
		p.log.Error(fmt.Sprintf("self-check failed: %s: want %d, got %d", c.Name, c.Want, c.Got), "check", c.Name, "want", c.Want, "got", c.Got)
	}
	lines := p.inputs(r, false, 0)
	if r.Nothing {
		p.log.Info(fmt.Sprintf("%s is complete for these inputs and options already: nothing to do", text.Escape(r.Out)),
			"out", text.Escape(r.Out), "plan_id", r.PlanID, "run_id", r.RunID, "exit_code", r.Exit)
		return
	}
	p.totals(r)
	lines = p.inputs(r, true, lines)
	if n := len(r.Inputs) - lines; n > 0 {
		p.log.Info(fmt.Sprintf("  … and %d more inputs, see %s", n, filepath.Join(text.Escape(r.Out), manifest.Name)), "more_inputs", n)
	}
	p.rest(r)
}

// inputs tells the outcomes of the inputs that were read completely, or of the
// others, and returns how many lines have been written.
func (p *reporter) inputs(r *job.Report, ok bool, lines int) int {
	for i := range r.Inputs {
		in := &r.Inputs[i]
		if in.OK() != ok || lines == maxLines {
			continue
		}
		lines++
		name := shownName(in.Name)
		attrs := []any{
			"input", name, "outcome", in.Outcome.Kind, "reason", in.Outcome.Reason,
			"offset", in.Outcome.Offset, "packets", in.Packets(),
		}
		if ok {
			p.log.Info("  "+name+": "+in.Line(), attrs...)
		} else {
			p.log.Warn(name+": "+in.Line(), attrs...)
		}
	}
	return lines
}

// shownName is an input's escaped name.
func shownName(name string) string {
	if name == input.Stdin {
		return "standard input"
	}
	return text.Escape(name)
}

// totals is the summary's first line.
func (p *reporter) totals(r *job.Report) {
	read := r.Accounting.Read
	seconds := max(r.Wall.Seconds(), 1e-6)
	var rows int64
	if len(r.Tables) > 0 {
		rows = r.Tables[0].Rows
	}
	p.log.Info(fmt.Sprintf("%s, %s in %s, %.2f s (%s packets/s, %s/s)",
		packets(read.Packets), size(read.WireBytes), text.Plural(rows, "flow"), r.Wall.Seconds(),
		text.Count(int64(float64(read.Packets)/seconds)), size(int64(float64(read.CapturedBytes)/seconds))),
		"packets", read.Packets, "captured_bytes", read.CapturedBytes, "wire_bytes", read.WireBytes, "flows", rows,
		"seconds", r.Wall.Round(time.Microsecond).Seconds(), "exit_code", r.Exit,
		"out", text.Escape(r.Out), "plan_id", r.PlanID, "run_id", r.RunID)
}

// rest tells what did not become flows, and where the tables are.
func (p *reporter) rest(r *job.Report) {
	if len(r.Links) > 0 {
		parts := linkTypes(r.Links)
		p.log.Info("  link types not decoded: "+strings.Join(parts, ", "), "unsupported_link", parts)
	}
	if lost := outside(r); lost != "" {
		p.log.Info("  not in flows: " + lost)
	}
	if inner := inTunnels(r); inner != "" {
		p.log.Info("  in tunnels: " + inner)
	}
	if r.Left > 0 {
		p.log.Info(fmt.Sprintf("  not read in folders: %s, see not_processed in %s", text.Plural(int64(r.Left), "file"), manifest.Name), "not_processed", r.Left)
	}
	for _, t := range r.Tables {
		var bytes int64
		for _, part := range t.Parts {
			bytes += part.Bytes
		}
		path := text.Escape(filepath.Join(r.Out, t.Name))
		if t.File != "" {
			p.log.Info(fmt.Sprintf("%s: %s: %s", text.Escape(filepath.Join(r.Out, t.File)), t.Name, text.Plural(t.Rows, "row")),
				"table", t.Name, "path", text.Escape(filepath.Join(r.Out, t.File)), "rows", t.Rows)
			continue
		}
		p.log.Info(fmt.Sprintf("%s: %s, %s in %s", path, text.Plural(t.Rows, "row"), size(bytes), text.Plural(int64(len(t.Parts)), "file")),
			"table", t.Name, "path", path, "rows", t.Rows, "bytes", bytes, "files", len(t.Parts))
	}
	p.captures(r)
	if p.verbose {
		p.log.Info("plan_id " + r.PlanID)
		p.log.Info("run_id  " + r.RunID)
	}
}

// captures tells what the capture files hold, and what they do not.
func (p *reporter) captures(r *job.Report) {
	for i := range r.Captures {
		c := &r.Captures[i]
		path := text.Escape(filepath.Join(r.Out, c.Path))
		line := fmt.Sprintf("%s: %s, %s", path, packets(c.Packets), size(c.CapturedBytes))
		if c.LeftOutPackets > 0 {
			line += fmt.Sprintf("; %s, %s left out, as it may have %s", packets(c.LeftOutPackets), size(c.LeftOutBytes), byteSize(c.LimitBytes))
		}
		if c.UnwritablePackets > 0 {
			line += fmt.Sprintf("; %s of a time or link type that pcapng cannot say", packets(c.UnwritablePackets))
		}
		p.log.Info(line, "file", path, "packets", c.Packets, "bytes", c.CapturedBytes,
			"left_out_packets", c.LeftOutPackets, "left_out_bytes", c.LeftOutBytes, "unwritable_packets", c.UnwritablePackets)
	}
}

// maxLinks bounds the link types that the summary names.
const maxLinks = 10

// linkTypes lists link types with their packets, the most frequent first.
func linkTypes(links []job.LinkCount) []string {
	var parts []string
	for i, l := range links {
		if i == maxLinks {
			return append(parts, fmt.Sprintf("%d more", len(links)-i))
		}
		what := packets(l.Packets)
		if l.Note != "" {
			what += ": " + text.Escape(l.Note)
		}
		parts = append(parts, fmt.Sprintf("%s (%s)", l.Link, what))
	}
	return parts
}

func packets(n int64) string { return text.Plural(n, "packet") }

// outside lists the packets that are in no flow, by outcome.
func outside(r *job.Report) string {
	var parts []string
	for i, t := range r.Accounting.By {
		if o := packet.Outcome(i); o != packet.InFlow && t.Packets > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", text.Count(t.Packets), o))
		}
	}
	return strings.Join(parts, ", ")
}

// inTunnels lists the layers in tunnels by what became of them.
func inTunnels(r *job.Report) string {
	var parts []string
	for i, n := range r.Inner {
		switch o := packet.Outcome(i); {
		case n == 0:
		case o == packet.InFlow:
			parts = append(parts, text.Plural(n, "inner packet")+" in flows")
		default:
			parts = append(parts, fmt.Sprintf("%s %s", text.Count(n), o))
		}
	}
	return strings.Join(parts, ", ")
}

// size renders bytes in units of 1000.
func size(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB"}
	f, i := float64(n), 0
	for f >= 999.5 && i < len(units)-1 {
		f, i = f/1000, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.3g %s", f, units[i])
}
