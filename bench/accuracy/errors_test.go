package accuracy_test

import (
	"strings"
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/ingest/packet"
)

// TestErrorRows: in the malformed captures, and a sample of the others, each packet
// whose outcome is an error has its row, in tunnels each layer, and no other has one.
func TestErrorRows(t *testing.T) {
	errors := []packet.Outcome{
		packet.UnsupportedLink, packet.MalformedL2, packet.MalformedL3, packet.MalformedL4, packet.FragmentUnresolved, packet.OverLimit,
	}
	rows, messages, with := 0, 0, 0
	for i, c := range captures(t) {
		if !strings.HasPrefix(c["capture"], "malformed/") && !sampled(i, 7) {
			continue
		}
		tables, result, err := accuracy.RunTables(uncut(), accuracy.File(capturePath(t, c["capture"])))
		if err != nil {
			t.Fatal(err)
		}
		for _, check := range result.Failed() {
			t.Errorf("%s: %s: %s", c["capture"], check.Name, check.Detail)
		}
		table := tables["errors"]
		by := map[string][2]int64{} // by outcome: packets, layers in tunnels
		for row := range table.Rows {
			n := by[table.Text("outcome", row)]
			n[min(table.Int("tunnel_depth", row), 1)]++
			by[table.Text("outcome", row)] = n
			if table.Text("reason", row) == "" {
				t.Errorf("%s: row %d has no reason", c["capture"], row)
			}
		}
		for _, out := range errors {
			want := [2]int64{result.Accounting.By[out].Packets, result.Inputs[0].Inner[out]}
			if by[out.String()] != want {
				t.Errorf("%s: %d %s, want %d", c["capture"], by[out.String()], out, want)
			}
			delete(by, out.String())
		}
		if n := by[packet.InFlow.String()]; len(by) > 0 {
			messages += int(n[0] + n[1])
			delete(by, packet.InFlow.String())
		}
		if len(by) > 0 {
			t.Errorf("%s: rows of %v", c["capture"], by)
		}
		if table.Rows > 0 {
			rows, with = rows+table.Rows, with+1
		}
	}
	t.Logf("%d rows in %d captures, %d of them of messages", rows, with, messages)
}

// TestRefusedHello: a hello that is malformed is told of with its packet, though the server
// refuses it and the connection never comes to what is encrypted.
func TestRefusedHello(t *testing.T) {
	hello := tlsRecord(1, "\x03\x03"+tlsRandom+"\x00"+sum16("\x13\x01")+"\x01\x00"+sum16(extension(16, "\xff")))
	n := int64(len(hello))
	w := &wire{client, server, [2]uint32{7, 7}}
	list := w.packets(then(opened, []step{
		up(0, hello), down(0, "\x15\x03\x03\x00\x02\x02\x32").acks(n).with(packet.FIN), up(n, "").acks(8).with(packet.FIN), down(8, "").acks(n + 1),
	})...)
	tables, result, err := accuracy.RunTables(everything(), &accuracy.Packets{List: list, Block: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range result.Failed() {
		t.Errorf("%s: %s", check.Name, check.Detail)
	}
	hellos, errs := tables["tls"], tables["errors"]
	if hellos.Rows != 1 || hellos.Int("malformed", 0) != 1 || errs.Rows != 1 {
		t.Fatalf("%d hellos, %d errors", hellos.Rows, errs.Rows)
	}
	if got := errs.Text("layer", 0) + " " + errs.Text("reason", 0); got != "tls bad_extension" || errs.Int("packet_index", 0) != 4 {
		t.Errorf("%s in packet %d", got, errs.Int("packet_index", 0))
	}
}
