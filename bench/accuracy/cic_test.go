package accuracy_test

import (
	"strings"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/stages"
)

// likeCIC are timeouts as CICFlowMeter's: a piece ends 120 s after its start, and
// nothing is idle.
func likeCIC() stages.Config {
	cfg := uncut()
	cfg.Timeouts.Active = 2 * time.Minute
	cfg.Fragments = unjoined()
	return cfg
}

// micros is a duration in the tool's unit.
func micros(ns float64) float64 { return ns / 1000 }

// compareCIC reports the first column in which a row differs.
func compareCIC(r record, v view) (column string, got, want float64) {
	equal := func(name string, ours, slack float64) {
		if !near(ours, r.float(name), slack) && column == "" {
			column, got, want = name, ours, r.float(name)
		}
	}
	count := func(name, dir, rest string) { equal(name, float64(v.int(dir, rest)), 0) }
	both := func(rest string) float64 { return float64(v.int("fwd_", rest) + v.int("rev_", rest)) }

	count("Total Fwd Packet", "fwd_", "packets")
	count("Total Bwd packets", "rev_", "packets")
	equal("Flow Duration", micros(float64(v.int("", "duration_ns"))), 1)
	count("Total Length of Fwd Packet", "fwd_", "payload_bytes")
	count("Total Length of Bwd Packet", "rev_", "payload_bytes")
	count("Fwd Packet Length Max", "fwd_", "payload_max_bytes")
	count("Bwd Packet Length Max", "rev_", "payload_max_bytes")
	count("Fwd Act Data Pkts", "fwd_", "data_packets")
	count("Bwd Act Data Pkts", "rev_", "data_packets")
	for theirs, ours := range map[string]string{"Flow": "", "Fwd": "fwd_", "Bwd": "rev_"} {
		equal(theirs+" IAT Mean", micros(v.float(ours, "iat_mean_ns")), 1)
		equal(theirs+" IAT Std", micros(v.float(ours, "iat_std_ns")), 2)
		equal(theirs+" IAT Max", micros(float64(v.int(ours, "iat_max_ns"))), 1)
		equal(theirs+" IAT Min", micros(float64(v.int(ours, "iat_min_ns"))), 1)
	}
	for flag, name := range map[string]string{"fin": "FIN", "syn": "SYN", "rst": "RST", "psh": "PSH", "ack": "ACK", "urg": "URG", "cwr": "CWR", "ece": "ECE"} {
		equal(name+" Flag Count", both(flag+"_packets"), 0)
	}
	count("Fwd PSH Flags", "fwd_", "psh_packets")
	count("Bwd PSH Flags", "rev_", "psh_packets")
	count("Fwd RST Flags", "fwd_", "rst_packets")
	compareCICBulk(r, v, equal)
	equal("Idle Mean", micros(v.float("", "idle_mean_ns")), 1)
	equal("Idle Std", micros(v.float("", "idle_std_ns")), 2)
	equal("Idle Max", micros(float64(v.int("", "idle_max_ns"))), 1)
	equal("Idle Min", micros(float64(v.int("", "idle_min_ns"))), 1)
	// CICFlowMeter forgets the last active period.
	if longest := micros(float64(v.int("", "active_max_ns"))); r.float("Active Max") > longest+1 {
		equal("Active Max", longest, 1)
	}
	// It divides by the gaps between subflows, not by the subflows, and gives 0 for
	// one.
	gaps := float64(v.int("", "subflows") - 1)
	if gaps > 0 {
		equal("Subflow Fwd Packets", float64(v.int("fwd_", "packets"))/gaps, 0)
		equal("Subflow Bwd Bytes", float64(v.int("rev_", "payload_bytes"))/gaps, 0)
	} else {
		equal("Subflow Fwd Packets", 0, 0)
	}
	if v.int("", "protocol") == 6 {
		count("Fwd Header Length", "fwd_", "tcp_header_bytes")
		count("Bwd Header Length", "rev_", "tcp_header_bytes")
		if r.float("FWD Init Win Bytes") != 0 { // 0 where the piece begins with the responder's packet
			count("FWD Init Win Bytes", "fwd_", "window_first")
		}
		if v.int("rev_", "window_first") != 0 { // it takes the first window that is not 0
			count("Bwd Init Win Bytes", "rev_", "window_first")
		}
	}
	return column, got, want
}

func compareCICBulk(r record, v view, equal func(name string, ours, slack float64)) {
	for theirs, ours := range map[string]string{"Fwd": "fwd_", "Bwd": "rev_"} {
		bulks, bytes := float64(v.int(ours, "bulks")), float64(v.int(ours, "bulk_payload_bytes"))
		packets, seconds := float64(v.int(ours, "bulk_packets")), float64(v.int(ours, "bulk_ns"))/1e9
		rate := quotient(bytes, seconds)
		equal(theirs+" Bytes/Bulk Avg", quotient(bytes, bulks), 0)
		equal(theirs+" Packet/Bulk Avg", quotient(packets, bulks), 0)
		// It sums up gaps in whole microseconds.
		equal(theirs+" Bulk Rate Avg", rate, 1+rate*quotient(packets*1e-6, seconds))
	}
}

// quotient is 0 where the tool has nothing to divide by.
func quotient(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// cicRule says why CICFlowMeter's flow is not ours.
func cicRule(c record, x *rowIndex, k tuple, column string) string {
	switch {
	case c.int("backward_steps") > 0 || x.late[k]:
		return "time runs back: CICFlowMeter has negative gaps"
	case k.a.addr == k.b.addr:
		return "CICFlowMeter tells directions by address alone"
	case x.reused[k]:
		return "SYN or SYN+ACK with another number: we begin a connection, CICFlowMeter does not"
	case x.padded[k] && strings.Contains(column, "Length"):
		return "CICFlowMeter takes Ethernet padding for payload"
	case x.tagged[k]:
		return "VLAN, MPLS"
	case x.tied[k] && strings.Contains(column, "Bulk"):
		return "data of both sides at one instant: CICFlowMeter goes by times alone"
	case c.int("captured_bytes") < c.int("original_bytes"):
		return "CICFlowMeter takes the captured payload for the whole"
	case x.huge[k]:
		return "CICFlowMeter loses frames of segmentation offload"
	case x.closed[k] && (column == "flow" || strings.Contains(strings.ToLower(column), "packet")):
		return "SYN+ACK after FIN or RST: CICFlowMeter begins a flow, we do not"
	}
	return ""
}

// TestCIC compares counts, gaps, flags, bulks, idle times, subflows and windows of
// every flow with those of CICFlowMeter as corrected by Engelen et al., after
// conversion of units.
func TestCIC(t *testing.T) {
	byName := map[string]record{}
	for _, c := range captures(t) {
		byName[c["capture"]] = c
	}
	equal, by := 0, map[string]int{}
	for i, name := range profileCaptures(t, "cic_engelen") {
		if !sampled(i, 9) {
			continue
		}
		table, _ := mustRun(t, likeCIC(), accuracy.File(capturePath(t, name)))
		x := indexRows(table)
		readCSV(t, func(r record) {
			proto := protoNames[r.int("Protocol")]
			if proto != "tcp" && proto != "udp" {
				return
			}
			k, swapped := tupleOf(proto, endpointOf(r["Src IP"], r.int("Src Port")), endpointOf(r["Dst IP"], r.int("Dst Port")))
			at, err := time.Parse("2006-01-02 15:04:05.999999", r["Timestamp"])
			if err != nil {
				t.Fatal(err)
			}
			column, got, want := "flow", 0.0, 1.0
			if v, ok := x.find(k, swapped, at.UnixMilli()); ok {
				column, got, want = compareCIC(r, v)
			}
			if column == "" {
				equal++
				return
			}
			rule := cicRule(byName[name], x, k, column)
			by[rule]++
			if rule == "" {
				t.Errorf("unexplained: %s %v: %s is %v, want %v", name, k, column, got, want)
			}
		}, "truth", "profiles", "cic_engelen", name+".csv.gz")
	}
	t.Logf("%d flows equal, %v", equal, by)
	floor(t, equal, 13787)
}
