package accuracy_test

import (
	"fmt"
	"strings"
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/stages"
)

// dhcpFacts are what tshark and we say of one message.
type dhcpFacts struct {
	version, kind, id, link, host, yours string
}

// dhcpOf reads a row of the dhcp table.
func dhcpOf(t *accuracy.Table, row int) dhcpFacts {
	f := dhcpFacts{version: fmt.Sprint(t.Int("version", row)), kind: dhcpKind(t, row)}
	if f.version == "6" {
		f.id = fmt.Sprintf("0x%06x", t.Int("transaction_id", row))
		return f
	}
	f.id, f.host, f.yours = fmt.Sprintf("0x%08x", t.Int("transaction_id", row)), t.Text("host_name", row), t.Text("your_ip", row)
	if t.Int("client_hardware_type", row) == 1 && len(t.Text("client_link_address", row)) == len("00:00:00:00:00:00") {
		f.link = t.Text("client_link_address", row)
	}
	return f
}

// dhcpKind is the message type behind those of relays, as tshark lists them; empty in
// BOOTP.
func dhcpKind(t *accuracy.Table, row int) string {
	var kinds []string
	for _, k := range t.List("relay_types", row) {
		kinds = append(kinds, fmt.Sprint(k))
	}
	if !t.Null("message_type", row) {
		kinds = append(kinds, fmt.Sprint(t.Int("message_type", row)))
	}
	return strings.Join(kinds, "|")
}

// dhcpTruth reads a row of records.tsv.
func dhcpTruth(r record) dhcpFacts {
	fields := map[string]string{}
	last := ""
	for _, word := range strings.Fields(r["fields"]) {
		name, value, found := strings.Cut(word, "=")
		if !found { // a value with a space
			fields[last] += " " + word
			continue
		}
		fields[name], last = value, name
	}
	if r["kind"] == "dhcpv6" {
		return dhcpFacts{version: "6", kind: fields["dhcpv6.msgtype"], id: fields["dhcpv6.xid"]}
	}
	link, _, _ := strings.Cut(fields["dhcp.hw.mac_addr"], "|") // the others are of option 61
	return dhcpFacts{"4", fields["dhcp.option.dhcp"], fields["dhcp.id"], link, fields["dhcp.option.hostname"], fields["dhcp.ip.your"]}
}

// dhcpRule says why a message of tshark's is not the same with us; got is nil where we
// have none.
func dhcpRule(c record, r *stages.Result, got *dhcpFacts) string {
	switch {
	case !readAlike(c, r):
		return "packets read"
	case got == nil && !allInFlows(r):
		return "malformed, or interface not usable"
	}
	return ""
}

// TestDHCP compares messages frame by frame with tshark's.
func TestDHCP(t *testing.T) {
	truth := truthOf(t, "records.tsv.gz", "dhcp", "dhcpv6")
	n := tally{by: map[string]int{}}
	for _, c := range captures(t) {
		if len(truth[c["capture"]]) == 0 {
			continue
		}
		tables, result := captureTables(t, uncut(), c["capture"])
		rows := map[string]*dhcpFacts{}
		for row := range tables["dhcp"].Rows {
			f := dhcpOf(tables["dhcp"], row)
			rows[fmt.Sprint(tables["dhcp"].Int("packet_index", row))] = &f
		}
		compareFrames(t, &n, truth[c["capture"]], rows, dhcpTruth, func(got *dhcpFacts, _ dhcpFacts) string { return dhcpRule(c, result, got) })
		for frame, f := range rows {
			t.Errorf("%s frame %s: tshark has no message %+v", c["capture"], frame, *f)
		}
	}
	t.Logf("%d messages equal, by rule %v", n.equal, n.by)
	floor(t, n.equal, 762)
}
