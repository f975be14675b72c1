package report

import (
	"io"
	"strings"
	"time"

	"pcapmill/model/drift"
	"pcapmill/outputs/junit"
)

// JUnit writes a report as JUnit's XML: a suite for each layer, in it a test case for each
// item and host, or one where there is nothing to say. What is at or above Options.FailOn
// fails; what is suppressed, or has too few windows, is skipped.
func JUnit(w io.Writer, r *drift.Report, o Options) error {
	if err := o.Validate(); err != nil {
		return err
	}
	all := junit.Report{Name: "pcapmill drift"}
	timestamp := ""
	if !r.Current.Last.IsZero() {
		timestamp = r.Current.Last.UTC().Format(time.DateOnly + "T" + time.TimeOnly)
	}
	v := viewOf(r, Options{FailOn: o.FailOn})
	for _, s := range sectionsOf(r) {
		suite := junit.Suite{Name: "drift." + s.name, Timestamp: timestamp}
		for i := range s.rows {
			suite.Cases = append(suite.Cases, caseOfRow(suite.Name, &s.rows[i], o))
		}
		if s.name == string(drift.Behaviour) {
			for i := range v.hosts {
				suite.Cases = append(suite.Cases, caseOfHost(suite.Name, &v.hosts[i], o))
			}
		}
		if len(suite.Cases) == 0 {
			suite.Cases = []junit.Case{{Class: suite.Name, Name: "no drift"}}
		}
		all.Suites = append(all.Suites, suite)
	}
	all.Suites[0].Properties = properties(v)
	return junit.Write(w, &all)
}

// properties of the first suite are what the head of other forms has.
func properties(v *view) []junit.Property {
	all := []junit.Property{{Name: "verdict", Value: v.headline}}
	for _, f := range v.facts {
		all = append(all, junit.Property{Name: f.name, Value: f.text})
	}
	for _, note := range v.notes {
		all = append(all, junit.Property{Name: "note", Value: note})
	}
	return all
}

func caseOfRow(class string, r *row, o Options) junit.Case {
	lines := append([]string{r.text, "usual " + r.usual + ", now " + r.now}, r.details...)
	c := junit.Case{Class: class, Name: r.segment + ": " + r.subject}
	tell(&c, r.word(), r.severity, r.suppressed || r.outcome == string(drift.TooFew), lines, o)
	return c
}

func caseOfHost(class string, h *hostView, o Options) junit.Case {
	lines := append([]string{h.says()}, h.details...)
	for _, f := range h.features {
		lines = append(lines, f.name+": usual "+f.usual+", now "+f.now+", robust z "+f.z)
	}
	c := junit.Case{Class: class, Name: "hosts: " + h.host}
	tell(&c, h.word(), h.severity, h.suppressed, lines, o)
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
func tell(c *junit.Case, word string, s drift.Severity, skip bool, lines []string, o Options) {
	body := strings.Join(lines, "\n")
	switch {
	case skip:
		c.Skipped = &junit.Result{Message: word + ": " + lines[0], Body: body}
	case o.Fails(s):
		c.Failure = &junit.Result{Type: word, Message: word + ": " + lines[0], Body: body}
	default:
		c.Out = word + ": " + body
	}
}
