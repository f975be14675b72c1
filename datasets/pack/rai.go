package pack

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"pcapmill/datasets/scale"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// rai puts the properties of Croissant RAI that manifests, columns and the makers say. What nobody
// says is left out.
func (f *Facts) rai(d *object) {
	m := f.Meta
	d.put("rai:dataCollection", cmp.Or(m.Collection, f.collection()))
	d.put("rai:dataCollectionType", f.collectionType())
	d.put("rai:dataCollectionTimeframe", f.collectionTime())
	d.put("rai:dataCollectionMissingData", f.missingData())
	d.put("rai:dataCollectionRawData", cmp.Or(m.RawData, f.rawData()))
	d.put("rai:dataImputationProtocol", f.imputation())
	d.put("rai:dataManipulationProtocol", f.manipulation())
	d.put("rai:dataPreprocessingProtocol", f.protocol())
	d.put("rai:dataAnnotationProtocol", f.annotation())
	d.put("rai:dataAnnotationAnalysis", f.outcomes())
	d.put("rai:machineAnnotationTools", f.annotationTools())
	d.put("rai:annotatorDemographics", m.Annotators)
	d.put("rai:personalSensitiveInformation", f.personal())
	d.put("rai:dataLimitations", f.limitations())
	d.put("rai:dataBiases", m.Biases)
	d.put("rai:dataUseCases", m.Purpose)
	d.put("rai:dataSocialImpact", m.SocialImpact)
	d.put("rai:dataReleaseMaintenancePlan", m.Maintenance)
}

// imputation says what stands for values that are not known.
func (f *Facts) imputation() string {
	const null = "null means that a value is not known or has no meaning, as each column says."
	by := f.imputed()
	if by == "" {
		return "Nothing is imputed: " + null
	}
	return "In the table " + scale.Table + " nulls of numbers became " + by + ", before scaling, and those of texts but the label the index of unknown categories. Elsewhere nothing is imputed: " + null
}

// imputed is what stands for nulls of numbers in the table of scaled rows; empty: nothing does, or there is
// no such table.
func (f *Facts) imputed() string {
	if !f.has(scale.Table) {
		return ""
	}
	for _, m := range f.Steps {
		switch by := m.Options["impute"]; by {
		case "mean", "median":
			return "the " + by + " of training"
		case "zero":
			return by
		}
	}
	return ""
}

func (f *Facts) collection() string {
	packets := int64(0)
	for _, in := range f.captures() {
		packets += in.Packets
	}
	if len(f.captures()) == 0 {
		return ""
	}
	return fmt.Sprintf("Packets were captured, and %s with %s read from the files.", text.Plural(int64(len(f.captures())), "capture"), text.Plural(packets, "packet"))
}

func (f *Facts) collectionType() any {
	if len(f.captures()) == 0 {
		return nil
	}
	return "Passive Data Collection"
}

func (f *Facts) collectionTime() []string {
	first, last, known := f.timeframe()
	if !known {
		return nil
	}
	return []string{instantOf(first), instantOf(last)}
}

// missingData says what of the captures is not in the tables.
func (f *Facts) missingData() string { return strings.Join(f.losses(), " ") }

func (f *Facts) rawData() string {
	var lines []string
	captures := f.captures()
	for i, in := range captures {
		if i == mostListed {
			lines = append(lines, fmt.Sprintf("and %d more", len(captures)-i))
			break
		}
		lines = append(lines, fmt.Sprintf("%s (%s, SHA-256 %s)", text.Escape(nameOf(in)), text.Plural(in.Packets, "packet"), cmp.Or(in.SHA256, "not known")))
	}
	return strings.Join(lines, "; ")
}

// mostListed things are listed one by one in texts.
const mostListed = 100

// manipulation says which columns were left out, and why.
func (f *Facts) manipulation() string {
	var parts []string
	for _, l := range f.Left {
		parts = append(parts, fmt.Sprintf("Left out (%s): %s.", l.Why, strings.Join(l.Columns, ", ")))
	}
	return strings.Join(parts, " ")
}

// protocol says each step with its options.
func (f *Facts) protocol() []string {
	all := make([]string, len(f.Steps))
	for i, m := range f.Steps {
		all[i] = fmt.Sprintf("%d. %s by %s: %s", i+1, cmp.Or(m.Kind, "run"), strings.TrimSpace(m.Tool.Build()), strings.Join(optionLines(m), ", "))
	}
	return all
}

// optionLines are the options of a step that have a value, by name.
func optionLines(m *manifest.Manifest) []string {
	var lines []string
	for key, value := range m.Options {
		if value != "" {
			lines = append(lines, key+"="+value)
		}
	}
	slices.Sort(lines)
	return lines
}

// annotation says what labels are made of.
func (f *Facts) annotation() string {
	files := f.labelFiles()
	if len(files) == 0 {
		return ""
	}
	names := make([]string, 0, len(files))
	for i, s := range files {
		if i == mostListed {
			names = append(names, fmt.Sprintf("and %d more", len(files)-i))
			break
		}
		names = append(names, fmt.Sprintf("%s (%s, SHA-256 %s)", text.Escape(baseOf(s)), s.Format, s.SHA256))
	}
	return "Labels are joined with flows by addresses, ports, protocol and time, with the tool and options named under preprocessing. They come from: " + strings.Join(names, "; ") + "."
}

func (f *Facts) annotationTools() []string {
	var tools []string
	for _, m := range f.ofKind(labelsKind) {
		if tool := strings.TrimSpace(m.Tool.Build()); !slices.Contains(tools, tool) {
			tools = append(tools, tool)
		}
	}
	for _, s := range f.labelFiles() {
		if tool := labelTools[s.Format]; tool != "" && !slices.Contains(tools, tool) {
			tools = append(tools, tool)
		}
	}
	return tools
}

// labelTools are the programs behind formats of labels.
var labelTools = map[string]string{
	"suricata_eve": "Suricata", "suricata_fast": "Suricata", "zeek_notice": "Zeek", "zeek_conn": "Zeek", "netflowlabeler": "NetFlow Labeler",
}

// outcomes says how many rows have a label.
func (f *Facts) outcomes() []string {
	none := int64(0)
	for i := range f.Survey.Classes {
		if c := &f.Survey.Classes[i]; c.Null {
			none = c.Rows
		}
	}
	lines := []string{fmt.Sprintf("%s of %s have a label.", text.Count(f.Survey.Rows-none), text.Plural(f.Survey.Rows, "row"))}
	for _, m := range f.ofKind(labelsKind) {
		lines = append(lines, m.Notes...)
	}
	return lines
}

// personal says which columns can name people, besides what the makers say.
func (f *Facts) personal() []string {
	names := func(s *column.Schema) []string {
		var some []string
		for i := range s.Columns {
			if c := &s.Columns[i]; c.Role == column.LeakProne && (strings.Contains(c.Name, "ip") || strings.Contains(c.Name, "name") || strings.Contains(c.Name, "mac")) {
				some = append(some, c.Name)
			}
		}
		return some
	}
	all := slices.Clone(f.Meta.Personal)
	if some := names(f.Survey.Schema); len(some) > 0 {
		all = append(all, "The table data has addresses or names of hosts, which can be of people: "+strings.Join(some, ", ")+".")
	}
	if f.Survey.Keys != nil && f.has("keys") {
		if some := names(f.Survey.Keys); len(some) > 0 {
			all = append(all, "The table keys has addresses of hosts, which can be of people: "+strings.Join(some, ", ")+".")
		}
	}
	return all
}

// has reports whether the described folder has a table.
func (f *Facts) has(table string) bool {
	return slices.ContainsFunc(f.Tables, func(t manifest.Table) bool { return t.Name == table })
}

// limitations are those that the makers say and those that the rows show.
func (f *Facts) limitations() []string {
	all := slices.Clone(f.Meta.Limitations)
	if len(f.Survey.Classes) == 1 {
		all = append(all, "All rows are of one class.")
	}
	if ratio, ok := f.Survey.imbalance(); ok && ratio >= 2 {
		all = append(all, fmt.Sprintf("The largest class has %.0f times as many rows as the smallest.", ratio))
	}
	for i := range f.Survey.Classes {
		if c := &f.Survey.Classes[i]; !c.Null && c.Rows > 1 && c.Sessions.Exact() && c.Sessions.Count() == 1 {
			all = append(all, fmt.Sprintf("All rows of %s are of one connection.", text.Escape(c.className())))
		}
	}
	for _, g := range f.Survey.gaps() {
		if g.Overlap {
			all = append(all, fmt.Sprintf("The splits %s and %s overlap in time.", g.Before, g.After))
		}
	}
	if f.Checked != nil && f.Checked.Findings > 0 {
		all = append(all, fmt.Sprintf("A check for leaks has %s.", text.Plural(f.Checked.Findings, "finding")))
	}
	return all
}

// provenance says, in terms of PROV-O, what the dataset was made of, and how.
func (f *Facts) provenance(d *object) {
	var from []object
	for _, in := range f.captures() {
		from = append(from, entity(in.SHA256, text.Escape(nameOf(in)), "capture"))
	}
	for _, s := range f.labelFiles() {
		from = append(from, entity(s.SHA256, text.Escape(baseOf(s)), "labels, "+s.Format))
	}
	d.put("prov:wasDerivedFrom", one(from))
	var steps []object
	for _, m := range f.Steps {
		steps = append(steps, object{
			{"@type", "prov:Activity"}, {"prov:label", cmp.Or(m.Kind, "run") + " " + m.PlanID},
			{"prov:wasAssociatedWith", object{{"@type", "prov:SoftwareAgent"}, {"prov:label", strings.TrimSpace(m.Tool.Build())}}},
		})
	}
	d.put("prov:wasGeneratedBy", one(steps))
}

// entity is a file by its hash.
func entity(sum, path, what string) object {
	o := object{{"@type", "prov:Entity"}}
	if sum != "" {
		o.put("@id", "urn:sha256:"+sum)
	}
	o.put("prov:label", path+" ("+what+")")
	return o
}
