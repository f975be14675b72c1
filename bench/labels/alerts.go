package labels

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/ingest/packet"
)

// Alert is one alert of an eve.json, read by code that shares nothing with the product's.
type Alert struct {
	Line   int // from 1
	Time   packet.Nanos
	Packet int64        // number in the capture, from 1; 0: Suricata found it when it gave up the flow
	Began  packet.Nanos // first packet of its flow, by Suricata
	Tuple  tuple
}

// eveAlert is what is read of a line.
type eveAlert struct {
	EventType string `json:"event_type"`
	Timestamp string `json:"timestamp"`
	Src       string `json:"src_ip"`
	SrcPort   uint16 `json:"src_port"`
	Dst       string `json:"dest_ip"`
	DstPort   uint16 `json:"dest_port"`
	Proto     string `json:"proto"`
	Type      uint8  `json:"icmp_type"`
	Code      uint8  `json:"icmp_code"`
	Packet    int64  `json:"pcap_cnt"`
	Tunnel    struct {
		Packet int64 `json:"pcap_cnt"`
	} `json:"tunnel"`
	Flow struct {
		Start string `json:"start"`
	} `json:"flow"`
}

// ReadAlerts reads the alerts of a file.
func ReadAlerts(path string) (list []Alert, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for line := 1; lines.Scan(); line++ {
		var e eveAlert
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", path, line, err)
		}
		if e.EventType != "alert" {
			continue
		}
		a, err := e.alert()
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", path, line, err)
		}
		a.Line = line
		list = append(list, a)
	}
	return list, lines.Err()
}

var protoNumbers = map[string]uint8{
	"TCP": packet.ProtoTCP, "UDP": packet.ProtoUDP, "ICMP": packet.ProtoICMP, "IPv6-ICMP": packet.ProtoICMPv6, "IPv6": 41, "SCTP": packet.ProtoSCTP,
}

const eveTime = "2006-01-02T15:04:05.000000-0700"

func (e *eveAlert) alert() (a Alert, err error) {
	t, err := time.Parse(eveTime, e.Timestamp)
	if err != nil {
		return a, err
	}
	src, err := netip.ParseAddr(e.Src)
	if err != nil {
		return a, err
	}
	dst, err := netip.ParseAddr(e.Dst)
	if err != nil {
		return a, err
	}
	proto, ok := protoNumbers[e.Proto]
	if !ok {
		return a, fmt.Errorf("protocol %q", e.Proto)
	}
	a.Time, a.Began, a.Packet = t.UnixNano(), t.UnixNano(), max(e.Packet, e.Tunnel.Packet)
	if e.Flow.Start != "" {
		if t, err = time.Parse(eveTime, e.Flow.Start); err != nil {
			return a, err
		}
		a.Began = t.UnixNano()
	}
	if proto == packet.ProtoICMP || proto == packet.ProtoICMPv6 {
		e.SrcPort, e.DstPort, _ = packet.ICMPPorts(proto, e.Type, e.Code)
	}
	a.Tuple = tupleOf(netip.AddrPortFrom(src, e.SrcPort), netip.AddrPortFrom(dst, e.DstPort), proto)
	return a, nil
}

// Packets says of each packet of a capture when it was and which tuples its layers have,
// the outermost first.
type Packets []Layers

// Layers are one packet's.
type Layers struct {
	Time   packet.Nanos
	Tuples []tuple
}

// ReadPackets reads a capture. Fragments have no ports but on the first of a datagram.
func ReadPackets(path string) (Packets, error) {
	p, err := accuracy.Load(path)
	if err != nil {
		return nil, err
	}
	var walker packet.Walker
	list := make(Packets, len(p.List))
	for i, r := range p.List {
		list[i].Time = r.Time
		v := packet.View{CapLen: uint32(len(r.Data)), WireLen: r.Wire}
		if walker.Walk(r.Data, r.Wire, p.Interfaces[r.Interface].Link, &v) != packet.InFlow {
			continue
		}
		for {
			list[i].Tuples = append(list[i].Tuples, viewTuple(&v))
			inner := packet.View{}
			carries, out := walker.Inner(r.Data, &v, &inner)
			if !carries || out != packet.InFlow {
				break
			}
			v = inner
		}
	}
	return list, nil
}

func viewTuple(v *packet.View) tuple {
	src, dst := netip.AddrFrom16(v.Src), netip.AddrFrom16(v.Dst)
	if v.Version == 4 {
		src, dst = src.Unmap(), dst.Unmap()
	}
	return tupleOf(netip.AddrPortFrom(src, v.SrcPort), netip.AddrPortFrom(dst, v.DstPort), v.Protocol)
}
