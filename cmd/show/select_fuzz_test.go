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

// FuzzOrder sorts by whatever is named, and back: rows that are not equal are then
// the other way round, nulls apart.
func FuzzOrder(f *testing.F) {
	schema := sinktest.Schema()
	for i := range schema.Columns {
		f.Add(schema.Columns[i].Name + ":desc")
	}
	f.Add("nonesuch asc")
	f.Add(":\x1b[2J")
	rows := sinktest.Batches(schema, sinktest.EdgeRows(), 1000)[0]
	f.Fuzz(func(t *testing.T, name string) {
		keys, err := parseOrder([]string{name}, schema, func(i int) int { return i })
		if err != nil {
			if strings.ContainsAny(err.Error(), "\x1b\x00") {
				t.Errorf("%q is not harmless", err)
			}
			return
		}
		for i := range rows.Rows {
			for j := range rows.Rows {
				if a, b := keys[0].of(rows, i, rows, j), keys[0].of(rows, j, rows, i); a != -b {
					t.Errorf("%q: rows %d and %d compare as %d and %d", name, i, j, a, b)
				}
			}
		}
	})
}
