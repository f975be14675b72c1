package accuracy_test

import (
	"fmt"
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
	truth := map[string][]record{}
	readTSV(t, func(r record) {
		if r["kind"] == "quic" {
			truth[r["capture"]] = append(truth[r["capture"]], r)
		}
	}, "truth", "tls.tsv.gz")
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
	floor(t, equal, 1)
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
