package accuracy_test

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/sharedtest"
	"pcapmill/stages"
)

// craftedTruth is a line of flows.truth.jsonl. Times are those of a float, so
// right to the microsecond only.
type craftedTruth struct {
	Capture             string
	Proto, Src, Dst     string
	Sport, Dport        int64
	Packets             int64
	FirstNs             int64            `json:"first_ns"`
	LastNs              int64            `json:"last_ns"`
	State               string           `json:"state"`
	Retransmissions     *int64           `json:"retransmissions"`
	OutOfOrder          *int64           `json:"out_of_order"`
	Payload             *int64           `json:"payload_ab"`
	UniquePayload       *int64           `json:"unique_payload_ab"`
	Nth, TCPConnections int              `json:"-"`
	ByIdle              map[string]int64 `json:"flows_at_idle_timeout"`
	ByActive            map[string]int64 `json:"flows_at_active_timeout"`
	Flows               int              `json:"flows"`
	AnsweredRST         int              `json:"answered_rst"`
	KeepAlives          int64            `json:"keep_alives"`
}

func craftedRun(t *testing.T, cfg stages.Config, name string) *accuracy.Table {
	t.Helper()
	table, _ := mustRun(t, cfg, accuracy.File(filepath.Join(sharedtest.Dir(t), "captures", "flows", "crafted", name)))
	return table
}

// sum adds up integer columns over all rows.
func sum(t *accuracy.Table, names ...string) (total int64) {
	for _, name := range names {
		for i := range t.Rows {
			total += t.Int(name, i)
		}
	}
	return total
}

// sumOuter is sum over the rows outside of tunnels, those that account for packets.
func sumOuter(t *accuracy.Table, names ...string) (total int64) {
	for i := range t.Rows {
		if t.Int("tunnel_depth", i) == 0 {
			total += sum1(t, i, names...)
		}
	}
	return total
}

// TestCraftedFlows compares single flows with the crafted captures' truth.
func TestCraftedFlows(t *testing.T) {
	var all []craftedTruth
	nth := map[string]int{}
	readJSONL(t, func(c *craftedTruth) {
		c.Nth = nth[c.Capture]
		nth[c.Capture]++
		all = append(all, *c)
	}, "captures", "flows", "crafted", "flows.truth.jsonl")
	compared := 0
	for _, c := range all {
		if c.State == "" && c.Retransmissions == nil && c.Payload == nil && c.KeepAlives == 0 && nth[c.Capture] == 1 {
			continue
		}
		cfg := stages.DefaultConfig()
		cfg.Timeouts.Active = 0
		table := craftedRun(t, cfg, c.Capture)
		if table.Rows != nth[c.Capture] {
			t.Errorf("%s: %d flows, want %d", c.Capture, table.Rows, nth[c.Capture])
			continue
		}
		compared++
		check := func(what string, got, want any) {
			if got != want {
				t.Errorf("%s flow %d: %s is %v, want %v", c.Capture, c.Nth, what, got, want)
			}
		}
		micros := func(ns int64) int64 { return time.Duration(ns).Round(time.Microsecond).Microseconds() }
		i := c.Nth
		check("src_ip", table.Text("src_ip", i), c.Src)
		check("src_port", table.Int("src_port", i), c.Sport)
		check("dst_ip", table.Text("dst_ip", i), c.Dst)
		check("dst_port", table.Int("dst_port", i), c.Dport)
		check("packets", table.Int("fwd_packets", i)+table.Int("rev_packets", i), c.Packets)
		check("start", micros(table.Int("start_ns", i)), micros(c.FirstNs))
		check("end", micros(table.Int("end_ns", i)), micros(c.LastNs))
		if c.State != "" {
			check("conn_state", table.Text("conn_state", i), c.State)
		}
		retransmitted, late := int64(0), int64(0)
		if c.Retransmissions != nil {
			retransmitted = *c.Retransmissions
		}
		if c.OutOfOrder != nil {
			late = *c.OutOfOrder
		}
		check("retransmissions", table.Int("fwd_retransmitted_packets", i)+table.Int("rev_retransmitted_packets", i), retransmitted)
		check("out of order", table.Int("fwd_out_of_order_packets", i)+table.Int("rev_out_of_order_packets", i), late)
		check("gap bytes", table.Int("fwd_gap_bytes", i)+table.Int("rev_gap_bytes", i), int64(0))
		if c.Payload != nil {
			check("payload", table.Int("fwd_payload_bytes", i), *c.Payload)
		}
		if c.UniquePayload != nil {
			check("unique payload", table.Int("fwd_payload_bytes", i)-table.Int("fwd_retransmitted_bytes", i), *c.UniquePayload)
		}
	}
	t.Logf("%d flows compared", compared)
}

// TestCraftedTimeouts compares flow counts per idle and active timeout. The truth
// cuts a flow when its age reaches the active timeout, we when it exceeds it.
func TestCraftedTimeouts(t *testing.T) {
	compared := 0
	readJSONL(t, func(c *craftedTruth) {
		for seconds, want := range c.ByIdle {
			n, _ := strconv.Atoi(seconds)
			cfg := uncut()
			cfg.Timeouts.UDPIdle = time.Duration(n) * time.Second
			if got := craftedRun(t, cfg, c.Capture).Rows; int64(got) != want {
				t.Errorf("%s: %d flows at idle timeout %s s, want %d", c.Capture, got, seconds, want)
			}
			compared++
		}
		for seconds, want := range c.ByActive {
			n, _ := strconv.Atoi(seconds)
			cfg := uncut()
			cfg.Timeouts.Active = time.Duration(n)*time.Second - 1
			table := craftedRun(t, cfg, c.Capture)
			if int64(table.Rows) != want {
				t.Errorf("%s: %d pieces at active timeout %s s, want %d", c.Capture, table.Rows, seconds, want)
			}
			for i := range table.Rows {
				if table.Int("piece_no", i) != int64(i) || table.Int("conn_id", i) != table.Int("flow_id", 0) {
					t.Errorf("%s: row %d is piece %d of connection %d", c.Capture, i, table.Int("piece_no", i), table.Int("conn_id", i))
				}
			}
			compared++
		}
	}, "captures", "flows", "crafted", "flows.truth.jsonl")
	if compared == 0 {
		t.Error("nothing compared")
	}
}

// TestCraftedShapes holds what the truth says of whole captures.
func TestCraftedShapes(t *testing.T) {
	cfg := stages.DefaultConfig()

	scan := craftedRun(t, cfg, "tcp_syn_scan.pcap")
	refused := 0
	for i := range scan.Rows {
		if scan.Text("conn_state", i) == "REJ" {
			refused++
		}
	}
	if scan.Rows != 200 || refused != 133 {
		t.Errorf("scan: %d flows, %d refused, want 200 and 133", scan.Rows, refused)
	}

	reply := craftedRun(t, cfg, "udp_reply_first.pcap")
	if reply.Rows != 1 || reply.Int("fwd_packets", 0) != 1 || reply.Int("rev_packets", 0) != 1 {
		t.Errorf("reply first: %d flows, want one with a packet each way", reply.Rows)
	}

	zero := craftedRun(t, cfg, "tcp_zero_window.pcap")
	if zero.Rows != 1 || sum(zero, "rev_zero_window_packets") == 0 || sum(zero, "fwd_zero_window_packets") != 0 {
		t.Errorf("zero window: %d flows, %d and %d packets", zero.Rows, sum(zero, "fwd_zero_window_packets"), sum(zero, "rev_zero_window_packets"))
	}

	vlan := craftedRun(t, cfg, "vlan_same_tuple.pcap")
	// VLAN is not in the key, so the second connection's SYN ends the first, whose
	// later packets then count in the second.
	if vlan.Rows != 2 || vlan.Text("end_reason", 0) != "ports_reused" || sum(vlan, "fwd_packets", "rev_packets") != 20 {
		t.Errorf("same tuple in two VLANs: %d flows, %d packets", vlan.Rows, sum(vlan, "fwd_packets", "rev_packets"))
	}

	icmp := craftedRun(t, cfg, "icmp_echo_and_unreachable.pcap")
	for i := range icmp.Rows {
		switch icmp.Int("protocol", i) {
		case 17:
			if n := icmp.Int("fwd_packets", i) + icmp.Int("rev_packets", i); n != 1 {
				t.Errorf("UDP flow beside an ICMP error: %d packets, want 1", n)
			}
		case 1:
			if icmp.Int("icmp_type", i) == 8 && (icmp.Int("fwd_packets", i) != 10 || icmp.Int("rev_packets", i) != 10) {
				t.Errorf("echo: %d and %d packets, want 10 pairs", icmp.Int("fwd_packets", i), icmp.Int("rev_packets", i))
			}
		}
	}
	if icmp.Rows != 3 {
		t.Errorf("echo and unreachable: %d flows, want 3", icmp.Rows)
	}

	// Of the 14 packets two belong to a datagram whose first fragment is missing.
	for name, want := range map[string][3]int64{"ip_fragments.pcap": {12, 4, 6200}, "ip6_fragments.pcap": {3, 1, 6300}} {
		table := craftedRun(t, cfg, name)
		got := [3]int64{sum(table, "frag_packets"), sum(table, "fwd_data_packets"), table.Int("src_port", 0)}
		if table.Rows != 1 || got != want || sum(table, "fwd_packets", "rev_packets") != want[0] || sum(table, "frag_unresolved") != 0 {
			t.Errorf("%s: %d flows; packets, datagrams and port %v, want %v", name, table.Rows, got, want)
		}
	}
}
