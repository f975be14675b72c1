package show

import (
	"testing"

	"pcapmill/features/batch"
	"pcapmill/outputs/sinktest"
)

// FuzzWhere applies whatever parses to rows of every type.
func FuzzWhere(f *testing.F) {
	schema := sinktest.Schema()
	for i := range schema.Columns {
		name := schema.Columns[i].Name
		f.Add(name + " = null and " + name + " contains x")
		f.Add(name + " >= 1 and " + name + "!='2'")
		f.Add(name + " ~ ^a")
	}
	f.Add("")
	f.Add("a = '")
	rows := sinktest.Batches(schema, sinktest.EdgeRows(), 100)
	f.Fuzz(func(t *testing.T, where string) {
		conditions, err := parse(where, schema)
		if err != nil {
			return
		}
		for i := range conditions {
			conditions[i].at = conditions[i].column
		}
		for _, b := range rows {
			passed := conditions.pass(b, nil)
			out := batch.New(schema)
			gather(out, b, passed)
			if out.Rows != len(passed) || out.Rows > b.Rows {
				t.Errorf("%d rows of %d", out.Rows, b.Rows)
			}
		}
	})
}
