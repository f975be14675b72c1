package flow

import (
	"net"
	"slices"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/ingest/packet"
)

// TestCoded fills MAC addresses, more than the vocabulary has slots, every third
// row without one, into two batches in turn: each word is the row's own, and the
// second batch leaves the first one's words alone.
func TestCoded(t *testing.T) {
	table, err := NewTable([]string{"link"}, AddrText)
	if err != nil {
		t.Fatal(err)
	}
	var rows []*Row
	var want []string
	for i := range 3000 {
		r := &Row{}
		mac := net.HardwareAddr{2, 0, 0, 0, byte(i % 700 >> 8), byte(i % 700)}
		if i%3 > 0 {
			r.link.flags = packet.LinkHasMAC
			copy(r.link.macs[6:], mac)
		} else {
			mac = nil
		}
		rows, want = append(rows, r), append(want, mac.String())
	}
	first, second := batch.New(table.Schema), batch.New(table.Schema)
	table.Fill(first, rows, nil, nil)
	slices.Reverse(rows)
	table.Fill(second, rows, nil, nil)
	table.Fill(second, rows[:10], nil, nil)
	column := table.Schema.Index("src_mac")
	for i := range want {
		checkWord(t, &first.Vectors[column], i, want[i])
		checkWord(t, &second.Vectors[column], len(want)-1-i, want[i])
	}
}

// checkWord compares a text cell; an empty word stands for null.
func checkWord(t *testing.T, v *batch.Vector, row int, want string) {
	t.Helper()
	switch {
	case v.Null(row) != (want == ""):
		t.Errorf("row %d: null is %v, want %q", row, v.Null(row), want)
	case want != "" && v.String(row) != want:
		t.Errorf("row %d: %q, want %q", row, v.String(row), want)
	}
}

// TestRulesAreShared: columns of one null rule have one Valid, also in a batch
// that is filled in parts and used again.
func TestRulesAreShared(t *testing.T) {
	table, err := NewTable([]string{"flags"}, AddrText)
	if err != nil {
		t.Fatal(err)
	}
	tcp, udp := &Row{Key: Key{Protocol: packet.ProtoTCP}}, &Row{Key: Key{Protocol: packet.ProtoUDP}}
	b := batch.New(table.Schema)
	for range 2 {
		b.Reset()
		table.Fill(b, []*Row{tcp, udp}, nil, nil)
		b.Reserve(500)
		table.Fill(b, slices.Repeat([]*Row{udp, tcp}, 150), nil, nil)
		syn, ack := &b.Vectors[table.Schema.Index("fwd_syn_packets")], &b.Vectors[table.Schema.Index("rev_ack_packets")]
		if len(syn.Valid) != 302 || &syn.Valid[0] != &ack.Valid[0] {
			t.Fatalf("%d validity bytes, shared: %v", len(syn.Valid), &syn.Valid[0] == &ack.Valid[0])
		}
		if syn.Null(0) || !syn.Null(1) || !syn.Null(2) || syn.Null(301) {
			t.Errorf("valid %v", syn.Valid)
		}
	}
}
