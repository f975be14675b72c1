package show

import (
	"strings"
	"testing"

	"pcapmill/outputs/sinktest"
)

// FuzzSelect chooses whatever columns are named, one a line: exactly those, in
// their order, or an error that names the one that is unknown.
func FuzzSelect(f *testing.F) {
	schema := sinktest.Schema()
	f.Add(schema.Columns[0].Name)
	f.Add(schema.Columns[1].Name + "\n" + schema.Columns[0].Name + "\n" + schema.Columns[1].Name)
	f.Add("nonesuch\n\x1b[2J")
	f.Add("*\n?" + schema.Columns[0].Name[1:])
	f.Add("")
	f.Fuzz(func(t *testing.T, list string) {
		names := strings.Split(list, "\n")
		picked, err := choose(names, schema)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\x1b\x00") {
				t.Errorf("%q is not harmless", err)
			}
			return
		}
		if strings.ContainsAny(list, "*?") {
			return
		}
		if len(picked) != len(names) {
			t.Fatalf("%d columns for %d names", len(picked), len(names))
		}
		for i, at := range picked {
			if schema.Columns[at].Name != strings.TrimSpace(names[i]) {
				t.Errorf("%q gives %s", names[i], schema.Columns[at].Name)
			}
		}
	})
}
