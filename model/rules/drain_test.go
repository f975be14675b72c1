package rules_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pcapmill/model/rules"
)

// drainRules ask windows of a minute, each row of bytes, and all rows.
const drainRules = `
- {id: minute, title: t, table: visits, window: 1m, group_by: client, aggregate: count, threshold: 2, dedup: {period: 0s}}
- {id: row, title: t, table: visits, where: bytes >= 60, dedup: {by: [client], period: 0s}}
- {id: whole, title: t, table: visits, aggregate: count, threshold: 7}
`

// TestDrain: windows are told when they are over, rows at once, what has no window at the end;
// nothing twice, and in all what Finish tells.
func TestDrain(t *testing.T) {
	e, err := rules.New(parsed(t, drainRules), nil, rules.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	var all []rules.Alert
	step := func(horizon int64, rows []cells, want ...string) {
		t.Helper()
		r, err := e.Open(visits)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Take(context.Background(), filled(t, visits, r.Columns(), rows)); err != nil {
			t.Fatal(err)
		}
		some := e.Drain(func(string) int64 { return horizon })
		if got := said(&rules.Report{Alerts: some}); !slices.Equal(got, want) {
			t.Errorf("up to %d: %q, want %q", horizon/second, got, want)
		}
		all = append(all, some...)
	}
	step(math.MinInt64, visitRows[:2], "row @0 client=a ×1 of 1")
	step(59*second, visitRows[2:3])
	step(60*second, visitRows[3:4], "minute @0 client=a 3 ×1 of 3")
	step(119*second, visitRows[4:5], "row @119 client=b ×1 of 1")
	step(119*second, visitRows[5:])
	step(math.MaxInt64, nil, "whole @0 7 ×1 of 7", "minute @61 client=b 2 ×1 of 2")
	want := apply(t, parsed(t, drainRules), nil, rules.DefaultConfig(), 7, input{visits, visitRows})
	ids := func(all []rules.Alert) (ids []string) {
		for i := range all {
			ids = append(ids, all[i].ID)
		}
		slices.Sort(ids)
		return ids
	}
	if got := ids(all); !slices.Equal(got, ids(want.Alerts)) {
		t.Errorf("%v\nwant %v", got, ids(want.Alerts))
	}
}

// TestDrainOpen: what is open is told, and goes on as if it had not been.
func TestDrainOpen(t *testing.T) {
	e, err := rules.New(parsed(t, drainRules), nil, rules.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Open(visits)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, step := range []struct {
		rows    []cells
		horizon int64
		want    []string
	}{
		{visitRows[:2], 0, []string{"minute @0 client=a 2 ×1 of 2", "row @0 client=a ×1 of 1"}},
		{visitRows[2:3], 10 * second, []string{"minute @0 client=a 3 ×1 of 3"}},
		{visitRows[3:], 60 * second, []string{"minute @0 client=a 3 ×1 of 3", "whole @0 7 ×1 of 7", "minute @61 client=b 2 ×1 of 2", "row @119 client=b ×1 of 1"}},
		{nil, 120 * second, []string{"whole @0 7 ×1 of 7", "minute @61 client=b 2 ×1 of 2"}},
	} {
		if err := r.Take(context.Background(), filled(t, visits, r.Columns(), step.rows)); err != nil {
			t.Fatal(err)
		}
		some := e.DrainOpen(func(string) int64 { return step.horizon })
		if got := said(&rules.Report{Alerts: some}); !slices.Equal(got, step.want) {
			t.Errorf("up to %d: %q, want %q", step.horizon/second, got, step.want)
		}
		for i := range some {
			key := fmt.Sprint(some[i].Rule.ID, some[i].Keys, some[i].Time)
			if before := ids[key]; before != "" && before != some[i].ID {
				t.Errorf("%s has another id", key)
			}
			ids[key] = some[i].ID
		}
	}
}

// TestDrainKeepsTheEarliest: where there is no room for all alerts of a rule, the same are left out
// each time, or what is done again says others.
func TestDrainKeepsTheEarliest(t *testing.T) {
	c := rules.DefaultConfig()
	c.Alerts = 10
	var rows []cells
	for i := range 200 {
		rows = append(rows, cells{"at_ns": int64(i) * second / 10, "client": fmt.Sprint("c", i), "port": 80, "bytes": 1})
	}
	e, err := rules.New(parsed(t, `
- {id: minute, title: t, table: visits, window: 1m, group_by: client, aggregate: count, threshold: 1, dedup: {period: 0s}}
`), nil, c)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Open(visits)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Take(context.Background(), filled(t, visits, r.Columns(), rows)); err != nil {
		t.Fatal(err)
	}
	all := e.Drain(rules.End)
	if len(all) != c.Alerts || e.Outcomes()[0].AlertsLeftOut != 190 {
		t.Fatalf("%d alerts, %d left out", len(all), e.Outcomes()[0].AlertsLeftOut)
	}
	for i := range all {
		if want := int64(i) * second / 10; all[i].Time != want {
			t.Errorf("alert %d is of %d, not of %d", i, all[i].Time, want)
		}
	}
}

// TestDrainSaysWhatWasFolded: what became an alert because memory was full is said, or counted.
func TestDrainSaysWhatWasFolded(t *testing.T) {
	c := rules.DefaultConfig()
	c.Memory, c.Late, c.Alerts = 1<<20, time.Minute, 1<<20
	e, err := rules.New(parsed(t, drainRules), nil, c)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Open(visits)
	if err != nil {
		t.Fatal(err)
	}
	said, at := 0, int64(0)
	for range 3 {
		var rows []cells
		for range 6000 {
			at += second
			rows = append(rows, cells{"at_ns": at, "client": "a", "port": 80, "bytes": 60})
		}
		if err := r.Take(context.Background(), filled(t, visits, r.Columns(), rows)); err != nil {
			t.Fatal(err)
		}
		before := said
		for _, a := range e.Drain(func(string) int64 { return 0 }) {
			if a.Rule.ID == "row" {
				said += int(a.Count)
			}
		}
		if said-before < 1000 {
			t.Errorf("%d alerts of 6000: memory is not given back", said-before)
		}
	}
	for _, o := range e.Outcomes() {
		if o.Rule.ID != "row" {
			continue
		}
		if counted := int64(said) + o.Late + o.LeftOut + o.AlertsLeftOut; counted != o.Matched || len(o.Alerts) != 0 {
			t.Errorf("%d said, %d late, %d and %d left out: not %d", said, o.Late, o.LeftOut, o.AlertsLeftOut, o.Matched)
		}
	}
}

// TestDrainCountsLateRows of windows that are over, and gives back memory.
func TestDrainCountsLateRows(t *testing.T) {
	c := rules.DefaultConfig()
	c.Memory = 1 << 20
	e, err := rules.New(parsed(t, drainRules), nil, c)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Open(visits)
	if err != nil {
		t.Fatal(err)
	}
	for range 2000 { // 7 rows each, in groups that would not fit together
		if err := r.Take(context.Background(), filled(t, visits, r.Columns(), visitRows)); err != nil {
			t.Fatal(err)
		}
		e.Drain(func(string) int64 { return 120 * second })
	}
	for _, o := range e.Outcomes() {
		if o.LeftOut != 0 || o.Rule.ID == "minute" && o.Late != 1999*6 || o.Rule.ID == "row" && o.Matched != 2000*2 {
			t.Errorf("%s: %d late, %d left out, %d matched", o.Rule.ID, o.Late, o.LeftOut, o.Matched)
		}
	}
}

// TestSubject is the same for alerts that would be one, and another for others.
func TestSubject(t *testing.T) {
	all := parsed(t, drainRules)
	r := apply(t, all, nil, rules.DefaultConfig(), 7, input{visits, visitRows})
	subjects := map[string]string{}
	for i, line := range said(r) {
		s := r.Alerts[i].Subject()
		for other, o := range subjects {
			if (o == s) != (other == line) {
				t.Errorf("%s and %s", other, line)
			}
		}
		subjects[line] = s
	}
}
