package traffic

import (
	"fmt"
	"net/netip"
	"time"

	"pcapmill/ingest/packet"
)

// neighbours is address resolution, router discovery and group membership.
func neighbours(s *scene) error {
	pc, router := MAC{2, 0, 0, 0, 0, 0x10}, MAC{2, 0, 0, 0, 0, 0xfe}
	a, b := netip.MustParseAddr("192.0.2.10"), netip.MustParseAddr("192.0.2.1")
	for i := range 4 {
		at := after(time.Duration(1+14*i) * time.Second)
		s.stray(lan, at, packet.NonIP, ARP(1, pc, a, MAC{}, b, Padded(60)))
		s.stray(lan, at+400_000, packet.NonIP, ARP(2, router, b, pc, a, Padded(60)))
	}
	s.stray(lan, after(2*time.Second), packet.NonIP, Ethernet(0x88cc, []byte{
		2, 7, 4, 2, 0, 0, 0, 0, 0xfe, 4, 3, 5, 'g', '1', 6, 2, 0, 120, 0, 0, // chassis, port, TTL, end
	}, MACs(router, MAC{1, 0x80, 0xc2, 0, 0, 0x0e})))
	return discovery(s, router)
}

// discovery is NDP, MLD and IGMP.
func discovery(s *scene, router MAC) error {
	ask := s.session(s.on(lan), after(1500*time.Millisecond), "fe80::10", "fe80::fe", "SF", Hops(255))
	target := netip.MustParseAddr("fe80::fe").As16()
	ask.Message(Forward, 135, 0, 0, append(target[:], 1, 1, 2, 0, 0, 0, 0, 0x10))
	ask.Message(Reverse, 136, 0, 0x60000000, append(target[:], append([]byte{2, 1}, router[:]...)...))

	solicit := s.session(s.on(lan), after(1600*time.Millisecond), "fe80::10", "ff02::2", "S0", Hops(255))
	solicit.Message(Forward, 133, 0, 0, []byte{1, 1, 2, 0, 0, 0, 0, 0x10})
	advertise := s.session(s.on(lan), after(1620*time.Millisecond), "fe80::fe", "ff02::1", "S0", Hops(255))
	advertise.Message(Forward, 134, 0, 64<<24|1800, []byte{0, 0, 0, 0, 0, 0, 0, 0})

	member := s.session(s.on(lan), after(1700*time.Millisecond), "fe80::10", "ff02::16", "S0", Hops(1),
		Extended(Extension{Type: 0, Data: []byte{5, 2, 0, 0, 1, 0}})) // router alert
	group := netip.MustParseAddr("ff02::fb").As16()
	member.Message(Forward, 143, 0, 1, append([]byte{4, 0, 0, 0}, group[:]...))

	igmp := []byte{0x16, 0, 0, 0, 224, 0, 0, 251}
	sum := Checksum(igmp)
	igmp[2], igmp[3] = byte(sum>>8), byte(sum)
	join := s.session(s.on(lan), after(1800*time.Millisecond), "192.0.2.10", "224.0.0.251", "")
	p := defaults()
	p.Src, p.Dst, p.Protocol, p.Opaque, p.Payload, p.TTL = join.Truth.Src, join.Truth.Dst, packet.ProtoIGMP, true, igmp, 1
	p.IPOptions = []byte{0x94, 4, 0, 0} // router alert
	join.Packet(Forward, p)
	return join.Err()
}

// lookups are DNS, NTP and mDNS.
func lookups(s *scene) error {
	for i := range 25 {
		state := "SF"
		if i == 17 {
			state = "S0"
		}
		client := fmt.Sprintf("192.0.2.%d:%d", 10+i%8, 52000+i)
		c := s.session(s.on(lan), after(time.Duration(i)*2300*time.Millisecond), client, "192.0.2.53:53", state)
		c.Gap = 7 * time.Millisecond
		name := []string{fmt.Sprintf("host%d", i), "example", "com"}
		c.Datagram(Forward, DNS(uint16(1000+i), name, false))
		c.Truth.App = "dns"
		c.Truth.Messages[DNSQuery]++
		if state == "SF" {
			c.Datagram(Reverse, DNS(uint16(1000+i), name, true))
			c.Truth.Messages[DNSAnswer]++
		}
	}
	multicast := s.session(s.on(lan), after(4*time.Second), "192.0.2.10:5353", "224.0.0.251:5353", "S0", Hops(255))
	multicast.Datagram(Forward, DNS(0, []string{"_ipp", "_tcp", "local"}, false))
	unsummed := s.session(s.on(lan), after(5*time.Second), "192.0.2.11:53999", "192.0.2.53:53", "S0", Broken(NoL4Checksum))
	unsummed.Datagram(Forward, DNS(7, []string{"nosum", "example", "com"}, false))
	for _, c := range []*Session{multicast, unsummed} {
		c.Truth.App = "dns"
		c.Truth.Messages[DNSQuery]++
	}
	return unsummed.Err()
}

// pings are echoes of both versions and a port that is unreachable.
func pings(s *scene) error {
	for i, pair := range [][2]string{{"192.0.2.10", "198.51.100.1"}, {"2001:db8::10", "2001:db8::1"}} {
		c := s.session(s.on(lan), after(time.Duration(6+i)*time.Second), pair[0], pair[1], "SF")
		types := [2]uint8{8, 0}
		if i == 1 {
			types = [2]uint8{128, 129}
		}
		for n := range uint32(10) {
			body := make([]byte, 56)
			c.Message(Forward, types[0], 0, 0x4d2<<16|n, body)
			c.Wait(9 * time.Millisecond)
			c.Message(Reverse, types[1], 0, 0x4d2<<16|n, body)
			c.Wait(980 * time.Millisecond)
		}
	}
	probe := s.session(s.on(lan), after(8*time.Second), "192.0.2.10:40404", "192.0.2.77:9999", "S0")
	probe.Datagram(Forward, []byte("anyone?"))
	quoted := NewUDP(endpoint("192.0.2.10:40404"), endpoint("192.0.2.77:9999"), []byte("anyone?"), OnLink(packet.LinkRaw))
	refuse := s.session(s.on(lan), after(8002*time.Millisecond), "192.0.2.77", "192.0.2.10", "S0")
	refuse.Message(Forward, 3, 3, 0, quoted.Append(nil))
	return refuse.Err()
}

// scan is a TCP port scan: most ports refuse, three are open, some stay silent.
func scan(s *scene) error {
	for i := range 300 {
		state := "REJ"
		port := 1 + i*3
		switch {
		case i%100 == 26:
			state = "RSTO"
		case i%11 == 5:
			state = "S0"
		}
		c := s.session(s.on(lan), after(30*time.Second+time.Duration(i)*9*time.Millisecond),
			fmt.Sprintf("203.0.113.66:%d", 33000+i), fmt.Sprintf("192.0.2.20:%d", port), state, Padded(60))
		c.Segment(Forward, packet.SYN, nil, TCPOpts(MSS(1460)))
		switch state {
		case "REJ":
			c.Segment(Reverse, rstACK, nil)
		case "RSTO":
			c.Segment(Reverse, synACK, nil, TCPOpts(MSS(1460)))
			c.Segment(Forward, packet.RST, nil)
		}
		if c.Err() != nil {
			return c.Err()
		}
	}
	return nil
}

// switched is traffic on the trunk: one tag, two tags, MPLS and PPPoE.
func switched(s *scene) error {
	for i, opt := range []Option{Tagged(42), Tagged(1000, 42), Labelled(16001, 17), InPPPoE(9)} {
		c := s.session(s.on(trunk), after(time.Duration(12+3*i)*time.Second),
			fmt.Sprintf("10.20.0.%d:45000", 10+i), "10.30.0.5:5432", "SF", opt)
		c.Handshake()
		for range 6 {
			c.Send(Forward, make([]byte, 120))
			c.Send(Reverse, make([]byte, 900))
			c.Wait(300 * time.Millisecond)
		}
		c.Close(Forward)
		if c.Err() != nil {
			return c.Err()
		}
	}
	return nil
}
