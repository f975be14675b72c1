package traffic

import (
	"encoding/binary"
	"net/netip"
	"time"

	"pcapmill/ingest/packet"
)

// natDelay is how long the gateway takes from one side to the other.
const natDelay = packet.Nanos(120 * time.Microsecond)

// translation is the gateway's: which of its ports stands for which client and port.
// The capture sees both its sides.
type translation struct {
	ports map[natKey]uint16
	next  uint16
	order []natTuple // of the hour, by first packet outside
	seen  map[natTuple]*span
}

type natKey struct {
	client netip.AddrPort
	proto  uint8
}

// natTuple is a conversation outside. What the client began has it first.
type natTuple struct {
	src, dst netip.AddrPort
	proto    uint8
}

func newTranslation() translation {
	return translation{ports: map[natKey]uint16{}, next: firstTranslated, seen: map[natTuple]*span{}}
}

// The gateway's own ports begin and end here.
const (
	firstTranslated = 1100
	lastTranslated  = 9900
)

// port returns the gateway's port for a client's.
func (t *translation) port(client netip.AddrPort, proto uint8) uint16 {
	key := natKey{client, proto}
	if p, ok := t.ports[key]; ok {
		return p
	}
	if t.next++; t.next > lastTranslated {
		t.next = firstTranslated
	}
	t.ports[key] = t.next
	return t.next
}

// add counts a packet outside.
func (t *translation) add(src, dst netip.AddrPort, proto uint8, at packet.Nanos) {
	key := natTuple{src, dst, proto}
	if s := t.seen[natTuple{dst, src, proto}]; s != nil {
		s.add(at)
		return
	}
	s := t.seen[key]
	if s == nil {
		s = &span{}
		t.seen[key] = s
		t.order = append(t.order, key)
	}
	s.add(at)
}

// sides is a writer of the background that keeps what both sides of the gateway see.
type sides struct{ *Week }

// WritePacket implements PacketWriter.
func (s sides) WritePacket(at packet.Nanos, wire uint32, data []byte) error {
	s.keep(at, data)
	src, dst, proto, ok := ends(data)
	if !ok || proto != packet.ProtoTCP && proto != packet.ProtoUDP {
		return nil
	}
	switch {
	case isClient(src.Addr()) && isOutside(dst.Addr()):
		src = netip.AddrPortFrom(publicAddr, s.nat.port(src, proto))
		at += natDelay
	case isClient(dst.Addr()) && isOutside(src.Addr()):
		dst = netip.AddrPortFrom(publicAddr, s.nat.port(dst, proto))
		at -= natDelay
	default:
		return nil
	}
	s.nat.add(src, dst, proto, at)
	s.keep(at, translated(data, src, dst))
	return nil
}

// keep takes a copy of a packet, to be written in its turn.
func (w *Week) keep(at packet.Nanos, data []byte) {
	w.pending = append(w.pending, Recorded{at, uint32(len(data)), append([]byte(nil), data...)})
}

// background keeps what is true of an hour's conversations, at both sides.
func (w *Week) background(inside []HourFlow) {
	for i := range inside {
		f := &inside[i].FlowTruth
		flow := WeekFlow{
			Src: f.Src, SrcPort: f.SrcPort, Dst: f.Dst, DstPort: f.DstPort, Proto: f.Proto,
			FirstNs: f.FirstNs, LastNs: f.LastNs, Packets: f.FwdPackets + f.RevPackets, Outcome: weekUnlabelled, Attempt: -1,
		}
		if f.Proto == packet.ProtoICMP {
			flow.ICMPType = echoRequest
		}
		w.Flows = append(w.Flows, flow)
	}
	for _, key := range w.nat.order {
		s := w.nat.seen[key]
		w.Flows = append(w.Flows, WeekFlow{
			Src: key.src.Addr(), SrcPort: key.src.Port(), Dst: key.dst.Addr(), DstPort: key.dst.Port(), Proto: key.proto,
			FirstNs: s.first, LastNs: s.last, Packets: s.packets, Outside: true, Outcome: weekUnlabelled, Attempt: -1,
		})
	}
	clear(w.nat.seen)
	w.nat.order = w.nat.order[:0]
}

// isClient reports whether a host is behind the gateway, and no server.
func isClient(a netip.Addr) bool {
	return a.Is4() && insideClients.Contains(a)
}

// isOutside reports whether a host is in front of the gateway.
func isOutside(a netip.Addr) bool {
	return a.Is4() && !insideAll.Contains(a) && !a.IsMulticast() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

var (
	insideAll     = netip.MustParsePrefix("10.20.0.0/16")
	insideClients = netip.MustParsePrefix("10.20.1.0/24")
	publicAddr    = netip.MustParseAddr("203.0.113.80")
)

// Offsets in an untagged Ethernet frame with IPv4 without options.
const (
	ipv4At      = 14
	ipv4Proto   = ipv4At + 9
	ipv4Sum     = ipv4At + 10
	ipv4Addrs   = ipv4At + 12
	transportAt = ipv4At + 20
)

// ends returns the ends of a frame of our own that is IPv4 without options.
func ends(frame []byte) (src, dst netip.AddrPort, proto uint8, ok bool) {
	if len(frame) < transportAt+4 || binary.BigEndian.Uint16(frame[12:]) != etherIPv4 || frame[ipv4At] != 0x45 {
		return src, dst, 0, false
	}
	end := func(i int) netip.AddrPort {
		a := netip.AddrFrom4([4]byte(frame[ipv4Addrs+4*i:]))
		return netip.AddrPortFrom(a, binary.BigEndian.Uint16(frame[transportAt+2*i:]))
	}
	return end(0), end(1), frame[ipv4Proto], true
}

// translated returns a copy of such a frame, TCP or UDP, with other ends.
func translated(frame []byte, src, dst netip.AddrPort) []byte {
	b := append([]byte(nil), frame...)
	for i, end := range []netip.AddrPort{src, dst} {
		a := end.Addr().As4()
		copy(b[ipv4Addrs+4*i:], a[:])
		binary.BigEndian.PutUint16(b[transportAt+2*i:], end.Port())
	}
	binary.BigEndian.PutUint16(b[ipv4Sum:], 0)
	binary.BigEndian.PutUint16(b[ipv4Sum:], Checksum(b[ipv4At:transportAt]))
	segment := b[transportAt : ipv4At+int(binary.BigEndian.Uint16(b[ipv4At+2:]))]
	p := Packet{Protocol: b[ipv4Proto]}
	off := 16
	if p.Protocol == packet.ProtoUDP {
		off = 6
	}
	binary.BigEndian.PutUint16(segment[off:], 0)
	p.putChecksum(segment, off, pseudoSum(b[ipv4Addrs:transportAt], p.Protocol, len(segment)))
	return b
}
