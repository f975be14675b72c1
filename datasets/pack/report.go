package pack

import (
	_ "embed"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"pcapmill/features/column"
	"pcapmill/features/sketch"
	"pcapmill/outputs/text"
	"pcapmill/outputs/webpage"
)

//go:embed page.html
var pageSource string

var pageTemplate = webpage.Parse(pageSource)

// mostPlotted classes have bars of their own.
const mostPlotted = 40

// Report writes report.html: one page that needs nothing from elsewhere and runs no script.
func (f *Facts) Report(w io.Writer) error { return pageTemplate.Execute(w, f.page()) }

// What the template sees.

type page struct {
	Title       string
	Description []string // paragraphs
	Facts       []pageFact
	Splits      []string
	Classes     []pageClass
	More        string
	Hours       []pageTime
	Timeline    []pageSpan
	Gaps        []string
	Numbers     []pageNumber
	Words       []pageWord
	Begin, End  string
	Notes       []string
}

type pageFact struct{ Name, Text string }

// pageClass is a class with a stacked bar: a part for each split.
type pageClass struct {
	Name, Rows, Share, Hosts, Connections, Campaigns string
	Parts                                            []pagePart
	HostBar, ConnectionBar                           float64 // of 100
	Counts                                           []string
}

type pagePart struct {
	Split    int
	At, Wide float64 // of 100
	Title    string
}

// pageTime is a class with a bar for each part of the time.
type pageTime struct {
	Name string
	Most string
	Bars []pageBar
}

type pageBar struct{ X, Y, Wide, High float64 }

type pageSpan struct {
	Name, First, Last, Rows string
	Split                   int
	At, Wide                float64 // of 100
}

// pageNumber is a column of numbers.
type pageNumber struct {
	Name, Unit, Doc, Role string
	Bars                  []pageBar
	Quantiles             [5]string
	Medians               []string
	Nulls                 []string
	Constant              bool
}

// pageWord is a column of texts.
type pageWord struct {
	Name, Doc, Role, Different string
	Top                        []string
	Nulls                      []string
}

func (f *Facts) page() *page {
	s := f.Survey
	p := &page{Title: text.Escape(f.title())}
	for _, part := range paragraphs(f.description()) {
		p.Description = append(p.Description, text.Escape(part))
	}
	p.Facts = []pageFact{
		{"rows", text.Count(s.Rows)}, {"columns", fmt.Sprint(len(s.Schema.Columns))}, {"classes", f.classCount()},
		{"captures", fmt.Sprint(len(f.captures()))}, {"made by", text.Escape(f.made().Tool.Build())},
	}
	if ratio, ok := s.imbalance(); ok {
		p.Facts = append(p.Facts, pageFact{"largest class to smallest", fmt.Sprintf("%s : 1", number(ratio))})
	}
	if s.Timed {
		p.Begin, p.End = instantOf(s.Begin), instantOf(s.End)
	}
	for i := range s.Splits {
		p.Splits = append(p.Splits, splitTitle(&s.Splits[i]))
	}
	f.pageClasses(p)
	f.pageTimes(p)
	for i := range s.Columns {
		f.pageColumn(p, &s.Columns[i])
	}
	for _, line := range f.limitations() {
		p.Notes = append(p.Notes, text.Escape(line))
	}
	return p
}

// splitTitle is what a page calls a split.
func splitTitle(s *Split) string {
	if s.Name == "" {
		return "all rows"
	}
	return s.Name
}

func (f *Facts) pageClasses(p *page) {
	s := f.Survey
	most, hosts, connections := int64(1), uint64(1), uint64(1)
	for i := range s.Classes {
		c := &s.Classes[i]
		most, hosts, connections = max(most, c.Rows), max(hosts, c.Hosts.Count()), max(connections, c.Sessions.Count())
	}
	for i := range s.Classes {
		if i == mostPlotted {
			p.More = text.Count(int64(len(s.Classes)-i)) + " more"
			break
		}
		c := &s.Classes[i]
		row := pageClass{
			Name: text.Escape(c.className()), Rows: text.Count(c.Rows), Share: percent(c.Rows, s.Rows),
			Hosts: distinct(&c.Hosts, 2*c.Rows), Connections: distinct(&c.Sessions, c.Rows), Campaigns: distinct(&c.Campaigns, c.Rows),
			HostBar: share(float64(c.Hosts.Count()), float64(hosts)), ConnectionBar: share(float64(c.Sessions.Count()), float64(connections)),
		}
		at := 0.0
		for k := range s.Splits {
			n := s.Splits[k].Classes[i]
			wide := share(float64(n), float64(most))
			row.Parts = append(row.Parts, pagePart{k, at, wide, fmt.Sprintf("%s: %s", splitTitle(&s.Splits[k]), text.Count(n))})
			row.Counts = append(row.Counts, text.Count(n))
			at += wide
		}
		p.Classes = append(p.Classes, row)
	}
}

// share is n of most in hundredths, with two decimals, so that pages are short.
func share(n, most float64) float64 { return math.Round(10000*n/most) / 100 }

func (f *Facts) pageTimes(p *page) {
	s := f.Survey
	if !s.Timed {
		return
	}
	for i := range s.Classes {
		if i == mostPlotted {
			break
		}
		c := &s.Classes[i]
		most := int64(1)
		for _, n := range c.Times {
			most = max(most, n)
		}
		row := pageTime{Name: text.Escape(c.className()), Most: text.Count(most)}
		for slot, n := range c.Times {
			if n > 0 {
				high := max(1, share(float64(n), float64(most))*0.28)
				row.Bars = append(row.Bars, pageBar{float64(slot) * 10, 28 - high, 9, high})
			}
		}
		p.Hours = append(p.Hours, row)
	}
	span := max(1, float64(s.End)-float64(s.Begin))
	for i := range s.Splits {
		split := &s.Splits[i]
		if split.Timed {
			at := share(float64(split.Begin)-float64(s.Begin), span)
			p.Timeline = append(p.Timeline, pageSpan{
				splitTitle(split), instantOf(split.Begin), instantOf(split.End), text.Count(split.Rows), i,
				at, max(0.2, share(float64(split.End)-float64(split.Begin), span)),
			})
		}
	}
	for _, g := range s.gaps() {
		p.Gaps = append(p.Gaps, g.text())
	}
}

func (f *Facts) pageColumn(p *page, c *ColumnFacts) {
	nulls := make([]string, len(c.Nulls))
	for i, n := range c.Nulls {
		nulls[i] = percent(n, f.Survey.Splits[i].Rows)
	}
	name, doc := text.Escape(c.Column.Name), text.Escape(c.Column.Doc)
	if c.Words != nil || c.Column.Type >= column.ListInt64 || c.Column.Type == column.Binary {
		p.Words = append(p.Words, pageWord{name, doc, c.Column.Role.String(), c.different(), c.top(), nulls})
		return
	}
	n := pageNumber{Name: name, Unit: string(c.Column.Unit), Doc: doc, Role: c.Column.Role.String(), Nulls: nulls, Constant: c.Constant(), Bars: bars(c)}
	for i, q := range []float64{0, 0.25, 0.5, 0.75, 1} {
		n.Quantiles[i] = "–"
		if v, ok := c.Quantile(q); ok {
			n.Quantiles[i] = c.write(v)
		}
	}
	for i := range c.splits {
		median := "–"
		if v, ok := c.SplitMedian(i); ok {
			median = c.write(v)
		}
		n.Medians = append(n.Medians, median)
	}
	p.Numbers = append(p.Numbers, n)
}

// write is a value of the column as people read it.
func (c *ColumnFacts) write(v float64) string {
	switch {
	case c.Column.Unit == column.Nanos && math.Abs(v) < 1<<62:
		return time.Duration(v).Round(time.Microsecond).String()
	case c.Column.Type == column.Timestamp && math.Abs(v) < 1<<62:
		return string(text.AppendTimestamp(nil, int64(v)))
	}
	return number(v)
}

// number has four digits, but for whole numbers.
func number(v float64) string {
	const exact = 1 << 53
	if v == math.Trunc(v) && math.Abs(v) < exact {
		return text.Count(int64(v))
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// different says how many words, or lists, a column has.
func (c *ColumnFacts) different() string {
	switch {
	case c.Words == nil && c.Lists > 0:
		return fmt.Sprintf("%s with %s", text.Plural(c.Lists, "list"), text.Plural(c.Items, "element"))
	case c.Words == nil:
		return "–"
	}
	count := text.Count(int64(c.Words.Keys()))
	if !c.Words.Exact() {
		count = "≈ " + count
	}
	if n := int64(c.Words.TooLong()); n > 0 {
		count += fmt.Sprintf(", and of more than %d bytes in %s", sketch.MaxKey, text.Plural(n, "row"))
	}
	return count
}

// top are the words that come most often: of too many, those of a sample of them.
func (c *ColumnFacts) top() []string {
	if c.Words == nil {
		return nil
	}
	var all []string
	for _, e := range c.Words.Top(5) {
		word := text.Escape(e.Key)
		if runes := []rune(word); len(runes) > 40 {
			word = string(runes[:40]) + "…"
		}
		all = append(all, fmt.Sprintf("%s: %s", word, text.Count(int64(e.Count))))
	}
	if !c.Words.Exact() {
		all = append(all, fmt.Sprintf("(of a sample of %s of them)", text.Count(mostWords)))
	}
	return all
}

// How a small histogram is drawn: bars over the logarithm of 1 + |x|, negative values to the left.
const (
	barCount = 24
	barHigh  = 22.0
)

func bars(c *ColumnFacts) []pageBar {
	if c.Values.Count() == 0 || c.instants() {
		return nil
	}
	begin, end := signedLog(c.Least), signedLog(c.Most)
	var counts [barCount]uint64
	most := uint64(1)
	for v, n := range c.Values.Bins {
		slot := 0
		if end > begin {
			slot = int((signedLog(v.Value) - begin) / (end - begin) * barCount)
		}
		slot = min(barCount-1, max(0, slot))
		counts[slot] += n
		most = max(most, counts[slot])
	}
	var all []pageBar
	for slot, n := range counts {
		if n > 0 {
			tall := max(1, share(float64(n), float64(most))/100*barHigh)
			tall = math.Round(100*tall) / 100
			all = append(all, pageBar{float64(slot * 5), math.Round(100*(barHigh-tall)) / 100, 4, tall})
		}
	}
	return all
}

func signedLog(x float64) float64 { return math.Copysign(math.Log2(1+math.Abs(x)), x) }
