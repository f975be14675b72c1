package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"pcapmill/ingest/packet"
)

// TestDocsLinks holds the tables of docs/links.md to the table that the header
// walk goes by; make docs rewrites them.
func TestDocsLinks(t *testing.T) {
	const path, mark = "../../docs/links.md", "<!-- generated from here on: make docs -->\n"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text, _, found := strings.Cut(string(page), mark)
	if !found {
		t.Fatalf("%s has no mark %q", path, mark)
	}
	golden(t, path, text+mark+linkTables())
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
