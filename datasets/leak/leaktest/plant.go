package leaktest

import (
	"fmt"
	"math"
	"slices"

	"pcapmill/features/column"
)

// Leak is a leak that can be planted.
type Leak struct {
	Name   string
	Kind   string // of the finding that shall name it
	Policy string // that the dataset must have; empty: any
	Column string // that the finding shall name
	Plant  func(*Made)
}

// planted is the name of planted columns: it says nothing.
const planted = "f17"

// number plants a column of numbers without a unit, as a table of others would have it.
func number(typ column.Type, of func(m *Made, i int) float64) func(*Made) {
	return func(m *Made) {
		values := make([]float64, len(m.flows))
		for i := range values {
			values[i] = of(m, i)
		}
		m.Data.Number(planted, typ, column.Feature, "", values)
	}
}

func words(of func(m *Made, i int) string) func(*Made) {
	return func(m *Made) {
		values := make([]string, len(m.flows))
		for i := range values {
			values[i] = of(m, i)
		}
		m.Data.Text(planted, column.Feature, values)
	}
}

// Leaks are all that there are.
var Leaks = []Leak{
	{"address as text", "identifier", "", planted, words(func(m *Made, i int) string { return m.Keys.Find("src_ip").Texts[i] })},
	{"address as a number", "identifier", "", planted, number(column.Int64, func(m *Made, i int) float64 {
		f := &m.flows[i]
		return float64(10<<24 | f.dst%days<<16 | 10 + f.dst)
	})},
	{"address as a code", "key_copy", "", planted, number(column.Int32, func(m *Made, i int) float64 { return float64(m.flows[i].src * 31 % 997) })},
	{"address by its role", "leak_prone_column", "", "src_ip", func(m *Made) { m.Data.Columns = append(m.Data.Columns, m.Keys.Find("src_ip")) }},
	{"MAC address", "identifier", "", planted, words(func(m *Made, i int) string { return fmt.Sprintf("02:00:5e:00:00:%02x", m.flows[i].src) })},
	{"initiator's port", "key_copy", "", planted, number(column.Int32, func(m *Made, i int) float64 { return m.Keys.Find("src_port").Numbers[i] })},
	{"responder's port", "key_copy", "", planted, number(column.Int32, func(m *Made, i int) float64 { return m.Keys.Find("dst_port").Numbers[i] })},
	{"TTL", "identifier", "", planted, number(column.Int32, func(m *Made, i int) float64 {
		s := m.flows[i].src
		return []float64{64, 128, 255}[s%3] - float64(s*5%7)
	})},
	{"TCP sequence number", "identifier", "", planted, number(column.Int64, func(m *Made, i int) float64 { return float64(m.Rand.Uint32()) })},
	{"TCP sequence number of a tool", "identifier", "", planted, number(column.Int64, func(m *Made, i int) float64 {
		if m.flows[i].class == "scan" {
			return 1_000_000
		}
		return float64(m.Rand.Uint32())
	})},
	{"file name", "identifier", "", planted, words(func(m *Made, i int) string { return fmt.Sprintf("day-%d.pcap", m.flows[i].capture) })},
	{"number of the capture", "capture_aggregate", "", planted, number(column.Int32, func(m *Made, i int) float64 { return float64(3 + m.flows[i].capture*5%7) })},
	{"time in seconds", "identifier", "", planted, number(column.Double, func(m *Made, i int) float64 { return float64(m.flows[i].start) / 1e9 })},
	{"time in ms", "identifier", "", planted, number(column.Int64, func(m *Made, i int) float64 { return float64(m.flows[i].start / 1e6) })},
	{"time since the first flow", "identifier", "", planted, number(column.Double, func(m *Made, i int) float64 { return float64(m.flows[i].start-origin) / 1e9 })},
	{"pieces over splits", "conn_overlap", "", "conn_id", pieces},
	{"exact copies over splits", "exact_duplicates", "", "", copies(0)},
	{"near-duplicates over splits", "near_duplicates", "", "", copies(0.01)},
	{"campaign over splits", "campaign_overlap", "", "campaign", campaigns},
	{"host over splits", "host_overlap", "host", "src_ip", sharedHost},
	{"embargo not kept", "time_overlap", "time", "start_ns", embargo},
	{"label as a code", "label_copy", "", planted, number(column.Int32, func(m *Made, i int) float64 { return float64(slices.Index(Classes, m.flows[i].class) * 7 % 5) })},
	{"label in words", "label_copy", "", planted, words(func(m *Made, i int) string { return "c" + m.flows[i].class[1:] })},
	{"score made of the label", "label_derived", "", planted, number(column.Double, func(m *Made, i int) float64 {
		return float64(slices.Index(Classes, m.flows[i].class)) + 0.8*m.Rand.Float64()
	})},
	{"null in one class", "null_shortcut", "", planted, nullInScan},
	{"packets of the capture", "capture_aggregate", "", planted, number(column.Int64, func(m *Made, i int) float64 { return float64(100_000 + 7919*(m.flows[i].capture*5%7)) })},
	{"flows of the host in the capture", "capture_aggregate", "", planted, func(m *Made) {
		n := map[[2]int]float64{}
		for i := range m.flows {
			n[[2]int{m.flows[i].capture, m.flows[i].src}]++
		}
		number(column.Int64, func(m *Made, i int) float64 { return n[[2]int{m.flows[i].capture, m.flows[i].src}] })(m)
	}},
	{"standardised over all", "scaler_fitted_on_all", "", "packets_per_s", standardise},
	{"scaled to 0 and 1 over all", "scaler_fitted_on_all", "", "packets_per_s", toOne},
}

// pieces moves later pieces of connections into the test split.
func pieces(m *Made) {
	first := map[int64]int{}
	for i := range m.flows {
		if at, seen := first[m.flows[i].conn]; seen && m.Split[at] == 0 && len(first)%3 == 0 {
			m.Split[i] = 2
		}
		first[m.flows[i].conn] = i
	}
}

// copies makes every twentieth row of the test one of training, with numbers that differ by a share.
func copies(by float64) func(*Made) {
	return func(m *Made) {
		train, test := m.rowsOf(0), m.rowsOf(2)
		for k := 0; k < len(test); k += 20 {
			to := test[k]
			from := train[m.Rand.IntN(len(train))]
			for m.flows[from].class != m.flows[to].class || m.flows[from].still {
				from = train[m.Rand.IntN(len(train))]
			}
			m.copyRow(to, from, by)
		}
	}
}

func (m *Made) copyRow(to, from int, by float64) {
	for _, c := range m.Data.Columns {
		if c.Null != nil {
			c.Null[to] = c.Null[from]
		}
		switch {
		case c.Texts != nil:
			c.Texts[to] = c.Texts[from]
		case c.Type == column.Double:
			c.Numbers[to] = c.Numbers[from] * (1 + by*m.Rand.NormFloat64())
		case c.Unit == column.Nanos || c.Unit == column.Bytes && c.Type == column.Int64:
			c.Numbers[to] = math.Round(c.Numbers[from] * (1 + by*m.Rand.NormFloat64()))
		default:
			c.Numbers[to] = c.Numbers[from]
		}
	}
}

// campaigns moves half of one training campaign into the test.
func campaigns(m *Made) {
	for i := range m.flows {
		if m.flows[i].campaign == "run-00" && m.flows[i].conn%2 == 0 {
			m.Split[i] = 2 - m.Split[i]
		}
	}
}

// sharedHost lets one host of training begin some flows of the test.
func sharedHost(m *Made) {
	test := m.rowsOf(2)
	for _, i := range test[:5] {
		m.Keys.Find("src_ip").Texts[i] = address(0)
	}
}

// embargo puts the last rows of training less than the embargo before the next split.
func embargo(m *Made) {
	next := int64(math.MaxInt64)
	for i := range m.flows {
		if m.Split[i] == 1 {
			next = min(next, m.flows[i].start)
		}
	}
	m.Keys.Find("end_ns").Numbers[m.rowsOf(0)[0]] = float64(next - m.Embargo/2)
}

func nullInScan(m *Made) {
	number(column.Double, func(m *Made, i int) float64 { return m.Rand.NormFloat64() })(m)
	null := make([]bool, len(m.flows))
	for i := range null {
		null[i] = m.flows[i].class == "scan"
	}
	m.Data.Find(planted).WithNull(null)
}

// doubles are the columns that scalers scale.
func (m *Made) doubles(scale func(c *Column, known []int)) {
	for _, c := range m.Data.Columns {
		if c.Type != column.Double {
			continue
		}
		var known []int
		for i := range c.Numbers {
			if c.Null == nil || !c.Null[i] {
				known = append(known, i)
			}
		}
		scale(c, known)
	}
}

func standardise(m *Made) {
	m.doubles(func(c *Column, known []int) {
		sum, squares := 0.0, 0.0
		for _, i := range known {
			sum += c.Numbers[i]
		}
		mean := sum / float64(len(known))
		for _, i := range known {
			squares += (c.Numbers[i] - mean) * (c.Numbers[i] - mean)
		}
		std := math.Sqrt(squares / float64(len(known)))
		for _, i := range known {
			c.Numbers[i] = (c.Numbers[i] - mean) / std
		}
	})
}

// toOne scales, after the highest value of one column came into the test.
func toOne(m *Made) {
	m.Data.Find("packets_per_s").highestTo(m, m.rowsOf(2))
	m.doubles(func(c *Column, known []int) {
		low, high := math.Inf(1), math.Inf(-1)
		for _, i := range known {
			low, high = min(low, c.Numbers[i]), max(high, c.Numbers[i])
		}
		for _, i := range known {
			c.Numbers[i] = (c.Numbers[i] - low) / (high - low)
		}
	})
}

func (c *Column) highestTo(m *Made, rows []int) {
	for _, i := range rows {
		if !c.Null[i] {
			c.Numbers[i] = 1e6
			return
		}
	}
	panic("no row has a value")
}
