package main

import (
	"fmt"
	"strings"
	"testing"

	"pcapmill/ingest/packet"
)

// TestDocsLinks holds the tables of docs/links.md to the table that the header
// walk goes by; make docs rewrites them.
func TestDocsLinks(t *testing.T) {
	generated(t, "../../docs/links.md", linkTables())
}

// linkTables writes the link types as two tables: those that lead to IP, and
// those that are counted.
func linkTables() string {
	var decoded, counted strings.Builder
	for _, l := range packet.LinkTypes() {
		if !l.Decoded {
			fmt.Fprintf(&counted, "| %d | `%s` | %s |\n", l.Link, l.Name, l.Note)
			continue
		}
		var gives []string
		for _, g := range []struct {
			what string
			has  bool
		}{{"MAC addresses", l.MACs}, {"VLAN identifiers", l.VLANs}, {"MPLS labels", l.Labels}} {
			if g.has {
				gives = append(gives, g.what)
			}
		}
		fmt.Fprintf(&decoded, "| %d | `%s` | %s | %s |\n", l.Link, l.Name, strings.Join(append([]string{"IP"}, gives...), ", "), l.Note)
	}
	return "\n## Decoded\n\n| number | name | can give | what is read, and what is not |\n|---|---|---|---|\n" + decoded.String() +
		"\n## Counted as other_link\n\n| number | name | what it is |\n|---|---|---|\n" + counted.String()
}
