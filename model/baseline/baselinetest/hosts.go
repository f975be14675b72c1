// Package baselinetest simulates windows of hosts, for what depends on what windows are
// like: sizes of baselines, and time. Numbers that follow from others in a network do so
// here.
package baselinetest

import (
	"math"
	"math/rand/v2"
	"net/netip"
	"strings"

	"pcapmill/features/column"
	"pcapmill/model/baseline"
)

// columns are numbers as a window of a host has them, by unit.
const columns = `
packets out_packets in_packets
bytes out_wire_bytes in_wire_bytes
1/s packets_per_s wire_bytes_per_s
ns gap_mean_ns gap_std_ns
ratio gap_cv burst_score outbound_ratio byte_asymmetry periodicity_score spectral_dominance regularity nxdomain_ratio
count peak_packets_per_s active_seconds out_flows in_flows failed_out_flows failed_in_flows fan_out fan_in out_ports in_ports protocols app_protocols
count dns_queries dns_responses dns_nxdomain dns_names tls_hellos tls_server_names ja4_prints new_peers new_ports resets
s period_s
bits dns_name_entropy_bits`

// Schema returns a table of hosts with 40 numbers.
func Schema() *column.Schema {
	s := &column.Schema{Table: "hosts", Version: 1}
	for line := range strings.Lines(strings.TrimSpace(columns)) {
		words := strings.Fields(line)
		for _, name := range words[1:] {
			c := column.Column{Name: name, Type: column.Double, Unit: column.Unit(words[0]), Doc: "x"}
			if words[0] == "packets" || words[0] == "bytes" || words[0] == "count" {
				c.Type = column.Int64
			}
			s.Columns = append(s.Columns, c)
		}
	}
	return s
}

// Population are hosts of one kind, and when they have windows.
type Population struct {
	Name    string
	Network netip.Addr
	present func(h *Host, weekday, hour int) float64 // share of the windows of an hour
	packets float64                                  // in a window, median over hosts
	client  bool                                     // asks names and opens connections
}

// Populations returns servers and devices, which are never silent, workstations, and
// addresses outside, most of which have a window or two in a week.
func Populations() []Population {
	return []Population{
		{"server", netip.MustParseAddr("10.1.0.0"), always, 20000, true},
		{"workstation", netip.MustParseAddr("10.2.0.0"), working, 2000, true},
		{"device", netip.MustParseAddr("10.3.0.0"), always, 60, false},
		{"outside", netip.MustParseAddr("198.18.0.0"), passing, 40, false},
	}
}

// Host is a host: its level, and what it varies by.
type Host struct {
	Address netip.Addr

	population               *Population
	rand                     *rand.Rand
	level, vary, share, size float64
	start, end               int     // working hours, or the one hour of a passer-by
	day                      int     // of a passer-by
	faithful                 float64 // how often it comes back
}

// Host returns the i-th host, the same one each time.
func (p *Population) Host(i int) *Host {
	r := rand.New(rand.NewPCG(uint64(i), uint64(p.packets)))
	start, base := 7+r.IntN(3), p.Network.As4()
	return &Host{
		Address:    netip.AddrFrom4([4]byte{base[0], base[1] + byte(i>>16), byte(i >> 8), byte(i)}),
		population: p, rand: r,
		level: math.Log(p.packets) + r.NormFloat64(), vary: 0.3 + 0.6*r.Float64(), share: 0.1 + 0.8*r.Float64(), size: 150 + 900*r.Float64(),
		start: start, end: start + 8 + r.IntN(3), day: r.IntN(7), faithful: math.Pow(r.Float64(), 6),
	}
}

func always(*Host, int, int) float64 { return 1 }

func working(h *Host, weekday, hour int) float64 {
	if weekday >= 5 || hour < h.start || hour >= h.end {
		return 0
	}
	return 0.9
}

func passing(h *Host, weekday, hour int) float64 {
	if weekday == h.day && hour == h.start {
		return 0.3
	}
	return h.faithful * 0.2
}

// monday is when windows begin: 2026-11-02 00:00 UTC, in seconds since 1970.
const monday = 1793577600

// Rows calls yield with the host's windows of 10 minutes of some days, from Monday
// 2026-11-02 on. Values are those of Schema.
func (h *Host) Rows(days int, yield func(*baseline.Row) error) error {
	for hour := range days * 24 {
		for window := range 6 {
			r := h.rand
			if r.Float64() >= h.population.present(h, hour/24%7, hour%24) && !(hour == h.day*24+h.start && window == 0 && h.population.Name == "outside") {
				continue
			}
			v, known := h.values(hour % 24)
			row := baseline.Row{Start: monday*1e9 + int64(hour)*3600e9 + int64(window)*600e9, Host: h.Address, Values: v, Known: known}
			if err := yield(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

// values makes a window's: what follows from packets follows here.
func (h *Host) values(hour int) ([]float64, []bool) {
	r := h.rand
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
	if h.population.client {
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
