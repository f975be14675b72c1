package traffic

import (
	"net/netip"
	"time"

	"pcapmill/bench/traffic/payload"
	"pcapmill/ingest/packet"
)

// Cut is a message that a test cuts in two: what comes before and after it on its
// connection, and the message.
type Cut struct {
	Name   string
	Port   uint16 // of the server
	Dir    Direction
	Before []byte // from the other side, in front of Data; empty: nothing
	Data   []byte
	After  []byte // from the other side, behind Data; empty: nothing
}

// Cuts returns messages whose records must be the same wherever a segment ends: a
// hello of each side of TLS, a question and an answer of DNS, heads of HTTP, lists
// of SSH.
func Cuts() []Cut {
	m := payload.NewMaker()
	h := payload.Handshake{Client: payload.Older, Server: 21, ServerName: m.ServerName(21), Seed: 7}
	hello, flight := m.AppendClientHello(nil, h), m.AppendServerFlight(nil, h)
	d := payload.DNS{
		ID: 7, Name: m.ServerName(21), Type: payload.TypeA, Alias: m.EdgeName(21), TTL: 300, EDNS: true,
		Addrs: []netip.Addr{host(serverNet, false, 21)},
	}
	question := prefixed(d)
	d.Answer = true
	answer := prefixed(d)
	w := payload.Web{Host: m.ServerName(21), Seed: 4}
	request := w.AppendRequest(nil, 0)
	response := append(w.AppendHead(nil, 0, 5), "hello"...)
	client := payload.SSHClients[0].AppendKexInit(payload.SSHClients[0].AppendBanner(nil), 3)
	server := payload.SSHServers[0].AppendKexInit(payload.SSHServers[0].AppendBanner(nil), 4)
	return []Cut{
		{Name: "client hello", Port: 443, Data: hello, After: flight},
		{Name: "server hello", Port: 443, Dir: Reverse, Before: hello, Data: flight},
		{Name: "dns question", Port: 53, Data: question, After: answer},
		{Name: "dns answer", Port: 53, Dir: Reverse, Before: question, Data: answer},
		{Name: "http request", Port: 80, Data: request, After: response},
		{Name: "http response", Port: 80, Dir: Reverse, Before: request, Data: response},
		{Name: "ssh client", Port: 22, Data: client, After: server},
		{Name: "ssh server", Port: 22, Dir: Reverse, Before: client, Data: server},
	}
}

// prefixed is a DNS message behind its length.
func prefixed(d payload.DNS) []byte {
	b := payload.AppendDNS([]byte{0, 0}, d)
	putLength(b, len(b)-2)
	return b
}

// WriteCuts writes the connection of a message once whole and then cut in two
// segments at each byte, in order and the other way round. Connection n is of
// client port 10000+n and begins n seconds after start; all others than their
// times and ports are alike. It returns how many there are: 2·len(Data)-1.
func WriteCuts(w PacketWriter, start packet.Nanos, c Cut) (connections int, err error) {
	if err := c.write(w, start, 0, 0, false); err != nil {
		return 0, err
	}
	n := 1
	for at := 1; at < len(c.Data); at++ {
		for _, swapped := range []bool{false, true} {
			if err := c.write(w, start, n, at, swapped); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

// write writes connection n with the message cut at a byte.
func (c *Cut) write(w PacketWriter, start packet.Nanos, n, at int, swapped bool) error {
	client := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 1}), uint16(10000+n))
	server := netip.AddrPortFrom(host(serverNet, false, 21), c.Port)
	s := NewSession(w, start+packet.Nanos(n)*packet.Nanos(time.Second), client, server)
	s.MSS = 1 << 15 // the message is cut here alone
	s.Handshake()
	if len(c.Before) > 0 {
		s.Send(1-c.Dir, c.Before)
	}
	if swapped {
		s.Swapped(c.Dir, c.Data[:at], c.Data[at:])
	} else {
		s.Segment(c.Dir, packet.ACK, c.Data[:at])
		s.Segment(c.Dir, pshACK, c.Data[at:])
	}
	s.Segment(1-c.Dir, packet.ACK, nil)
	if len(c.After) > 0 {
		s.Send(1-c.Dir, c.After)
	}
	s.Close(Forward)
	return s.Err()
}

// Swapped writes two segments of a side, the second before the first.
func (s *Session) Swapped(dir Direction, first, second []byte) {
	at := s.seq[dir]
	s.seq[dir] = at + uint32(len(first))
	s.Segment(dir, pshACK, second)
	s.seq[dir] = at
	s.Segment(dir, packet.ACK, first)
	s.seq[dir] = at + uint32(len(first)+len(second))
	s.Truth.OutOfOrder++
}
