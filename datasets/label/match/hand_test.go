package match_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/match"
	"pcapmill/outputs/tables"
)

const second = int64(time.Second)

// labels returns what each flow came to: its label, with * where it is ambiguous.
func labels(rows []match.Row) string {
	var all []string
	for i := range rows {
		one := "-"
		if len(rows[i].Hits) > 0 {
			one = rows[i].Hits[0].Meaning.Label
		}
		if rows[i].Outcome == label.Ambiguous {
			one += "*"
		}
		all = append(all, one)
	}
	return strings.Join(all, " ")
}

func TestEdgeInstants(t *testing.T) {
	l := rule("r", "x")
	l.Times = []label.Interval{{From: 100, To: 200}}
	rows := []row{
		tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 50, 99),
		tcp(2, "10.0.0.1", 1, "10.0.0.2", 2, 50, 100), // shares the first instant, and no time
		tcp(3, "10.0.0.1", 1, "10.0.0.2", 2, 100, 100),
		tcp(4, "10.0.0.1", 1, "10.0.0.2", 2, 199, 199),
		tcp(5, "10.0.0.1", 1, "10.0.0.2", 2, 200, 200),
		tcp(6, "10.0.0.1", 1, "10.0.0.2", 2, 150, 250),
		tcp(7, "10.0.0.1", 1, "10.0.0.2", 2, 0, 400),
	}
	for fit, want := range map[label.Fit]string{label.Overlaps: "- x x x - x x", label.Starts: "- - x x - x -", label.Inside: "- - x x - - -"} {
		l.Fit = fit
		got, report := run(t, rows, set([]label.Rule{l}), nil)
		if labels(got) != want {
			t.Errorf("fit %d: %s, want %s", fit, labels(got), want)
		}
		if fit != label.Overlaps {
			continue
		}
		for i, share := range map[int]float64{1: 0, 2: 1, 3: 1, 5: 0.5, 6: 0.25} {
			if got[i].Hits[0].Overlap != share {
				t.Errorf("flow %d has %v of its time in it, want %v", i, got[i].Hits[0].Overlap, share)
			}
		}
		if c := report.Rules[0].RuleCounts; c != (match.RuleCounts{Hits: 5, Chosen: 5, Begins: 2, Ends: 2}) {
			t.Errorf("%+v", c)
		}
	}
}

// TestShareOfUnion: 100..200 and 150..300 are 200 of a flow's 400 ns, not 250.
func TestShareOfUnion(t *testing.T) {
	l := rule("r", "x")
	l.Times = []label.Interval{{From: 150, To: 300}, {From: 100, To: 200}, {From: 5, To: 5}}
	got, _ := run(t, []row{tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 0, 400)}, set([]label.Rule{l}), nil)
	if len(got[0].Hits) != 1 || got[0].Hits[0].Overlap != 0.5 {
		t.Errorf("%+v", got[0].Hits)
	}
}

// TestInsideOne: a flow that crosses from one interval into the next is inside of neither.
func TestInsideOne(t *testing.T) {
	l := rule("r", "x")
	l.Fit, l.Times = label.Inside, []label.Interval{{From: 100, To: 200}, {From: 200, To: 300}}
	got, _ := run(t, []row{tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 150, 250), tcp(2, "10.0.0.1", 1, "10.0.0.2", 2, 150, 199)}, set([]label.Rule{l}), nil)
	if labels(got) != "- x" {
		t.Error(labels(got))
	}
}

// TestExtremes: the first and the last instant there are, in flows and rules.
func TestExtremes(t *testing.T) {
	always, late := rule("a", "x"), rule("b", "x")
	always.Times = []label.Interval{label.Always()}
	late.Times = []label.Interval{{From: math.MaxInt64 - 5, To: math.MaxInt64}}
	rows := []row{
		tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, math.MinInt64, math.MaxInt64),
		tcp(2, "10.0.0.1", 1, "10.0.0.2", 2, math.MaxInt64, math.MaxInt64),
		tcp(3, "10.0.0.1", 1, "10.0.0.2", 2, math.MinInt64, math.MinInt64),
		tcp(4, "10.0.0.1", 1, "10.0.0.2", 2, 9, 3), // ends before it begins
	}
	first, last := event("x", "10.0.0.1", 1, "10.0.0.2", 2, math.MinInt64), event("x", "10.0.0.1", 1, "10.0.0.2", 2, math.MaxInt64)
	last.Precision = math.MaxInt64
	got, report := run(t, rows, set([]label.Rule{always, late}, first, last), nil)
	for i, want := range []int{4, 3, 2, 1} {
		if len(got[i].Hits) != want {
			t.Errorf("flow %d has %d hits, want %d", i, len(got[i].Hits), want)
		}
		if h := got[i].Hits[len(got[i].Hits)-1]; math.IsNaN(h.Overlap) || h.Overlap < 0 || h.Overlap > 1 {
			t.Error(h)
		}
	}
	if r := report.Events; r[0].Flows != 2 || r[1].Flows != 2 || r[0].Outcome != label.Ambiguous {
		t.Errorf("%+v", r)
	}
}

func TestDirections(t *testing.T) {
	rows := []row{tcp(1, "10.0.0.1", 4000, "10.0.0.2", 80, 0, 9), tcp(2, "10.0.0.2", 80, "10.0.0.1", 4000, 0, 9), tcp(3, "10.0.0.1", 80, "10.0.0.2", 4000, 0, 9)}
	for direction, want := range map[label.Direction]string{label.AnyWay: "x x -", label.Forward: "x - -", label.Reverse: "- x -"} {
		l := rule("r", "x")
		l.Src, l.Dst, l.DstPorts, l.Direction = nets("10.0.0.1/32"), nets("10.0.0.0/24"), label.Ports{{First: 80, Last: 80}}, direction
		got, report := run(t, rows, set([]label.Rule{l}), nil)
		if labels(got) != want {
			t.Errorf("direction %d: %s, want %s", direction, labels(got), want)
		}
		if direction == label.AnyWay && (got[0].Hits[0].Reversed || !got[1].Hits[0].Reversed) {
			t.Error("reversed flows are not known")
		}
		if report.Rules[0].Miss != nil {
			t.Error("a rule with hits has a miss")
		}
	}
}

func TestMappedAddresses(t *testing.T) {
	v4, v6 := rule("4", "four"), rule("6", "six")
	v4.Src, v6.Src = nets("0.0.0.0/0"), nets("::/0")
	rows := []row{tcp(1, "::ffff:10.0.0.1", 1, "::ffff:10.0.0.2", 2, 0, 0), tcp(2, "fe80::1%eth0", 1, "2001:db8::1", 2, 0, 0), tcp(3, "255.255.255.255", 1, "0.0.0.0", 2, 0, 0)}
	got, _ := run(t, rows, set([]label.Rule{v4, v6}, event("event", "10.0.0.2", 2, "10.0.0.1", 1, 0)), nil)
	if labels(got) != "four* six four" || !slices.ContainsFunc(got[0].Hits, func(h match.Hit) bool { return h.Event == 0 && h.Reversed }) {
		t.Error(labels(got))
	}
}

// TestNoPorts: a flow without ports fits no set of ports, and an event's ports 0.
func TestNoPorts(t *testing.T) {
	gre := tcp(1, "10.0.0.1", label.None, "10.0.0.2", label.None, 0, 0)
	gre.protocol = 47
	all, some := rule("a", "all"), rule("b", "some")
	some.Priority, some.DstPorts = 1, label.Ports{{First: 0, Last: 65535}}
	got, report := run(t, []row{gre}, set([]label.Rule{all, some}, event("all", "10.0.0.2", 0, "10.0.0.1", 0, 0), event("some", "10.0.0.1", 1, "10.0.0.2", 2, 0)), nil)
	if labels(got) != "all" || len(got[0].Hits) != 2 || report.Events[1].Miss.Fields != match.Ports || report.Rules[1].Miss.Fields != match.Ports {
		t.Errorf("%s %+v %+v", labels(got), report.Events[1], report.Rules[1].Miss)
	}
}

// TestICMPEvents: pairs as Community ID v1 has them, any code; one-way messages as they are.
func TestICMPEvents(t *testing.T) {
	rows := []row{ping(1, "10.0.0.1", "10.0.0.2", 8, 0, 0, 9), ping(2, "10.0.0.1", "10.0.0.2", 3, 1, 0, 9)}
	six := ping(3, "2001:db8::1", "2001:db8::2", 1, 3, 0, 9) // unreachable: address
	six.protocol = 58
	rows = append(rows, six)
	cases := []struct {
		src, dst   string
		kind, code int32
		flow       int64 // 0: none
	}{
		{"10.0.0.1", "10.0.0.2", 8, 0, 1},
		{"10.0.0.2", "10.0.0.1", 0, 0, 1}, // the answer
		{"10.0.0.1", "10.0.0.2", 8, 7, 1}, // another code in the same conversation
		{"10.0.0.2", "10.0.0.1", 0, 8, 1}, // as conn.log swaps it
		{"10.0.0.2", "10.0.0.1", 8, 0, 0}, // a ping the other way
		{"10.0.0.1", "10.0.0.2", 0, 0, 0},
		{"10.0.0.1", "10.0.0.2", 3, 1, 2},
		{"10.0.0.1", "10.0.0.2", 3, 3, 0},
		{"10.0.0.2", "10.0.0.1", 3, 1, 0}, // one way alone
		{"10.0.0.2", "10.0.0.1", 1, 3, 0},
		{"2001:db8::1", "2001:db8::2", 1, 3, 3},
		{"2001:db8::2", "2001:db8::1", 3, 1, 0}, // time exceeded, not the unreachable turned around
	}
	for _, c := range cases {
		e := event("x", c.src, c.kind, c.dst, c.code, 5)
		_, report := run(t, rows, set(nil, e), nil)
		r := report.Events[0]
		if r.FlowID != c.flow || (r.Outcome == label.Labelled) != (c.flow != 0) {
			t.Errorf("%+v: %+v %+v", c, r, r.Miss)
		}
	}
	_, report := run(t, rows, set(nil, event("x", "10.0.0.2", label.None, "10.0.0.1", label.None, 5)), nil)
	if r := report.Events[0]; r.Outcome != label.Ambiguous || r.Flows != 2 {
		t.Errorf("without type and code: %+v", r)
	}
}

func TestICMPRules(t *testing.T) {
	rows := []row{ping(1, "10.0.0.1", "10.0.0.2", 8, 0, 0, 9), ping(2, "10.0.0.1", "10.0.0.2", 3, 1, 0, 9), tcp(3, "10.0.0.1", 8, "10.0.0.2", 0, 0, 9)}
	cases := []struct {
		src, dst  label.Ports
		direction label.Direction
		want      string
	}{
		{label.Ports{{First: 8, Last: 8}}, nil, label.Forward, "x - x"},
		{nil, label.Ports{{First: 0, Last: 0}}, label.Forward, "x - x"},
		{nil, label.Ports{{First: 1, Last: 1}}, label.Forward, "- x -"},
		{label.Ports{{First: 0, Last: 0}}, nil, label.Reverse, "x - x"},
		{nil, label.Ports{{First: 8, Last: 8}}, label.Reverse, "x - x"},
		{label.Ports{{First: 3, Last: 3}}, nil, label.Reverse, "- - -"},
		{label.Ports{{First: 3, Last: 3}}, nil, label.AnyWay, "- x -"},
		{label.Ports{{First: 8, Last: 9}}, label.Ports{{First: 0, Last: 1}}, label.AnyWay, "x - x"},
	}
	for _, c := range cases {
		l := rule("r", "x")
		l.SrcPorts, l.DstPorts, l.Direction = c.src, c.dst, c.direction
		if got, _ := run(t, rows, set([]label.Rule{l}), nil); labels(got) != c.want {
			t.Errorf("%+v: %s", c, labels(got))
		}
	}
}

// TestPieces: an alert is in the piece whose time it is in, a row of a connection in all.
func TestPieces(t *testing.T) {
	rows := []row{
		tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 0, 100*second),
		tcp(2, "10.0.0.1", 1, "10.0.0.2", 2, 101*second, 200*second),
		tcp(3, "10.0.0.1", 1, "10.0.0.2", 2, 201*second, 210*second),
		tcp(9, "10.0.0.1", 1, "10.0.0.2", 2, 250*second, 260*second), // another connection
	}
	for i := range rows[:3] {
		rows[i].conn = 1
	}
	alert, between, conn := event("x", "10.0.0.1", 1, "10.0.0.2", 2, 150*second), event("x", "10.0.0.1", 1, "10.0.0.2", 2, 100*second+second/2), event("x", "10.0.0.1", 1, "10.0.0.2", 2, 0)
	conn.Last = 255 * second // its last packets were of the next one
	for i, want := range []string{"- x - -", "x* x* - -", "x x x -"} {
		e := []label.Event{alert, between, conn}[i]
		if got, _ := run(t, rows, set(nil, e), nil); labels(got) != want {
			t.Errorf("event %d: %s, want %s", i, labels(got), want)
		}
	}
}

// TestTwoConnections: one that lasts, and two that begin as near to it, are ambiguous.
func TestTwoConnections(t *testing.T) {
	e := event("x", "10.0.0.1", 1, "10.0.0.2", 2, 100*second)
	e.Last, e.Precision = 200*second, 1000
	rows := []row{
		tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 90*second, 120*second),
		tcp(2, "10.0.0.1", 1, "10.0.0.2", 2, 105*second, 150*second),
		tcp(3, "10.0.0.1", 1, "10.0.0.2", 2, 100*second+900, 150*second),
	}
	if got, r := run(t, rows[:2], set(nil, e), nil); labels(got) != "x* x*" || r.Events[0].Flows != 2 {
		t.Error(labels(got))
	}
	if got, _ := run(t, rows, set(nil, e), nil); labels(got) != "- - x" {
		t.Error(labels(got))
	}
}

// TestSlack: what an alert after the ends of flows, or before their starts, comes to.
func TestSlack(t *testing.T) {
	flows := func(spans ...int64) (rows []row) {
		for i := 0; i < len(spans); i += 2 {
			rows = append(rows, tcp(int64(i+1), "10.0.0.1", 1, "10.0.0.2", 2, spans[i]*second, spans[i+1]*second))
		}
		return rows
	}
	minute := func(c *match.Config) { c.After = time.Minute }
	cases := []struct {
		rows []row
		at   int64 // s
		want string
	}{
		{flows(0, 10), 70, "x"},
		{flows(0, 10), 71, "-"},
		{flows(10, 20), 9, "x"},
		{flows(10, 20), 8, "-"},
		{flows(0, 10, 15, 20), 21, "- x"},   // 1 s and 11 s: clearly
		{flows(0, 10, 15, 20), 30, "x* x*"}, // 10 s and 20 s: not four times
		{flows(0, 10, 60, 65), 59, "- x"},   // just before the second
		{flows(0, 8, 10, 11), 12, "- x"},    // 4 s and 1 s: four times
		{flows(0, 9, 10, 11), 12, "x* x*"},  // 3 s and 1 s
		{flows(0, 58, 60, 65), 59, "x* x*"}, // between two
		{flows(0, 10, 11, 90), 12, "- x"},   // within one
		{flows(0, 20, 5, 15, 30, 40), 10, "x* x* -"},
		{flows(0, 2, 10, 20, 24, 30), 21, "- x -"}, // 1 s behind the second, 3 s before the third, which is too far
	}
	for _, c := range cases {
		got, _ := run(t, c.rows, set(nil, event("x", "10.0.0.2", 2, "10.0.0.1", 1, c.at*second)), minute)
		if labels(got) != c.want {
			t.Errorf("at %d s: %s, want %s", c.at, labels(got), c.want)
		}
	}
	after := event("x", "10.0.0.1", 1, "10.0.0.2", 2, 15*second)
	got, r := run(t, flows(0, 10), set(nil, after), nil)
	if got[0].Hits[0].Distance != -5*second || r.Events[0].Distance != -5*second || r.Events[0].FlowID != 1 {
		t.Errorf("%+v %+v", got[0].Hits, r.Events)
	}
}

// TestPrecision: a time that was cut may be all of what it was cut to.
func TestPrecision(t *testing.T) {
	rows := []row{tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 100*second+second/2, 101*second)}
	e := event("x", "10.0.0.1", 1, "10.0.0.2", 2, 60*second)
	e.Precision = 60 * second
	got, _ := run(t, rows, set(nil, e), nil)
	if labels(got) != "x" || got[0].Hits[0].Distance != 0 {
		t.Error(labels(got))
	}
}

// TestTunnels: the same tuple outside and inside of a tunnel.
func TestTunnels(t *testing.T) {
	rows := []row{tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 0, 9), tcp(2, "10.0.0.1", 1, "10.0.0.2", 2, 0, 9)}
	rows[1].depth = 1
	for depth, want := range map[int32]string{label.AnyDepth: "x* x*", 0: "x -", 1: "- x", 2: "- -"} {
		e := event("x", "10.0.0.1", 1, "10.0.0.2", 2, 5)
		e.Depth = depth
		got, r := run(t, rows, set(nil, e), nil)
		if labels(got) != want || depth == 2 && r.Events[0].Miss.Fields != match.Depth {
			t.Errorf("depth %d: %s, want %s: %+v", depth, labels(got), want, r.Events[0])
		}
	}
}

// TestPackets: a packet is in a flow that does not begin behind it, in the same capture.
func TestPackets(t *testing.T) {
	rows := []row{tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 0, 9), tcp(2, "10.0.0.1", 1, "10.0.0.2", 2, 0, 9), tcp(3, "10.0.0.1", 1, "10.0.0.2", 2, 0, 9)}
	rows[0].packet, rows[1].packet, rows[2].packet, rows[2].capture = 7, 8, 1, 1
	e := event("x", "", label.None, "", label.None, 5)
	e.Packet = 7
	for capture, want := range map[string]string{"a.pcap": "x - -", "in/b.pcap": "- - x", "b.pcap": "- - x", "": "x* x* x*", "c.pcap": "- - -"} {
		e.Capture = capture
		if got, _ := run(t, rows, set(nil, e), nil); labels(got) != want {
			t.Errorf("capture %q: %s, want %s", capture, labels(got), want)
		}
	}
}

// TestCommunity: it names the tuple of an event without hosts, and of others nothing, as they
// may come of another seed.
func TestCommunity(t *testing.T) {
	rows := []row{tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 0, 9), tcp(2, "10.0.0.1", 3, "10.0.0.2", 2, 0, 9)}
	rows[1].community = "1:y"
	e := event("x", "", label.None, "", label.None, 5)
	e.Community = "1:y"
	if got, _ := run(t, rows, set(nil, e), nil); labels(got) != "- x" {
		t.Error(labels(got))
	}
	other := event("x", "10.0.0.1", 1, "10.0.0.2", 2, 5)
	other.Community = "1:seeded"
	if got, _ := run(t, rows, set(nil, other), nil); labels(got) != "x -" {
		t.Error(labels(got))
	}
}

// TestResolution: priority, agreement, disagreement, and events that fit several.
func TestResolution(t *testing.T) {
	one := []row{tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 0, 9)}
	two := append(slices.Clone(one), tcp(2, "10.0.0.1", 1, "10.0.0.2", 2, 0, 9))
	of := func(name string, priority int32) label.Rule {
		l := rule(name, name)
		l.Priority = priority
		return l
	}
	shared := event("x", "10.0.0.1", 1, "10.0.0.2", 2, 5)
	cases := []struct {
		rows   []row
		rules  []label.Rule
		events []label.Event
		want   string
	}{
		{one, []label.Rule{of("x", 1), of("y", 2)}, nil, "y"},
		{one, []label.Rule{of("x", 1), of("y", 1)}, nil, "x*"},
		{one, []label.Rule{of("x", 1), of("x", 1), of("y", 0)}, nil, "x"},
		{two, nil, []label.Event{shared}, "x* x*"},
		{two, []label.Rule{of("x", 0)}, []label.Event{shared}, "x x"}, // the rule says so anyhow
		{two, []label.Rule{of("y", 0)}, []label.Event{shared}, "y* y*"},
		{two, []label.Rule{of("y", 1)}, []label.Event{shared}, "y y"},
		{two, []label.Rule{of("y", -1)}, []label.Event{shared}, "x* x*"},
	}
	for i, c := range cases {
		if got, _ := run(t, c.rows, set(c.rules, c.events...), nil); labels(got) != c.want {
			t.Errorf("case %d: %s, want %s", i, labels(got), c.want)
		}
	}
	sure := event("x", "10.0.0.1", 1, "10.0.0.2", 2, 5)
	sure.ID, sure.Depth = "sure", 1
	two[1].depth = 1
	got, _ := run(t, two, set(nil, shared, sure), nil)
	if labels(got) != "x* x" || got[1].Hits[0].Meaning.ID != "sure" {
		t.Errorf("%s: %+v", labels(got), got[1].Hits)
	}
	_, r := run(t, one, set([]label.Rule{of("z", 0), of("x", 1), of("y", 1), of("y", 1)}), nil)
	if len(r.Conflicts) != 1 || r.Conflicts[0].A.Rule != 1 || r.Conflicts[0].B.Rule != 2 || r.Conflicts[0].Flows != 1 {
		t.Errorf("%+v", r.Conflicts)
	}
	if r.Rules[0].Disputed != 0 || r.Rules[3].Disputed != 1 || r.Rules[3].Chosen != 0 {
		t.Errorf("%+v", r.Rules)
	}
}

func TestScores(t *testing.T) {
	rows := []row{tcp(5, "10.0.0.1", 1, "10.0.0.2", 2, 0, 9), tcp(7, "10.0.0.1", 1, "10.0.0.2", 2, 0, 9)}
	s := set(nil)
	s.Meanings = []label.Meaning{{ID: "m", Label: "bad", Source: 1}}
	s.Scores = []label.Score{{Key: 7, Confidence: 0.25}, {Key: 6, Confidence: 1}, {Key: 7, Confidence: -1}}
	got, r := run(t, rows, s, nil)
	if labels(got) != "- bad" || len(got[1].Hits) != 2 || got[1].Hits[0].Confidence != 0.25 || got[1].Hits[1].Confidence != -1 {
		t.Errorf("%s %+v", labels(got), got[1].Hits)
	}
	if want := (match.SourceReport{Scores: 3, ScoresMatched: 2, Hits: 2, Chosen: 1}); r.Sources[1] != want {
		t.Errorf("%+v", r.Sources[1])
	}
}

// TestAutoAttempts: the order in which they are asked, and the attacker on either side.
func TestAutoAttempts(t *testing.T) {
	l := rule("r", "x")
	l.Src, l.Attempts = nets("10.0.0.1/32"), label.AutoAttempts()
	of := func(change func(*row)) row {
		r := tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 0, 9)
		change(&r)
		return r
	}
	rows := []row{
		of(func(r *row) {}),
		of(func(r *row) { r.rev, r.payload[0] = 0, 0 }),
		of(func(r *row) { r.state, r.payload[0] = "REJ", 0 }),
		of(func(r *row) { r.payload[0] = 0 }),
		of(func(r *row) { r.payload[0], r.piece = 0, 1 }),
		of(func(r *row) { r.src, r.dst, r.fwd = r.dst, r.src, 0 }), // the victim is the initiator, and sent nothing
		of(func(r *row) { r.src, r.dst, r.payload = r.dst, r.src, [2]int64{9, 0} }),
	}
	got, _ := run(t, rows, set([]label.Rule{l}), nil)
	for i, want := range []int32{-1, 6, 1, 0, -1, 6, 0} {
		if got[i].Hits[0].Attempt != want {
			t.Errorf("flow %d is attempt %d, want %d", i, got[i].Hits[0].Attempt, want)
		}
	}
}

// TestMisses: what of an event or a rule does not fit the flow that comes nearest.
func TestMisses(t *testing.T) {
	rows := []row{tcp(1, "10.0.0.1", 1000, "10.0.0.2", 80, 10_000*second, 10_010*second), tcp(2, "10.0.0.1", 1001, "10.0.0.2", 80, 20_000*second, 20_010*second)}
	at := func(s int64) label.Event { return event("x", "10.0.0.2", 80, "10.0.0.1", 1000, s*second) }
	change := func(e label.Event, how func(*label.Event)) label.Event { how(&e); return e }
	events := []label.Event{
		at(5000), at(12_000),
		change(at(10_005), func(e *label.Event) { e.DstPort = 1002 }),
		change(at(10_005), func(e *label.Event) { e.Protocol = 17 }),
		change(at(10_005), func(e *label.Event) { e.Capture = "b.pcap" }),
		change(at(10_005), func(e *label.Event) { e.Src = netip.MustParseAddr("10.9.9.9") }),
		change(at(20_005), func(e *label.Event) { e.DstPort = 1000 }),
		change(at(10_015), func(e *label.Event) { e.DstPort = 1002 }), // its slack is no miss
	}
	want := []match.Miss{
		{Fields: match.Time, Distance: 5000 * second, FlowID: 1},
		{Fields: match.Time, Distance: -1990 * second, FlowID: 1},
		{Fields: match.Ports, FlowID: 1},
		{Fields: match.Protocol, FlowID: 1},
		{Fields: match.Capture, FlowID: 1},
		{Fields: match.Hosts},
		{Fields: match.Time, Distance: -9995 * second, FlowID: 1}, // of the tuple, rather than at the time
		{Fields: match.Ports, FlowID: 1},
	}
	_, r := run(t, rows, set(nil, events...), nil)
	for i := range want {
		if got := r.Events[i].Miss; got == nil || got.Fields != want[i].Fields || got.Distance != want[i].Distance || got.FlowID != want[i].FlowID {
			t.Errorf("event %d: %+v, want %+v", i, got, want[i])
		}
	}
	if r.Sources[0].Unmatched != int64(len(events)) {
		t.Errorf("%+v", r.Sources[0])
	}
}

func TestRuleMisses(t *testing.T) {
	rows := []row{tcp(1, "10.0.0.1", 1000, "10.0.0.2", 80, 10_000*second, 10_010*second), tcp(2, "10.0.0.3", 1000, "10.0.0.4", 80, 10_000*second, 10_010*second)}
	with := func(how func(*label.Rule)) label.Rule {
		l := rule("r", "x")
		l.Src = nets("10.0.0.1/32")
		how(&l)
		return l
	}
	hours := func(from, to int64) []label.Interval { return []label.Interval{{From: from * second, To: to * second}} }
	cases := []struct {
		rule label.Rule
		want match.Miss
	}{
		{with(func(l *label.Rule) { l.Times = hours(20_000, 30_000) }), match.Miss{Fields: match.Time, Distance: -9990 * second, FlowID: 1}},
		{with(func(l *label.Rule) { l.Times = hours(1000, 9000) }), match.Miss{Fields: match.Time, Distance: 1000*second + 1, FlowID: 1}},
		{with(func(l *label.Rule) { l.Fit, l.Times = label.Starts, hours(10_005, 30_000) }), match.Miss{Fields: match.Time, Distance: -5 * second, FlowID: 1}},
		{with(func(l *label.Rule) { l.Fit, l.Times = label.Inside, hours(9000, 10_005) }), match.Miss{Fields: match.Time, Distance: 5*second + 1, FlowID: 1}},
		{with(func(l *label.Rule) { l.DstPorts = label.Ports{{First: 443, Last: 443}} }), match.Miss{Fields: match.Ports, FlowID: 1}},
		{with(func(l *label.Rule) { l.Direction = label.Reverse }), match.Miss{Fields: match.Direction, FlowID: 1}},
		{with(func(l *label.Rule) { l.Protocols = []uint8{17} }), match.Miss{Fields: match.Protocol, FlowID: 1}},
		{with(func(l *label.Rule) { l.Where = "rev_packets > 100" }), match.Miss{Fields: match.Condition, FlowID: 1}},
		{with(func(l *label.Rule) { l.Dst = nets("10.0.0.4/32") }), match.Miss{Fields: match.Destination, FlowID: 1}},
		{with(func(l *label.Rule) { l.VLANs = []int32{5} }), match.Miss{Fields: match.VLAN, FlowID: 1}},
		{with(func(l *label.Rule) { l.Depth = 1 }), match.Miss{Fields: match.Depth, FlowID: 1}},
		{with(func(l *label.Rule) { l.Captures = []string{"b*"} }), match.Miss{Fields: match.Capture, FlowID: 1}},
		{with(func(l *label.Rule) { l.Src = nets("192.0.2.0/24") }), match.Miss{Fields: match.Hosts}},
		{with(func(l *label.Rule) { l.Src, l.Times = nil, []label.Interval{} }), match.Miss{}}, // no times: always
		{with(func(l *label.Rule) { l.Src, l.Protocols = nil, []uint8{1} }), match.Miss{Fields: match.Protocol, FlowID: 1}},
	}
	for i, c := range cases {
		_, r := run(t, rows, set([]label.Rule{c.rule}), nil)
		got := r.Rules[0].Miss
		if got == nil {
			got = &match.Miss{}
		}
		if got.Fields != c.want.Fields || got.Distance != c.want.Distance || got.FlowID != c.want.FlowID {
			t.Errorf("rule %d: %v %+v, want %+v", i, got.Fields, got, c.want)
		}
	}
}

// TestScan: rules and alerts whose clock is 5 h 45 min behind, or half a day, are found out;
// those that are right are left alone.
func TestScan(t *testing.T) {
	const hour = 3600
	for _, late := range []time.Duration{0, 5*time.Hour + 45*time.Minute, -12 * time.Hour, 14 * time.Hour} {
		var rows []row
		var rules []label.Rule
		var events []label.Event
		for i := range int64(8) {
			begins := (100 + 9*i) * hour * second
			host := fmt.Sprintf("10.0.1.%d", i)
			for n := range int64(20) { // the attack, and a flow an hour
				rows = append(rows, tcp(100*i+n, host, int32(1000+n), "10.0.0.2", 80, begins+n*60*second, begins+n*60*second+second))
				rows = append(rows, tcp(100*i+n+50, host, int32(2000+n), "10.0.0.2", 80, begins+(n-10)*hour*second, begins+(n-10)*hour*second+second))
			}
			l := rule(fmt.Sprint(i), "x")
			l.Src, l.Times = nets(host+"/32"), []label.Interval{{From: begins - int64(late), To: begins - int64(late) + 1200*second}}
			rules = append(rules, l)
			e := event("x", host, 1005, "10.0.0.2", 80, begins+300*second-int64(late))
			e.Source = 1
			events = append(events, e)
		}
		_, r := run(t, rows, set(rules, events...), nil)
		if len(r.Scans) != 2 {
			t.Fatalf("%v: %d scans", late, len(r.Scans))
		}
		for _, s := range r.Scans {
			best := s.Offsets[s.Best]
			if best.Shift != late || s.Clear != (late != 0) || s.Rules+s.Events != 8 {
				t.Errorf("%v late: source %d: best %+v, given %+v, clear %v", late, s.Source, best, s.Offsets[match.AsGiven], s.Clear)
			}
		}
		if flows := r.Scans[0].Offsets[r.Scans[0].Best].Flows; flows != 8*21 {
			t.Errorf("%v: %d flows at the best offset", late, flows)
		}
	}
}

// TestCaps: all that is bounded is counted.
func TestCaps(t *testing.T) {
	var rows []row
	var rules []label.Rule
	for i := range int64(50) {
		rows = append(rows, tcp(i+1, "10.0.0.1", 1, "10.0.0.2", 2, 0, 9))
	}
	for i := range 10 {
		rules = append(rules, rule(fmt.Sprint(i), fmt.Sprint(i)))
	}
	e := event("x", "10.0.0.1", 1, "10.0.0.2", 2, 5)
	e.Priority = 1
	got, r := run(t, rows, set(rules, e), func(c *match.Config) { c.MaxHits, c.MaxPerEvent, c.MaxConflicts = 4, 3, 5 })
	if len(got[0].Hits) != 4 || got[0].More != 7 || r.HitsMore != 3*7+47*6 {
		t.Errorf("%d hits, %d more, %d in all", len(got[0].Hits), got[0].More, r.HitsMore)
	}
	if r.CandidatesMore != 47 || r.Events[0].Flows != 50 || r.Events[0].Outcome != label.Ambiguous || got[0].Outcome != label.Ambiguous || got[0].Hits[0].Shared != 50 {
		t.Errorf("%d candidates more, %+v", r.CandidatesMore, r.Events[0])
	}
	if len(r.Conflicts) != 5 || r.ConflictsMore == 0 {
		t.Errorf("%d conflicts, %d more", len(r.Conflicts), r.ConflictsMore)
	}
	_, r = run(t, rows, set(nil, e), func(c *match.Config) { c.MaxCandidates = 1 })
	if r.CandidatesMore != 49 || r.Events[0].Flows != 50 {
		t.Errorf("%d candidates more, %+v", r.CandidatesMore, r.Events[0])
	}
}

// TestNaming: events that name a packet are handed over however many hits there are.
func TestNaming(t *testing.T) {
	var events []label.Event
	for i := range int64(9) {
		e := event("x", "10.0.0.1", 1, "10.0.0.2", 2, 5)
		e.Packet = i % 3 * 10 // every third one names none
		events = append(events, e)
	}
	rows := []row{tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 0, 9)}
	got, _ := run(t, rows, set(nil, events...), func(c *match.Config) { c.MaxHits = 4 })
	var named []int32
	for _, h := range got[0].Naming {
		named = append(named, h.Event)
	}
	if len(got[0].Hits) != 4 || got[0].More != 5 || !slices.Equal(named, []int32{4, 5, 7, 8}) {
		t.Errorf("%d hits, %d more, of which %v name a packet", len(got[0].Hits), got[0].More, named)
	}
}

// TestNearerLater: a flow with the alert in its own time counts however many came before it.
func TestNearerLater(t *testing.T) {
	var rows []row
	for i := range int64(30) {
		rows = append(rows, tcp(i+1, "10.0.0.1", 1, "10.0.0.2", 2, i*second, i*second))
	}
	rows = append(rows, tcp(99, "10.0.0.1", 1, "10.0.0.2", 2, 40*second, 50*second))
	for _, change := range []func(*match.Config){func(c *match.Config) { c.MaxPerEvent = 2 }, func(c *match.Config) { c.MaxCandidates = 8 }} {
		_, r := run(t, rows, set(nil, event("x", "10.0.0.1", 1, "10.0.0.2", 2, 45*second)), change)
		if e := r.Events[0]; e.Outcome != label.Labelled || e.FlowID != 99 {
			t.Errorf("%+v", e)
		}
	}
}

func TestErrors(t *testing.T) {
	rows := []row{tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 0, 9)}
	where, network := rule("r", "x"), rule("r", "x")
	where.Where = "no_such_column = 1"
	network.Src = label.Hosts{netip.Prefix{}}
	foreign := rule("r", "x")
	foreign.Source = 7
	badScore := set(nil)
	badScore.Scores = []label.Score{{Key: 1}}
	stop := errors.New("stop")
	cases := []struct {
		name string
		rows []row
		set  *label.Set
		take error
		want error
		says string
	}{
		{"condition", rows, set([]label.Rule{where}), nil, match.ErrConfig, "no_such_column"},
		{"network", rows, set([]label.Rule{network}), nil, match.ErrConfig, "network"},
		{"label", rows, set([]label.Rule{rule("r", "")}), nil, match.ErrConfig, "no label"},
		{"source", rows, set([]label.Rule{foreign}), nil, match.ErrConfig, "source 7 of 2"},
		{"meaning", rows, badScore, nil, match.ErrConfig, "meaning 0 of 0"},
		{"address", []row{rows[0], tcp(2, "10.0.0.999", 1, "10.0.0.2", 2, 0, 9)}, set(nil), nil, tables.ErrTable, "row 1: src_ip 10.0.0.999"},
		{"long", []row{tcp(2, strings.Repeat("1", 99), 1, "10.0.0.2", 2, 0, 9)}, set(nil), nil, tables.ErrTable, "99 bytes"},
		{"take", rows, set(nil), stop, stop, "stop"},
	}
	for _, c := range cases {
		in := match.Input{Flows: write(t, c.rows, false), Set: c.set}
		_, err := match.Run(context.Background(), in, match.DefaultConfig(), func(*match.Row) error { return c.take })
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	protocol := tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 0, 9)
	protocol.protocol = 256
	in := match.Input{Flows: write(t, []row{protocol}, false), Set: set(nil)}
	if _, err := match.Run(context.Background(), in, match.DefaultConfig(), nil); !errors.Is(err, tables.ErrTable) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := match.Run(ctx, in, match.DefaultConfig(), nil); !errors.Is(err, context.Canceled) && !errors.Is(err, tables.ErrTable) {
		t.Error(err)
	}
}

func TestConfig(t *testing.T) {
	for i, change := range []func(*match.Config){
		func(c *match.Config) { c.Before = -1 }, func(c *match.Config) { c.After = 25 * time.Hour }, func(c *match.Config) { c.MaxHits = 0 },
		func(c *match.Config) { c.MaxCandidates = 0 }, func(c *match.Config) { c.MaxPerEvent = 1 }, func(c *match.Config) { c.MaxConflicts = -1 }, func(c *match.Config) { c.Workers = 0 },
	} {
		c := match.DefaultConfig()
		change(&c)
		if err := c.Validate(); !errors.Is(err, match.ErrConfig) {
			t.Errorf("change %d: %v", i, err)
		}
	}
	if err := match.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
}

func TestFields(t *testing.T) {
	if s := (match.Time | match.Ports | match.Hosts).String(); s != "time,ports,hosts" {
		t.Error(s)
	}
	if s := (match.Packet | match.Condition | match.Source).String(); s != "packet,where,source" {
		t.Error(s)
	}
}

// TestEmpty: no flows, no labels.
func TestEmpty(t *testing.T) {
	got, r := run(t, nil, set([]label.Rule{rule("r", "x")}, event("x", "10.0.0.1", 1, "10.0.0.2", 2, 5)), nil)
	if len(got) != 0 || r.Rules[0].Miss.Fields != match.Hosts || r.Events[0].Miss.Fields != match.Hosts {
		t.Errorf("%+v", r)
	}
	if got, r = run(t, []row{tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 0, 9)}, set(nil), nil); labels(got) != "-" || r.Unlabelled != 1 || len(r.Scans) != 0 {
		t.Errorf("%+v", r)
	}
}
