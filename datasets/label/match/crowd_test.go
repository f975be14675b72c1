package match_test

import (
	"errors"
	"slices"
	"testing"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/match"
)

// TestCrowds: as many events of two hosts as flows of them, all within the slack, which compared in
// pairs would be 10^8 comparisons, each of five times; and tables without addresses, of which ports are what there is.
func TestCrowds(t *testing.T) {
	const n = 10_000
	for name, make := range map[string]func(i int64) label.Event{
		"hosts": func(i int64) label.Event { return event("x", "10.0.0.2", label.None, "10.0.0.1", label.None, i*1000) },
		"host":  func(i int64) label.Event { return event("x", "", label.None, "10.0.0.1", label.None, i*1000) },
		"port":  func(i int64) label.Event { return event("x", "", label.None, "", 443, i*1000) },
		"tuple": func(i int64) label.Event { return event("x", "10.0.0.2", 443, "10.0.0.1", 5000, i*1000) },
		"community": func(i int64) label.Event {
			e := event("x", "", label.None, "", label.None, i*1000)
			e.Community = "1:x"
			return e
		},
	} {
		var rows []row
		var events []label.Event
		for i := range int64(n) {
			rows = append(rows, tcp(i+1, "10.0.0.1", 5000, "10.0.0.2", 443, i*1000, i*1000+500))
			events = append(events, make(i))
		}
		_, r := run(t, rows, set(nil, events...), nil)
		for i, e := range r.Events {
			if e.Outcome != label.Labelled || e.FlowID != int64(i+1) || e.Flows != 1 {
				t.Fatalf("%s: event %d: %+v", name, i, e)
			}
		}
	}
}

// TestCrowdsInAll: events that fit all flows are ambiguous, and are said to fit more than are held.
func TestCrowdsInAll(t *testing.T) {
	var rows []row
	var events []label.Event
	for i := range int64(3000) {
		rows = append(rows, tcp(i+1, "10.0.0.1", 5000, "10.0.0.2", 443, 0, 1000*second))
		events = append(events, event("x", "10.0.0.2", label.None, "10.0.0.1", label.None, i%900*second))
	}
	events = append(events, event("x", "10.0.0.2", label.None, "10.0.0.1", label.None, 1700*second))
	limit := func(c *match.Config) { c.MaxPerEvent, c.MaxCandidates = 50, 100_000 }
	got, r := run(t, rows, set(nil, events...), limit)
	if !slices.ContainsFunc(got, func(r match.Row) bool { return r.Outcome == label.Ambiguous }) || slices.ContainsFunc(got, func(r match.Row) bool { return r.Outcome == label.Labelled }) {
		t.Error("a flow is labelled")
	}
	for i, e := range r.Events {
		if e.Outcome != label.Ambiguous || e.Flows < 2 {
			t.Fatalf("event %d: %+v", i, e)
		}
	}
	if r.CandidatesMore == 0 {
		t.Error("nothing is said of those left out")
	}
	c := match.DefaultConfig()
	c.MaxCandidates = 2000
	if _, err := match.Run(t.Context(), match.Input{Flows: write(t, rows, false), Set: set(nil, events...)}, c, func(*match.Row) error { return nil }); !errors.Is(err, match.ErrLimit) {
		t.Errorf("more flows than are held: %v", err)
	}
}

// TestPortsAreNoTypes: a port above 255 is neither type nor code of ICMP.
func TestPortsAreNoTypes(t *testing.T) {
	rows := []row{ping(1, "10.0.0.1", "10.0.0.2", 8, 0, 0, second), tcp(2, "10.0.0.1", 5000, "10.0.0.2", 443, 0, second)}
	_, r := run(t, rows, set(nil, event("x", "10.0.0.1", label.None, "10.0.0.2", 443, 0)), nil)
	if e := r.Events[0]; e.Outcome != label.Labelled || e.FlowID != 2 {
		t.Errorf("%+v", e)
	}
}
