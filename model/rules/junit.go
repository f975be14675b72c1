package rules

import (
	"fmt"
	"io"
	"strings"

	"pcapmill/model/drift"
	"pcapmill/outputs/junit"
	"pcapmill/outputs/text"
)

// shownAlerts is how many alerts of a rule JUnit has.
const shownAlerts = 50

// WriteJUnit writes a test case a rule: it fails where its alerts are at or above a severity.
func WriteJUnit(w io.Writer, r *Report, failOn drift.Severity) error {
	suite := junit.Suite{Name: "rules"}
	for _, o := range r.Outcomes {
		suite.Cases = append(suite.Cases, o.junit(failOn))
	}
	return junit.Write(w, &junit.Report{Name: "pcapmill rules", Suites: []junit.Suite{suite}})
}

func (o *Outcome) junit(failOn drift.Severity) junit.Case {
	c := junit.Case{Class: "rules." + o.Rule.Table, Name: o.Rule.ID}
	switch {
	case len(o.Alerts) > 0 && o.Rule.Severity >= failOn:
		c.Failure = &junit.Result{Type: o.Rule.Severity.String(), Message: text.Escape(o.Rule.Title), Body: o.listed()}
	case o.skipped():
		c.Skipped = &junit.Result{Message: strings.Join(o.Skipped, "; ")}
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
