package nightly

import (
	_ "embed"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"pcapmill/model/drift"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
	"pcapmill/outputs/webpage"
)

// IndexName is the page that lists the nights.
const IndexName = "index.html"

//go:embed index.html
var indexSource string

var indexTemplate = webpage.Parse(indexSource)

// What the page is told.

type indexPage struct {
	Head, Class string
	Next        string // what to do
	Facts       []indexFact
	Bars        []indexBar
	Width       int
	Most        string
	Open        []indexLink // nights that are flagged, and nobody has said anything of
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
	Past, Span    string // what it was judged by
	Links         []indexLinks
	Tables        string // folder
	Silent        bool
	Open          bool // flagged, and nobody has said anything of it
	flagged       bool
	packets       int64
}

type indexLinks struct {
	Name, Href string
	Forms      []indexLink // others
}

type indexLink struct{ Name, Href string }

// index writes the page. It has no time of its own, so that the same nights give the same
// bytes.
func (x *execution) index() error {
	if x.c.Reports.Index == 0 || len(x.state.nights)+len(x.state.silent) == 0 {
		return nil
	}
	if err := ownPage(x.c.at(IndexName)); err != nil {
		return err
	}
	page := x.page()
	_, err := publish.Replace(x.c.at(IndexName), func(w io.Writer) error { return indexTemplate.Execute(w, page) }, nil)
	return err
}

// pageMark is in the first lines of each page.
const pageMark = "<title>pcapmill nightly: "

// ownPage refuses to put the page in the place of one that is somebody else's: who wants it to be
// seen may have named a folder that is served already.
func ownPage(path string) error {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return nil //nolint:nilerr // none, or nothing that is replaced: whoever does says so
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	head, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil || len(head) == 0 || strings.Contains(string(head), pageMark) {
		return err
	}
	return fmt.Errorf("%s %w: move it away, name another output, or have no page (reports: index: 0)", text.Escape(path), publish.ErrForeign)
}

// page is made of the newest nights.
func (x *execution) page() *indexPage {
	rows := x.rows()
	p := &indexPage{Rows: rows[:min(len(rows), x.c.Reports.Index)]}
	if older := len(rows) - len(p.Rows); older > 0 {
		p.Older = fmt.Sprintf("And %s before, see %s.", text.Plural(int64(older), "row"), HistoryName)
	}
	p.bars()
	p.head(x, rows)
	return p
}

// rows are nights and stretches that still have no captures, the newest first.
func (x *execution) rows() []indexRow {
	var rows []indexRow
	for _, n := range x.state.inOrder() {
		rows = append(rows, x.row(n))
	}
	for _, s := range x.state.stillSilent() {
		rows = append(rows, silentRow(&s))
	}
	slices.SortStableFunc(rows, func(a, b indexRow) int { return compareNames(b.Name, a.Name) })
	return rows
}

func (x *execution) row(n *done) indexRow {
	class, word := look(n)
	r := indexRow{
		Name: n.Name, Weekday: n.start().Weekday().String(), Class: class, Word: word, Anchor: "n" + n.Name, Why: n.Why,
		packets: n.Packets, Packets: text.Count(n.Packets), flagged: n.Verdict == Flagged, Open: n.Verdict == Flagged && n.marked == nil, Size: sizeText(n.Bytes), Flows: text.Count(n.Flows), Damaged: n.Damaged > 0,
		Captures: text.Plural(n.Number, "capture"),
	}
	r.Past, r.Span = n.pastText()
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
		r.Links = linksOf(n.Name, n.Reports)
	}
	if !n.gone[whatTables] {
		r.Tables = "runs/date=" + n.Name + "/"
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

// linksOf groups reports by what they are of; the form that a browser shows best is the name's
// own link.
func linksOf(night string, files []string) []indexLinks {
	forms := map[string]string{".html": "page", ".md": "md", ".json": "json", ".xml": "xml", ".txt": "txt"}
	var groups []indexLinks
	for _, of := range []string{"drift", "rules"} {
		g := indexLinks{Name: of}
		for _, file := range files {
			ending, is := strings.CutPrefix(file, of)
			href := "reports/" + night + "/" + file
			switch {
			case !is:
			case ending == ".html":
				g.Href = href
			default:
				g.Forms = append(g.Forms, indexLink{forms[ending], href})
			}
		}
		if g.Href == "" && len(g.Forms) > 0 {
			g.Href = g.Forms[0].Href
		}
		if g.Href != "" {
			groups = append(groups, g)
		}
	}
	return groups
}

func silentRow(s *Silent) indexRow {
	r := indexRow{Name: s.Last, Weekday: mustStart(s.Last).Weekday().String(), Class: "trouble", Word: "no captures", Anchor: "s" + s.Last, Silent: true}
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
		if n.Severity != drift.None.String() {
			word += " (" + n.Severity + ")"
		}
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

// pastText says what a night was judged by, and from when to when that is.
func (n *Night) pastText() (what, span string) {
	switch {
	case n.Past == nil:
		return "nothing yet", ""
	case n.Past.Nights == 0:
		return "a fixed baseline", ""
	}
	return text.Plural(int64(n.Past.Nights), "night"), n.Past.First + " to " + n.Past.Last
}

// barHeight and barWidth are in pixels.
const (
	barHeight = 60
	barWidth  = 12
	barFloor  = 2 // of a night without packets, to be seen
)

// bars draws the packets of the rows, the oldest first.
func (p *indexPage) bars() {
	most := int64(1)
	for i := range p.Rows {
		most = max(most, p.Rows[i].packets)
	}
	p.Most = text.Count(most)
	for _, r := range slices.Backward(p.Rows) {
		height := barFloor + int(float64(r.packets)/float64(most)*(barHeight-barFloor))
		p.Bars = append(p.Bars, indexBar{
			X: p.Width, Y: barHeight - height, Height: height, Class: r.Class,
			Title: fmt.Sprintf("%s: %s, %s", r.Name, r.Word, text.Plural(r.packets, "packet")), Href: "#" + r.Anchor,
		})
		p.Width += barWidth
	}
}

// head says how it stands.
func (p *indexPage) head(x *execution, rows []indexRow) {
	past := x.pastOf(x.lastEnd(), "")
	newest := rows[0]
	p.Head, p.Class, p.Next = newest.Name+": "+newest.Word, newest.Class, advice(newest, len(past), x.c)
	p.Facts = append(p.Facts, indexFact{"history", history(x, rows)})
	by := "nothing yet"
	switch {
	case x.c.Baseline.Fixed != "":
		by = text.Escape(x.c.Baseline.Fixed)
	case len(past) > 0:
		by = fmt.Sprintf("%s, %s to %s", text.Plural(int64(len(past)), "good night"), past[0].Name, past[len(past)-1].Name)
	}
	p.Facts = append(p.Facts, indexFact{"next judged by", by})
	for _, r := range rows {
		if r.Open && len(p.Open) < mostOpen {
			p.Open = append(p.Open, indexLink{r.Name + " (" + r.Word + ")", "#" + r.Anchor})
		}
	}
	if n := x.stale(); n > 0 {
		p.Facts = append(p.Facts, indexFact{"changed", text.Plural(int64(n), "capture") + " changed since the night was done; nightly --date NIGHT does it again"})
	}
}

// mostOpen bounds the nights that the head names.
const mostOpen = 10

// history counts the nights.
func history(x *execution, rows []indexRow) string {
	flagged, damaged, unjudged, silent := int64(0), int64(0), int64(0), int64(0)
	for i := range rows {
		switch r := &rows[i]; {
		case r.Silent: // counted below: a row can be of several
		case r.Class == "trouble":
			unjudged++
		case r.flagged:
			flagged++
		}
		if rows[i].Damaged {
			damaged++
		}
	}
	for _, s := range x.state.stillSilent() {
		silent += int64(s.Nights)
	}
	line := text.Plural(int64(len(x.state.nights)), "night")
	for _, c := range []struct {
		n    int64
		what string
	}{{flagged, "flagged"}, {damaged, "with damaged captures"}, {unjudged, "not judged"}, {silent, "without captures"}} {
		if c.n > 0 {
			line += fmt.Sprintf(", %s %s", text.Count(c.n), c.what)
		}
	}
	return line
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
