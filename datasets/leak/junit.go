package leak

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
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
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitFailure `xml:"failure"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Body    string `xml:",chardata"`
}

// WriteJUnit writes a test case a kind of finding: it fails where one of its findings does.
func WriteJUnit(w io.Writer, r *Report, failOn Failure) error {
	suite := junitSuite{Name: "leakage", Tests: len(abouts)}
	for k := range abouts {
		c := r.junit(Kind(k), failOn)
		if c.Failure != nil {
			suite.Failures++
		}
		suite.Cases = append(suite.Cases, c)
	}
	data, err := xml.MarshalIndent(junitSuites{Name: "pcapmill dataset check", Tests: suite.Tests, Failures: suite.Failures, Suite: suite}, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, data)
	return err
}

func (r *Report) junit(k Kind, failOn Failure) junitCase {
	c := junitCase{Class: "dataset.check", Name: k.String()}
	var failed, rest strings.Builder
	worst := Note
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Kind != k {
			continue
		}
		to := &rest
		if !f.Allowed && failOn.at(f.Severity) {
			to, worst = &failed, max(worst, f.Severity)
		}
		fmt.Fprintf(to, "%s: %s\n", f.Severity, f.Detail)
		for _, example := range f.Examples {
			fmt.Fprintf(to, "    %s\n", example)
		}
	}
	c.Out = rest.String()
	if failed.Len() > 0 {
		c.Failure = &junitFailure{Type: worst.String(), Message: k.Title(), Body: failed.String() + "to do: " + k.Advice() + "\n"}
	}
	return c
}
