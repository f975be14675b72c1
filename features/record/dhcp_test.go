package record

import (
	"slices"
	"strings"
	"testing"

	"pcapmill/features/flow"
)

// discover is a DHCPDISCOVER with a name, a client identifier and requests.
func discover() []byte {
	b := make([]byte, 236)
	copy(b, "\x01\x01\x06\x00\x12\x34\x56\x78\x00\x00\x80\x00")
	copy(b[28:], "\x02\x00\x5e\x00\x53\x01")
	return append(b, "\x63\x82\x53\x63\x35\x01\x01\x0c\x05h\x00st\xff\x37\x04\x01\x79\x03\x06\x3d\x03\x01ab\xff"...)
}

// relayed is a DHCPv6 SOLICIT for a prefix, passed on by a relay.
func relayed() []byte {
	link := "\x20\x01\x0d\xb8" + strings.Repeat("\x00", 11) + "\x01"
	lease := "\x00\x1a\x00\x19\x00\x00\x00\x64\x00\x00\x00\xc8\x38" + link
	own := "\x01\x12\x34\x56" + "\x00\x01\x00\x0a\x00\x03\x00\x01\x02\x00\x5e\x00\x53\x01" + "\x00\x06\x00\x04\x00\x17\x00\x18" + "\x00\x19\x00\x29\x00\x00\x00\x09\x00\x00\x00\x01\x00\x00\x00\x02" + lease
	return []byte("\x0c\x00" + link + link + "\x00\x12\x00\x03e/1" + "\x00\x09\x00" + string([]byte{byte(len(own))}) + own)
}

func openDHCP(t *testing.T, addr flow.AddrFormat) (DatagramParser, *Set) {
	t.Helper()
	set, err := Open(Options{Names: []string{"dhcp"}, Addresses: addr})
	if err != nil {
		t.Fatal(err)
	}
	return set.Parsers[0].(DatagramParser), set
}

// TestDHCPRows: a message of each version, and one that is cut by its sender.
func TestDHCPRows(t *testing.T) {
	packets := []Packet{
		{Flow: new(flow.Row), Version: 4, SrcPort: 68, DstPort: 67, Payload: discover()},
		{Flow: new(flow.Row), Version: 6, SrcPort: 547, DstPort: 547, Payload: relayed()},
		{Flow: new(flow.Row), Version: 4, SrcPort: 68, DstPort: 67, Payload: discover()[:249]},
	}
	p, set := openDHCP(t, flow.AddrText)
	schema := set.Tables.Schemas[0]
	var rows Rows
	for i := range packets {
		if !p.Recognise(&packets[i]) {
			t.Errorf("packet %d is not recognised", i)
		}
		if err := p.Datagram(new(Conversation), &packets[i], &rows); (err != nil) != (i == 2) {
			t.Errorf("packet %d: %v", i, err)
		}
	}
	b := filled(t, schema, &rows)
	wantTexts(t, b, map[string][]string{
		"message_type_name":   {"DISCOVER", "SOLICIT", "DISCOVER"},
		"your_ip":             {"0.0.0.0", "null", "0.0.0.0"},
		"client_link_address": {"02:00:5e:00:53:01", "02:00:5e:00:53:01", "02:00:5e:00:53:01"},
		"client_id":           {"016162", "0003000102005e005301", "null"},
		"host_name":           {`h\000st\255`, "null", "null"},
		"option_fingerprint":  {"53,12,55,61", "1,6,25", "53"},
		"request_fingerprint": {"1,121,3,6", "23,24", "null"},
		"relay_circuit_id":    {"null", "e/1", "null"},
	})
	for name, want := range map[string]string{"lease_addresses": "2001:db8::1/56", "lease_kinds": "pd", "relay_link_ips": "2001:db8::1"} {
		v := &b.Vectors[schema.Index(name)]
		if !slices.Equal(v.Dict, []string{want}) || !slices.Equal(v.Offsets, []int32{0, 0, 1, 1}) {
			t.Errorf("%s: %v %v", name, v.Dict, v.Offsets)
		}
	}
	for name, want := range map[string][]int32{"version": {4, 6, 4}, "hops": {0, 1, 0}, "malformed": {0, 0, 1}, "requested_options": {1, 121, 3, 6, 23, 24}} {
		if got := b.Vectors[schema.Index(name)].Int32; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// TestDHCPRowsDoNotAllocate, once the memory is there.
func TestDHCPRowsDoNotAllocate(t *testing.T) {
	p, _ := openDHCP(t, flow.AddrText)
	packets := []Packet{
		{Flow: new(flow.Row), Version: 4, SrcPort: 68, DstPort: 67, Payload: discover()},
		{Flow: new(flow.Row), Version: 6, SrcPort: 547, DstPort: 547, Payload: relayed()},
	}
	var rows Rows
	var c Conversation
	if n := testing.AllocsPerRun(100, func() {
		rows.Reset()
		for i := range packets {
			if err := p.Datagram(&c, &packets[i], &rows); err != nil {
				t.Fatal(err)
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
