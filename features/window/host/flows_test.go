package host_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pcapmill/features/flow"
	"pcapmill/features/window/host"
	"pcapmill/ingest/packet"
)

// traffic is a run's packets in their order, and the rows that they make, in theirs.
type traffic struct {
	views []packet.View
	rows  []*flow.Row
	apps  []*flow.App
}

// randomTraffic returns flows of a few hosts over some windows. Those of UDP end a minute
// after their last packet.
func randomTraffic(rng *rand.Rand, flows int) *traffic {
	t := new(traffic)
	for i := range flows {
		at := rng.Int64N(3000 * second)
		from, to := fmt.Sprintf("10.0.%d.%d", rng.IntN(2), rng.IntN(20)), fmt.Sprintf("10.0.2.%d", rng.IntN(8))
		if rng.IntN(20) == 0 {
			to = from
		}
		var views []packet.View
		for range 1 + rng.IntN(4) {
			v := sent(at, from, to, 60+rng.Uint32N(4))
			if len(views) > 0 && rng.IntN(2) == 0 {
				v.Src, v.Dst = v.Dst, v.Src
			}
			views = append(views, v)
			at += rng.Int64N(50 * second)
		}
		r := exchange(uint16(rng.IntN(5)), views...)
		r.StartOrdinal = int64(i)
		if rng.IntN(9) == 0 {
			r.Key.Protocol = packet.ProtoICMP
		}
		r.App = uint8(rng.IntN(4))
		if r.PieceNo = int32(rng.IntN(8) / 7); rng.IntN(3) == 0 {
			r.Close += 500 * second // as the piece of a longer flow would
		}
		t.views, t.rows, t.apps = append(t.views, views...), append(t.rows, r), append(t.apps, randomApp(rng))
	}
	slices.SortStableFunc(t.views, func(a, b packet.View) int { return int(min(1, max(-1, a.Clock-b.Clock))) })
	order := make([]int, flows)
	for i := range order {
		order[i] = i
	}
	rows, apps := t.rows, t.apps
	slices.SortStableFunc(order, func(a, b int) int { return int(min(1, max(-1, rows[a].Close-rows[b].Close))) })
	t.rows, t.apps = nil, nil
	for _, i := range order {
		t.rows, t.apps = append(t.rows, rows[i]), append(t.apps, apps[i])
	}
	return t
}

func randomApp(rng *rand.Rand) *flow.App {
	if rng.IntN(3) == 0 {
		return nil
	}
	a := new(flow.App)
	if rng.IntN(2) == 0 {
		a.Set(flow.JA4, fmt.Append(nil, "t13d", rng.IntN(5)))
	}
	if rng.IntN(2) == 0 {
		a.Set(flow.ServerName, fmt.Append(nil, rng.IntN(7), ".example"))
	}
	if rng.IntN(2) == 0 {
		l := a.Asked(nil)
		for range rng.IntN(4) {
			l.Queries++
			l.Ask(fmt.Append(nil, "name", rng.IntN(30)))
		}
		l.Responses = rng.Int64N(4)
		l.NXDomain = rng.Int64N(l.Responses + 1)
	}
	return a
}

// run gives a bench the traffic: behind each row's turn come packets, as far ahead as
// ahead says.
func (t *traffic) run(b *bench, ahead packet.Nanos) *bench {
	at := 0
	for i, r := range t.rows {
		from := at
		for at < len(t.views) && t.views[at].Clock <= r.Close+ahead {
			at++
		}
		b.see(t.views[from:at]...)
		for ; b.Waits(r.Epoch, r.Close) && at < len(t.views); at++ {
			b.see(t.views[at])
		}
		if b.Waits(r.Epoch, r.Close) {
			b.endEpoch()
		}
		b.add(r, t.apps[i])
	}
	return b.finish()
}

// TestFlowsAgainstBruteForce recomputes each sum and number of different values that
// flows make, from lists.
func TestFlowsAgainstBruteForce(t *testing.T) {
	for seed := range uint64(5) {
		rng := rand.New(rand.NewPCG(seed, 7))
		tr := randomTraffic(rng, 2000)
		b := tr.run(newBench(t, ordinary()), 0)
		bruteFlows(t, b, tr)
		brutePairs(t, b, tr)
	}
}

// tally is what a host has, by the rows.
type tally struct {
	n                        [2]map[string]map[any]bool // sets by name, as initiator and responder
	flows, failed            [2]int
	queries, answers, absent int64
	hellos                   int
}

func (y *tally) add(side int, name string, value any) {
	if y.n[side] == nil {
		y.n[side] = map[string]map[any]bool{}
	}
	if y.n[side][name] == nil {
		y.n[side][name] = map[any]bool{}
	}
	y.n[side][name][value] = true
}

func (y *tally) count(name string) int {
	both := maps.Clone(y.n[0][name])
	if both == nil {
		return len(y.n[1][name])
	}
	maps.Copy(both, y.n[1][name])
	return len(both)
}

func bruteFlows(t *testing.T, b *bench, tr *traffic) {
	t.Helper()
	type key struct {
		start packet.Nanos
		host  string
	}
	want := map[key]*tally{}
	of := func(r *flow.Row, a packet.Addr) *tally {
		k := key{r.StartClock / (600 * second) * 600 * second, name(a, 4)}
		if want[k] == nil {
			want[k] = new(tally)
		}
		return want[k]
	}
	for i, r := range tr.rows {
		client := of(r, r.Key.Src)
		if l := tr.apps[i].Lookups(); l != nil {
			client.queries += l.Queries
			client.answers += l.Responses
			client.absent += l.NXDomain
		}
		if r.PieceNo > 0 {
			continue
		}
		for side, y := range [2]*tally{client, of(r, r.Key.Dst)} {
			peer := [2]packet.Addr{r.Key.Dst, r.Key.Src}[side]
			y.flows[side]++
			if r.PacketsOf(flow.Rev) == 0 {
				y.failed[side]++
			}
			y.add(side, "peers", peer)
			y.add(side, "protocols", r.Key.Protocol)
			if r.App > 0 {
				y.add(side, "apps", r.App)
			}
			if r.Key.Protocol == packet.ProtoUDP {
				y.add(side, "ports", r.Key.DstPort)
			}
		}
		if app := tr.apps[i]; app.Says(flow.JA4) {
			client.hellos++
			client.add(0, "ja4", app.Text(flow.JA4))
			if app.Says(flow.ServerName) {
				client.add(0, "servers", app.Text(flow.ServerName))
			}
		}
	}
	for _, row := range b.hosts {
		k := key{row["window_start_ns"].(int64), fmt.Sprint(row["host"], "/", row["ip_version"])}
		y := want[k]
		if y == nil {
			y = new(tally)
		}
		delete(want, k)
		check(t, fmt.Sprint(k), row, cells{
			"out_flows": y.flows[0], "in_flows": y.flows[1], "failed_out_flows": y.failed[0], "failed_in_flows": y.failed[1],
			"fan_out": len(y.n[0]["peers"]), "fan_in": len(y.n[1]["peers"]), "out_ports": len(y.n[0]["ports"]), "in_ports": len(y.n[1]["ports"]),
			"protocols": y.count("protocols"), "app_protocols": y.count("apps"), "dns_queries": y.queries, "dns_responses": y.answers, "dns_nxdomain": y.absent,
			"tls_hellos": y.hellos, "ja4_prints": len(y.n[0]["ja4"]), "tls_server_names": len(y.n[0]["servers"]), "part_no": 0,
		})
	}
	if len(want) > 0 {
		t.Errorf("%d hosts have no row", len(want))
	}
}

func brutePairs(t *testing.T, b *bench, tr *traffic) {
	t.Helper()
	want := map[string][]*flow.Row{}
	for _, r := range tr.rows {
		port := any(int64(r.Key.DstPort))
		if r.Key.Protocol != packet.ProtoUDP {
			port = nil
		}
		k := fmt.Sprint(r.StartClock/(600*second)*600*second, name(r.Key.Src, 4), name(r.Key.Dst, 4), port, r.Key.Protocol)
		want[k] = append(want[k], r)
	}
	before := cells{}
	for _, row := range b.pairs {
		k := fmt.Sprint(row["window_start_ns"], row["src_ip"], "/4", row["dst_ip"], "/4", row["dst_port"], row["protocol"])
		brutePair(t, k, row, want[k])
		delete(want, k)
		if before["window_start_ns"] != nil && before["window_start_ns"].(int64) > row["window_start_ns"].(int64) {
			t.Errorf("window %v comes behind %v", row["window_start_ns"], before["window_start_ns"])
		}
		before = row
	}
	if len(want) > 0 {
		t.Errorf("%d pairs have no row", len(want))
	}
}

func brutePair(t *testing.T, what string, row cells, rows []*flow.Row) {
	t.Helper()
	var n, failed int
	var packets, bytes [2]int64
	var duration, longest packet.Nanos
	var starts []packet.Nanos
	var sizes []float64
	for _, r := range rows {
		for dir := range packets {
			packets[dir] += int64(r.PacketsOf(dir))
			bytes[dir] += int64(r.WireBytesOf(dir))
		}
		duration += r.LastTime - r.StartTime
		longest = max(longest, r.LastTime-r.StartTime)
		if r.PieceNo == 0 {
			n++
			starts, sizes = append(starts, r.StartTime), append(sizes, float64(r.WireBytesOf(flow.Fwd)))
			if r.PacketsOf(flow.Rev) == 0 {
				failed++
			}
		}
	}
	slices.Sort(starts)
	var gaps []float64
	for i := 1; i < len(starts); i++ {
		gaps = append(gaps, float64(starts[i]-starts[i-1]))
	}
	mean, std := meanStd(gaps)
	meanSize, stdSize := meanStd(sizes)
	slices.Sort(gaps)
	middle := 0.0
	if len(gaps) > 0 {
		middle = (gaps[(len(gaps)-1)/2] + gaps[len(gaps)/2]) / 2
	}
	slices.Sort(sizes)
	check(t, what, row, cells{
		"flows": n, "failed_flows": failed, "pieces": len(rows), "fwd_packets": packets[0], "rev_packets": packets[1], "fwd_wire_bytes": bytes[0], "rev_wire_bytes": bytes[1],
		"duration_ns": duration, "duration_max_ns": longest,
		"start_gap_mean_ns": orNil(mean, n > 1), "start_gap_median_ns": orNil(middle, n > 1), "start_gap_std_ns": orNil(std, n > 2), "start_gap_cv": orNil(std/mean, n > 2 && mean > 0),
		"flow_fwd_wire_bytes_mean": orNil(meanSize, n > 0), "flow_fwd_wire_bytes_std": orNil(stdSize, n > 1),
	})
	if n > 0 {
		check(t, what, row, cells{"first_start_ns": starts[0], "last_start_ns": starts[n-1], "flow_fwd_wire_bytes_distinct": len(slices.Compact(sizes))})
	}
}

// TestWhenStretchesComeChangesNothing: with packets far ahead of the flows, or just in time,
// with memory to spare or too little, the rows are the same in the same order.
func TestWhenStretchesComeChangesNothing(t *testing.T) {
	for _, change := range []func(*settings){
		func(*settings) {},
		func(s *settings) { s.memory = 20 << 10 },
		func(s *settings) { s.most = 12 },
		func(s *settings) { s.memory, s.most, s.life = 10<<10, 7, 5*second },
		func(s *settings) { s.seconds = 50 },
	} {
		s := ordinary()
		change(&s)
		tr := randomTraffic(rand.New(rand.NewPCG(3, 3)), 500)
		first := tr.run(newBench(t, s), 0)
		for _, ahead := range []packet.Nanos{second, 100 * second, 700 * second, 1 << 60} {
			again := tr.run(newBench(t, s), ahead)
			if !reflect.DeepEqual(first.hosts, again.hosts) || !reflect.DeepEqual(first.pairs, again.pairs) {
				t.Fatalf("%+v: with packets %d ns ahead of flows, the rows are others", s, ahead)
			}
		}
	}
}

// TestPartsMerge: where memory is short for hosts or flows, or flows outlive their window,
// sums over the parts are what they are without limits, and no part has a number twice.
func TestPartsMerge(t *testing.T) {
	tr := randomTraffic(rand.New(rand.NewPCG(4, 4)), 1200)
	whole := tr.run(newBench(t, ordinary()), 0)
	for what, change := range map[string]func(*settings){
		"memory": func(s *settings) { s.memory = 30 << 10 },
		"hosts":  func(s *settings) { s.most = 10 },
		"life":   func(s *settings) { s.life = 0 },
		"all":    func(s *settings) { s.memory, s.most, s.life = 30<<10, 6, 0 },
	} {
		s := ordinary()
		change(&s)
		parts := tr.run(newBench(t, s), 0)
		if parts.Parts() == 0 || len(parts.hosts) <= len(whole.hosts) {
			t.Errorf("%s: there are no parts", what)
		}
		hosts := []string{"window_start_ns", "host"}
		compareSums(t, what, hosts, whole.hosts, parts.hosts, "out_packets", "in_packets", "out_wire_bytes", "out_flows", "in_flows", "failed_out_flows", "dns_queries", "dns_nxdomain", "tls_hellos")
		pairs := []string{"window_start_ns", "src_ip", "dst_ip", "dst_port", "protocol"}
		compareSums(t, what, pairs, whole.pairs, parts.pairs, "flows", "failed_flows", "pieces", "fwd_packets", "rev_wire_bytes", "duration_ns")
	}
}

// compareSums compares columns of two tables, summed up by a key.
func compareSums(t *testing.T, what string, key []string, want, got []cells, columns ...string) {
	t.Helper()
	sums := func(rows []cells) map[string]int64 {
		all, seen := map[string]int64{}, map[string]bool{}
		for _, row := range rows {
			k := ""
			for _, name := range key {
				k += fmt.Sprint(row[name], " ")
			}
			if part := fmt.Sprint(k, row["part_no"]); seen[part] {
				t.Fatalf("%s: %s is there twice", what, part)
			} else {
				seen[part] = true
			}
			for _, name := range columns {
				all[k+name] += row[name].(int64)
			}
		}
		return all
	}
	if a, b := sums(want), sums(got); !maps.Equal(a, b) {
		t.Errorf("%s: sums over parts differ from the whole", what)
	}
}

// TestSeriesFit: whatever few hosts and seconds are remembered, what is known of periods
// is what it would be, and some of it is known.
func TestSeriesFit(t *testing.T) {
	views := randomViews(rand.New(rand.NewPCG(5, 5)), 5000)
	all := newBench(t, ordinary())
	all.see(views...)
	all.finish()
	known := 0
	for _, seconds := range []int{1, 40, 300, 1000, 1 << 20} {
		s := ordinary()
		s.seconds = seconds
		few := newBench(t, s)
		few.see(views...)
		few.finish()
		if known = 0; (few.WithoutSeries() > 0) != (seconds <= 1000) {
			t.Errorf("%d seconds: %d hosts lack their series", seconds, few.WithoutSeries())
		}
		for i, row := range few.hosts {
			if row["periodicity_score"] == nil {
				continue
			}
			known++
			for _, name := range []string{"period_s", "periodicity_score", "spectral_dominance", "regularity"} {
				if row[name] != all.hosts[i][name] {
					t.Errorf("%d seconds: %s of %v is %v, want %v", seconds, name, row["host"], row[name], all.hosts[i][name])
				}
			}
		}
	}
	if known == 0 { // with room for all
		t.Error("nothing is known")
	}
}

// TestLongWindowsHaveWiderBins: a period of ten minutes in a window of a day.
func TestLongWindowsHaveWiderBins(t *testing.T) {
	s := ordinary()
	s.window = 24 * 60 * 60 * 1e9
	b := newBench(t, s)
	for at := packet.Nanos(0); at < 24*3600; at += 595 { // seven bins of 85 seconds
		b.see(sent(at*second, client, server, 60))
	}
	b.finish()
	check(t, "host", b.hosts[0], cells{"period_s": 595., "regularity": 1.})
	if score := b.hosts[0]["periodicity_score"].(float64); score < 0.99 {
		t.Errorf("score %v", score)
	}
}

// TestShortWindows: of any number of seconds, with a packet in each.
func TestShortWindows(t *testing.T) {
	for seconds := packet.Nanos(1); seconds < 20; seconds++ {
		s := ordinary()
		s.window = time.Duration(seconds * second)
		b := newBench(t, s)
		for at := range 3 * seconds {
			b.see(sent(at*second, client, server, 60))
		}
		b.finish()
		if len(b.hosts) != 6 {
			t.Fatalf("windows of %d seconds have %d rows", seconds, len(b.hosts))
		}
		for _, row := range b.hosts {
			check(t, "host", row, cells{"active_seconds": seconds, "periodicity_score": nil, "regularity": nil})
		}
	}
}

// TestWhatIsNotReadIsUnknown: columns of protocols whose messages nobody reads are null.
func TestWhatIsNotReadIsUnknown(t *testing.T) {
	s := ordinary()
	s.heard = host.Heard{}
	b := newBench(t, s)
	b.see(sent(0, client, server, 60))
	b.finish()
	check(t, "host", b.hosts[0], cells{
		"app_protocols": nil, "app_protocols_exact": nil, "dns_queries": nil, "dns_names": nil, "dns_names_exact": nil, "nxdomain_ratio": nil,
		"tls_hellos": nil, "tls_server_names": nil, "ja4_prints": nil, "ja4_prints_exact": nil, "fan_out": 0, "fan_out_exact": 1,
	})
}
