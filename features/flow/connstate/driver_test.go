package connstate_test

import (
	"net/netip"
	"os"
	"testing"

	"pcapmill/features/flow/connstate"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/decompress"
	"pcapmill/ingest/packet"
)

// flowKey is direction-free.
type flowKey struct {
	proto string
	a, b  netip.AddrPort
}

func keyOf(proto string, a, b netip.AddrPort) flowKey {
	if b.Compare(a) < 0 {
		a, b = b, a
	}
	return flowKey{proto, a, b}
}

// conn is a connection of the driver.
type conn struct {
	state      connstate.State
	start      packet.Nanos
	orig, resp netip.AddrPort
	packets    [2]int
	bytes      [2]int // IP bytes
	end        connstate.End
}

// driver is the plainest flow table that follows the lifetime rules: it looks at
// a connection's deadline when the next packet of its key comes, and at the end.
type driver struct {
	timers connstate.Timers
	policy connstate.Policy
	live   map[flowKey]*conn
	done   map[flowKey][]*conn // in order of their end
	clock  packet.Nanos
	walker packet.Walker
}

// run follows all connections of one capture, those in tunnels included.
func run(t *testing.T, path string, policy connstate.Policy) map[flowKey][]*conn {
	t.Helper()
	d := &driver{timers: connstate.ZeekTimers(), policy: policy, live: map[flowKey]*conn{}, done: map[flowKey][]*conn{}}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plain, err := decompress.Open(f, decompress.DefaultConfig())
	if err != nil {
		return nil // empty, or not a capture
	}
	defer plain.Close()
	r, err := capfile.NewReader(plain, capfile.DefaultConfig())
	if err != nil {
		return nil
	}
	for err == nil {
		var b packet.Block
		err = r.Fill(&b)
		for _, rec := range b.Records {
			frame := b.Data[rec.Offset : rec.Offset+rec.CapLen]
			d.frame(frame, rec.WireLen, r.Interfaces()[rec.Interface].Link, rec.Time)
		}
	}
	for key, c := range d.live {
		d.finish(key, c, connstate.EndNever)
	}
	return d.done
}

func (d *driver) frame(frame []byte, wire uint32, link packet.LinkType, at packet.Nanos) {
	v := packet.View{Time: at}
	if d.walker.Walk(frame, wire, link, &v) != packet.InFlow {
		return
	}
	d.packet(&v)
	payload := frame[min(int(v.L4)+int(v.L4Len), len(frame)):]
	if inner, link := unwrap(&v, payload); inner != nil {
		d.frame(inner, uint32(len(inner)), link, at)
	}
}

func (d *driver) packet(v *packet.View) {
	if d.policy.VerifyChecksums && v.Quality&packet.BadIPChecksum != 0 {
		return
	}
	d.clock = max(d.clock, v.Time)
	v.Clock = d.clock
	src, dst := netip.AddrPortFrom(viewAddr(v.Src, v.Version), v.SrcPort), netip.AddrPortFrom(viewAddr(v.Dst, v.Version), v.DstPort)
	key := keyOf(protoName(v.Protocol), src, dst)
	c := d.live[key]
	if c != nil {
		if at, end := c.state.Deadline(&d.timers, c.start); v.Clock >= at {
			c = d.finish(key, c, end)
		} else if c.state.NewConnection(v) {
			c = d.finish(key, c, connstate.EndNever)
		}
	}
	if c == nil {
		c = &conn{start: v.Clock, orig: src, resp: dst}
		if connstate.StartsFlipped(v) {
			c.orig, c.resp = dst, src
			c.state.Flip()
		}
		d.live[key] = c
	}
	side := connstate.Orig
	if src != c.orig {
		side = connstate.Resp
	}
	event := c.state.Packet(v, side, d.policy)
	if event&connstate.Flipped != 0 {
		c.orig, c.resp = c.resp, c.orig
		c.packets[0], c.packets[1] = c.packets[1], c.packets[0]
		c.bytes[0], c.bytes[1] = c.bytes[1], c.bytes[0]
		side ^= 1
	}
	if event&connstate.Ignored == 0 {
		c.packets[side]++
		c.bytes[side] += int(v.IPLen)
	}
}

func (d *driver) finish(key flowKey, c *conn, end connstate.End) *conn {
	c.end = end
	d.done[key] = append(d.done[key], c)
	delete(d.live, key)
	return nil
}

func viewAddr(a packet.Addr, version uint8) netip.Addr {
	if version == 4 {
		return netip.AddrFrom16(a).Unmap()
	}
	return netip.AddrFrom16(a)
}

func protoName(p uint8) string {
	switch p {
	case packet.ProtoTCP:
		return "tcp"
	case packet.ProtoUDP:
		return "udp"
	case packet.ProtoICMP, packet.ProtoICMPv6:
		return "icmp"
	}
	return "unknown_transport"
}
