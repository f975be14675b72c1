package report

import (
	"encoding/xml"
	"io"
	"strings"
	"time"

	"pcapmill/model/drift"
)

// The elements of JUnit's XML that CI servers agree on. Attributes are those that the
// schema of Jenkins' xUnit plugin allows.

type junitRoot struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Time     int          `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string           `xml:"name,attr"`
	Tests      int              `xml:"tests,attr"`
	Failures   int              `xml:"failures,attr"`
	Errors     int              `xml:"errors,attr"`
	Skipped    int              `xml:"skipped,attr"`
	Time       int              `xml:"time,attr"`
	Timestamp  string           `xml:"timestamp,attr,omitempty"`
	Properties *junitProperties `xml:"properties"`
	Cases      []junitCase      `xml:"testcase"`
}

type junitProperties struct {
	All []junitProperty `xml:"property"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string       `xml:"classname,attr"`
	Name    string       `xml:"name,attr"`
	Time    int          `xml:"time,attr"`
	Failure *junitResult `xml:"failure"`
	Skipped *junitResult `xml:"skipped"`
	Out     *junitBody   `xml:"system-out"`
}

type junitResult struct {
	Type    string `xml:"type,attr,omitempty"`
	Message string `xml:"message,attr"`
	Body    string `xml:",cdata"`
}

type junitBody struct {
	Body string `xml:",cdata"`
}

// JUnit writes a report as JUnit's XML: a suite for each layer, in it a test case for each
// item and host, or one where there is nothing to say. What is at or above Options.FailOn
// fails; what is suppressed, or has too few windows, is skipped.
func JUnit(w io.Writer, r *drift.Report, o Options) error {
	if err := o.Validate(); err != nil {
		return err
	}
	root := junitRoot{Name: "pcapmill drift"}
	timestamp := ""
	if !r.Current.Last.IsZero() {
		timestamp = r.Current.Last.UTC().Format(time.DateOnly + "T" + time.TimeOnly)
	}
	v := viewOf(r, Options{FailOn: o.FailOn})
	for _, s := range sectionsOf(r) {
		suite := junitSuite{Name: "drift." + s.name, Timestamp: timestamp}
		for i := range s.rows {
			suite.add(caseOfRow(suite.Name, &s.rows[i], o))
		}
		if s.name == string(drift.Behaviour) {
			for i := range v.hosts {
				suite.add(caseOfHost(suite.Name, &v.hosts[i], o))
			}
		}
		if suite.Tests == 0 {
			suite.add(junitCase{Class: suite.Name, Name: "no drift"})
		}
		root.Tests, root.Failures = root.Tests+suite.Tests, root.Failures+suite.Failures
		root.Suites = append(root.Suites, suite)
	}
	root.Suites[0].Properties = properties(v)
	return root.write(w)
}

func (root *junitRoot) write(w io.Writer) error {
	data, err := xml.MarshalIndent(root, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xml.Header+string(data)+"\n")
	return err
}

// properties of the first suite are what the head of other forms has.
func properties(v *view) *junitProperties {
	all := []junitProperty{{"verdict", v.headline}}
	for _, f := range v.facts {
		all = append(all, junitProperty{f.name, f.text})
	}
	for _, note := range v.notes {
		all = append(all, junitProperty{"note", note})
	}
	return &junitProperties{all}
}

func (s *junitSuite) add(c junitCase) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	if c.Skipped != nil {
		s.Skipped++
	}
}

func caseOfRow(class string, r *row, o Options) junitCase {
	lines := append([]string{r.text, "usual " + r.usual + ", now " + r.now}, r.details...)
	c := junitCase{Class: class, Name: r.segment + ": " + r.subject}
	c.tell(r.word(), r.severity, r.suppressed || r.outcome == string(drift.TooFew), lines, o)
	return c
}

func caseOfHost(class string, h *hostView, o Options) junitCase {
	lines := append([]string{h.says()}, h.details...)
	for _, f := range h.features {
		lines = append(lines, f.name+": usual "+f.usual+", now "+f.now+", robust z "+f.z)
	}
	c := junitCase{Class: class, Name: "hosts: " + h.host}
	c.tell(h.word(), h.severity, h.suppressed, lines, o)
	return c
}

// says is the host's row in a sentence.
func (h *hostView) says() string {
	if h.outcome != "" {
		return h.outcome + " host, " + h.windows + ": " + h.action
	}
	return "drift index " + h.index + ", " + h.windows + ": " + h.action
}

// tell gives a case its result; the first line is the message.
func (c *junitCase) tell(word string, s drift.Severity, skip bool, lines []string, o Options) {
	body := strings.Join(lines, "\n")
	switch {
	case skip:
		c.Skipped = &junitResult{Message: word + ": " + lines[0], Body: body}
	case o.Fails(s):
		c.Failure = &junitResult{word, word + ": " + lines[0], body}
	default:
		c.Out = &junitBody{word + ": " + body}
	}
}
