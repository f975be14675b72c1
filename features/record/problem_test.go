package record

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pcapmill/ingest/packet"
)

// TestReasonsAreDocumented holds docs/errors.md to the words that the parsers have for
// what is wrong with messages.
func TestReasonsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*/errors.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	words := regexp.MustCompile(`reasonWords = \[\.\.\.\]string\{([^}]*)\}|&fault\{("[a-z_]+")`)
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found := words.FindAllStringSubmatch(string(source), -1)
		if len(found) == 0 {
			t.Errorf("%s: no words for the errors table", name)
		}
		for _, m := range found {
			for _, word := range strings.Split(m[1]+m[2], ",") {
				if word = strings.Trim(word, " \n\t\""); word != "" && !strings.Contains(string(page), "`"+word+"`") {
					t.Errorf("docs/errors.md lacks %s of %s", word, name)
				}
			}
		}
	}
}

// TestErrorsRows: a row comes back with what is known, and null for what is not.
func TestErrorsRows(t *testing.T) {
	schema := ErrorsSchema()
	if err := schema.Validate(); err != nil {
		t.Fatal(err)
	}
	var rows Rows
	table := NewErrors(3)
	face := &packet.Interface{Index: 7, ID: 2}
	table.Add(&rows, 5, &Problem{Capture: 1, Index: 9, Time: -1, Layer: LayerNetwork, Outcome: packet.MalformedL3, Reason: "ip_version", Offset: 14, Captured: 20, Wire: 60, Face: face})
	table.Add(&rows, 6, &Problem{Depth: 2, Layer: "dns", Reason: "malformed", Offset: -1})
	if e := rows.Of(3); len(e) != 2 || e[1].View != 6 {
		t.Fatalf("entries %+v", rows.entries)
	}
	b := filledOf(t, schema, &rows, 3)
	at := func(name string) int { return schema.Index(name) }
	v := b.Vectors
	if v[at("offset")].Int64[0] != 14 || !v[at("offset")].Null(1) || v[at("interface")].Int32[0] != 7 || !v[at("interface")].Null(1) ||
		v[at("outcome")].String(0) != "malformed_l3" || v[at("outcome")].String(1) != "in_flow" || v[at("time")].Int64[0] != -1 {
		t.Errorf("%+v", v)
	}
}
