package accuracy_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pcapmill/bench/accuracy"
)

// tlsFacts are what tshark and we say of the hellos that a frame completes; of several,
// joined as tshark does it.
type tlsFacts struct{ sni, alpn, ja3, ja3s string }

func (f tlsFacts) and(g tlsFacts) tlsFacts {
	return tlsFacts{joined(f.sni, g.sni), joined(f.alpn, g.alpn), joined(f.ja3, g.ja3), joined(f.ja3s, g.ja3s)}
}

// hellos counts those that have a fingerprint.
func (f tlsFacts) hellos() int {
	return len(strings.FieldsFunc(f.ja3+"|"+f.ja3s, func(r rune) bool { return r == '|' }))
}

// sorted has the elements of the lists in order.
func (f tlsFacts) sorted() tlsFacts {
	return tlsFacts{sortedList(f.sni), sortedList(f.alpn), sortedList(f.ja3), sortedList(f.ja3s)}
}

func joined(list, more string) string {
	if list == "" || more == "" {
		return list + more
	}
	return list + "|" + more
}

// tlsRows are the hellos by frame. Those in the format of SSL 2.0 have no fingerprint,
// also with tshark, and are left out.
func tlsRows(t *accuracy.Table) map[string]tlsFacts {
	rows := map[string]tlsFacts{}
	for row := range t.Rows {
		f := tlsFacts{alpn: strings.Join(t.Texts("alpn", row), "|"), ja3: t.Text("ja3", row), ja3s: t.Text("ja3s", row)}
		if t.Text("kind", row) == "client_hello" {
			if f.sni = t.Text("server_name", row); t.Int("sslv2_format", row) == 1 {
				continue
			}
		}
		frame := fmt.Sprint(t.Int("packet_index", row))
		rows[frame] = rows[frame].and(f)
	}
	return rows
}

// toldTLS are captures of which tshark sees what is not TLS over TCP in the clear, or
// otherwise.
var toldTLS = map[string]string{
	"protocols/openvpn/ndpi__443-opvn.pcap":                                                "in OpenVPN",
	"formats/linktypes/wireshark__wpa3-suiteb-192.pcapng.gz":                               "in EAP",
	"formats/linktypes/wireshark__wpa2-ft-eap.pcapng.gz":                                   "in EAP",
	"formats/linktypes/wireshark__wpa-eap-tls.pcap.gz":                                     "in EAP",
	"protocols/wg/wireshark__wireguard-ping-tcp-dsb.pcapng":                                "decrypted by tshark",
	"protocols/tls/ja4__tls-non-ascii-alpn.pcapng":                                         "ALPN that does not print",
	"malformed/ndpi__tls_invalid_reads.pcap":                                               "a hello that ends inside a field has no fingerprint with us",
	"formats/linktypes/ndpi__KakaoTalk_chat.pcap":                                          "a server hello whose record is not complete: no hello for tshark",
	"protocols/tls/ndpi__4in6tunnel.pcap":                                                  "a server hello whose record is not complete: no hello for tshark",
	"beacons/malcolm__zeek-agenttesla-detector__db9f075c-7879-4957-923a-f79fac957a2d.pcap": "a server hello out of order: no hello for tshark",
	"protocols/tls/zeek__tls__hrr.pcap":                                                    "a server hello out of order: no hello for tshark",
}

// TestTLS compares hellos over TCP with tshark's, frame by frame. tshark gives the
// messages of a record with the frame that completes the record, we with the one that
// completes the message: where frames differ, all the rest of a capture's hellos must be
// the same.
func TestTLS(t *testing.T) {
	truth := truthOf(t, "tls.tsv.gz", "tls")
	equal, elsewhere, by := 0, 0, map[string]int{}
	for i, c := range captures(t) {
		if !sampled(i, 7) || len(truth[c["capture"]]) == 0 {
			continue
		}
		tables, _ := captureTables(t, uncut(), c["capture"])
		rows := tlsRows(tables["tls"])
		var want, got tlsFacts
		for _, r := range truth[c["capture"]] {
			told := tlsFacts{r["sni"], r["alpn"], r["ja3"], r["ja3s"]}
			if f, ok := rows[r["frame"]]; ok && f == told {
				equal += f.hellos()
				delete(rows, r["frame"])
				continue
			}
			want = want.and(told)
		}
		for _, f := range rows {
			got = got.and(f)
		}
		switch want, got = want.sorted(), got.sorted(); {
		case want == got:
			elsewhere += got.hellos()
		case toldTLS[c["capture"]] != "":
			by[toldTLS[c["capture"]]] += max(want.hellos(), got.hellos())
		default:
			t.Errorf("unexplained: %s:\n got %+v\nwant %+v", c["capture"], got, want)
		}
	}
	t.Logf("%d hellos equal, %d more at another frame; by rule %v", equal, elsewhere, by)
	floor(t, equal+elsewhere, 1865)
}

var ja4Value = regexp.MustCompile(`\bja4: (\S+)`)

// TestJA4 compares with the outputs that FoxIO's programs in Python, which has all
// hellos, and in Rust, which has the first of each connection, have in their repository.
func TestJA4(t *testing.T) {
	python, rust := publishedJA4(t, "ja4_python.jsonl.gz"), publishedJA4(t, "ja4_rust.jsonl.gz")
	equal := 0
	for i, c := range captures(t) {
		name := c["capture"]
		if !sampled(i, 3) || len(python[name])+len(rust[name]) == 0 {
			continue
		}
		tables, _ := captureTables(t, uncut(), name)
		got, known := ja4Values(tables), map[string]bool{}
		for source, values := range python[name] {
			for value, n := range values {
				known[value] = true
				if equal += n; got[value] != n {
					t.Errorf("%s: %s %d times, %s %d", name, value, got[value], source, n)
				}
			}
		}
		for source, values := range rust[name] {
			for value, n := range values {
				known[value] = true
				if got[value] < n {
					t.Errorf("%s: %s %d times, %s %d", name, value, got[value], source, n)
				}
			}
		}
		for value, n := range got {
			if !known[value] {
				t.Errorf("%s: %s %d times, and no program has it", name, value, n)
			}
		}
	}
	t.Logf("%d hellos equal to those of the program in Python", equal)
}

// ja4Values counts the values in all tables that have them.
func ja4Values(tables accuracy.Tables) map[string]int {
	got := map[string]int{}
	for _, name := range []string{"tls", "quic"} {
		for row := range tables[name].Rows {
			if value := tables[name].Text("ja4", row); value != "" {
				got[value]++
			}
		}
	}
	return got
}

// publishedJA4 counts the values by capture and file of the repository.
func publishedJA4(t *testing.T, file string) map[string]map[string]map[string]int {
	files := map[string]map[string]map[string]int{}
	readJSONL(t, func(r *struct {
		Capture, Source, YAML string
		Row                   map[string]any
	}) {
		var found []string
		for key, value := range r.Row {
			if strings.HasPrefix(key, "JA4.") {
				found = append(found, fmt.Sprint(value))
			}
		}
		for _, m := range ja4Value.FindAllStringSubmatch(r.YAML, -1) {
			found = append(found, m[1])
		}
		for _, value := range found {
			if files[r.Capture] == nil {
				files[r.Capture] = map[string]map[string]int{}
			}
			if files[r.Capture][r.Source] == nil {
				files[r.Capture][r.Source] = map[string]int{}
			}
			files[r.Capture][r.Source][value]++
		}
	}, "truth", "published", file)
	return files
}
