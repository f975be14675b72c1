package show_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pcapmill/cmd/show"
)

func TestStatistics(t *testing.T) {
	got, _ := shown(t, show.Options{Path: table(t, 2), Stats: true, Format: show.FormatTSV, Separator: '|'})
	day := func(d string) string { return "2026-01-0" + d + "T00:00:00.000000Z" }
	want := strings.Join([]string{
		"column|type|unit|values|nulls|distinct|distinct_exact|min|p05|p25|p50|p75|p95|p99|max|mean|quantile_error|top_values|top_counts|top_error",
		`name|string||12|0|5|1|ada|||||||eve |||"[""ada"",""bob"",""cid"",""dan"",""eve ""]"|[4,2,2,2,2]|0`,
		`age|int32||10|2|4|1|7|7|20|20|36|50|50|50|26.6|0|[20,7,36,50]|[4,2,2,2]|0`,
		`score|double||10|2|5|1|-1|-1|0|1.5|2.5|10|10|10|2.6|0|"[""-1"",""0"",""1.5"",""2.5"",""10""]"|[2,2,2,2,2]|0`,
		`took_ns|int64|ns|12|0|6|1|1000000000|1000000000|2000000000|3000000000|5000000000|6000000000|6000000000|6000000000|3500000000|0|[1000000000,2000000000,3000000000,4000000000,5000000000]|[2,2,2,2,2]|0`,
		"at|timestamp_us_utc||12|0|6|1|" + day("1") + "|" + day("1") + "|" + day("2") + "|" + day("3") + "|" + day("5") + "|" + day("6") + "|" + day("6") + "|" + day("6") + `||0|"[""` +
			strings.Join([]string{day("1"), day("2"), day("3"), day("4"), day("5")}, `"",""`) + `""]"|[2,2,2,2,2]|0`,
		`tags|list<string>||10|2|3|1|x|||||||z|||"[""x"",""y"",""z""]"|[4,4,2]|0`,
		`nums|list<int64>||12|0|4|1|1|1|1|2|9|9|9|9|4.166666666666667|0|[1,9,2,3]|[4,4,2,2]|0`,
		"",
	}, "\n")
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	none, _ := shown(t, show.Options{Path: table(t, 1), Stats: true, Where: "age = 99", Select: []string{"age"}, Format: show.FormatCSV, NoHeader: true})
	if want := "age,int32,,0,0,0,1,,,,,,,,,,,[],[],0\n"; none != want {
		t.Errorf("without rows: %q, want %q", none, want)
	}
}

func TestStatisticsForPeople(t *testing.T) {
	o := show.Options{Path: table(t, 1), Stats: true, Select: []string{"name", "age", "at"}, Format: show.FormatTable}
	got, _ := shown(t, o)
	want := `column  type              unit  values  nulls  distinct                          min                          p05                          p25                          p50                          p75                          p95                          p99                          max  mean  top
------  ----------------  ----  ------  -----  --------  ---------------------------  ---------------------------  ---------------------------  ---------------------------  ---------------------------  ---------------------------  ---------------------------  ---------------------------  ----  ---------------------------------------
name    string            -          6      0         5                          ada                            -                            -                            -                            -                            -                            -                         eve      -  ada ×2, bob ×1, cid ×1, dan ×1, eve  ×1
age     int32             -          5      1         4                            7                            7                           20                           20                           36                           50                           50                           50  26.6  20 ×2, 7 ×1, 36 ×1, 50 ×1
at      timestamp_us_utc  -          6      0         6  2026-01-01T00:00:00.000000Z  2026-01-01T00:00:00.000000Z  2026-01-02T00:00:00.000000Z  2026-01-03T00:00:00.000000Z  2026-01-05T00:00:00.000000Z  2026-01-06T00:00:00.000000Z  2026-01-06T00:00:00.000000Z  2026-01-06T00:00:00.000000Z     -  -
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	o.Width = 90
	got, sum := shown(t, o)
	want = `column  nulls  distinct                   min                   max  top
------  -----  --------  --------------------  --------------------  ---------------------
name        0         5                   ada                  eve   ada ×2, bob ×1, cid …
age         1         4                     7                    50  20 ×2, 7 ×1, 36 ×1, …
at          0         6  2026-01-01T00:00:00Z  2026-01-06T00:00:00Z  -
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if len(sum.Notes) != 1 || !strings.Contains(sum.Notes[0], "No room for p05, p99, p25, p75, unit, p95, type, values, mean, p50") {
		t.Errorf("notes %q", sum.Notes)
	}
	o.Format, o.Select = show.FormatText, []string{"age"}
	got, _ = shown(t, o)
	if !strings.HasPrefix(got, "-- row 1 --\ncolumn    age\ntype      int32\nunit      -\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestStatisticsAsJSON(t *testing.T) {
	text, _ := shown(t, show.Options{Path: table(t, 1), Stats: true, Format: show.FormatJSON})
	var rows []struct {
		Column    string
		Min, P50  any
		TopValues []any `json:"top_values"`
		Counts    []int `json:"top_counts"`
	}
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 7 || rows[1].P50 != 20.0 || rows[0].P50 != nil || rows[0].Min != "ada" || rows[1].TopValues[0] != 20.0 || rows[1].Counts[0] != 2 {
		t.Errorf("%+v", rows)
	}
}
