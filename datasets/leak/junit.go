package leak

import (
	"fmt"
	"io"
	"strings"

	"pcapmill/outputs/junit"
)

// WriteJUnit writes a test case a kind of finding: it fails where one of its findings does.
func WriteJUnit(w io.Writer, r *Report, failOn Failure) error {
	suite := junit.Suite{Name: "leakage"}
	for k := range abouts {
		suite.Cases = append(suite.Cases, r.junit(Kind(k), failOn))
	}
	return junit.Write(w, &junit.Report{Name: "pcapmill dataset check", Suites: []junit.Suite{suite}})
}

func (r *Report) junit(k Kind, failOn Failure) junit.Case {
	c := junit.Case{Class: "dataset.check", Name: k.String()}
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
		c.Failure = &junit.Result{Type: worst.String(), Message: k.Title(), Body: failed.String() + "to do: " + k.Advice() + "\n"}
	}
	return c
}
