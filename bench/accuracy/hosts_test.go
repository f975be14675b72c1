package accuracy_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// windowed are the settings of a run that is about its hosts and pairs.
func windowed(length time.Duration) stages.Config {
	cfg := stages.DefaultConfig()
	cfg.Workers, cfg.Windows, cfg.Window = 1, []string{"hosts", "pairs"}, length
	return cfg
}

// runWindows returns the tables of a run, all of whose self-checks must hold.
func runWindows(t testing.TB, cfg stages.Config, inputs ...stages.Input) (accuracy.Tables, *stages.Result) {
	t.Helper()
	tables, r, err := accuracy.RunTables(cfg, inputs...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Failed() {
		t.Errorf("%s: %s", f.Name, f.Detail)
	}
	return tables, r
}

// TestWindowsInvariants: neither workers nor blocks nor files show in hosts and pairs, with
// memory to spare or short, with flows that are never cut, under Zeek's rules.
func TestWindowsInvariants(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	parts := int64(0)
	loadSample(t, 89, func(t *testing.T, c record, p *accuracy.Packets) {
		if p.Err = nil; len(p.List) > 100_000 {
			return
		}
		for range 2 {
			cfg := windowed([]time.Duration{time.Second, 10 * time.Second, 10 * time.Minute}[rng.IntN(3)])
			if rng.IntN(2) == 0 {
				cfg.WindowMemory = leastWindowMemory
			}
			cfg.Timeouts.Active = []time.Duration{0, 2 * time.Second, 30 * time.Minute}[rng.IntN(3)]
			cfg.Timeouts.Zeek = rng.IntN(4) == 0
			want, r := runWindows(t, cfg, p)
			parts += r.WindowParts
			for _, workers := range []int{1, 2, 8} {
				in := *p
				cfg.Workers, in.Block = workers, []int{3, 50, 1000}[rng.IntN(3)]
				got, _ := runWindows(t, cfg, &in)
				sameWindows(t, fmt.Sprintf("%s: %d workers, blocks of %d", c["capture"], workers, in.Block), got, want)
				got, _ = runWindows(t, cfg, cut(rng, p, workers)...)
				sameWindows(t, fmt.Sprintf("%s: in files, %d workers", c["capture"], workers), got, want)
			}
		}
	})
	t.Logf("%d parts", parts)
}

// leastWindowMemory leaves little beside what batches take.
const leastWindowMemory = 8<<20 + 100<<10

func sameWindows(t *testing.T, what string, got, want accuracy.Tables) {
	t.Helper()
	for _, table := range []string{"hosts", "pairs"} {
		if got[table].Hash() != want[table].Hash() {
			t.Errorf("%s: %s: %d and %d rows, or others", what, table, got[table].Rows, want[table].Rows)
		}
	}
}

func endpointAt(addr string, port int) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr(addr), uint16(port))
}

// scan is a capture in which one host tries the ports of many others while these go on
// with what they do: more hosts and pairs than little memory has room for.
func scan(rng *rand.Rand, n int) *accuracy.Packets {
	p := &accuracy.Packets{Block: 100}
	at := int64(1772442000) * int64(time.Second)
	for range n {
		at += rng.Int64N(int64(20 * time.Millisecond))
		from, to := fmt.Sprintf("10.0.0.%d", rng.IntN(3)), fmt.Sprintf("10.1.%d.%d", rng.IntN(8), rng.IntN(250))
		a, b := endpointAt(from, 4000+rng.IntN(3)), endpointAt(to, rng.IntN(30))
		if rng.IntN(4) == 0 {
			a, b = b, a
		}
		p.List = append(p.List, accuracy.Whole(at, datagram(a, b)))
	}
	return p
}

// TestWindowsWhereMemoryIsShort: parts are written at the same places whatever the number of
// workers and the blocks, and their sums are those of the whole.
func TestWindowsWhereMemoryIsShort(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 18))
	p := scan(rng, 20_000)
	cfg := windowed(time.Minute)
	whole, r := runWindows(t, cfg, p)
	if r.WindowParts != 0 {
		t.Errorf("%d parts with memory to spare", r.WindowParts)
	}
	cfg.WindowMemory = leastWindowMemory
	want, r := runWindows(t, cfg, p)
	if r.WindowParts < 10 {
		t.Errorf("%d parts where memory is short", r.WindowParts)
	}
	for _, workers := range []int{1, 3, 8} {
		in := *p
		cfg.Workers, in.Block = workers, []int{1, 333, 5000}[rng.IntN(3)]
		got, _ := runWindows(t, cfg, &in)
		sameWindows(t, fmt.Sprint(workers, " workers"), got, want)
	}
	for table, columns := range map[string][]string{
		"hosts": {"out_packets", "in_wire_bytes", "out_flows", "in_flows", "failed_out_flows"},
		"pairs": {"flows", "pieces", "fwd_packets", "rev_wire_bytes", "failed_flows"},
	} {
		for _, name := range columns {
			if a, b := sum(want[table], name), sum(whole[table], name); a != b || b == 0 {
				t.Errorf("%s: %s is %d in parts, %d as a whole", table, name, a, b)
			}
		}
	}
}

// TestWindowsByFlows recomputes what hosts and pairs have of flows from the flows table.
func TestWindowsByFlows(t *testing.T) {
	compared := 0
	loadSample(t, 41, func(t *testing.T, c record, p *accuracy.Packets) {
		if p.Err = nil; len(p.List) > 100_000 || !plainTimes(p) {
			return
		}
		length := int64(10 * time.Second)
		cfg := windowed(time.Duration(length))
		cfg.Reorder = 0 // the order of reading, of which the clock is easily made anew
		tables, _ := runWindows(t, cfg, p)
		clocks := clocksOf(p)
		flows, want := tables["flows"], map[string]map[string]bool{}
		sums := map[string]int64{}
		note := func(key, set, value string) {
			if want[key+set] == nil {
				want[key+set] = map[string]bool{}
			}
			want[key+set][value] = true
		}
		for i := range flows.Rows {
			if flows.Int("tunnel_depth", i) > 0 {
				continue
			}
			begun := clocks[flows.Int("first_packet_index", i)-1]
			begun = min(begun+waited(&cfg, flows, i), clocks[len(clocks)-1])
			start := floorOf(begun, length)
			ends := [2]string{flows.Text("src_ip", i), flows.Text("dst_ip", i)}
			version, protocol := flows.Show("ip_version", i), flows.Show("protocol", i)
			port := flows.Show("dst_port", i)
			pair := fmt.Sprint(start, ends, version, port, protocol)
			for _, name := range []string{"fwd_packets", "rev_packets", "fwd_wire_bytes", "rev_wire_bytes", "duration_ns"} {
				sums[pair+name] += flows.Int(name, i)
			}
			sums[pair+"pieces"]++
			if flows.Int("piece_no", i) > 0 {
				continue
			}
			failed := int64(0)
			if slices.Contains([]string{"S0", "REJ", "RSTOS0", "RSTRH", "SH", "SHR"}, flows.Text("conn_state", i)) {
				failed = 1
			}
			sums[pair+"flows"]++
			sums[pair+"failed_flows"] += failed
			for side, name := range [2]string{"out", "in"} {
				key := fmt.Sprint(start, ends[side], version)
				sums[key+name+"_flows"]++
				sums[key+"failed_"+name+"_flows"] += failed
				note(key, "fan_"+name, ends[1-side])
				note(key, "protocols", protocol)
				if !flows.Null("dst_port", i) {
					note(key, name+"_ports", port)
				}
			}
			if key := fmt.Sprint(start, ends[0], version); !flows.Null("ja4", i) {
				sums[key+"tls_hellos"]++
				note(key, "ja4_prints", flows.Text("ja4", i))
				if !flows.Null("server_name", i) {
					note(key, "tls_server_names", flows.Text("server_name", i))
				}
			}
		}
		hosts, pairs := tables["hosts"], tables["pairs"]
		for i := range hosts.Rows {
			key := fmt.Sprint(hosts.Int("window_start_ns", i), hosts.Text("host", i), hosts.Show("ip_version", i))
			for _, name := range []string{"out_flows", "in_flows", "failed_out_flows", "failed_in_flows", "tls_hellos"} {
				if n := hosts.Int(name, i); n != sums[key+name] {
					t.Errorf("%s: %s of %s is %d, want %d", c["capture"], name, key, n, sums[key+name])
				}
			}
			for _, name := range []string{"fan_out", "fan_in", "out_ports", "in_ports", "protocols", "ja4_prints", "tls_server_names"} {
				if n := hosts.Int(name, i); n != int64(len(want[key+name])) {
					t.Errorf("%s: %s of %s is %d, want %d", c["capture"], name, key, n, len(want[key+name]))
				}
			}
			compared++
		}
		for i := range pairs.Rows {
			key := fmt.Sprint(pairs.Int("window_start_ns", i), [2]string{pairs.Text("src_ip", i), pairs.Text("dst_ip", i)}, pairs.Show("ip_version", i), pairs.Show("dst_port", i), pairs.Show("protocol", i))
			for _, name := range []string{"flows", "failed_flows", "pieces", "fwd_packets", "rev_packets", "fwd_wire_bytes", "rev_wire_bytes", "duration_ns"} {
				if n := pairs.Int(name, i); n != sums[key+name] {
					t.Errorf("%s: %s of %s is %d, want %d", c["capture"], name, key, n, sums[key+name])
				}
			}
		}
	})
	t.Logf("%d hosts compared", compared)
}

// clocksOf returns the packet clock at each packet of a capture read in its order, as
// docs/time.md has it: the running maximum of the times that are believed, where one more than
// an hour ahead is so unless one of the 16 packets behind it is more than an hour before it.
func clocksOf(p *accuracy.Packets) []int64 {
	clocks := make([]int64, len(p.List))
	for i, q := range p.List {
		if i > 0 {
			clocks[i] = clocks[i-1]
		}
		behind := p.List[i+1 : min(i+17, len(p.List))]
		doubted := i > 0 && q.Time-clocks[i] > int64(time.Hour) &&
			slices.ContainsFunc(behind, func(b accuracy.Packet) bool { return q.Time-b.Time > int64(time.Hour) })
		if i == 0 || q.Time > clocks[i] && !doubted {
			clocks[i] = q.Time
		}
	}
	return clocks
}

func floorOf(t, length int64) int64 {
	n := t / length
	if t%length < 0 {
		n--
	}
	return n * length
}

// TestHostsHearDNS: what DNS messages ask for and are told is with the host that asks; names
// in any case are one, and those of other name services are none.
func TestHostsHearDNS(t *testing.T) {
	ask := func(at time.Duration, port uint16, to string, id byte, response bool, rcode byte, name string) accuracy.Packet {
		flags, from, dst := byte(1), endpointAt("10.0.0.1", int(port)), endpointAt(to, 53)
		if port == 5353 {
			dst = endpointAt(to, 5353)
		}
		if response {
			flags, from, dst = 0x81, dst, from
		}
		message := append([]byte{0, id, flags, rcode, 0, 1, 0, 0, 0, 0, 0, 0}, dnsName(name)...)
		return accuracy.Whole(base+int64(at), traffic.UDP(from, dst, append(message, 0, 1, 0, 1)))
	}
	p := &accuracy.Packets{List: []accuracy.Packet{
		ask(0, 4000, "10.0.0.53", 1, false, 0, "aaaa"),
		ask(1e6, 4000, "10.0.0.53", 1, true, 0, "aaaa"),
		ask(2e6, 4000, "10.0.0.53", 2, false, 0, "AaAa"),
		ask(3e6, 4000, "10.0.0.53", 2, true, 3, "AaAa"),
		ask(4e6, 4001, "10.0.0.54", 3, false, 0, "abcd"),
		ask(5e6, 5353, "224.0.0.251", 4, false, 0, "other"),
	}}
	for _, workers := range []int{1, 4} {
		cfg := windowed(10 * time.Minute)
		cfg.Workers = workers
		tables, _ := runWindows(t, cfg, p)
		hosts := tables["hosts"]
		for i := range hosts.Rows {
			want := map[string]int64{"dns_queries": 0, "dns_responses": 0, "dns_nxdomain": 0, "dns_names": 0}
			if hosts.Text("host", i) == "10.0.0.1" {
				want = map[string]int64{"dns_queries": 3, "dns_responses": 2, "dns_nxdomain": 1, "dns_names": 2}
				if e, r := hosts.Float("dns_name_entropy_bits", i), hosts.Float("nxdomain_ratio", i); e != 1 || r != 0.5 {
					t.Errorf("entropy %v, ratio %v", e, r)
				}
			}
			for name, n := range want {
				if got := hosts.Int(name, i); got != n {
					t.Errorf("%s of %s is %d, want %d", name, hosts.Text("host", i), got, n)
				}
			}
		}
		cfg.Records = []string{"tls"}
		tables, _ = runWindows(t, cfg, p)
		if hosts = tables["hosts"]; !hosts.Null("dns_queries", 0) || hosts.Null("tls_hellos", 0) {
			t.Error("what nobody reads is known, or the other way round")
		}
	}
}

// TestWindowsOfHostileTimes: the rows of a capture that jumps are few, and are there.
func TestWindowsOfHostileTimes(t *testing.T) {
	frame := datagram(client, server)
	const year = int64(365 * 24 * time.Hour)
	for name, times := range map[string][]int64{
		"fifty years on":  {0, 50 * year},
		"before 1970":     {-10 * year, -10*year + 5, -1, 0, 1},
		"there and back":  {0, 50 * year, 1, 2, 50 * year, 3},
		"beyond all time": {0, 1<<63 - 1, 1, packet.NoTime, packet.NoTime + 1, 2},
		"no time at all":  {packet.NoTime, packet.NoTime},
		"time comes late": {packet.NoTime, packet.NoTime, -60 * year},
	} {
		var list []accuracy.Packet
		for _, at := range times {
			list = append(list, accuracy.Whole(at, frame))
		}
		for _, window := range []time.Duration{time.Second, 24 * time.Hour} {
			for _, workers := range []int{1, 3} {
				cfg := windowed(window)
				cfg.Workers = workers
				tables, _ := runWindows(t, cfg, &accuracy.Packets{List: list, Block: 1})
				if n := sum(tables["hosts"], "out_packets"); n != int64(len(list)) || sum(tables["pairs"], "fwd_packets") != n {
					t.Errorf("%s: %d packets of %d", name, n, len(list))
				}
			}
		}
	}
}

// TestWindowsOfIndependentInputs: each input has the windows that it has alone.
func TestWindowsOfIndependentInputs(t *testing.T) {
	frame := datagram(client, server)
	one := &accuracy.Packets{List: []accuracy.Packet{accuracy.Whole(10*int64(time.Second), frame), accuracy.Whole(31*int64(time.Second), frame)}}
	two := &accuracy.Packets{List: []accuracy.Packet{accuracy.Whole(12*int64(time.Second), frame)}}
	for _, workers := range []int{1, 3} {
		cfg := windowed(5 * time.Second)
		cfg.Inputs, cfg.Workers = stages.Independent, workers
		tables, _ := runWindows(t, cfg, one, &accuracy.Packets{}, accuracy.File("no such file"), two)
		got := tables["pairs"]
		want := []struct{ capture, start int64 }{{0, 10}, {3, 10}}
		for i, w := range want {
			if got.Rows != len(want) || got.Int("capture_id", i) != w.capture || got.Int("window_start_ns", i) != w.start*int64(time.Second) {
				t.Fatalf("%d rows, row %d of input %d", got.Rows, i, got.Int("capture_id", i))
			}
		}
		if hosts := tables["hosts"]; hosts.Rows != 6 || hosts.Int("capture_id", 5) != 3 || hosts.Int("capture_id", 3) != 0 {
			t.Errorf("%d rows of hosts", tables["hosts"].Rows)
		}
	}
}

// TestWindowsOfDisorderedInputs: rows name their input also where the packets of blocks
// change places.
func TestWindowsOfDisorderedInputs(t *testing.T) {
	one := &accuracy.Packets{List: []accuracy.Packet{at(0, datagram(client, server))}}
	two := &accuracy.Packets{List: []accuracy.Packet{at(40*ms, datagram(client, server)), at(20*ms, datagram(other, server))}, Block: 1}
	for _, workers := range []int{1, 3} {
		cfg := windowed(5 * time.Second)
		cfg.Windows, cfg.Inputs, cfg.Workers = []string{"all"}, stages.Independent, workers
		tables, r := runWindows(t, cfg, one, two)
		if r.Inputs[1].Reordered != 1 {
			t.Fatal("nothing changed places")
		}
		for _, name := range []string{"slots", "hosts", "pairs"} {
			got := tables[name]
			if last := got.Rows - 1; got.Int("capture_id", 0) != 0 || got.Int("capture_id", last) != 1 {
				t.Errorf("%d workers: %s of inputs %d and %d", workers, name, got.Int("capture_id", 0), got.Int("capture_id", last))
			}
		}
	}
}
