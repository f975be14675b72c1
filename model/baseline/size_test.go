package baseline_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"pcapmill/features/column"
	"pcapmill/features/sketch"
	"pcapmill/model/baseline"
)

// hostColumns are numbers as a window of a host has them, by unit.
const hostColumns = `
packets out_packets in_packets
bytes out_wire_bytes in_wire_bytes
1/s packets_per_s wire_bytes_per_s
ns gap_mean_ns gap_std_ns
ratio gap_cv burst_score outbound_ratio byte_asymmetry periodicity_score spectral_dominance regularity nxdomain_ratio
count peak_packets_per_s active_seconds out_flows in_flows failed_out_flows failed_in_flows fan_out fan_in out_ports in_ports protocols app_protocols
count dns_queries dns_responses dns_nxdomain dns_names tls_hellos tls_server_names ja4_prints new_peers new_ports resets
s period_s
bits dns_name_entropy_bits`

func hostTable(t failer) baseline.Table {
	s := column.Schema{Table: "hosts", Version: 1}
	for line := range strings.Lines(strings.TrimSpace(hostColumns)) {
		words := strings.Fields(line)
		for _, name := range words[1:] {
			c := column.Column{Name: name, Type: column.Double, Unit: column.Unit(words[0]), Doc: "x"}
			if words[0] == "packets" || words[0] == "bytes" || words[0] == "count" {
				c.Type = column.Int64
			}
			s.Columns = append(s.Columns, c)
		}
	}
	table, err := baseline.TableOf(&s)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// population are hosts of one kind, and when they have windows.
type population struct {
	name    string
	network netip.Addr
	present func(h *simulated, weekday, hour int) float64 // share of the windows of an hour
	packets float64                                       // in a window, median over hosts
	client  bool                                          // asks names and opens connections
}

// simulated is a host: its level, and what it varies by.
type simulated struct {
	level, vary, share, size float64
	start, end               int     // working hours, or the one hour of a passer-by
	day                      int     // of a passer-by
	faithful                 float64 // how often it comes back
}

func newSimulated(r *rand.Rand, packets float64) *simulated {
	start := 7 + r.IntN(3)
	return &simulated{
		level: math.Log(packets) + r.NormFloat64(), vary: 0.3 + 0.6*r.Float64(), share: 0.1 + 0.8*r.Float64(), size: 150 + 900*r.Float64(),
		start: start, end: start + 8 + r.IntN(3), day: r.IntN(7), faithful: math.Pow(r.Float64(), 6),
	}
}

func always(*simulated, int, int) float64 { return 1 }

func working(h *simulated, weekday, hour int) float64 {
	if weekday >= 5 || hour < h.start || hour >= h.end {
		return 0
	}
	return 0.9
}

// passing is an address outside: most have a window or two in a week.
func passing(h *simulated, weekday, hour int) float64 {
	if weekday == h.day && hour == h.start {
		return 0.3
	}
	return h.faithful * 0.2
}

func populations() []population {
	return []population{
		{"server", addr("10.1.0.0"), always, 20000, true},
		{"workstation", addr("10.2.0.0"), working, 2000, true},
		{"device", addr("10.3.0.0"), always, 60, false},
		{"outside", addr("198.18.0.0"), passing, 40, false},
	}
}

// values makes a window's: what follows from packets follows here.
func (h *simulated) values(r *rand.Rand, p *population, hour int) ([]float64, []bool) {
	whole := func(x float64) float64 { return math.Floor(max(x, 0)) }
	day := 0.5 * math.Sin(float64(hour-8)/24*2*math.Pi)
	packets := 1 + whole(math.Exp(h.level+day+h.vary*r.NormFloat64()))
	out := whole(packets * min(max(h.share+0.05*r.NormFloat64(), 0), 1))
	in, outBytes := packets-out, whole(out*h.size*math.Exp(0.2*r.NormFloat64()))
	inBytes := whole(in * (1100 - h.size) * math.Exp(0.2*r.NormFloat64()))
	all := max(outBytes+inBytes, 60)
	cv := 1 + math.Abs(r.NormFloat64())
	active := min(600, whole(packets/3)+1)
	peak := whole(packets/active*(2+2*r.Float64())) + 1
	flows := whole(packets / 40 * math.Exp(0.3*r.NormFloat64()))
	queries := 0.0
	if p.client {
		queries = whole(flows / 3)
	}
	named := whole(queries * 0.6)
	v := []float64{
		out, in, outBytes, inBytes, packets / 600, all / 600, 6e11 / packets, 6e11 / packets * cv,
		cv, peak / (packets / active), outBytes / all, (outBytes - inBytes) / all, 0.2 + 0.1*r.Float64(), 0.1 + 0.05*r.Float64(), 1 / (1 + cv), 0.02 * math.Floor(3*r.Float64()),
		peak, active, flows, whole(flows / 8), whole(flows * 0.02 * r.ExpFloat64()), 0, whole(flows / 2), whole(flows / 20), whole(math.Sqrt(flows)), whole(math.Sqrt(flows / 8)), 2, min(flows, 3),
		queries, queries, whole(queries * 0.03), named, whole(flows / 2), whole(flows / 3), min(whole(flows/10), 4), 0, 0, whole(flows * 0.05),
		10 * math.Exp(r.NormFloat64()), 3.5 + 0.1*r.NormFloat64(),
	}
	known := make([]bool, len(v))
	for i := range known {
		known[i] = true
	}
	known[6], known[7], known[8] = packets >= 2, packets >= 3, packets >= 3
	for _, i := range []int{12, 13, 14, 38} { // periodicity
		known[i] = active >= 8
	}
	known[15], known[39] = queries > 0, queries > 0
	return v, known
}

// grow adds a population's windows of some days.
func grow(t failer, b *baseline.Baseline, p population, hosts, days int) {
	start := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC).UnixNano()
	for i := range hosts {
		r := rand.New(rand.NewPCG(uint64(i), uint64(p.packets)))
		h := newSimulated(r, p.packets)
		base := p.network.As4()
		host := netip.AddrFrom4([4]byte{base[0], base[1] + byte(i>>16), byte(i >> 8), byte(i)})
		for hour := range days * 24 {
			for window := range 6 {
				if r.Float64() >= p.present(h, hour/24%7, hour%24) && !(hour == h.day*24+h.start && window == 0 && p.name == "outside") {
					continue
				}
				v, known := h.values(r, &p, hour%24)
				add(t, b, baseline.Row{Start: start + int64(hour)*3600e9 + int64(window)*600e9, Host: host, Values: v, Known: known})
			}
		}
	}
}

// sized returns the bytes of a baseline for each of its hosts.
func sized(t failer, b *baseline.Baseline) float64 {
	hosts, err := b.Segments(baseline.Host)
	if err != nil {
		t.Fatal(err)
	}
	return float64(len(encoded(t, b))) / float64(len(hosts))
}

// TestBytesPerHost holds the target of 2 KiB a host with 40 features: for a day of 24 full
// hours of every population, and for a week of a network with the addresses that it
// talks to. With PCAPMILL_ACCEPT the network has 20,000 hosts.
func TestBytesPerHost(t *testing.T) {
	table, scale := hostTable(t), 20
	if os.Getenv("PCAPMILL_ACCEPT") != "" {
		scale = 1
	}
	empty := func() *baseline.Baseline {
		b, err := baseline.New(baseline.Config{Hosts: 1 << 20, Precision: sketch.Coarse, Keys: 64}, table)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	const most = 2048
	for _, p := range populations() {
		day, week := empty(), empty()
		grow(t, day, p, 50, 1)
		grow(t, week, p, 50, 7)
		size := sized(t, day)
		t.Logf("%s: %.0f bytes for a day, %.0f for a week", p.name, size, sized(t, week))
		if size > most {
			t.Errorf("%s: a day takes %.0f bytes", p.name, size)
		}
	}
	network := empty()
	for i, hosts := range []int{500, 2000, 500, 17000} {
		grow(t, network, populations()[i], hosts/scale, 7)
	}
	size := sized(t, network)
	t.Logf("network: %.0f bytes a host", size)
	if size > most {
		t.Errorf("a network takes %.0f bytes a host", size)
	}
	data := encoded(t, network)
	if !bytes.Equal(encoded(t, decoded(t, data)), data) {
		t.Error("written again, it is another")
	}
}
