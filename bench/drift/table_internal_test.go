package drift

import (
	"strings"
	"testing"

	"pcapmill/bench/traffic"
)

// TestTable: hours are counted by what they are, and those that were not told for it are
// listed with the worst that was said.
func TestTable(t *testing.T) {
	said := Report{Items: []Item{{Severity: "high", Segment: "global", Subject: "out_flows", Text: "more"}}}
	verdicts := []Verdict{
		{Network: "a", Group: "steady", Hour: "rate-1", Kind: traffic.HigherRate, Flagged: true, Named: true},
		{Network: "a", Group: "steady", Hour: "rate-2", Kind: traffic.HigherRate, Flagged: true},
		{Network: "a", Group: "steady", Hour: "rate-3", Kind: traffic.HigherRate},
		{Network: "a", Group: "steady", Hour: "none-4"},
		{Network: "b", Group: "rough", Hour: "none-5", Flagged: true, Report: said},
	}
	var table, wrong strings.Builder
	if err := Table(&table, verdicts); err != nil {
		t.Fatal(err)
	}
	if err := Wrong(&wrong, verdicts); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"rate             2 of 3 = 0.667 [0.094, 0.992]  1 of 3 = 0.333 [0.008, 0.906]",
		"steady           0 of 1 = 0.000 [0.000, 0.975]",
		"rough            1 of 1 = 1.000 [0.025, 1.000]",
		"all              1 of 2 = 0.500 [0.013, 0.987]",
	} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no line %q in\n%s", want, table.String())
		}
	}
	want := "a/rate-2: flagged true, named false\na/rate-3: flagged false, named false\n" +
		"b/none-5: flagged true, named false\n    high     global, out_flows: more\n"
	if wrong.String() != want {
		t.Errorf("got\n%swant\n%s", wrong.String(), want)
	}
	if err := Check(verdicts); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("three shares are not as they must be: %v", err)
	}
	if err := CheckCrafted(verdicts[:1]); err != nil {
		t.Error(err)
	}
	if err := Check(verdicts[3:4]); err == nil {
		t.Error("no hour was changed, and that was right")
	}
}
