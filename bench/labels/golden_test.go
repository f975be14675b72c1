package labels_test

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/labels-accuracy.md")

// golden compares a table with the one in the docs between <!-- name --> and <!-- end -->.
func golden(t *testing.T, name, table string) {
	t.Helper()
	const file = "../../docs/labels-accuracy.md"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(data), "<!-- "+name+" -->\n")
	old, tail, ended := strings.Cut(rest, "<!-- end -->")
	if !found || !ended {
		t.Fatalf("%s has no table %s", file, name)
	}
	if *update {
		text := head + "<!-- " + name + " -->\n" + table + "<!-- end -->" + tail
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != table {
		t.Errorf("%s: the table %s is\n%s", file, name, table)
	}
}
