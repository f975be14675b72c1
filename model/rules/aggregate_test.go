package rules_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pcapmill/features/column"
	"pcapmill/model/drift"
	"pcapmill/model/rules"
)

// visits is a table of a client's visits.
var visits = &column.Schema{Table: "visits", Version: 1, Columns: []column.Column{
	{Name: "at_ns", Type: column.Int64, Unit: column.EpochNano, Role: column.Time, Doc: "d"},
	{Name: "client", Type: column.String, Doc: "d", Null: "at times"},
	{Name: "port", Type: column.Int32, Doc: "d", Null: "at times"},
	{Name: "bytes", Type: column.Int64, Doc: "d", Null: "at times"},
	{Name: "x", Type: column.Double, Doc: "d", Null: "at times"},
	{Name: "names", Type: column.ListString, Doc: "d"},
}}

// visitRows are two clients in three minutes. Of a: 60, 20 and 40 bytes within the first minute,
// 7 within the second; of b: one with 100 bytes and one of which they are not known.
var visitRows = []cells{
	{"at_ns": 0 * second, "client": "a", "port": 80, "bytes": 60, "x": 0.1, "names": []string{"u", "v"}},
	{"at_ns": 10 * second, "client": "a", "port": 443, "bytes": 20, "x": 0.2, "names": []string{"v"}},
	{"at_ns": 59 * second, "client": "a", "port": 80, "bytes": 40, "x": -0.3},
	{"at_ns": 60 * second, "client": "a", "port": 22, "bytes": 7},
	{"at_ns": 119 * second, "client": "b", "port": 80, "bytes": 100, "x": 1e300, "names": []string{"w"}},
	{"at_ns": 61 * second, "client": "b", "port": 80},
	{"at_ns": 130 * second, "port": 80, "bytes": 1},
}

// TestLongLists tells lists apart that differ behind what an alert shows of them.
func TestLongLists(t *testing.T) {
	first := strings.Split(strings.Repeat("name ", 400)+"u", " ")
	other := append(slices.Clone(first[:400]), "v")
	rows := []cells{{"at_ns": 1 * second, "names": first}, {"at_ns": 2 * second, "names": other}, {"at_ns": 3 * second, "names": first}}
	for rule, want := range map[string]int{
		"where: at_ns is not null, dedup: {by: names, period: 1h}":    2,
		"aggregate: count, threshold: 1, window: 1m, group_by: names": 2,
		"aggregate: distinct(names), threshold: '= 3', window: 1m":    1,
	} {
		all := parsed(t, "  - {id: r, title: t, table: visits, "+rule+"}\n")
		if r := apply(t, all, nil, rules.DefaultConfig(), 1, input{visits, rows}); len(r.Alerts) != want {
			t.Errorf("%s: %d alerts, want %d", rule, len(r.Alerts), want)
		}
	}
}

// TestListsThatLookAlike tells lists apart whose elements, with commas between, are the same text.
func TestListsThatLookAlike(t *testing.T) {
	lists := [][]string{{}, {""}, {"", ""}, {"a"}, {"", "a"}, {"a", ""}, {"a", "b"}, {"a, b"}, {"a, b", "c"}, {"a", "b, c"}, {"a", "b", "c"}}
	var rows []cells
	for i, list := range slices.Concat(lists, lists) {
		rows = append(rows, cells{"at_ns": int64(i) * second, "names": list})
	}
	for _, rule := range []string{"where: at_ns is not null, dedup: {by: names, period: 1h}", "aggregate: count, threshold: 2, window: 1m, group_by: names"} {
		all := parsed(t, "  - {id: r, title: t, table: visits, "+rule+"}\n")
		r := apply(t, all, nil, rules.DefaultConfig(), 1, input{visits, rows})
		if len(r.Alerts) != len(lists) {
			t.Errorf("%s: %d alerts, want one for each of %d lists", rule, len(r.Alerts), len(lists))
			continue
		}
		for i, want := range []string{"", "", ", ", "a", ", a", "a, ", "a, b", "a, b", "a, b, c", "a, b, c", "a, b, c"} {
			if a := &r.Alerts[i]; a.Keys[0].Value != want || a.Rows != 2 {
				t.Errorf("%s: alert %d of %d rows about %q, want 2 about %q", rule, i, a.Rows, a.Keys[0].Value, want)
			}
		}
	}
}

// TestAggregates holds every function and threshold to values worked by hand. Windows of a minute
// begin at whole minutes; what is not known counts in no sum, mean, extreme or number of values.
func TestAggregates(t *testing.T) {
	for rule, want := range map[string]string{
		"aggregate: count, threshold: 2":                                 "@0 client=a 3 ×1 of 3, @61 client=b 2 ×1 of 2",
		"aggregate: count(), threshold: '> 2'":                           "@0 client=a 3 ×1 of 3",
		"aggregate: count, threshold: '< 2'":                             "@60 client=a 1 ×1 of 1, @130 client=null 1 ×1 of 1",
		"aggregate: count, threshold: '= 2'":                             "@61 client=b 2 ×1 of 2",
		"aggregate: count, threshold: '!= 2'":                            "@0 client=a 3 ×1 of 3, @60 client=a 1 ×1 of 1, @130 client=null 1 ×1 of 1",
		"aggregate: sum(bytes), threshold: 100":                          "@0 client=a 120 ×1 of 3, @61 client=b 100 ×1 of 2",
		"aggregate: sum(bytes), threshold: '<= 7'":                       "@60 client=a 7 ×1 of 1, @130 client=null 1 ×1 of 1",
		"aggregate: mean(bytes), threshold: {operator: '>=', value: 40}": "@0 client=a 40 ×1 of 3, @61 client=b 100 ×1 of 2",
		"aggregate: min(bytes), threshold: '>= 20'":                      "@0 client=a 20 ×1 of 3, @61 client=b 100 ×1 of 2",
		"aggregate: max(bytes), threshold: '> 60'":                       "@61 client=b 100 ×1 of 2",
		"aggregate: distinct(port), threshold: 2":                        "@0 client=a 2 ×1 of 3",
		"aggregate: distinct(names), threshold: 2":                       "@0 client=a 2 ×1 of 3",
		"aggregate: distinct(names), threshold: '= 0'":                   "@60 client=a 0 ×1 of 1, @130 client=null 0 ×1 of 1",
		"aggregate: sum(x), threshold: '> 1e299'":                        "@61 client=b 1e+300 ×1 of 2",
		"aggregate: max(x), threshold: '> -1'":                           "@0 client=a 0.2 ×1 of 3, @61 client=b 1e+300 ×1 of 2",
		"where: port = 80, aggregate: count, threshold: 2":               "@0 client=a 2 ×1 of 2, @61 client=b 2 ×1 of 2",
	} {
		all := parsed(t, "- {id: r, title: t, table: visits, window: 1m, group_by: client, dedup: {period: 0s}, "+rule+"}\n")
		got := strings.ReplaceAll(strings.Join(said(apply(t, all, nil, rules.DefaultConfig(), 3, input{visits, visitRows})), ", "), "r @", "@")
		if got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", rule, got, want)
		}
	}
}

// TestGroups: without a window all rows are one, without columns one group; several columns
// are told apart.
func TestGroups(t *testing.T) {
	for rule, want := range map[string]string{
		"aggregate: count, threshold: 7":                           "@0 7 ×1 of 7",
		"aggregate: count, threshold: 4, group_by: [client]":       "@0 client=a 4 ×1 of 4",
		"aggregate: count, threshold: 2, group_by: [client, port]": "@0 client=a port=80 2 ×1 of 2, @61 client=b port=80 2 ×1 of 2",
	} {
		all := parsed(t, "- {id: r, title: t, table: visits, "+rule+"}\n")
		got := strings.ReplaceAll(strings.Join(said(apply(t, all, nil, rules.DefaultConfig(), 3, input{visits, visitRows})), ", "), "r @", "@")
		if got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", rule, got, want)
		}
	}
}

// TestValuesThatAreToldApart: null is no empty text, and of numbers each value counts once, as of lists each element.
func TestValuesThatAreToldApart(t *testing.T) {
	rows := []cells{
		{"at_ns": 1 * second, "client": "", "x": 0.5, "port": 80}, {"at_ns": 2 * second, "x": 0.5, "port": 443}, {"at_ns": 3 * second, "client": "", "x": 1.5, "port": 443},
		{"at_ns": 4 * second, "client": "", "x": 2.5}, {"at_ns": 5 * second, "client": ""},
	}
	for rule, want := range map[string]string{
		"aggregate: count, threshold: 1":          "@1 client= 4 ×1 of 4, @2 client=null 1 ×1 of 1",
		"aggregate: distinct(x), threshold: 1":    "@1 client= 3 ×1 of 4, @2 client=null 1 ×1 of 1",
		"aggregate: distinct(port), threshold: 1": "@1 client= 2 ×1 of 4, @2 client=null 1 ×1 of 1",
	} {
		all := parsed(t, "- {id: r, title: t, table: visits, group_by: client, "+rule+"}\n")
		got := strings.ReplaceAll(strings.Join(said(apply(t, all, nil, rules.DefaultConfig(), 2, input{visits, rows})), ", "), "r @", "@")
		if got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", rule, got, want)
		}
	}
	sum := apply(t, parsed(t, "- {id: r, title: t, table: visits, group_by: x, aggregate: count, threshold: 2}\n"), nil, rules.DefaultConfig(), 2, input{visits, rows})
	if got := said(sum); !slices.Equal(got, []string{"r @1 x=0.5 2 ×1 of 2"}) {
		t.Error(got)
	}
}

// TestWindowsBefore1970 begin at whole minutes, too.
func TestWindowsBefore1970(t *testing.T) {
	rows := []cells{{"at_ns": -61 * second, "port": 1}, {"at_ns": -60 * second, "port": 1}, {"at_ns": -1 * second, "port": 1}, {"at_ns": 0 * second, "port": 1}}
	all := parsed(t, "- {id: r, title: t, table: visits, window: 1m, aggregate: count, threshold: 1, dedup: {period: 0s}}\n")
	want := []string{"r @-61 1 ×1 of 1", "r @-60 2 ×1 of 2", "r @0 1 ×1 of 1"}
	if got := said(apply(t, all, nil, rules.DefaultConfig(), 3, input{visits, rows})); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestSumsAreExact: 0.1 + 0.2 - 0.3 is 2^-54·1.5 in float64 values added exactly, whatever the
// order, and large numbers do not swallow small ones.
func TestSumsAreExact(t *testing.T) {
	values := []float64{1e300, 0.1, -1e300, 0.2, -0.3, 5e-324, math.MaxFloat64, -math.MaxFloat64}
	want := (0.1 + 0.2) - 0.3 // rounded twice: only near
	seen := map[float64]bool{}
	for range 20 {
		rand.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		var rows []cells
		for _, x := range values {
			rows = append(rows, cells{"at_ns": second, "x": x})
		}
		all := parsed(t, "- {id: r, title: t, table: visits, aggregate: sum(x), threshold: '> -1'}\n")
		report := apply(t, all, nil, rules.DefaultConfig(), 3, input{visits, rows})
		seen[report.Alerts[0].Value.X] = true
	}
	for got := range seen {
		if len(seen) != 1 || math.Abs(got-want) > 1e-16 || got == 0 {
			t.Errorf("sums %v, want one near %v", seen, want)
		}
	}
}

// TestLargeSums: whole numbers do not wrap.
func TestLargeSums(t *testing.T) {
	for _, x := range []int64{math.MaxInt64, math.MinInt64, -1} {
		var rows []cells
		for range 4 {
			rows = append(rows, cells{"at_ns": second, "bytes": x})
		}
		for f, want := range map[string]float64{"sum": 4 * float64(x), "mean": float64(x)} {
			all := parsed(t, "- {id: r, title: t, table: visits, aggregate: "+f+"(bytes), threshold: '!= 0.5'}\n")
			if got := apply(t, all, nil, rules.DefaultConfig(), 3, input{visits, rows}).Alerts[0].Value.X; got != want {
				t.Errorf("%s of 4 times %d is %v", f, x, got)
			}
		}
	}
}

// TestSumsBeyondNumbers: a sum that no float64 has is the largest there is, which JSON can write.
func TestSumsBeyondNumbers(t *testing.T) {
	rows := []cells{{"at_ns": second, "x": math.MaxFloat64}, {"at_ns": second, "x": math.MaxFloat64}}
	all := parsed(t, "- {id: r, title: t, table: visits, aggregate: sum(x), threshold: 1}\n")
	report := apply(t, all, nil, rules.DefaultConfig(), 3, input{visits, rows})
	var b bytes.Buffer
	if err := rules.WriteJSONL(&b, report); err != nil || !json.Valid(b.Bytes()) || report.Alerts[0].Value.X != math.MaxFloat64 {
		t.Errorf("%v, %s", err, &b)
	}
}

// TestDedup: from an alert's first event on, those of the period are the same alert; the next
// one begins another. The value is the one farthest from the threshold.
func TestDedup(t *testing.T) {
	var rows []cells
	for _, minute := range []int64{0, 50, 59, 60, 61, 200} {
		rows = append(rows, cells{"at_ns": minute * 60 * second, "client": "a", "port": int(minute), "bytes": int(minute + 1)})
	}
	for rule, want := range map[string]string{
		"where: bytes > 0, dedup: {by: [client]}":                                                                      "@0 client=a ×3 of 3, @3600 client=a ×2 of 2, @12000 client=a ×1 of 1",
		"where: bytes > 0, dedup: {by: [client], period: 61m}":                                                         "@0 client=a ×4 of 4, @3660 client=a ×1 of 1, @12000 client=a ×1 of 1",
		"where: bytes > 0, dedup: {by: [], period: 7d}":                                                                "@0 ×6 of 6",
		"where: bytes > 59, dedup: {by: [port], period: 7d}":                                                           "@3540 port=59 ×1 of 1, @3600 port=60 ×1 of 1, @3660 port=61 ×1 of 1, @12000 port=200 ×1 of 1",
		"where: bytes > 60, dedup: {by: [client], period: 0s}":                                                         "@3600 client=a ×1 of 1, @3660 client=a ×1 of 1, @12000 client=a ×1 of 1",
		"window: 1m, group_by: [client, port], aggregate: max(bytes), threshold: 1, dedup: {by: [client], period: 2h}": "@0 client=a port=0 62 ×5 of 5, @12000 client=a port=200 201 ×1 of 1",
		"window: 1m, group_by: [client], aggregate: max(bytes), threshold: '< 99', dedup: {period: 2h}":                "@0 client=a 1 ×5 of 5",
	} {
		all := parsed(t, "- {id: r, title: t, table: visits, "+rule+"}\n")
		got := strings.ReplaceAll(strings.Join(said(apply(t, all, nil, rules.DefaultConfig(), 3, input{visits, rows})), ", "), "r @", "@")
		if got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", rule, got, want)
		}
	}
}

// randomVisits has rows of some clients over some hours.
func randomVisits(rng *rand.Rand, n int) []cells {
	rows := make([]cells, n)
	for i := range rows {
		at := rng.Int64N(6*3600) * second
		rows[i] = cells{"at_ns": at, "client": fmt.Sprint("c", rng.IntN(5)), "port": rng.IntN(30), "bytes": rng.IntN(1000), "x": rng.NormFloat64() * 1e6, "names": []string{fmt.Sprint(rng.IntN(9))}}
	}
	return rows
}

const orderRules = `
- {id: rows, title: t, table: visits, where: bytes > 700, dedup: {by: [client], period: 20m}}
- {id: each, title: t, table: visits, where: bytes > 900, dedup: {by: [client, port], period: 0s}}
- {id: count, title: t, table: visits, window: 10m, group_by: [client], aggregate: count, threshold: 3}
- {id: sum, title: t, table: visits, window: 7m, group_by: [client, port], aggregate: sum(x), threshold: "> 0", dedup: {by: [port], period: 1h}}
- {id: mean, title: t, table: visits, window: 1h, aggregate: mean(x), threshold: "< 0", group_by: [port]}
- {id: distinct, title: t, table: visits, window: 1h, group_by: [client], aggregate: distinct(names), threshold: 4, evidence: [port, x]}
`

// TestAnyOrder: rows in any order and any batches give the same bytes.
func TestAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	rows := randomVisits(rng, 600)
	rows = append(rows, rows[:20]...) // and some twice
	var want string
	for range 10 {
		var b bytes.Buffer
		report := apply(t, parsed(t, orderRules), nil, rules.DefaultConfig(), 1+rng.IntN(100), input{visits, rows})
		if err := rules.WriteJSON(&b, report, drift.Medium); err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = b.String()
			for _, o := range report.Outcomes {
				if len(o.Alerts) == 0 {
					t.Errorf("%s says nothing", o.Rule.ID)
				}
			}
		}
		if b.String() != want {
			t.Fatal("another order, other alerts")
		}
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	}
}

// TestAgainstMaps compares counts by window and group, and their alerts, with what maps say.
func TestAgainstMaps(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		rows := randomVisits(rng, 300)
		type key struct {
			begin  int64
			client string
		}
		count, first := map[key]int{}, map[key]int64{}
		for _, row := range rows {
			at := row["at_ns"].(int64)
			k := key{at / (600 * second), row["client"].(string)}
			if count[k]++; count[k] == 1 || at < first[k] {
				first[k] = at
			}
		}
		var want []string
		for k, n := range count {
			if n >= 3 {
				want = append(want, fmt.Sprintf("r @%d client=%s %d ×1 of %d", first[k]/second, k.client, n, n))
			}
		}
		all := parsed(t, "- {id: r, title: t, table: visits, window: 10m, group_by: [client], aggregate: count, threshold: 3, dedup: {period: 0s}}\n")
		got := said(apply(t, all, nil, rules.DefaultConfig(), 64, input{visits, rows}))
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
	}
}

// TestLittleMemory: where memory is short, rows that are no later than Late behind the latest
// give the alerts that they give with any memory; others are left out and counted, and so is
// what finds no room.
func TestLittleMemory(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var rows []cells
	for i := range 60_000 {
		at := int64(i)*5*second - rng.Int64N(1800*second) // half an hour late at most
		rows = append(rows, cells{"at_ns": max(at, 0), "client": fmt.Sprint("client ", rng.IntN(40)), "port": i, "bytes": rng.IntN(1000)})
	}
	all := `
- {id: windows, title: t, table: visits, window: 5m, group_by: [client], aggregate: count, threshold: 4, dedup: {period: 30m}}
- {id: rows, title: t, table: visits, where: bytes > 980, dedup: {by: [client], period: 6h}}
`
	short := rules.DefaultConfig()
	short.Memory = 4 << 20
	want := apply(t, parsed(t, all), nil, rules.DefaultConfig(), 1000, input{visits, rows})
	got := apply(t, parsed(t, all), nil, short, 1000, input{visits, rows})
	if a, b := said(got), said(want); !slices.Equal(a, b) || got.Incomplete() {
		t.Errorf("with little memory %d alerts, else %d", len(a), len(b))
	}
	short.Late = 0
	got = apply(t, parsed(t, all), nil, short, 1000, input{visits, rows})
	if late := got.Outcomes[1].Late; late == 0 || !got.Incomplete() {
		t.Errorf("%s: %d rows are late", got.Outcomes[1].Rule.ID, late)
	}
	// One window, more groups than there is room for: those that are there count on.
	one := "- {id: r, title: t, table: visits, group_by: [port], aggregate: count, threshold: 2}\n"
	short.Memory = 1 << 20
	got = apply(t, parsed(t, one), nil, short, 1000, input{visits, append(rows, rows...)})
	if o := got.Outcomes[0]; o.LeftOut == 0 || o.LeftOut+o.Matched < 120_000 || !got.Incomplete() || len(o.Alerts) == 0 {
		t.Errorf("left out %d, alerts %d", o.LeftOut, len(o.Alerts))
	}
}

// TestManyAlerts: beyond the limit the earliest stay, and the others are counted.
func TestManyAlerts(t *testing.T) {
	var rows []cells
	for i := range 50 {
		rows = append(rows, cells{"at_ns": int64(50-i) * second, "port": i})
	}
	c := rules.DefaultConfig()
	c.Alerts = 10
	report := apply(t, parsed(t, "- {id: r, title: t, table: visits, where: port >= 0, dedup: {by: [port]}}\n"), nil, c, 7, input{visits, rows})
	if o := report.Outcomes[0]; len(o.Alerts) != 10 || o.AlertsLeftOut != 40 || o.Alerts[9].Time != 10*second || !report.Incomplete() {
		t.Errorf("%v", said(report))
	}
}

// TestTimes: without a time a row is counted and left out; a column can be named, and its
// instants may be microseconds.
func TestTimes(t *testing.T) {
	s := &column.Schema{Table: "visits", Version: 1, Columns: []column.Column{
		{Name: "n", Type: column.Int64, Doc: "d"},
		{Name: "begin", Type: column.Timestamp, Role: column.Time, Doc: "d", Null: "at times"},
		{Name: "end_ns", Type: column.Int64, Unit: column.EpochNano, Role: column.Time, Doc: "d"},
	}}
	rows := []cells{{"n": 1, "begin": int64(5e6), "end_ns": 6 * second}, {"n": 1, "end_ns": 7 * second}, {"n": 1, "begin": int64(math.MaxInt64), "end_ns": int64(math.MinInt64)}}
	for rule, want := range map[string]string{"": "@5 ×1 of 1", ", time: end_ns": "@-9223372036 ×1 of 1, @6 ×1 of 1, @7 ×1 of 1"} {
		report := apply(t, parsed(t, "- {id: r, title: t, table: visits, where: n = 1, dedup: {period: 0s}"+rule+"}\n"), nil, rules.DefaultConfig(), 7, input{s, rows})
		if got := strings.ReplaceAll(strings.Join(said(report), ", "), "r @", "@"); got != want {
			t.Errorf("%q: %s, want %s", rule, got, want)
		}
		if without := report.Outcomes[0].WithoutTime; (without == 2) != (rule == "") {
			t.Errorf("%q: %d rows without a time", rule, without)
		}
	}
	windows := parsed(t, "- {id: r, title: t, table: visits, time: end_ns, window: 1h, aggregate: count, threshold: 1}\n")
	if report := apply(t, windows, nil, rules.DefaultConfig(), 1, input{s, rows}); len(report.Alerts) != 2 {
		t.Errorf("at the ends of time: %v", said(report))
	}
}

// TestNoNumbers: in files that others wrote there may be NaN and Inf. They are not known.
func TestNoNumbers(t *testing.T) {
	rows := []cells{{"at_ns": 1, "x": math.NaN()}, {"at_ns": 2, "x": math.Inf(1)}, {"at_ns": 3, "x": 2.5}}
	for _, f := range []string{"sum", "mean", "min", "max"} {
		all := parsed(t, "- {id: r, title: t, table: visits, aggregate: "+f+"(x), threshold: '= 2.5', evidence: [x]}\n")
		report := apply(t, all, nil, rules.DefaultConfig(), 7, input{visits, rows})
		var b bytes.Buffer
		if err := rules.WriteJSON(&b, report, drift.Low); err != nil || len(report.Alerts) != 1 || !strings.Contains(b.String(), `"x": "NaN"`) {
			t.Errorf("%s: %v, %v", f, said(report), err)
		}
	}
}

// TestPacketTime: only the rows' own times count, so that rows of 1980 say what rows of 2100 do,
// when they came. NetScope measures by the clock on the wall, and is wrong about files.
func TestPacketTime(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	rows := randomVisits(rng, 400)
	var want []string
	for _, year := range []int64{10, 60, 130} {
		shift := year * 365 * 24 * 3600 * second // whole days, so whole windows
		var later []cells
		for _, row := range rows {
			later = append(later, with(row, cells{"at_ns": row["at_ns"].(int64) + shift}))
		}
		report := apply(t, parsed(t, strings.ReplaceAll(orderRules, "7m", "8m")), nil, rules.DefaultConfig(), 50, input{visits, later})
		for i := range report.Alerts {
			report.Alerts[i].Time -= shift
		}
		if got := said(report); want == nil {
			want = got
		} else if !slices.Equal(got, want) {
			t.Errorf("rows of %d say something else", 1970+year)
		}
	}
	if len(want) == 0 {
		t.Error("nothing was said")
	}
}
