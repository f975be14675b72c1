package accuracy_test

import (
	"testing"

	"pcapmill/bench/accuracy"
)

func TestX(t *testing.T) {
	truth := map[string][]record{}
	readTSV(t, func(r record) {
		if r.int("ip_fragments") > 0 {
			truth[r["capture"]] = append(truth[r["capture"]], r)
		}
	}, "truth", "tuples.tsv.gz")
	for _, c := range captures(t) {
		if c.int("ip_fragments") == 0 {
			continue
		}
		table, r := mustRun(t, uncut(), accuracy.File(capturePath(t, c["capture"])))
		ours := map[tuple]*counts{}
		for i := range table.Rows {
			if table.Null("src_port", i) {
				continue
			}
			k, swapped := rowTuple(table, i)
			if ours[k] == nil {
				ours[k] = new(counts)
			}
			ours[k].add(rowCounts(table, i), swapped)
		}
		eq := 0
		for _, w := range truth[c["capture"]] {
			k, swapped := truthTuple(w)
			var want counts
			want.add(truthCounts(w), swapped)
			if g := ours[k]; g == nil {
				t.Log("  missing", k, want, "depth", w["ip_depth"])
			} else if g[3] != want[3] {
				t.Log("  differs", k, *g, want, "depth", w["ip_depth"])
			} else {
				eq++
			}
		}
		t.Logf("%s: %d of %d; frag %d unresolved %d; %+v; acc %v", c["capture"], eq, len(truth[c["capture"]]), sum(table, "frag_packets"), sum(table, "frag_unresolved"), r.Inputs[0].Fragments, r.Accounting.By)
	}
}
