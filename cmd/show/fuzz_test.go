package show

import (
	"strings"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/outputs/sinktest"
	"pcapmill/outputs/where"
)

// FuzzWhere applies whatever parses to rows of every type. A condition and its
// negation never hold of the same row, and messages are harmless.
func FuzzWhere(f *testing.F) {
	schema := sinktest.Schema()
	for i := range schema.Columns {
		name := schema.Columns[i].Name
		f.Add(name + " = null and " + name + " contains x")
		f.Add(name + " >= 1 or not (" + name + "!='2' && " + name + " is not null)")
		f.Add(name + " ~ ^a")
		f.Add(name + " ~ \xeb\x00")
		f.Add("any " + name + " in (1, 10.0.0.0/8, '2''')")
		f.Add("!(any(" + name + ") glob *a?\\*)")
		f.Add(name + " < " + schema.Columns[(i+1)%len(schema.Columns)].Name)
	}
	f.Add("")
	f.Add("a = '")
	f.Add("((((")
	f.Add("\x1b[2J")
	rows := sinktest.Batches(schema, sinktest.EdgeRows(), 100)
	f.Fuzz(func(t *testing.T, expr string) {
		found, err := parse(expr, schema, func(i int) int { return i })
		if err != nil {
			if strings.ContainsAny(err.Error(), "\x1b\x00") {
				t.Errorf("%q is not harmless", err)
			}
			return
		}
		if found == nil {
			return
		}
		for _, b := range rows {
			passed, failed := where.Pass(found, b, nil), where.Pass(where.Not(found), b, nil)
			if len(passed)+len(failed) > b.Rows {
				t.Errorf("%d and %d rows of %d", len(passed), len(failed), b.Rows)
			}
			out := batch.New(schema)
			gather(out, b, passed)
			if out.Rows != len(passed) {
				t.Errorf("%d rows of %d", out.Rows, len(passed))
			}
		}
	})
}
