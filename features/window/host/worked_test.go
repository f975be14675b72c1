package host_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pcapmill/features/flow"
	"pcapmill/features/window/host"
	"pcapmill/ingest/packet"
)

const (
	client = "10.0.0.1"
	server = "192.0.2.1"
)

// TestHostsByHand: one client asks twice, one server answers once, over two windows.
func TestHostsByHand(t *testing.T) {
	// Monday 2026-11-30 05:20 UTC: 5 hours into the week.
	start := packet.Nanos(time.Date(2026, 11, 30, 5, 20, 0, 0, time.UTC).UnixNano())
	b := newBench(t, ordinary())
	asked := []packet.View{sent(start+1*second, client, server, 100), sent(start+3*second, server, client, 300)}
	again := []packet.View{sent(start+3*second+second/2, client, "192.0.2.2", 100)}
	later := []packet.View{sent(start+700*second, client, server, 60)}
	b.see(asked...)
	b.see(again...)
	b.see(later...)
	b.endEpoch()
	app := new(flow.App)
	app.Set(flow.JA4, []byte("t13d"))
	app.Set(flow.ServerName, []byte("a.example"))
	asks := app.Asked(nil)
	asks.Queries, asks.Responses, asks.NXDomain = 3, 2, 1
	asks.Ask([]byte("abcd")) // 2 bits
	asks.Ask([]byte("aabb")) // 1 bit
	b.add(exchange(53, asked...), app)
	b.add(exchange(53, again...), nil)
	b.add(exchange(443, later...), nil)
	b.finish()
	if len(b.hosts) != 5 || len(b.pairs) != 3 {
		t.Fatalf("%d hosts and %d pairs, want 5 and 3", len(b.hosts), len(b.pairs))
	}
	mean := 1.25e9 // of gaps of 2 s and 0.5 s, which both differ by 0.75 s
	check(t, "client", b.hosts[0], cells{
		"window_start_ns": start, "window_start": start / 1000, "window_ns": 600 * second, "host": client, "ip_version": 4, "part_no": 0, "hour_of_week": 5, "capture_id": nil,
		"out_packets": 2, "in_packets": 1, "out_wire_bytes": 200, "in_wire_bytes": 300, "packets_per_s": 3. / 600, "wire_bytes_per_s": 500. / 600,
		"gap_mean_ns": mean, "gap_std_ns": 0.75e9, "gap_cv": 0.6, "peak_packets_per_s": 2, "active_seconds": 2,
		"burst_score": 2 / (3 / 2.5), "outbound_ratio": 0.4, "byte_asymmetry": -0.2,
		"period_s": nil, "periodicity_score": nil, "spectral_dominance": nil, "regularity": nil,
		"out_flows": 2, "in_flows": 0, "failed_out_flows": 1, "failed_in_flows": 0, "fan_out": 2, "fan_out_exact": 1, "fan_in": 0, "out_ports": 1, "in_ports": 0, "protocols": 1, "app_protocols": 0,
		"dns_queries": 3, "dns_responses": 2, "dns_nxdomain": 1, "nxdomain_ratio": 0.5, "dns_names": 2, "dns_names_exact": 1, "dns_name_entropy_bits": 1.5,
		"tls_hellos": 1, "tls_server_names": 1, "ja4_prints": 1,
	})
	check(t, "server", b.hosts[1], cells{
		"host": server, "out_packets": 1, "in_packets": 1, "gap_mean_ns": 2e9, "gap_std_ns": nil, "gap_cv": nil, "peak_packets_per_s": 1, "burst_score": 1 / (2. / 2),
		"out_flows": 0, "in_flows": 1, "failed_in_flows": 0, "fan_in": 1, "in_ports": 1, "protocols": 1,
		"dns_queries": 0, "nxdomain_ratio": nil, "dns_names": 0, "dns_name_entropy_bits": nil, "tls_hellos": 0,
	})
	check(t, "silent server", b.hosts[2], cells{"host": "192.0.2.2", "out_packets": 0, "in_packets": 1, "gap_mean_ns": nil, "burst_score": 1., "outbound_ratio": 0., "byte_asymmetry": -1., "in_flows": 1, "failed_in_flows": 1})
	check(t, "client later", b.hosts[3], cells{"window_start_ns": start + 600*second, "host": client, "out_packets": 1, "out_flows": 1, "dns_queries": 0})
	check(t, "pair", b.pairs[0], cells{
		"window_start_ns": start, "src_ip": client, "dst_ip": server, "dst_port": 53, "protocol": 17, "ip_version": 4, "part_no": 0,
		"flows": 1, "failed_flows": 0, "pieces": 1, "fwd_packets": 1, "rev_packets": 1, "fwd_wire_bytes": 100, "rev_wire_bytes": 300, "duration_ns": 2 * second, "duration_max_ns": 2 * second,
		"first_start_ns": start + second, "last_start_ns": start + second, "start_gap_mean_ns": nil, "start_gap_std_ns": nil, "start_gap_cv": nil,
		"flow_fwd_wire_bytes_mean": 100., "flow_fwd_wire_bytes_std": nil, "flow_fwd_wire_bytes_distinct": 1,
	})
}

// TestPairsByHand: four flows whose gaps are 10, 20 and 60 s, given in another order, and
// the continuation of one that the active timeout had cut.
func TestPairsByHand(t *testing.T) {
	b := newBench(t, ordinary())
	var rows []*flow.Row
	for _, at := range []packet.Nanos{1, 11, 31, 91} {
		v := sent(at*second, client, server, uint32(100+at/11%2))
		b.see(v)
		rows = append(rows, exchange(8080, v))
	}
	rest := exchange(8080, sent(95*second, client, server, 7))
	b.see(sent(95*second, client, server, 7))
	rest.PieceNo, rest.Close = 1, 400*second
	b.endEpoch()
	for i, at := range []int{2, 0, 3, 1} { // the order in which they close
		r := rows[at]
		r.Close = packet.Nanos(300+i) * second
		b.add(r, nil)
	}
	b.add(rest, nil)
	b.finish()
	if len(b.pairs) != 1 {
		t.Fatalf("%d pairs", len(b.pairs))
	}
	// Gaps 10, 20, 60: mean 30, population variance (400+100+900)/3. Sizes 100, 101, 100, 100.
	std := math.Sqrt(1400./3) * 1e9
	check(t, "pair", b.pairs[0], cells{
		"flows": 4, "pieces": 5, "failed_flows": 4, "fwd_packets": 5, "fwd_wire_bytes": 408, "first_start_ns": second, "last_start_ns": 91 * second,
		"start_gap_mean_ns": 30e9, "start_gap_median_ns": 20e9, "start_gap_std_ns": std, "start_gap_cv": std / 30e9,
		"flow_fwd_wire_bytes_mean": 100.25, "flow_fwd_wire_bytes_std": math.Sqrt(3) / 4, "flow_fwd_wire_bytes_distinct": 2,
	})
	check(t, "host", b.hosts[0], cells{"out_flows": 4, "fan_out": 1})
}

// TestContinuationsAreNoFlows: a window in which a cut flow goes on has its packets in the
// pair, but no flow.
func TestContinuationsAreNoFlows(t *testing.T) {
	b := newBench(t, ordinary())
	v := sent(10*second, client, server, 50)
	b.see(v)
	b.endEpoch()
	r := exchange(80, v)
	r.PieceNo = 2
	b.add(r, nil)
	b.finish()
	check(t, "pair", b.pairs[0], cells{"flows": 0, "pieces": 1, "fwd_packets": 1, "first_start_ns": nil, "flow_fwd_wire_bytes_mean": nil, "flow_fwd_wire_bytes_distinct": nil})
	check(t, "host", b.hosts[0], cells{"out_flows": 0, "fan_out": 0, "out_ports": 0, "protocols": 0})
}

// TestPeriodsByHand: a beacon every 10 s, one packet each, over the whole window; a host
// that sends in each second alike; one with seven active seconds.
func TestPeriodsByHand(t *testing.T) {
	b := newBench(t, ordinary())
	for s := packet.Nanos(0); s < 600; s++ {
		if s%10 == 0 {
			b.see(sent(s*second, client, "192.0.2.9", 60))
		}
		b.see(sent(s*second+1, "10.0.0.2", "192.0.2.8", 60))
		if s < 7 {
			b.see(sent(s*second+2, "10.0.0.3", "192.0.2.7", 60))
		}
	}
	b.finish()
	for _, row := range b.hosts {
		switch row["host"] {
		case client:
			// A train of pulses: of its lines at 1/10, 2/10, … 5/10 Hz and those below 0 all are alike.
			check(t, "beacon", row, cells{"active_seconds": 60, "period_s": 10., "periodicity_score": 1., "regularity": 1., "spectral_dominance": 2. / 9})
		case "10.0.0.2":
			check(t, "steady", row, cells{"active_seconds": 600, "period_s": nil, "periodicity_score": nil, "spectral_dominance": nil, "regularity": nil})
		case "10.0.0.3":
			check(t, "few", row, cells{"active_seconds": 7, "period_s": nil, "periodicity_score": nil, "regularity": nil})
		}
	}
}

// TestWindowsOfEpochs: what is of different inputs is never joined.
func TestWindowsOfEpochs(t *testing.T) {
	s := ordinary()
	s.single = true
	b := newBench(t, s)
	for epoch := range int32(3) {
		v := sent(5*second, client, server, 60)
		b.see(v)
		b.endEpoch()
		r := exchange(80, v)
		r.Epoch, r.Capture = epoch, epoch
		if epoch != 1 { // whose flow nobody ever sees
			b.add(r, nil)
		}
	}
	b.finish()
	if len(b.hosts) != 6 || len(b.pairs) != 2 {
		t.Fatalf("%d hosts, %d pairs, want 6 and 2", len(b.hosts), len(b.pairs))
	}
	for i, row := range b.hosts {
		check(t, "host", row, cells{"capture_id": i / 2, "part_no": 0, "out_packets": (i + 1) % 2})
	}
}

// TestGrid: windows are aligned, before 1970 too.
func TestGrid(t *testing.T) {
	g, err := host.NewGrid(time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[packet.Nanos]int64{0: 0, 60*second - 1: 0, 60 * second: 1, -1: -1, -60 * second: -1, -60*second - 1: -2} {
		if n := g.Of(at); n != want || g.Start(n) > at || g.End(n) <= at {
			t.Errorf("%d is in window %d, want %d", at, n, want)
		}
	}
	for _, bad := range []time.Duration{0, time.Millisecond, 1500 * time.Millisecond, 1000 * time.Hour} {
		if _, err := host.NewGrid(bad); err == nil {
			t.Errorf("a window may be %v long", bad)
		}
	}
}

// TestGrids: each hop is the begin of a window, before 1970 too.
func TestGrids(t *testing.T) {
	grids, err := host.NewGrids(time.Minute, 20*time.Second)
	if err != nil || len(grids) != 3 {
		t.Fatal(grids, err)
	}
	for _, at := range []packet.Nanos{0, 20*second - 1, 20 * second, 59 * second, 61 * second, -1, -20 * second, -20*second - 1, -61 * second} {
		for k, g := range grids {
			n := g.Of(at)
			start := g.Start(n)
			if start > at || g.End(n) <= at || g.End(n)-start != 60*second || (start-packet.Nanos(k)*20*second)%(60*second) != 0 {
				t.Errorf("%d is in the window from %d to %d of grid %d", at, start, g.End(n), k)
			}
		}
	}
	for _, hop := range []time.Duration{0, time.Minute} {
		if grids, err := host.NewGrids(time.Minute, hop); err != nil || !slices.Equal(grids, []host.Grid{{Length: 60 * second}}) {
			t.Errorf("a hop of %v: %v, %v", hop, grids, err)
		}
	}
	for _, bad := range [][2]time.Duration{{time.Minute, 7 * time.Second}, {time.Minute, 2 * time.Minute}, {time.Minute, -time.Second}, {time.Minute, time.Millisecond}, {10 * time.Second, 2500 * time.Millisecond}, {61 * time.Second, time.Second}, {0, 0}} {
		if grids, err := host.NewGrids(bad[0], bad[1]); err == nil {
			t.Errorf("%v: %v", bad, grids)
		}
	}
	if grids, err := host.NewGrids(time.Minute, time.Second); err != nil || len(grids) != host.MostOffsets {
		t.Errorf("%d grids, %v", len(grids), err)
	}
}
