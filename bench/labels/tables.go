package labels

import (
	"bufio"
	"fmt"
	"math/big"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"pcapmill/ingest/packet"
)

// Detailed is a label with what Zeek's labelled logs have as its details.
func Detailed(name, detail string) string {
	if detail == "" || detail == "(empty)" {
		return name
	}
	return name + ", " + detail
}

// ReadConnLog reads the rows of a Zeek conn.log with the columns label and detailedlabel, in
// tabs.
func ReadConnLog(path string) ([]Conn, error) {
	var names map[string]int
	return eachRow(path, func(line string) (*Conn, error) {
		if fields, ok := strings.CutPrefix(line, "#fields\t"); ok {
			names = map[string]int{}
			for i, name := range strings.Split(fields, "\t") {
				names[name] = i
			}
		}
		if strings.HasPrefix(line, "#") {
			return nil, nil
		}
		cells := strings.Split(line, "\t")
		at := func(name string) string { return cells[names[name]] }
		c := &Conn{Proto: zeekProtos[at("proto")]}
		c.Label = Detailed(at("label"), at("detailedlabel"))
		c.Start = decimal(at("ts"))
		c.End = c.Start + decimal(at("duration"))
		src, err := end(at("id.orig_h"), at("id.orig_p"))
		if err != nil {
			return nil, err
		}
		dst, err := end(at("id.resp_h"), at("id.resp_p"))
		if err != nil {
			return nil, err
		}
		c.Src, c.Dst = src, dst
		if c.Proto == packet.ProtoICMP && src.Addr().Is6() {
			c.Proto = packet.ProtoICMPv6
		}
		return c, nil
	})
}

var zeekProtos = map[string]uint8{"tcp": packet.ProtoTCP, "udp": packet.ProtoUDP, "icmp": packet.ProtoICMP}

// decimal reads seconds with a fraction as ns; 0 where there are none.
func decimal(s string) packet.Nanos {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return 0
	}
	r.Mul(r, big.NewRat(1e9, 1))
	return new(big.Int).Quo(r.Num(), r.Denom()).Int64()
}

func end(host, port string) (netip.AddrPort, error) {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return netip.AddrPortFrom(a, uint16(n)), err
}

// ReadNfdump reads the rows of nfdump's long form with a label behind them, whose times are
// UTC's.
func ReadNfdump(path string) ([]Conn, error) {
	return eachRow(path, func(line string) (*Conn, error) {
		f := strings.Fields(line)
		if len(f) < 8 || f[0] == "Date" {
			return nil, nil
		}
		t, err := time.Parse("2006-01-02 15:04:05.000", f[0]+" "+f[1])
		if err != nil {
			return nil, err
		}
		c := &Conn{Start: t.UnixNano(), Label: f[len(f)-1], Proto: dumpProtos[f[3]]}
		c.End = c.Start + decimal(f[2])
		if c.Src, err = dumpEnd(f[4]); err != nil {
			return nil, err
		}
		c.Dst, err = dumpEnd(f[6])
		return c, err
	})
}

var dumpProtos = map[string]uint8{"TCP": packet.ProtoTCP, "UDP": packet.ProtoUDP, "ICMP": packet.ProtoICMP, "IGMP": packet.ProtoIGMP}

// dumpEnd reads address:port; what has a second number behind it has no ports.
func dumpEnd(s string) (netip.AddrPort, error) {
	host, port, _ := strings.Cut(s, ":")
	return end(host, strings.TrimSuffix(port, ":0"))
}

// ReadBinetflow reads the rows of Argus' binetflow whose times are UTC's and gives each the
// label that say returns, as the published examples have none. ICMP's type is the first port.
func ReadBinetflow(path string, say func(c *Conn) string) ([]Conn, error) {
	return eachRow(path, func(line string) (*Conn, error) {
		f := strings.Split(line, ",")
		if f[0] == "StartTime" {
			return nil, nil
		}
		t, err := time.Parse("2006/01/02 15:04:05.000000", f[0])
		if err != nil {
			return nil, err
		}
		c := &Conn{Start: t.UnixNano(), Proto: argusProtos[f[2]]}
		c.End = c.Start + decimal(f[1])
		if c.Src, err = argusEnd(f[3], f[4]); err != nil {
			return nil, err
		}
		dport := f[7]
		if f[2] == "icmp" {
			dport = "0" // it is the message's identifier
		}
		c.Dst, err = argusEnd(f[6], dport)
		c.Label = say(c)
		return c, err
	})
}

var argusProtos = map[string]uint8{
	"tcp": packet.ProtoTCP, "udp": packet.ProtoUDP, "icmp": packet.ProtoICMP, "ipv6-icmp": packet.ProtoICMPv6,
}

// argusEnd reads an address and a port, which is decimal or hexadecimal.
func argusEnd(host, port string) (netip.AddrPort, error) {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	n, err := strconv.ParseUint(port, 0, 16)
	return netip.AddrPortFrom(a, uint16(n)), err
}

// eachRow reads the lines of a file that are rows.
func eachRow(path string, row func(line string) (*Conn, error)) (list []Conn, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		c, err := row(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", path, n, err)
		}
		if c != nil {
			list = append(list, *c)
		}
	}
	return list, lines.Err()
}
