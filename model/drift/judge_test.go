package drift_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/features/column"
	"pcapmill/model/baseline"
	"pcapmill/model/drift"
)

// network is a table with what totals are made of, and some features.
func network() *rows {
	s := &column.Schema{Table: "hosts", Version: 1}
	for _, c := range []struct {
		name string
		unit column.Unit
		typ  column.Type
	}{
		{"out_flows", column.Count, column.Int64}, {"in_flows", column.Count, column.Int64}, {"failed_out_flows", column.Count, column.Int64},
		{"out_packets", column.Packets, column.Int64}, {"out_wire_bytes", column.Bytes, column.Int64}, {"in_wire_bytes", column.Bytes, column.Int64},
		{"dns_responses", column.Count, column.Int64}, {"dns_nxdomain", column.Count, column.Int64},
		{"gap_cv", column.Ratio, column.Double}, {"burst_score", column.Ratio, column.Double},
	} {
		s.Columns = append(s.Columns, column.Column{Name: c.name, Type: c.typ, Unit: c.unit, Doc: "x"})
	}
	table, err := baseline.TableOf(s)
	if err != nil {
		panic(err)
	}
	return &rows{table: table, columns: s.Columns, categories: []string{"service"}}
}

const (
	outFlows = iota
	inFlows
	failedFlows
	outPackets
	outBytes
	inBytes
	dnsResponses
	nxdomain
	gapCV
	burstScore
)

// hours makes the rows of so many clients from one hour of 2026-11-02 to before another.
func (r *rows) hours(seed uint64, clients, from, to int, change func(*baseline.Row)) *rows {
	rng := rand.New(rand.NewPCG(seed, 7))
	var all []baseline.Row
	for w := from * 6; w < to*6; w++ {
		for h := range clients {
			flows := math.Trunc(50 * math.Exp(0.2*rng.NormFloat64()+0.05*float64(h%10)))
			v := make([]float64, len(r.table.Features))
			v[outFlows], v[inFlows], v[failedFlows] = flows, 1, math.Trunc(flows*0.1*rng.Float64())
			v[outPackets], v[outBytes], v[inBytes] = 10*flows, math.Trunc(900*flows*math.Exp(0.1*rng.NormFloat64())), math.Trunc(9000*flows*math.Exp(0.1*rng.NormFloat64()))
			v[dnsResponses], v[nxdomain] = flows, math.Trunc(flows*0.2*rng.Float64())
			v[gapCV], v[burstScore] = 1+0.1*rng.NormFloat64(), 0.5+0.1*rng.NormFloat64()
			row := baseline.Row{Start: monday + int64(w)*window, Host: address(h + 1), Values: v, Counts: []baseline.Count{{Key: "tcp/443", N: uint64(flows)}, {Key: "udp/53", N: uint64(flows) + 1}}}
			if change != nil {
				change(&row)
			}
			all = append(all, row)
		}
	}
	return r.with(all)
}

func itemOf(r *drift.Report, layer drift.Layer, segment, subject string) *drift.Item {
	for i := range r.Items {
		if x := &r.Items[i]; x.Layer == layer && x.Segment == segment && x.Subject == subject {
			return x
		}
	}
	return nil
}

func said(r *drift.Report) string {
	var all []string
	for _, x := range r.Items {
		all = append(all, fmt.Sprint(x.ID, " ", x.Severity))
	}
	for _, h := range r.Hosts {
		all = append(all, fmt.Sprint(h.Host, " ", h.Severity, " ", h.New))
	}
	return strings.Join(all, "; ")
}

// TestNothingChanged is nothing said, of twenty hours drawn anew.
func TestNothingChanged(t *testing.T) {
	n := network()
	base := learned(t, n.hours(1, 30, 8, 11, nil))
	for seed := range uint64(20) {
		r := judged(t, base, n.hours(100+seed, 30, 11, 12, nil))
		if r.Verdict != drift.None || len(r.Items) > 0 || len(r.Hosts) > 0 {
			t.Errorf("hour %d: %s", seed, said(r))
		}
		if r.Judged.Hosts != 0 || r.Judged.WarmingUp != 0 && r.Judged.WarmingUp != 30 {
			t.Errorf("two groups of eight are no index: %+v", r.Judged)
		}
	}
}

// TestNewHostsOfPopulations: hosts that are named as new private ones are private, though others are new too.
func TestNewHostsOfPopulations(t *testing.T) {
	n := network()
	base := learned(t, n.hours(1, 30, 8, 11, nil))
	now := n.hours(2, 90, 11, 12, nil)
	for i := range now.rows { // 60 new ones, of which the first by address are public
		if host := now.rows[i].Host.As4(); host[3] > 45 {
			now.rows[i].Host = netip.AddrFrom4([4]byte{1, 1, 1, host[3]})
		}
	}
	r := judged(t, base, now)
	for subject, want := range map[string]string{"hosts_new": "1.1.1.46", "local_hosts_new": "10.0.0.31"} {
		x := itemOf(r, drift.Population, "global", subject)
		if x == nil || len(x.Movers) != 5 || x.Movers[0].Host != want {
			t.Errorf("%s: %+v, want five hosts from %s on", subject, x, want)
		}
	}
}

// TestEachChange is named in its layer and segment.
func TestEachChange(t *testing.T) {
	n := network()
	base := learned(t, n.hours(1, 30, 8, 11, nil))
	for name, test := range map[string]struct {
		change           func(*baseline.Row)
		clients          int
		layer            drift.Layer
		segment, subject string
		least            drift.Severity
	}{
		"three times the flows": {func(r *baseline.Row) {
			for _, f := range []int{outFlows, failedFlows, outPackets, outBytes, inBytes, dnsResponses, nxdomain} {
				r.Values[f] *= 3
			}
		}, 30, drift.Volume, "global", "out_flows", drift.High},
		"larger answers": {func(r *baseline.Row) { r.Values[inBytes] *= 2.5 }, 30, drift.Distribution, "global", "in_wire_bytes/out_flows", drift.High},
		"names that are not there": {func(r *baseline.Row) { r.Values[nxdomain] = math.Trunc(r.Values[dnsResponses] * 0.6) }, 30,
			drift.Distribution, "global", "dns_nxdomain/dns_responses", drift.High},
		"a mean that moves":   {func(r *baseline.Row) { r.Values[gapCV] += 0.2 }, 30, drift.Distribution, "global", "gap_cv", drift.High},
		"values that spread":  {func(r *baseline.Row) { r.Values[burstScore] = 0.5 + 3*(r.Values[burstScore]-0.5) }, 30, drift.Distribution, "global", "burst_score", drift.Medium},
		"new hosts":           {nil, 45, drift.Population, "global", "hosts_new", drift.High},
		"hosts that are gone": {nil, 15, drift.Population, "global", "hosts_gone", drift.Medium},
		"a new service": {func(r *baseline.Row) {
			if r.Host.As4()[3]%2 == 0 {
				r.Counts = append(r.Counts, baseline.Count{Key: "tcp/8443", N: 30})
			}
		}, 30, drift.Values, "global", "service_new", drift.High},
		"a service that is gone": {func(r *baseline.Row) { r.Counts = r.Counts[:1] }, 30, drift.Values, "global", "service_gone", drift.High},
		"a service of less share": {func(r *baseline.Row) { r.Counts[1].N = 1 + r.Counts[1].N/8 }, 30,
			drift.Values, "global", "service_shares", drift.Medium},
	} {
		t.Run(name, func(t *testing.T) {
			r := judged(t, base, n.hours(5, test.clients, 11, 12, test.change))
			x := itemOf(r, test.layer, test.segment, test.subject)
			if x == nil || x.Severity < test.least || x.Text == "" || x.Outcome != drift.Drift || r.Verdict < test.least {
				t.Fatalf("%+v: %s", x, said(r))
			}
		})
	}
}

// TestSubnetAndLabel: a change of a third of the hosts is said of their subnet and label.
func TestSubnetAndLabel(t *testing.T) {
	n := network()
	moved := func(by float64) func(*baseline.Row) {
		return func(r *baseline.Row) {
			a := r.Host.As4()
			if a[3]%3 == 0 {
				a[2] = 9
				r.Host, r.Tags = netip.AddrFrom4(a), []baseline.Key{baseline.LabelKey("lab")}
				r.Values[gapCV] += by
			}
		}
	}
	base := learned(t, n.hours(1, 60, 8, 11, moved(0)))
	r := judged(t, base, n.hours(2, 60, 11, 12, moved(0.3)))
	for _, segment := range []string{"subnet 10.0.9.0/24", "label lab"} {
		if x := itemOf(r, drift.Distribution, segment, "gap_cv"); x == nil || x.Severity < drift.High || x.Measures.Hosts != 20 {
			t.Errorf("%s: %+v; %s", segment, x, said(r))
		}
	}
	if x := itemOf(r, drift.Distribution, "subnet 10.0.0.0/24", "gap_cv"); x != nil {
		t.Errorf("of others: %+v", x)
	}
}

// TestOneHost that changed is named, with the hours of its own to compare with.
func TestOneHost(t *testing.T) {
	n := network()
	base := learned(t, n.hours(1, 5, 0, 20, nil))
	odd := address(3)
	r := judged(t, base, n.hours(2, 5, 20, 22, func(r *baseline.Row) {
		if r.Host == odd {
			r.Values[gapCV] += 1
		}
	}))
	x := itemOf(r, drift.Behaviour, "host "+odd.String(), "gap_cv")
	if x == nil || x.Severity != drift.Critical {
		t.Fatal(said(r))
	}
	near(t, "usual", *x.Baseline, 1, 0.05)
	near(t, "now", *x.Current, 2, 0.1)
	for _, x := range r.Items {
		if x.Layer == drift.Behaviour && x.Segment != "host "+odd.String() {
			t.Error("another host:", x.ID)
		}
	}
}

func encoded(t testing.TB, r *drift.Report) []byte {
	t.Helper()
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatalf("%v: %+v", err, r)
	}
	return b
}

// TestSameReport for any order of rows, and for a baseline in memory, in a file, or merged
// of parts.
func TestSameReport(t *testing.T) {
	n := network()
	before := n.hours(1, 40, 2, 15, nil)
	now := n.hours(2, 50, 15, 17, func(r *baseline.Row) {
		r.Values[gapCV] += 0.2
		r.Values[outFlows] *= 2
		r.Tags = []baseline.Key{baseline.LabelKey(fmt.Sprint(r.Host.As4()[3] % 3))}
		r.Counts = append(r.Counts, baseline.Count{Key: fmt.Sprint("tcp/", r.Host.As4()[3]%20), N: 9})
	})
	base := learned(t, before)
	want := encoded(t, judged(t, base, now))
	rng := rand.New(rand.NewPCG(1, 1))
	for range 3 {
		shuffled := n.with(slices.Clone(now.rows))
		rng.Shuffle(len(shuffled.rows), func(i, j int) {
			shuffled.rows[i], shuffled.rows[j] = shuffled.rows[j], shuffled.rows[i]
		})
		if got := encoded(t, judged(t, base, shuffled)); !bytes.Equal(got, want) {
			t.Error("the order of rows shows")
		}
	}
	half := len(before.rows) / 2
	parts := learned(t, n.with(before.rows[half:]))
	if err := parts.Merge(learned(t, n.with(before.rows[:half]))); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "b")
	if err := base.Save(name); err != nil {
		t.Fatal(err)
	}
	file, err := baseline.Open(name, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for what, b := range map[string]drift.Base{"merged": parts, "file": file} {
		if got := encoded(t, judged(t, b, now)); !bytes.Equal(got, want) {
			t.Error(what, "is another baseline")
		}
	}
	if len(want) < 2000 {
		t.Error("too little was said for this to mean anything:", string(want))
	}
}

// TestWindowLength: counts of windows of another length would all have changed by the same
// factor. Where a side does not know its length, it is compared.
func TestWindowLength(t *testing.T) {
	for _, c := range []struct {
		before, now int64
		differ      bool
	}{{600e9, 60e9, true}, {600e9, 600e9, false}, {0, 60e9, false}, {600e9, 0, false}} {
		before, now := tableOf(column.Ratio, "x"), tableOf(column.Ratio, "x")
		before.table.Window, now.table.Window = c.before, c.now
		_, err := drift.Judge(context.Background(), learned(t, before), now, drift.DefaultConfig())
		if errors.Is(err, drift.ErrMismatch) != c.differ || err != nil && !c.differ {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestSchema: what one side does not know is said, and the rest compared.
func TestSchema(t *testing.T) {
	n := network()
	base := learned(t, n.hours(1, 12, 8, 11, nil))
	now := n.hours(2, 12, 11, 12, func(r *baseline.Row) { r.Values[gapCV] += 1 })
	now.table.Features = slices.Clone(now.table.Features)
	now.table.Features[burstScore].Name = "other"
	r := judged(t, base, now)
	for subject, severity := range map[string]drift.Severity{"burst_score": drift.Medium, "other": drift.Low} {
		if x := itemOf(r, drift.Schema, "global", subject); x == nil || x.Severity != severity {
			t.Errorf("%s: %+v", subject, x)
		}
	}
	if itemOf(r, drift.Distribution, "global", "gap_cv") == nil {
		t.Error("what both have:", said(r))
	}
	now.table.Name = "pairs"
	if _, err := drift.Judge(context.Background(), base, now, drift.DefaultConfig()); !errors.Is(err, drift.ErrMismatch) {
		t.Error(err)
	}
	none := tableOf(column.Ratio, "x")
	if _, err := drift.Judge(context.Background(), base, none, drift.DefaultConfig()); !errors.Is(err, drift.ErrMismatch) {
		t.Error(err)
	}
}

// TestLittle: where a side has nothing or hardly anything, it says so and no more.
func TestLittle(t *testing.T) {
	n := network()
	base := learned(t, n.hours(1, 12, 8, 11, nil))
	for name, test := range map[string]struct {
		base *baseline.Baseline
		now  *rows
		note string
	}{
		"no rows":              {base, n.with(nil), "no current windows"},
		"no baseline":          {learned(t, n.with(nil)), n.hours(1, 3, 11, 12, nil), "baseline has 0 hours"},
		"nothing at all":       {learned(t, n.with(nil)), n.with(nil), "no current windows"},
		"three hours":          {base, n.hours(2, 12, 11, 12, nil), "baseline has 3 hours"},
		"one host, one window": {learned(t, n.with(n.hours(1, 1, 8, 9, nil).rows[:1])), n.with(n.hours(2, 1, 9, 10, nil).rows[:1]), "baseline has 1 hour;"},
	} {
		r := judged(t, test.base, test.now)
		if r.Verdict != drift.None || !slices.ContainsFunc(r.Notes, func(s string) bool { return strings.Contains(s, test.note) }) {
			t.Errorf("%s: %s, %q", name, said(r), r.Notes)
		}
		encoded(t, r)
	}
}

// TestWhatOneSideDoesNotKnow: what a side has no numbers of is not 0 there, as are keys of tables
// without pairs, and what messages say that were not read.
func TestWhatOneSideDoesNotKnow(t *testing.T) {
	n := network()
	keyless := func(r *baseline.Row) { r.Counts = nil }
	unread := func(r *baseline.Row) {
		r.Known = slices.Repeat([]bool{true}, len(r.Values))
		r.Known[failedFlows] = false
	}
	for name, test := range map[string]struct {
		before, now func(*baseline.Row)
		note        string
	}{
		"no keys before": {keyless, nil, "no keys of service"},
		"no keys now":    {nil, keyless, ""},
		"unread before":  {unread, nil, ""},
		"unread now":     {nil, unread, ""},
	} {
		r := judged(t, learned(t, n.hours(1, 30, 8, 11, test.before)), n.hours(2, 30, 11, 12, test.now))
		if len(r.Items) > 0 || !slices.ContainsFunc(r.Notes, func(s string) bool { return strings.Contains(s, test.note) }) {
			t.Errorf("%s: %s, %q", name, said(r), r.Notes)
		}
	}
}

// TestWindowsThatHostsDoNotShare: where each host is there in another window of the hour, there are
// no more windows now than there were.
func TestWindowsThatHostsDoNotShare(t *testing.T) {
	n := network()
	turns := func(r *rows) *rows {
		return r.with(slices.DeleteFunc(r.rows, func(x baseline.Row) bool { return (x.Start-monday)/window%6 != int64(x.Host.As4()[3]%6) }))
	}
	base := learned(t, turns(n.hours(1, 30, 8, 11, nil)))
	if r := judged(t, base, turns(n.hours(2, 30, 11, 12, nil))); len(r.Items) > 0 {
		t.Error(said(r))
	}
}

// TestBeyondTheLimit: hosts that the baseline sums up are not new, and add nothing to totals.
func TestBeyondTheLimit(t *testing.T) {
	n := network()
	c := baseline.DefaultConfig()
	c.Hosts, c.Categories = 12, n.categories
	base, err := baseline.New(c, n.table)
	if err != nil {
		t.Fatal(err)
	}
	before := n.hours(1, 30, 8, 11, nil)
	for i := range before.rows {
		if err := base.Add(&before.rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	now, asked := n.hours(2, 30, 11, 12, nil), drift.DefaultConfig()
	for i := range now.rows {
		if !slices.Contains(asked.Asked, now.rows[i].Host) {
			asked.Asked = append(asked.Asked, now.rows[i].Host)
		}
	}
	r, err := drift.Judge(t.Context(), base, now, asked)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Items) > 0 || len(r.Hosts) > 0 || r.Judged.NewHosts != 0 || r.Current.Hosts != 12 || r.Current.Windows != 12*6 {
		t.Errorf("%s, %+v, %+v", said(r), r.Judged, r.Current)
	}
	beyond := 0
	for _, p := range r.Asked {
		if p.Windows != 6 || p.Beyond != (p.Hours == 0) {
			t.Errorf("%+v", p)
		}
		if p.Beyond {
			beyond++
		}
	}
	if beyond != 18 {
		t.Errorf("%d hosts are beyond the limit", beyond)
	}
}

// TestBounds: what a report has no room for is counted.
func TestBounds(t *testing.T) {
	n := network()
	base := learned(t, n.hours(1, 20, 8, 11, nil))
	now := n.hours(2, 60, 11, 12, func(r *baseline.Row) {
		r.Values[gapCV], r.Values[burstScore], r.Values[inBytes] = 9, 9, 1
	})
	whole := judged(t, base, now)
	c := drift.DefaultConfig()
	c.MostItems, c.MostHosts = 2, 7
	r, err := drift.Judge(context.Background(), base, now, c)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Items) != 2 || r.Judged.MoreItems != len(whole.Items)-2 || r.Items[0].ID != whole.Items[0].ID || r.Items[1].ID != whole.Items[1].ID {
		t.Errorf("items: %s, %+v", said(r), r.Judged)
	}
	if len(whole.Hosts) != 40 || len(r.Hosts) != 7 || r.Judged.MoreHosts != 33 || r.Judged.NewHosts != 40 {
		t.Errorf("hosts: %d, %d, %+v", len(whole.Hosts), len(r.Hosts), r.Judged)
	}
}

// TestMostHosts: of hosts that have drifted those with the highest index are kept, and the
// others counted.
func TestMostHosts(t *testing.T) {
	n := network()
	base := learned(t, n.hours(1, 100, 8, 11, nil))
	now := n.hours(2, 100, 11, 12, func(r *baseline.Row) { r.Values[gapCV] *= 2 + 0.01*float64(r.Host.As4()[3]*37%100) })
	c := drift.DefaultConfig()
	c.Weights = drift.Weights{{Feature: drift.Feature{Name: "gap_cv"}, Weight: 1}}
	var reports []*drift.Report
	for _, most := range []int{1000, 7} {
		c.MostHosts = most
		r, err := drift.Judge(context.Background(), base, now, c)
		if err != nil {
			t.Fatal(err)
		}
		reports = append(reports, r)
	}
	all, few := reports[0], reports[1]
	if len(all.Hosts) < 90 || all.Judged.MoreHosts != 0 || all.Judged.Hosts != 100 {
		t.Fatalf("%d hosts, %+v", len(all.Hosts), all.Judged)
	}
	if len(few.Hosts) != 7 || few.Judged.MoreHosts != len(all.Hosts)-7 {
		t.Errorf("%d of %d hosts, %+v", len(few.Hosts), len(all.Hosts), few.Judged)
	}
	for i, h := range few.Hosts {
		if h.Host != all.Hosts[i].Host || *h.Index != *all.Hosts[i].Index {
			t.Errorf("host %d is %s, not %s", i, h.Host, all.Hosts[i].Host)
		}
	}
}

// TestAddressesAreOne: an IPv4 host in IPv6 is the host that the baseline knows.
func TestAddressesAreOne(t *testing.T) {
	n := network()
	base := learned(t, n.hours(1, 12, 8, 11, nil))
	now := n.hours(2, 12, 11, 12, func(r *baseline.Row) { r.Host = netip.AddrFrom16(r.Host.As16()) })
	if r := judged(t, base, now); r.Judged.NewHosts != 0 || r.Verdict != drift.None {
		t.Error(said(r))
	}
}

// TestReportIsJSON whatever rows say: no number is beyond what JSON has, and nothing panics.
func TestReportIsJSON(t *testing.T) {
	n := network()
	values := []float64{0, 1, -1, 0.5, 3, 1e-300, -1e-300, 1 << 40, math.MaxFloat64, -math.MaxFloat64, 1e38}
	keys := []string{"", "a", "b", "\xff\x00", strings.Repeat("long", 100)}
	hosts := []string{"10.0.0.1", "10.0.0.2", "::ffff:10.0.0.1", "fe80::1%eth0", "ff02::1", "224.0.0.1", "2001:db8::1", "8.8.8.8"}
	tags := []baseline.Key{baseline.LabelKey("x"), baseline.LabelKey("y"), baseline.ProtocolKey("dns")}
	row := rapid.Custom(func(t *rapid.T) baseline.Row {
		r := baseline.Row{
			Start:  rapid.SampledFrom([]int64{monday, -1, math.MinInt64, math.MaxInt64}).Draw(t, "start"),
			Host:   netip.MustParseAddr(rapid.SampledFrom(hosts).Draw(t, "host")),
			Values: make([]float64, len(n.table.Features)),
			Known:  make([]bool, len(n.table.Features)),
		}
		if r.Start == monday {
			r.Start += window * rapid.Int64Range(0, 100).Draw(t, "window")
		}
		for f := range r.Values {
			r.Values[f], r.Known[f] = rapid.SampledFrom(values).Draw(t, "value"), rapid.IntRange(0, 3).Draw(t, "known") > 0
		}
		for range rapid.IntRange(0, 3).Draw(t, "counts") {
			r.Counts = append(r.Counts, baseline.Count{Key: rapid.SampledFrom(keys).Draw(t, "key"), N: rapid.SampledFrom([]uint64{1, 7, baseline.MaxPerWindow}).Draw(t, "n")})
		}
		if rapid.Bool().Draw(t, "tagged") {
			r.Tags = append(r.Tags, rapid.SampledFrom(tags).Draw(t, "tag"))
		}
		return r
	})
	rapid.Check(t, func(rt *rapid.T) {
		before := rapid.SliceOfN(row, 0, 60).Draw(rt, "baseline")
		now := rapid.SliceOfN(row, 0, 60).Draw(rt, "now")
		for range rapid.IntRange(0, 2).Draw(rt, "again") { // several windows of the same hosts
			before, now = append(before, before...), append(now, now...)
		}
		r := judged(t, learned(t, n.with(before)), n.with(now))
		if _, err := json.Marshal(r); err != nil {
			for _, x := range r.Items {
				if _, err := json.Marshal(x); err != nil {
					rt.Errorf("%+v, %+v", x, x.Measures)
				}
			}
			rt.Fatalf("%v: %+v", err, r)
		}
	})
}
