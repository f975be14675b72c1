package quic

import "testing"

// BenchmarkShortHeader is what all but a connection's first packets cost.
func BenchmarkShortHeader(b *testing.B) {
	var r Reader
	var c Conn
	packet := []byte("\x40 short header")
	for b.Loop() {
		_ = r.Read(&c, packet, true, false)
	}
}

// BenchmarkFirstInitial is a client's first packet: keys, opening, and a hello.
func BenchmarkFirstInitial(b *testing.B) {
	client, _ := pair(b, V1, "original")
	packet := client.initial(crypt(0, hello(ClientHello, string(make([]byte, 300)))), make([]byte, 820))
	var r Reader
	for b.Loop() {
		var c Conn
		if err := r.Read(&c, packet, true, false); err != nil || len(r.Events) != 1 {
			b.Fatal(err)
		}
	}
}

// BenchmarkNextInitial is an Initial packet once the keys are there.
func BenchmarkNextInitial(b *testing.B) {
	client, _ := pair(b, V1, "original")
	packet := client.initial([]byte{frameAck, 0, 0, 0, 0}, make([]byte, 1100))
	var r Reader
	var c Conn
	for b.Loop() {
		if err := r.Read(&c, packet, true, false); err != nil {
			b.Fatal(err)
		}
	}
}
