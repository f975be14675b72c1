package accuracy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pcapmill/bench/accuracy"
)

// httpFacts are what tshark and we say of one message.
type httpFacts struct {
	method, host, uri, agent, status, contentType string
}

// httpRow is a message of ours at its packet.
type httpRow struct {
	frame int64
	httpFacts
}

func httpOf(t *accuracy.Table, row int) httpRow {
	f := httpFacts{
		method: t.Text("method", row), uri: t.Text("uri", row), agent: t.Text("user_agent", row),
		contentType: t.Text("content_type", row),
	}
	if query := t.Text("uri_query", row); query != "" {
		f.uri += "?" + query
	}
	if slices.ContainsFunc(t.Texts("header_names", row), func(name string) bool { return strings.EqualFold(name, "host") }) {
		f.host = t.Text("host", row)
	}
	if status := t.Int("status", row); status > 0 {
		f.status = fmt.Sprint(status)
	}
	return httpRow{t.Int("packet_index", row), f}
}

// httpTruth returns the messages of a frame of tshark's; one with several fields of a
// name has their values with | between them, as several messages have theirs.
func httpTruth(r record) []httpFacts {
	n := max(strings.Count(r["method"], "|"), strings.Count(r["status"], "|")) + 1
	cell := func(name string, i int) string {
		parts := strings.Split(r[name], "|")
		switch {
		case n > 1:
			return parts[min(i, len(parts)-1)]
		case name == "host":
			return parts[0]
		case name == "content_type":
			return strings.Join(parts, ", ")
		}
		return r[name]
	}
	list := make([]httpFacts, n)
	for i := range list {
		list[i] = httpFacts{cell("method", i), cell("host", i), cell("uri", i), cell("user_agent", i), cell("status", i), cell("content_type", i)}
	}
	return list
}

// httpRules say why messages of a capture are not the same with us.
var httpRules = map[string]string{
	"formats/tunnels/zeek__tunnels__gre-aruba.pcap":                      "in a tunnel that is not looked into",
	"formats/tunnels/zeek__tunnels__ayiya3.pcap":                         "in a tunnel that is not looked into",
	"formats/linktypes/wireshark__tls12-dsb.pcapng":                      "decrypted by tshark",
	"protocols/http/pcpp__650HttpResponses.pcap":                         "behind a hole that nobody acknowledges, in half a connection",
	"protocols/http/pcpp__4KHttpRequests.pcap":                           "behind a hole that nobody acknowledges, in half a connection",
	"formats/linktypes/pcpp__pcapng-example.pcapng":                      "behind a hole that nobody acknowledges, in half a connection",
	"formats/linktypes/pcpp__file_heuristics__pcapng-example.pcapng.zst": "behind a hole that nobody acknowledges, in half a connection",
	"formats/tunnels/zeek__erspan.pcap":                                  "behind a hole that nobody acknowledges, in half a connection",
	"labels/zeek__http__methods/capture.pcap":                            "a line without a version begins no head",
	"flows/zeek__mixed-vlan-mpls.pcap":                                   "a line without a version begins no head",
	"labels/sv__detect-pcre_detect-pcre-04/capture.pcap":                 "two spaces: tshark reads an empty target",
	"flows/arkime__wireshark-retrans.pcap":                               "sent again: tshark reads it twice",
	"formats/crafted_container/snaplen_96.pcap":                          "the capture lacks the head's end",
	"malformed/ndpi__fuzz-2006-09-29-28586.pcap":                         "a line in it is no field",
}

// takeHTTP takes a message with the facts out of rows: that of the frame, else the last
// before it, as tshark names the frame in which the body ends.
func takeHTTP(rows []httpRow, frame int64, want httpFacts) ([]httpRow, bool) {
	best := -1
	for i := range rows {
		if rows[i].httpFacts == want && rows[i].frame <= frame {
			best = i
		}
	}
	if best < 0 {
		return rows, false
	}
	return slices.Delete(rows, best, best+1), true
}

// TestHTTP compares messages of HTTP/1 over TCP with tshark's.
func TestHTTP(t *testing.T) {
	truth := map[string][]record{}
	readTSV(t, func(r record) {
		if r["stream"] != "" {
			truth[r["capture"]] = append(truth[r["capture"]], r)
		}
	}, "truth", "http.tsv.gz")
	cfg := uncut()
	cfg.Secrets, cfg.Records, cfg.Streams.Bytes = true, []string{"http"}, 1<<40
	equal, of, more, by := 0, 0, 0, map[string]int{}
	for i, c := range captures(t) {
		if !sampled(i, 7) || len(truth[c["capture"]]) == 0 {
			continue
		}
		tables, result := captureTables(t, cfg, c["capture"])
		var rows []httpRow
		for row := range tables["http"].Rows {
			if tables["http"].Null("stream", row) {
				rows = append(rows, httpOf(tables["http"], row))
			}
		}
		for _, r := range truth[c["capture"]] {
			for _, want := range httpTruth(r) {
				of++
				var found bool
				if rows, found = takeHTTP(rows, r.int("frame"), want); found {
					equal++
					continue
				}
				rule := httpRules[c["capture"]]
				by[rule]++
				if rule != "" {
					continue
				}
				t.Errorf("unexplained: %s frame %s: want %+v", c["capture"], r["frame"], want)
			}
		}
		if readAlike(c, result) && allInFlows(result) {
			more += len(rows) // tshark waits for the end of bodies
		}
	}
	t.Logf("%d of %d messages equal, by rule %v; %d more of ours", equal, of, by, more)
	floor(t, equal, 13067)
}
