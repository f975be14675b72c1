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

// TestTunnelledName: the server's name in a hello is the flow's, not the one that a proxy was
// asked for in front of it; of several hellos that of the first.
func TestTunnelledName(t *testing.T) {
	tunnel, ok, hello := "CONNECT 198.51.100.20:443 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", clientHello("good.test")
	n, web := int64(len(tunnel)), wire{client, server, [2]uint32{1000, 5000}}
	flows := tablesOf(t, everything(), &accuracy.Packets{List: web.packets(then(opened, []step{
		up(0, tunnel), down(0, ok).acks(n), up(n, hello).acks(int64(len(ok))), up(n+int64(len(hello)), clientHello("evil.test")).acks(int64(len(ok))),
	})...)})["flows"]
	if name, host := flows.Text("server_name", 0), flows.Text("http_host", 0); name != "good.test" || host != "198.51.100.20:443" {
		t.Errorf("server_name is %q, http_host %q", name, host)
	}
}
