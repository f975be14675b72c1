package pack

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"pcapmill/datasets/build"
	"pcapmill/datasets/split"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// card is a page of Markdown in the making.
type card struct{ strings.Builder }

func (c *card) heading(s string) { fmt.Fprintf(c, "\n## %s\n\n", s) }

func (c *card) item(format string, args ...any) { fmt.Fprintf(c, "- "+format+"\n", args...) }

// table begins a table; columns that begin with > are aligned to the right.
func (c *card) table(columns ...string) {
	lines := [2]strings.Builder{}
	for _, name := range columns {
		rule := "---"
		if number, is := strings.CutPrefix(name, ">"); is {
			name, rule = number, "---:"
		}
		lines[0].WriteString("| " + name + " ")
		lines[1].WriteString("|" + rule)
	}
	c.WriteString(lines[0].String() + "|\n" + lines[1].String() + "|\n")
}

func (c *card) row(cells ...string) { c.WriteString("| " + strings.Join(cells, " | ") + " |\n") }

var markdown = text.Markdown

// said is markdown of a text that is escaped already, as manifests' are.
func said(s string) string {
	if _, err := text.Unescape(s); err != nil { // a stranger's manifest
		return markdown(s)
	}
	return text.MarkdownEscaped(s)
}

// Card returns README.md: the dataset card.
func (f *Facts) Card() []byte {
	var c card
	c.WriteString(f.frontMatter())
	fmt.Fprintf(&c, "\n# %s\n", markdown(f.title()))
	for _, part := range paragraphs(f.description()) {
		fmt.Fprintf(&c, "\n%s\n", markdown(part))
	}
	f.cardMissing(&c)
	f.cardGlance(&c)
	f.cardClasses(&c)
	f.cardSplits(&c)
	f.cardColumns(&c)
	f.cardSteps(&c)
	f.cardCaptures(&c)
	f.cardLabels(&c)
	f.cardLosses(&c)
	f.cardCheck(&c)
	f.cardCare(&c)
	f.cardUse(&c)
	f.cardCitation(&c)
	return []byte(c.String())
}

// paragraphs are the parts of a text between empty lines, each in one line.
func paragraphs(s string) []string {
	var all []string
	for part := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n\n") {
		if line := strings.Join(strings.Fields(part), " "); line != "" {
			all = append(all, line)
		}
	}
	return all
}

func (f *Facts) cardMissing(c *card) {
	if keys := f.Meta.Missing(); len(keys) > 0 {
		fmt.Fprintf(c, "\n> Nobody has said: %s. They come from meta.yaml; nothing was made up in their place.\n", markdown(strings.Join(keys, ", ")))
	}
}

func (f *Facts) cardGlance(c *card) {
	s, m := f.Survey, f.Meta
	c.heading("At a glance")
	c.item("**Rows**: %s, **columns**: %d, **classes**: %s", text.Count(s.Rows), len(s.Schema.Columns), f.classCount())
	if s.Timed {
		c.item("**Time of rows**: %s to %s", instantOf(s.Begin), instantOf(s.End))
	}
	if first, last, known := f.timeframe(); known {
		c.item("**Time of packets**: %s to %s", instantOf(first), instantOf(last))
	}
	if m.Version != "" {
		c.item("**Version**: %s", markdown(m.Version))
	}
	if m.License != "" {
		c.item("**Licence**: %s", markdown(m.License))
	}
	if m.Contact != "" {
		c.item("**Contact**: %s", markdown(m.Contact))
	}
	c.item("**Made by**: %s", markdown(strings.TrimSpace(f.made().Tool.Build())))
}

// classCount is the number of classes, as far as they were told apart.
func (f *Facts) classCount() string {
	n := 0
	for i := range f.Survey.Classes {
		if !f.Survey.Classes[i].Null {
			n++
		}
	}
	if f.Survey.Rest > 0 {
		return fmt.Sprintf("more than %d", n)
	}
	return fmt.Sprint(n)
}

func (f *Facts) cardClasses(c *card) {
	s := f.Survey
	c.heading("Classes")
	head := []string{"class", ">rows", ">share"}
	for i := range s.Splits {
		if f.split() {
			head = append(head, ">"+markdown(s.Splits[i].Name))
		}
	}
	c.table(append(head, ">hosts", ">connections", ">campaigns")...)
	for i := range s.Classes {
		class := &s.Classes[i]
		cells := []string{markdown(class.className()), text.Count(class.Rows), percent(class.Rows, s.Rows)}
		for k := range s.Splits {
			if f.split() {
				cells = append(cells, text.Count(s.Splits[k].Classes[i]))
			}
		}
		c.row(append(cells, distinct(&class.Hosts, 2*class.Rows), distinct(&class.Sessions, class.Rows), distinct(&class.Campaigns, class.Rows))...)
	}
	if s.Rest > 0 {
		fmt.Fprintf(c, "\nAnd %s of other classes.\n", text.Plural(s.Rest, "row"))
	}
	c.WriteString("\nHosts are addresses at either end; pieces of one connection are one. Connections say more than rows of how much there is to learn from.\n")
	f.cardEvidence(c)
}

// cardEvidence says of how many equal sessions the rows of each class and split are worth.
func (f *Facts) cardEvidence(c *card) {
	if f.Divided == nil || len(f.Divided.Splits) == 0 || len(f.Divided.Splits) > len(f.Survey.Splits) {
		return // not split, or no report of this dataset
	}
	c.WriteString("\nRows of one pair of hosts, or of one campaign, are no independent evidence. So many pairs and campaigns of equal size would say as much as the rows do, (Σn)²/Σn²:\n\n")
	head := []string{"class"}
	for i := range f.Divided.Splits {
		name := markdown(f.Divided.Splits[i].Split)
		head = append(head, ">"+name+": pairs", ">campaigns")
	}
	c.table(head...)
	for i := range f.Survey.Classes {
		class := &f.Survey.Classes[i]
		cells := []string{markdown(class.className())}
		for k := range f.Divided.Splits {
			pairs, campaigns := evidence(&f.Divided.Splits[k], class)
			cells = append(cells, effective(pairs), effective(campaigns))
		}
		c.row(cells...)
	}
}

// evidence is what split.json says of a class; nil where it does not.
func evidence(s *split.SplitSummary, class *Class) (pairs, campaigns *float64) {
	for i := range s.Classes {
		if l := s.Classes[i].Label; (l == nil) == class.Null && (l == nil || *l == class.Label) {
			return s.Classes[i].EffectivePairs, s.Classes[i].EffectiveCampaigns
		}
	}
	return nil, nil
}

// effective writes an effective number.
func effective(n *float64) string {
	if n == nil {
		return "–"
	}
	return strconv.FormatFloat(*n, 'f', 1, 64)
}

// counter is what counts different things.
type different interface {
	Count() uint64
	Exact() bool
}

// distinct is how many different things there are, of which there cannot be more than most: estimates are
// marked, and none is unknown.
func distinct(d different, most int64) string {
	switch n := min(d.Count(), uint64(most)); {
	case n == 0:
		return "–"
	case d.Exact():
		return text.Count(int64(n))
	default:
		return "≈ " + text.Count(int64(n))
	}
}

func percent(n, of int64) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f %%", 100*float64(n)/float64(of))
}

func (f *Facts) cardSplits(c *card) {
	s := f.Survey
	if !f.split() {
		return
	}
	c.heading("Splits")
	c.table("split", ">rows", ">share", ">largest class : smallest", "first row", "last row")
	for i := range s.Splits {
		split := &s.Splits[i]
		first, last := "–", "–"
		if split.Timed {
			first, last = instantOf(split.Begin), instantOf(split.End)
		}
		c.row(markdown(split.Name), text.Count(split.Rows), percent(split.Rows, s.Rows), split.imbalance(), first, last)
	}
	for i, g := range s.gaps() {
		if i == 0 {
			c.WriteByte('\n')
		}
		c.item("%s", markdown(g.text()))
	}
}

// imbalance is how many rows the largest class of a split has for one of the smallest that it has.
func (s *Split) imbalance() string {
	least, most := int64(0), int64(0)
	for _, n := range s.Classes {
		if most = max(most, n); n > 0 && (least == 0 || n < least) {
			least = n
		}
	}
	if least == 0 {
		return "–"
	}
	return strconv.FormatFloat(float64(most)/float64(least), 'f', 1, 64)
}

// text says how far two splits are from each other.
func (g gap) text() string {
	if g.Overlap {
		return fmt.Sprintf("%s and %s overlap by %v.", g.Before, g.After, time.Duration(g.Ns))
	}
	return fmt.Sprintf("%s begins %v after the last row of %s.", g.After, time.Duration(g.Ns), g.Before)
}

func (f *Facts) cardColumns(c *card) {
	c.heading("Columns")
	s := f.Survey.Schema
	byRole := map[column.Role]int{}
	for i := range s.Columns {
		byRole[s.Columns[i].Role]++
	}
	fmt.Fprintf(c, "The table `%s` has %s; what each means, its unit and when it is null is in columns.md and dictionary.json.\n\n", build.Data, text.Plural(int64(len(s.Columns)), "column"))
	for _, role := range []column.Role{column.Feature, column.Label, column.LeakProne, column.Identity, column.Time} {
		if n := byRole[role]; n > 0 {
			c.item("%s: %d", markdown(role.String()), n)
		}
	}
	if f.has(build.Keys) {
		fmt.Fprintf(c, "\nThe table `%s` says row by row, in the same order and splits, what the rows of `%s` are about: addresses, times, connections, campaigns. It is for splitting and checking; no model may see it.\n", build.Keys, build.Data)
	}
	for i, l := range f.Left {
		if i == 0 {
			c.WriteString("\nLeft out, and why:\n\n")
		}
		c.item("%s: %s", markdown(l.Why), markdown(strings.Join(l.Columns, ", ")))
	}
}

func (f *Facts) cardSteps(c *card) {
	c.heading("How it was made")
	c.table(">step", "what", "of", "rows", "options")
	for i, m := range f.Steps {
		c.row(fmt.Sprint(i+1), markdown(cmp.Or(m.Kind, "run")), sourceCell(m), rowCell(m), cellList(optionLines(m), 80))
	}
	c.WriteByte('\n')
	for i, m := range f.Steps {
		for _, note := range m.Notes {
			c.item("step %d: %s", i+1, said(note))
		}
	}
}

// cellList is a list in the cell of a table, of so many elements at most.
func cellList(list []string, most int) string {
	cells := make([]string, 0, len(list))
	for i, s := range list {
		if i == most {
			cells = append(cells, fmt.Sprintf("and %d more", len(list)-i))
			break
		}
		cells = append(cells, markdown(s))
	}
	return strings.Join(cells, "<br>")
}

func sourceCell(m *manifest.Manifest) string {
	if m.Kind == "" {
		return text.Plural(int64(len(m.Inputs)), "capture")
	}
	list := make([]string, len(m.Sources))
	for i := range m.Sources {
		s := &m.Sources[i]
		if list[i] = s.Role + ": " + baseOf(s); isFolder(s) {
			list[i] = s.Role + ": folder of kind " + s.Format
		}
	}
	return cellList(list, 20)
}

func rowCell(m *manifest.Manifest) string {
	list := make([]string, len(m.Tables))
	for i := range m.Tables {
		list[i] = m.Tables[i].Name + ": " + text.Count(m.Tables[i].Rows)
	}
	return cellList(list, 20)
}

func (f *Facts) cardCaptures(c *card) {
	captures := f.captures()
	if len(captures) == 0 {
		return
	}
	c.heading("Captures")
	c.table("capture", ">packets", "first packet", "last packet", "outcome", "SHA-256")
	for i, in := range captures {
		if i == mostListed {
			fmt.Fprintf(c, "\nAnd %d more, which recipe.json lists.\n", len(captures)-i)
			break
		}
		first, last := "–", "–"
		if in.FirstNs != nil && in.LastNs != nil {
			first, last = instantOf(*in.FirstNs), instantOf(*in.LastNs)
		}
		c.row(markdown(nameOf(in)), text.Count(in.Packets), first, last, markdown(in.Outcome), cmp.Or(in.SHA256, "–"))
	}
}

func (f *Facts) cardLabels(c *card) {
	files := f.labelFiles()
	if len(files) == 0 {
		return
	}
	c.heading("Labels")
	c.table("file", "format", "SHA-256")
	for i, s := range files {
		if i == mostListed {
			fmt.Fprintf(c, "\nAnd %d more, which recipe.json lists.\n", len(files)-i)
			break
		}
		c.row(markdown(baseOf(s)), markdown(s.Format), s.SHA256)
	}
	c.WriteByte('\n')
	for _, line := range f.outcomes() {
		c.item("%s", said(line))
	}
}

func (f *Facts) cardLosses(c *card) {
	lines := f.losses()
	if len(lines) == 0 {
		return
	}
	c.heading("What is missing")
	for i, line := range lines {
		if i == mostListed {
			c.item("and %d more", len(lines)-i)
			break
		}
		c.item("%s", said(line))
	}
	if f.imputed() != "" {
		c.item("%s", markdown(f.imputation()))
		return
	}
	c.item("Null means that a value is not known or has no meaning; it is never written as 0 or -1.")
}

func (f *Facts) cardCheck(c *card) {
	c.heading("Check for leaks")
	if f.Checked == nil {
		c.WriteString("Not checked: `pcapmill dataset check` looks for what lets a model see the answer.\n")
		return
	}
	fmt.Fprintf(c, "`pcapmill dataset check`: %s.\n", said(f.Checked.Headline))
	for i, line := range f.Checked.Lines {
		if i == 0 {
			c.WriteByte('\n')
		}
		if i == mostListed {
			c.item("and %d more", len(f.Checked.Lines)-i)
			break
		}
		c.item("%s", said(line))
	}
}

// cardCare says what is to be kept in mind.
func (f *Facts) cardCare(c *card) {
	for _, part := range []struct {
		title string
		lines []string
	}{
		{"Uses", f.Meta.Purpose}, {"Limits", f.limitations()}, {"Biases", f.Meta.Biases}, {"Personal information", f.personal()},
		{"Social impact", nonEmpty(f.Meta.SocialImpact)}, {"Collection", nonEmpty(f.Meta.Collection)}, {"Maintenance", f.Meta.Maintenance},
	} {
		if len(part.lines) == 0 {
			continue
		}
		c.heading(part.title)
		for _, line := range part.lines {
			c.item("%s", markdown(strings.Join(strings.Fields(line), " ")))
		}
	}
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func (f *Facts) cardUse(c *card) {
	split := &f.Survey.Splits[0]
	c.heading("Use")
	fmt.Fprintf(c, "```python\nimport pandas\nframe = pandas.read_parquet(\"%s\")\n```\n\n", strings.TrimSuffix(split.glob(), "/*.parquet"))
	fmt.Fprintf(c, "```sql\n-- DuckDB\nSELECT label, count(*) FROM read_parquet('%s/**/*.parquet') GROUP BY label;\n```\n", build.Data)
	if f.Recipe == "" {
		return
	}
	c.WriteString("\n`sha256sum -c SHA256SUMS` checks the files. From the captures and files of labels, which are found by their hashes, all of them are made again, byte by byte, by\n\n")
	c.WriteString("```sh\npcapmill dataset rebuild README.md --from FOLDER -o AGAIN\n```\n")
}

func (f *Facts) cardCitation(c *card) {
	if cite := f.citeAs(); cite != "" {
		c.heading("Citation")
		fmt.Fprintf(c, "```\n%s\n```\n", strings.ReplaceAll(text.Escape(cite), "`", "'")) // which could end the block
	}
}
