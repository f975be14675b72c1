package accuracy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pcapmill/bench/accuracy"
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
	switch {
	case told[c["capture"]] != "":
		return told[c["capture"]]
	case !readAlike(c, r):
		return "packets read"
	case got == nil && want.qname == "":
		return "no question in it for tshark either"
	case got == nil && !allInFlows(r):
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
	truth := truthOf(t, "dns.tsv.gz")
	n, whole, with := tally{by: map[string]int{}}, 0, 0
	for i, c := range captures(t) {
		if !sampled(i, 7) || len(truth[c["capture"]]) == 0 {
			continue
		}
		tables, result := captureTables(t, uncut(), c["capture"])
		rows := dnsRows(tables["dns"])
		with++
		if compareFrames(t, &n, truth[c["capture"]], rows, dnsTruth, func(got *dnsFacts, want dnsFacts) string { return dnsRule(c, result, got, want) }) {
			whole++
		}
		if readAlike(c, result) && allInFlows(result) {
			for frame, f := range rows {
				t.Errorf("%s frame %s: tshark has no message %+v", c["capture"], frame, *f)
			}
		}
	}
	t.Logf("%d messages equal, by rule %v; %d of %d captures without a difference", n.equal, n.by, whole, with)
	floor(t, n.equal, 17207)
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

// TestLongestMessageOfDNS: over TCP a message can have as many bytes as its length can say.
func TestLongestMessageOfDNS(t *testing.T) {
	message := dnsAnswer("long.test")
	message = append(message, make([]byte, 1<<16-1-len(message))...)
	stream := sum16(string(message)) + sum16(string(dnsAnswer("next.test")))
	w := &wire{client, resolver, [2]uint32{7, 7}}
	steps := slices.Clone(opened)
	for at := 0; at < len(stream); at += 40_000 {
		steps = append(steps, down(int64(at), stream[at:min(len(stream), at+40_000)]))
	}
	cfg := everything()
	cfg.Streams.Bytes = 1 << 20
	tables := tablesOf(t, cfg, &accuracy.Packets{List: w.packets(steps...), Block: 1000})
	if n := tables["dns"].Rows; n != 2 || tables["dns"].Int("message_bytes", 0) != 1<<16-1 || tables["errors"].Rows != 0 {
		t.Errorf("%d messages, %d errors", n, tables["errors"].Rows)
	}
}

// TestBehindAMalformedMessage: over TCP the next message begins behind the length of one,
// whatever is wrong with that, but not where it has not even a header.
func TestBehindAMalformedMessage(t *testing.T) {
	good, bad := dnsAnswer("good.test"), dnsAnswer("bad.test")
	bad[12] = 0x40 // no kind of label
	w := &wire{client, resolver, [2]uint32{7, 7}}
	for _, c := range []struct {
		messages     [][]byte
		rows, errors int
	}{{[][]byte{bad, good, bad, good}, 4, 2}, {[][]byte{good, []byte("no"), good}, 2, 1}} {
		stream := ""
		for _, m := range c.messages {
			stream += sum16(string(m))
		}
		tables := tablesOf(t, everything(), &accuracy.Packets{List: w.packets(then(opened, []step{down(0, stream)})...), Block: 1000})
		if rows, errors := tables["dns"].Rows, tables["errors"].Rows; rows != c.rows || errors != c.errors {
			t.Errorf("%d messages, %d errors, want %d, %d", rows, errors, c.rows, c.errors)
		}
	}
}
