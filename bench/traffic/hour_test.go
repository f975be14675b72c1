package traffic_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

const hourNanos packet.Nanos = 3600 * 1e9

// weekStart is 2026-03-02 00:00 UTC.
const weekStart packet.Nanos = 1772409600 * 1e9

func network(t testing.TB, tune func(*traffic.NetworkConfig)) *traffic.Network {
	t.Helper()
	cfg := traffic.DefaultNetworkConfig()
	if tune != nil {
		tune(&cfg)
	}
	n, err := traffic.NewNetwork(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func hour(t testing.TB, n *traffic.Network, w traffic.PacketWriter, seed uint64, index int, c traffic.Change) traffic.HourTruth {
	t.Helper()
	truth, err := n.Hour(w, seed, index, c)
	if err != nil {
		t.Fatal(err)
	}
	return truth
}

// digest is the hash of an hour as a file.
func digest(t *testing.T, n *traffic.Network, seed uint64, index int, c traffic.Change) [32]byte {
	t.Helper()
	var b bytes.Buffer
	w, err := traffic.NewCapture(&b, "pcap")
	if err != nil {
		t.Fatal(err)
	}
	hour(t, n, w, seed, index, c)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(b.Bytes())
}

// TestHourIsItsSeed: the same numbers give the same bytes, whatever was made before,
// and each number matters.
func TestHourIsItsSeed(t *testing.T) {
	n := network(t, nil)
	rate := traffic.DefaultChange(traffic.HigherRate)
	first := digest(t, n, 3, 34, traffic.Change{})
	changed := digest(t, n, 3, 34, rate)
	if first != digest(t, network(t, nil), 3, 34, traffic.Change{}) || changed != digest(t, network(t, nil), 3, 34, rate) {
		t.Error("the same numbers gave different bytes")
	}
	half := rate
	half.Share = 0.5
	for what, other := range map[string][32]byte{
		"seed":     digest(t, n, 4, 34, traffic.Change{}),
		"hour":     digest(t, n, 3, 35, traffic.Change{}),
		"change":   changed,
		"share":    digest(t, n, 3, 34, half),
		"network":  digest(t, network(t, func(c *traffic.NetworkConfig) { c.Seed = 2 }), 3, 34, traffic.Change{}),
		"clients":  digest(t, network(t, func(c *traffic.NetworkConfig) { c.Clients = 41 }), 3, 34, traffic.Change{}),
		"daynight": digest(t, network(t, func(c *traffic.NetworkConfig) { c.DayNight = 0 }), 3, 34, traffic.Change{}),
	} {
		if other == first || what == "share" && other == changed {
			t.Errorf("another %s gave the same bytes", what)
		}
	}
}

// allChanges are no change, and one of each kind.
func allChanges() (all []traffic.Change) {
	for k := range traffic.NumChanges {
		all = append(all, traffic.DefaultChange(k))
	}
	return all
}

// TestHourTruth decodes hours of every kind with gopacket and compares each
// conversation, each message and each host with the truth.
func TestHourTruth(t *testing.T) {
	for i, c := range allChanges() {
		t.Run(c.Kind.String(), func(t *testing.T) {
			n := network(t, nil)
			seen := newWalk(t)
			index := 9 + 24*i
			truth := hour(t, n, seen, 7, index, c)
			start := weekStart + packet.Nanos(index)*hourNanos
			if truth.StartNs != start || truth.FirstNs < start || truth.LastNs >= start+hourNanos {
				t.Errorf("packets from %d to %d are not within the hour from %d", truth.FirstNs, truth.LastNs, start)
			}
			if truth.Tally != seen.total || truth.Flows != int64(len(truth.Conversations)) || seen.bad != 0 {
				t.Errorf("truth %+v of %d flows, written %+v, %d bad", truth.Tally, truth.Flows, seen.total, seen.bad)
			}
			var messages traffic.Messages
			habits, answers := map[traffic.Habit]int64{}, int64(0)
			for i := range truth.Conversations {
				f := &truth.Conversations[i]
				habits[f.Habit]++
				answers += f.AnswerBytes
				for k, count := range f.Messages {
					messages[k] += count
				}
				seen.checkSaid(f)
				seen.oracle.compare(&f.FlowTruth)
			}
			if len(seen.flows) != 0 {
				t.Errorf("%d flows without truth", len(seen.flows))
			}
			if messages != truth.Messages || fmt.Sprint(habits) != fmt.Sprint(truth.Habits) || answers != truth.AnswerBytes {
				t.Errorf("conversations sum to %v, %v, %d; truth has %v, %v, %d", messages, habits, answers, truth.Messages, truth.Habits, truth.AnswerBytes)
			}
			if seen.lookups != truth.Lookups || seen.missing != truth.Missing {
				t.Errorf("%d of %d lookups fail, truth has %d of %d", seen.missing, seen.lookups, truth.Missing, truth.Lookups)
			}
			seen.checkHosts(n, &truth)
		})
	}
}

// walk counts what is in the packets with the oracle, the listener and on its own.
type walk struct {
	*oracle
	*listener
	hosts            map[netip.Addr]*traffic.HostTruth
	lookups, missing int64
}

func newWalk(t *testing.T) *walk {
	w := &walk{oracle: newOracle(t), listener: newListener(t), hosts: map[netip.Addr]*traffic.HostTruth{}}
	w.keep = true
	return w
}

// WritePacket implements traffic.PacketWriter.
func (w *walk) WritePacket(ts packet.Nanos, wire uint32, data []byte) error {
	if err := w.oracle.WritePacket(ts, wire, data); err != nil {
		return err
	}
	p := gopacket.NewPacket(bytes.Clone(data), layers.LayerTypeEthernet, gopacket.NoCopy)
	src, dst, _, _, _, _ := ipOf(p)
	from, to := w.host(src), w.host(dst)
	from.SentPackets++
	from.SentBytes += int64(wire)
	to.ReceivedPackets++
	to.ReceivedBytes += int64(wire)
	if d, ok := p.Layer(layers.LayerTypeDNS).(*layers.DNS); ok && d.QR {
		w.lookups++
		if d.ResponseCode == layers.DNSResponseCodeNXDomain {
			w.missing++
		}
	}
	return w.listener.WritePacket(ts, wire, data)
}

func (w *walk) host(a netip.Addr) *traffic.HostTruth {
	h := w.hosts[a]
	if h == nil {
		h = &traffic.HostTruth{Host: traffic.Host{Addr: a}}
		w.hosts[a] = h
	}
	return h
}

// checkSaid reads the conversation's messages anew.
func (w *walk) checkSaid(f *traffic.HourFlow) {
	t := w.oracle.t
	t.Helper()
	if f.DNSName != "" && w.known[[2]netip.Addr{f.Src, f.Dst}] != f.DNSName {
		t.Fatalf("nobody told %v that %v is %q", f.Src, f.Dst, f.DNSName)
	}
	want := f.Said
	want.DNSName = ""
	if got := w.said(&f.FlowTruth); got != want {
		t.Fatalf("%v:%d to %v:%d\ngot  %+v\nwant %+v", f.Src, f.SrcPort, f.Dst, f.DstPort, got, want)
	}
	w.checkAnswer(f)
}

// checkAnswer: what a server says is its answers and little else.
func (w *walk) checkAnswer(f *traffic.HourFlow) {
	most := map[string]int64{"tls": 4800, "quic": 1300, "http": 900}[f.App]
	if over := f.RevPayloadBytes - f.AnswerBytes; f.Habit == traffic.Browsing && f.App != "" && (over < 0 || over > most) {
		w.oracle.t.Errorf("%s: %d bytes besides the answer's %d", f.App, over, f.AnswerBytes)
	}
	if f.AnswerBytes > 0 && f.Habit != traffic.Browsing {
		w.oracle.t.Errorf("%s has an answer", f.Habit)
	}
}

// checkHosts compares the counts of each host inside.
func (w *walk) checkHosts(n *traffic.Network, truth *traffic.HourTruth) {
	t := w.oracle.t
	known := map[netip.Addr]bool{}
	for _, h := range n.Hosts() {
		known[h.Addr] = true
	}
	for i := range truth.Conversations {
		f := &truth.Conversations[i]
		w.host(f.Src).Began++
		w.host(f.Dst).Answered++
	}
	unknown := 0
	for i := range truth.Hosts {
		h := truth.Hosts[i]
		got := *w.host(h.Addr)
		got.Role = h.Role
		if got != h {
			t.Errorf("%+v was seen, truth says %+v", got, h)
		}
		if !known[h.Addr] {
			unknown++
		}
		delete(w.hosts, h.Addr)
	}
	for a := range w.hosts {
		if isInside(a) {
			t.Errorf("host %v is not in the truth", a)
		}
	}
	want := 0
	if truth.Change.Kind == traffic.NewHosts {
		want = int(truth.Change.Strength)
	}
	if unknown != want {
		t.Errorf("%d hosts are new, want %d", unknown, want)
	}
}

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
	case traffic.MissingNames:
		want.missing, within.missing = 0.3-failing, 0.03
	}
	return want, within
}

// TestChangeLeavesTheRest: conversations that a change does not concern keep every
// byte.
func TestChangeLeavesTheRest(t *testing.T) {
	n := network(t, nil)
	for _, c := range allChanges() {
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

// TestUnchangedHours: hours of a week differ as those of a network do. Their size is
// as promised, nights and weekends are quiet, and neighbours resemble each other.
func TestUnchangedHours(t *testing.T) {
	n := network(t, nil)
	var day, night, weekend []float64
	var all traffic.Messages
	for index := range 168 {
		if day := index / 24; day != 1 && day != 2 && day != 5 {
			continue
		}
		truth := hour(t, n, discard{}, 2, index, traffic.Change{})
		if truth.Packets < 4500 || truth.Packets > 21_000 {
			t.Errorf("hour %d has %d packets", index, truth.Packets)
		}
		for k, count := range truth.Messages {
			all[k] += count
		}
		visits := float64(truth.Habits[traffic.Browsing])
		switch at := index % 24; {
		case index >= 120 && at >= 10 && at < 16:
			weekend = append(weekend, visits)
		case at >= 10 && at < 16:
			day = append(day, visits)
		case at < 5:
			night = append(night, visits)
		}
	}
	if mean(day) < 1.7*mean(night) || mean(day) < 1.1*mean(weekend) {
		t.Errorf("mean visits by day %.0f, by night %.0f, at the weekend %.0f", mean(day), mean(night), mean(weekend))
	}
	for _, k := range []traffic.Message{
		traffic.DNSQuery, traffic.DNSAnswer, traffic.ClientHello, traffic.ServerHello, traffic.Certificate, traffic.QUICClientHello,
		traffic.QUICServerHello, traffic.HTTPRequest, traffic.HTTPResponse, traffic.SSHBanner, traffic.SSHKexInit, traffic.DHCPv4,
	} {
		if all[k] == 0 {
			t.Errorf("no message of kind %v", k)
		}
	}
}

// TestUnrest: loads of one hour with many seeds vary as configured, and those of
// neighbouring hours are correlated.
func TestUnrest(t *testing.T) {
	visits := func(n *traffic.Network, seed uint64, index int) float64 {
		return float64(hour(t, n, discard{}, seed, index, traffic.Change{}).Habits[traffic.Browsing])
	}
	calm := network(t, func(c *traffic.NetworkConfig) { c.Unrest, c.DayNight, c.Clients = 0, 0, 10 })
	wild := network(t, func(c *traffic.NetworkConfig) { c.Unrest, c.DayNight, c.Clients = 1, 0, 10 })
	var still, moved, next []float64
	for seed := range uint64(60) {
		still = append(still, visits(calm, seed, 12))
		moved, next = append(moved, visits(wild, seed, 12)), append(next, visits(wild, seed, 13))
	}
	if dispersion := variance(still) / mean(still); dispersion < 0.5 || dispersion > 1.7 {
		t.Errorf("without unrest variance is %.2f of the mean, want 1 (Poisson)", dispersion)
	}
	if cv := math.Sqrt(variance(moved)) / mean(moved); cv < 0.4 || cv > 1.2 { // √(e^0.25 - 1 + (e - 1)/10), about
		t.Errorf("with unrest the coefficient of variation is %.2f", cv)
	}
	if r := correlation(moved, next); r < 0.5 || r > 0.95 { // 0.75 of the noise
		t.Errorf("neighbouring hours are correlated by %.2f", r)
	}
}

func mean(x []float64) (m float64) {
	for _, v := range x {
		m += v / float64(len(x))
	}
	return m
}

func variance(x []float64) float64 { return covariance(x, x) }

func covariance(x, y []float64) (v float64) {
	mx, my := mean(x), mean(y)
	for i := range x {
		v += (x[i] - mx) * (y[i] - my) / float64(len(x)-1)
	}
	return v
}

func correlation(x, y []float64) float64 {
	return covariance(x, y) / math.Sqrt(variance(x)*variance(y))
}

// TestHoursContinue: beacons of consecutive hours keep their period across the seam,
// and no two conversations of neighbouring hours share a tuple but those without ports
// of their own.
func TestHoursContinue(t *testing.T) {
	n := network(t, nil)
	var beacons []float64
	tuples := map[string]int{}
	for index := 20; index < 28; index++ {
		truth := hour(t, n, discard{}, 4, index, traffic.Change{})
		for _, f := range truth.Conversations {
			if f.Habit == traffic.Beaconing {
				beacons = append(beacons, float64(f.FirstNs)/1e9)
			}
			if f.SrcPort < 32768 {
				continue
			}
			key := fmt.Sprint(f.Src, f.SrcPort, f.Dst, f.DstPort, f.Proto)
			if last, ok := tuples[key]; ok && index-last <= 1 {
				t.Fatalf("hours %d and %d share %s", last, index, key)
			}
			tuples[key] = index
		}
	}
	if len(beacons) < 95 || len(beacons) > 97 {
		t.Errorf("%d beacons in eight hours", len(beacons))
	}
	for i := 1; i < len(beacons); i++ {
		if gap := beacons[i] - beacons[i-1]; gap < 296 || gap > 304 {
			t.Errorf("%.1f s between beacons", gap)
		}
	}
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
		"", "size", "none:1", "sizes:x", "sizes:NaN", "sizes:100", "sizes:2:0", "sizes:2:2", "sizes:2:NaN", "sizes:2:1:1", "hosts:1.5", "hosts:201",
		"service:1", "nxdomain:0.9", "rate:0",
	} {
		if c, err := traffic.ParseChange(text); err == nil {
			t.Errorf("%q is %+v", text, c)
		}
	}
}

func TestHourRefused(t *testing.T) {
	n := network(t, nil)
	for _, c := range []struct {
		index  int
		change traffic.Change
	}{
		{index: -1},
		{index: 1 << 21},
		{change: traffic.Change{Kind: traffic.NumChanges, Strength: 1, Share: 1}},
		{change: traffic.Change{Kind: traffic.HigherRate}},
		{change: traffic.Change{Strength: 1}},
	} {
		if _, err := n.Hour(discard{}, 1, c.index, c.change); err == nil {
			t.Errorf("%+v accepted", c)
		}
	}
	for _, tune := range []func(*traffic.NetworkConfig){
		func(c *traffic.NetworkConfig) { c.Clients = 0 },
		func(c *traffic.NetworkConfig) { c.Clients = 201 },
		func(c *traffic.NetworkConfig) { c.DayNight = 1.1 },
		func(c *traffic.NetworkConfig) { c.DayNight = math.NaN() },
		func(c *traffic.NetworkConfig) { c.Unrest = -1 },
	} {
		cfg := traffic.DefaultNetworkConfig()
		tune(&cfg)
		if _, err := traffic.NewNetwork(cfg); err == nil {
			t.Errorf("%+v accepted", cfg)
		}
	}
	full := fmt.Errorf("no space left")
	fail := writerFunc(func(packet.Nanos, uint32, []byte) error { return full })
	if _, err := n.Hour(fail, 1, 0, traffic.Change{}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("a failing writer gave %v", err)
	}
}

func BenchmarkHour(b *testing.B) {
	n := network(b, nil)
	var packets int64
	for i := 0; b.Loop(); i++ {
		packets += hour(b, n, discard{}, uint64(i), 10, traffic.Change{}).Packets
	}
	b.ReportMetric(float64(b.Elapsed())/float64(packets), "ns/packet")
}
