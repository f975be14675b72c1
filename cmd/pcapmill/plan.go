package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/outputs/text"
	"pcapmill/stages"
)

// planCmd are the arguments of plan: those of run that decide its memory.
type planCmd struct {
	Capture []string `arg:"" optional:"" name:"capture" help:"Captures or folders that run would read."`

	Memory       byteSize      `placeholder:"SIZE" default:"${memory}" help:"Memory that the run may take."`
	Format       string        `enum:"${formats}" default:"${format}" help:"As in run."`
	Features     []string      `sep:"," words:"features" placeholder:"GROUP" default:"${features}" help:"Feature groups, as in run."`
	Records      []string      `sep:"," words:"records" placeholder:"NAME" default:"${records}" help:"Records, as in run."`
	Errors       bool          `negatable:"" default:"${errors}" help:"As in run."`
	SaveErrors   bool          `help:"As in run."`
	Unknown      bool          `help:"As in run."`
	Windows      []string      `sep:"," words:"windows" placeholder:"NAME" default:"${windows}" help:"Tables of windows, as in run."`
	Window       time.Duration `default:"${window}" help:"As in run."`
	Hop          hop           `placeholder:"DURATION" help:"As in run."`
	SaveStreams  string        `placeholder:"FOLDER" help:"As in run; nothing is written."`
	StreamMemory byteSize      `placeholder:"SIZE" default:"0" help:"As in run."`
	FirstPackets int           `default:"${first_packets}" help:"As in run."`
	RowGroupRows int           `default:"${row_group_rows}" help:"As in run."`

	Merge         bool   `help:"As in run."`
	Duplicates    string `enum:"keep,mark,drop" default:"${duplicates}" help:"As in run."`
	FragmentBytes int64  `default:"${fragment_bytes}" help:"As in run."`
}

// Run implements the command.
func (c *planCmd) Run(s streams) error {
	if len(c.Features) == 0 {
		return coded{job.ExitUsage, errNoFeatures}
	}
	o := job.DefaultOptions()
	o.Args, o.Memory, o.Format, o.Parquet.RowGroupRows, o.SaveStreams = c.Capture, int64(c.Memory), c.Format, c.RowGroupRows, c.SaveStreams
	p := &o.Stages
	p.Features, p.Records, p.First, p.Merge = c.Features, c.Records, c.FirstPackets, c.Merge
	p.Windows, p.Window, p.Hop = c.Windows, c.Window, time.Duration(c.Hop)
	p.Errors, p.SaveErrors, p.Unknown = c.Errors, c.SaveErrors, c.Unknown
	p.Streams.Total = streamMemory(c.StreamMemory, o.Memory)
	p.Duplicates.Mode, p.Fragments.Bytes = stages.DuplicateMode(c.Duplicates), c.FragmentBytes
	asked := windowFlags{Windows: c.Windows, Window: c.Window, Hop: c.Hop}
	plan, err := o.PlanMemory()
	if err = cmp.Or(asked.check(), p.Validate(), o.Parquet.Validate(), err); err != nil { // all say the same of one flag
		return coded{job.ExitUsage, err}
	}
	var out strings.Builder
	if o.Memory == 0 {
		out.WriteString("memory: any; nothing limits the open flows\n")
	} else {
		fmt.Fprintf(&out, "memory %s\n", c.Memory)
		for _, t := range plan.Terms {
			fmt.Fprintf(&out, "  %-14s %10s × %-9s %10s\n", t.Name, text.Count(t.Count), size(t.Each), size(t.Bytes()))
		}
		fmt.Fprintf(&out, "More than %s flows open at a time, in any mode or number of workers: those idle longest end early, as evicted.\n", text.Count(plan.MaxFlows()))
	}
	if len(c.Capture) > 0 {
		inputs, err := job.Inputs(&o)
		if err != nil {
			return coded{job.ExitRejected, err}
		}
		var total int64
		for _, in := range inputs {
			fmt.Fprintf(&out, "%10s  %s\n", size(in.Bytes), text.Escape(in.Name))
			total += in.Bytes
		}
		fmt.Fprintf(&out, "%10s  in %s, which need no more memory than one\n", size(total), text.Plural(int64(len(inputs)), "input"))
	}
	_, err = fmt.Fprint(s.out, out.String())
	return err
}
