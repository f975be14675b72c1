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

// dnsFacts are what tshark and we say of one message.
type dnsFacts struct {
	id, response, rcode, qname, qtype, answers, a, aaaa, cname string
}

// dnsOf reads a row of the dns table.
func dnsOf(t *accuracy.Table, row int) dnsFacts {
	f := dnsFacts{
		id: fmt.Sprintf("0x%04x", t.Int("transaction_id", row)), response: fmt.Sprint(t.Int("response", row)),
		answers: fmt.Sprint(t.Int("answer_count", row)),
	}
	f.qname = strings.Join(t.Texts("question_names", row), "|")
	f.qtype = strings.Trim(strings.ReplaceAll(fmt.Sprint(t.List("question_types", row)), " ", "|"), "[]")
	if f.response == "1" {
		f.rcode = fmt.Sprint(t.Int("rcode", row) & 15)
	}
	var types []int64
	var data []string
	for _, section := range []string{"answer", "authority", "additional"} { // tshark lists all that is there
		types, data = append(types, t.List(section+"_types", row)...), append(data, t.Texts(section+"_data", row)...)
	}
	f.a, f.aaaa, f.cname = ofType(types, data, 1), ofType(types, data, 28), ofType(types, data, 5)
	return f
}

func ofType(types []int64, data []string, want int64) string {
	var list []string
	for i, t := range types {
		if t == want {
			list = append(list, data[i])
		}
	}
	slices.Sort(list)
	return strings.Join(list, "|")
}

// sortedList is a truth cell with its elements in order.
func sortedList(cell string) string {
	list := strings.Split(cell, "|")
	slices.Sort(list)
	return strings.Join(list, "|")
}

func dnsTruth(r record) dnsFacts {
	return dnsFacts{r["id"], r["response"], r["rcode"], strings.ReplaceAll(r["qname"], "<Root>", "."), r["qtype"], r["answers"], sortedList(r["a"]), sortedList(r["aaaa"]), sortedList(r["cname"])}
}

// dnsRule says why a message of tshark's is not the same with us; got is nil where we
// have none.
func dnsRule(c record, r *stages.Result, got *dnsFacts, want dnsFacts) string {
	told := map[string]string{
		"dns/ndpi__doq.pcapng":                                  "decrypted by tshark",
		"protocols/wg/wireshark__wireguard-ping-tcp-dsb.pcapng": "decrypted by tshark",
		"formats/crafted_container/pcap_fcs_linktype_bits.pcap": "tshark takes a frame check sequence away that is none",
	}
	a := r.Accounting
	switch {
	case told[c["capture"]] != "":
		return told[c["capture"]]
	case a.Read.Packets != c.int("tshark_packets"):
		return "packets read"
	case got == nil && want.qname == "":
		return "no question in it for tshark either"
	case got == nil && a.By[packet.InFlow] != a.Read:
		return "malformed, or interface not usable"
	case got == nil:
		return "quoted in an ICMP error; a fragment of a datagram that never became whole"
	case want.qname == "" || strings.Contains(want.qname+want.cname, "<"):
		return "tshark cannot read a name"
	case strings.Contains(got.qname+got.a+got.aaaa+got.cname, "\\"):
		return "bytes that do not print, data not of its type's form"
	}
	return ""
}

// TestDNS compares messages, frame by frame, with tshark's.
func TestDNS(t *testing.T) {
	truth := map[string][]record{}
	readTSV(t, func(r record) { truth[r["capture"]] = append(truth[r["capture"]], r) }, "truth", "dns.tsv.gz")
	equal, whole, with, by := 0, 0, 0, map[string]int{}
	for i, c := range captures(t) {
		if !sampled(i, 7) || len(truth[c["capture"]]) == 0 {
			continue
		}
		tables, result, err := accuracy.RunTables(uncut(), accuracy.File(capturePath(t, c["capture"])))
		if err != nil {
			t.Fatal(err)
		}
		rows := dnsRows(tables["dns"])
		before := len(by)
		for _, r := range truth[c["capture"]] {
			got, want := rows[r["frame"]], dnsTruth(r)
			delete(rows, r["frame"])
			if got != nil && *got == want {
				equal++
				continue
			}
			rule := dnsRule(c, result, got, want)
			by[rule]++
			before = -1
			if rule == "" {
				t.Errorf("unexplained: %s frame %s:\n got %+v\nwant %+v", c["capture"], r["frame"], got, want)
			}
		}
		with++
		if before >= 0 {
			whole++
		}
		if a := result.Accounting; a.Read.Packets == c.int("tshark_packets") && a.By[packet.InFlow] == a.Read {
			for frame, f := range rows {
				t.Errorf("%s frame %s: tshark has no message %+v", c["capture"], frame, *f)
			}
		}
	}
	t.Logf("%d messages equal, by rule %v; %d of %d captures without a difference", equal, by, whole, with)
	floor(t, equal, 17207)
}

// dnsRows are the messages by frame, but for those of the NetBIOS name service, which
// are not in the truth.
func dnsRows(t *accuracy.Table) map[string]*dnsFacts {
	rows := map[string]*dnsFacts{}
	for row := range t.Rows {
		if t.Text("kind", row) != "nbns" {
			f := dnsOf(t, row)
			rows[fmt.Sprint(t.Int("packet_index", row))] = &f
		}
	}
	return rows
}
