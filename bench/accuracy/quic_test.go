package accuracy_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pcapmill/bench/accuracy"
)

// quicFacts are what tshark and we say of one hello.
type quicFacts struct{ frame, kind, sni, alpn, ja3, ja3s string }

func quicOf(t *accuracy.Table, row int) quicFacts {
	f := quicFacts{
		frame: fmt.Sprint(t.Int("packet_index", row)), sni: t.Text("server_name", row), alpn: strings.Join(t.Texts("alpn", row), "|"),
		ja3: t.Text("ja3", row), ja3s: t.Text("ja3s", row),
	}
	switch t.Text("kind", row) {
	case "client_hello":
		f.kind = "1"
	case "server_hello", "hello_retry_request":
		f.kind = "2"
	}
	return f
}

// quicTruth is tshark's row of a hello; with what it decrypts behind it, where the
// capture holds the keys, it gives the protocol that the server chose.
func quicTruth(r record) quicFacts {
	f := quicFacts{r["frame"], r["handshake_types"][:1], r["sni"], r["alpn"], r["ja3"], r["ja3s"]}
	if f.kind == "2" {
		f.alpn = ""
	}
	return f
}

// quicRule says why tshark has no hello where we have one.
func quicRule(capture string, said map[string]bool) string {
	switch {
	case said["retry"] || said["version_negotiation"]:
		return "said again after Retry or Version Negotiation; tshark takes it for a retransmission"
	case capture == "dns/zeek__quic__quicdoq.pcap":
		return "on port 853, which tshark takes for DTLS; Zeek reads the same"
	}
	return ""
}

// TestQUIC compares hellos, frame by frame, with tshark's, and looks for QUIC where
// tshark sees none.
func TestQUIC(t *testing.T) {
	truth := truthOf(t, "tls.tsv.gz", "quic")
	spoken := map[string]bool{}
	readTSV(t, func(r record) {
		if r["protocol"] == "quic" || r["protocol"] == "gquic" {
			spoken[r["capture"]] = true
		}
	}, "truth", "protocols.tsv.gz")
	equal, with, by := 0, 0, map[string]int{}
	for i, c := range captures(t) {
		name := c["capture"]
		if !spoken[name] && !sampled(i, 29) {
			continue
		}
		tables, _, err := accuracy.RunTables(uncut(), accuracy.File(capturePath(t, name)))
		if err != nil {
			continue // not a capture
		}
		rows, said := quicRows(tables["quic"])
		if !spoken[name] && len(said) > 0 && quicRule(name, said) == "" {
			t.Errorf("%s: tshark sees no QUIC, we %v", name, said)
		}
		for _, r := range truth[name] {
			want := quicTruth(r)
			if rows[want] == 0 {
				t.Errorf("%s: no hello %+v", name, want)
				continue
			}
			delete(rows, want)
			equal++
		}
		if len(truth[name]) > 0 {
			with++
		}
		for f := range rows {
			rule := quicRule(name, said)
			by[rule]++
			if rule == "" {
				t.Errorf("%s: tshark has no hello %+v", name, f)
			}
		}
	}
	t.Logf("%d hellos in %d captures equal; more than tshark by rule %v", equal, with, by)
	floor(t, equal, 215)
}

// quicRows are the hellos, how often each, and the kinds of all rows.
func quicRows(t *accuracy.Table) (rows map[quicFacts]int, said map[string]bool) {
	rows, said = map[quicFacts]int{}, map[string]bool{}
	for row := range t.Rows {
		said[t.Text("kind", row)] = true
		if f := quicOf(t, row); f.kind != "" {
			rows[f]++
		}
	}
	return rows, said
}

// ja4Row is what FoxIO's program says of a capture: a list of streams in YAML.
type ja4Row struct{ Capture, YAML string }

var ja4OverQUIC = regexp.MustCompile(`(?m)^  src_port: (\d+)$(?s:.*?)^  ja4: (q\S+)$`)

// TestQUICFingerprints compares JA4 with the published one of each client port, in the
// row of the hello and in that of the flow.
func TestQUICFingerprints(t *testing.T) {
	equal := 0
	readJSONL(t, func(r *ja4Row) {
		want := map[string]string{}
		for _, stream := range strings.Split(r.YAML, "- stream:") {
			if m := ja4OverQUIC.FindStringSubmatch(stream); m != nil {
				want[m[1]] = m[2]
			}
		}
		if len(want) == 0 {
			return
		}
		tables, _ := captureTables(t, uncut(), r.Capture)
		for _, name := range []string{"quic", "flows"} {
			got := map[string]string{}
			for row := range tables[name].Rows {
				if ja4 := tables[name].Text("ja4", row); strings.HasPrefix(ja4, "q") {
					got[fmt.Sprint(tables[name].Int("src_port", row))] = ja4
				}
			}
			for port, ja4 := range want {
				if got[port] != ja4 {
					t.Errorf("%s: %s of port %s: %q, published %q", r.Capture, name, port, got[port], ja4)
				}
			}
		}
		equal += len(want)
	}, "truth", "published", "ja4_rust.jsonl.gz")
	t.Logf("%d JA4 equal", equal)
	floor(t, equal, 29)
}

// quicLog is what Zeek's quic.log says of a connection.
type quicLog struct{ port, version, dcid, scid, serverID, serverName, protocol string }

// TestQUICConnections compares connections with Zeek's: versions, connection IDs, server
// name and first protocol, by client port and first connection ID.
func TestQUICConnections(t *testing.T) {
	equal := 0
	readJSONL(t, func(r *zeekRow) {
		if r.Log != "quic" {
			return
		}
		value := func(name string) string { return strings.TrimSuffix(r.Row[name], "(empty)") }
		want := quicLog{value("id.orig_p"), strings.TrimPrefix(value("version"), "quic"), value("client_initial_dcid"), value("client_scid"), value("server_scid"), value("server_name"), value("client_protocol")}
		if want.version == "1" {
			want.version = "v1"
		}
		tables, _ := captureTables(t, uncut(), r.Capture)
		for _, got := range quicLogs(tables["quic"]) {
			if *got == want {
				equal++
				return
			}
		}
		t.Errorf("%s: no connection %+v", r.Capture, want)
	}, "truth", "published", "zeek_logs.jsonl.gz")
	t.Logf("%d connections equal", equal)
	floor(t, equal, 9)
}

// quicLogs puts hellos together into connections; one that a Retry ends has no server.
func quicLogs(q *accuracy.Table) []*quicLog {
	var logs []*quicLog
	last := map[string]*quicLog{}
	for row := range q.Rows {
		src, dst := fmt.Sprint(q.Int("src_port", row)), fmt.Sprint(q.Int("dst_port", row))
		switch q.Text("kind", row) {
		case "client_hello":
			l := &quicLog{src, q.Text("version_name", row), q.Text("dcid", row), q.Text("scid", row), "", q.Text("server_name", row), q.Texts("alpn", row)[0]}
			last[src] = l
			logs = append(logs, l)
		case "server_hello":
			last[dst].serverID = q.Text("scid", row)
		}
	}
	return logs
}
