package labels

import (
	"cmp"
	"net/netip"
	"os"
	"slices"
	"time"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// Conn is a row of a labelled table of others.
type Conn struct {
	Src, Dst netip.AddrPort // of ICMP, type and code are the ports
	Proto    uint8
	Start    packet.Nanos
	End      packet.Nanos
	Label    string
}

// alive is shorter than the idle timeouts.
const alive = packet.Nanos(30 * time.Second)

// Replay writes a capture with the connections of a table whose own capture we do not
// have: of each its first packet, one every half a minute so that no timeout ends it, and
// where it lasts its last one, which the other side sends.
func Replay(path string, conns []Conn) error {
	var list []traffic.Recorded
	for i := range conns {
		c := &conns[i]
		list = append(list, traffic.Recorded{Time: c.Start, Data: c.frame(c.Src, c.Dst, packet.SYN)})
		for at := c.Start + alive; at < c.End; at += alive {
			list = append(list, traffic.Recorded{Time: at, Data: c.frame(c.Src, c.Dst, packet.ACK)})
		}
		if c.End > c.Start {
			list = append(list, traffic.Recorded{Time: c.End, Data: c.frame(c.Dst, c.Src, packet.RST|packet.ACK)})
		}
	}
	slices.SortStableFunc(list, func(a, b traffic.Recorded) int { return cmp.Compare(a.Time, b.Time) })
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w, err := traffic.NewCapture(f, "pcap")
	if err != nil {
		return err
	}
	for _, r := range list {
		if err := w.WritePacket(r.Time, uint32(len(r.Data)), r.Data); err != nil {
			return err
		}
	}
	return w.Close()
}

// frame is a packet of a connection. Messages of ICMP go one way, whoever sends them.
func (c *Conn) frame(src, dst netip.AddrPort, flags uint16) []byte {
	switch c.Proto {
	case packet.ProtoTCP:
		return traffic.TCP(src, dst, flags, 1000, 0, 65535, nil)
	case packet.ProtoUDP:
		return traffic.UDP(src, dst, []byte("payload"))
	case packet.ProtoICMP, packet.ProtoICMPv6:
		return traffic.ICMP(c.Src.Addr(), c.Dst.Addr(), uint8(c.Src.Port()), uint8(c.Dst.Port()), 0, nil)
	}
	return traffic.IP(src.Addr(), dst.Addr(), c.Proto, []byte("payload"))
}

// tuple returns the connection's as rows have it.
func (c *Conn) tuple() tuple {
	r := Row{Src: c.Src.Addr(), SrcPort: c.Src.Port(), Dst: c.Dst.Addr(), DstPort: c.Dst.Port(), Proto: c.Proto}
	if c.Proto == packet.ProtoICMP || c.Proto == packet.ProtoICMPv6 {
		r.ICMPType, r.ICMPCode = uint8(c.Src.Port()), uint8(c.Dst.Port())
	}
	return r.tuple()
}

// Said returns what the table says of each row: the different labels of the connections
// with its tuple that share an instant with it.
func Said(rows []Row, conns []Conn) [][]string {
	said := make([][]string, len(rows))
	for i := range rows {
		for k := range conns {
			c := &conns[k]
			if c.tuple() == rows[i].tuple() && c.Start <= rows[i].End && rows[i].Start <= c.End && !slices.Contains(said[i], c.Label) {
				said[i] = append(said[i], c.Label)
			}
		}
		slices.Sort(said[i])
	}
	return said
}
