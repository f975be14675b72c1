package traffic_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math"
	"net/netip"
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
		"churn":    digest(t, network(t, func(c *traffic.NetworkConfig) { c.Churn = 0.1 }), 3, 34, traffic.Change{}),
		"tail":     digest(t, network(t, func(c *traffic.NetworkConfig) { c.Tail = 0.1 }), 3, 34, traffic.Change{}),
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
	most += 1460 * f.Retransmissions
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
	if k := truth.Change.Kind; k == traffic.NewHosts || k == traffic.DividedLoad {
		want = int(truth.Change.Strength)
	}
	if unknown != want {
		t.Errorf("%d hosts are new, want %d", unknown, want)
	}
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

// TestChurn: as many clients are silent and as many guests talk as configured, for four
// hours each, and the others are as without churn.
func TestChurn(t *testing.T) {
	still := network(t, func(c *traffic.NetworkConfig) { c.Clients = 50 })
	n := network(t, func(c *traffic.NetworkConfig) { c.Clients, c.Churn = 50, 0.2 })
	var away, guests, moves int
	last := map[netip.Addr]bool{}
	const hours = 48
	for index := range hours {
		truth := hour(t, n, discard{}, 9, index, traffic.Change{})
		base := hour(t, still, discard{}, 9, index, traffic.Change{})
		there := map[netip.Addr]int64{}
		for _, h := range base.Hosts {
			there[h.Addr] = h.SentPackets
		}
		for _, h := range truth.Hosts {
			switch {
			case h.Role == "guest":
				guests++
			case h.Role != "client":
				continue
			case h.SentPackets == 0 && h.ReceivedPackets == 0:
				away++
			case h.SentPackets != there[h.Addr]:
				t.Errorf("hour %d: %v sent %d packets, without churn %d", index, h.Addr, h.SentPackets, there[h.Addr])
			}
			absent := h.SentPackets == 0
			if index > 0 && absent != last[h.Addr] {
				moves++
			}
			last[h.Addr] = absent
		}
	}
	if share := float64(away) / (50 * hours); share < 0.15 || share > 0.25 {
		t.Errorf("%.3f of the clients are away, want 0.2", share)
	}
	if each := float64(guests) / hours; each < 3 || each > 7 {
		t.Errorf("%.1f guests an hour, want 5", each)
	}
	if share := float64(moves) / (50 * (hours - 1)); share < 0.05 || share > 0.12 { // 2 · 0.2 · 0.8 / 4
		t.Errorf("%.3f of the clients come or go from hour to hour, want 0.08", share)
	}
}

// TestTail: so many answers are downloads, and few of them have most of the bytes.
func TestTail(t *testing.T) {
	n := network(t, func(c *traffic.NetworkConfig) { c.Tail = 0.05 })
	var visits, long, all, top int
	for index := range 24 {
		for _, f := range hour(t, n, discard{}, 8, index, traffic.Change{}).Conversations {
			if f.Habit != traffic.Browsing || f.AnswerBytes == 0 {
				continue
			}
			visits++
			all += int(f.AnswerBytes)
			if f.AnswerBytes >= 120_000 { // more than three common answers
				long++
				top += int(f.AnswerBytes)
			}
			if f.AnswerBytes > 3*2_000_000 {
				t.Errorf("%d bytes in three answers", f.AnswerBytes)
			}
		}
	}
	// 1 - F(120 kB) = 3^-1.2 = 0.27 of the downloads, of which a visit has 2 · 0.05.
	if share := float64(long) / float64(visits); share < 0.018 || share > 0.045 {
		t.Errorf("%.4f of the visits have more than 120 kB, want about 0.027", share)
	}
	if share := float64(top) / float64(all); share < 0.4 {
		t.Errorf("they have %.2f of the bytes", share)
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
		func(c *traffic.NetworkConfig) { c.Churn = 0.6 },
		func(c *traffic.NetworkConfig) { c.Tail = 0.3 },
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
