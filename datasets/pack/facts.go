package pack

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"pcapmill/datasets/build"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/split"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// Facts are all that a package says of its dataset.
type Facts struct {
	Meta    *Meta
	Survey  *Survey
	Steps   []*manifest.Manifest // how it came to be, the oldest first; the last is the dataset's own
	Tables  []manifest.Table     // of the folder that is described
	Files   []manifest.File      // beside them, that have been written
	Recipe  string               // SHA-256 of recipe.json; empty: there is none
	Checked *Checked             // what a look for leaks found; nil: nobody has looked
	Table   string               // whose rows data has: flows, dns, …; empty: nobody says
	Left    []LeftOut            // columns that the dataset was made without
	Divided *split.Summary       // how it was split; nil: it was not, or does not say
}

// LeftOut are columns that were left out of data, and why.
type LeftOut struct {
	Why     string
	Columns []string
}

// Gather reads what a dataset's folder and the steps before it say. The error is ErrDataset and
// folder.ErrFolder.
func Gather(o *folder.Opened, m *Meta, s *Survey) (*Facts, error) {
	steps, err := o.Steps()
	if err != nil {
		return nil, err
	}
	f := &Facts{Meta: m, Survey: s, Steps: append(steps, o.Manifest), Tables: o.Manifest.Tables}
	for _, file := range o.Manifest.Files {
		if !folder.IsStep(file.Path) { // they say where folders lay
			f.Files = append(f.Files, file)
		}
	}
	return f, f.own(o)
}

// Describe makes the facts those of a package with these files, of which those of tables have a
// folder before them.
func (f *Facts) Describe(files []manifest.File) {
	f.Tables, f.Files = nil, nil
	for _, file := range files {
		table, _, is := strings.Cut(file.Path, "/")
		if !is {
			f.Files = append(f.Files, file)
			continue
		}
		i := slices.IndexFunc(f.Tables, func(t manifest.Table) bool { return t.Name == table })
		if i < 0 {
			f.Tables = append(f.Tables, manifest.Table{Name: table})
			i = len(f.Tables) - 1
		}
		f.Tables[i].Parts = append(f.Tables[i].Parts, manifest.Part{Path: file.Path, Bytes: file.Bytes, SHA256: file.SHA256})
	}
	for i := range f.Survey.Splits {
		f.Survey.Splits[i].weigh(f.Tables)
	}
}

// weigh sums the bytes of the split's files of data.
func (s *Split) weigh(tables []manifest.Table) {
	s.Bytes = 0
	for i := range tables {
		for _, p := range tables[i].Parts {
			if tables[i].Name == build.Data && strings.HasPrefix(p.Path, path.Join(build.Data, s.Folder())+"/") {
				s.Bytes += p.Bytes
			}
		}
	}
}

// made is the manifest of the dataset itself, of a package that of what was packed.
func (f *Facts) made() *manifest.Manifest {
	last := len(f.Steps) - 1
	if f.Steps[last].Kind == packageKind && last > 0 {
		last--
	}
	return f.Steps[last]
}

// name is the dataset's short name.
func (f *Facts) name() string {
	if f.Meta.Name != "" {
		return f.Meta.Name
	}
	return "pcapmill-" + f.made().PlanID[:12]
}

// title is what people call the dataset.
func (f *Facts) title() string { return cmp.Or(f.Meta.Title, "Network traffic dataset "+f.name()) }

// description says what the dataset is: in its makers' words, or else what is known.
func (f *Facts) description() string {
	if said := strings.TrimSpace(f.Meta.Description); said != "" {
		return said
	}
	s := f.Survey
	said := fmt.Sprintf("%s with %s of network traffic", text.Plural(s.Rows, "row"), text.Plural(int64(len(s.Schema.Columns)), "column"))
	if n := len(s.Splits); s.Splits[0].Name != "" {
		said += fmt.Sprintf(" in %s", text.Plural(int64(n), "split"))
	}
	if n := len(f.captures()); n > 0 {
		said += fmt.Sprintf(", made by pcapmill of %s", text.Plural(int64(n), "capture"))
	}
	if begin, end, known := f.timeframe(); known {
		said += fmt.Sprintf(" from %s to %s", instantOf(begin), instantOf(end))
	}
	return said + "."
}

// runs are the steps that read captures.
func (f *Facts) runs() []*manifest.Manifest { return f.ofKind("") }

func (f *Facts) ofKind(kind string) []*manifest.Manifest {
	var some []*manifest.Manifest
	for _, m := range f.Steps {
		if m.Kind == kind {
			some = append(some, m)
		}
	}
	return some
}

// captures are the inputs of all runs, each once.
func (f *Facts) captures() []*manifest.Input {
	var all []*manifest.Input
	seen := map[string]bool{}
	for _, run := range f.runs() {
		for i := range run.Inputs {
			in := &run.Inputs[i]
			if key := in.SHA256 + in.Path; !seen[key] {
				seen[key] = true
				all = append(all, in)
			}
		}
	}
	return all
}

// timeframe is when the packets of all captures were captured, ns since 1970.
func (f *Facts) timeframe() (first, last int64, known bool) {
	for _, in := range f.captures() {
		if in.FirstNs == nil || in.LastNs == nil {
			continue
		}
		if !known || *in.FirstNs < first {
			first = *in.FirstNs
		}
		if !known || *in.LastNs > last {
			last = *in.LastNs
		}
		known = true
	}
	return first, last, known
}

// labelFiles are the files that labels come from, each once.
func (f *Facts) labelFiles() []*manifest.Source {
	var all []*manifest.Source
	seen := map[string]bool{}
	for _, m := range f.ofKind(labelsKind) {
		for i := range m.Sources {
			s := &m.Sources[i]
			if isFolder(s) || seen[s.SHA256+baseOf(s)] {
				continue
			}
			seen[s.SHA256+baseOf(s)] = true
			all = append(all, s)
		}
	}
	return all
}

// labelsKind is the kind of folders with labels.
const labelsKind = "labels"

// isFolder reports whether a source is a folder of ours, of which the format is a kind.
func isFolder(s *manifest.Source) bool {
	return slices.Contains([]string{folder.Run, labelsKind, datasetKind, packageKind}, s.Format)
}

// losses says what is missing from the tables, in sentences.
func (f *Facts) losses() []string {
	var all []string
	for _, run := range f.runs() {
		all = append(all, lossesOf(run)...)
	}
	return all
}

func lossesOf(run *manifest.Manifest) []string {
	var all []string
	a := &run.Accounting
	var parts []string
	for _, c := range a.Packets {
		if c.Outcome != "in_flow" && c.N > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.N, c.Outcome))
		}
	}
	line := fmt.Sprintf("Of %s all are in flows.", text.Plural(a.PacketsRead, "packet"))
	if len(parts) > 0 {
		line = fmt.Sprintf("Of %s those are in no flow: %s.", text.Plural(a.PacketsRead, "packet"), strings.Join(parts, ", "))
	}
	all = append(all, line)
	for i := range run.Inputs {
		if in := &run.Inputs[i]; in.Outcome != manifest.Complete && in.Outcome != manifest.CompleteWithNotes {
			all = append(all, fmt.Sprintf("%s is %s: %s.", text.Escape(nameOf(in)), in.Outcome, cmp.Or(in.Reason, "no reason is known")))
		}
	}
	if n := run.Limits["evicted_flows"]; n > 0 {
		all = append(all, fmt.Sprintf("%s ended early for want of memory.", text.Plural(n, "flow")))
	}
	for _, n := range run.NotProcessed {
		if n.Reason == "excluded" || n.Reason == "not_included" { // what lay beside the captures: not when made again
			continue
		}
		all = append(all, fmt.Sprintf("Not processed: %s (%s), %d.", n.What, n.Reason, n.Count))
	}
	return all
}

// gap is how two splits lie in time.
type gap struct {
	Before, After string
	Ns            int64 // from the last row of the one to the first of the other; with Overlap what both have
	Overlap       bool
}

// gaps are those between each split and the one that ends last of those that begin before it.
func (s *Survey) gaps() []gap {
	var timed []Split
	for _, split := range s.Splits {
		if split.Timed {
			timed = append(timed, split)
		}
	}
	slices.SortStableFunc(timed, func(a, b Split) int { return cmp.Compare(a.Begin, b.Begin) })
	var all []gap
	last := 0
	for i := 1; i < len(timed); i++ {
		a, b := &timed[last], &timed[i]
		g := gap{a.Name, b.Name, b.Begin - a.End, b.Begin < a.End}
		if g.Overlap {
			g.Ns = min(a.End, b.End) - b.Begin
		}
		all = append(all, g)
		if b.End > a.End {
			last = i
		}
	}
	return all
}

// className is a class as people read it, not escaped.
func (c *Class) className() string {
	if c.Null {
		return "(no label)"
	}
	return c.Label
}

// nameOf is the name of a capture as it was given.
func nameOf(in *manifest.Input) string {
	if raw, err := in.RawPath(); err == nil {
		return raw
	}
	return in.Path // Validate has seen to it
}

// imbalance is how many times as many rows the largest class has as the smallest; those without
// a label are none.
func (s *Survey) imbalance() (float64, bool) {
	least, most := int64(0), int64(0)
	for i := range s.Classes {
		if c := &s.Classes[i]; !c.Null {
			if least == 0 || c.Rows < least {
				least = c.Rows
			}
			most = max(most, c.Rows)
		}
	}
	return float64(most) / float64(max(1, least)), least > 0
}

// instantOf writes ns since 1970 as RFC 3339 in UTC, to the microsecond.
func instantOf(ns int64) string {
	micros := ns / 1000
	if ns%1000 < 0 {
		micros--
	}
	return string(text.AppendTimestamp(nil, micros))
}
