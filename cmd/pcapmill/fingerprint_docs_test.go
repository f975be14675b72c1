package main

import (
	"fmt"
	"strings"
	"testing"

	"pcapmill/model/fingerprint"
)

// TestDocsFingerprint holds the tables of docs/fingerprint.md to the features and rules;
// make docs rewrites them.
func TestDocsFingerprint(t *testing.T) {
	generated(t, "../../docs/fingerprint.md", featureTable()+ruleTables())
}

func featureTable() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## Features, version %d\n\n| feature | unit | group | meaning | null | low | usual | high | step |\n|---|---|---|---|---|---|---|---|---|\n", fingerprint.VectorVersion)
	for _, f := range fingerprint.Features() {
		null, step := f.Null, "–"
		if null == "" {
			null = "never"
		}
		if f.Step > 0 {
			step = fmt.Sprint(f.Step)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %v | %v | %v | %s |\n", f.Name, f.Unit, f.Group, f.Doc, null, f.Low, f.Usual, f.High, step)
	}
	return b.String()
}

func ruleTables() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## Classes, version %d\n\nA host has every class whose rule is met, in this order, and `%s` where none is. A condition on a feature that is unknown is not met; where that alone keeps a class open, views say so.\n", fingerprint.RulesVersion, fingerprint.Mixed)
	for _, r := range fingerprint.Rules() {
		fmt.Fprintf(&b, "\n### `%s`\n\nA host that %s.\n\n- all of: %s\n", r.Class, r.Doc, conditions(r.All))
		if len(r.Any) > 0 {
			fmt.Fprintf(&b, "- one of: %s\n", conditions(r.Any))
		}
		if len(r.None) > 0 {
			fmt.Fprintf(&b, "- none of: %s\n", conditions(r.None))
		}
		fmt.Fprintf(&b, "\n%s\n", r.Why)
	}
	return b.String()
}

func conditions(all []fingerprint.Condition) string {
	texts := make([]string, len(all))
	for i, c := range all {
		texts[i] = "`" + c.String() + "`"
	}
	return strings.Join(texts, ", ")
}
