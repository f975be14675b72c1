package rules

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"pcapmill/model/drift"
	"pcapmill/outputs/text"
)

// The elements of JUnit's XML that CI servers agree on.

type junitSuites struct {
	XMLName  xml.Name   `xml:"testsuites"`
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Suite    junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string       `xml:"classname,attr"`
	Name    string       `xml:"name,attr"`
	Failure *junitResult `xml:"failure"`
	Skipped *junitResult `xml:"skipped"`
	Out     string       `xml:"system-out,omitempty"`
}

type junitResult struct {
	Type    string `xml:"type,attr,omitempty"`
	Message string `xml:"message,attr"`
	Body    string `xml:",chardata"`
}

// shownAlerts is how many alerts of a rule JUnit has.
const shownAlerts = 50

// WriteJUnit writes a test case a rule: it fails where its alerts are at or above a severity.
func WriteJUnit(w io.Writer, r *Report, failOn drift.Severity) error {
	suite := junitSuite{Name: "rules", Tests: len(r.Outcomes)}
	for _, o := range r.Outcomes {
		c := o.junit(failOn)
		if c.Failure != nil {
			suite.Failures++
		}
		if c.Skipped != nil {
			suite.Skipped++
		}
		suite.Cases = append(suite.Cases, c)
	}
	all := junitSuites{Name: "pcapmill rules", Tests: suite.Tests, Failures: suite.Failures, Suite: suite}
	data, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, data)
	return err
}

func (o *Outcome) junit(failOn drift.Severity) junitCase {
	c := junitCase{Class: "rules." + o.Rule.Table, Name: o.Rule.ID}
	switch {
	case len(o.Alerts) > 0 && o.Rule.Severity >= failOn:
		c.Failure = &junitResult{Type: o.Rule.Severity.String(), Message: text.Escape(o.Rule.Title), Body: o.listed()}
	case o.skipped():
		c.Skipped = &junitResult{Message: strings.Join(o.Skipped, "; ")}
	default:
		c.Out = o.listed()
	}
	return c
}

// listed are the alerts and what was left out, one a line.
func (o *Outcome) listed() string {
	var b strings.Builder
	for i := range o.Alerts {
		if i == shownAlerts {
			fmt.Fprintf(&b, "and %d more\n", len(o.Alerts)-i)
			break
		}
		a := &o.Alerts[i]
		fmt.Fprintf(&b, "%s  %s\n", instantOf(a.Time), a.Message())
		if len(a.Evidence) > 0 {
			fmt.Fprintf(&b, "    %s\n", named(a.Evidence))
		}
	}
	for _, what := range o.limits() {
		fmt.Fprintln(&b, what)
	}
	return b.String()
}
