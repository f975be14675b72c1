package fingerprint_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pcapmill/model/fingerprint"
)

// TestClasses: a vector that meets each rule, and why.
func TestClasses(t *testing.T) {
	for _, c := range []struct {
		v    map[string]float64
		want string
	}{
		{map[string]float64{"failed_out_ratio": 0.9, "fan_out": 35.25, "out_ports": 1}, "scanner: failed_out_ratio 0.9 ≥ 0.5; fan_out 35.25 ≥ 20"},
		{map[string]float64{"failed_out_ratio": 0.5, "fan_out": 1, "out_ports": 1000}, "scanner: failed_out_ratio 0.5 ≥ 0.5; out_ports 1000 ≥ 20"},
		{map[string]float64{"inbound_flow_ratio": 0.95, "in_flows_per_hour": 120, "failed_in_ratio": 0.01}, "server: inbound_flow_ratio 0.95 ≥ 0.8; in_flows_per_hour 120 ≥ 6"},
		{map[string]float64{"inbound_flow_ratio": 0.95, "in_flows_per_hour": 120, "failed_in_ratio": 0.99}, "mixed: no rule is met"},
		{map[string]float64{"dns_message_share": 0.9, "dns_queries_per_hour": 3600}, "dns_heavy: dns_message_share 0.9 ≥ 0.25; dns_queries_per_hour 3600 ≥ 60"},
		{map[string]float64{"wire_bytes_per_s": 1.5e6, "packet_mean_bytes": 790}, "bulk_transfer: wire_bytes_per_s 1.5e+06 ≥ 125000; packet_mean_bytes 790 ≥ 500"},
		{map[string]float64{"active_share": 0.1, "regularity": 0.95, "periodicity_score": 0.3}, "automated: active_share 0.1 ≤ 0.5; regularity 0.95 ≥ 0.9"},
		{map[string]float64{"active_share": 0.9, "regularity": 0.95, "periodicity_score": 0.9}, "mixed: no rule is met"},
		{map[string]float64{"inbound_flow_ratio": 0, "out_flows_per_hour": 300, "fan_out": 12, "gap_cv": 8}, "interactive_client: inbound_flow_ratio 0 ≤ 0.2; out_flows_per_hour 300 ≥ 6; fan_out 12 ≥ 3; gap_cv 8 ≥ 1"},
		{map[string]float64{"packets_per_s": 0.02, "out_flows_per_hour": 6, "in_flows_per_hour": 0}, "idle: packets_per_s 0.02 ≤ 0.1; out_flows_per_hour 6 ≤ 12; in_flows_per_hour 0 ≤ 12"},
	} {
		classes, _ := fingerprint.Classify(vector(c.v))
		if got := fmt.Sprintf("%s: %s", classes[0].Name, classes[0].Reason); got != c.want || len(classes) != 1 {
			t.Errorf("%v: %v, want %s", c.v, classes, c.want)
		}
	}
}

// TestSeveralClasses: rules do not exclude each other; the order is theirs.
func TestSeveralClasses(t *testing.T) {
	classes, open := fingerprint.Classify(vector(map[string]float64{
		"active_share": 0.02, "regularity": 0.99, "packets_per_s": 0.02, "out_flows_per_hour": 6, "in_flows_per_hour": 0,
	}))
	if len(classes) != 2 || classes[0].Name != "automated" || classes[1].Name != "idle" {
		t.Errorf("%v", classes)
	}
	for _, u := range open {
		if u.Name == "automated" || len(u.Unknown) == 0 {
			t.Errorf("%v is open", u)
		}
	}
}

// TestUnknownDecidesNothing: an unknown feature neither gives a class nor bars one, and
// it is said what would have to be known.
func TestUnknownDecidesNothing(t *testing.T) {
	classes, open := fingerprint.Classify(vector(map[string]float64{"failed_out_ratio": 0.9, "out_ports": 3}))
	if classes[0].Name != fingerprint.Mixed || len(open) == 0 || open[0].Name != "scanner" || strings.Join(open[0].Unknown, " ") != "fan_out" {
		t.Errorf("%v, open %v", classes, open)
	}
	_, open = fingerprint.Classify(vector(map[string]float64{"failed_out_ratio": 0.1}))
	for _, u := range open {
		if u.Name == "scanner" {
			t.Error("a scanner whose connections do not fail")
		}
	}
}

// TestRulesAreWellFormed: each condition is of a feature, each rule is documented and has
// a name of its own.
func TestRulesAreWellFormed(t *testing.T) {
	known := map[string]bool{}
	for _, f := range fingerprint.Features() {
		known[f.Name] = true
	}
	seen := map[string]bool{fingerprint.Mixed: true}
	for _, r := range fingerprint.Rules() {
		if seen[r.Class] || r.Doc == "" || r.Why == "" || len(r.All) == 0 {
			t.Errorf("rule %q", r.Class)
		}
		seen[r.Class] = true
		for _, conditions := range [][]fingerprint.Condition{r.All, r.Any, r.None} {
			for _, c := range conditions {
				if !known[c.Feature] {
					t.Errorf("%s rests on %s", r.Class, c.Feature)
				}
			}
		}
	}
}

// TestBandsDoNotOverlap: NetDNA gives an edge to two bands; here one holds.
func TestBandsDoNotOverlap(t *testing.T) {
	for x, want := range map[float64]string{0: "very low", 1.99: "very low", 2: "medium", 4: "high", 6: "very high", 8: "very high"} {
		if got := fingerprint.EntropyBand(x); got != want {
			t.Errorf("entropy %v is %s, want %s", x, got, want)
		}
	}
	for x, want := range map[float64]string{1: "steady", 1.5: "moderate", 3: "high", 5: "high", math.Nextafter(5, 6): "extreme", 600: "extreme"} {
		if got := fingerprint.BurstBand(x); got != want {
			t.Errorf("burst %v is %s, want %s", x, got, want)
		}
	}
}
