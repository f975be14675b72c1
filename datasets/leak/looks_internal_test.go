package leak

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/features/window/host"
)

// TestNamesOfOurColumns: no feature is called like an identifier, and what tells testbeds apart is
// known by its name too, where it has a role of its own no longer.
func TestNamesOfOurColumns(t *testing.T) {
	flows, err := flow.NewTable([]string{"all"}, flow.AddrBoth)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*column.Schema{flows.Schema, host.HostsSchema(), host.PairsSchema()} {
		for i := range s.Columns {
			if c := &s.Columns[i]; c.Role == column.Feature && looksOfName(c.Name) != "" {
				t.Errorf("%s.%s is called like %s", s.Table, c.Name, looksOfName(c.Name))
			}
		}
	}
	known, all := 0, 0
	for i := range flows.Schema.Columns {
		if c := &flows.Schema.Columns[i]; c.Role == column.LeakProne || c.Role == column.Identity || c.Role == column.Time {
			all++
			if looksOfName(c.Name) != "" {
				known++
			}
		}
	}
	if known < 20 {
		t.Errorf("%d of %d are known by their names", known, all)
	}
}

// TestNamesOfOthers are those of datasets that people publish.
func TestNamesOfOthers(t *testing.T) {
	for name, want := range map[string]string{
		"Flow ID": lookID, "Source IP": lookAddress, "Src IP": lookAddress, "Destination Port": lookPort, "Timestamp": lookTime, "srcip": lookAddress, "sport": lookPort,
		"dsport": lookPort, "sttl": lookTTL, "stcpb": lookSequence, "Stime": lookTime, "IPV4_SRC_ADDR": lookAddress, "L4_DST_PORT": lookPort, "StartTime": lookTime,
		"SrcAddr": lookAddress, "id.orig_h": lookAddress, "id.resp_p": lookPort, "uid": lookID, "ts": lookTime, "Unnamed: 0": lookID, "FILE_NAME": lookFile,
		"src_mac": lookMAC, "ip_id": lookIPID, "hop_limit": lookTTL,
		"Flow Duration": "", "Total Fwd Packets": "", "Flow IAT Mean": "", "ct_state_ttl": lookTTL, "proto": "", "Fwd PSH Flags": "", "dur": "", "Init_Win_bytes_forward": "",
		"Active Mean": "", "Idle Std": "", "sbytes": "", "swin": "", "synack": "", "": "", "!!": "", "TcpRtt": "", "Down/Up Ratio": "",
	} {
		if got := looksOfName(name); got != want {
			t.Errorf("%q looks like %q, want %q", name, got, want)
		}
	}
}

func numbersColumn(n int, of func(i int) float64) *columnScan {
	c := &columnScan{Column: &column.Column{Name: "f17", Type: column.Double}}
	for i := range n {
		c.sample.num = append(c.sample.num, of(i))
		c.sample.null = append(c.sample.null, false)
	}
	return c
}

// TestLooksOfNumbers: identifiers of each kind, and measures that are none.
func TestLooksOfNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	log := func(mean, spread float64) float64 { return math.Floor(math.Exp(mean + spread*r.NormFloat64())) }
	for _, c := range []struct {
		name, want string
		of         func(i int) float64
	}{
		{"seconds since 1970", lookTime, func(i int) float64 { return 1.7e9 + float64(i)/7 }},
		{"nanoseconds since 1970", lookTime, func(i int) float64 { return 1.7e18 + float64(i)*1e9 }},
		{"private addresses", lookAddress, func(i int) float64 { return 192<<24 | 168<<16 + float64(i%50) }},
		{"services", lookPort, func(i int) float64 { return []float64{443, 53, 80, 22, 50000 + float64(i%999)}[i%5] }},
		{"ephemeral ports of Linux", lookPort, func(int) float64 { return float64(32768 + r.IntN(28232)) }},
		{"ephemeral ports of Windows", lookPort, func(int) float64 { return float64(49152 + r.IntN(16384)) }},
		{"IP identification", lookIPID, func(int) float64 { return float64(r.IntN(65536)) }},
		{"sequence numbers", lookSequence, func(int) float64 { return float64(r.Uint32()) }},
		{"hashes", lookID, func(int) float64 { return float64(r.Int64()) }},
		{"bytes", "", func(int) float64 { return log(6, 2) }},
		{"durations in ns", "", func(int) float64 { return log(18, 3) }},
		{"durations in µs of up to an hour", "", func(int) float64 { return min(log(12, 3), 3.6e9) }},
		{"packets", "", func(int) float64 { return log(2, 1) }},
		{"windows", "", func(int) float64 { return []float64{64240, 65535, 29200, 8192, 501}[r.IntN(5)] }},
		{"sizes up to an MTU", "", func(int) float64 { return float64(40 + r.IntN(1461)) }},
		{"shares", "", func(int) float64 { return r.Float64() }},
		{"rates", "", func(int) float64 { return math.Exp(9 * r.NormFloat64()) }},
		{"flags", "", func(int) float64 { return float64(r.IntN(256)) }},
		{"scores of 0 to 1000", "", func(int) float64 { return float64(r.IntN(1001)) }},
	} {
		s := numbersColumn(3000, c.of)
		o := s.sample.ordered()
		got := ""
		if l := s.looksOfNumbers(&o); l != nil {
			got = l.what
		}
		if got != c.want {
			t.Errorf("%s look like %q, want %q", c.name, got, c.want)
		}
	}
}

// TestLooksOfTexts knows forms of addresses, times, files and identifiers.
func TestLooksOfTexts(t *testing.T) {
	for _, c := range []struct {
		want string
		of   func(i int) string
	}{
		{lookAddress, func(i int) string { return fmt.Sprintf("192.0.2.%d", i) }},
		{lookAddress, func(i int) string { return fmt.Sprintf("2001:db8::%x", i) }},
		{lookAddress, func(i int) string { return fmt.Sprintf("192.0.2.%d-198.51.100.7-443-%d-6", i, 50000+i) }},
		{lookAddress, func(i int) string { return fmt.Sprintf("192.0.2.%d:443", i) }},
		{lookMAC, func(i int) string { return fmt.Sprintf("02:00:5e:10:00:%02x", i) }},
		{lookTime, func(i int) string { return fmt.Sprintf("2017-07-%02d 09:30:00", 1+i) }},
		{lookTime, func(i int) string { return fmt.Sprintf("%d/7/2017 9:30", 1+i) }},
		{lookFile, func(i int) string { return fmt.Sprintf("/data/day%d.pcap.gz", i) }},
		{lookID, func(i int) string { return fmt.Sprintf("1:wCb3OG7yAFWelaUydu0D+125CL%d=", i%8) }},
		{"", func(i int) string { return []string{"SF", "S0", "REJ"}[i%3] }},
		{"", func(i int) string { return fmt.Sprintf("t13d%d", 1500+i) }},
		{"", func(i int) string { return fmt.Sprintf("1.%d", i) }},
	} {
		s := &columnScan{Column: &column.Column{Name: "f17", Type: column.String}}
		s.sample.texts = map[uint64]string{}
		for i := range 20 {
			s.sample.texts[hashText(c.of(i))] = c.of(i)
		}
		got := ""
		if l := s.looksOfTexts(); l != nil {
			got = l.what
		}
		if got != c.want {
			t.Errorf("%s looks like %q, want %q", c.of(1), got, c.want)
		}
	}
}

// TestBin: a bin is a factor of two wide, signs are kept, and what is nearly 0 is 0.
func TestBin(t *testing.T) {
	for _, c := range []struct {
		a, b float64
		same bool
	}{{4, 7.9, true}, {4, 8, false}, {-4, 4, false}, {0, 0.0009, true}, {1e-3, 1.5e-3, true}, {1e-3, 3e-3, false}, {1e300, 1e301, false}, {math.NaN(), 0, true}, {math.Inf(1), math.Inf(-1), false}} {
		if got := bin(c.a) == bin(c.b); got != c.same {
			t.Errorf("%g and %g are in one bin: %v", c.a, c.b, got)
		}
	}
}

// TestInstants: ours are in ns, however early; those of others in what they can be.
func TestInstants(t *testing.T) {
	for _, c := range []struct {
		column column.Column
		value  batch.Vector
		want   int64
	}{
		{column.Column{Type: column.Int64, Unit: column.EpochNano}, batch.Vector{Int64: []int64{1_500_000_000_000}}, 1_500_000_000_000},
		{column.Column{Type: column.Int64}, batch.Vector{Int64: []int64{1_500_000_000}}, 1_500_000_000e9},
		{column.Column{Type: column.Int64}, batch.Vector{Int64: []int64{1_500_000_000_123}}, 1_500_000_000_123e6},
		{column.Column{Type: column.Int64}, batch.Vector{Int64: []int64{1_500_000_000_123_456_789}}, 1_500_000_000_123_456_789},
		{column.Column{Type: column.Int32}, batch.Vector{Int32: []int32{1_500_000_000}}, 1_500_000_000e9},
		{column.Column{Type: column.Timestamp}, batch.Vector{Int64: []int64{1_500_000_000_123_456}}, 1_500_000_000_123_456e3},
		{column.Column{Type: column.Double}, batch.Vector{Float64: []float64{1_500_000_000.5}}, 1_500_000_000_500e6},
	} {
		if got := instantAt(&c.value, &c.column, 0); got != c.want {
			t.Errorf("%+v is %d, want %d", c.value, got, c.want)
		}
	}
}

// TestFinite: what is no number counts as none, as in tables that other programs wrote.
func TestFinite(t *testing.T) {
	l := &labelled{class: make([]uint16, 5), split: make([]uint8, 5)}
	var c columnScan
	c.begin(&column.Column{Type: column.Double}, 1, 0)
	c.addNumbers(&batch.Vector{Float64: []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, 3}, Valid: []byte{1, 1, 1, 0, 1}}, 5, 0, l, true)
	if c.split[Train].n != 1 || c.split[Train].mean != 3 || c.nulls[0][0] != 4 || c.logs[Train].mean != math.Log(4) {
		t.Errorf("%+v, %v", c.split[Train], c.nulls)
	}
}

// FuzzNames: no name, and no text, makes looking at it fail.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"Source IP", "srcPort", "\xff_id", "", "1:AAAA", "10.0.0.1-x", "2017-07-01", "İd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		looksOfName(s)
		c := &columnScan{Column: &column.Column{Type: column.String}}
		c.sample.texts = map[uint64]string{1: s, 2: s + "x"}
		c.looksOfTexts()
		if allow, err := ParseAllow(s); err == nil && int(allow.Kind) >= len(abouts) {
			t.Error("a kind that there is not")
		}
		clip(s)
	})
}

// FuzzScalers: no file of scalers makes reading it fail otherwise than with an error.
func FuzzScalers(f *testing.F) {
	for _, s := range []string{`{"version":1,"columns":[{"column":"a","mean":1,"std":2,"min":0,"max":3}]}`, `{"version":2}`, `{`, `{"version":1,"log1p":true,"columns":[{}]}`, `[]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := &Dataset{}
		if err := d.addScalers(bytes.NewReader(data)); err == nil {
			for i := range d.Scalers {
				d.Scalers[i].off(moments{n: 3, mean: 1, m2: 2, low: 0, high: 2})
			}
		}
	})
}
