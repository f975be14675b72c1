package source_test

import (
	"bufio"
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pcapmill/bench/sharedtest"
	"pcapmill/datasets/label"
	"pcapmill/datasets/label/source"
)

const labelerConfig = `# our own
Background:
    - srcIP=all
Background, NotIP:
    - Proto=ARP

Malicious, From_Host:      # people write behind lines too
    - srcIP=10.1.0.0/16 & Proto=tcp & dstPort=22
    - dstIp=2001:db8::1
Odd without colon
    - srcIP!=10.1.0.7 & dstPort!=5353
    - State=S0 & Bytes>=100
    - Packets<3 & dBytes=0 & duration>1.5
    - Proto=ICMP & srcPort>1024 & srcIP=10.0.0.0/8 & srcIP=10.2.0.0/16
`

func TestLabeler(t *testing.T) {
	set, err := read(t, "x", labelerConfig, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := set.Sources[0]
	if s.Kind != label.NetflowLabeler || s.Rules != 7 || s.Skipped != 1 || s.Refused != 0 {
		t.Fatalf("%+v", s)
	}
	for _, want := range []string{"later labels override", "line 6 is empty", "1 conditions are on protocols that are not IP", "1 conditions are on states", "1 conditions have >= or <="} {
		if !slices.ContainsFunc(s.Notes, func(n string) bool { return strings.Contains(n, want) }) {
			t.Errorf("no note %q in %q", want, s.Notes)
		}
	}
	for i, want := range []struct {
		id, name, category, src, dst, where string
		priority                            int32
		ports                               label.Ports
		protocols                           []uint8
		line                                int64
	}{
		{id: "label-1", name: "Background", line: 3},
		{id: "label-3", name: "Malicious", category: "From_Host", src: "10.1.0.0/16", priority: 2, ports: label.Ports{{First: 22, Last: 22}}, protocols: []uint8{6}, line: 8},
		{id: "label-3", name: "Malicious", category: "From_Host", dst: "2001:db8::1/128", priority: 2, line: 9},
		{id: "label-4", name: "Odd without colon", priority: 3, where: "not src_ip in 10.1.0.7/32 and (dst_port is null or dst_port != 5353)", line: 11},
		{id: "label-4", name: "Odd without colon", priority: 3, where: "conn_state = 'S0' and fwd_payload_bytes + rev_payload_bytes >= 100", line: 12},
		{id: "label-4", name: "Odd without colon", priority: 3, where: "fwd_packets + rev_packets < 3 and rev_payload_bytes = 0 and duration_ns > 1500000000", line: 13},
		{id: "label-4", name: "Odd without colon", priority: 3, src: "10.0.0.0/8", protocols: []uint8{1, 58}, where: "src_port > 1024 and src_ip in 10.2.0.0/16", line: 14},
	} {
		r := &set.Rules[i]
		if r.ID != want.id || r.Label != want.name || r.Category != want.category || r.Priority != want.priority || r.Line != want.line || r.Where != want.where {
			t.Errorf("rule %d: %+v, want %+v", i, r, want)
		}
		if hosts(r.Src) != want.src || hosts(r.Dst) != want.dst || !slices.Equal(r.DstPorts, want.ports) || !slices.Equal(r.Protocols, want.protocols) || r.Direction != label.Forward || r.Depth != label.AnyDepth {
			t.Errorf("rule %d: %+v, want %+v", i, r, want)
		}
	}
}

// hosts writes a set.
func hosts(h label.Hosts) string {
	var all []string
	for _, p := range h {
		all = append(all, p.String())
	}
	return strings.Join(all, " ")
}

func TestLabelerErrorsHaveTheirLine(t *testing.T) {
	for content, says := range map[string]string{
		"A:\n - srcIP=10.0.0\n":                      `x:2 (offset 3): "10.0.0" is no address`,
		"A:\n - srcIP=10.0.0.1/8\n":                  `want 10.0.0.0/8`,
		"A:\n - srcIP=all\n - Flows=1\n":             `x:3 (offset 16): "Flows" is no field that flows have a column for`,
		"A:\n - Bytes>=many\n":                       `"many" is no whole number`,
		"A:\n - srcPort=99999\n":                     `"99999" is no port`,
		"A:\n - Proto>6\n":                           "> is for numbers",
		"A:\n - Proto=tcp & Proto=udp\n":             "two protocols",
		"A:\n - srcIP=all & dstIP\n":                 `"dstIP" is no condition`,
		" - srcIP=all\n":                             "before the first label",
		"A:\n - Proto=nonsense\n":                    "is no IP protocol",
		"A:\n - duration>x\n":                        "is no number of seconds",
		"A:\n - srcIP=1.2.3.4 & State=S0 & Tos=0 \n": `"Tos" is no field`,
		": \n - srcIP=all\n":                         "a label without a name",
	} {
		_, err := read(t, "x", content, source.Options{})
		if err == nil || !errors.Is(err, source.ErrRules) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", content, err, says)
		}
	}
}

// TestLabelerReproducesItsTool applies the rules that a configuration becomes to the rows of the
// conn.log that netflowlabeler labelled with it: every row has the label that the tool gave it.
func TestLabelerReproducesItsTool(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "captures", "labels", "slips")
	set, err := source.Read(context.Background(), []string{filepath.Join(dir, "test18-malicious-ctu-sme-11-win__labels.config")}, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "test18-malicious-ctu-sme-11-win__zeek-labeled__conn.log.labeled"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // read only
	rows, seen := 0, map[string]int{}
	for in := bufio.NewScanner(f); in.Scan(); {
		cells := strings.Split(in.Text(), "\t")
		if strings.HasPrefix(in.Text(), "#") {
			continue
		}
		rows++
		want := cells[len(cells)-2] + ", " + strings.ReplaceAll(cells[len(cells)-1], "(empty)", "")
		if got := byHand(t, set.Rules, cells); got != want {
			t.Errorf("row %d, %v: %q, and the tool said %q", rows, cells[2:7], got, want)
		}
		seen[want]++
	}
	if rows != 766 || len(seen) != 9 {
		t.Errorf("%d rows of %d labels", rows, len(seen))
	}
}

// byHand is the label of the rule of the highest priority that fits a row of a conn.log.
func byHand(t *testing.T, rules []label.Rule, cells []string) string {
	src, dst := netip.MustParseAddr(cells[2]), netip.MustParseAddr(cells[4])
	srcPort, _ := strconv.Atoi(cells[3])
	dstPort, _ := strconv.Atoi(cells[5])
	protocol := map[string]uint8{"tcp": 6, "udp": 17, "icmp": 1}[cells[6]]
	best := -1
	for i := range rules {
		r := &rules[i]
		if r.Where != "" || r.Times != nil || r.Direction != label.Forward {
			t.Fatalf("%+v: more than this test can apply", r)
		}
		fits := r.Src.Has(src) && r.Dst.Has(dst) && r.SrcPorts.Has(int32(srcPort)) && r.DstPorts.Has(int32(dstPort)) &&
			(r.Protocols == nil || slices.Contains(r.Protocols, protocol))
		if fits && (best < 0 || r.Priority >= rules[best].Priority) {
			best = i
		}
	}
	if best < 0 {
		return ", "
	}
	return rules[best].Label + ", " + rules[best].Category
}
