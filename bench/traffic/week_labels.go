package traffic

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"time"

	"pcapmill/ingest/packet"
)

// weekAlert is a line of eve.json.
type weekAlert struct {
	Timestamp string         `json:"timestamp"`
	EventType string         `json:"event_type"`
	Src       string         `json:"src_ip"`
	SrcPort   *uint16        `json:"src_port,omitempty"`
	Dst       string         `json:"dest_ip"`
	DstPort   *uint16        `json:"dest_port,omitempty"`
	Proto     string         `json:"proto"`
	ICMPType  *uint8         `json:"icmp_type,omitempty"`
	ICMPCode  *uint8         `json:"icmp_code,omitempty"`
	Alert     alertSignature `json:"alert"`
}

type alertSignature struct {
	Action    string `json:"action"`
	GID       int    `json:"gid"`
	SID       int    `json:"signature_id"`
	Rev       int    `json:"rev"`
	Signature string `json:"signature"`
	Category  string `json:"category"`
	Severity  int    `json:"severity"`
}

// writeEVE writes an alert for each flow that was made as part of an attack, whether or
// not it is in time, as Suricata does: IPv6 in full, type and code of ICMP, some after the
// flow's end, every third on a packet of the responder.
func (w *Week) writeEVE(out io.Writer, c written) error {
	enc := json.NewEncoder(out)
	for i := range w.Flows {
		f := &w.Flows[i]
		at := w.alertTime(f, i)
		if f.Attack == "" || c.leaves(at) {
			continue
		}
		a := w.alert(f, i%3 == 2)
		a.Timestamp = c.clock(at, "2006-01-02T15:04:05.000000") + c.offset(at)
		if err := enc.Encode(a); err != nil {
			return err
		}
	}
	return nil
}

// alertTime is within the flow; every tenth is up to 30 s after its end.
func (w *Week) alertTime(f *WeekFlow, i int) packet.Nanos {
	if i%10 == 7 {
		return f.LastNs + packet.Nanos(i%31)*1e9
	}
	return f.FirstNs + (f.LastNs-f.FirstNs)*packet.Nanos(i%5)/4
}

// alert is what is known of a flow but the time.
func (w *Week) alert(f *WeekFlow, back bool) weekAlert {
	a := weekAlert{
		EventType: "alert", Src: uncompressed(f.Src), Dst: uncompressed(f.Dst), Proto: protoNames[f.Proto],
		Alert: alertSignature{Action: "allowed", GID: 1, SID: w.signature(f.Attack), Rev: 1, Signature: "WEEK " + f.Attack, Category: f.Attack, Severity: 2},
	}
	request, code := f.ICMPType, uint8(0)
	if f.Proto == packet.ProtoICMP || f.Proto == packet.ProtoICMPv6 {
		a.ICMPType, a.ICMPCode = &request, &code
		return a
	}
	src, dst := f.SrcPort, f.DstPort
	a.SrcPort, a.DstPort = &src, &dst
	if back {
		a.Src, a.SrcPort, a.Dst, a.DstPort = a.Dst, a.DstPort, a.Src, a.SrcPort
	}
	return a
}

// signature numbers labels by the first rule that has them.
func (w *Week) signature(name string) int {
	for i := range w.Rules {
		if w.Rules[i].Label == name {
			return 9_000_000 + i
		}
	}
	return 0
}

var protoNames = map[uint8]string{
	packet.ProtoTCP: "TCP", packet.ProtoUDP: "UDP", packet.ProtoICMP: "ICMP", packet.ProtoICMPv6: "IPv6-ICMP",
}

// uncompressed writes an address as Suricata does.
func uncompressed(a netip.Addr) string { return a.StringExpanded() }

// writeCSV writes the flows of working hours over TCP and UDP and IPv4, as
// GeneratedLabelledFlows of CIC-IDS2017 has them: some names begin with a space, time is
// the local clock of twelve hours without a half of the day, cut to minutes, and the
// duration in microseconds.
func (w *Week) writeCSV(out io.Writer) error {
	head := "Flow ID, Source IP, Source Port, Destination IP, Destination Port, Protocol, Timestamp, Flow Duration, Label\n"
	if _, err := io.WriteString(out, head); err != nil {
		return err
	}
	c := csv.NewWriter(out)
	for i := range w.Flows {
		f := &w.Flows[i]
		if !w.InCSV(f) {
			continue
		}
		src, dst := netip.AddrPortFrom(f.Src, f.SrcPort), netip.AddrPortFrom(f.Dst, f.DstPort)
		err := c.Write([]string{
			fmt.Sprintf("%s-%s-%d-%d-%d", f.Src, f.Dst, f.SrcPort, f.DstPort, f.Proto),
			src.Addr().String(), strconv.Itoa(int(src.Port())), dst.Addr().String(), strconv.Itoa(int(dst.Port())), strconv.Itoa(int(f.Proto)),
			time.Unix(0, f.FirstNs).In(w.Zone).Format("2/1/2006 3:04"), strconv.FormatInt((f.LastNs-f.FirstNs)/1000, 10),
			labelOf(f),
		})
		if err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// labelOf is what the flow was made as.
func labelOf(f *WeekFlow) string {
	if f.Attack == "" {
		return "BENIGN"
	}
	return f.Attack
}

// InCSV reports whether the labelled table has a row for the flow: it is from eight in
// the morning to eight in the evening, so that a clock of twelve hours tells its hour.
func (w *Week) InCSV(f *WeekFlow) bool {
	hour := time.Unix(0, f.FirstNs).In(w.Zone).Hour()
	return f.Src.Is4() && (f.Proto == packet.ProtoTCP || f.Proto == packet.ProtoUDP) && 8 <= hour && hour < 20
}
