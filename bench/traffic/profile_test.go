package traffic_test

import (
	"bytes"
	"crypto/sha256"
	"runtime"
	"sort"
	"testing"
	"time"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// short are options for a quick capture of each profile.
func short(t *testing.T, name string) traffic.Options {
	t.Helper()
	o, err := traffic.DefaultOptions(name)
	if err != nil {
		t.Fatal(err)
	}
	if name == "longflows" {
		return o.Times(0.25)
	}
	return o.Times(2000 / float64(o.Flows))
}

// TestTruthMatchesOracle decodes every packet of every profile with gopacket,
// sums its checksums the slow way, and compares all counts with the truth.
func TestTruthMatchesOracle(t *testing.T) {
	names, _ := traffic.Profiles()
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			o := short(t, name)
			oracle := newOracle(t)
			oracle.keep = name != "longflows"
			var flows []traffic.FlowTruth
			o.OnFlow = func(f *traffic.FlowTruth) error {
				flows = append(flows, *f)
				return nil
			}
			truth, err := traffic.Generate(name, oracle, o)
			if err != nil {
				t.Fatal(err)
			}
			if truth.Tally != oracle.total {
				t.Errorf("truth %+v, written %+v", truth.Tally, oracle.total)
			}
			if truth.Flows != o.Flows || int64(len(flows)) != o.Flows {
				t.Errorf("truth has %d flows, reported %d, asked %d", truth.Flows, len(flows), o.Flows)
			}
			if oracle.bad != 0 {
				t.Errorf("%d bad checksums", oracle.bad)
			}
			checkFlows(t, oracle, flows, name)
		})
	}
}

// checkFlows compares each flow. Fragmented ones the oracle does not put
// together; longflows are too long to keep their payloads.
func checkFlows(t *testing.T, oracle *oracle, flows []traffic.FlowTruth, name string) {
	for i := range flows {
		f := &flows[i]
		if f.Proto == packet.ProtoUDP && f.FwdPayloadBytes == 3000*((f.FwdPackets+2)/3) && f.FwdPayloadBytes > 0 {
			continue
		}
		if !oracle.keep {
			f.Retransmissions = 0
		}
		oracle.compare(f)
	}
	if len(oracle.flows) != 0 {
		t.Errorf("%d flows without truth", len(oracle.flows))
	}
	if (oracle.frags > 0) != (name == "ipv6") {
		t.Errorf("%d fragments", oracle.frags)
	}
}

func TestBadChecksumsAreCounted(t *testing.T) {
	o := short(t, "mixed")
	o.BadChecksums = 0.05
	oracle := newOracle(t)
	truth, err := traffic.Generate("mixed", oracle, o)
	if err != nil {
		t.Fatal(err)
	}
	sctp := truth.BadChecksums - oracle.bad // the oracle does not check CRC-32C
	if sctp < 0 || sctp > truth.ByProtocol[packet.ProtoSCTP].Packets {
		t.Errorf("truth says %d, oracle finds %d", truth.BadChecksums, oracle.bad)
	}
	if share := float64(truth.BadChecksums) / float64(truth.Packets); share < 0.045 || share > 0.055 {
		t.Errorf("share of bad checksums %.4f, asked 0.05", share)
	}
}

// TestMixedStatistics holds the figures that the mixed profile promises.
func TestMixedStatistics(t *testing.T) {
	o, err := traffic.DefaultOptions("mixed")
	if err != nil {
		t.Fatal(err)
	}
	o = o.Times(0.25)
	var sizes []int64
	o.OnFlow = func(f *traffic.FlowTruth) error {
		sizes = append(sizes, f.FwdPackets+f.RevPackets)
		return nil
	}
	truth, err := traffic.Generate("mixed", discard{}, o)
	if err != nil {
		t.Fatal(err)
	}
	sort.Slice(sizes, func(i, j int) bool { return sizes[i] < sizes[j] })
	flows := float64(truth.Flows)
	for _, c := range []struct {
		what     string
		got      float64
		low, top float64
	}{
		{"mean packet", float64(truth.WireBytes) / float64(truth.Packets), 440, 460},
		{"wire bytes of those asked", float64(truth.WireBytes) / float64(o.Bytes), 0.97, 1.03},
		{"median packets per flow", float64(sizes[len(sizes)/2]), 6, 6},
		{"99th percentile", float64(sizes[len(sizes)*99/100]), 300, 1000},
		{"TCP share of flows", float64(truth.ByProtocol[6].Flows) / flows, 0.69, 0.71},
		{"UDP share of flows", float64(truth.ByProtocol[17].Flows) / flows, 0.27, 0.29},
		{"IPv6 share of flows", float64(truth.IPv6Flows) / flows, 0.19, 0.21},
		{"most open flows", float64(truth.MaxOpen), 100, 10_000},
		{"duration in seconds", float64(truth.LastNs-truth.FirstNs) / 1e9, 180, 800},
	} {
		if c.got < c.low || c.got > c.top {
			t.Errorf("%s: %v, want %v to %v", c.what, c.got, c.low, c.top)
		}
	}
}

func TestSmallIsExact(t *testing.T) {
	o := short(t, "small")
	var shortest, longest uint32 = 1 << 30, 0
	truth, err := traffic.Generate("small", writerFunc(func(_ packet.Nanos, wire uint32, _ []byte) error {
		shortest, longest = min(shortest, wire), max(longest, wire)
		return nil
	}), o)
	if err != nil {
		t.Fatal(err)
	}
	if truth.Packets != o.Packets || truth.Flows != o.Flows {
		t.Errorf("%d packets in %d flows, asked %d in %d", truth.Packets, truth.Flows, o.Packets, o.Flows)
	}
	if shortest < 64 || longest > 100 {
		t.Errorf("frames of %d to %d bytes, want 64 to 100", shortest, longest)
	}
}

// TestLongFlowsCrossActiveTimeouts: each lasts over two active timeouts of 30
// minutes and never pauses for an idle timeout of 60 s.
func TestLongFlowsCrossActiveTimeouts(t *testing.T) {
	o := short(t, "longflows")
	o.OnFlow = func(f *traffic.FlowTruth) error {
		if d := time.Duration(f.LastNs - f.FirstNs); d < time.Hour {
			t.Errorf("a flow of %d packets lasts %v", f.FwdPackets+f.RevPackets, d)
		}
		return nil
	}
	if _, err := traffic.Generate("longflows", discard{}, o); err != nil {
		t.Fatal(err)
	}
}

func TestSeedMeansBytes(t *testing.T) {
	names, _ := traffic.Profiles()
	for _, name := range names {
		hash := func(seed uint64) [32]byte {
			o := short(t, name)
			o.Seed = seed
			var b bytes.Buffer
			w, err := traffic.NewCapture(&b, "pcapng")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := traffic.Generate(name, w, o); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			return sha256.Sum256(b.Bytes())
		}
		first, again := hash(3), hash(3)
		if first != again {
			t.Errorf("%s: the same seed gave different bytes", name)
		}
		if first == hash(4) {
			t.Errorf("%s: different seeds gave the same bytes", name)
		}
	}
}

// TestStreaming: neither the heap nor the number of open flows grows with the
// capture's length.
func TestStreaming(t *testing.T) {
	peak := func(factor float64) (heap uint64, open int) {
		o, err := traffic.DefaultOptions("small")
		if err != nil {
			t.Fatal(err)
		}
		o = o.Times(0.02)
		o.Duration = time.Minute
		o = o.Times(factor)
		w := &heapWatch{}
		truth, err := traffic.Generate("small", w, o)
		if err != nil {
			t.Fatal(err)
		}
		return w.peak, truth.MaxOpen
	}
	heap1, open1 := peak(1)
	heap4, open4 := peak(4)
	if open4 > open1*3/2 {
		t.Errorf("open flows grow from %d to %d with a capture of four times the length", open1, open4)
	}
	if heap4 > heap1*3/2 {
		t.Errorf("heap grows from %d to %d bytes with a capture of four times the length", heap1, heap4)
	}
}

// heapWatch samples the live heap every 50,000 packets.
type heapWatch struct {
	packets int
	peak    uint64
}

func (h *heapWatch) WritePacket(packet.Nanos, uint32, []byte) error {
	h.packets++
	if h.packets%50_000 == 0 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		h.peak = max(h.peak, m.HeapAlloc)
	}
	return nil
}

type discard struct{}

func (discard) WritePacket(packet.Nanos, uint32, []byte) error { return nil }

type writerFunc func(packet.Nanos, uint32, []byte) error

func (f writerFunc) WritePacket(ts packet.Nanos, wire uint32, data []byte) error {
	return f(ts, wire, data)
}

func TestOptionsRefused(t *testing.T) {
	good, err := traffic.DefaultOptions("mixed")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*traffic.Options){
		"no flows":          func(o *traffic.Options) { o.Flows = 0 },
		"negative packets":  func(o *traffic.Options) { o.Packets = -1 },
		"packets < flows":   func(o *traffic.Options) { o.Packets = 5 },
		"no duration":       func(o *traffic.Options) { o.Duration = 0 },
		"share above one":   func(o *traffic.Options) { o.BadChecksums = 1.5 },
		"negative bytes":    func(o *traffic.Options) { o.Bytes = -5 },
		"share below zero":  func(o *traffic.Options) { o.BadChecksums = -0.1 },
		"negative duration": func(o *traffic.Options) { o.Duration = -1 },
	} {
		o := good
		change(&o)
		if _, err := traffic.Generate("mixed", discard{}, o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := traffic.Generate("nothing", discard{}, good); err == nil {
		t.Error("unknown profile accepted")
	}
}

func BenchmarkMixed(b *testing.B) {
	o, err := traffic.DefaultOptions("mixed")
	if err != nil {
		b.Fatal(err)
	}
	o = o.Times(0.02)
	var packets int64
	for b.Loop() {
		truth, err := traffic.Generate("mixed", discard{}, o)
		if err != nil {
			b.Fatal(err)
		}
		packets += truth.Packets
	}
	b.ReportMetric(float64(b.Elapsed())/float64(packets), "ns/packet")
}
