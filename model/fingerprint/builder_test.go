package fingerprint_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"pcapmill/features/column"
	"pcapmill/features/window/host"
	"pcapmill/model/fingerprint"
)

// TestJoining works two windows of one host by hand. The gaps of the first are 1, 3 s
// (mean 2, deviation 1), those of the second 4, 4, 4, 8 s (mean 5, deviation √3): of all
// six, the sum is 24, the mean 4, the squares 1+9+16+16+16+64 = 122, the variance
// 122/6 − 16 = 13/3.
func TestJoining(t *testing.T) {
	f := one(t,
		cells{
			"out_packets": 2, "in_packets": 1, "out_wire_bytes": 200, "in_wire_bytes": 100, "active_seconds": 3,
			"gap_mean_ns": 2e9, "gap_std_ns": 1e9, "burst_score": 2, "regularity": 0.5,
			"out_flows": 3, "in_flows": 1, "failed_out_flows": 1, "fan_out": 2, "fan_out_exact": 1,
			"dns_queries": 3, "dns_responses": 2, "dns_nxdomain": 1, "dns_names": 3, "dns_name_entropy_bits": 3.0, "period_s": 10,
		},
		cells{
			"window_start_ns": monday + tenMins, "out_packets": 4, "in_packets": 1, "out_wire_bytes": 700, "active_seconds": 4,
			"gap_mean_ns": 5e9, "gap_std_ns": 1e9 * math.Sqrt(3), "burst_score": 3,
			"out_flows": 1, "fan_out": 1, "fan_out_exact": 0,
			"dns_queries": 1, "dns_responses": 0, "dns_nxdomain": 0, "dns_names": 1, "dns_name_entropy_bits": 2.0, "period_s": 60,
		})
	want := map[string]float64{
		"packets_per_s": 8.0 / 1200, "wire_bytes_per_s": 1000.0 / 1200, "packet_mean_bytes": 125, "active_share": 7.0 / 1200,
		"gap_mean_ns": 4e9, "gap_std_ns": 1e9 * math.Sqrt(13.0/3), "gap_cv": math.Sqrt(13.0/3) / 4, "burst_score": 2.5,
		"outbound_ratio": 0.9, "outbound_packet_ratio": 0.75, "inbound_flow_ratio": 0.2,
		"period_s": 10, "regularity": 0.5,
		"out_flows_per_hour": 12, "in_flows_per_hour": 3, "failed_out_ratio": 0.25, "failed_in_ratio": 0,
		"fan_out": 1.5, "fan_in": 0, "out_ports": 0, "in_ports": 0, "protocols": 0,
		"dns_queries_per_hour": 12, "dns_message_share": 0.75, "nxdomain_ratio": 0.5, "dns_names": 2, "dns_name_entropy_bits": 2.75,
	}
	for i, feature := range fingerprint.Features() {
		x, known := want[feature.Name]
		if got := f.Vector[i]; got.Known != known || math.Abs(got.X-x) > 1e-12*max(1, x) {
			t.Errorf("%s is %v, want %v, %v", feature.Name, got, x, known)
		}
	}
	if f.Windows != 2 || f.Parts != 0 || f.Inexact != 1 || f.Packets != 8 || f.WireBytes != 1000 || f.Flows != 5 || f.First != monday || f.Last != monday+tenMins {
		t.Errorf("%+v", f)
	}
}

// TestClockHasNoDeviation: gaps that are all the same have a deviation of 0 whatever the
// number of windows, which sums of squares in floating point would not give.
func TestClockHasNoDeviation(t *testing.T) {
	var rows []cells
	for i := range 1000 {
		rows = append(rows, cells{
			"window_start_ns": monday + int64(i)*tenMins, "out_packets": 7 + i%13, "gap_mean_ns": 1234567891, "gap_std_ns": 0,
		})
	}
	if cv := one(t, rows...).Vector.Of("gap_cv"); !cv.Known || cv.X != 0 {
		t.Errorf("gap_cv is %v", cv)
	}
}

// TestUnknownStaysUnknown: what rows do not know is no 0, and no mean of others.
func TestUnknownStaysUnknown(t *testing.T) {
	f := one(t, cells{"out_packets": 1, "out_wire_bytes": 60, "active_seconds": 1, "burst_score": 1})
	for _, name := range []string{
		"gap_mean_ns", "gap_std_ns", "gap_cv", "period_s", "periodicity_score", "spectral_dominance", "regularity", "inbound_flow_ratio",
		"failed_out_ratio", "failed_in_ratio", "app_protocols", "dns_queries_per_hour", "dns_message_share", "nxdomain_ratio", "dns_names",
		"dns_name_entropy_bits", "tls_hellos_per_hour", "tls_server_names", "ja4_prints",
	} {
		if v := f.Vector.Of(name); v.Known || v.X != 0 {
			t.Errorf("%s is %v", name, v)
		}
	}
	// Windows of a run that did not read DNS are not windows without DNS.
	f = one(t, cells{"out_packets": 12, "dns_queries": 6, "dns_responses": 0, "dns_nxdomain": 0, "dns_names": 2}, cells{"window_start_ns": monday + tenMins, "out_packets": 88})
	if q, n, share := f.Vector.Of("dns_queries_per_hour"), f.Vector.Of("dns_names"), f.Vector.Of("dns_message_share"); q.X != 36 || n.X != 2 || share.X != 0.5 {
		t.Errorf("%v queries an hour, %v names, %v of packets", q, n, share)
	}
}

// TestPartsAreOneWindow: rows of one window in parts add up, wherever they stand.
func TestPartsAreOneWindow(t *testing.T) {
	f := one(t, cells{"out_packets": 6}, cells{"window_start_ns": monday + tenMins, "out_packets": 6}, cells{"out_flows": 2, "part_no": 3})
	if f.Windows != 2 || f.Parts != 1 || f.Vector.Of("packets_per_s").X != 0.01 || f.Vector.Of("out_flows_per_hour").X != 6 {
		t.Errorf("%+v", f)
	}
	f = one(t, cells{"capture_id": 0, "out_packets": 6}, cells{"capture_id": 1, "out_packets": 6})
	if f.Windows != 2 || f.Parts != 0 {
		t.Errorf("of two captures: %+v", f)
	}
}

// TestOverlappingWindows: what is in windows between those that lie side by side is in these.
func TestOverlappingWindows(t *testing.T) {
	f := one(t, cells{"out_packets": 6}, cells{"window_start_ns": monday + tenMins/2, "out_packets": 12}, cells{"window_start_ns": monday - tenMins/5, "out_packets": 99}, cells{"window_start_ns": monday + tenMins, "out_packets": 6})
	if f.Windows != 2 || f.Parts != 0 || f.Vector.Of("packets_per_s").X != 0.01 {
		t.Errorf("%+v", f)
	}
}

// random makes rows that agree with themselves.
func random(n int, seed uint64) []cells {
	r := rand.New(rand.NewPCG(seed, 1))
	var rows []cells
	for i := range n {
		c := cells{"host": fmt.Sprintf("10.0.0.%d", r.IntN(5)), "window_start_ns": monday + int64(i)*tenMins}
		for _, name := range []string{"out_packets", "in_packets", "out_wire_bytes", "in_wire_bytes", "fan_out", "fan_in", "out_ports", "in_ports", "protocols", "app_protocols", "tls_hellos", "tls_server_names", "ja4_prints"} {
			c[name] = r.IntN(1 << r.IntN(30))
		}
		for _, pair := range [][2]string{{"failed_out_flows", "out_flows"}, {"failed_in_flows", "in_flows"}, {"dns_nxdomain", "dns_responses"}} {
			c[pair[1]] = r.IntN(1000)
			c[pair[0]] = r.IntN(c[pair[1]].(int) + 1)
		}
		c["active_seconds"], c["dns_queries"], c["dns_names"] = r.IntN(601), r.IntN(1000), r.IntN(1000)
		c["gap_mean_ns"], c["gap_std_ns"], c["burst_score"] = r.Float64()*1e3, r.Float64()*1e3, 1+r.Float64()*100
		for _, name := range []string{"periodicity_score", "spectral_dominance", "regularity", "dns_name_entropy_bits"} {
			if r.IntN(3) > 0 {
				c[name] = r.Float64()
			}
		}
		if r.IntN(2) > 0 {
			c["period_s"] = 2 + r.IntN(299)
		}
		rows = append(rows, c)
	}
	return rows
}

// TestAnyOrder: the order and partition of rows change no byte.
func TestAnyOrder(t *testing.T) {
	rows := random(300, 7)
	var want bytes.Buffer
	if err := fingerprint.Write(&want, built(t, hosts(300, rows...))); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 3))
	for _, size := range []int{1, 7, 100} {
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		var got bytes.Buffer
		if err := fingerprint.Write(&got, built(t, hosts(size, rows...))); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("in batches of %d, shuffled: other bytes", size)
		}
	}
}

// TestAgainstBruteForce computes some features of many rows in the plain way.
func TestAgainstBruteForce(t *testing.T) {
	rows := random(200, 11)
	sums, squares, gaps, scores, n := 0.0, 0.0, 0.0, 0.0, 0.0
	for i := range rows {
		rows[i]["host"] = "10.0.0.1"
		k := float64(rows[i]["out_packets"].(int) + rows[i]["in_packets"].(int) - 1)
		if mean, std := rows[i]["gap_mean_ns"].(float64), rows[i]["gap_std_ns"].(float64); k > 0 {
			// What comes from packets has whole ns between the first and the last one.
			mean = math.Round(mean*k) / k
			rows[i]["gap_mean_ns"] = mean
			gaps += k
			sums += k * mean
			squares += k * (std*std + mean*mean)
		}
		if x, ok := rows[i]["periodicity_score"].(float64); ok {
			scores += x
			n++
		}
	}
	v := one(t, rows...).Vector
	for name, want := range map[string]float64{
		"gap_mean_ns": sums / gaps, "gap_std_ns": math.Sqrt(squares/gaps - sums/gaps*sums/gaps), "periodicity_score": scores / n,
	} {
		if got := v.Of(name); math.Abs(got.X-want) > 1e-6*want {
			t.Errorf("%s is %v, want %v", name, got.X, want)
		}
	}
}

func TestBuilderTakesTheNamedHosts(t *testing.T) {
	rows := hosts(2, cells{"host": "10.0.0.2"}, cells{"host": "::1"}, cells{"host": "10.0.0.10"}, cells{"host": "10.0.0.2", "window_start_ns": int64(0)})
	var names []string
	for _, f := range built(t, rows) {
		names = append(names, f.Host.String())
	}
	if got := strings.Join(names, " "); got != "10.0.0.2 10.0.0.10 ::1" {
		t.Error(got)
	}
	if all := built(t, rows, netip.MustParseAddr("10.0.0.2")); len(all) != 1 || all[0].Windows != 2 {
		t.Errorf("%d hosts", len(all))
	}
}

// TestRowsRefused: values that no packets have end in an error that names row and column.
func TestRowsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		cells
		err  error
		says string
	}{
		"host":         {cells{"host": "\x1b[2J"}, fingerprint.ErrTable, `\x1b[2J is no address`},
		"long host":    {cells{"host": strings.Repeat("1", 100)}, fingerprint.ErrTable, "100 bytes"},
		"zone":         {cells{"host": "fe80::1%eth0"}, fingerprint.ErrTable, "no address"},
		"window":       {cells{"window_ns": 0}, fingerprint.ErrTable, "window_ns is 0"},
		"long window":  {cells{"window_ns": math.MaxInt64}, fingerprint.ErrTable, "window_ns"},
		"other window": {cells{"window_ns": minute}, fingerprint.ErrMixed, "600000000000 and 60000000000"},
		"negative":     {cells{"out_packets": -1}, fingerprint.ErrTable, "out_packets is -1"},
		"huge":         {cells{"in_wire_bytes": math.MaxInt64}, fingerprint.ErrTable, "in_wire_bytes"},
		"NaN":          {cells{"burst_score": math.NaN()}, fingerprint.ErrTable, "burst_score is NaN"},
		"Inf":          {cells{"gap_mean_ns": math.Inf(1)}, fingerprint.ErrTable, "gap_mean_ns"},
		"score":        {cells{"regularity": 1.5}, fingerprint.ErrTable, "regularity is 1.5"},
		"failed":       {cells{"failed_out_flows": 2, "out_flows": 1}, fingerprint.ErrTable, "failed_out_flows is 2 of 1"},
		"gaps":         {cells{"out_packets": 1 << 52, "gap_mean_ns": 1e9}, fingerprint.ErrTable, "gap_mean_ns"},
		"spread":       {cells{"out_packets": 1 << 52, "gap_std_ns": 1e15}, fingerprint.ErrTable, "gap_std_ns"},
	} {
		b := fingerprint.NewBuilder(fingerprint.DefaultLimits())
		rows := hosts(10, cells{}, c.cells)
		err := b.Add(rows[0])
		if !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "row 1: ") || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSumsDoNotWrap: what does not fit in sums is an error.
func TestSumsDoNotWrap(t *testing.T) {
	for _, c := range []cells{
		{"out_wire_bytes": 1 << 53},
		{"out_packets": 3, "gap_mean_ns": 1e18 / 64},
	} {
		rows := hosts(1, c)
		b := fingerprint.NewBuilder(fingerprint.DefaultLimits())
		var err error
		for n := 0; err == nil && n < 2000; n++ {
			err = b.Add(rows[0])
		}
		if !errors.Is(err, fingerprint.ErrLimit) {
			t.Errorf("%v: %v", c, err)
		}
	}
}

func TestLimits(t *testing.T) {
	rows := hosts(10, cells{"host": "10.0.0.1"}, cells{"host": "10.0.0.2"})
	for _, l := range []fingerprint.Limits{{Hosts: 1, Windows: 10}, {Hosts: 10, Windows: 1}} {
		if err := fingerprint.NewBuilder(l).Add(rows[0]); !errors.Is(err, fingerprint.ErrLimit) {
			t.Errorf("%+v: %v", l, err)
		}
	}
	two := hosts(10, cells{}, cells{"window_start_ns": int64(0)})
	line := fingerprint.NewTimeline(fingerprint.Limits{Windows: 1}, netip.MustParseAddr("10.0.0.1"))
	if err := line.Add(two[0]); !errors.Is(err, fingerprint.ErrLimit) {
		t.Errorf("timeline: %v", err)
	}
}

func TestColumns(t *testing.T) {
	s := host.HostsSchema()
	names, err := fingerprint.Columns(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		less := &column.Schema{Table: s.Table}
		for _, c := range s.Columns {
			if c.Name != name {
				less.Columns = append(less.Columns, c)
			}
		}
		if _, err := fingerprint.Columns(less); name != "capture_id" && (!errors.Is(err, fingerprint.ErrTable) || !strings.Contains(err.Error(), name)) {
			t.Errorf("without %s: %v", name, err)
		}
	}
	other := hosts(1, cells{})[0]
	other.Schema.Columns[other.Schema.Index("window_start_ns")].Type = column.Timestamp
	if err := fingerprint.NewBuilder(fingerprint.DefaultLimits()).Add(other); !errors.Is(err, fingerprint.ErrTable) {
		t.Errorf("window_start_ns of another type: %v", err)
	}
}
