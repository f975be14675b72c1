package drift

import (
	"encoding/json"
	"testing"

	"pcapmill/bench/traffic"
)

// TestNames: what is said counts where it is about what changed, in its direction, and
// grave enough.
func TestNames(t *testing.T) {
	for _, c := range []struct {
		item string
		kind traffic.ChangeKind
		want bool
	}{
		{`"subject": "bytes_per_flow", "baseline": 10, "current": 20`, traffic.LargerSizes, true},
		{`"subject": "bytes_per_flow", "baseline": 20, "current": 10`, traffic.LargerSizes, false},
		{`"subject": "outbound_ratio", "baseline": 0.4, "current": 0.2`, traffic.GrowingSizes, true},
		{`"subject": "out_flows", "baseline": 10, "current": 20`, traffic.GrowingSizes, false},
		{`"subject": "out_flows", "baseline": 10, "current": 20`, traffic.HigherRate, true},
		{`"subject": "out_flows", "baseline": 10`, traffic.HigherRate, false},
		{`"subject": "in_wire_bytes/out_flows", "baseline": 10, "current": 20`, traffic.LargerSizes, true},
		{`"subject": "in_wire_bytes/out_flows", "baseline": 10, "current": 20`, traffic.HigherRate, false},
		{`"subject": "nxdomain_ratio", "current": 0.3`, traffic.MissingNames, true},
		{`"subject": "hosts", "layer": "population", "baseline": 20, "current": 40`, traffic.NewHosts, true},
		{`"subject": "hosts", "layer": "population", "baseline": 20, "current": 40`, traffic.DividedLoad, true},
		{`"subject": "hosts_gone", "layer": "population", "baseline": 0, "current": 9`, traffic.NewHosts, false},
		{`"subject": "hosts", "layer": "population", "baseline": 20, "current": 10`, traffic.NewHosts, false},
		{`"layer": "values", "subject": "service", "keys": [{"key": "tcp/8443", "change": "new"}]`, traffic.NewService, true},
		{`"layer": "values", "subject": "peer", "keys": [{"key": "203.0.113.7", "change": "new"}]`, traffic.NewService, true},
		{`"layer": "values", "subject": "service", "keys": [{"key": "tcp/8443", "change": "more"}]`, traffic.NewService, false},
		{`"layer": "values", "subject": "service", "keys": [{"key": "tcp/443", "change": "new"}]`, traffic.NewService, false},
		{`"subject": "out_flows", "baseline": 10, "current": 20`, traffic.Unchanged, false},
	} {
		for severity, counts := range map[string]bool{"low": false, "medium": true, "critical": true} {
			var r Report
			if err := json.Unmarshal([]byte(`{"items": [{"severity": "`+severity+`", `+c.item+`}]}`), &r); err != nil {
				t.Fatal(err)
			}
			if got := r.names(c.kind, "203.0.113.7:8443"); got != (c.want && counts) {
				t.Errorf("%s, %s as %s: %t", severity, c.item, c.kind, got)
			}
		}
	}
}
