package traffic_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"math"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// statistics are what the changes are named after, of a changed hour compared with
// the unchanged one of the same seed. They are computed from what is in the packets.
type statistics struct {
	sizes, growth float64 // of answers of conversations in both: factor at the hour's beginning, its rise in the hour
	service       float64 // share of the known clients' conversations that are with a port that the other hour lacks
	rate          float64 // visits and lookups of known clients, those of the other hour being 1
	hosts         float64 // hosts inside that the network lacks
	missing       float64 // share of answered lookups that fail, less that of the other hour
}

func (s statistics) list() []float64 {
	return []float64{s.sizes, s.growth, s.service, s.rate, s.hosts, s.missing}
}

// compareHours computes the statistics.
func compareHours(n *traffic.Network, base, changed *walk, start packet.Nanos) (s statistics) {
	roles, ports := map[netip.Addr]string{}, map[uint16]bool{}
	for _, h := range n.Hosts() {
		roles[h.Addr] = h.Role
	}
	before, _ := base.uses(roles)
	for port := range before {
		ports[port] = true
	}
	after, strangers := changed.uses(roles)
	all := 0
	for port, flows := range after {
		all += flows
		if !ports[port] {
			s.service += float64(flows)
		}
	}
	s.service /= float64(all)
	s.rate = float64(after[53]+after[80]+after[443]) / float64(before[53]+before[80]+before[443])
	s.hosts = float64(strangers)
	s.missing = changed.failing() - base.failing()
	s.sizes, s.growth = sizes(base, changed, start)
	return s
}

// uses counts the conversations of known clients by the server's port, and the hosts
// inside that have no role. Clients' own ports are above 32,767.
func (w *walk) uses(roles map[netip.Addr]string) (byPort map[uint16]int, strangers int) {
	byPort = map[uint16]int{}
	for k := range w.flows {
		if roles[k.a.Addr()] == "client" || roles[k.b.Addr()] == "client" {
			byPort[min(k.a.Port(), k.b.Port())]++
		}
	}
	for a := range w.hosts {
		if isInside(a) && roles[a] == "" {
			strangers++
		}
	}
	return byPort, strangers
}

func isInside(a netip.Addr) bool {
	return netip.MustParsePrefix("10.20.0.0/16").Contains(a) || netip.MustParsePrefix("2001:db8:20::/48").Contains(a)
}

// failing is the share of answered lookups that fail.
func (w *walk) failing() float64 { return float64(w.missing) / float64(w.lookups) }

// sizes compares what servers say over HTTP in conversations that both hours have. Short
// answers are left out: what is said is mostly their heads, which do not grow.
func sizes(base, changed *walk, start packet.Nanos) (atFirst, rise float64) {
	var x, y []float64
	for k, f := range changed.flows {
		server := 0
		if k.b.Port() == 80 {
			server = 1
		}
		twin := base.flows[k]
		if twin == nil || min(k.a.Port(), k.b.Port()) != 80 || twin.payload[server] < 2500 {
			continue
		}
		x = append(x, float64(f.first-start)/float64(hourNanos))
		y = append(y, float64(f.payload[server])/float64(twin.payload[server]))
	}
	return line(x, y)
}

// line is the least squares fit of y = a + b x.
func line(x, y []float64) (a, b float64) {
	var mx, my, xy, xx float64
	for i := range x {
		mx, my = mx+x[i]/float64(len(x)), my+y[i]/float64(len(x))
	}
	for i := range x {
		xy, xx = xy+(x[i]-mx)*(y[i]-my), xx+(x[i]-mx)*(x[i]-mx)
	}
	b = xy / xx
	return my - b*mx, b
}

// TestChangesShow: each change shows, as strongly as it says, in the statistic that it
// names and in no other.
func TestChangesShow(t *testing.T) {
	n := network(t, nil)
	for _, index := range []int{10, 3} {
		base := newWalk(t)
		quiet := hour(t, n, base, 11, index, traffic.Change{})
		if f := base.failing(); f < 0.005 || f > 0.045 || quiet.Concerned != nil || quiet.What != "" {
			t.Fatalf("without a change %.3f of the lookups fail, and %v are concerned by %q", f, quiet.Concerned, quiet.What)
		}
		for _, c := range allChanges() {
			seen := newWalk(t)
			truth := hour(t, n, seen, 11, index, c)
			got := compareHours(n, base, seen, truth.StartNs)
			want, within := shown(c.Kind, base.failing())
			for i, g := range got.list() {
				if w := want.list()[i]; !(math.Abs(g-w) <= within.list()[i]) {
					t.Errorf("hour %d, %s: statistic %d is %.3f, want %.3f: %+v", index, c.Kind, i, g, w, got)
				}
			}
		}
	}
}

// shown are the statistics of a change of usual strength, and how exact they are.
func shown(k traffic.ChangeKind, failing float64) (want, within statistics) {
	const exact = 1e-9
	want, within = statistics{sizes: 1, rate: 1}, statistics{exact, exact, exact, exact, exact, exact}
	switch k {
	case traffic.LargerSizes: // heads of HTTP do not grow
		want.sizes, within.sizes, within.growth = 2.5, 0.15, 0.15
	case traffic.GrowingSizes:
		want.growth, within.growth, within.sizes = 2, 0.2, 0.1
	case traffic.NewService:
		want.service, within.service = 0.15, 0.02
	case traffic.HigherRate: // those that are more fail as often, but for chance
		want.rate, within.rate, within.missing = 2, 0.1, 0.015
	case traffic.NewHosts: // so do theirs
		want.hosts, within.missing = 20, 0.015
	case traffic.DividedLoad: // 40 clients of 60
		want.hosts, want.rate, within.rate, within.missing = 20, 2.0/3, 0.08, 0.015
	case traffic.MissingNames:
		want.missing, within.missing = 0.3-failing, 0.03
	}
	return want, within
}

// TestChangeLeavesTheRest: conversations that a change does not concern keep every
// byte. A divided load concerns all.
func TestChangeLeavesTheRest(t *testing.T) {
	n := network(t, nil)
	for _, c := range allChanges() {
		if c.Kind == traffic.DividedLoad {
			continue
		}
		c.Share = min(c.Share, 0.25)
		base, changed := newPackets(), newPackets()
		hour(t, n, base, 5, 12, traffic.Change{})
		truth := hour(t, n, changed, 5, 12, c)
		if c.Kind != traffic.Unchanged && c.Kind != traffic.NewHosts && len(truth.Concerned) != 10 {
			t.Errorf("%s: %d clients of 40 are concerned", c.Kind, len(truth.Concerned))
		}
		differing := 0
		for _, h := range n.Hosts() {
			if h.Role != "client" {
				continue
			}
			same := bytes.Equal(base.of(h.Addr), changed.of(h.Addr))
			if !same {
				differing++
			}
			if !same && !slices.Contains(truth.Concerned, h.Addr) {
				t.Errorf("%s changes %v, which it does not concern", c.Kind, h.Addr)
			}
		}
		if want := len(truth.Concerned); c.Kind != traffic.NewHosts && differing < want-1 || c.Kind == traffic.NewHosts && differing > 0 {
			t.Errorf("%s: %d clients differ, %d are concerned", c.Kind, differing, want)
		}
	}
}

// packets sums up the packets that each host sends and receives.
type packets struct{ sums map[netip.Addr]hash.Hash }

func newPackets() packets { return packets{map[netip.Addr]hash.Hash{}} }

// WritePacket implements traffic.PacketWriter.
func (p packets) WritePacket(ts packet.Nanos, _ uint32, data []byte) error {
	src, dst, _, _, _, _ := ipOf(gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.NoCopy))
	for _, a := range []netip.Addr{src, dst} {
		if p.sums[a] == nil {
			p.sums[a] = sha256.New()
		}
		p.sums[a].Write(binary.BigEndian.AppendUint64(nil, uint64(ts)))
		p.sums[a].Write(data)
	}
	return nil
}

// of is the sum of a host's packets, nil without any.
func (p packets) of(a netip.Addr) []byte {
	if p.sums[a] == nil {
		return nil
	}
	return p.sums[a].Sum(nil)
}

func TestChangeText(t *testing.T) {
	for text, want := range map[string]traffic.Change{
		"none":               {},
		"sizes":              {Kind: traffic.LargerSizes, Strength: 2.5, Share: 1},
		"service:0.2":        {Kind: traffic.NewService, Strength: 0.2, Share: 1},
		"nxdomain:0.25:0.5":  {Kind: traffic.MissingNames, Strength: 0.25, Share: 0.5},
		"hosts:3":            {Kind: traffic.NewHosts, Strength: 3, Share: 1},
		"growth:1.5:0.03125": {Kind: traffic.GrowingSizes, Strength: 1.5, Share: 0.03125},
	} {
		if got, err := traffic.ParseChange(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "size", "none:1", "sizes:x", "sizes:NaN", "sizes:100", "sizes:2:0", "sizes:2:2", "sizes:2:NaN", "sizes:2:1:1", "hosts:1.5", "hosts:201", "divided:0.5",
		"service:1", "nxdomain:0.9", "rate:0",
	} {
		if c, err := traffic.ParseChange(text); err == nil {
			t.Errorf("%q is %+v", text, c)
		}
	}
}
