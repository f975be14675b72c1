package connstate_test

import (
	"math"
	"testing"
	"time"

	"pcapmill/features/flow/connstate"
	"pcapmill/ingest/packet"
)

// TestDeadline works out Zeek's timers by hand. Instants are seconds after the
// first packet's; packets are 1 ms apart unless the script says t=.
func TestDeadline(t *testing.T) {
	const tcp, udp, icmp = packet.ProtoTCP, packet.ProtoUDP, packet.ProtoICMP
	tests := []struct {
		name   string
		proto  uint8
		port   uint16 // of the responder
		script string
		at     float64
		end    connstate.End
	}{
		{"attempt, whatever follows", tcp, 80, ">S, >S s=0 t=3, >A t=1", 5, connstate.EndAttempt},
		{"attempt of SYN+ACK", tcp, 80, ">SA", 5, connstate.EndAttempt},
		{"attempt acknowledged is still one", tcp, 80, ">S, <A t=1", 5, connstate.EndAttempt},
		{"established", tcp, 80, ">S, <SA, >A t=2", 302.001, connstate.EndInactive},
		{"midstream", tcp, 80, ">A n=1", 300, connstate.EndInactive},
		{"login service", tcp, 22, ">S, <SA, >A t=2", 3602.001, connstate.EndInactive},
		{"login service joined midway", tcp, 22, ">A n=1", 300, connstate.EndInactive},
		{"closed", tcp, 80, ">S, <SA, >A, >FA, <FA t=1, >A t=2", 6.003, connstate.EndClosed},
		{"closed, later packets do not count", tcp, 80, ">S, <SA, >FA, <FA, >A t=4, <A t=0.5", 5.003, connstate.EndClosed},
		{"reset", tcp, 80, ">S, <SA, >A, <R t=1, >A n=1 t=1", 6.002, connstate.EndReset},
		{"reset twice runs again", tcp, 80, ">S, <SA, >A, <R t=1, >R t=1", 7.002, connstate.EndReset},
		{"rejected", tcp, 80, ">S, <RA t=1", 6, connstate.EndReset},
		{"one-way close", tcp, 80, ">S, >FA t=1", 6, connstate.EndClosed},
		{"half closed waits", tcp, 80, ">S, <SA, >A, >FA, <A", 300.004, connstate.EndInactive},
		{"FIN then RST by one side: poll at 1.002+6", tcp, 80, ">S, <SA, >FA t=1.001, <A, >R", 7.002, connstate.EndLinger},
		{"the same, later traffic moves the poll", tcp, 80, ">S, <SA, >FA t=1.001, <A, >R, <A n=1 t=3", 11, connstate.EndLinger},
		{"missing bytes delay the close", tcp, 80, ">S, <SA, >FA s=101, <A a=1", 300.003, connstate.EndInactive},
		{"until acknowledged", tcp, 80, ">S, <SA, >FA s=101, <A a=102 t=1, <FA", 6.003, connstate.EndClosed},
		{"unacknowledged bytes of the peer too", tcp, 80, ">S, <SA, <A n=10, >FA a=1, >A t=2, <FA", 7.004, connstate.EndClosed},
		// Zeek keeps one mark for both sides: the responder's close drops the waiting one.
		{"a waiting close is forgotten", tcp, 80, ">S, <SA, <A n=10, >FA a=1, <FA, >A t=2", 302.004, connstate.EndInactive},
		{"UDP", udp, 999, "> n=1, < n=1 t=30", 90, connstate.EndInactive},
		{"DNS", udp, 53, "> n=1", 10, connstate.EndInactive},
		{"DNS idle for 9 s at the first look", udp, 53, "> n=1, < n=1 t=1", 10, connstate.EndInactive},
		{"DNS active at the first look", udp, 53, "> n=1, < n=1 t=1.1", 20, connstate.EndInactive},
		{"DNS, the answer alone", udp, 53, "< n=1", 10, connstate.EndInactive},
		{"NetBIOS names", udp, 137, "> n=1", 10, connstate.EndInactive},
		{"mDNS", udp, 5353, "> n=1", 10, connstate.EndInactive},
		{"LLMNR", udp, 5355, "> n=1", 10, connstate.EndInactive},
		{"no DNS port", udp, 5354, "> n=1", 60, connstate.EndInactive},
		{"ICMP", icmp, 0, ">", 60, connstate.EndInactive},
		{"another protocol", 47, 0, ">", 60, connstate.EndInactive},
		{"no usable packet: idle over 5 s at a poll", tcp, 80, ">S q=64", 11, connstate.EndLinger},
	}
	zeek := connstate.ZeekTimers()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPlayer(t, tt.proto, isn{10, 20})
			p.ports[connstate.Resp], p.policy.VerifyChecksums = tt.port, true
			p.play(words(tt.script)...)
			start := scriptStart + packet.Nanos(time.Millisecond)
			at, end := p.state.Deadline(&zeek, start)
			if want := start + packet.Nanos(time.Duration(math.Round(tt.at*1e3))*time.Millisecond); at != want || end != tt.end {
				t.Errorf("got %.6f %v, want %.6f %v", float64(at-start)/1e9, end, tt.at, tt.end)
			}
		})
	}
}

func TestDeadlineOff(t *testing.T) {
	p := newPlayer(t, packet.ProtoTCP, isn{}).play(words(handshake + ">FA, <FA, >A")...)
	if at, end := p.state.Deadline(&connstate.Timers{}, scriptStart); at != connstate.Never || end != connstate.EndNever {
		t.Errorf("no timers: got %d %v", at, end)
	}
	own := connstate.Timers{TCP: time.Hour, Handshake: time.Minute}
	if at, end := p.state.Deadline(&own, scriptStart); end != connstate.EndInactive || at != p.clock-packet.Nanos(time.Millisecond)+packet.Nanos(time.Hour) {
		t.Errorf("idle timers only: got %d %v", at-p.clock, end)
	}
	p = newPlayer(t, packet.ProtoTCP, isn{}).play(">S")
	if at, end := p.state.Deadline(&own, scriptStart); end != connstate.EndInactive || at != p.clock+packet.Nanos(time.Minute) {
		t.Errorf("idle timers only, attempt: got %d %v", at-p.clock, end)
	}
	// The end of time is far away for packets near it, too.
	var s connstate.State
	s.Packet(&packet.View{Protocol: packet.ProtoTCP, L4Len: 20, TCPFlags: packet.SYN, Clock: connstate.Never - 1}, connstate.Orig, connstate.Policy{})
	zeek := connstate.ZeekTimers()
	if at, _ := s.Deadline(&zeek, connstate.Never-1); at != connstate.Never {
		t.Errorf("overflow: got %d", at)
	}
}

func TestNewConnection(t *testing.T) {
	tests := []struct {
		name, script, next string
		want               bool
	}{
		{"SYN repeated", ">S", ">S s=0", false},
		{"SYN with another number", ">S", ">S s=5", true},
		{"SYN with another number while established", handshake + ">A n=1", ">S s=5", true},
		{"SYN repeated while established", handshake + ">A n=1", ">S s=0", false},
		{"SYN after a FIN", handshake + ">FA", ">S s=0", true},
		{"SYN after a refusal", ">S, <RA", ">S s=0", true},
		{"SYN of the other side", ">S", "<S s=7", true},
		{"SYN+ACK never, once there was an originator", ">S, <SA, <FA, >FA", "<SA s=7", false},
		{"SYN+ACK without originator, repeated", "^, <SA", "<SA s=0", false},
		{"SYN+ACK without originator, another", "^, <SA", "<SA s=9", true},
		{"SYN that its SYN+ACK overtook", ">SA s=0 a=1", "<S s=0", false},
		{"data", handshake + ">FA, <FA", ">A n=5", false},
		{"SYN while a close waits for bytes", handshake + ">FA s=50", ">S s=0", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPlayer(t, packet.ProtoTCP, isn{1000, 3000}).play(words(tt.script)...)
			v, _ := p.packet(tt.next)
			if got := p.state.NewConnection(v); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	udp := newPlayer(t, packet.ProtoUDP, isn{}).play("> n=1")
	if v, _ := udp.packet(">S"); udp.state.NewConnection(v) {
		t.Error("UDP has no new connections")
	}
}

func TestStartsFlipped(t *testing.T) {
	const tcp, udp = packet.ProtoTCP, packet.ProtoUDP
	tests := []struct {
		name     string
		proto    uint8
		src, dst uint16
		flags    string
		want     bool
	}{
		{"SYN", tcp, 80, 50000, "S", false},
		{"SYN+ACK from a server", tcp, 80, 50000, "SA", true},
		{"SYN+ACK from elsewhere", tcp, 50001, 50000, "SA", false},
		{"SYN+ACK between servers", tcp, 80, 443, "SA", false},
		{"data from a server", tcp, 443, 50000, "A", true},
		{"data to a server", tcp, 50000, 443, "A", false},
		{"data between servers, lower", tcp, 80, 443, "A", true},
		{"data between servers, higher", tcp, 443, 80, "A", false},
		{"DNS answer", udp, 53, 50000, "", true},
		{"DNS query", udp, 50000, 53, "", false},
		{"NTP", udp, 123, 123, "", false},
		{"UDP without a server", udp, 50001, 50000, "", false},
		{"DHCP offer", udp, 67, 68, "", true},
		{"ICMP", packet.ProtoICMP, 53, 0, "", false},
	}
	for _, tt := range tests {
		v := packet.View{Protocol: tt.proto, Version: 4, SrcPort: tt.src, DstPort: tt.dst, TCPFlags: parseFlags(tt.flags), L4Len: 20}
		if got := connstate.StartsFlipped(&v); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
		v.Dst = packet.Addr{10: 0xff, 11: 0xff, 12: 255, 13: 255, 14: 255, 15: 255}
		if connstate.StartsFlipped(&v) {
			t.Errorf("%s: flipped towards the broadcast address", tt.name)
		}
		for _, end := range [][4]byte{{254, 255, 255, 255}, {255, 254, 255, 255}, {255, 255, 254, 255}, {255, 255, 255, 254}} {
			copy(v.Dst[12:], end[:])
			if got := connstate.StartsFlipped(&v); got != tt.want {
				t.Errorf("%s: got %v towards %v", tt.name, got, end)
			}
		}
		v.Version, v.Dst = 6, packet.Addr{0: 0xfd, 12: 255, 13: 255, 14: 255, 15: 255}
		if got := connstate.StartsFlipped(&v); got != tt.want {
			t.Errorf("%s: got %v over IPv6", tt.name, got)
		}
	}
}
