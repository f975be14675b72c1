package traffic

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"pcapmill/ingest/packet"
)

// wallClock is a time of the schedule without its zone. What ends with a digit has that
// digit's unit with it, so that an end that is not in its interval is a nanosecond less.
const (
	wallClock = "2006-01-02T15:04:05"
	wallEnd   = "2006-01-02T15:04:05.000000000"
)

// writeYAML writes the rules as pcapmill reads them: local clocks and one zone.
func (w *Week) writeYAML(out io.Writer, c written) error {
	b := bufio.NewWriter(out)
	fmt.Fprintf(b, "# Attacks of a generated week.\nversion: 1\nzone: %s\nrules:\n", c.says)
	for i := range w.Rules {
		r := &w.Rules[i]
		if c.leaves(r.From) || c.leaves(r.To-1) {
			continue
		}
		fmt.Fprintf(b, "  - id: %s\n    label: %q\n    category: %q\n    campaign: %s\n", r.ID, r.Label, r.Category, r.Campaign)
		if r.MITRE != "" {
			fmt.Fprintf(b, "    mitre: %s\n", r.MITRE)
		}
		if r.Priority != 0 {
			fmt.Fprintf(b, "    priority: %d\n", r.Priority)
		}
		fmt.Fprintf(b, "    time: {from: %q, to: %q}\n", c.clock(r.From, wallClock), c.clock(r.To-1, wallEnd))
		fmt.Fprintf(b, "    src: %s\n    dst: %s\n", flowList(r.Src), flowList(r.Dst))
		if len(r.SrcPorts) > 0 {
			fmt.Fprintf(b, "    src_ports: %s\n", flowList(r.SrcPorts))
		}
		if len(r.DstPorts) > 0 {
			fmt.Fprintf(b, "    dst_ports: %s\n", flowList(r.DstPorts))
		}
		if r.Proto != 0 {
			fmt.Fprintf(b, "    protocol: %s\n", ruleProtocols[r.Proto])
		}
		fmt.Fprint(b, "    direction: any\n")
		for j, a := range r.Attempts {
			if j == 0 {
				fmt.Fprint(b, "    attempted:\n")
			}
			fmt.Fprintf(b, "      - {category: %d, where: %q}\n", a.Category, a.Where)
		}
	}
	return b.Flush()
}

var ruleProtocols = map[uint8]string{
	packet.ProtoTCP: "tcp", packet.ProtoUDP: "udp", packet.ProtoICMP: "icmp", packet.ProtoICMPv6: "icmpv6",
}

// flowList writes a YAML list in one line.
func flowList[T any](list []T) string {
	var texts []string
	for _, v := range list {
		texts = append(texts, fmt.Sprintf("%q", fmt.Sprint(v)))
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// InNetcap reports whether netcap's attack file has the rule: it knows no priorities.
func (r *WeekRule) InNetcap() bool { return r.Priority >= 0 }

// writeNetcap writes the rules as netcap's attack files: hosts, protocol and times to the
// minute, the last one within, on one date even where the end is on the next day. Without
// ports they say more flows than the rules do.
func (w *Week) writeNetcap(out io.Writer, c written) error {
	b := bufio.NewWriter(out)
	fmt.Fprintf(b, "location: %s\ntimeFormat: \"15:04\"\ndateFormat: \"02-01-2006\"\nattacks:\n", c.says)
	for i := range w.Rules {
		r := &w.Rules[i]
		if !r.InNetcap() {
			continue
		}
		fmt.Fprintf(b, "  - num: %d\n    name: %q\n    category: %q\n    mitre: %q\n", i+1, r.Label, r.Category, r.MITRE)
		fmt.Fprintf(b, "    proto: %s\n    date: %s\n", ruleProtocols[r.Proto], c.clock(r.From, "02-01-2006"))
		fmt.Fprintf(b, "    start: %q\n    end: %q\n", c.clock(r.From, "15:04"), c.clock(r.To-1, "15:04"))
		fmt.Fprintf(b, "    attackers: %s\n    victims: %s\n", flowList(addresses(r.Src)), flowList(addresses(r.Dst)))
	}
	return b.Flush()
}

// addresses lists all addresses of prefixes.
func addresses(prefixes []netip.Prefix) (list []netip.Addr) {
	for _, p := range prefixes {
		for a := p.Masked().Addr(); p.Contains(a); a = a.Next() {
			list = append(list, a)
		}
	}
	return slices.Clip(list)
}
