// Package junit writes what was asked and what came of it as JUnit's XML, in the elements that CI
// servers agree on. Attributes are those that the schema of Jenkins' xUnit plugin allows.
//
// Texts must be free of control characters, as text.Escape leaves them.
package junit

import (
	"encoding/xml"
	"io"
)

// Report is all suites.
type Report struct {
	Name   string
	Suites []Suite
}

// Suite is cases that belong together.
type Suite struct {
	Name       string
	Timestamp  string // UTC, as 2026-03-02T09:00:00; empty: none
	Properties []Property
	Cases      []Case
}

// Property is a fact about a suite.
type Property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// Case is one question: it failed, was skipped, or passed.
type Case struct {
	Class, Name string
	Failure     *Result
	Skipped     *Result
	Out         string // empty: none
}

// Result says why a case failed or was skipped.
type Result struct {
	Type    string `xml:"type,attr,omitempty"`
	Message string `xml:"message,attr"`
	Body    string `xml:",cdata"`
}

type root struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Time     int      `xml:"time,attr"`
	Suites   []suite  `xml:"testsuite"`
}

type suite struct {
	Name       string      `xml:"name,attr"`
	Tests      int         `xml:"tests,attr"`
	Failures   int         `xml:"failures,attr"`
	Errors     int         `xml:"errors,attr"`
	Skipped    int         `xml:"skipped,attr"`
	Time       int         `xml:"time,attr"`
	Timestamp  string      `xml:"timestamp,attr,omitempty"`
	Properties *properties `xml:"properties"`
	Cases      []testcase  `xml:"testcase"`
}

type properties struct {
	All []Property `xml:"property"`
}

type testcase struct {
	Class   string  `xml:"classname,attr"`
	Name    string  `xml:"name,attr"`
	Time    int     `xml:"time,attr"`
	Failure *Result `xml:"failure"`
	Skipped *Result `xml:"skipped"`
	Out     *body   `xml:"system-out"`
}

type body struct {
	Text string `xml:",cdata"`
}

// Write writes a report with the sums of its cases.
func Write(w io.Writer, r *Report) error {
	all := root{Name: r.Name}
	for i := range r.Suites {
		s := summed(&r.Suites[i])
		all.Tests, all.Failures = all.Tests+s.Tests, all.Failures+s.Failures
		all.Suites = append(all.Suites, s)
	}
	data, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xml.Header+string(data)+"\n")
	return err
}

func summed(of *Suite) suite {
	s := suite{Name: of.Name, Timestamp: of.Timestamp, Tests: len(of.Cases)}
	if of.Properties != nil {
		s.Properties = &properties{of.Properties}
	}
	for _, c := range of.Cases {
		x := testcase{Class: c.Class, Name: c.Name, Failure: c.Failure, Skipped: c.Skipped}
		if c.Failure != nil {
			s.Failures++
		}
		if c.Skipped != nil {
			s.Skipped++
		}
		if c.Out != "" {
			x.Out = &body{c.Out}
		}
		s.Cases = append(s.Cases, x)
	}
	return s
}
