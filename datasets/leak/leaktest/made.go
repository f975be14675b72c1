package leaktest

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"pcapmill/features/column"
)

// Policies are the ways to split that New knows.
var Policies = []string{"time", "capture", "host", "campaign"}

// Made is a dataset in the making.
type Made struct {
	Data, Keys *Table
	Split      []int // by row: 0 train, 1 validation, 2 test
	Policy     string
	Embargo    int64 // ns
	Rand       *rand.Rand
	flows      []flow
}

// flow is what a row is about.
type flow struct {
	class    string
	campaign string
	capture  int
	conn     int64
	src, dst int
	start    int64 // ns
	length   int64
	split    int
	udp      bool
	still    bool // one packet, as thousands of others
}

const (
	day    = int64(86_400e9)
	origin = int64(1_700_000_000e9) // in the night of the first day's begin
	days   = 6
	hosts  = 48
)

// Classes that flows have.
var Classes = []string{"benign", "bruteforce", "exfiltration", "scan"}

// New draws a dataset of about so many rows.
func New(seed uint64, rows int, policy string) *Made {
	m := &Made{Policy: policy, Rand: rand.New(rand.NewPCG(seed, 0x1eaf)), Data: &Table{Name: "data"}, Keys: &Table{Name: "keys"}, Embargo: 600e9}
	m.draw(rows)
	m.keys()
	m.features()
	return m
}

// splitOf says in which split a day, host or campaign is: about four sixths, one, one.
func splitOf(i int) int {
	switch i % days {
	case 4:
		return 1
	case 5:
		return 2
	}
	return 0
}

// draw draws the flows: campaigns one after the other, and benign ones over all days.
func (m *Made) draw(rows int) {
	r := m.Rand
	for c := range rows * 6 / 10 {
		f := flow{class: "benign", capture: r.IntN(days), src: r.IntN(hosts)}
		f.split = m.splitFor(f.capture, f.src, c*7%12)
		m.flow(f, r.Int64N(day-4*3600e9))
	}
	attacks := 6 * len(Classes[1:]) * 2
	for c := range attacks {
		f := flow{class: Classes[1+c%3], campaign: fmt.Sprintf("run-%02d", c), capture: c / 3 % days, src: (c/3%days + days*r.IntN(hosts/days)) % hosts}
		f.split = m.splitFor(f.capture, f.src, c/3)
		begin := r.Int64N(day - 8*3600e9)
		for range rows * 4 / 10 / attacks {
			m.flow(f, begin+r.Int64N(2*3600e9))
		}
	}
	slices.SortStableFunc(m.flows, func(a, b flow) int { return cmp.Compare(a.start, b.start) })
}

func (m *Made) splitFor(capture, src, campaign int) int {
	switch m.Policy {
	case "host":
		return splitOf(src)
	case "campaign":
		return splitOf(campaign)
	}
	return splitOf(capture)
}

// flow adds a flow at a time of its day, one in twenty with another piece half an hour later.
func (m *Made) flow(f flow, at int64) {
	r := m.Rand
	f.start = origin + int64(f.capture)*day + at
	f.conn = r.Int64()
	f.dst = r.IntN(hosts)
	if m.Policy == "host" {
		f.dst = f.src%days + days*r.IntN(hosts/days)
	}
	f.udp = r.Float64() < map[string]float64{"benign": 0.35, "bruteforce": 0.1, "exfiltration": 0.3, "scan": 0.15}[f.class]
	f.still = r.Float64() < map[string]float64{"benign": 0.15, "scan": 0.6}[f.class]
	if !f.still {
		f.length = int64(math.Exp(18 + 2.2*r.NormFloat64() + map[string]float64{"bruteforce": 0.8, "exfiltration": 1.2}[f.class]))
	}
	f.length = min(f.length, 1800e9)
	m.flows = append(m.flows, f)
	if r.IntN(20) == 0 && !f.still {
		f.start += 1800e9
		m.flows = append(m.flows, f)
	}
}

// numbers makes values of flows.
func (m *Made) numbers(of func(*flow) float64) []float64 {
	all := make([]float64, len(m.flows))
	for i := range m.flows {
		all[i] = of(&m.flows[i])
	}
	return all
}

func (m *Made) texts(of func(*flow) string) []string {
	all := make([]string, len(m.flows))
	for i := range m.flows {
		all[i] = of(&m.flows[i])
	}
	return all
}

func address(host int) string { return fmt.Sprintf("10.%d.0.%d", host%days, 10+host) }

func (m *Made) keys() {
	k := m.Keys
	id := column.Identity
	k.Number("flow_id", column.Int64, id, "", m.numbers(func(*flow) float64 { return float64(m.Rand.Int64()) }))
	k.Number("conn_id", column.Int64, id, "", m.numbers(func(f *flow) float64 { return float64(f.conn) }))
	k.Number("capture", column.Int32, id, "", m.numbers(func(f *flow) float64 { return float64(f.capture) }))
	k.Number("start_ns", column.Int64, column.Time, column.EpochNano, m.numbers(func(f *flow) float64 { return float64(f.start) }))
	k.Number("end_ns", column.Int64, column.Time, column.EpochNano, m.numbers(func(f *flow) float64 { return float64(f.start + f.length) }))
	k.Text("src_ip", column.LeakProne, m.texts(func(f *flow) string { return address(f.src) }))
	k.Text("dst_ip", column.LeakProne, m.texts(func(f *flow) string { return address(f.dst) }))
	k.Number("src_port", column.Int32, column.LeakProne, "", m.numbers(func(*flow) float64 { return float64(32768 + m.Rand.IntN(28232)) }))
	k.Number("dst_port", column.Int32, column.LeakProne, "", m.numbers(m.service))
	campaign := k.Text("campaign", id, m.texts(func(f *flow) string { return f.campaign }))
	null := make([]bool, len(m.flows))
	for i := range m.flows {
		null[i] = m.flows[i].campaign == ""
		m.Split = append(m.Split, m.flows[i].split)
	}
	campaign.WithNull(null)
}

func (m *Made) service(f *flow) float64 {
	ports := []float64{443, 80, 53, 22, 445, 123, 8080, 3389}
	if f.class == "scan" {
		return float64(1 + m.Rand.IntN(10000))
	}
	return ports[m.Rand.IntN(len(ports))]
}

// features are what is measured, with distributions that overlap.
func (m *Made) features() {
	r, d := m.Rand, m.Data
	shift := func(f *flow) float64 {
		return map[string]float64{"benign": 0, "bruteforce": 0.5, "exfiltration": 1, "scan": -0.7}[f.class]
	}
	whole := func(name string, unit column.Unit, mean, spread float64) []float64 {
		values := m.numbers(func(f *flow) float64 {
			if f.still {
				return 1
			}
			return math.Floor(math.Exp(mean + spread*r.NormFloat64() + shift(f)*spread/2))
		})
		d.Number(name, column.Int64, column.Feature, unit, values)
		return values
	}
	clock := int64(1)
	if r.IntN(2) == 0 {
		clock = 1000
	}
	d.Number("protocol", column.Int32, column.Feature, "", m.numbers(func(f *flow) float64 { return map[bool]float64{true: 17, false: 6}[f.udp] }))
	d.Number("duration_ns", column.Int64, column.Feature, column.Nanos, m.numbers(func(f *flow) float64 { return float64(f.length / clock * clock) }))
	packets := whole("fwd_packets", column.Packets, 2.2, 1.1)
	whole("rev_packets", column.Packets, 2, 1.2)
	whole("fwd_payload_bytes", column.Bytes, 6, 1.8)
	whole("rev_payload_bytes", column.Bytes, 7, 2)
	i := -1
	iat := d.Number("iat_mean_ns", column.Double, column.Feature, column.Nanos, m.numbers(func(f *flow) float64 {
		i++
		return float64(f.length/clock*clock) / max(packets[i], 1)
	}))
	var udp, still []bool
	for i := range m.flows {
		udp, still = append(udp, m.flows[i].udp), append(still, m.flows[i].still)
	}
	iat.WithNull(still)
	d.Number("packets_per_s", column.Double, column.Feature, column.PerSecond, m.numbers(func(f *flow) float64 {
		return math.Exp(1 + 1.5*r.NormFloat64() + shift(f)/2)
	})).WithNull(still)
	d.Number("producer_consumer_ratio", column.Double, column.Feature, column.Ratio, m.numbers(func(f *flow) float64 {
		return math.Tanh(0.8*r.NormFloat64() + 0.4*shift(f))
	})).WithNull(still)
	d.Number("fwd_payload_entropy_bits", column.Double, column.Feature, column.Bits, m.numbers(func(f *flow) float64 {
		return 8 / (1 + math.Exp(-1-r.NormFloat64()-shift(f)/3))
	})).WithNull(still)
	d.Number("fwd_window_first", column.Int32, column.Feature, column.Bytes, m.numbers(func(f *flow) float64 {
		return []float64{64240, 29200, 65535, 8192, 1024}[(f.src*7+r.IntN(2))%5]
	})).WithNull(udp)
	d.Number("fwd_mss", column.Int32, column.Feature, column.Bytes, m.numbers(func(f *flow) float64 { return []float64{1460, 1380, 1460}[f.src%3] })).WithNull(udp)
	d.Number("rev_mss", column.Int32, column.Feature, column.Bytes, m.numbers(func(f *flow) float64 { // addresses that other hosts have on other days
		if at := (f.dst*days + f.capture) * 7919 % 101; at > 60 {
			return float64(1300 + at)
		}
		return 1460
	})).WithNull(udp)
	d.Number("fwd_psh_packets", column.Int64, column.Feature, column.Packets, m.numbers(func(f *flow) float64 { return float64(r.IntN(4)) })).WithNull(udp)
	d.Number("fwd_dscp", column.Int32, column.Feature, "", m.numbers(func(*flow) float64 { return 0 }))
	d.Text("conn_state", column.Feature, m.texts(func(f *flow) string {
		if f.still && f.class == "scan" {
			return []string{"S0", "REJ", "S0", "SF"}[r.IntN(4)]
		}
		return []string{"SF", "SF", "S0", "RSTO", "OTH", "REJ"}[r.IntN(6)]
	}))
	d.Text("app_protocol", column.Feature, m.texts(func(f *flow) string { return []string{"tls", "http", "dns", "ssh", "smb"}[r.IntN(5)] })).WithNull(still)
	d.Text("label", column.Label, m.texts(func(f *flow) string { return f.class }))
}

// rowsOf returns the rows of a split.
func (m *Made) rowsOf(split int) (rows []int) {
	for i, s := range m.Split {
		if s == split {
			rows = append(rows, i)
		}
	}
	return rows
}

// Splits are the names of splits by number.
var Splits = []string{"train", "validation", "test"}

// Write writes the two tables below a folder, a file a split each.
func (m *Made) Write(dir string) error {
	for s, name := range Splits {
		rows := m.rowsOf(s)
		for _, t := range []*Table{m.Data, m.Keys} {
			if err := t.write(filepath.Join(dir, t.Name, "split="+name, "part-00000.parquet"), rows); err != nil {
				return err
			}
		}
	}
	return nil
}
