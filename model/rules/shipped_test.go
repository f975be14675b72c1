package rules_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pcapmill/features/column"
	"pcapmill/model/baseline"
	"pcapmill/model/rules"
)

// monday is 2026-03-02 00:00 UTC.
const monday = int64(1772409600) * second

const hour, tenMinutes = 3600 * second, 600 * second

// with returns a row with some cells changed.
func with(row, changed cells) cells {
	all := cells{}
	for k, v := range row {
		all[k] = v
	}
	for k, v := range changed {
		all[k] = v
	}
	return all
}

// many returns so many rows, made of their numbers.
func many(n int, make func(i int) cells) []cells {
	rows := []cells{}
	for i := range n {
		rows = append(rows, make(i))
	}
	return rows
}

// past is a baseline of a week. 10.0.0.1 works from 8 to 17 on weekdays with 1,000 bytes/s, has two
// peers and two services, and one country; 10.0.0.2 is never silent, and meets new peers all the
// time; 10.0.0.3 has three windows.
func past(t *testing.T) *baseline.Baseline {
	t.Helper()
	table := baseline.Table{Name: "hosts", Version: 1, Features: []baseline.Feature{
		{Name: "out_packets", Scale: baseline.Scale{Octaves: true}},
		{Name: "wire_bytes_per_s", Scale: baseline.Scale{Octaves: true, Step: -7}},
	}}
	c := baseline.DefaultConfig()
	c.Categories = []string{"country", "peer", "service"}
	b, err := baseline.New(c, table)
	if err != nil {
		t.Fatal(err)
	}
	add := func(host string, start int64, rate float64, counts ...baseline.Count) {
		t.Helper()
		if err := b.Add(&baseline.Row{Start: start, Host: addr(host), Values: []float64{10, rate}, Counts: counts}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 7 * 144 {
		start := monday + int64(i)*tenMinutes
		add("10.0.0.2", start, 1000, baseline.Count{Category: 1, Key: fmt.Sprint("198.51.100.", i%250), N: 1})
		if i < 3 {
			add("10.0.0.3", start, 1000)
		}
		if day, at := i/144, i%144/6; day < 5 && at >= 8 && at < 17 {
			add("10.0.0.1", start, 900+200*float64(i%2), // of which the one as often as the other
				baseline.Count{Category: 0, Key: "DE", N: 3}, baseline.Count{Category: 1, Key: "192.0.2.1", N: 3}, baseline.Count{Category: 1, Key: "192.0.2.2", N: 3},
				baseline.Count{Category: 2, Key: "tcp/443", N: 3}, baseline.Count{Category: 2, Key: "udp/53", N: 3})
		}
	}
	return b
}

// shippedCases are, of each shipped rule, rows that it must alert on, each time once, and
// rows close by on which it must not.
func shippedCases() map[string]struct {
	table  string
	fires  [][]cells
	silent [][]cells
} {
	type cases = struct {
		table  string
		fires  [][]cells
		silent [][]cells
	}
	tuesday := monday + 8*24*hour // of the week behind the baseline
	busy := cells{"window_start_ns": tuesday + 10*hour, "host": "10.0.0.1", "wire_bytes_per_s": 6000., "out_wire_bytes": 3600000, "in_wire_bytes": 10, "out_packets": 9}
	pair := cells{"window_start_ns": tuesday, "src_ip": "10.0.0.1", "dst_ip": "192.0.2.1", "dst_port": 443, "protocol": 6, "flows": 1, "rev_packets": 1}
	flow := cells{"start_ns": tuesday, "src_ip": "10.0.0.1", "dst_ip": "192.0.2.9", "dst_port": 443, "dst_country": "FR"}
	night := func(host string, at int64, flows ...int) []cells {
		return many(len(flows), func(i int) cells {
			return cells{"window_start_ns": at + int64(i)*tenMinutes, "host": host, "out_flows": flows[i]}
		})
	}
	beacon := cells{
		"window_start_ns": tuesday, "src_ip": "10.0.0.9", "dst_ip": "203.0.113.5", "dst_port": 80, "protocol": 6, "flows": 10, "fwd_packets": 50, "rev_packets": 50,
		"start_gap_cv": 0.05, "start_gap_mean_ns": 60e9, "flow_fwd_wire_bytes_distinct": 2,
	}
	failed := func(n int, change func(i int, row cells)) []cells {
		return many(n, func(i int) cells {
			row := cells{"window_start_ns": tuesday, "src_ip": "10.0.0.9", "dst_ip": "10.0.1.1", "dst_port": 1, "protocol": 6, "flows": 1, "failed_flows": 1}
			change(i, row)
			return row
		})
	}
	ports, hosts := func(i int, row cells) { row["dst_port"] = i }, func(i int, row cells) { row["dst_ip"] = fmt.Sprint("10.0.1.", i) }
	blocks := func(i int, row cells) { row["dst_ip"], row["dst_port"] = fmt.Sprint("10.0.1.", i/10), i%10 }
	names := cells{"window_start_ns": tuesday, "host": "10.0.0.9", "dns_nxdomain": 50, "nxdomain_ratio": 0.5, "dns_names": 25}
	hello := cells{"time_ns": tuesday, "src_ip": "192.0.2.1", "src_port": 443, "kind": "server_hello", "tls_version": "TLSv1.0"}
	certificate := cells{"time_ns": tuesday, "src_ip": "192.0.2.1", "src_port": 443, "direction": "rev", "position": 0, "valid": 1, "self_signed": 0}
	request := cells{"time_ns": tuesday, "src_ip": "10.0.0.9", "dst_ip": "192.0.2.1", "dst_port": 80, "kind": "request", "auth_scheme": "Basic"}
	telnet := cells{"start_ns": tuesday, "src_ip": "10.0.0.9", "dst_ip": "192.0.2.1", "dst_port": 23, "protocol": 6, "fwd_payload_bytes": 9, "rev_payload_bytes": 9}
	one := func(row cells, changes ...cells) (all [][]cells) {
		for _, c := range changes {
			all = append(all, []cells{with(row, c)})
		}
		return all
	}
	return map[string]cases{
		// The usual value of 10.0.0.1 at that hour is the level in the middle of 900 and 1100, about 1000.
		"volume-spike": {"hosts", one(busy, cells{}, cells{"in_wire_bytes": 2000000, "out_wire_bytes": 5}), one(busy,
			cells{"wire_bytes_per_s": 4500.},                        // not 5 times
			cells{"out_wire_bytes": 1000000},                        // not more than 1 MB
			cells{"host": "10.0.0.3"}, cells{"host": "10.0.0.77"})}, // too little is known of it; nothing
		"new-destination": {"pairs", one(pair, cells{"dst_ip": "192.0.2.3"}), one(pair,
			cells{}, cells{"dst_ip": "::ffff:192.0.2.2"}, // known
			cells{"dst_ip": "192.0.2.3", "rev_packets": 0}, cells{"dst_ip": "192.0.2.3", "flows": 0},
			cells{"dst_ip": "192.0.2.3", "src_ip": "10.0.0.2"}, // meets new ones all the time
			cells{"dst_ip": "192.0.2.3", "src_ip": "10.0.0.3"})},
		"new-application": {"pairs", one(pair, cells{"dst_port": 8443}, cells{"protocol": 17}), one(pair,
			cells{}, cells{"dst_port": 53, "protocol": 17}, cells{"dst_port": 10000}, cells{"dst_port": 8443, "rev_packets": 0}, cells{"dst_port": nil, "protocol": 1})},
		"new-country": {"flows", one(flow, cells{}), one(flow, cells{"dst_country": "DE"}, cells{"dst_country": nil})},
		"unusual-hour": {"hosts", [][]cells{night("10.0.0.1", tuesday+3*hour, 50, 51), night("10.0.0.1", monday+12*24*hour+20*hour, 101)}, [][]cells{
			night("10.0.0.1", tuesday+3*hour, 50, 50), night("10.0.0.1", tuesday+3*hour+50*60*second, 60, 60), // over two hours
			night("10.0.0.1", tuesday+9*hour, 500), night("10.0.0.2", tuesday+3*hour, 500), night("10.0.0.3", tuesday+3*hour, 500),
			night("10.0.0.1", monday+12*24*hour+9*hour, 500), // on a Saturday, but at an hour of the day that it has
		}},
		"beaconing": {"pairs", one(beacon, cells{}, cells{"dst_ip": "2001:db8::5"}), one(beacon,
			cells{"flows": 9}, cells{"start_gap_cv": 0.1}, cells{"start_gap_cv": nil}, cells{"start_gap_mean_ns": 4.9e9}, cells{"flow_fwd_wire_bytes_distinct": 4},
			cells{"dst_port": 123, "protocol": 17}, cells{"dst_ip": "192.168.1.9"}, cells{"dst_ip": "224.0.0.251"}, cells{"dst_ip": "ff02::fb"}, cells{"rev_packets": 0})},
		"port-scan": {"pairs", [][]cells{failed(30, ports)}, [][]cells{
			failed(29, ports), failed(40, hosts),
			failed(40, func(i int, row cells) { ports(i, row); row["failed_flows"] = 0 }),
			failed(40, func(i int, row cells) { ports(i, row); row["protocol"] = 17 }),
			failed(40, func(i int, row cells) { ports(i, row); row["window_start_ns"] = tuesday + int64(i/20)*tenMinutes }),
		}},
		"address-scan": {"pairs", [][]cells{failed(50, hosts)}, [][]cells{
			failed(49, hosts), failed(60, ports), failed(60, func(i int, row cells) { hosts(i, row); row["failed_flows"] = 0 }),
		}},
		"target-scan": {"pairs", [][]cells{failed(100, blocks)}, [][]cells{
			failed(99, blocks), failed(120, func(i int, row cells) { blocks(i, row); row["flows"] = 2 }),
		}},
		"nxdomain-burst": {"hosts", one(names, cells{}), one(names, cells{"dns_nxdomain": 49}, cells{"nxdomain_ratio": 0.49}, cells{"dns_names": 24}, cells{"dns_nxdomain": nil})},
		"ssh-many-connections": {"pairs", [][]cells{
			{with(pair, cells{"dst_port": 22, "flows": 30})}, {with(pair, cells{"dst_port": 22, "flows": 20}), with(pair, cells{"dst_port": 22, "flows": 10})},
		}, one(pair, cells{"dst_port": 22, "flows": 29}, cells{"dst_port": 443, "flows": 90}, cells{"dst_port": 22, "flows": 90, "protocol": 17})},
		"tls-old-version": {"tls", one(hello, cells{}, cells{"tls_version": "SSLv3"}, cells{"tls_version": "TLSv1.1"}), one(hello,
			cells{"tls_version": "TLSv1.2"}, cells{"tls_version": "TLSv1.3"}, cells{"kind": "client_hello"})},
		"certificate-expired": {"x509", one(certificate, cells{"valid": 0}), one(certificate,
			cells{}, cells{"valid": nil}, cells{"valid": 0, "position": 1}, cells{"valid": 0, "direction": "fwd"})},
		"certificate-self-signed": {"x509", one(certificate, cells{"self_signed": 1}), one(certificate,
			cells{}, cells{"self_signed": nil}, cells{"self_signed": 1, "position": 1}, cells{"self_signed": 1, "src_ip": "192.168.1.1"}, cells{"self_signed": 1, "direction": "fwd"})},
		"cleartext-credentials": {"http", one(request, cells{}, cells{"auth_scheme": nil, "proxy_auth_scheme": "Basic"}), one(request,
			cells{"auth_scheme": "Bearer"}, cells{"auth_scheme": nil}, cells{"kind": "response"})},
		"cleartext-login": {"flows", one(telnet, cells{}, cells{"dst_port": 513}), one(telnet,
			cells{"dst_port": 22}, cells{"rev_payload_bytes": 0}, cells{"fwd_payload_bytes": 0}, cells{"protocol": 17})},
	}
}

// enriched is a table with the columns that enrichment adds.
func enriched(t *testing.T, name string) *column.Schema {
	s := *table(t, name)
	if name == "flows" {
		s.Columns = append(slices.Clone(s.Columns), column.Column{Name: "dst_country", Type: column.String, Doc: "d", Null: "not known"})
	}
	return &s
}

// TestShipped holds every shipped rule to rows on both sides of its thresholds.
func TestShipped(t *testing.T) {
	all, err := rules.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	base, known := past(t), shippedCases()
	for _, r := range all {
		test, ok := known[r.ID]
		if !ok {
			t.Errorf("%s has no case", r.ID)
			continue
		}
		schema := enriched(t, test.table)
		for i, rows := range append(test.fires, test.silent...) {
			want := 0
			if i < len(test.fires) {
				want = 1
			}
			report := apply(t, []*rules.Rule{r}, base, rules.DefaultConfig(), 7, input{schema, rows})
			if len(report.Alerts) != want || len(report.Outcomes[0].Skipped) > 0 {
				t.Errorf("%s, case %d: %v, want %d alerts; skipped %q", r.ID, i, said(report), want, report.Outcomes[0].Skipped)
			}
		}
	}
}

// TestShippedFits: shipped rules can be asked of every table that a run writes, and say what each
// is about.
func TestShippedFits(t *testing.T) {
	all, err := rules.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	if errs := rules.Check(all, tables(t)); errs != nil {
		t.Error(errs)
	}
	for _, r := range all {
		if r.Description == "" || !r.Shipped || !r.Enabled {
			t.Errorf("%s is not described, or not enabled", r.ID)
		}
	}
}

// TestSkipped: what a rule lacks is said, and rules of ours are no error for it.
func TestSkipped(t *testing.T) {
	all, err := rules.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	flows := table(t, "flows")
	bare := part(table(t, "hosts"), []string{"window_start_ns", "host"})
	reasons := func(base rules.Baseline) map[string]string {
		found := map[string]string{}
		for _, o := range apply(t, all, base, rules.DefaultConfig(), 7, input{flows, nil}, input{bare, nil}).Outcomes {
			found[o.Rule.ID] = strings.Join(o.Skipped, "; ")
		}
		return found
	}
	for id, want := range map[string]string{
		"volume-spike": "it needs a baseline", "new-country": "it needs a baseline", "tls-old-version": "there is no table tls",
		"nxdomain-burst": "table hosts has no column dns_nxdomain", "cleartext-login": "",
	} {
		if got := reasons(nil)[id]; got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	got := reasons(past(t))
	for id, want := range map[string]string{
		"volume-spike": "table hosts has no column out_wire_bytes", "new-country": "table flows has no column dst_country", "new-destination": "there is no table pairs",
	} {
		if !strings.HasPrefix(got[id], want) {
			t.Errorf("%s: %q, want %q", id, got[id], want)
		}
	}
	other, err := baseline.New(baseline.DefaultConfig(), baseline.Table{Name: "hosts", Version: 1, Features: []baseline.Feature{{Name: "gap_cv"}}})
	if err != nil {
		t.Fatal(err)
	}
	got = reasons(other)
	for id, want := range map[string]string{
		"volume-spike": "the baseline has no feature wire_bytes_per_s", "new-destination": "the baseline has no category peer", "unusual-hour": "the baseline has no feature out_packets, which every window knows",
	} {
		if got[id] != want {
			t.Errorf("%s: %q, want %q", id, got[id], want)
		}
	}
	var b bytes.Buffer
	if err := rules.WriteText(&b, apply(t, all, nil, rules.DefaultConfig(), 7, input{flows, nil})); err != nil || !strings.Contains(b.String(), "  skipped volume-spike: it needs a baseline\n") {
		t.Errorf("%s, %v", b.String(), err)
	}
}

// TestMistakesWithoutBaseline: a rule that no baseline can be asked for is not applied; a column
// that is not there is still an error, and what it requires none.
func TestMistakesWithoutBaseline(t *testing.T) {
	hosts := part(table(t, "hosts"), []string{"window_start_ns", "host", "out_packets"})
	for name, test := range map[string]struct{ rule, says string }{
		"fine":     {"baseline: {kind: spike, feature: out_packets}", ""},
		"where":    {"where: nosuch = 1, baseline: {kind: spike, feature: out_packets}", "where: table hosts has no column nosuch"},
		"feature":  {"baseline: {kind: spike, feature: out_packetz}", "baseline: table hosts has no column out_packetz; did you mean out_packets?"},
		"requires": {"requires: out_flows, baseline: {kind: spike, feature: out_flows}", ""},
	} {
		for _, base := range []rules.Baseline{nil, past(t)} {
			e, err := rules.New(parsed(t, "- {id: r, title: t, table: hosts, "+test.rule+"}\n"), base, rules.DefaultConfig())
			if err != nil {
				t.Fatal(err)
			}
			reading, err := e.Open(hosts)
			switch {
			case test.says == "" && err != nil, test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)):
				t.Errorf("%s: %v, want %q", name, err, test.says)
			case err == nil && base == nil && len(reading.Columns()) > 0:
				t.Errorf("%s: reads %v", name, reading.Columns())
			}
		}
	}
}

// TestUnjudged: how many rows a baseline says too little about is counted.
func TestUnjudged(t *testing.T) {
	all := parsed(t, "- {id: r, title: t, table: hosts, baseline: {kind: spike, feature: wire_bytes_per_s}}\n")
	rows := []cells{
		{"window_start_ns": monday + 10*hour, "host": "10.0.0.1", "wire_bytes_per_s": 9000.}, {"window_start_ns": monday + 10*hour, "host": "10.0.0.3", "wire_bytes_per_s": 9000.},
		{"window_start_ns": monday + 10*hour, "host": "10.0.0.77", "wire_bytes_per_s": 9000.}, {"window_start_ns": monday + 10*hour, "host": "no address", "wire_bytes_per_s": 9000.},
		{"window_start_ns": monday + 10*hour, "host": "10.0.0.2", "wire_bytes_per_s": 1000.},
	}
	report := apply(t, all, past(t), rules.DefaultConfig(), 2, input{table(t, "hosts"), rows})
	o := report.Outcomes[0]
	if o.Rows != 5 || o.Matched != 1 || o.Unjudged != 3 || len(report.Alerts) != 1 {
		t.Fatalf("%+v", o)
	}
	evidence := report.Alerts[0].Evidence
	if n := len(evidence); n != 2 || evidence[0].Value != "9000" || evidence[1].Name != "usual_wire_bytes_per_s" || !strings.HasPrefix(evidence[1].Value, "99") && !strings.HasPrefix(evidence[1].Value, "100") {
		t.Errorf("evidence %+v", evidence)
	}
}

// TestLimitsOfJudgement holds what a host's baseline must have, and what a value must exceed, on both sides:
// 10.0.0.1 has 270 windows on 5 days, and about 1,000 bytes/s at 10 o'clock.
func TestLimitsOfJudgement(t *testing.T) {
	base := past(t)
	for limits, want := range map[string]string{
		"windows: 270, days: 5": "matched", "windows: 271": "unjudged", "days: 6": "unjudged", "times: 1, sigma: 0": "matched",
		"times: 1.4, sigma: 0": "matched", "times: 1.7, sigma: 0": "", "times: 1, sigma: 1": "matched", "times: 1, sigma: 99": "",
	} {
		all := parsed(t, "- {id: r, title: t, table: hosts, baseline: {kind: spike, feature: wire_bytes_per_s, "+limits+"}}\n")
		if !strings.Contains(limits, "times") {
			all = parsed(t, "- {id: r, title: t, table: hosts, baseline: {kind: spike, feature: wire_bytes_per_s, times: 1, sigma: 0, "+limits+"}}\n")
		}
		rows := []cells{{"window_start_ns": monday + 10*hour, "host": "10.0.0.1", "wire_bytes_per_s": 1500.}}
		o := apply(t, all, base, rules.DefaultConfig(), 1, input{table(t, "hosts"), rows}).Outcomes[0]
		if got := map[[2]int64]string{{1, 0}: "matched", {0, 1}: "unjudged", {0, 0}: ""}[[2]int64{o.Matched, o.Unjudged}]; got != want {
			t.Errorf("%s: %q, want %q", limits, got, want)
		}
	}
}

// TestBinaryAddresses are the hosts and keys that their texts are.
func TestBinaryAddresses(t *testing.T) {
	s := &column.Schema{Table: "pairs", Version: 1, Columns: []column.Column{
		{Name: "at_ns", Type: column.Int64, Unit: column.EpochNano, Role: column.Time, Doc: "d"},
		{Name: "from", Type: column.Binary, Doc: "d", Null: "at times"}, {Name: "to", Type: column.Binary, Doc: "d", Null: "at times"},
	}}
	bytesOf := func(a string) string { return string(addr(a).AsSlice()) }
	rows := []cells{
		{"at_ns": monday, "from": bytesOf("10.0.0.1"), "to": bytesOf("192.0.2.1")},
		{"at_ns": monday, "from": bytesOf("10.0.0.1"), "to": bytesOf("::ffff:192.0.2.2")},
		{"at_ns": monday, "from": bytesOf("::ffff:10.0.0.1"), "to": bytesOf("192.0.2.3")}, // new
		{"at_ns": monday, "from": bytesOf("10.0.0.1"), "to": bytesOf("2001:db8::1")},      // new
		{"at_ns": monday, "from": "abc", "to": bytesOf("192.0.2.3")},
		{"at_ns": monday, "to": bytesOf("192.0.2.3")},
		{"at_ns": monday, "from": bytesOf("10.0.0.1")},
	}
	all := parsed(t, "- {id: r, title: t, table: pairs, dedup: {by: [to]}, baseline: {kind: new, category: peer, host: from, key: to}}\n")
	report := apply(t, all, past(t), rules.DefaultConfig(), 3, input{s, rows})
	o := report.Outcomes[0]
	if o.Matched != 2 || o.Unjudged != 3 || len(report.Alerts) != 2 || report.Alerts[0].Keys[0].Value != "20010db8000000000000000000000001" || report.Alerts[1].Keys[0].Value != "c0000203" {
		t.Errorf("%+v, %v", o, said(report))
	}
}

// TestOtherWindows: windows of another length than the baseline's are not compared.
func TestOtherWindows(t *testing.T) {
	c := baseline.DefaultConfig()
	b, err := baseline.New(c, baseline.Table{Name: "hosts", Version: 1, Window: tenMinutes, Features: []baseline.Feature{{Name: "out_packets", Scale: baseline.Scale{Octaves: true}}}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(20) {
		if err := b.Add(&baseline.Row{Start: monday + i*tenMinutes, Host: addr("10.0.0.1"), Values: []float64{10}}); err != nil {
			t.Fatal(err)
		}
	}
	all := parsed(t, "- {id: r, title: t, table: hosts, baseline: {kind: spike, feature: out_packets}}\n")
	rows := []cells{
		{"window_start_ns": monday, "host": "10.0.0.1", "out_packets": 900, "window_ns": tenMinutes},
		{"window_start_ns": monday, "host": "10.0.0.1", "out_packets": 900, "window_ns": tenMinutes / 2},
	}
	o := apply(t, all, b, rules.DefaultConfig(), 2, input{table(t, "hosts"), rows}).Outcomes[0]
	if o.Matched != 1 || o.Unjudged != 1 || !slices.Equal(o.Skipped, []string{"windows of 5m0s: those of the baseline are of 10m0s"}) {
		t.Errorf("%+v", o)
	}
}

// TestDocs: the page's example is right, and it says why of every rule that comes with us.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "```yaml\n")
	example, condition, _ := strings.Cut(example, "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	condition, _, _ = strings.Cut(condition, "```")
	condition = "version: 1\nrules:\n  - id: a\n    title: t\n    table: dns\n    " + strings.ReplaceAll(condition, "\n", "\n    ")
	for _, text := range []string{example, condition} {
		all, err := rules.Parse("docs", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if errs := rules.Check(all, tables(t)); errs != nil {
			t.Error(errs)
		}
	}
	all, err := rules.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if line := fmt.Sprintf("| `%s` | %s | `%s` |", r.ID, r.Severity, r.Table); !strings.Contains(string(page), line) {
			t.Errorf("the page has no line %s", line)
		}
	}
}
