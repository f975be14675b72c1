package accuracy_test

import (
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// TestSwitchIsReadOnce cuts an answer behind which another protocol begins at every byte
// into two segments, in one of which a line begins as a request does: no byte is read
// twice, whoever it was for.
func TestSwitchIsReadOnce(t *testing.T) {
	ask := "GET /chat HTTP/1.1\r\nHost: a.example\r\nUpgrade: other\r\n\r\n"
	answer := "HTTP/1.1 101 Switching\r\nNote: GET / HTTP/1.1\r\nHost: b.example\r\n\r\n\x81\x05hello"
	for cut := range len(answer) {
		list := []accuracy.Packet{
			at(0, segment(client, server, packet.SYN, 99, 0, 0, nil)),
			at(time.Millisecond, segment(server, client, synACK, 499, 100, 0, nil)),
			at(2*time.Millisecond, traffic.TCP(client, server, packet.ACK, 100, 500, 9000, []byte(ask))),
		}
		for i, part := range []string{answer[:cut], answer[cut:]} {
			list = append(list, at(time.Duration(3+i)*time.Millisecond, traffic.TCP(server, client, packet.ACK, uint32(500+i*cut), uint32(100+len(ask)), 9000, []byte(part))))
		}
		tables, _, err := accuracy.RunTables(stages.DefaultConfig(), &accuracy.Packets{List: list})
		if err != nil {
			t.Fatal(err)
		}
		http := tables["http"]
		if http.Rows != 2 || http.Text("method", 0) != "GET" || http.Int("status", 1) != 101 {
			t.Errorf("cut at %d: %d rows", cut, http.Rows)
		}
	}
}
