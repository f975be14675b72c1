package accuracy_test

import (
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
	"pcapmill/features/window"
	"pcapmill/stages"
)

// flowTuple finds the truth of a row.
type flowTuple struct {
	src, dst     string
	sport, dport int64
	proto        uint8
}

// TestSaid: of a generated mix the records are as many as its messages, and the flows'
// columns say what its clients and servers said.
func TestSaid(t *testing.T) {
	o, err := traffic.DefaultOptions("mixed")
	if err != nil {
		t.Fatal(err)
	}
	o = o.Times(0.03)
	truth := map[flowTuple]traffic.FlowTruth{}
	o.OnFlow = func(f *traffic.FlowTruth) error {
		truth[flowTuple{f.Src.String(), f.Dst.String(), int64(f.SrcPort), int64(f.DstPort), f.Proto}] = *f
		return nil
	}
	w := &collector{}
	total, err := traffic.Generate("mixed", writer(w.keep), o)
	if err != nil {
		t.Fatal(err)
	}
	cfg := uncut()
	cfg.Streams.Bytes = 64 << 20 // all of each stream: HTTP goes on in it
	tables, _, err := accuracy.RunTables(cfg, &accuracy.Packets{List: w.list, Block: 2000})
	if err != nil {
		t.Fatal(err)
	}
	compareMessages(t, tables, &total.Messages)
	equal := compareSaid(t, tables["flows"], truth)
	if equal < 4000 {
		t.Errorf("only %d flows compared", equal)
	}
}

// compareMessages compares the tables' rows with the messages that were written.
func compareMessages(t *testing.T, tables accuracy.Tables, m *traffic.Messages) {
	t.Helper()
	for name, want := range map[string]int64{
		"dns":  m[traffic.DNSQuery] + m[traffic.DNSAnswer] + m[traffic.DNSQueryTCP] + m[traffic.DNSAnswerTCP],
		"tls":  m[traffic.ClientHello] + m[traffic.ServerHello],
		"x509": m[traffic.Certificate],
		"quic": m[traffic.QUICClientHello] + m[traffic.QUICServerHello],
		"http": m[traffic.HTTPRequest] + m[traffic.HTTPResponse],
		"ssh":  m[traffic.SSHBanner] + m[traffic.SSHKexInit],
		"dhcp": m[traffic.DHCPv4] + m[traffic.DHCPv6],
	} {
		if got := int64(tables[name].Rows); got != want || want == 0 {
			t.Errorf("%s: %d rows, %d messages written", name, got, want)
		}
	}
}

// compareSaid compares the application columns and returns how many flows had any.
func compareSaid(t *testing.T, flows *accuracy.Table, truth map[flowTuple]traffic.FlowTruth) (compared int) {
	t.Helper()
	fingerprints := map[string]string{}
	for row := range flows.Rows {
		f, ok := truth[flowTuple{
			flows.Text("src_ip", row), flows.Text("dst_ip", row), flows.Int("src_port", row), flows.Int("dst_port", row),
			uint8(flows.Int("protocol", row)),
		}]
		if !ok || f.Messages == (traffic.Messages{}) {
			continue // ICMP, which has types for ports
		}
		compared++
		for name, want := range map[string]string{
			"app_protocol": f.App, "server_name": f.ServerName + f.Host, "http_host": f.Host, "user_agent": f.UserAgent,
			"tls_version": map[uint16]string{0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}[f.TLSVersion],
		} {
			if got := flows.Text(name, row); got != want {
				t.Fatalf("%s is %q, said was %q: %+v", name, got, want, f)
			}
		}
		if got := flows.Text("alpn", row); f.ALPNChosen != "" && got != f.ALPNChosen {
			t.Fatalf("alpn is %q: %+v", got, f)
		}
		if got := flows.Text("dns_name", row); got != f.DNSName && f.DNSName != "" {
			t.Fatalf("dns_name is %q: %+v", got, f)
		}
		if f.FirstStatus != 0 && flows.Int("http_status_first", row) != int64(f.FirstStatus) {
			t.Fatalf("status is %d: %+v", flows.Int("http_status_first", row), f)
		}
		ja4 := flows.Text("ja4", row)
		if known := fingerprints[f.Hello]; known != "" && known != ja4 {
			t.Fatalf("two JA4 of %s: %s, %s", f.Hello, known, ja4)
		}
		fingerprints[f.Hello] = ja4
	}
	return compared
}

// TestCuts: a message cut at any byte, in either order, gives the record that it gives
// whole.
func TestCuts(t *testing.T) {
	for _, c := range traffic.Cuts() {
		t.Run(c.Name, func(t *testing.T) {
			w := &collector{}
			n, err := traffic.WriteCuts(writer(w.keep), 1e18, c)
			if err != nil {
				t.Fatal(err)
			}
			cfg := stages.DefaultConfig()
			cfg.Records, cfg.Windows = []string{"dns", "tls", "http", "ssh", "x509"}, []string{window.None}
			tables, _, err := accuracy.RunTables(cfg, &accuracy.Packets{List: w.list, Block: 2000})
			if err != nil {
				t.Fatal(err)
			}
			rows := 0
			for name, table := range tables {
				if name != "flows" {
					rows += table.Rows
					compareCuts(t, name, table, n)
				}
			}
			if rows < n {
				t.Errorf("%d records of %d connections", rows, n)
			}
		})
	}
}

// compareCuts compares each record with that of the connection whose messages are
// whole, which are the first ones.
func compareCuts(t *testing.T, name string, table *accuracy.Table, connections int) {
	t.Helper()
	if table.Rows%connections != 0 {
		t.Fatalf("%s: %d rows of %d connections", name, table.Rows, connections)
	}
	each := table.Rows / connections
	byPort := map[int64][]int{} // rows by the client's port
	for row := range table.Rows {
		port := min(table.Int("src_port", row), table.Int("dst_port", row))
		if port < 10000 {
			port = max(table.Int("src_port", row), table.Int("dst_port", row))
		}
		byPort[port] = append(byPort[port], row)
	}
	for port, rows := range byPort {
		if len(rows) != each {
			t.Fatalf("%s: %d rows of port %d", name, len(rows), port)
		}
		for i, row := range rows {
			first := byPort[10000][i]
			for _, column := range table.Schema.Columns {
				switch column.Name {
				case "flow_id", "packet_index", "request_packet_index", "latency_ns", "time", "time_ns", "src_port", "dst_port":
					continue // another connection, which completes the message with another packet
				}
				if got, want := table.Show(column.Name, row), table.Show(column.Name, first); got != want {
					t.Fatalf("%s of port %d: %s is %s, whole it is %s", name, port, column.Name, got, want)
				}
			}
		}
	}
}
