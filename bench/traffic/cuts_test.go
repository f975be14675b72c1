package traffic_test

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// TestWriteCuts: each connection has the message whole, whatever the segments and
// their order.
func TestWriteCuts(t *testing.T) {
	for _, c := range traffic.Cuts() {
		t.Run(c.Name, func(t *testing.T) {
			l := newListener(t)
			n, err := traffic.WriteCuts(l, 1e18, c)
			if err != nil || n != 2*len(c.Data)-1 {
				t.Fatalf("%d connections, %v", n, err)
			}
			found := 0
			for key, h := range l.streams {
				client := key[c.Dir]
				if client.Port() >= 10000 && bytes.Equal(h.stream, c.Data) {
					found++
				}
			}
			if found != n {
				t.Errorf("%d of %d connections have the message", found, n)
			}
		})
	}
}

// TestSwapped: the second segment is written before the first.
func TestSwapped(t *testing.T) {
	var order []string
	s := traffic.NewSession(writerFunc(func(_ packet.Nanos, _ uint32, data []byte) error {
		if len(data) > 54 {
			order = append(order, string(data[54:]))
		}
		return nil
	}), 0, client4, server4)
	s.Swapped(traffic.Forward, []byte("first"), []byte("second"))
	s.Segment(traffic.Forward, packet.ACK, []byte("third"))
	if strings.Join(order, " ") != "second first third" || s.Truth.OutOfOrder != 1 {
		t.Errorf("%q, %d out of order", order, s.Truth.OutOfOrder)
	}
}

// TestWriteSecrets: each form of the canary is in the streams, and each session
// has one.
func TestWriteSecrets(t *testing.T) {
	const canary = "Kanarienvogel4711"
	l := newListener(t)
	secrets, err := traffic.WriteSecrets(l, 1e18, canary)
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	sessions := map[netip.AddrPort]bool{}
	for key, h := range l.streams {
		all = append(all, h.stream...)
		client := key[0]
		if client.Port() < 20000 {
			client = key[1]
		}
		has := sessions[client]
		for _, s := range secrets {
			has = has || bytes.Contains(h.stream, []byte(s.Text))
		}
		sessions[client] = has
	}
	for _, s := range secrets {
		if !bytes.Contains(all, []byte(s.Text)) {
			t.Errorf("%s is nowhere", s.Where)
		}
	}
	for client, has := range sessions {
		if !has {
			t.Errorf("session of %v has no secret", client)
		}
	}
	if len(sessions) != 18 {
		t.Errorf("%d sessions", len(sessions))
	}
}
