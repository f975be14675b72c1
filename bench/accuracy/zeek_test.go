package accuracy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// zeekConn is what Zeek's conn.log and our row both say of a connection.
type zeekConn struct {
	proto          string
	orig, resp     endpoint
	state, history string
	packets, bytes [2]string
}

// zeekRow is a published conn.log row and the run it comes from.
type zeekRow struct {
	Capture, Log, Kind, Test, Exec string
	Row                            map[string]string
}

func (r *zeekRow) conn() zeekConn {
	row := record(r.Row)
	return zeekConn{
		proto: row["proto"], orig: endpointOf(row["id.orig_h"], row.int("id.orig_p")), resp: endpointOf(row["id.resp_h"], row.int("id.resp_p")),
		state: row["conn_state"], history: strings.Trim(row["history"], "-"),
		packets: [2]string{row["orig_pkts"], row["resp_pkts"]}, bytes: [2]string{row["orig_ip_bytes"], row["resp_ip_bytes"]},
	}
}

// rowConn is our row in Zeek's terms. The ports of ICMP are its type and that of
// the answer, or its code.
func rowConn(t *accuracy.Table, i int) zeekConn {
	src, dst := t.Int("src_port", i), t.Int("dst_port", i)
	if !t.Null("icmp_type", i) {
		src, dst = t.Int("icmp_type", i), icmpPeer(t, i)
	}
	name := protoNames[t.Int("protocol", i)]
	if name == "" || name == "sctp" {
		name = "unknown_transport"
	}
	text := func(name string) string { return fmt.Sprint(t.Int(name, i)) }
	return zeekConn{
		proto: name, orig: endpointOf(t.Text("src_ip", i), src), resp: endpointOf(t.Text("dst_ip", i), dst),
		state: t.Text("conn_state", i), history: t.Text("history", i),
		packets: [2]string{text("fwd_packets"), text("rev_packets")}, bytes: [2]string{text("fwd_ip_bytes"), text("rev_ip_bytes")},
	}
}

func icmpPeer(t *accuracy.Table, i int) int64 {
	_, peer, _ := packet.ICMPPorts(uint8(t.Int("protocol", i)), uint8(t.Int("icmp_type", i)), uint8(t.Int("icmp_code", i)))
	return int64(peer)
}

// inTunnel reports whether Zeek saw a connection within a tunnel.
func inTunnel(r *zeekRow) bool { return strings.Trim(r.Row["tunnel_parents"], "-(empty)") != "" }

// zeekRule says why a published connection has no equal row. rows are ours of
// the same ends.
func zeekRule(r *zeekRow, want zeekConn, rows []zeekConn, table *accuracy.Table, result *stages.Result) string {
	switch {
	case strings.HasSuffix(r.Test, "ayiya"):
		return "AYIYA is not looked into"
	case strings.Contains(r.Test, "teredo") && inTunnel(r):
		return "Teredo between other ports than its own is not looked into"
	case sum(table, "frag_packets") > 0:
		return "fragments, which Zeek joins"
	case sum(table, "bad_ip_checksum_packets", "bad_l4_checksum_packets") > 0 && slices.ContainsFunc(rows, func(c zeekConn) bool {
		return c.state == want.state && c.history == want.history
	}):
		return "packets with a wrong checksum, which Zeek does not count (state and history equal)"
	case strings.HasSuffix(r.Test, "netcontrol.packetfilter"):
		return "the test's script drops packets"
	case strings.HasSuffix(r.Test, "misordered-ntp"):
		return "NTP's mode field, not a port, flips the sides"
	case want.proto == "icmp" && strings.ContainsAny(want.history, "xX"):
		return "x notes a limit of a protocol parser"
	}
	return ""
}

// TestZeek compares state, history, direction, packets and IP bytes of the
// published conn.log rows with those of a run with Zeek's timers.
func TestZeek(t *testing.T) {
	type runKey struct{ capture, test, exec string }
	var keys []runKey
	byRun := map[runKey][]*zeekRow{}
	for _, name := range []string{"zeek_logs.jsonl.gz", "icsnpp_logs.jsonl.gz", "vast_pairs.jsonl.gz"} {
		readJSONL(t, func(r *zeekRow) {
			if r.Log != "conn" && r.Log != "conn.log" && r.Kind != "zeek_conn" {
				return
			}
			k := runKey{r.Capture, r.Test, r.Exec}
			if byRun[k] == nil {
				keys = append(keys, k)
			}
			row := *r
			byRun[k] = append(byRun[k], &row)
		}, "truth", "published", name)
	}
	equal, inner, by := 0, 0, map[string]int{}
	for _, k := range keys {
		cfg := stages.DefaultConfig()
		cfg.Timeouts.Zeek, cfg.Reorder = true, 0 // as --timers zeek implies
		// Zeek drops packets with wrong checksums unless run with -C. Projects that
		// publish a log without the command ran it so.
		cfg.Checksums = k.exec != "" && !strings.Contains(k.exec, " -C")
		table, result := mustRun(t, cfg, accuracy.File(capturePath(t, k.capture)))
		var ours []zeekConn
		for i := range table.Rows {
			ours = append(ours, rowConn(table, i))
		}
		for _, r := range byRun[k] {
			want := r.conn()
			if i := slices.Index(ours, want); i >= 0 {
				ours = slices.Delete(ours, i, i+1)
				equal++
				if inTunnel(r) {
					inner++
				}
				continue
			}
			var same []zeekConn
			for _, c := range ours {
				if c.proto == want.proto && (c.orig == want.orig && c.resp == want.resp || c.orig == want.resp && c.resp == want.orig) {
					same = append(same, c)
				}
			}
			rule := zeekRule(r, want, same, table, result)
			by[rule]++
			if rule == "" {
				t.Errorf("unexplained: %s %s (%s): want %v, have %v", k.capture, k.test, k.exec, want, same)
			}
		}
	}
	t.Logf("%d rows equal, %d of them in tunnels, %v", equal, inner, by)
	floor(t, equal, 209)
}
