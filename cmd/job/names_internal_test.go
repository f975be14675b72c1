package job

import (
	"net/netip"
	"testing"

	"pcapmill/ingest/capfile"
)

// TestNamesOfMergedInputs: a name is of the first input that claims it, whichever ends first.
func TestNamesOfMergedInputs(t *testing.T) {
	name := capfile.Name{Address: netip.MustParseAddr("192.0.2.1"), Name: "host.example"}
	for _, order := range [][]int{{0, 1, 2}, {1, 0, 2}, {2, 1, 0}} {
		var b nameBook
		for _, index := range order {
			var names capfile.Names
			names.Add(name)
			b.add(index, &names)
		}
		if b.first[name] != 0 || b.names.Len() != 1 {
			t.Errorf("inputs end as %v: the name is of input %d", order, b.first[name])
		}
	}
}
