package record

import (
	"net/netip"
	"slices"
	"testing"

	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/fit"
)

func openDNS(addr flow.AddrFormat) (DatagramParser, *Tables, error) {
	set, err := Open(Options{Names: []string{"dns"}, Addresses: addr})
	if err != nil {
		return nil, nil, err
	}
	return set.Parsers[0].(DatagramParser), set.Tables, nil
}

// TestDNSRows: a query without an OPT record, an answer of two records, and what is not
// a message, over two batches and with each form of addresses.
func TestDNSRows(t *testing.T) {
	question := "\x01a\x03org\x00\x00\x01\x00\x01"
	packets := []Packet{
		{SrcPort: 4000, DstPort: 53, Payload: []byte("\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + question)},
		{SrcPort: 53, DstPort: 4000, Payload: []byte("\x00\x07\x81\x80\x00\x01\x00\x02\x00\x00\x00\x00" + question +
			"\xc0\x0c\x00\x01\x00\x01\xff\xff\xff\xff\x00\x04\xc0\x00\x02\x01" + "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x05\x00\x03abc")},
		{SrcPort: 4000, DstPort: 53, Payload: []byte("\x00")},
	}
	for _, addr := range []flow.AddrFormat{flow.AddrText, flow.AddrBinary, flow.AddrBoth} {
		p, tables, err := openDNS(addr)
		if err != nil {
			t.Fatal(err)
		}
		var rows Rows
		for i := range packets {
			pkt := &packets[i]
			pkt.Flow, pkt.Version, pkt.Src, pkt.Dst = new(flow.Row), 4, netip.MustParseAddr("192.0.2.1").As16(), netip.MustParseAddr("192.0.2.53").As16()
			if err := p.Datagram(new(Conversation), pkt, &rows); (err != nil) != (i == 2) {
				t.Errorf("packet %d: %v", i, err)
			}
		}
		f := NewFiller(tables.Schemas[0])
		for range 2 {
			f.Add(rowsOf(&rows, 0))
			if err := fit.Check(tables.Schemas[0], f.Batch()); err != nil {
				t.Fatalf("%s: %v", addr, err)
			}
			checkDNS(t, f, addr)
			f.Reset()
		}
	}
}

func checkDNS(t *testing.T, f *Filler, addr flow.AddrFormat) {
	t.Helper()
	column := func(name string) int { return f.Schema().Index(name) }
	for name, want := range map[string]bool{"src_ip": addr != flow.AddrBinary, "dst_ip_binary": addr != flow.AddrText} {
		if got := column(name) >= 0; got != want {
			t.Errorf("%s: column %s is there: %v", addr, name, got)
		}
	}
	if at := column("dst_ip"); at >= 0 && f.Batch().Vectors[at].String(1) != "192.0.2.53" {
		t.Errorf("dst_ip %q", f.Batch().Vectors[at].String(1))
	}
	if at := column("src_ip_binary"); at >= 0 && f.Batch().Vectors[at].String(1) != "\xc0\x00\x02\x01" {
		t.Errorf("src_ip_binary %x", f.Batch().Vectors[at].String(1))
	}
	vectors := f.Batch().Vectors
	if name := &vectors[column("query_name")]; name.String(0) != "a.org" || name.Null(1) || !name.Null(2) {
		t.Errorf("query_name %+v", name)
	}
	data, ttls := &vectors[column("answer_data")], &vectors[column("answer_ttls_s")]
	if !slices.Equal(data.Dict, []string{"192.0.2.1", `\# 3 616263`}) || !slices.Equal(data.Offsets, []int32{0, 0, 2, 2}) {
		t.Errorf("answer_data %+v", data)
	}
	if !slices.Equal(ttls.Int64, []int64{1<<32 - 1, 5}) {
		t.Errorf("answer_ttls_s %v", ttls.Int64)
	}
	if bad := vectors[column("malformed")].Int32; !slices.Equal(bad, []int32{0, 0, 1}) || !vectors[column("edns_version")].Null(0) {
		t.Errorf("malformed %v", bad)
	}
}

// TestDNSFlags: bits that LLMNR and NetBIOS have in the places of others say nothing of these.
func TestDNSFlags(t *testing.T) {
	p, tables, err := openDNS(flow.AddrText)
	if err != nil {
		t.Fatal(err)
	}
	var rows Rows
	for _, port := range []uint16{53, 5355, 137} {
		pkt := Packet{Flow: new(flow.Row), Version: 4, SrcPort: 4000, DstPort: port, Payload: []byte("\x00\x07\x05\x10\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x00\x00\x01\x00\x01")}
		if err := p.Datagram(new(Conversation), &pkt, &rows); err != nil {
			t.Fatal(err)
		}
	}
	b := filled(t, tables.Schemas[0], &rows)
	for name, want := range map[string][]int32{"authoritative": {1, 0, 1}, "recursion_desired": {1, 0, 1}, "checking_disabled": {1, 0, 0}} {
		if got := b.Vectors[b.Schema.Index(name)].Int32; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// TestDNSTransfer: all messages of a zone's transfer answer its query, those without the
// question too; another query of the same id has one response.
func TestDNSTransfer(t *testing.T) {
	p, tables, err := openDNS(flow.AddrText)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(kind string) string {
		return "\x00\x07\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x00\x00" + kind + "\x00\x01"
	}
	answer := func(kind string) string { return "\x00\x07\x84" + ask(kind)[3:] }
	const axfr, ns, none = "\xfc", "\x02", "\x00\x07\x84\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	var rows Rows
	var c Conversation
	for i, message := range []string{ask(axfr), answer(axfr), none, ask(ns), answer(axfr), answer(ns), answer(ns), none} {
		pkt := Packet{Flow: new(flow.Row), Version: 4, SrcPort: 4000, DstPort: 53, Transport: 6, Time: packet.Nanos(i)}
		if message[2] != 0 {
			pkt.SrcPort, pkt.DstPort, pkt.Side = 53, 4000, 1
		}
		if _, _, err := p.(StreamParser).Stream(&c, &pkt, []byte("\x00"+string([]byte{byte(len(message))})+message), &rows); err != nil {
			t.Fatal(err)
		}
	}
	b := filled(t, tables.Schemas[0], &rows)
	cells := func(name string) (list []string) {
		for row := range b.Rows {
			list = append(list, cell(b, name, row))
		}
		return list
	}
	if got := cells("exchange"); !slices.Equal(got, []string{"1", "1", "1", "2", "1", "2", "null", "1"}) {
		t.Errorf("exchanges %q", got)
	}
	if got := cells("latency_ns"); !slices.Equal(got, []string{"null", "1", "2", "null", "4", "2", "null", "7"}) {
		t.Errorf("latencies %q", got)
	}
}

// TestDNSRowsDoNotAllocate, once the memory is there.
func TestDNSRowsDoNotAllocate(t *testing.T) {
	p, tables, err := openDNS(flow.AddrText)
	if err != nil {
		t.Fatal(err)
	}
	pkt := Packet{Flow: new(flow.Row), Version: 4, SrcPort: 53, DstPort: 4000, Payload: []byte("\x00\x07\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" +
		"\x01a\x03org\x00\x00\x01\x00\x01" + "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x05\x00\x04\xc0\x00\x02\x01")}
	var rows Rows
	var c Conversation
	if n := testing.AllocsPerRun(100, func() {
		rows.Reset()
		tables.Names = tables.Names[:0]
		if err := p.Datagram(&c, &pkt, &rows); err != nil {
			t.Fatal(err)
		}
	}); n > 2 {
		t.Errorf("%v allocations a record; two are the name that it tells and its address", n)
	}
}
