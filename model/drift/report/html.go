package report

import (
	_ "embed"
	"io"

	"pcapmill/model/drift"
	"pcapmill/outputs/webpage"
)

//go:embed page.html
var pageSource string

var pageTemplate = webpage.Parse(pageSource)

// mostRows of a layer, and hosts, are on a page where Options.Top does not say less: so a
// page has a few MB at most.
const mostRows = 500

// HTML writes a report as one page that needs nothing from elsewhere and runs no script.
func HTML(w io.Writer, r *drift.Report, o Options) error {
	if err := o.Validate(); err != nil {
		return err
	}
	if o.Top == 0 || o.Top > mostRows {
		o.Top = mostRows
	}
	return pageTemplate.Execute(w, htmlPage(viewOf(r, o)))
}

// What the template sees of a view.

type htmlView struct {
	Headline, Verdict string
	Fails             bool
	Facts             []htmlFact
	Sections          []htmlSection
	Quiet             []string
	Hosts             []htmlHost
	MoreHosts         string
	MoreItems         string
	Notes             []string
}

type htmlFact struct{ Name, Text string }

type htmlSection struct {
	Name, Doc string
	Rows      []htmlRow
	More      string
}

type htmlRow struct {
	Severity, Word, Segment, Subject, Usual, Now, Text string
	Suppressed                                         bool
	Details                                            []string
}

type htmlHost struct {
	Severity, Word, Host, Index, Windows, Action string
	Suppressed                                   bool
	Fill                                         int // of 100
	Details                                      []string
	Features                                     []htmlFeature
}

type htmlFeature struct {
	Name, Usual, Now, Z string
	Share               int // of 100
}

func htmlPage(v *view) *htmlView {
	h := &htmlView{
		Headline: capital(v.headline), Verdict: v.verdict.String(), Fails: v.fails, Quiet: v.quiet, Notes: v.notes,
		MoreHosts: more(v.moreHost+v.moreAll, "more host"), MoreItems: more(v.moreItem, "more item"),
	}
	for _, f := range v.facts {
		h.Facts = append(h.Facts, htmlFact{f.name, f.text})
	}
	for i := range v.sections {
		h.Sections = append(h.Sections, htmlSectionOf(&v.sections[i]))
	}
	for i := range v.hosts {
		h.Hosts = append(h.Hosts, htmlHostOf(&v.hosts[i]))
	}
	return h
}

// more is a number of things, or "" where there are none.
func more(n int, thing string) string {
	if n == 0 {
		return ""
	}
	return plural(n, thing)
}

func htmlSectionOf(s *section) htmlSection {
	h := htmlSection{Name: capital(s.name), Doc: capital(s.doc), More: more(s.more, "more item")}
	for i := range s.rows {
		r := &s.rows[i]
		h.Rows = append(h.Rows, htmlRow{
			r.severity.String(), r.word(), r.segment, r.subject, r.usual, r.now, r.text, r.suppressed, r.details,
		})
	}
	return h
}

func htmlHostOf(v *hostView) htmlHost {
	h := htmlHost{
		v.severity.String(), v.word(), v.host, v.index, v.windows, v.action, v.suppressed, percent(v.fill), v.details, nil,
	}
	for _, f := range v.features {
		h.Features = append(h.Features, htmlFeature{f.name, f.usual, f.now, f.z, percent(f.share)})
	}
	return h
}

func percent(share float64) int { return int(100*min(1, max(0, share)) + 0.5) }
