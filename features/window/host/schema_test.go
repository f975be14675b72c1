package host_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/features/column"
	"pcapmill/features/window/host"
	"pcapmill/features/window/table"
)

var update = flag.Bool("update", false, "rewrite testdata/schema.txt")

// TestSchema compares the tables' columns with their golden file, so that each change is
// seen. Run with -update to accept one.
func TestSchema(t *testing.T) {
	got := host.HostsSchema().Describe() + "\n" + host.PairsSchema().Describe()
	path := filepath.Join("testdata", "schema.txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("the columns differ from %s; -update accepts them:\n%s", path, got)
	}
}

// TestSchemaIsSelfExplaining holds what the design asks of every column.
func TestSchemaIsSelfExplaining(t *testing.T) {
	for groups, s := range map[*[]table.Group]*column.Schema{ref(host.HostGroups()): host.HostsSchema(), ref(host.PairGroups()): host.PairsSchema()} {
		if err := s.Validate(); err != nil {
			t.Error(err)
		}
		used := map[string]bool{}
		for i := range s.Columns {
			c := &s.Columns[i]
			used[c.Group] = true
			switch {
			case strings.HasSuffix(c.Name, "_ns") && c.Unit != column.Nanos && c.Unit != column.EpochNano:
				t.Errorf("%s has unit %q", c.Name, c.Unit)
			case strings.HasSuffix(c.Name, "_bytes") && c.Unit != column.Bytes:
				t.Errorf("%s has unit %q", c.Name, c.Unit)
			case !strings.HasSuffix(c.Doc, "."):
				t.Errorf("the doc of %s does not end", c.Name)
			}
			if exact := s.Index(c.Name + "_exact"); exact >= 0 && s.Columns[exact].Null != c.Null {
				t.Errorf("%s and %s are not null together", c.Name, s.Columns[exact].Name)
			}
		}
		for _, g := range *groups {
			if !used[g.Name] || g.Doc == "" {
				t.Errorf("group %s has no column or no doc", g.Name)
			}
			delete(used, g.Name)
		}
		if len(used) > 0 {
			t.Errorf("groups %v are not described", used)
		}
	}
}

func ref[T any](v T) *T { return &v }
