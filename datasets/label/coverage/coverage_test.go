package coverage_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/coverage"
	"pcapmill/outputs/report"
)

// flow is one that a Tally counts.
type flow struct {
	outcome  label.Outcome
	label    string
	src, dst string
	start    int64
	attempt  bool
}

func example(flows []flow, pairs int) *coverage.Report {
	t, r := coverage.NewTally(&label.Set{}), &coverage.Report{}
	for _, f := range flows {
		t.Flow(f.outcome, f.label, "category", f.src, f.dst, f.start, f.attempt)
	}
	t.Report(r, pairs)
	return r
}

const second = int64(time.Second)

// TestTally is worked by hand.
func TestTally(t *testing.T) {
	r := example([]flow{
		{label.Labelled, "scan", "a", "b", 10 * second, false}, {label.Labelled, "scan", "a", "b", 12 * second, true}, {label.Labelled, "web", "c", "b", 11 * second, false},
		{label.Ambiguous, "", "a", "b", 10 * second, false}, {label.Unlabelled, "", "", "", 13 * second, false},
	}, 2)
	if want := []coverage.Count{{Name: "labelled", Flows: 3}, {Name: "unlabelled", Flows: 1}, {Name: "ambiguous", Flows: 1}}; r.Flows != 5 || !reflect.DeepEqual(r.Outcomes, want) {
		t.Errorf("%d, %+v", r.Flows, r.Outcomes)
	}
	if want := []coverage.Label{
		{Label: "scan", Category: "category", Flows: 2, Attempted: 1, FirstNs: 10 * second, LastNs: 12 * second},
		{Label: "web", Category: "category", Flows: 1, FirstNs: 11 * second, LastNs: 11 * second},
	}; !reflect.DeepEqual(r.Labels, want) {
		t.Errorf("%+v", r.Labels)
	}
	if want := []coverage.Pair{{Src: "a", Dst: "b", Label: "scan", Flows: 2}, {Src: "a", Dst: "b", Flows: 1}}; !reflect.DeepEqual(r.Pairs, want) || r.MorePairs != 1 {
		t.Errorf("%+v and %d", r.Pairs, r.MorePairs)
	}
	line := r.Timeline // three seconds are 31 steps of 100 ms
	if line.StepNs != second/10 || line.FirstNs != 10*second || len(line.Series) != 4 || len(line.Series[0].Counts) != 31 || line.Series[0].Counts[20] != 1 || line.Series[3].Name != "(unlabelled)" {
		t.Errorf("%+v", line)
	}
}

// TestTimeline: steps are as short as 160 of them allow, at whole multiples, before 1970 too,
// however far flows are apart.
func TestTimeline(t *testing.T) {
	for _, c := range []struct{ first, last, step int64 }{
		{0, 0, 1e6}, {0, 159e6, 1e6}, {0, 160e6, 10e6}, {5 * second, 700 * second, 5 * second}, {-second, second, second / 10},
		{0, 7 * 86400 * second, 3 * 3600 * second}, {-1 << 63, 1<<63 - 1, 86400 * second << 11},
	} {
		r := example([]flow{{label.Labelled, "x", "", "", c.first, false}, {label.Labelled, "x", "", "", c.last, false}}, 0)
		n := int64(0)
		for _, v := range r.Timeline.Series[0].Counts {
			n += v
		}
		if r.Timeline.StepNs != c.step || n != 2 || len(r.Timeline.Series[0].Counts) > 160 {
			t.Errorf("%d to %d: step %d, want %d; %d flows in %d steps", c.first, c.last, r.Timeline.StepNs, c.step, n, len(r.Timeline.Series[0].Counts))
		}
	}
}

// TestAnyOrder: a report does not hang on the order of rows.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var flows []flow
		for range rapid.IntRange(1, 40).Draw(r, "flows") {
			f := flow{start: rapid.Int64Range(-1e15, 1e15).Draw(r, "start"), src: rapid.SampledFrom([]string{"a", "b"}).Draw(r, "src")}
			if f.label = rapid.SampledFrom([]string{"", "x", "y", "(ambiguous)"}).Draw(r, "label"); f.label != "" {
				f.outcome = label.Labelled
			} else if rapid.Bool().Draw(r, "ambiguous") {
				f.outcome = label.Ambiguous
			}
			flows = append(flows, f)
		}
		other := rapid.Permutation(flows).Draw(r, "order")
		if a, b := jsonOf(r, example(flows, 10)), jsonOf(r, example(other, 10)); a != b {
			r.Fatalf("%s\n%s", a, b)
		}
	})
}

type fataler interface{ Fatal(...any) }

func jsonOf(t fataler, r *coverage.Report) string {
	var b bytes.Buffer
	if err := coverage.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestRules: what rules and events came to, each under its source.
func TestRules(t *testing.T) {
	s := &label.Set{Sources: []label.Source{{Path: "r.yaml"}, {Path: "eve.json"}}}
	s.Rules = []label.Rule{{Meaning: label.Meaning{ID: "a", Label: "x", Line: 3}}, {Meaning: label.Meaning{ID: "b", Label: "y", Line: 9}}}
	for line := range 3 {
		s.Events = append(s.Events, label.Event{Meaning: label.Meaning{ID: "1:7", Label: "z", Source: 1, Line: int64(line + 1)}})
	}
	tally, r := coverage.NewTally(s), &coverage.Report{}
	tally.Rule(s, &s.Rules[0].Meaning, 4, 3, nil)
	tally.Rule(s, &s.Rules[1].Meaning, 0, 0, &coverage.Miss{Wrong: []string{"time"}, OffNs: -int64(time.Hour)})
	tally.Hit(s, &s.Events[0].Meaning, true)
	tally.Hit(s, &s.Events[1].Meaning, false)
	tally.Missed(s, &s.Events[2].Meaning, &coverage.Miss{Wrong: []string{"ports"}})
	tally.Report(r, 0)
	want := []coverage.Rule{
		{ID: "a", Label: "x", Source: "r.yaml", Line: 3, Hits: 4, Flows: 3},
		{ID: "b", Label: "y", Source: "r.yaml", Line: 9, Miss: &coverage.Miss{Wrong: []string{"time"}, OffNs: -int64(time.Hour)}},
		{ID: "1:7", Label: "z", Source: "eve.json", Events: 3, Hits: 2, Flows: 1},
	}
	if !reflect.DeepEqual(r.Rules, want) {
		t.Errorf("%+v", r.Rules)
	}
	var b bytes.Buffer
	if err := report.Text(&b, r.Page(0), 0); err != nil || !strings.Contains(b.String(), "time (the flow is 1h0m0s earlier)") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// TestJSON: lists are never null, texts that are no UTF-8 stay visible, and it is JSON.
func TestJSON(t *testing.T) {
	out := jsonOf(t, &coverage.Report{Tables: "bad\xff\x1b"})
	var back map[string]any
	if err := json.Unmarshal([]byte(out), &back); err != nil || strings.ContainsRune(out, 0x1b) {
		t.Fatal(err, out)
	}
	for key, v := range back {
		if v == nil {
			t.Errorf("%s is null", key)
		}
	}
	if back["tables"] != "bad\\xff\x1b" {
		t.Errorf("%q", back["tables"])
	}
}

// TestPageTop: what is cut off is counted.
func TestPageTop(t *testing.T) {
	var flows []flow
	for i := range 30 {
		flows = append(flows, flow{label.Labelled, fmt.Sprint("label ", i), "a", "b", int64(i), false})
	}
	p := example(flows, 20).Page(7)
	for _, s := range p.Sections {
		switch s.Name {
		case "Labels":
			if len(s.Rows) != 7 || s.More != 23 {
				t.Errorf("%d labels and %d", len(s.Rows), s.More)
			}
		case "Hosts":
			if len(s.Rows) != 7 || s.More != 23 {
				t.Errorf("%d pairs and %d", len(s.Rows), s.More)
			}
		}
	}
	if n := len(p.Charts[0].Lanes); n != 13 || p.Charts[0].Lanes[12].Name != "(other labels)" {
		t.Errorf("%d lanes", n)
	}
}
