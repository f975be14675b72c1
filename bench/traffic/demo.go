package traffic

import (
	"fmt"
	"io"
	"strings"
	"time"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// The demo's interfaces.
const (
	lan   = 0 // an office network
	trunk = 1 // tagged traffic between switches
)

// Demo writes a small, varied pcapng capture with two interfaces: about 2,300
// packets in less than 1 MB. It has DHCP, lookups, HTTP, TLS 1.2 and 1.3, QUIC and
// SSH, pings, address resolution of IPv4 and IPv6, multicast, VLAN tags, a port
// scan, a long transfer with losses, resets, SCTP, a bad checksum, packets cut
// short and malformed ones. The same bytes are written every time.
//
// The truth's ByProtocol counts wire bytes as captured bytes; the totals tell
// them apart.
func Demo(w io.Writer) (Truth, error) {
	s := &scene{truth: newTruth()}
	for _, part := range []func(*scene) error{
		background, neighbours, applications, web, transfer, resets, lookups, pings, scan, switched, telecom, damaged,
	} {
		if err := part(s); err != nil {
			return s.truth, fmt.Errorf("demo: %w", err)
		}
	}
	ng, err := capfile.NewPcapngWriter(w, capfile.PcapngConfig{
		Application: "pcapmill", Comment: "generated traffic; all addresses are reserved for documentation and tests",
	})
	if err != nil {
		return s.truth, fmt.Errorf("demo: %w", err)
	}
	for _, name := range []string{"lan0", "trunk0"} {
		face := capfile.DefaultInterface(packet.LinkEthernet)
		face.Name = name
		if _, err := ng.AddInterface(face); err != nil {
			return s.truth, fmt.Errorf("demo: %w", err)
		}
	}
	err = s.play(func(p *scenePacket) error { return ng.WritePacket(p.face, p.Time, p.WireLen, p.Data) })
	if err != nil {
		return s.truth, fmt.Errorf("demo: %w", err)
	}
	if err := ng.Close(); err != nil {
		return s.truth, fmt.Errorf("demo: %w", err)
	}
	return s.truth, nil
}

// after returns the instant d into the demo, which begins at defaultStart.
func after(d time.Duration) packet.Nanos { return defaultStart + packet.Nanos(d) }

// background is a minute of the mixed profile.
func background(s *scene) error {
	o := Options{Seed: 7, Start: defaultStart, Duration: time.Minute, Flows: 90, Packets: 900}
	o.OnFlow = func(f *FlowTruth) error {
		s.flows = append(s.flows, &Session{Truth: *f})
		return nil
	}
	_, err := Generate("mixed", s.on(lan), o)
	return err
}

// web is plain HTTP: two requests on one connection, and one connection that
// the capture's end cuts.
func web(s *scene) error {
	head := "HTTP/1.1 200 OK\r\nServer: demo\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s"
	page := "<html><body>" + strings.Repeat("The quick brown fox jumps over the lazy dog. ", 90) + "</body></html>"
	for i := range 6 {
		client := fmt.Sprintf("192.0.2.%d:%d", 10+i, 40000+7*i)
		c := s.session(s.on(lan), after(time.Duration(3+5*i)*time.Second), client, "198.51.100.80:80", "SF")
		c.Gap = time.Duration(4+i) * time.Millisecond
		c.Handshake()
		for _, path := range []string{"/", "/style.css"} {
			c.Send(Forward, []byte("GET "+path+" HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: demo/1.0\r\nAccept: */*\r\n\r\n"))
			c.Wait(20 * time.Millisecond)
			c.Send(Reverse, fmt.Appendf(nil, head, len(page), page))
			c.Wait(time.Second)
		}
		c.Close(Direction(i % 2))
		c.served(2, 2)
	}
	open := s.session(s.on(lan), after(58*time.Second), "192.0.2.30:41000", "198.51.100.80:80", "S1")
	open.Handshake()
	open.Send(Forward, []byte("GET /big HTTP/1.1\r\nHost: www.example.com\r\n\r\n"))
	open.served(1, 0)
	return open.Err()
}

// served notes requests and answers of web in the truth.
func (s *Session) served(requests, answers int64) {
	s.Truth.App, s.Truth.Host = "http", "www.example.com"
	s.Truth.Messages[HTTPRequest], s.Truth.Messages[HTTPResponse] = requests, answers
}

// transfer is a long download with losses, reordering by retransmission, a
// duplicate acknowledgement and a closed window.
func transfer(s *scene) error {
	c := s.session(s.on(lan), after(10*time.Second), "192.0.2.20:50123", "198.51.100.22:8443", "SF")
	c.Gap = 2 * time.Millisecond
	c.Handshake()
	rng := random{state: 20}
	block := make([]byte, 8*c.MSS)
	for i := range 14 {
		rng.fill(block)
		c.Send(Reverse, block)
		if i%5 == 2 {
			c.Segment(Forward, packet.ACK, nil)
			c.Wait(220 * time.Millisecond)
			c.Again(Reverse)
			c.Segment(Forward, packet.ACK, nil)
		}
		if i == 9 {
			c.Segment(Forward, packet.ACK, nil, func(p *Packet) { p.Window = 0 })
			c.Wait(400 * time.Millisecond)
			c.Segment(Forward, packet.ACK, nil)
		}
	}
	c.Close(Reverse)
	return c.Err()
}

// resets are connections that end by RST from either side, and one without an
// answer.
func resets(s *scene) error {
	by := []Direction{Forward, Reverse}
	for i, state := range []string{"RSTO", "RSTR"} {
		c := s.session(s.on(lan), after(time.Duration(20+i)*time.Second), fmt.Sprintf("192.0.2.%d:42000", 40+i), "198.51.100.25:25", state)
		c.Handshake()
		c.Send(Reverse, []byte("220 mail.example.com ESMTP\r\n"))
		c.Send(Forward, []byte("EHLO demo.example.com\r\n"))
		c.Reset(by[i])
	}
	c := s.session(s.on(lan), after(24*time.Second), "192.0.2.42:42001", "203.0.113.99:443", "S0")
	for range 3 {
		c.Segment(Forward, packet.SYN, nil, TCPOpts(MSS(1460)))
		c.Skip(Forward, ^uint32(0)) // the same SYN again
		c.Wait(time.Second)
	}
	return c.Err()
}
