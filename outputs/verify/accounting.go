package verify

import (
	"fmt"

	"pcapmill/outputs/manifest"
)

// inFlow is the outcome of packets that a flow row of depth 0 counts.
const inFlow = "in_flow"

// checkFlows compares the sums over the flows table with the accounting.
func (f *folder) checkFlows() {
	var total flowSums
	for _, s := range f.sums {
		if !s.known {
			f.report.Unchecked = append(f.report.Unchecked, "the flows table's packets: not every part is readable Parquet or SQLite with its core columns")
			return
		}
		total.packets += s.packets
		total.wire += s.wire
	}
	if len(f.sums) == 0 && !f.hasTable(flowsTable) {
		f.report.Unchecked = append(f.report.Unchecked, "the flows table's packets: it was not written")
		return
	}
	a := &f.m.Accounting
	if want := a.Packets.Get(inFlow); total.packets != want {
		f.find(CheckFlows, flowsTable, "rows of depth 0 have %d packets, the accounting has %d in_flow", total.packets, want)
	}
	if want := a.WireBy.Get(inFlow); total.wire != want {
		f.find(CheckFlows, flowsTable, "rows of depth 0 have %d wire bytes, the accounting has %d in_flow", total.wire, want)
	}
}

func (f *folder) hasTable(name string) bool {
	for i := range f.m.Tables {
		if f.m.Tables[i].Name == name {
			return true
		}
	}
	return false
}

// checkAccounting recomputes the equations of the run and of each input, and the
// sums over the inputs.
func (f *folder) checkAccounting() {
	f.conserved("", &f.m.Accounting)
	var packets int64
	detailed := len(f.m.Inputs) > 0
	for i := range f.m.Inputs {
		in := &f.m.Inputs[i]
		packets += in.Packets
		if in.Accounting == nil {
			detailed = false
			continue
		}
		f.conserved(fmt.Sprintf("inputs[%d]: ", i), in.Accounting)
		f.checkBytes(i, in)
	}
	if packets != f.m.Accounting.PacketsRead {
		f.find(CheckAccounting, "", "the inputs have %d packets, the run read %d", packets, f.m.Accounting.PacketsRead)
	}
	if detailed {
		f.inputsAddUp()
	}
}

// checkSelf looks at the equations that were checked when the folder was written.
func (f *folder) checkSelf() {
	for _, c := range f.m.SelfChecks {
		if !c.OK || c.Want != c.Got {
			f.find(CheckSelf, "", "%s: %d and %d", c.Name, c.Want, c.Got)
		}
	}
}

func (f *folder) conserved(prefix string, a *manifest.Accounting) {
	for _, c := range a.SelfChecks(prefix) {
		if !c.OK {
			f.find(CheckAccounting, "", "%s: %d and %d", c.Name, c.Want, c.Got)
		}
	}
}

// inputsAddUp compares each outcome of the run with its sum over the inputs.
func (f *folder) inputsAddUp() {
	for _, kind := range []struct {
		name string
		of   func(*manifest.Accounting) manifest.Counts
	}{
		{"packets", func(a *manifest.Accounting) manifest.Counts { return a.Packets }},
		{"captured bytes", func(a *manifest.Accounting) manifest.Counts { return a.CapturedBy }},
		{"wire bytes", func(a *manifest.Accounting) manifest.Counts { return a.WireBy }},
		{"stream bytes", func(a *manifest.Accounting) manifest.Counts { return a.StreamBy }},
	} {
		for _, c := range kind.of(&f.m.Accounting) {
			var sum int64
			for i := range f.m.Inputs {
				sum += kind.of(f.m.Inputs[i].Accounting).Get(c.Outcome)
			}
			if sum != c.N {
				f.find(CheckAccounting, "", "%s %s: %d in the inputs, %d in the run", c.Outcome, kind.name, sum, c.N)
			}
		}
	}
}
