package main

import (
	"fmt"
	"strings"

	"pcapmill/cmd/job"
	"pcapmill/outputs/text"
)

// planCmd are the arguments of plan: those of run that decide its memory.
type planCmd struct {
	Capture []string `arg:"" optional:"" name:"capture" help:"Captures or folders that run would read."`

	Memory       byteSize `placeholder:"SIZE" default:"${memory}" help:"Memory that the run may take."`
	Features     []string `sep:"," words:"features" placeholder:"GROUP" default:"${features}" help:"Feature groups, as in run."`
	FirstPackets int      `default:"${first_packets}" help:"As in run."`
}

// Run implements the command.
func (c *planCmd) Run(s streams) error {
	o := job.DefaultOptions()
	o.Args, o.Memory = c.Capture, int64(c.Memory)
	o.Stages.Features, o.Stages.First = c.Features, c.FirstPackets
	plan, err := o.PlanMemory()
	if err != nil {
		return coded{job.ExitUsage, err}
	}
	var out strings.Builder
	if o.Memory == 0 {
		out.WriteString("memory: any; nothing limits the open flows\n")
	} else {
		fmt.Fprintf(&out, "memory %s\n", c.Memory)
		for _, t := range plan.Terms {
			fmt.Fprintf(&out, "  %-10s %10s × %-9s %10s\n", t.Name, group(t.Count), size(t.Each), size(t.Bytes()))
		}
		fmt.Fprintf(&out, "More than %s flows open at a time, in any mode or number of workers: those idle longest end early, as evicted.\n", group(plan.MaxFlows()))
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
		fmt.Fprintf(&out, "%10s  in %s, which need no more memory than one\n", size(total), plural(int64(len(inputs)), "input"))
	}
	_, err = fmt.Fprint(s.out, out.String())
	return err
}
