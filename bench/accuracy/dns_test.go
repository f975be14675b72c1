package accuracy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pcapmill/bench/accuracy"
)

// dnsFacts are what tshark and we say of one message.
type dnsFacts struct {
	id, response, rcode, qname, qtype, answers, a, aaaa, cname string
}

// dnsOf reads a row of the dns table.
func dnsOf(t *accuracy.Table, row int) dnsFacts {
	f := dnsFacts{
		id: fmt.Sprintf("0x%04x", t.Int("id", row)), response: fmt.Sprint(t.Int("response", row)),
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
	f := dnsFacts{r["id"], r["response"], r["rcode"], r["qname"], r["qtype"], r["answers"], sortedList(r["a"]), sortedList(r["aaaa"]), sortedList(r["cname"])}
	return f
}

// TestDNS compares messages over UDP, frame by frame, with tshark's.
func TestDNS(t *testing.T) {
	truth := map[string][]record{}
	readTSV(t, func(r record) { truth[r["capture"]] = append(truth[r["capture"]], r) }, "truth", "dns.tsv.gz")
	equal, missing, different, extra := 0, 0, 0, 0
	same, all := 0, 0
	for i, c := range captures(t) {
		if !sampled(i, 7) {
			continue
		}
		tables, _, err := accuracy.RunTables(uncut(), accuracy.File(capturePath(t, c["capture"])))
		if err != nil {
			t.Fatal(err)
		}
		rows := map[string][]dnsFacts{}
		for row := range tables["dns"].Rows {
			if tables["dns"].Text("kind", row) == "nbns" {
				continue // not in the truth
			}
			frame := fmt.Sprint(tables["dns"].Int("packet_index", row))
			rows[frame] = append(rows[frame], dnsOf(tables["dns"], row))
		}
		bad := 0
		for _, r := range truth[c["capture"]] {
			if r["transport"] != "udp" {
				continue
			}
			got, want := rows[r["frame"]], dnsTruth(r)
			switch {
			case len(got) == 0:
				missing++
				bad++
				t.Logf("missing: %s frame %s %+v", c["capture"], r["frame"], want)
			case got[0] != want:
				different++
				bad++
				t.Logf("different: %s frame %s\n got %+v\nwant %+v", c["capture"], r["frame"], got[0], want)
			default:
				equal++
			}
			delete(rows, r["frame"])
		}
		for frame, list := range rows {
			extra += len(list)
			bad += len(list)
			t.Logf("extra: %s frame %s %+v", c["capture"], frame, list[0])
		}
		if len(truth[c["capture"]]) > 0 || len(rows) > 0 {
			all++
			if bad == 0 {
				same++
			}
		}
	}
	t.Logf("%d messages equal, %d missing, %d different, %d more; %d of %d captures without a difference", equal, missing, different, extra, same, all)
}
