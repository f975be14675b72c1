package nightly

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// IndexName is the page that lists the nights.
const IndexName = "index.html"

//go:embed index.html
var indexSource string

// indexTemplate escapes what it is given by where it stands.
var indexTemplate = template.Must(template.New("index").Parse(indexSource))

// What the page is told.

type indexPage struct {
	Head, Class string
	Next        string // what to do
	Facts       []indexFact
	Bars        []indexBar
	Width       int
	Most        string
	Rows        []indexRow
	Older       string
}

type indexFact struct{ Name, Text string }

// indexBar is a night in the course of packets.
type indexBar struct {
	X, Y, Height int
	Class, Title string
	Href         string
}

type indexRow struct {
	Name, Weekday string
	Class, Word   string
	Anchor        string
	Why           []string
	Packets, Size string
	Flows, Hosts  string
	Captures      string
	Damaged       bool
	Past          string
	Links         []indexLink
	Silent        bool
}

type indexLink struct{ Name, Href string }

// index writes the page. It has no time of its own, so that the same nights give the same
// bytes.
func (x *execution) index() error {
	if x.c.Reports.Index == 0 || len(x.state.nights)+len(x.state.silent) == 0 {
		return nil
	}
	page := x.page()
	_, err := publish.Replace(x.c.at(IndexName), func(w io.Writer) error { return indexTemplate.Execute(w, page) }, nil)
	return err
}

// page is made of the newest nights.
func (x *execution) page() *indexPage {
	rows := x.rows()
	p := &indexPage{Rows: rows[:min(len(rows), x.c.Reports.Index)]}
	if older := len(rows) - len(p.Rows); older > 0 {
		p.Older = fmt.Sprintf("And %s before, see %s.", text.Plural(int64(older), "row"), HistoryName)
	}
	all := x.state.inOrder()
	p.bars(all[max(0, len(all)-x.c.Reports.Index):])
	p.head(x, all)
	return p
}

// rows are nights and stretches without captures, the newest first.
func (x *execution) rows() []indexRow {
	var rows []indexRow
	for _, n := range x.state.inOrder() {
		rows = append(rows, x.row(n))
	}
	for _, s := range x.state.silent {
		rows = append(rows, silentRow(&s))
	}
	slices.SortStableFunc(rows, func(a, b indexRow) int { return compareNames(b.Name, a.Name) })
	return rows
}

func (x *execution) row(n *done) indexRow {
	class, word := look(n)
	r := indexRow{
		Name: n.Name, Weekday: n.start().Weekday().String(), Class: class, Word: word, Anchor: "n" + n.Name, Why: n.Why,
		Packets: text.Count(n.Packets), Size: sizeText(n.Bytes), Flows: text.Count(n.Flows), Damaged: n.Damaged > 0,
		Captures: text.Plural(n.captures, "capture"), Past: n.pastText(),
	}
	if n.Hosts > 0 {
		r.Hosts = text.Count(int64(n.Hosts))
	}
	if n.Damaged > 0 {
		r.Captures += fmt.Sprintf(", %d damaged", n.Damaged)
	}
	if n.marked != nil {
		r.Why = append([]string{markText(n)}, r.Why...)
	}
	if !n.gone[whatReports] {
		for _, name := range pageFirst(n.Reports) {
			r.Links = append(r.Links, indexLink{linkName(name), "reports/" + n.Name + "/" + name})
		}
	}
	if !n.gone[whatTables] {
		r.Links = append(r.Links, indexLink{"tables", "runs/date=" + n.Name + "/"})
	}
	return r
}

func markText(n *done) string {
	word := "accepted by hand: later nights are judged by it too"
	if !*n.marked {
		word = "rejected by hand: no night is judged by it"
	}
	if n.markedWhy != "" {
		word += " (" + text.Escape(n.markedWhy) + ")"
	}
	return word
}

// pageFirst puts what a browser shows best before the rest.
func pageFirst(names []string) []string {
	names = slices.Clone(names)
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(strings.Count(b, ".html"), strings.Count(a, ".html"))
	})
	return names
}

// linkName says what a report is, the page itself first.
func linkName(file string) string {
	name, ending, _ := strings.Cut(file, ".")
	forms := map[string]string{"html": "", "md": " (Markdown)", "json": " (JSON)", "xml": " (JUnit)", "txt": " (text)"}
	return name + forms[ending]
}

func silentRow(s *Silent) indexRow {
	r := indexRow{Name: s.Last, Class: "trouble", Word: "no captures", Anchor: "s" + s.Last, Silent: true}
	r.Why = []string{"no capture of this night was found"}
	if s.Nights > 1 {
		r.Weekday = "since " + s.First
		r.Why = []string{fmt.Sprintf("no captures of %s were found, from %s to %s", text.Plural(int64(s.Nights), "night"), s.First, s.Last)}
	}
	return r
}

// look is the colour of a night, and its word.
func look(n *done) (class, word string) {
	switch n.Verdict {
	case Flagged:
		return n.Severity, flaggedWord(n)
	case Learning:
		class, word = "learning", "learning"
	case Normal:
		class, word = "normal", "normal"
	case Empty:
		class, word = "trouble", "no whole window"
	case Gated:
		class, word = "trouble", "captures lack too much"
	default:
		class, word = "trouble", "not judged"
	}
	return class, word
}

func flaggedWord(n *done) string {
	var parts []string
	if n.Drift != nil && n.Drift.Items+n.Drift.Hosts > 0 {
		parts = append(parts, "drift: "+n.Drift.Verdict)
	}
	if n.Rules != nil && n.Rules.Failing > 0 {
		parts = append(parts, fmt.Sprintf("%s of rules: %s", text.Plural(int64(n.Rules.Failing), "alert"), n.Rules.Worst))
	}
	return strings.Join(parts, ", ")
}

func (n *Night) pastText() string {
	switch {
	case n.Past == nil:
		return "nothing yet"
	case n.Past.Nights == 0:
		return "a fixed baseline"
	}
	return fmt.Sprintf("%s, %s to %s", text.Plural(int64(n.Past.Nights), "night"), n.Past.First, n.Past.Last)
}

// barHeight and barWidth are in pixels.
const (
	barHeight = 60
	barWidth  = 12
	barFloor  = 2 // of a night without packets, to be seen
)

// bars draws the packets of the nights, oldest first.
func (p *indexPage) bars(nights []*done) {
	most := int64(1)
	for _, n := range nights {
		most = max(most, n.Packets)
	}
	p.Most = text.Count(most)
	for i, n := range nights {
		height := barFloor + int(float64(n.Packets)/float64(most)*(barHeight-barFloor))
		class, word := look(n)
		p.Bars = append(p.Bars, indexBar{
			X: i * barWidth, Y: barHeight - height, Height: height, Class: class,
			Title: fmt.Sprintf("%s: %s, %s", n.Name, word, text.Plural(n.Packets, "packet")), Href: "#n" + n.Name,
		})
	}
	p.Width = len(nights) * barWidth
}

// head says how it stands.
func (p *indexPage) head(x *execution, all []*done) {
	past := x.pastOf(x.lastEnd(), "")
	newest := p.Rows[0]
	p.Head, p.Class, p.Next = newest.Name+": "+newest.Word, newest.Class, advice(newest, len(past), x.c)
	counts := map[string]int64{}
	for _, n := range all {
		counts[string(n.Verdict)]++
	}
	flagged := text.Plural(counts[string(Flagged)], "night") + " flagged"
	p.Facts = append(p.Facts, indexFact{"history", fmt.Sprintf("%s, %s", text.Plural(int64(len(all)), "night"), flagged)})
	switch {
	case x.c.Baseline.Fixed != "":
		p.Facts = append(p.Facts, indexFact{"judged by", text.Escape(x.c.Baseline.Fixed)})
	case len(past) == 0:
		p.Facts = append(p.Facts, indexFact{"judged by", "nothing yet"})
	default:
		p.Facts = append(p.Facts, indexFact{"judged by", fmt.Sprintf("%s, %s to %s", text.Plural(int64(len(past)), "good night"), past[0].Name, past[len(past)-1].Name)})
	}
	if n := x.stale(); n > 0 {
		p.Facts = append(p.Facts, indexFact{"changed", text.Plural(int64(n), "capture") + " changed since it was read; nightly --date NIGHT does its night again"})
	}
}

// stale counts captures that were told to have changed.
func (x *execution) stale() (n int) {
	for _, f := range x.state.files {
		if f.is != "" {
			n++
		}
	}
	return n
}

// advice is for who did not write the configuration.
func advice(r indexRow, good int, c *Config) string {
	switch {
	case r.Silent:
		return "Look whether the sensor still captures, and whether its captures arrive."
	case r.Class == "normal":
		return "Nothing to do."
	case r.Class == "learning" && good < c.Baseline.Least:
		return fmt.Sprintf("Nothing to do: %d of the %d good nights that judging takes are there.", good, c.Baseline.Least)
	case r.Class == "learning":
		return "Nothing to do: from the next night on, nights are judged."
	case r.Class == "trouble":
		return "The night says below what is missing. Until then nobody knows whether it was as usual."
	}
	return "Read the report of the night. If it is the new normal, say so: pcapmill nightly CONFIG --accept " + r.Name
}

// sizeText renders bytes in units of 1000.
func sizeText(n int64) string {
	x, unit := float64(n), 0
	units := []string{"B", "kB", "MB", "GB", "TB", "PB"}
	for x >= 999.5 && unit < len(units)-1 {
		x, unit = x/1000, unit+1
	}
	if unit == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.3g %s", x, units[unit])
}
