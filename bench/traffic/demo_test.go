package traffic_test

import (
	"bytes"
	"testing"

	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// demo writes the demo once.
func demo(t *testing.T) ([]byte, traffic.Truth) {
	t.Helper()
	var b bytes.Buffer
	truth, err := traffic.Demo(&b)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), truth
}

// TestDemo reads the demo with gopacket's reader and walks each packet: the
// totals and the outcomes are those of the truth.
func TestDemo(t *testing.T) {
	data, truth := demo(t)
	if len(data) > 1<<20 {
		t.Errorf("%d bytes, want less than 1 MiB", len(data))
	}
	options := pcapgo.DefaultNgReaderOptions
	options.WantMixedLinkType = true
	r, err := pcapgo.NewNgReader(bytes.NewReader(data), options)
	if err != nil {
		t.Fatal(err)
	}
	var got packet.Accounting
	var bad int64
	var last packet.Nanos
	faces := map[int]int{}
	for range truth.Packets {
		frame, info, err := r.ReadPacketData()
		if err != nil {
			t.Fatal(err)
		}
		var v packet.View
		var w packet.Walker
		out := w.Walk(frame, uint32(info.Length), packet.LinkEthernet, &v)
		got.Read.Add(uint32(info.CaptureLength), uint32(info.Length))
		got.By[out].Add(uint32(info.CaptureLength), uint32(info.Length))
		if v.Quality&packet.BadL4Checksum != 0 {
			bad++
		}
		faces[info.InterfaceIndex]++
		if info.Timestamp.UnixNano() < last {
			t.Fatal("packets are not in time order")
		}
		last = info.Timestamp.UnixNano()
	}
	if _, _, err := r.ReadPacketData(); err == nil {
		t.Error("more packets than the truth has")
	}
	if got.Read != truth.Tally || got.By != truth.ByOutcome {
		t.Errorf("read %+v\ntruth %+v", got, truth)
	}
	if bad != truth.BadChecksums {
		t.Errorf("%d bad checksums, truth says %d", bad, truth.BadChecksums)
	}
	if r.NInterfaces() != 2 || faces[0] < 1500 || faces[1] < 100 {
		t.Errorf("packets by interface: %v", faces)
	}
	if i, _ := r.Interface(1); i.Name != "trunk0" || i.LinkType != layers.LinkTypeEthernet {
		t.Errorf("second interface %+v", i)
	}
}

// TestDemoFlows: the truth's flows hold all packets that end in a flow.
func TestDemoFlows(t *testing.T) {
	_, truth := demo(t)
	var packets, wire, flows int64
	for _, p := range truth.ByProtocol {
		packets += p.Packets
		wire += p.WireBytes
		flows += p.Flows
	}
	in := truth.ByOutcome[packet.InFlow]
	if packets != in.Packets || wire != in.WireBytes || flows != truth.Flows {
		t.Errorf("protocols sum to %d packets, %d bytes, %d flows; want %d, %d, %d",
			packets, wire, flows, in.Packets, in.WireBytes, truth.Flows)
	}
	for _, proto := range []uint8{1, 2, 6, 17, 58, 132} {
		if truth.ByProtocol[proto] == nil {
			t.Errorf("no protocol %d", proto)
		}
	}
	for _, state := range []string{"S0", "S1", "SF", "REJ", "RSTO", "RSTR"} {
		if truth.ByState[state] == 0 {
			t.Errorf("no flow of state %s", state)
		}
	}
}

func TestDemoIsAlwaysTheSame(t *testing.T) {
	a, _ := demo(t)
	b, _ := demo(t)
	if !bytes.Equal(a, b) {
		t.Error("two demos differ")
	}
}

// TestSession writes a conversation by hand and counts it with the oracle.
func TestSession(t *testing.T) {
	oracle := newOracle(t)
	oracle.keep = true
	s := traffic.NewSession(oracle, 1e18, client4, server4, traffic.Tagged(5))
	s.Handshake()
	s.Send(traffic.Forward, make([]byte, 100))
	s.Send(traffic.Reverse, make([]byte, 4000))
	s.Again(traffic.Reverse)
	s.Close(traffic.Forward)
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	// 3 to open, 1+1 request, 3+2 answer, 1 again, 3 to close
	if n := s.Truth.FwdPackets + s.Truth.RevPackets; n != 14 || s.Truth.SYN != 2 || s.Truth.FIN != 2 {
		t.Errorf("%+v", s.Truth)
	}
	if s.Truth.RevPayloadBytes != 4000+4000-2*1460 || s.Now() != 1e18+14e6 {
		t.Errorf("payload %d, now %d", s.Truth.RevPayloadBytes, s.Now())
	}
	oracle.compare(&s.Truth)
}
